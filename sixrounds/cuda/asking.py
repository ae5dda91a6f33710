"""What a test asks of a kernel in one launch, and what can be seen of the answer.

Two answers that make the same mistake are seen alike: the kinds of reports, the places of wrong
values (not the values, which rounding changes), the ratios of the metrics. The grader keeps what
is seen for its hints; a question has a plain form, so that it can be shipped and asked again.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sixrounds.cuda.api import RawModule
from sixrounds.cuda.arguments import copies
from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.judging import wrong
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.limits import SHARED_BYTES
from sixrounds.cuda.metrics import ACCESSES as ACCESS
from sixrounds.cuda.metrics import Row, total
from sixrounds.cuda.report import Report
from sixrounds.cuda.text import declared

Doubles = NDArray[np.float64]
# A launch of a test is small: a loop that never ends is stopped soon.
SECONDS = 5.0
ACCESSES = 50_000_000


@dataclass(frozen=True)
class Asked:
    """One launch, whole, and what it must compute.

    `args` are by name, in the kernel's order, as they are before the launch. `wanted` has the
    arrays that it must change; of the others nothing may change. `scale` is what rounding errors
    are relative to, `terms` the length of the longest sum.
    """

    kernel: str
    grid: object
    block: object
    args: Mapping[str, object]
    lane: Lane
    shared_mem: int = 0
    dynamic_limit: int = SHARED_BYTES
    options: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    wanted: Mapping[str, Doubles] = field(default_factory=dict)
    scale: Mapping[str, Doubles] = field(default_factory=dict)
    terms: int = 1

    def launch(self, module: RawModule) -> tuple[Report, dict[str, Any]]:
        """The report, and the arguments as they are afterwards, by our names.

        Raises:
            CudaError: the kernel cannot be built or launched.
        """
        args = copied(self.args)
        report = module.launch(
            self.kernel, self.grid, self.block, tuple(args.values()), self.shared_mem,
            lane=self.lane, dynamic_limit=self.dynamic_limit, seconds=SECONDS, accesses=ACCESSES,
        )  # fmt: skip
        return report, args

    def faults(self, after: Mapping[str, Any]) -> dict[str, NDArray[np.bool_]]:
        """Of each array, which elements are wrong: values, or inputs that were changed."""
        written = [id(after[name]) for name in self.wanted]
        found = {}
        for name, value in after.items():
            if not isinstance(value, np.ndarray) or value.ndim == 0:
                continue
            if name in self.wanted:
                found[name] = wrong(value, self.wanted[name], self.terms, self.scale.get(name))
            elif id(value) not in written:  # else it is the output, too
                found[name] = changed(value, np.asarray(self.args[name]))
        return found

    def seen(self, module: RawModule, report: Report, after: Mapping[str, Any]) -> list[Any]:
        """What tells this answer from others, as plain data."""
        bad = self.faults(after) if self.wanted else {}
        places = {name: np.packbits(mask).tobytes() for name, mask in bad.items() if mask.any()}
        kinds = {f"{one.kind}{' once' if one.count == 1 else ''}" for one in report.findings}
        return [sorted(kinds), bool(report.stopped), places, self._traffic(module, report)]

    def _traffic(self, module: RawModule, report: Report) -> dict[str, list[float]]:
        """Of each global array, and of all shared memory: cost and order of size of requests."""
        if self.lane is not Lane.METRICS:
            return {}
        named = parameter_names(module, self.kernel, self.args)
        found = {}
        for access in ACCESS:
            rows = [row for row in report.rows if row.access == access]
            for name, theirs in named.items():
                mine = [row for row in rows if theirs in row.array.split("/")]
                mine = [row for row in mine if row.space == "global"]
                found[f"{name} {access}"] = cost(mine, "sectors")
            shared = [row for row in rows if row.space == "shared"]
            found[f"shared {access}"] = cost(shared, "wavefronts")
        return {what: numbers for what, numbers in found.items() if numbers}

    @property
    def key(self) -> list[Any]:
        """What tells this question from others."""
        return [self.kernel, self.lane.value, self.shared_mem, str(self.grid), str(self.block),
                [list(pair) for pair in plain(self.args).items()]]  # fmt: skip

    def step(self) -> dict[str, Any]:
        """The question as plain data.

        Traffic does not depend on what floats are, so that their values are left out there.
        """
        args = plain(self.args)
        if self.lane is Lane.METRICS:
            args = {name: without_floats(value) for name, value in args.items()}
        return {
            "kernel": self.kernel,
            "grid": self.grid,
            "block": self.block,
            "args": args,
            "lane": self.lane.value,
            "shared_mem": self.shared_mem,
            "dynamic_limit": self.dynamic_limit,
            "options": list(self.options),
            "expressions": list(self.expressions),
            "wanted": plain(self.wanted),
            "scale": plain(self.scale),
            "terms": self.terms,
        }

    @staticmethod
    def of(step: Mapping[str, Any]) -> "Asked":
        """The question that `step` made plain."""
        arrays = {name: unplain(step[name]) for name in ("args", "wanted", "scale")}
        lists = {name: tuple(step[name]) for name in ("options", "expressions")}
        sizes = {name: sized(step[name]) for name in ("grid", "block")}
        return Asked(**{**step, **arrays, **lists, **sizes, "lane": Lane(step["lane"])})

    def ask(self, code: str) -> Any:
        """What is seen of a kernel's text in this launch, or the kind of its error."""
        try:
            module = RawModule(code, options=self.options, name_expressions=self.expressions)
            report, after = self.launch(module)
        except CudaError as error:
            return type(error).__name__
        return self.seen(module, report, after)


Observer = Callable[[Asked, Any], None]
_observer: Observer | None = None


def observe(observer: Observer | None) -> None:
    """Tell the grader of every launch that `expect` makes: what was asked, what was seen."""
    global _observer  # noqa: PLW0603  one grader per process
    _observer = observer


def observed(asked: Asked, module: RawModule) -> tuple[Report, dict[str, Any]]:
    """Launch, and tell the observer what came.

    Raises:
        CudaError: the kernel cannot be built or launched.
    """
    try:
        report, after = asked.launch(module)
    except CudaError as error:
        if _observer is not None:
            _observer(asked, type(error).__name__)
        raise
    if _observer is not None:
        _observer(asked, asked.seen(module, report, after))
    return report, after


def cost(rows: Sequence[Row], column: str) -> list[float]:
    """A column per request, and how many requests there are as a power of two; [] without any."""
    requests = total(rows, "requests")
    return [round(total(rows, column) / requests, 1), requests.bit_length()] if requests else []


def parameter_names(module: RawModule, kernel: str, args: Mapping[str, object]) -> dict[str, str]:
    """Our names of a kernel's arguments, and its own: a learner may call them otherwise."""
    known = declared(module.code).get(re.sub("<.*", "", kernel))
    if known is None or len(known.parameters) != len(args):
        return {name: f"argument_{place}" for place, name in enumerate(args)}
    return dict(zip(args, known.parameters, strict=True))


def copied(args: Mapping[str, object]) -> dict[str, Any]:
    """The same arguments, arrays copied; one that is passed twice stays one."""
    return dict(zip(args, copies(args.values()), strict=True))


def changed(after: NDArray[Any], before: NDArray[Any]) -> NDArray[np.bool_]:
    """Which elements have other bytes than before."""
    width = after.dtype.itemsize
    now, then = (one.reshape(-1).view(np.uint8).reshape(-1, width) for one in (after, before))
    different: NDArray[np.bool_] = (now != then).any(axis=1)
    return different


def plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Arrays and numbers by name: type, shape and bytes; or the name of the same array before."""
    found: dict[str, Any] = {}
    names: dict[int, str] = {}
    for name, value in values.items():
        array = np.asarray(value)
        if array.ndim and id(value) in names:
            found[name] = names[id(value)]
            continue
        names[id(value)] = name
        content = base64.b64encode(array.tobytes()).decode()  # in C order
        found[name] = [str(array.dtype), list(array.shape), content]
    return found


def unplain(values: Mapping[str, Any]) -> dict[str, Any]:
    """What `plain` was given; numbers as numpy's, values that were left out as 0."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, str):
            found[name] = found[value]
            continue
        kind, shape, content = value
        array = np.zeros(shape, np.dtype(kind))
        if content:
            array = np.frombuffer(base64.b64decode(content), array.dtype).reshape(shape).copy()
        found[name] = array if shape else array[()]
    return found


def without_floats(value: Any) -> Any:
    """What `plain` made of a value, without the bytes of an array of floats."""
    if isinstance(value, list) and value[0].startswith("float") and value[1]:
        return [*value[:2], ""]
    return value


def sized(value: object) -> object:
    """A grid or block from JSON, which has no tuples."""
    return tuple(value) if isinstance(value, list) else value
