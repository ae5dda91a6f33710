"""A bad fixture, run in place of `probes.inside`: the same attempts in a jail with parts left out.

`python weakened.py 'PART PART...' RUNG`
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterable

from sixrounds.grading.jail import bubblewrap, kernel, landlock, limits
from sixrounds.grading.jail.probes import inside


def nothing(*_: object) -> None:
    """In place of a part that is left out."""


def end_the_first(pids: Iterable[int]) -> None:
    """In place of `reap`: what the first process left is not looked for."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


PARTS = {
    "filter": lambda: setattr(kernel, "install_filter", nothing),
    "limits": lambda: setattr(limits, "restrict", nothing),
    "namespaces": lambda: (
        setattr(bubblewrap, "enter", nothing),
        setattr(bubblewrap, "BOX", bubblewrap.WARM),  # what all forks can write then
    ),
    "landlock": lambda: setattr(landlock, "enter", nothing),
    "reap": lambda: setattr(inside, "reap", end_the_first),
    "closing": lambda: os.dup(0),
    "rights": lambda: (
        setattr(kernel, "set_capabilities", nothing),
        setattr(kernel, "no_new_privileges", nothing),
    ),
}

if __name__ == "__main__":
    for part in sys.argv[1].split():
        PARTS[part]()
    inside.main(sys.argv[2])
