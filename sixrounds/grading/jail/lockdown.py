"""What a fork server does for its jail: before its first fork, in each fork, and after them."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from sixrounds.grading.jail import limits as rlimits
from sixrounds.grading.jail.limits import Limits

MORE = 1000  # processes that the user's other programs may start meanwhile
BOXES: list[Path] = []  # the folder of this server's boxes, where they are folders


def prepare(name: str) -> None:
    """Make the server ready: to be called once, before the setup and the first fork.

    Slow things are done here once. Without namespaces, the server gets a folder of its own for
    its home and for boxes, below the working folder, and processes that an answer leaves behind
    become its children.
    """
    if name == "bubblewrap":
        from sixrounds.grading.jail import filters  # noqa: PLC0415  Linux only

        filters.compiled()
        return
    folder = Path(tempfile.mkdtemp(prefix="jail-", dir=Path.cwd()))
    home = folder / "home"
    home.mkdir()
    BOXES.append(folder)
    if sys.platform == "linux":
        from sixrounds.grading.jail import kernel  # noqa: PLC0415

        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    if name == "landlock":
        from sixrounds.grading.jail import landlock  # noqa: PLC0415

        if os.geteuid() == 0:  # its forks will be other users, on their way to their box
            for parent in (folder, Path.cwd()):
                parent.chmod(0o711)
        landlock.prepare(home)
    settle(home)


def enter(name: str, limits: Limits) -> None:
    """Lock this process down, and all that it will start.

    To be called in a fork of the server that has one thread, before any code of a learner.
    On the rung "bubblewrap" it returns in a child of the caller, in namespaces of its own; the
    caller itself waits for it, and each ends with the other.

    Raises:
        OSError: a step was refused; the process must not go on.
    """
    rungs: dict[str, Callable[[Limits], None]] = {
        "bubblewrap": namespaced,
        "landlock": landlocked,
        "none": bare,
    }
    rungs[name](limits)


def namespaced(limits: Limits) -> None:
    """The rung "bubblewrap"; see the module of that name."""
    from sixrounds.grading.jail import bubblewrap, filters, kernel  # noqa: PLC0415  Linux only

    instructions = filters.compiled()
    mapped = rlimits.mapped_bytes()
    rlimits.end_first()
    bubblewrap.enter(limits.box_mb)
    settle(Path(bubblewrap.BOX))
    rlimits.restrict(limits, mapped)
    kernel.set_capabilities()
    kernel.no_new_privileges()
    kernel.install_filter(instructions)


def landlocked(limits: Limits) -> None:
    """The rung "landlock"; see the module of that name."""
    from sixrounds.grading.jail import kernel, landlock  # noqa: PLC0415  Linux only

    instructions = landlock.instructions()
    mapped = rlimits.mapped_bytes()
    rlimits.end_first()
    os.setsid()
    server, box = os.getppid(), new_box()
    as_root = os.geteuid() == 0
    already = 0 if as_root else rlimits.running()
    if as_root:
        landlock.become_other(box)
    else:
        kernel.set_capabilities()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # another user would have to ask again
    if os.getppid() != server:  # it died before that
        os._exit(1)
    settle(box)
    rlimits.restrict(limits, mapped, already)
    kernel.no_new_privileges()
    landlock.enter(box)
    kernel.install_filter(instructions)


def bare(limits: Limits) -> None:
    """The rung "none": limits, a session and a folder; nothing that holds against an attack."""
    mapped = rlimits.mapped_bytes()
    os.setsid()
    settle(new_box())
    others = rlimits.running() + MORE if sys.platform == "linux" else 0
    rlimits.restrict(limits, mapped, others)


def new_box() -> Path:
    """An empty folder for this process."""
    return Path(tempfile.mkdtemp(prefix="box-", dir=BOXES[0]))


def settle(box: Path) -> None:
    """Make a folder the place where this process works and keeps what it writes."""
    os.chdir(box)
    os.environ["HOME"] = os.environ["TMPDIR"] = str(box)
    tempfile.tempdir = None  # it may have been looked up


def reap(pids: Iterable[int]) -> None:
    """End forks of the server, all that they left behind, and their boxes.

    On the rung "bubblewrap" everything of a fork ends with it. Elsewhere what it left is found
    as children of the server, one generation after the other; a program that forks and ends
    faster than it is found can outlive this.
    """
    for pid in pids:
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
    if BOXES and sys.platform == "linux":
        end_children()
    boxes = [str(box) for folder in BOXES for box in folder.glob("box-*")]
    if boxes:  # shutil's way fails on folders that lie deeper than Python may recurse
        subprocess.run(["rm", "-rf", "--", *boxes], stderr=subprocess.DEVNULL, check=False)


def end_children() -> None:
    """Kill and wait for children until there are none."""
    from sixrounds.grading.student.processes import parents  # noqa: PLC0415  see __init__

    with contextlib.suppress(ChildProcessError):  # that is what ends it
        while True:
            os.waitpid(-1, os.WNOHANG)
            for pid in parents().get(os.getpid(), []):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
