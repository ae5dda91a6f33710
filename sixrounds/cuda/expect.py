"""What a kernel is graded by: right values, no reports, few sectors and wavefronts.

    def call(size, rng):
        x = numbers(rng, size)
        return Call(over(size, 256), 256, {"x": x, "out": np.zeros_like(x), "n": np.int32(size)})

    expect(kernel, call).correct(lambda x, **_: {"out": 2.0 * x}).no_reports()
    expect(kernel, call).sectors_per_request("out", store=True) <= 4.5

Every comparison that does not hold raises AssertionError with a message for the learner.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sixrounds.cuda.api import Function
from sixrounds.cuda.judging import Random, error
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.limits import SECONDS
from sixrounds.cuda.report import Report

SIZES = (1, 31, 33, 127, 1000)
MEASURED = 1024


@dataclass
class Call:
    """One launch: arguments by name, in the kernel's order."""

    grid: object
    block: object
    args: Mapping[str, object]
    shared_mem: int = 0


Caller = Callable[[int, Random], Call]
# From copies of the arguments, by name, to the wanted arrays in float64, by name.
Reference = Callable[..., Mapping[str, NDArray[np.float64]]]


class Measured(float):
    """A number with what it is; a comparison that does not hold raises AssertionError."""

    what: str

    def __new__(cls, value: float, what: str) -> "Measured":
        made = super().__new__(cls, value)
        made.what = what
        return made

    def _must(self, holds: bool, sign: str, bound: object) -> bool:
        if not holds:
            raise AssertionError(f"{self.what}: {float(self):g}, which should be {sign} {bound}")
        return True

    def __le__(self, bound: float) -> bool:
        return self._must(float(self) <= bound, "<=", bound)

    def __lt__(self, bound: float) -> bool:
        return self._must(float(self) < bound, "<", bound)

    def __ge__(self, bound: float) -> bool:
        return self._must(float(self) >= bound, ">=", bound)

    def __gt__(self, bound: float) -> bool:
        return self._must(float(self) > bound, ">", bound)

    def __eq__(self, bound: object) -> bool:
        return self._must(float(self) == bound, "==", bound)

    def __hash__(self) -> int:
        return hash(float(self))


def copied(args: Mapping[str, object]) -> dict[str, Any]:
    """The same arguments, arrays copied."""
    return {
        name: value.copy() if isinstance(value, np.ndarray) else value
        for name, value in args.items()
    }


class Expectation:
    """A kernel, how it is called for a size, and the reports of the calls so far."""

    def __init__(self, kernel: Function, call: Caller, rng: Random, measured: int) -> None:
        self.kernel = kernel
        self._call = call
        self._rng = rng
        self._measured = measured
        self._seen: list[Report] = []
        self._metrics: Report | None = None

    def _run(self, call: Call, lane: Lane) -> Report:
        return self.kernel.module.launch(
            self.kernel.name, call.grid, call.block, tuple(call.args.values()), call.shared_mem,
            lane=lane, dynamic_limit=self.kernel.max_dynamic_shared_size_bytes, seconds=SECONDS,
        )  # fmt: skip

    def correct(
        self,
        reference: Reference,
        *,
        sizes: Sequence[int] = SIZES,
        length: int | Callable[[int], int] = 1,
        magnitude: Reference | None = None,
    ) -> "Expectation":
        """The kernel computes what the reference does, at every size.

        Args:
            reference: from copies of the arguments to wanted float64 arrays.
            length: terms of the longest sum, or how it follows from the size; with the type of the
                result it gives the tolerance.
            magnitude: what the tolerance is relative to: the sum of absolute values where values
                cancel; by default the wanted values themselves.

        Raises:
            AssertionError: another value, a changed input, or a launch that was given up.
        """
        for size in sizes:
            call = self._call(size, self._rng)
            before = copied(call.args)
            wanted = reference(**copied(before))
            scale = magnitude(**copied(before)) if magnitude else {}
            terms = length(size) if callable(length) else length
            report = self._run(call, Lane.CHECK)
            self._seen.append(report)
            if report.stopped:
                said = report.findings[0].message if report.findings else report.stopped
                raise AssertionError(f"size {size}: the launch was given up: {said}")
            self._compare(size, call, before, wanted, scale, terms)
        return self

    @staticmethod
    def _compare(
        size: int,
        call: Call,
        before: Mapping[str, object],
        wanted: Mapping[str, NDArray[np.float64]],
        scale: Mapping[str, NDArray[np.float64]],
        terms: int,
    ) -> None:
        for name, value in call.args.items():
            if not isinstance(value, np.ndarray):
                continue
            if name not in wanted:
                if value.tobytes() != np.asarray(before[name]).tobytes():
                    raise AssertionError(f"size {size}: {name} was changed and should not be")
            elif error(value, np.asarray(wanted[name], np.float64), terms, scale.get(name)) > 1:
                raise AssertionError(f"size {size}: {name} has wrong values")

    def no_reports(self, *, sizes: Sequence[int] = SIZES) -> "Expectation":
        """The checks find nothing, in the launches so far or else at these sizes.

        Raises:
            AssertionError: they do; with the first finding.
        """
        if not self._seen:
            self._seen = [self._run(self._call(size, self._rng), Lane.CHECK) for size in sizes]
        for report in self._seen:
            if report.findings:
                raise AssertionError(report.findings[0].message)
        return self

    @property
    def report(self) -> Report:
        """The metrics, of one launch."""
        if self._metrics is None:
            self._metrics = self._run(self._call(self._measured, self._rng), Lane.METRICS)
            if self._metrics.stopped:
                raise AssertionError(f"the launch was given up: {self._metrics.stopped}")
        return self._metrics

    def sectors_per_request(
        self, array: str, *, store: bool = False, load: bool = False
    ) -> Measured:
        """32-byte sectors of an average request of a warp to a global array."""
        access = one_of(store, load)
        value = self._asked(self.report.sectors_per_request, array, access)
        return Measured(value, f"sectors per request of {array}{of(access)}")

    def wavefronts(self, array: str, *, store: bool = False, load: bool = False) -> Measured:
        """Passes over the banks of an average request of a warp to a shared array."""
        access = one_of(store, load)
        value = self._asked(self.report.wavefronts_per_request, array, access)
        return Measured(value, f"wavefronts per request of {array}{of(access)}")

    def requests(self, array: str, *, store: bool = False, load: bool = False) -> Measured:
        """Requests of warps to an array."""
        access = one_of(store, load)
        rows = self.report.select(array, access=access)
        return Measured(sum(row.requests for row in rows), f"requests to {array}{of(access)}")

    @staticmethod
    def _asked(
        question: Callable[[str, str | None], float], array: str, access: str | None
    ) -> float:
        try:
            return question(array, access)
        except KeyError as missing:
            raise AssertionError(str(missing.args[0])) from None

    @property
    def global_bytes(self) -> Measured:
        """Bytes in whole sectors to and from global memory."""
        return Measured(self.report.global_bytes, "bytes of global memory")

    @property
    def efficiency(self) -> Measured:
        """Of the lanes of the warps that ran, the share that took part."""
        return Measured(self.report.efficiency or 0.0, "warp execution efficiency")


def one_of(store: bool, load: bool) -> str | None:
    """The kind of access asked for; none: all."""
    return "store" if store and not load else "load" if load and not store else None


def of(access: str | None) -> str:
    """In words."""
    return f" ({access}s)" if access else ""


def expect(
    kernel: Function, call: Caller, *, rng: Random | None = None, measured: int = MEASURED
) -> Expectation:
    """Start expecting something of a kernel.

    Args:
        call: arguments, grid and block for a size.
        rng: where random cases come from; `sixrounds.testing.rng("id")` in hidden tests.
        measured: the size at which metrics are taken.
    """
    return Expectation(kernel, call, rng or np.random.default_rng(0), measured)
