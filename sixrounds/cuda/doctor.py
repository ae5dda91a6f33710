"""What works here: lanes, compilers, limits, and whether the counts are right."""

import importlib.util
import shutil
from collections.abc import Iterator

from sixrounds.cuda import cache, gpu, limits, nvrtc
from sixrounds.cuda.compilers import candidates, compiler, examined
from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.lanes import Lane, current
from sixrounds.cuda.selftest import run


def lanes() -> Iterator[tuple[str, bool, str]]:
    """Each lane: its name, whether it works, and what it is for or why it does not."""
    try:
        compiler()
        why = ""
    except CudaError as error:
        why = str(error)
    for lane in Lane:
        what = lane.what
        if lane is Lane.GPU:
            reason = gpu.why_not()
        elif lane is Lane.COMPILE:
            reason, about = _compile_lane()
            what = f"{what} ({about})"
        else:
            reason = why
        yield lane.value, not reason, reason or what


def _compile_lane() -> tuple[str, str]:
    """Why lane compile does not work, or what its compiler is."""
    try:
        return nvrtc.why_not(), "" if nvrtc.why_not() else nvrtc.about()
    except CudaError as error:
        return str(error), ""


def lines(selftest: bool = True) -> Iterator[str]:
    """The report, line by line."""
    yield "lanes"
    for name, works, text in lanes():
        mark = "ok" if works else "no"
        yield f"  {mark}  {name:8} {text}{' (in use)' if name == current().value else ''}"
    yield "compilers, best first"
    for command in candidates():
        found = examined(command)
        said = found.version if found else "too old, or it does not run"
        yield f"  {' '.join(command)}: {said}"
    if importlib.util.find_spec("ziglang") is None:
        yield "  ziglang: not installed (pip install ziglang, where there is no other)"
    for tool, use in (("addr2line", "lines in reports"), ("objdump", "grading")):
        yield f"  {tool}: {shutil.which(tool) or f'missing; {use}: apt-get install binutils'}"
    yield f"compiled kernels are kept in {cache.folder()} ({cache.VARIABLE} moves them)"
    yield "limits"
    yield f"  {limits.THREADS_PER_BLOCK} threads a block, {limits.WARP} lanes a warp"
    yield (
        f"  {limits.SHARED_BYTES} bytes of shared memory a block, "
        f"{limits.SHARED_BYTES_OPT_IN} if asked for"
    )
    yield f"  a launch is stopped after {limits.SECONDS:g} s or {limits.ACCESSES:,} accesses"
    if selftest:
        yield "self-test: counts that can be worked out by hand"
        for result in run():
            verdict = "ok" if result.ok else f"NOT {result.wanted:g}"
            yield f"  {verdict}  {result.name}: {result.found:g}"
