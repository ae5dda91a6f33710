"""The C++ compiler that builds kernels for the CPU lanes, and the flags it needs for each.

Metrics come from the order of machine code, so nothing may move it about; that is what most flags
are for. g++ is preferred: the numbers in the tests are its.
"""

import functools
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass

from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.lanes import Lane

VARIABLE = "SIXROUNDS_CUDA_CXX"
OLDEST = {"g++": 11, "clang++": 14}
COMMON = (
    *("-std=c++17", "-g1", "-fno-pie", "-fno-exceptions", "-fno-rtti", "-fno-omit-frame-pointer"),
    *("-fno-strict-aliasing", "-fwrapv", "-ffp-contract=off", "-fno-optimize-sibling-calls"),
    *("-fno-jump-tables", "-fcf-protection=none", "-U_FORTIFY_SOURCE", "-fno-stack-protector"),
    *("-ftls-model=local-exec", "-fmax-errors=5", "-Wall", "-Wno-unknown-pragmas"),
    *("-Wno-unused-function", "-Wno-unused-variable", "-Wno-unused-but-set-variable"),
)
GCC = (
    *("-fno-tree-vectorize", "-fno-reorder-blocks", "-fno-reorder-blocks-and-partition"),
    *("-fno-extern-tls-init", "-fno-tree-loop-distribute-patterns", "-fno-ipa-icf"),
    *("-fno-crossjumping", "-fno-tree-tail-merge", "-Wno-psabi"),
)
CLANG = (
    *("-fno-vectorize", "-fno-slp-vectorize", "-fno-unroll-loops", "-Wno-unknown-attributes"),
    *("-mllvm", "-tsan-instrument-read-before-write=1", "-mllvm", "-disable-block-placement"),
)
# The check lane must not be optimized: a compiler may drop an access that the text races with.
BY_LANE = {
    Lane.FAST: ("-O2",),
    Lane.CHECK: ("-Og", "-fsanitize=thread"),
    Lane.METRICS: ("-O2", "-fsanitize=thread", "-fsanitize-coverage=trace-pc"),
}
# Stores into local arrays are no accesses for the sanitizer, but could reach the stack.
BOUNDS = {"g++": "-fsanitize=bounds-strict", "clang++": "-fsanitize=array-bounds"}
ENGINE = (
    "-std=c++17",
    "-O2",
    "-g1",
    "-fno-pie",
    "-fno-omit-frame-pointer",
    "-U_FORTIFY_SOURCE",
    "-w",
)


@dataclass(frozen=True)
class Compiler:
    """A compiler that was found: how to call it, and what it says it is."""

    command: tuple[str, ...]
    family: str  # "g++" or "clang++"
    version: str

    def flags(self, lane: Lane) -> tuple[str, ...]:
        """What a kernel is compiled with in a lane."""
        own = GCC if self.family == "g++" else CLANG
        common: tuple[str, ...] = COMMON
        if self.family != "g++":
            common = tuple(flag.replace("-fmax-errors", "-ferror-limit") for flag in COMMON)
        bounds = () if lane is Lane.FAST else (BOUNDS[self.family],)
        return (*common, *own, *BY_LANE[lane], *bounds)


def _said(command: tuple[str, ...]) -> str | None:
    try:
        ran = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout if ran.returncode == 0 else None


def examined(command: tuple[str, ...]) -> Compiler | None:
    """The compiler behind a command; None: none, or too old."""
    said = _said(command)
    if said is None:
        return None
    family = "clang++" if "clang" in said else "g++"  # macOS calls clang g++
    number = re.search(r"\b(\d+)\.\d+(?:\.\d+)?", said)
    if number is None or int(number[1]) < OLDEST[family]:
        return None
    return Compiler(command, family, said.split("\n")[0])


def candidates() -> list[tuple[str, ...]]:
    """The commands worth asking, best first; the one of SIXROUNDS_CUDA_CXX alone, if it is set."""
    if os.environ.get(VARIABLE):
        return [tuple(shlex.split(os.environ[VARIABLE]))]
    commands: list[tuple[str, ...]] = [
        (name,) for name in ("g++", "g++-14", "g++-13", "g++-12", "g++-11", "clang++")
    ]
    if importlib.util.find_spec("ziglang") is not None:
        commands.append((sys.executable, "-m", "ziglang", "c++"))
    return [command for command in commands if shutil.which(command[0])]


@functools.cache
def compiler() -> Compiler:
    """The first that is new enough.

    Raises:
        CudaError: there is none.
    """
    for command in candidates():
        found = examined(command)
        if found:
            return found
    raise CudaError(
        "no C++ compiler: g++ 11 or clang 14 is needed; "
        "sudo apt-get install g++, or pip install ziglang"
    )
