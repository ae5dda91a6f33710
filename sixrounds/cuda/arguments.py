"""The arguments of a launch: checked against the kernel's parameters, and given a place.

Arrays lie in one arena, each on pages of its own with empty space around it. A view keeps its
place within 32-byte sectors; arrays that share memory share a region.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sixrounds.cuda.errors import LaunchError
from sixrounds.cuda.limits import ARRAY_BYTES
from sixrounds.cuda.signature import Parameter

ARENA = 0x1000000000  # as in runtime/engine/machine.h
PAGE = 65536
ALIGNED = 256
AROUND = 4096
POISON = b"\xff" * AROUND
Array = NDArray[np.generic]


@dataclass
class Region:
    """A stretch of the arena that holds one array, or several that overlap."""

    name: str
    start: int  # address in this process
    size: int
    itemsize: int
    arrays: list[Array] = field(default_factory=list)
    at: int = 0  # offset in the arena


@dataclass
class Bound:
    """Arguments ready for a launch: regions, and the bytes of each argument."""

    regions: list[Region]
    values: list[bytes]
    end: int  # bytes of the arena used

    def copy_in(self, arena: memoryview) -> None:
        """Put the arrays where the kernel looks for them."""
        for region in self.regions:
            for array in region.arrays:
                view = self._view(arena, region, array)
                view[...] = array.reshape(-1).view(np.uint8)
            # What is read around an array shows in the result: NaN, or -1.
            end = region.at + region.size
            arena[end : end + AROUND] = arena[region.at - AROUND : region.at] = POISON

    def copy_out(self, arena: memoryview) -> None:
        """Take back what the kernel has written, even through a pointer to const."""
        for region in self.regions:
            for array in region.arrays:
                if array.flags.writeable:
                    array.reshape(-1).view(np.uint8)[...] = self._view(arena, region, array)

    @staticmethod
    def _view(arena: memoryview, region: Region, array: Array) -> NDArray[np.uint8]:
        start = region.at + _address(array) - region.start
        return np.frombuffer(arena, np.uint8, array.nbytes, start)


def copies(args: Iterable[object]) -> list[Any]:
    """The same arguments, arrays copied; what was one array twice is so again."""
    made: dict[int, Array] = {}
    return [
        made.setdefault(id(arg), arg.copy()) if isinstance(arg, np.ndarray) else arg for arg in args
    ]


def bind(kernel: str, parameters: Sequence[Parameter], args: Sequence[object]) -> Bound:
    """Check the arguments of a launch and place them.

    Raises:
        LaunchError: wrong number or type, an array that is not contiguous or not writable.
    """
    if len(args) != len(parameters):
        takes = ", ".join(f"{one.c_type} {one.name}" for one in parameters)
        raise LaunchError(f"{kernel} takes {len(parameters)} arguments ({takes}), got {len(args)}")
    arrays: list[tuple[Parameter, Array]] = []
    for parameter, value in zip(parameters, args, strict=True):
        where = f"{kernel}, argument {parameter.name} ({parameter.c_type})"
        if parameter.pointer:
            arrays.append((parameter, checked_array(where, parameter, value)))
    regions, end = place(arrays)
    values, rest = [], iter(arrays)
    for parameter, value in zip(parameters, args, strict=True):
        if parameter.pointer:
            array = next(rest)[1]
            region = next(one for one in regions if any(array is other for other in one.arrays))
            address = ARENA + region.at + _address(array) - region.start
            values.append(address.to_bytes(8, "little"))
        else:
            where = f"{kernel}, argument {parameter.name} ({parameter.c_type})"
            values.append(scalar(where, parameter, value))
    return Bound(regions, values, end)


def checked_array(where: str, parameter: Parameter, value: object) -> Array:
    """The array for a pointer.

    Raises:
        LaunchError: not an array, of another type, not contiguous, or read-only but written.
    """
    if not isinstance(value, np.ndarray):
        raise LaunchError(f"{where}: a numpy array is needed, got {type(value).__name__}")
    array: Array = value
    wanted = parameter.dtype
    if wanted is not None and parameter.kind != "o" and not _same(array.dtype, wanted, parameter):
        raise LaunchError(f"{where}: an array of {wanted} is needed, got {array.dtype}")
    if not array.flags.c_contiguous:
        raise LaunchError(f"{where}: the array is not contiguous; pass np.ascontiguousarray(…)")
    if not array.flags.writeable and not parameter.const:
        raise LaunchError(f"{where}: the array is read-only; pass a copy, or declare it const")
    whole = parameter.size * parameter.width
    if parameter.kind != "o" and whole and array.nbytes % whole:
        raise LaunchError(
            f"{where}: {array.nbytes} bytes are no whole number of {whole}-byte elements"
        )
    return array


def _same(dtype: np.dtype, wanted: np.dtype, parameter: Parameter) -> bool:
    if parameter.kind == "B" and dtype.name == "bfloat16":
        return True
    # char is signed or not as the compiler likes; so are the bytes of an array.
    both_bytes = (
        dtype.kind in "iu" and wanted.kind in "iu" and dtype.itemsize == wanted.itemsize == 1
    )
    return dtype == wanted or both_bytes


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _phase(array: Array) -> int:
    """Where the array starts within its owner's memory, which the device would align."""
    root: object = array
    while isinstance(root, np.ndarray) and isinstance(root.base, np.ndarray):
        root = root.base
    assert isinstance(root, np.ndarray)
    return (_address(array) - _address(root)) % ALIGNED


def place(arrays: Sequence[tuple[Parameter, Array]]) -> tuple[list[Region], int]:
    """Regions for these arrays; those that share memory in one."""
    regions: list[Region] = []
    phases: dict[int, int] = {}
    for parameter, array in sorted(arrays, key=lambda pair: _address(pair[1])):
        start, last = _address(array), regions[-1] if regions else None
        if last and array.nbytes and start < last.start + last.size:
            last.size = max(last.size, start + array.nbytes - last.start)
            if parameter.name not in last.name.split("/"):
                last.name += f"/{parameter.name}"
            last.itemsize = min(last.itemsize, array.itemsize)
        else:
            last = Region(parameter.name.replace(" ", "_"), start, array.nbytes, array.itemsize)
            phases[id(last)] = _phase(array)
            regions.append(last)
        last.arrays.append(array)
    order = {parameter.name: i for i, (parameter, _) in enumerate(arrays)}
    regions.sort(key=lambda one: order.get(one.name.split("/")[0], 0))
    at = PAGE
    for region in regions:
        region.at = at + phases[id(region)]
        at = -(-(region.at + region.size + 1) // PAGE) * PAGE + PAGE
    if at > ARRAY_BYTES:
        raise LaunchError(f"the arrays take {at / 2**30:.1f} GB; the CPU lanes take at most 8")
    return regions, at


def scalar(where: str, parameter: Parameter, value: object) -> bytes:
    """The bytes of an argument passed by value.

    CuPy copies the bytes of whatever it gets; what would be misread there is refused here.

    Raises:
        LaunchError: another type, or out of range.
    """
    wanted = parameter.dtype
    if wanted is None or parameter.width > 1:
        return _structure(where, parameter, value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, np.generic):
        if value.dtype != wanted and parameter.kind != "B":
            raise LaunchError(f"{where}: got {value.dtype}; pass np.{wanted.name}(…)")
        return value.tobytes()
    if isinstance(value, bool) and parameter.kind == "b":
        return np.bool_(value).tobytes()
    if isinstance(value, float) and parameter.kind == "f" and parameter.size == 8:
        return np.float64(value).tobytes()
    if isinstance(value, int) and not isinstance(value, bool) and parameter.kind in "iu":
        try:
            return np.array(value, dtype=wanted).tobytes()
        except OverflowError:
            raise LaunchError(f"{where}: {value} is out of range") from None
    raise LaunchError(f"{where}: got a Python {type(value).__name__}; pass np.{wanted.name}(…)")


def _structure(where: str, parameter: Parameter, value: object) -> bytes:
    data = value.tobytes() if isinstance(value, np.generic | np.ndarray) else value
    if not isinstance(data, bytes) or len(data) != parameter.bytes:
        got = f"{len(data)} bytes" if isinstance(data, bytes) else type(value).__name__
        raise LaunchError(
            f"{where}: {parameter.bytes} bytes are needed (a numpy record), got {got}"
        )
    return data
