"""The sizes of a launch, checked before it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sixrounds.cuda import limits
from sixrounds.cuda.build import Variable
from sixrounds.cuda.errors import LaunchError

Size = tuple[int, int, int]


@dataclass(frozen=True)
class Geometry:
    """Blocks, threads of a block, dynamic shared bytes."""

    grid: Size
    block: Size
    shared: int

    @property
    def threads(self) -> int:
        """Threads of a block."""
        return self.block[0] * self.block[1] * self.block[2]


def geometry(kernel: str, grid: object, block: object, shared: int) -> Geometry:
    """The sizes as three numbers each.

    Raises:
        LaunchError: zero, too large, or no sizes at all.
    """
    g, b = _size(kernel, "grid", grid), _size(kernel, "block", block)
    threads = b[0] * b[1] * b[2]
    if threads > limits.THREADS_PER_BLOCK:
        most = limits.THREADS_PER_BLOCK
        raise LaunchError(f"{kernel}: block {b} has {threads} threads; a block has at most {most}")
    for what, size, most_each in (
        ("grid", g, limits.GRID_DIMENSIONS),
        ("block", b, limits.BLOCK_DIMENSIONS),
    ):
        for axis, value, limit in zip("xyz", size, most_each, strict=True):
            if value > limit:
                raise LaunchError(
                    f"{kernel}: {what}.{axis} is {value}; at most {limit} are allowed"
                )
    if not isinstance(shared, int) or shared < 0:
        raise LaunchError(f"{kernel}: shared_mem={shared!r} is no number of bytes")
    return Geometry(g, b, shared)


def _size(kernel: str, what: str, value: object) -> Size:
    numbers = tuple(value) if isinstance(value, Iterable) else (value,)
    whole = [int(n) for n in numbers if hasattr(n, "__index__")]
    if not 1 <= len(numbers) <= 3 or len(whole) != len(numbers):
        raise LaunchError(f"{kernel}: {what}={value!r}; one to three whole numbers are needed")
    if min(whole) < 1:
        raise LaunchError(f"{kernel}: {what}={tuple(whole)}; every size must be at least 1")
    x, y, z = (*whole, 1, 1)[:3]
    return x, y, z


def shared_of(kernel: str, shared: Iterable[Variable], others: Iterable[str]) -> list[Variable]:
    """The shared arrays that a kernel may use: all but those declared in other kernels."""
    elsewhere = {re.sub("<.*", "", other) for other in others} - {re.sub("<.*", "", kernel)}
    return [one for one in shared if one.function not in elsewhere]


def check_shared(kernel: str, arrays: Iterable[Variable], sizes: Geometry, allowed: int) -> None:
    """Whether a block's shared memory fits.

    Raises:
        LaunchError: too much.
    """
    static = sum(one.size for one in arrays if not one.dynamic)
    if static > limits.SHARED_BYTES:
        raise LaunchError(
            f"{kernel}: its __shared__ arrays take {static} bytes; "
            f"at most {limits.SHARED_BYTES} are allowed"
        )
    if allowed > limits.SHARED_BYTES_OPT_IN:
        raise LaunchError(
            f"{kernel}: max_dynamic_shared_size_bytes is {allowed}; "
            f"at most {limits.SHARED_BYTES_OPT_IN}"
        )
    total, most = sizes.shared + static, limits.SHARED_BYTES
    if allowed > limits.SHARED_BYTES:
        most = min(static + allowed, limits.SHARED_BYTES_OPT_IN)
    if total > most:
        raise LaunchError(
            f"{kernel}: {sizes.shared} dynamic and {static} static bytes of shared memory; "
            f"more than {most} need kernel.max_dynamic_shared_size_bytes = {sizes.shared}"
        )
