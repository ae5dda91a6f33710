"""Seconds per lane of the reference kernels, beside other ways to run them without a GPU.

    python benchmarks/cuda.py [--json] [--only matmul_tiled] [--no-rivals] [--size 64]

Same kernels, same data, same sizes, one run. A launch's seconds are of the whole call: helper
process, arrays there and back, report. Compiling comes before and is reported apart. The rivals
(see `rivals/`; `make bench` installs their packages) check and count nothing:

* numba_simulator: Numba's CUDA simulator, a Python thread for each thread;
* triton_interpreter: Triton's, a numpy operation for each operation of a block;
* pocl: OpenCL, compiled for the processor.

What is slow runs the sizes that are marked for it only; larger ones are not extrapolated.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from sixrounds.cuda import cache
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.operators import OPERATORS, Operator

LANES = (Lane.FAST, Lane.CHECK, Lane.METRICS)
REPEATS = 3
# Kernel: sizes; those that slow rivals run, too, come first.
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
FOLDER = Path(__file__).parent / "rivals"
PACKAGES = Path(__file__).parents[1] / "build" / "rivals"
ALL = ("vector_add", "transpose_padded", "matmul_naive", "matmul_tiled")
# Rival: its kernels, and to how many of their sizes it gets in a minute.
RIVALS = {
    "numba_simulator": (ALL, 1),
    "triton_interpreter": (("vector_add", "transpose_padded", "matmul_tiled"), 1),
    "pocl": (ALL, 2),
}


@dataclass
class Row:
    """Best seconds of each lane for a kernel and size, and of the rivals where they ran."""

    kernel: str
    size: int
    fast: float
    check: float
    metrics: float
    accesses: int
    compile_s: float
    rivals: dict[str, float | None] = field(default_factory=dict)

    @property
    def over_check(self) -> dict[str, float]:
        """How many times the checked lane's seconds each rival takes."""
        return {name: took / self.check for name, took in self.rivals.items() if took}


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
        found: list[int] = []

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
    fast, check, metrics = (seconds[lane.value] for lane in LANES)
    return Row(kernel, size, fast, check, metrics, accesses, compiled)


def rival_seconds(rival: str, kernel: str, size: int) -> float | None:
    """Seconds of a rival, in a process of its own; None, and why on standard error, if not."""
    ran = subprocess.run(
        [sys.executable, str(FOLDER / f"{rival}.py"), kernel, str(size)],
        env=os.environ | {"PYTHONPATH": str(PACKAGES)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["no output"])[-1]
        print(f"{rival}, {kernel}, size {size}: not measured: {last}", file=sys.stderr)
        return None
    return float(ran.stdout.split()[-1])


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", help="one kernel")
    parser.add_argument("--size", type=int, help="one size, in place of the kernel's")
    parser.add_argument("--no-rivals", action="store_true", help="our lanes alone")
    chosen = parser.parse_args()
    rows = []
    for kernel, sizes in SIZES.items():
        if chosen.only not in (None, kernel):
            continue
        operator = next(one for one in OPERATORS.values() if kernel in one.kernels)
        for size in (chosen.size,) if chosen.size else sizes:
            row = measured(operator, kernel, size)
            for rival, (kernels, count) in {} if chosen.no_rivals else RIVALS.items():
                if kernel in kernels and size in (*sizes[:count], chosen.size):
                    row.rivals[rival] = rival_seconds(rival, kernel, size)
            rows.append(row)
            if not chosen.json:
                show(row)
    if chosen.json:
        found = [asdict(row) | {"rivals_over_check": row.over_check} for row in rows]
        print(json.dumps({"cache": str(cache.folder()), "kernels": found}, indent=1))


def show(row: Row) -> None:
    """One line of the table, and one for each rival."""
    print(
        f"{row.kernel:18} {row.size:8}  fast {row.fast:6.3f}  check {row.check:6.3f}  "
        f"metrics {row.metrics:6.3f}  {row.accesses / 1e6:7.2f} M accesses",
        flush=True,
    )
    for name, times in row.over_check.items():
        print(f"{name:>27}  {row.rivals[name]:10.4f} s = {times:,.4g} x check", flush=True)


if __name__ == "__main__":
    main()
