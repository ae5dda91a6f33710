"""The best rung: a shell of bubblewrap around the fork server, and namespaces for each fork.

The shell shows programs, libraries, Python and what is given, read-only, and no network. The
server may write in `WARM`, its home. A fork leaves the shell's namespaces for its own:

* `BOX` is new, empty and of limited size: the working folder, the home, the place of temporary
  files, and /dev/shm;
* `WARM` is what the setup left there, and what the fork writes into it takes its box's space:
  caches that the setup filled are warm, and nobody can spoil them for the next;
* /proc shows the fork's processes alone, or none where the kernel does not allow a new one;
* killing the process that `os.fork` named ends all of them at once.

Memory is limited per process, not for all together: that takes control groups.
"""

import os
import select
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from sixrounds.grading.jail import kernel, view

WARM = "/warm"
BOX = "/box"
STAGE = "/stage"  # where a fork assembles its file systems
FILES_PER_MB = 256
MAX_DESCRIPTOR = 1 << 20
NOBODY = 65534
USER = 61234  # of the server when root starts it: nobody's, in the range of passing users
ENTERED = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWNS
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)


def command(argv: Sequence[str], readable: Sequence[Path]) -> list[str]:
    """The command that runs `argv` in the shell; it must be started by a user who may do so."""
    as_root = os.geteuid() == 0
    options = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    options += ["--die-with-parent", "--new-session", "--clearenv"]
    for name, value in view.environment(WARM, WARM).items():
        options += ["--setenv", name, value]
    if not as_root:
        options += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
        options += ["--cap-drop", "ALL"]
    options += ["--tmpfs", "/", "--proc", "/proc", "--dev", "/dev"]
    options += ["--perms", "1777", "--tmpfs", WARM, "--dir", STAGE, "--dir", BOX]
    options += shown(readable)
    options += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WARM]
    program = shutil.which("bwrap") or "bwrap"
    return [program, *options, "--", *(give_up_root() if as_root else ()), *argv]


def shown(readable: Sequence[Path]) -> list[str]:
    """Options that show files and folders, read-only, at their own places."""
    paths = dict.fromkeys([*view.system(), *view.python(), *readable])
    above = dict.fromkeys(folder for path in paths for folder in reversed(path.parents))
    options: list[str] = []
    for folder in above:
        options += ["--dir", str(folder)]  # else bubblewrap makes them for its own user alone
    if Path("/tmp") not in above:  # programs that know no other place find the box there
        options += ["--symlink", BOX, "/tmp"]
    for path in paths:
        if path.is_symlink() and path not in readable:
            options += ["--symlink", str(path.readlink()), str(path)]
        else:
            options += ["--ro-bind", str(path), str(path)]
    return [*options, "--ro-bind", str(view.ACCOUNTS), "/etc/passwd"]


def give_up_root() -> list[str]:
    """The command before another that makes root an ordinary user, for good.

    To the kernel, root in a user namespace is still who owns its settings, and no limit of
    processes holds for him.
    """
    who = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    return ["setpriv", *who, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"]


def enter(box_mb: int) -> None:
    """Leave for namespaces of its own; only the first process in them returns from here."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else it may not write its own maps
    user, group = os.getuid(), os.getgid()
    kernel.unshare(ENTERED)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {user} 1"),
        ("gid_map", f"{NOBODY} {group} 1"),
    ):
        Path("/proc/self", name).write_text(text)
    become_first()
    os.setsid()  # a signal to one's own group knows no namespaces
    files(box_mb)


def become_first() -> None:
    """Fork; the parent stays only to pass on either's death to the other."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        close_all_but({reader, writer})
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)
    os.close(writer)
    if select.select([reader], [], [], 0)[0]:  # it died before that
        os._exit(1)
    os.close(reader)


def close_all_but(kept: Collection[int]) -> None:
    """Close every file descriptor that is not to be kept."""
    start = 0
    for descriptor in [*sorted(kept), MAX_DESCRIPTOR]:
        os.closerange(start, descriptor)
        start = descriptor + 1


def files(box_mb: int) -> None:
    """Lay out the file systems that the fork sees."""
    safe = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount(None, "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    size = f"size={box_mb}m,nr_inodes={box_mb * FILES_PER_MB},mode=755"
    kernel.mount("tmpfs", STAGE, "tmpfs", safe, size)
    for name in ("box", "changed", "work"):
        Path(STAGE, name).mkdir()
    kernel.mount(f"{STAGE}/box", BOX, flags=kernel.MS_BIND)
    kernel.mount(f"{STAGE}/box", "/dev/shm", flags=kernel.MS_BIND)
    layers = f"lowerdir={WARM},upperdir={STAGE}/changed,workdir={STAGE}/work,userxattr"
    kernel.mount("overlay", WARM, "overlay", safe, layers)
    try:
        kernel.mount("proc", "/proc", "proc", safe | kernel.MS_NOEXEC | kernel.MS_RDONLY)
    except PermissionError:  # parts of the one outside are covered: by root's bubblewrap, by Docker
        hide_processes()
    kernel.mount("tmpfs", STAGE, "tmpfs", safe | kernel.MS_RDONLY, "size=4k")  # covers the parts


def hide_processes() -> None:
    """Leave of /proc only what says what the processors can do."""
    kept = Path(STAGE, "proc", Path(view.PROCESSORS).name)
    kept.parent.mkdir()
    kept.touch()
    kernel.mount(view.PROCESSORS, str(kept), flags=kernel.MS_BIND)
    kernel.mount(str(kept.parent), "/proc", flags=kernel.MS_BIND | kernel.MS_REC)
