"""What ptxas says about the kernels it compiled, read from its log; names as CuPy's attributes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sixrounds.cuda.limits import THREADS_PER_BLOCK
from sixrounds.cuda.occupancy import Occupancy, most_threads, occupancy

KERNEL = re.compile(r"Compiling entry function '([^']+)' for '(sm_\w+)'")
STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")
BOUND = re.compile(r"\.entry\s+([\w$]+)\s*(?:\([^)]*\))?([^{;]*)\{")


@dataclass(frozen=True)
class Resources:
    """What a kernel takes on one architecture. Sizes in bytes.

    `shared_size_bytes` is static: a launch adds what it asks for. `local_size_bytes` is per thread:
    the stack, in slow memory. `const_size_bytes` is what the module declares `__constant__`.
    `max_threads_per_block` is what launch bounds and registers allow.
    """

    arch: str
    num_regs: int
    shared_size_bytes: int
    local_size_bytes: int
    const_size_bytes: int
    max_threads_per_block: int
    spill_store_bytes: int
    spill_load_bytes: int

    @property
    def spills(self) -> bool:
        """Whether registers did not suffice."""
        return bool(self.spill_store_bytes or self.spill_load_bytes)

    def occupancy(self, threads: int, shared_mem: int = 0) -> Occupancy:
        """The occupancy in blocks of so many threads, with so much dynamic shared memory.

        Raises:
            CudaError: as in `occupancy`.
        """
        return occupancy(self.num_regs, self.shared_size_bytes + shared_mem, threads, self.arch)


def resources(arch: str, log: str, ptx: str) -> dict[str, Resources]:
    """The resources of each kernel by its symbol.

    Args:
        log: what ptxas says with -v.
        ptx: what it compiled, which has the launch bounds.
    """
    constant = _number(log, r"(\d+) bytes cmem\[3\]")
    bounds = {name: _threads(text) for name, text in BOUND.findall(ptx)}
    found = {}
    for name, text in _kernels(log):
        stack, stores, loads = (int(n) for n in STACK.findall(text)[0])
        registers = int(USED.findall(text)[0])
        found[name] = Resources(
            arch=arch,
            num_regs=registers,
            shared_size_bytes=_number(text, r"(\d+) bytes smem"),
            local_size_bytes=max(stack, _number(text, r"(\d+) bytes cumulative stack size")),
            const_size_bytes=constant,
            max_threads_per_block=min(bounds.get(name, THREADS_PER_BLOCK), most_threads(registers)),
            spill_store_bytes=stores,
            spill_load_bytes=loads,
        )
    return found


def _kernels(log: str) -> Iterator[tuple[str, str]]:
    """Each kernel's symbol, and the part of the log that is about it."""
    starts = list(KERNEL.finditer(log))
    ends = [found.start() for found in starts[1:]] + [len(log)]
    for found, end in zip(starts, ends, strict=True):
        yield found[1], log[found.end() : end]


def _number(text: str, pattern: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def _threads(directives: str) -> int:
    """The threads that launch bounds allow."""
    found = re.search(r"\.(?:max|req)ntid\s+(\d+)(?:\s*,\s*(\d+))?(?:\s*,\s*(\d+))?", directives)
    if not found:
        return THREADS_PER_BLOCK
    x, y, z = (int(n) if n else 1 for n in found.groups())
    return x * y * z
