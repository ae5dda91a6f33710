"""How many blocks of a kernel a multiprocessor holds at once, and what keeps it from holding more.

Theoretical occupancy: an upper bound from the sizes alone. It assumes that as much of the L1 cache
as possible serves as shared memory, and that nothing else runs on the multiprocessor.

Sources: CUDA Programming Guide, "Compute Capabilities", table "Technical Specifications per Compute
Capability" (limits); NVIDIA's `cuda_occupancy.h`, part of the CUDA toolkit and of the wheel
nvidia-cuda-runtime (allocation units and rules). Where the wheel is, a test runs that header
against this module.
"""

import math
from dataclasses import dataclass

from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.limits import THREADS_PER_BLOCK, WARP

REGISTERS_PER_THREAD = 255
REGISTERS = 64 * 1024  # per multiprocessor, and at most per block
REGISTER_UNIT = 256  # registers are given to whole warps, in multiples of this
PARTITIONS = 4  # each quarter of a multiprocessor has a quarter of the registers, for its own warps
KIB = 1024


@dataclass(frozen=True)
class Multiprocessor:
    """What one multiprocessor of an architecture has. Shared memory in bytes."""

    warps: int
    blocks: int
    shared: int
    shared_reserved: int  # per block, by CUDA
    shared_unit: int

    @property
    def shared_per_block(self) -> int:
        """What one block can have, if its kernel asks for it."""
        return self.shared - self.shared_reserved


MULTIPROCESSORS = {
    "sm_75": Multiprocessor(32, 16, 64 * KIB, 0, 256),
    "sm_80": Multiprocessor(64, 32, 164 * KIB, KIB, 128),
    "sm_86": Multiprocessor(48, 16, 100 * KIB, KIB, 128),
    "sm_89": Multiprocessor(48, 24, 100 * KIB, KIB, 128),
    "sm_90": Multiprocessor(64, 32, 228 * KIB, KIB, 128),
}


@dataclass(frozen=True)
class Occupancy:
    """The blocks and warps that a multiprocessor holds at once.

    `allowed` has, by resource, the blocks that it alone would allow; what is not used is left out.
    """

    arch: str
    blocks: int
    warps: int
    share: float  # of the warps that the multiprocessor could hold
    allowed: dict[str, int]

    @property
    def limited_by(self) -> tuple[str, ...]:
        """The resources that allow no more: of warps, blocks, registers, shared memory."""
        return tuple(name for name, blocks in self.allowed.items() if blocks == self.blocks)

    def __str__(self) -> str:
        limits = " and ".join(self.limited_by)
        if not self.blocks:
            return f"{self.arch}: no block fits: {limits}"
        blocks = f"{self.blocks} block{'' if self.blocks == 1 else 's'}"
        return (
            f"{self.arch}: {blocks}, {self.warps} of {MULTIPROCESSORS[self.arch].warps} warps "
            f"({100 * self.share:.1f} %), limited by {limits}"
        )


def multiprocessor(arch: str) -> Multiprocessor:
    """The figures of an architecture.

    Raises:
        CudaError: we have none.
    """
    if arch not in MULTIPROCESSORS:
        raise CudaError(f"no figures for architecture {arch!r}; use {', '.join(MULTIPROCESSORS)}")
    return MULTIPROCESSORS[arch]


def occupancy(registers: int, shared_bytes: int, threads: int, arch: str = "sm_80") -> Occupancy:
    """The occupancy of a kernel.

    Args:
        registers: per thread.
        shared_bytes: per block, static and dynamic together, without what CUDA reserves.
        threads: per block.
        arch: such as "sm_80".

    Raises:
        CudaError: a number that no kernel can have, or an architecture we have no figures for.
    """
    has = multiprocessor(arch)
    for name, value, least, most in (
        ("registers", registers, 0, REGISTERS_PER_THREAD),
        ("threads", threads, 1, THREADS_PER_BLOCK),
        ("shared_bytes", shared_bytes, 0, math.inf),
    ):
        if not least <= value <= most:
            upper = "" if most == math.inf else f" and at most {most}"
            raise CudaError(f"{name}={value}: it is at least {least}{upper}")
    warps = -(-threads // WARP)
    each = {
        "warps": has.warps // warps,
        "blocks": has.blocks,
        "registers": _by_registers(registers, warps),
        "shared memory": _by_shared(shared_bytes, has),
    }
    allowed = {name: blocks for name, blocks in each.items() if blocks is not None}
    blocks = min(allowed.values())
    return Occupancy(arch, blocks, blocks * warps, blocks * warps / has.warps, allowed)


def most_threads(registers: int) -> int:
    """The largest block that a kernel with so many registers per thread can be launched with."""
    fitting = (n for n in range(THREADS_PER_BLOCK, 0, -WARP) if _fits(registers, n // WARP))
    return next(fitting, 0)


def _per_warp(registers: int) -> int:
    return _rounded(registers * WARP, REGISTER_UNIT)


def _fits(registers: int, warps: int) -> bool:
    """Whether one block's registers fit: the device counts as if each partition had equally many
    warps."""
    return _per_warp(registers) * _rounded(warps, PARTITIONS) <= REGISTERS


def _by_registers(registers: int, warps: int) -> int | None:
    if not registers:
        return None
    if not _fits(registers, warps):
        return 0
    return REGISTERS // PARTITIONS // _per_warp(registers) * PARTITIONS // warps


def _by_shared(shared_bytes: int, has: Multiprocessor) -> int | None:
    taken = _rounded(shared_bytes + has.shared_reserved, has.shared_unit)
    return has.shared // taken if taken else None


def _rounded(number: int, unit: int) -> int:
    return -(-number // unit) * unit
