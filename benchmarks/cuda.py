"""Seconds per lane of the reference kernels, beside Numba's CUDA simulator, in one run.

    python benchmarks/cuda.py [--json] [--only matmul_tiled] [--no-rival] [--size 64]

Same kernels, same data, same sizes. A launch's seconds are of the whole call: helper process,
arrays there and back, report. Compiling comes before and is reported apart. The simulator is slow:
it runs the sizes that are marked for it only; larger ones are not extrapolated.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from sixrounds.cuda import cache
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.operators import OPERATORS, Operator

LANES = (Lane.FAST, Lane.CHECK, Lane.METRICS)
REPEATS = 3
# Kernel: sizes; those that the simulator runs, too, come first.
SIZES = {
    "vector_add": (16384, 1 << 20),
    "transpose_padded": (128, 1024),
    "reduce_sequential": (4096, 1 << 20),
    "matmul_naive": (64, 256),
    "matmul_tiled": (64, 256),
    "histogram_shared": (4096, 1 << 20),
    "softmax_online": (1024, 1 << 14),
    "int8_gemm_tiled": (64, 256),
    "spmv_vector": (256, 1 << 14),
}
RIVALS = ("vector_add", "transpose_padded", "matmul_naive", "matmul_tiled")


@dataclass
class Row:
    """Best seconds of each lane for a kernel and size, and of the rival where it ran."""

    kernel: str
    size: int
    fast: float
    check: float
    metrics: float
    accesses: int
    compile_s: float
    numba_simulator: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times faster the checked lane is than the simulator."""
        return self.numba_simulator / self.check if self.numba_simulator else None


def best(run: Callable[[], float]) -> float:
    """The shortest of a few runs."""
    return min(run() for _ in range(REPEATS))


def measured(operator: Operator, kernel: str, size: int) -> Row:
    """Every lane of a kernel at a size."""
    module, seconds, accesses = operator.module(), {}, 0
    began = time.perf_counter()
    for lane in LANES:
        module.built(lane)
    compiled = time.perf_counter() - began
    for lane in LANES:
        found = []

        def run(lane: Lane = lane, found: list[int] = found) -> float:
            problem = operator.problem(kernel, size, np.random.default_rng(0))
            args = tuple(problem.args.values())
            began = time.perf_counter()
            report = module.launch(
                kernel,
                problem.grid,
                problem.block,
                args,
                problem.shared_mem,
                lane=lane,
                seconds=300,
            )
            took = time.perf_counter() - began
            if report.stopped or report.findings or problem.worst() > 1:
                raise RuntimeError(f"{kernel}, size {size}, lane {lane.value}: {report}")
            found.append(report.accesses)
            return took

        seconds[lane.value] = best(run)
        accesses = max(accesses, found[0])
    return Row(kernel, size, accesses=accesses, compile_s=compiled, **seconds)


def simulated(kernel: str, size: int) -> float | None:
    """Seconds of Numba's simulator, in a process of its own; None if Numba is not there."""
    ran = subprocess.run(
        [sys.executable, __file__, "--simulate", kernel, str(size)],
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    if ran.returncode:
        print(f"{kernel}: the simulator failed: {ran.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    return float(ran.stdout.split()[-1])


def simulate(kernel: str, size: int) -> float:
    """Run one kernel in the simulator; the same algorithm, checked against the same answer."""
    # The simulator looks for its own `cuda` among a kernel's global names.
    global cuda, numba  # noqa: PLW0603
    import numba  # noqa: PLC0415  only in this process
    from numba import cuda  # noqa: PLC0415

    tile = 16

    @cuda.jit
    def vector_add(a, b, out, n):  # type: ignore[no-untyped-def]
        i = cuda.grid(1)
        if i < n:
            out[i] = a[i] + b[i]

    @cuda.jit
    def transpose_padded(source, out, rows, cols):  # type: ignore[no-untyped-def]
        shared = cuda.shared.array((32, 33), numba.float32)
        x = cuda.blockIdx.x * 32 + cuda.threadIdx.x
        y = cuda.blockIdx.y * 32 + cuda.threadIdx.y
        for j in range(0, 32, 8):
            if x < cols and y + j < rows:
                shared[cuda.threadIdx.y + j, cuda.threadIdx.x] = source[y + j, x]
        cuda.syncthreads()
        x = cuda.blockIdx.y * 32 + cuda.threadIdx.x
        y = cuda.blockIdx.x * 32 + cuda.threadIdx.y
        for j in range(0, 32, 8):
            if x < rows and y + j < cols:
                out[y + j, x] = shared[cuda.threadIdx.x, cuda.threadIdx.y + j]

    @cuda.jit
    def matmul_naive(a, b, c, m, n, k):  # type: ignore[no-untyped-def]
        col, row = cuda.grid(2)
        if row < m and col < n:
            total = numba.float32(0)
            for i in range(k):
                total += a[row, i] * b[i, col]
            c[row, col] = total

    @cuda.jit
    def matmul_tiled(a, b, c, m, n, k):  # type: ignore[no-untyped-def]
        tile_a = cuda.shared.array((tile, tile), numba.float32)
        tile_b = cuda.shared.array((tile, tile), numba.float32)
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        col, row = cuda.blockIdx.x * tile + x, cuda.blockIdx.y * tile + y
        total = numba.float32(0)
        for start in range(0, k, tile):
            tile_a[y, x] = a[row, start + x] if row < m and start + x < k else 0
            tile_b[y, x] = b[start + y, col] if start + y < k and col < n else 0
            cuda.syncthreads()
            for i in range(tile):
                total += tile_a[y, i] * tile_b[i, x]
            cuda.syncthreads()
        if row < m and col < n:
            c[row, col] = total

    kernels = {
        one.__name__: one for one in (vector_add, transpose_padded, matmul_naive, matmul_tiled)
    }
    operator = next(one for one in OPERATORS.values() if kernel in one.kernels)
    problem = operator.problem(kernel, size, np.random.default_rng(0))
    began = time.perf_counter()
    kernels[kernel][problem.grid, problem.block](*problem.args.values())
    took = time.perf_counter() - began
    if problem.worst() > 1:
        raise RuntimeError(f"{kernel}: the simulator's result is wrong")
    return took


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", help="one kernel")
    parser.add_argument("--size", type=int, help="one size, in place of the kernel's")
    parser.add_argument("--no-rival", action="store_true", help="without Numba's simulator")
    parser.add_argument("--simulate", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.simulate:
        print(simulate(chosen.simulate[0], int(chosen.simulate[1])))
        return
    rows = []
    for kernel, sizes in SIZES.items():
        if chosen.only not in (None, kernel):
            continue
        operator = next(one for one in OPERATORS.values() if kernel in one.kernels)
        for size in (chosen.size,) if chosen.size else sizes:
            row = measured(operator, kernel, size)
            if not chosen.no_rival and kernel in RIVALS and size in (sizes[0], chosen.size):
                row.numba_simulator = simulated(kernel, size)
            rows.append(row)
            if not chosen.json:
                show(row)
    if chosen.json:
        found = [asdict(row) | {"check_over_numba": row.ratio} for row in rows]
        print(json.dumps({"cache": str(cache.folder()), "kernels": found}, indent=1))


def show(row: Row) -> None:
    """One line of the table."""
    rival = ""
    if row.numba_simulator:
        rival = f"  numba simulator {row.numba_simulator:8.3f} = {row.ratio:,.0f} x check"
    print(
        f"{row.kernel:18} {row.size:8}  fast {row.fast:6.3f}  check {row.check:6.3f}  "
        f"metrics {row.metrics:6.3f}  {row.accesses / 1e6:7.2f} M accesses{rival}",
        flush=True,
    )


if __name__ == "__main__":
    main()
