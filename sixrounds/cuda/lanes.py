"""Which lane the kernels of this process run in: one switch, the kernels' code stays the same."""

import os
from enum import Enum
from types import TracebackType

from sixrounds.cuda.errors import CudaError

VARIABLE = "SIXROUNDS_CUDA_LANE"


class Lane(Enum):
    """A way to compile and run a kernel."""

    FAST = "fast"
    CHECK = "check"
    METRICS = "metrics"
    COMPILE = "compile"
    GPU = "gpu"

    @property
    def what(self) -> str:
        """One line on what it is for."""
        return _WHAT[self]


_WHAT = {
    Lane.FAST: "runs on the CPU without looking: results only",
    Lane.CHECK: "runs on the CPU: races, bounds, uninitialized shared memory, barriers, masks",
    Lane.METRICS: "runs on the CPU: sectors, bank conflicts, efficiency, per array and line",
    Lane.COMPILE: "NVIDIA's compiler without a device: registers, spills, occupancy",
    Lane.GPU: "runs on a GPU through CuPy",
}

_chosen: list[Lane] = []


def lane_of(name: str | Lane) -> Lane:
    """The lane of this name.

    Raises:
        CudaError: there is none.
    """
    try:
        return Lane(name)
    except ValueError:
        names = ", ".join(lane.value for lane in Lane)
        raise CudaError(f"no lane {name!r}; choose one of {names}") from None


def current() -> Lane:
    """The lane in use: what `use` chose last, else SIXROUNDS_CUDA_LANE, else `check`."""
    if _chosen:
        return _chosen[-1]
    return lane_of(os.environ.get(VARIABLE) or Lane.CHECK)


class use:  # noqa: N801  reads like a statement
    """Choose the lane: `use("metrics")` from here on, `with use("metrics"):` for a while.

    Raises:
        CudaError: no such lane.
    """

    def __init__(self, name: str | Lane) -> None:
        self._before = list(_chosen)
        _chosen[:] = [*_chosen, lane_of(name)] if _chosen else [lane_of(name)]

    def __enter__(self) -> "use":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _chosen[:] = self._before
