"""A quick try of a rung, in its fork server: one fork, and the promises that matter most.

`probes` tries everything; this takes tenths of a second, before each grading.
"""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from sixrounds.grading.jail import Limits, enter, prepare, reap


def main(name: str, secret: str) -> None:
    """Exit 0 if the rung holds; else say why not in the last line of standard error."""
    prepare(name)
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        reap([])
        sys.exit(os.waitstatus_to_exitcode(status))
    code = 1
    try:
        enter(name, Limits())
        broken = [what for what, holds in promises(Path(secret)) if not holds]
        code = 1 if broken else 0
        if broken:
            print(f"it does not hold: {', '.join(broken)}", file=sys.stderr, flush=True)
    except Exception as error:
        print(" ".join(f"{type(error).__name__}: {error}".split()), file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def promises(secret: Path) -> list[tuple[str, bool]]:
    """What must be so in any jail."""
    return [
        ("files are hidden", refused(secret.read_text)),
        ("nothing is written outside", refused(lambda: secret.write_text("spoiled"))),
        ("no network", refused(lambda: socket.create_connection(("127.0.0.1", 9), 1))),
        ("no other process", refused(lambda: os.kill(os.getppid() or 2, 0))),
        ("a box", not refused(lambda: Path("written").write_text("x"))),
    ]


def refused(attempt: Callable[[], object]) -> bool:
    """Whether an attempt fails; nothing is known if only the other side declined."""
    try:
        attempt()
    except ConnectionRefusedError:
        return False
    except OSError:
        return True
    return False
