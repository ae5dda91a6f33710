"""What an answer's processes may see of the machine: programs, libraries and Python, no more."""

import os
import site
import sys
from collections.abc import Iterator
from pathlib import Path

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SETTINGS = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts")
PROCESSORS = "/proc/cpuinfo"  # torch refuses to compute where it cannot read what they can do
ACCOUNTS = Path(__file__).with_name("passwd.txt")  # the machine's own names its users
KEPT = ("LANG", "LC_ALL", "TZ")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def system() -> list[Path]:
    """The system's programs, libraries and harmless settings that exist here."""
    return [path for name in (*SYSTEM, *SETTINGS) if os.path.lexists(path := Path(name))]


def python() -> list[Path]:
    """This Python, the environment it runs in, and packages installed for the user alone.

    Never what a `.pth` file adds: that of an editable install is the whole repository.
    """
    return [path for path in dict.fromkeys(_python()) if path.is_dir()]


def _python() -> Iterator[Path]:
    yield Path(sys.base_prefix)
    yield Path(sys.base_prefix).resolve()
    yield Path(sys.executable).resolve().parent.parent  # an environment links to it
    yield Path(sys.prefix)
    if site.ENABLE_USER_SITE:
        yield Path(site.getusersitepackages())


def environment(home: str, temporary: str) -> dict[str, str]:
    """All that the fork server may know of this process's environment."""
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    # On some machines numpy computes right only with these.
    kept |= {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    kept |= dict.fromkeys(THREADS, "1")  # no thread pools before a fork
    fixed = {"PATH": path, "HOME": home, "TMPDIR": temporary, "MPLBACKEND": "agg"}
    return {"LANG": "C.UTF-8"} | kept | fixed | {"PYTHONDONTWRITEBYTECODE": "1"}
