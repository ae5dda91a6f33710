"""Counts that can be worked out by hand, asked of this machine's compiler.

Metrics follow the order of machine code, so that another compiler, or another version, could give
other numbers. What is graded by them must pass this first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sixrounds.cuda.api import RawModule
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.operators import operator
from sixrounds.cuda.report import Report

COPY = """
extern "C" __global__ void copy(const float* in, float* out, int step, int shift) {
  int i = threadIdx.x * step + shift;
  out[i] = in[i];
}
extern "C" __global__ void race(float* out) {
  __shared__ float tile[64];
  tile[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = tile[63 - threadIdx.x];
}
"""


@dataclass(frozen=True)
class Result:
    """One check: what it is, what it must be, what it was."""

    name: str
    wanted: float
    found: float

    @property
    def ok(self) -> bool:
        """Equal, exactly."""
        return self.wanted == self.found


def _copy(step: int, shift: int) -> float:
    arrays = np.zeros(1100, np.float32), np.zeros(1100, np.float32)
    args = (*arrays, np.int32(step), np.int32(shift))
    return RawModule(COPY).launch("copy", 1, 32, args, lane=Lane.METRICS).sectors_per_request("in")


def _measured(name: str, kernel: str, size: int) -> Report:
    one = operator(name)
    problem = one.problem(kernel, size, np.random.default_rng(3))
    return one.module().launch(
        kernel, problem.grid, problem.block, tuple(problem.args.values()), problem.shared_mem,
        lane=Lane.METRICS,
    )  # fmt: skip


def _lockstep() -> tuple[float, float]:
    """Requests of a warp whose lanes loop for different times: those of the longest row."""
    one = operator("spmv")
    problem = one.problem("spmv_scalar", 256, np.random.default_rng(3))
    starts = problem.args["starts"]
    assert isinstance(starts, np.ndarray)
    wanted = np.diff(starts).reshape(-1, 32).max(1).sum()
    rows = _measured("spmv", "spmv_scalar", 256).select("values")
    return float(wanted), float(sum(row.requests for row in rows))


def _races() -> float:
    report = RawModule(COPY).launch("race", 1, 64, (np.zeros(64, np.float32),), lane=Lane.CHECK)
    return float("data-race" in report.kinds)


def run() -> Iterator[Result]:
    """All checks, one after another."""
    for step, shift, sectors in ((1, 0, 4), (1, 1, 5), (2, 0, 8), (32, 0, 32)):
        name = f"sectors of a copy, step {step}, shift {shift}"
        yield Result(name, sectors, _copy(step, shift))
    for kernel, store, wavefronts in (
        ("transpose_naive", 32, 0),
        ("transpose_tiled", 4, 32),
        ("transpose_padded", 4, 1),
    ):
        report = _measured("transpose", kernel, 64)
        found = report.sectors_per_request("out", "store")
        yield Result(f"sectors of the stores of {kernel}", store, found)
        if wavefronts:
            ways = report.wavefronts_per_request("tile", "load")
            yield Result(f"wavefronts of the tile of {kernel}", wavefronts, ways)
    yield Result("requests of a sparse product in lockstep", *_lockstep())
    yield Result("a race is found", 1, _races())
