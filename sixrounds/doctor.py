"""What works on this machine, and the exact mend for what does not.

Each probe looks at one thing, within its own time. A probe that raises is a finding, never fatal.
Only what a learner cannot do without is `missing`; what some people need is `optional`.
"""

import importlib.util
import json
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sixrounds import doctor_jail
from sixrounds.finding import PIP, Finding, State, numbers, output, package

REFERENCE = (3, 11)
OLDEST_JAVA = 17
BOOK = "1.0.4.post1"
LEARNER = ("numpy", "matplotlib", "jupyterlab", "ipykernel")
AUTHOR = ("jupytext", "papermill", "nbgrader", "jupyter-book")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # one program by its names
FREE_GB = {"learner": 1.0, "author": 6.0}
# Two includes, so that a compiler without its standard library is seen.
HELLO = '#include <cstdio>\n#include <vector>\nint main() { std::puts("hello"); }\n'


def examine(probes: "Sequence[tuple[str, Probe]] | None" = None) -> Iterator[Finding]:
    """Run the probes, all of them by default, and yield in order; none can stop the others."""
    with ThreadPoolExecutor(4) as pool:  # they wait for programs most of the time
        yield from pool.map(lambda one: attempt(*one), PROBES if probes is None else probes)


def attempt(name: str, probe: "Probe") -> Finding:
    """What a probe found; its own failure is told like any other."""
    try:
        return probe()
    except subprocess.TimeoutExpired as error:
        said = f"no answer within {error.timeout:g} s"
    except Exception as error:
        said = f"could not be looked at: {type(error).__name__}: {error}"
    return Finding(name, State.OPTIONAL, " ".join(said.split()))


def system(debian: str, brew: str) -> str:
    """The command that installs a program on this system."""
    if sys.platform == "darwin":
        return f"brew install {brew}"
    return f"sudo apt-get install {debian}"


def python() -> Finding:
    """The Python that runs this."""
    found = platform.python_version()
    if sys.version_info < REFERENCE:
        mend = "install Python 3.11 and make a new environment with it"
        return Finding("Python", State.MISSING, f"{found} is too old", mend)
    remark = "" if sys.version_info[:2] == REFERENCE else "; the book is made and tested with 3.11"
    return Finding("Python", State.OK, f"{found} at {sys.executable}{remark}")


def for_learners(name: str) -> Finding:
    """A package that the notebooks, or opening them, need."""
    return package(name, State.MISSING, f"{PIP} {name}")


def for_authors(name: str) -> Finding:
    """A package that only writing, building or grading needs."""
    pinned = BOOK if name == "jupyter-book" else ""
    mend = f"{PIP} {name}=={pinned}" if pinned else f"{PIP} {name}"
    return package(name, State.OPTIONAL, f"{mend}  (or `make env` in a clone)", pinned)


def kernel() -> Finding:
    """Whether Jupyter's `python3` kernel is this Python."""
    mend = f"{sys.executable} -m ipykernel install --sys-prefix"
    if importlib.util.find_spec("jupyter_client") is None:
        return Finding(
            "kernel", State.MISSING, "jupyter_client is not installed", f"{PIP} ipykernel"
        )
    program = (
        "import json; from jupyter_client.kernelspec import KernelSpecManager as M; "
        "print(json.dumps(M().get_kernel_spec('python3').argv))"
    )
    found = output(sys.executable, "-c", program)
    if found is None:
        return Finding("kernel", State.MISSING, "Jupyter finds no kernel python3", mend)
    started = json.loads(found.split("\n")[-1])[0]
    # "python" and "python3" stand for the Python that runs Jupyter; a path means what it says.
    ours = started in ("python", "python3") or Path(started).absolute() == Path(sys.executable)
    if not ours:
        return Finding("kernel", State.MISSING, f"python3 starts another Python: {started}", mend)
    return Finding("kernel", State.OK, "python3 starts this Python")


def torch() -> Finding:
    """PyTorch, and whether it sees a GPU."""
    mend = f"{PIP} torch --index-url https://download.pytorch.org/whl/cpu"
    found = package("torch", State.OPTIONAL, mend)
    if found.status is not State.OK:
        return found
    program = "import torch; print(torch.cuda.is_available() and torch.cuda.get_device_name())"
    seen = output(sys.executable, "-c", program)
    return Finding("torch", State.OK, f"{found.detail}, {'CPU' if seen == 'False' else seen}")


def compiler(name: str) -> Finding:
    """A C++ compiler: its version, and whether what it makes runs."""
    packages = {"g++": system("g++", "gcc"), "clang++": system("clang", "llvm")}
    mend = packages[name]
    said = output(name, "--version")
    if said is None:
        return Finding(name, State.OPTIONAL, "not installed; kernel labs need one", mend)
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "hello.cpp", Path(folder) / "hello"
        source.write_text(HELLO)
        if output(name, "-std=c++17", "-o", str(program), str(source)) is None:
            detail = f"{numbers(said)} cannot compile a hello world"
            return Finding(name, State.OPTIONAL, detail, packages["g++"])
        if output(str(program)) != "hello":
            detail = f"{numbers(said)} compiles, but the program does not run"
            return Finding(name, State.OPTIONAL, detail, "set TMPDIR to a folder without noexec")
    return Finding(name, State.OK, f"{numbers(said)} compiles and runs")


def java() -> Finding:
    """A Java that Spark runs on."""
    mend = system("openjdk-17-jre-headless", "openjdk@17")
    said = output("java", "-version")
    if said is None:
        return Finding("java", State.OPTIONAL, "not installed; Spark cells are skipped", mend)
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    if not found or int(found.group(1)) < OLDEST_JAVA:
        return Finding("java", State.OPTIONAL, f"{numbers(said)}; Spark needs 17 or later", mend)
    return Finding("java", State.OK, numbers(said))


def program(name: str, use: str, *more_names: str) -> Finding:
    """A program that is only asked for its version."""
    for called in (name, *more_names):
        said = output(called, "--version")
        if said is not None:
            return Finding(name, State.OK, numbers(said))
    mend = system("nodejs" if name == "node" else name, name)
    return Finding(name, State.OPTIONAL, f"not installed; {use}", mend)


def gpu() -> Finding:
    """An NVIDIA GPU."""
    said = output("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    if not said:
        return Finding("GPU", State.OPTIONAL, "none seen; every lab also runs on the CPU")
    return Finding("GPU", State.OK, said.replace("\n", "; "))


def disk() -> Finding:
    """Free space where the learner works."""
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    said = f"{free:.0f} GB free in {Path.cwd()}" if free >= 10 else f"{free:.1f} GB free here"
    if free < FREE_GB["learner"]:
        return Finding("disk", State.MISSING, said, "free at least 1 GB (6 GB to build the book)")
    if free < FREE_GB["author"]:
        mend = "free at least 6 GB if you build the book"
        return Finding("disk", State.OPTIONAL, said, mend)
    return Finding("disk", State.OK, said)


Probe = Callable[[], Finding]


def bound(probe: Callable[[str], Finding], name: str) -> tuple[str, Probe]:
    """A probe for one name."""
    return name, lambda: probe(name)


PROBES: tuple[tuple[str, Probe], ...] = (
    ("Python", python),
    *(bound(for_learners, name) for name in LEARNER),
    ("kernel", kernel),
    ("disk", disk),
    *(bound(for_authors, name) for name in AUTHOR),
    ("torch", torch),
    *(bound(compiler, name) for name in ("g++", "clang++")),
    ("java", java),
    ("git", lambda: program("git", "authors and `make` need it")),
    ("node", lambda: program("node", "only tests of the pages' drills use it", "nodejs")),
    ("chromium", lambda: program(BROWSERS[0], "only tests of the pages use it", *BROWSERS[1:])),
    ("GPU", gpu),
    ("namespaces", doctor_jail.namespaces),
    ("bubblewrap", doctor_jail.bubblewrap),
    ("Landlock", doctor_jail.landlock),
    ("seccomp", doctor_jail.seccomp),
    ("jail", doctor_jail.jail),
)
