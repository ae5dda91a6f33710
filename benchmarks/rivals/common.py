"""What every rival does: take a problem of our reference kernels, solve it, be checked and timed.

    python benchmarks/rivals/pocl.py matmul_tiled 64

prints the seconds of a launch, or ends with what is wrong.
"""

import sys
import time
from collections.abc import Callable, Mapping

import numpy as np

from sixrounds.cuda.operators import OPERATORS, Problem

Prepared = Callable[[], None]
Launcher = Callable[[Problem], Prepared]


def main(kernels: Mapping[str, Launcher], warm: bool = True, repeats: int = 3) -> None:
    """Solve the problem that the command line names.

    Args:
        kernels: from a kernel's name to what readies it for a problem: compiles, loads. What it
            returns is timed: arrays to where they are needed, the launch, results into `out`.
        warm: run once before the clock starts.
        repeats: the best of so many is printed.
    """
    kernel, size = sys.argv[1], int(sys.argv[2])
    operator = next(one for one in OPERATORS.values() if kernel in one.kernels)
    problem = operator.problem(kernel, size, np.random.default_rng(0))
    launch = kernels[kernel](problem)
    if warm:
        launch()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        launch()
        seconds.append(time.perf_counter() - began)
    if problem.worst() > 1:
        sys.exit(f"{kernel}, size {size}: the result is wrong")
    print(min(seconds))
