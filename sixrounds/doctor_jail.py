"""Whether learners' code can be jailed on this machine: for `sixrounds doctor`.

Only who grades other people's answers needs a jail, so that nothing here is `missing`.
"""

import ctypes
import os
import sys
from pathlib import Path

from sixrounds.errors import SixRoundsError
from sixrounds.finding import PIP, Finding, State, numbers, output, package

LANDLOCK_CREATE_RULESET = 444  # the same number on every architecture of Linux
LANDLOCK_VERSION_FLAG = 1
INSTALL = "sudo apt-get install bubblewrap libseccomp2"
ELSEWHERE = "grade on Linux (a virtual machine, WSL 2, a container), or people you trust"
# Settings by which systems refuse namespaces to ordinary users: the value that does, and the mend.
SWITCHES = (
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        "  (Ubuntu 24.04; or an AppArmor profile that allows bwrap `userns`)",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "sudo sysctl -w user.max_user_namespaces=15000",
    ),
)
IN_CONTAINER = ("/.dockerenv", "/run/.containerenv")
UNCONFINED = (
    "start the container with `--security-opt seccomp=unconfined --security-opt "
    "apparmor=unconfined`, or use the Landlock rung, which needs none of this"
)
NEW_KERNEL = "boot a kernel of 5.13 or later with lsm=landlock"
REPORT = "a newer kernel may mend it; please report it, with `sixrounds doctor --json`"


def namespaces() -> Finding:
    """Whether an ordinary user can make namespaces, tried in a process of its own."""
    # Also as root this process gives up nothing: the attempt happens in the child alone.
    flags = "0x10000000 | 0x40000000"  # CLONE_NEWUSER | CLONE_NEWNET
    attempt_it = (
        "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True); "
        f"done = libc.unshare({flags}); "
        "print('usable' if done == 0 else os.strerror(ctypes.get_errno()))"
    )
    said = output(sys.executable, "-c", attempt_it) or "not on this system"
    if said == "usable":
        rights = " (tried as root: others may be refused)" if os.geteuid() == 0 else ""
        detail = f"user and network namespaces can be made{rights}"
        return Finding("namespaces", State.OK, detail)
    return Finding("namespaces", State.OPTIONAL, f"refused: {said}", allow_namespaces())


def allow_namespaces() -> str:
    """The mend where namespaces are refused, by who refuses them."""
    for name, refusing, mend in SWITCHES:
        path = Path(name)
        if path.is_file() and path.read_text().strip() == refusing:
            return mend
    if any(Path(name).exists() for name in IN_CONTAINER):
        return UNCONFINED
    return ELSEWHERE if sys.platform != "linux" else REPORT


def bubblewrap() -> Finding:
    """The best rung: what it holds, all attempts made."""
    found = output("bwrap", "--version")
    if found is None:
        return Finding("bubblewrap", State.OPTIONAL, "not installed", INSTALL)
    return rung("bubblewrap", numbers(found))


def landlock() -> Finding:
    """The second rung: the version of Landlock's interface, and what it holds."""
    if not sys.platform.startswith("linux"):
        return Finding("Landlock", State.OPTIONAL, "only on Linux", ELSEWHERE)
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_VERSION_FLAG)
    if found < 1:
        why = os.strerror(ctypes.get_errno())
        return Finding("Landlock", State.OPTIONAL, f"not available: {why}", NEW_KERNEL)
    return rung("Landlock", f"ABI {found}")


def rung(name: str, found: str) -> Finding:
    """What becomes of every attempt to get out of a rung."""
    try:
        # Not at the top: doctor runs just where packages that grading needs are missing.
        from sixrounds.grading.jail import Jail  # noqa: PLC0415
        from sixrounds.grading.jail.probes import examine  # noqa: PLC0415

        results = examine(Jail(name.lower()))
    except ImportError as error:
        detail = f"{found}; not tried: {error}"
        return Finding(name, State.OPTIONAL, detail, f"{PIP} 'sixrounds[course]'")
    except OSError as error:
        return Finding(name, State.OPTIONAL, f"{found}; does not start: {error}", start(str(error)))
    promised = [one for one in results if one.promised]
    broken = [f"{one.name} ({one.got[0]})" for one in promised if not one.held]
    open_ones = [one.name for one in results if not one.promised and not one.held]
    detail = f"{found}; holds against {len(promised) - len(broken)} of {len(promised)} attempts"
    if open_ones:
        detail += f" (it never withholds: {', '.join(open_ones)})"
    if broken:
        detail += f"; not against: {', '.join(broken)}"
        return Finding(name, State.OPTIONAL, detail, REPORT)
    return Finding(name, State.OK, detail)


def start(said: str) -> str:
    """The mend where a rung does not start, by its last words."""
    if "seccomp" in said:
        return f"{PIP} pyseccomp  (and `{INSTALL}`)"
    if "landlock" in said.lower():
        return NEW_KERNEL
    return allow_namespaces()


def seccomp() -> Finding:
    """Whether system-call filters can be made."""
    found = package("pyseccomp", State.OPTIONAL, f"{PIP} pyseccomp  (and `{INSTALL}`)")
    return Finding("seccomp", found.status, f"pyseccomp {found.detail}", found.mend)


def jail() -> Finding:
    """The rung that grading uses here."""
    try:
        from sixrounds.grading.jail import choose  # noqa: PLC0415  see `rung`

        chosen = choose()
    except ImportError as error:
        return Finding("jail", State.OPTIONAL, str(error), f"{PIP} 'sixrounds[course]'")
    except SixRoundsError:
        detail = "none holds: grade only people you trust, with --unsafe"
        mend = "mend bubblewrap, or else Landlock" if sys.platform == "linux" else ELSEWHERE
        return Finding("jail", State.OPTIONAL, detail, mend)
    return Finding("jail", State.OK, f"other people's answers run in {chosen.name}")
