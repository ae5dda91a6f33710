"""What tests of the jail have in common."""

import os
from pathlib import Path

import pytest

import sixrounds

HERE = Path(__file__).parent
PACKAGE = Path(sixrounds.__file__).parent
NOBODY = 65534
EXAMINE = (
    "import json, sys; from sixrounds.grading.jail import Jail; "
    "from sixrounds.grading.jail.probes import examine; "
    "print(json.dumps([[one.name, one.promised, one.got] for one in examine(Jail(sys.argv[1]))]))"
)
# Shows folders of root's to others, in a mount namespace: $1 is closed, the others lie below it.
OPEN = (
    'closed=$1; kept=$2; shift 2; n=0; while [ "$1" != -- ]; do n=$((n+1)); '
    'mkdir "$kept/$n"; mount --bind "$1" "$kept/$n"; printf "%s\\n" "$1" >> "$kept/list"; '
    'shift; done; shift; mount -t tmpfs -o mode=755 tmpfs "$closed"; n=0; '
    'while read -r one; do n=$((n+1)); mkdir -p "$one"; mount --bind "$kept/$n" "$one"; '
    'done < "$kept/list"; exec "$@"'
)

# In the fork server: `say(work)` runs in a fork that is locked down, and its result comes back.
SERVER = """
import json, os, sys
from pathlib import Path
from sixrounds.grading.jail import Limits, enter, prepare, reap
from sixrounds.grading.student.processes import dumpable
prepare(sys.argv[1])
{setup}
dumpable(False)

def say(work, limits=Limits()):
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            dumpable(True)
            enter(sys.argv[1], limits)
            said = work()
        except BaseException as error:
            said = f"{{type(error).__name__}}: {{error}}"
        os.write(writer, json.dumps(said).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        said = json.loads(stream.read())
    reap([pid])
    return said

{work}
"""


def lacking(reason: str) -> None:
    """Skip, and say why; where everything must be there, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; run `make jail`", pytrace=False)
    pytest.skip(reason)
