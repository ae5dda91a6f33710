"""Kernels that run in another process: what crosses is plain data, and both ends of it are here.

The grader runs a learner's kernel in its jail, and judges the arrays and the report outside of it.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sixrounds.cuda import limits
from sixrounds.cuda.arguments import copies
from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.report import Report

COMPILE_SECONDS = 20  # a kernel of an exercise takes one or two
_refused: dict[tuple[str, str], str] = {}  # by text and how it is compiled: what was said
_modules: dict[tuple[int, str], Any] = {}  # by number and lane: built, and looked at


@dataclass(frozen=True)
class Request:
    """One launch, whole: module, text, kernel, sizes, arguments, lane."""

    module: int  # tells modules of the same text apart
    code: str
    options: tuple[str, ...]
    name_expressions: tuple[str, ...]
    filename: str
    name: str
    grid: object
    block: object
    args: Sequence[object]
    shared_mem: int
    lane: Lane
    dynamic_limit: int = limits.SHARED_BYTES
    seconds: float = limits.SECONDS
    accesses: int = limits.ACCESSES

    def plain(self) -> dict[str, Any]:
        """As numbers, text, lists and arrays."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return data | {
            "options": list(self.options),
            "name_expressions": list(self.name_expressions),
            "args": [np.asarray(arg) if isinstance(arg, np.generic) else arg for arg in self.args],
            "lane": self.lane.value,
        }


Ask = Callable[[dict[str, Any]], Mapping[str, Any]]
_elsewhere: Ask | None = None


def run_elsewhere(ask: Ask | None) -> None:
    """Have every launch of a CPU lane served where `ask` takes it; None: here again."""
    global _elsewhere  # noqa: PLW0603  one grader per process
    _elsewhere = ask


def is_elsewhere() -> bool:
    """Whether launches are served in another process: that of a grader."""
    return _elsewhere is not None


def asked_elsewhere(request: Request) -> Report | None:
    """The report of a launch in the other process, its arrays copied back; None: run it here.

    Raises:
        CudaError: what the other process refused, or it sent something else than was asked for.
    """
    if _elsewhere is None:
        return None
    reply = _elsewhere(request.plain())
    try:
        if "error" in reply:
            raise CudaError(str(reply["error"]))
        report = Report.from_json(reply["report"], request.code, request.filename)
        arrays = list(reply["arrays"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CudaError(f"{request.name}: the other process sent no report") from None
    mine = [arg for arg in request.args if isinstance(arg, np.ndarray) and arg.ndim > 0]
    same = len(arrays) == len(mine) and all(
        isinstance(there, np.ndarray) and (there.dtype, there.shape) == (here.dtype, here.shape)
        for here, there in zip(mine, arrays, strict=False)
    )
    if not same:
        raise CudaError(f"{request.name}: the other process sent other arrays than it got")
    for here, there in zip(mine, arrays, strict=True):
        if here.flags.writeable:
            here[...] = there
    return report


def warm() -> None:
    """Build the engine now, for the processes that will be forked from this one.

    They find it on a shelf that they only read, wherever their own home is. Without a compiler
    nothing is done: each launch will say so.
    """
    from sixrounds.cuda import build, cache, compilers  # noqa: PLC0415  see `serve`

    try:
        build.engine(compilers.compiler())
    except CudaError:
        return
    os.environ[cache.SHELF] = str(cache.folder())
    os.environ[build.LIMIT] = str(COMPILE_SECONDS)


def serve(request: Mapping[str, Any]) -> dict[str, Any]:
    """The other end: refuse what is unsafe, launch the rest; a report and the arrays, or an error.

    Nothing that this process knows goes into the reply but what the launch made.
    """
    try:
        module = module_of(request)
        args = copies(request["args"])
        report = module.launch_here(
            str(request["name"]),
            request["grid"],
            request["block"],
            args,
            int(request["shared_mem"]),
            lane=Lane(request["lane"]),
            dynamic_limit=int(request["dynamic_limit"]),
            seconds=float(request["seconds"]),
            accesses=int(request["accesses"]),
            strict=True,
        )
    except CudaError as error:
        return {"error": str(error)}
    arrays = [
        after for after, before in zip(args, request["args"], strict=True)
        if isinstance(before, np.ndarray) and before.ndim > 0
    ]  # fmt: skip
    return {"report": report.json(), "arrays": arrays}


def module_of(request: Mapping[str, Any]) -> Any:
    """The module of a request: the same for all its launches, since globals outlive a launch.

    Raises:
        CudaError: it cannot be built, or could go around the engine.
    """
    from sixrounds.cuda.api import RawModule  # noqa: PLC0415  it asks this module
    from sixrounds.cuda.safety import refuse_object, refuse_text  # noqa: PLC0415

    code, lane = str(request["code"]), Lane(request["lane"])
    key = int(request["module"]), lane.value
    if key in _modules:
        return _modules[key]
    text = code, f"{request['options']} {request['name_expressions']}"
    if text in _refused:  # it may have taken long
        raise CudaError(_refused[text])
    module = RawModule(
        code, options=request["options"], name_expressions=request["name_expressions"],
        filename=request["filename"],
    )  # fmt: skip
    try:
        refuse_text(code, module.filename)
        refuse_object(module.built(lane))
    except CudaError as error:
        _refused[text] = str(error)
        raise
    _modules[key] = module
    return module
