"""Numba's CUDA simulator: Python threads, one for each CUDA thread. Slow: one run, small sizes."""

import os

os.environ["NUMBA_ENABLE_CUDASIM"] = "1"  # before numba is imported

from functools import partial
from typing import Any

import numba
from common import Prepared, main
from numba import cuda

from sixrounds.cuda.operators import Problem

TILE = 16


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
    tile_a = cuda.shared.array((TILE, TILE), numba.float32)
    tile_b = cuda.shared.array((TILE, TILE), numba.float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    col, row = cuda.blockIdx.x * TILE + x, cuda.blockIdx.y * TILE + y
    total = numba.float32(0)
    for start in range(0, k, TILE):
        tile_a[y, x] = a[row, start + x] if row < m and start + x < k else 0
        tile_b[y, x] = b[start + y, col] if start + y < k and col < n else 0
        cuda.syncthreads()
        for i in range(TILE):
            total += tile_a[y, i] * tile_b[i, x]
        cuda.syncthreads()
    if row < m and col < n:
        c[row, col] = total


def ready(kernel: Any, problem: Problem) -> Prepared:
    """A launch with the problem's grid and block."""
    return lambda: kernel[problem.grid, problem.block](*problem.args.values())


if __name__ == "__main__":
    kernels = (vector_add, transpose_padded, matmul_naive, matmul_tiled)
    main({one.__name__: partial(ready, one) for one in kernels}, warm=False, repeats=1)
