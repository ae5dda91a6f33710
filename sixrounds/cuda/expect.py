"""What a kernel is graded by: right values, no reports, few sectors and wavefronts.

    def call(size, rng):
        x = numbers(rng, size)
        return Call(over(size, 256), 256, {"x": x, "out": np.zeros_like(x), "n": np.int32(size)})

    expect(kernel, call).correct(lambda x, **_: {"out": 2.0 * x}).no_reports()
    expect(kernel, call).sectors_per_request("out", store=True) <= 4.5

Arguments go by our names and in the kernel's order: a learner may name parameters otherwise.
Every comparison that does not hold raises Mismatch, with a message for the learner.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sixrounds.cuda.api import Function
from sixrounds.cuda.asking import Asked, copied, observed, parameter_names
from sixrounds.cuda.finding import KINDS
from sixrounds.cuda.judging import Random
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.metrics import Row, total
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


class Mismatch(AssertionError):  # noqa: N818  a failed test, named like one
    """A kernel that does something else. `kind` may be shown; the text may hold data, too."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind


class Measured(float):
    """A number with what it is; a comparison that does not hold raises Mismatch."""

    what: str

    def __new__(cls, value: float, what: str) -> "Measured":
        made = super().__new__(cls, value)
        made.what = what
        return made

    def _must(self, holds: bool, sign: str, bound: object) -> bool:
        if not holds:
            said = f"{self.what}: {float(self):g}, which should be {sign} {bound}"
            raise Mismatch(self.what, said)
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


class Expectation:
    """A kernel, how it is called for a size, and the reports of the calls so far."""

    def __init__(self, kernel: Function, call: Caller, rng: Random, measured: int) -> None:
        self.kernel = kernel
        self._call = call
        self._rng = rng
        self._measured = measured
        self._names: dict[str, str] = {}  # ours of the arguments, and the kernel's own
        self._seen: list[Report] = []
        self._metrics: Report | None = None

    def _asked(self, size: int, lane: Lane) -> Asked:
        call = self._call(size, self._rng)
        module = self.kernel.module
        self._names = parameter_names(module, self.kernel.name, call.args)
        return Asked(
            self.kernel.name, call.grid, call.block, call.args, lane, call.shared_mem,
            self.kernel.max_dynamic_shared_size_bytes, module.options, module.name_expressions,
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

        All sizes are tried before the first fault is raised, so that a diagnosis sees them all;
        only a launch that took all its time is the last.

        Args:
            reference: from copies of the arguments to wanted float64 arrays.
            length: terms of the longest sum, or how it follows from the size; with the type of the
                result it gives the tolerance.
            magnitude: what the tolerance is relative to: the sum of absolute values where values
                cancel; by default the wanted values themselves.

        Raises:
            Mismatch: another value, a changed input, or a launch that was given up.
            CudaError: the kernel cannot be built or launched.
        """
        first: Mismatch | None = None
        for size in sizes:
            terms = length(size) if callable(length) else length
            asked = self._asked(size, Lane.CHECK)
            wanted = doubles(reference(**copied(asked.args)))
            scale = doubles(magnitude(**copied(asked.args))) if magnitude else {}
            asked = replace(asked, wanted=wanted, scale=scale, terms=terms)
            report, after = observed(asked, self.kernel.module)
            self._seen.append(report)
            first = first or fault(size, asked, report, after)
            if report.stopped and "endless-loop" in report.kinds:
                break
        if first is not None:
            raise first
        return self

    def no_reports(self, *, sizes: Sequence[int] = SIZES) -> "Expectation":
        """The checks find nothing, in the launches so far or else at these sizes.

        Raises:
            Mismatch: they do; with the first finding.
            CudaError: the kernel cannot be built or launched.
        """
        if not self._seen:
            asked = [self._asked(size, Lane.CHECK) for size in sizes]
            self._seen = [observed(one, self.kernel.module)[0] for one in asked]
        for report in self._seen:
            if report.findings:
                raise Mismatch(reported(report), report.findings[0].message)
        return self

    @property
    def report(self) -> Report:
        """The metrics, of one launch."""
        if self._metrics is None:
            asked = self._asked(self._measured, Lane.METRICS)
            self._metrics, _ = observed(asked, self.kernel.module)
            if self._metrics.stopped:
                said = f"the launch was given up: {self._metrics.stopped}"
                raise Mismatch("the launch was given up", said)
        return self._metrics

    def sectors_per_request(
        self, array: str, *, store: bool = False, load: bool = False
    ) -> Measured:
        """32-byte sectors of an average request of a warp to a global array."""
        access = one_of(store, load)
        rows = self._rows("global", array, access)
        what = f"sectors per request of {array}{of(access)}"
        return Measured(ratio(rows, "sectors", what), what)

    def wavefronts(
        self, array: str | None = None, *, store: bool = False, load: bool = False
    ) -> Measured:
        """Passes over the banks of an average request of a warp to shared memory.

        Of one array by the learner's name, or of all shared memory.
        """
        access = one_of(store, load)
        rows = self._rows("shared", array, access)
        what = f"wavefronts per request of {array or 'shared memory'}{of(access)}"
        return Measured(ratio(rows, "wavefronts", what), what)

    def requests(self, array: str, *, store: bool = False, load: bool = False) -> Measured:
        """Requests of warps to a global array."""
        access = one_of(store, load)
        rows = self._rows("global", array, access)
        return Measured(total(rows, "requests"), f"requests to {array}{of(access)}")

    def shared_requests(self) -> Measured:
        """Requests of warps to all shared memory."""
        rows = self._rows("shared", None, None)
        return Measured(total(rows, "requests"), "requests to shared memory")

    def shared_wavefronts(self) -> Measured:
        """Passes over the banks of all requests of warps to shared memory."""
        rows = self._rows("shared", None, None)
        return Measured(total(rows, "wavefronts"), "wavefronts of shared memory")

    def _rows(self, space: str, array: str | None, access: str | None) -> tuple[Row, ...]:
        """The rows of an array, by our name of it if it is an argument.

        Raises:
            Mismatch: the kernel does not use it.
        """
        report = self.report
        try:
            theirs = self._names.get(array, array) if array else None
            return report.select(theirs, space=space, access=access)
        except KeyError as missing:
            raise Mismatch(f"no access to {array}", str(missing.args[0])) from None

    @property
    def global_bytes(self) -> Measured:
        """Bytes in whole sectors to and from global memory."""
        return Measured(self.report.global_bytes, "bytes of global memory")

    @property
    def efficiency(self) -> Measured:
        """Of the lanes of the warps that ran, the share that took part."""
        return Measured(self.report.efficiency or 0.0, "warp execution efficiency")


def doubles(arrays: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """What a reference returns, as float64 arrays."""
    return {name: np.asarray(value, np.float64) for name, value in arrays.items()}


def fault(size: int, asked: Asked, report: Report, after: Mapping[str, Any]) -> Mismatch | None:
    """What is wrong with a launch at a size, if anything.

    Its text has the launch's numbers and the first report beside wrong values: that is often why.
    """
    found = f"; the checks report: {report.findings[0].message}" if report.findings else ""
    if report.stopped:
        said = f"size {size}: the launch was given up"
        return Mismatch(said, said + (found or f": {report.stopped}"))
    for name, bad in asked.faults(after).items():
        if bad.any():
            what = "has wrong values" if name in asked.wanted else "was changed and should not be"
            place = np.unravel_index(int(np.argmax(bad)), np.shape(after[name]))
            first = ", ".join(map(str, map(int, place)))
            with_ = f"{case(asked)}: {bad.sum():,} of {bad.size:,}, the first at [{first}]{found}"
            return Mismatch(f"size {size}: {name} {what}", f"size {size}: {name} {what} ({with_})")
    return None


def case(asked: Asked) -> str:
    """A launch's whole numbers and sizes, in a few words."""
    numbers = [f"{name} = {value}" for name, value in asked.args.items() if is_whole(value)]
    return ", ".join([*numbers, f"grid {asked.grid}, block {asked.block}"])


def is_whole(value: object) -> bool:
    """Whether an argument is a whole number, such as a size."""
    return isinstance(value, int | np.integer)


def reported(report: Report) -> str:
    """The kind of a report's first finding: no words that a kernel could have put there."""
    kind = report.findings[0].kind
    return f"the checks report {kind}" if kind in KINDS else "the checks report a fault"


def ratio(rows: Sequence[Row], column: str, what: str) -> float:
    """A column per request.

    Raises:
        Mismatch: there is no request, so that any bound would hold.
    """
    requests = total(rows, "requests")
    if not requests:
        raise Mismatch(f"{what}: there are none", f"{what}: there are no such requests")
    return total(rows, column) / requests


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
