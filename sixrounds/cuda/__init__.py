"""CUDA C++ without a GPU: run, check and measure the same kernel everywhere.

    kernel = RawKernel(code, "vector_add")
    kernel((blocks,), (threads,), (a, b, out, np.int32(n)))      # as with CuPy
    use("metrics")                                               # or fast, check, gpu

The check lane reports races, accesses out of bounds, uninitialized shared memory, and misuse of
barriers and masks, with the line of the text. The metrics lane counts sectors, bank conflicts and
efficiency per array and line: requests as the source makes them, not a device's counters.
"""

from sixrounds.cuda.api import Function, RawKernel, RawModule, load
from sixrounds.cuda.asking import Asked, observe
from sixrounds.cuda.errors import (
    CompileError,
    CudaError,
    KernelError,
    KernelWarning,
    LaunchError,
    NotHereError,
    RefusedError,
)
from sixrounds.cuda.expect import Call, Mismatch, expect
from sixrounds.cuda.finding import Finding
from sixrounds.cuda.judging import numbers, over
from sixrounds.cuda.lanes import Lane, current, use
from sixrounds.cuda.occupancy import Occupancy, occupancy
from sixrounds.cuda.report import Report

__all__ = [
    "Asked",
    "Call",
    "CompileError",
    "CudaError",
    "Finding",
    "Function",
    "KernelError",
    "KernelWarning",
    "Lane",
    "LaunchError",
    "Mismatch",
    "NotHereError",
    "Occupancy",
    "RawKernel",
    "RawModule",
    "RefusedError",
    "Report",
    "current",
    "expect",
    "load",
    "numbers",
    "observe",
    "occupancy",
    "over",
    "use",
]
