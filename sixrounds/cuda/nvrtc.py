"""The lane that compiles with NVIDIA's compiler and runs nothing: NVRTC, from its wheel.

NVRTC is nvcc's front end and ptxas as one library, which needs no device. It is used through
ctypes, in a process of its own (nvrtc_child.py). Results are kept by content, as are those of the
CPU lanes.
"""

import importlib.util
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sixrounds.cuda import cache as store
from sixrounds.cuda.build import kernel_names, run
from sixrounds.cuda.errors import CompileError, CudaError, NotHereError
from sixrounds.cuda.ptxas import Resources, resources
from sixrounds.cuda.text import line_at

ARCHITECTURES = ("sm_75", "sm_80", "sm_90")
HERE = Path(__file__).parent
CHILD = HERE / "nvrtc_child.py"
# What nvcc brings and NVRTC does not.
HEADERS = HERE / "nvrtc_headers"
# The sizes are those of the 13.5 wheels on x86-64 Linux, unpacked.
WHEEL = "pip install nvidia-cuda-nvrtc (a download of 58 MB, 142 MB unpacked)"
# All of one version; NVRTC among them, in case an older one is here.
HEADER_WHEELS = (
    "pip install nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cuda-crt nvidia-cuda-cccl "
    "(35 MB unpacked besides NVRTC)"
)
OTHERS = "lanes fast, check and metrics do not need it"
OF_CUDA_12 = "cuda_nvrtc"  # its wheels have a folder each, those of CUDA 13 share one
# A header that only one of the three wheels has.
TELLTALES = ("cuda_fp16.h", "crt/mma.h", "nv/target")
MISSING = re.compile(
    r"^(?P<where>.*)\(\d+\): catastrophic error: (?:could not|cannot) open source file "
    r'"(?P<header>(?:cuda|cooperative_groups|crt/|nv/|cub/|mma\.h|math_constants\.h)[^"]*)"',
    re.MULTILINE,
)
NOISE = re.compile(r"^(?:Remark: The warnings can be suppressed.*|ptxas (?:info| ).*)\n?", re.M)
INVALID_OPTION = 5


@dataclass(frozen=True)
class Compiled:
    """A module compiled for one architecture: its kernels' resources, NVRTC's warnings.

    `folder` has `kernel.cubin` and `kernel.ptx`.
    """

    arch: str
    folder: Path
    resources: dict[str, Resources]
    warnings: str


def roots() -> list[Path]:
    """The folders that NVIDIA's wheels share."""
    spec = importlib.util.find_spec("nvidia")
    return [Path(root) for root in (spec.submodule_search_locations if spec else None) or ()]


def folders() -> Iterator[Path]:
    """Where NVRTC may be: NVIDIA's wheels, newest CUDA first, then a toolkit on this machine."""
    for root in roots():
        yield from sorted(root.glob("cu[0-9]*/lib"), reverse=True)
        yield root / OF_CUDA_12 / "lib"
    yield Path(os.environ.get("CUDA_PATH", "/usr/local/cuda")) / "lib64"


def library() -> Path | None:
    """NVRTC's library; None if it is not here."""
    for folder in folders():
        found = sorted(folder.glob("libnvrtc.so*"), key=lambda path: len(path.name))
        if found:
            return found[0]
    return None


def includes(nvrtc: Path) -> list[Path]:
    """The folders of headers that go with a library; ours first: some of theirs are for hosts."""
    root = nvrtc.parent.parent
    own = [root / "include", root / "include" / "cccl"]
    if root.name == OF_CUDA_12:
        own = sorted(root.parent.glob("cuda_*/include"))
    return [HEADERS, *(place for place in own if place.is_dir())]


def why_not() -> str:
    """Why the lane cannot be used here; empty if it can."""
    if library() is not None:
        return ""
    if not sys.platform.startswith("linux"):
        return f"NVIDIA's compiler is used on Linux alone so far; {OTHERS}"
    return f"NVIDIA's compiler is not installed: {WHEEL}; {OTHERS}"


def here() -> Path:
    """NVRTC's library.

    Raises:
        NotHereError: it is not here; says which wheel has it.
    """
    found = library()
    if found is None:
        raise NotHereError(f"lane compile: {why_not()}")
    return found


def about() -> str:
    """One line on the NVRTC of this machine: version, architectures, headers.

    Raises:
        CudaError: it is not here, or does not start.
    """
    nvrtc = here()
    with tempfile.TemporaryDirectory() as folder:
        said = asked(Path(folder), {"library": str(nvrtc)})
    known = ", ".join(f"sm_{number}" for number in said["architectures"])
    lacking = "" if all_headers(nvrtc) else f"; for CUDA's headers: {HEADER_WHEELS}"
    return f"NVRTC {said['version']}: {known}{lacking}"


def all_headers(nvrtc: Path) -> bool:
    """Whether CUDA's headers are here, those of cooperative groups, wmma and CUB included."""
    places = includes(nvrtc)
    return all(any((place / name).is_file() for place in places) for name in TELLTALES)


def asked(folder: Path, question: dict[str, Any]) -> dict[str, Any]:
    """The answer of nvrtc_child.py.

    Raises:
        CompileError: it takes too long.
        CudaError: it ends without one.
    """
    ran = run([sys.executable, "-I", "-S", str(CHILD)], folder, json.dumps(question))
    answer = folder / "answer.json"
    if ran.returncode or not answer.is_file():
        last = (ran.stderr.strip() or f"exit status {ran.returncode}").split("\n")[-1]
        raise CudaError(f"NVRTC ({question['library']}) does not work here: {last}")
    found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    return found


@cache
def own_key() -> str:
    """A name for our part in the results."""
    files = [CHILD, HERE / "nvrtc.py", *sorted(HEADERS.iterdir())]
    return store.key(*(path.read_text("utf-8") for path in files))


def state(nvrtc: Path) -> list[tuple[str, int]]:
    """What changes when NVRTC or its headers are installed anew."""
    return [(str(path), path.stat().st_mtime_ns) for path in (nvrtc, *includes(nvrtc))]


def compile_for(
    arch: str, code: str, options: tuple[str, ...], expressions: tuple[str, ...], filename: str
) -> Compiled:
    """Compile a module, or take it from the cache.

    Raises:
        CompileError: NVRTC or ptxas refuses; the message is theirs.
        NotHereError: no NVRTC, or a header of CUDA that is in another wheel.
        CudaError: no kernel, an option or architecture that NVRTC does not know.
    """
    nvrtc = here()
    kernels = kernel_names(code, expressions, filename)
    flags = flags_for(arch, options, nvrtc)

    def make(folder: Path) -> None:
        question = {"library": str(nvrtc), "code": code, "filename": filename}
        answer = asked(folder, question | {"options": flags, "expressions": kernels})
        if answer["returned"] == INVALID_OPTION:
            raise CudaError(f"NVRTC: {answer['log'].strip() or answer['error']}")
        if answer["returned"]:
            refuse_missing(answer["log"], code, filename, nvrtc)
            said = readable(answer["log"], filename) or answer["error"]
            raise CompileError(said if filename in said else f"{filename}: {said}")

    name = store.key("nvrtc", code, kernels, flags, filename, state(nvrtc), own_key())
    folder = store.entry(name, make)
    answer = json.loads((folder / "answer.json").read_text("utf-8"))
    ptx = (folder / "kernel.ptx").read_text("utf-8", "replace")
    by_symbol = resources(arch, answer["log"], ptx)
    found = {name: by_symbol[own] for name, own in zip(kernels, answer["names"], strict=True)}
    return Compiled(arch, folder, found, readable(answer["log"], filename))


def flags_for(arch: str, options: tuple[str, ...], nvrtc: Path) -> list[str]:
    """NVRTC's options: the user's, but for the architecture, after ours.

    Raises:
        CudaError: no name of an architecture.
    """
    if not re.fullmatch(r"sm_\d+[a-z]?", arch):
        raise CudaError(f"architecture {arch!r}: write it as in sm_80")
    theirs = [one for one in options if not re.match(r"--?gpu-arch|-arch", one)]
    standard = [] if any(re.match(r"--?std=", one) for one in theirs) else ["--std=c++17"]
    places = [f"--include-path={place}" for place in includes(nvrtc)]
    ours = [f"--gpu-architecture={arch}", "--ptxas-options=-v", "--pre-include=nvcc.h"]
    return [*standard, *ours, *places, *theirs]


def refuse_missing(log: str, code: str, filename: str, nvrtc: Path) -> None:
    """Say which wheels have a header that NVRTC looked for in vain.

    Raises:
        NotHereError: it did, and there are wheels of headers that are not installed.
    """
    found = MISSING.search(log)
    if found is None or all_headers(nvrtc):
        return
    # The text may include it by way of another header; then the place is where it does that.
    wanted = {found["header"], Path(found["where"]).name}
    included = re.finditer(r'^\s*#\s*include\s*[<"]([^>"]+)', code, re.MULTILINE)
    starts = [one.start(1) for one in included if {one[1], Path(one[1]).name} & wanted]
    place = line_at(code, starts[0]) if starts else 1
    raise NotHereError(
        f"{filename}:{place}: the header {found['header']} is not here: {HEADER_WHEELS}"
    )


def readable(log: str, filename: str) -> str:
    """NVRTC's words, with the text's lines as in the other lanes; without ptxas' figures."""
    own = re.compile(rf"^{re.escape(filename)}\((\d+)\): ", re.MULTILINE)
    said = own.sub(rf"{filename}:\1: ", NOISE.sub("", log)).strip()
    return re.sub(r"\n{3,}", "\n\n", said)
