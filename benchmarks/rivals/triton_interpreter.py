"""Triton's interpreter: a numpy operation for each operation of a block, and nothing checked.

Its programs work on blocks, not on threads: the same tiles as our kernels', one program for each.
"""

import os

os.environ["TRITON_INTERPRET"] = "1"  # before triton is imported

from collections.abc import Callable
from functools import partial

import torch
import triton
import triton.language as tl
from common import Prepared, main

from sixrounds.cuda.operators import Problem

Tensors = dict[str, torch.Tensor]


@triton.jit
def add_kernel(a, b, out, n, block: tl.constexpr):  # type: ignore[no-untyped-def]
    at = tl.program_id(0) * block + tl.arange(0, block)
    tl.store(out + at, tl.load(a + at, at < n) + tl.load(b + at, at < n), at < n)


@triton.jit
def transpose_kernel(source, out, rows, cols, tile: tl.constexpr):  # type: ignore[no-untyped-def]
    y = tl.program_id(1) * tile + tl.arange(0, tile)
    x = tl.program_id(0) * tile + tl.arange(0, tile)
    inside = (y[:, None] < rows) & (x[None, :] < cols)
    part = tl.load(source + y[:, None] * cols + x[None, :], inside)
    inside = (x[:, None] < cols) & (y[None, :] < rows)
    tl.store(out + x[:, None] * rows + y[None, :], tl.trans(part), inside)


@triton.jit
def matmul_kernel(a, b, c, m, n, k, tile: tl.constexpr):  # type: ignore[no-untyped-def]
    row = tl.program_id(1) * tile + tl.arange(0, tile)
    col = tl.program_id(0) * tile + tl.arange(0, tile)
    total = tl.zeros((tile, tile), tl.float32)
    for start in range(0, k, tile):
        i = start + tl.arange(0, tile)
        left = (row[:, None] < m) & (i[None, :] < k)
        right = (i[:, None] < k) & (col[None, :] < n)
        total += tl.dot(
            tl.load(a + row[:, None] * k + i[None, :], left, 0.0),
            tl.load(b + i[:, None] * n + col[None, :], right, 0.0),
        )
    inside = (row[:, None] < m) & (col[None, :] < n)
    tl.store(c + row[:, None] * n + col[None, :], total, inside)


def vector_add(problem: Problem, given: list[object]) -> None:
    """As many elements a program as our blocks have threads."""
    add_kernel[problem.grid](*given, block=problem.block[0])


def transpose_padded(problem: Problem, given: list[object]) -> None:
    """A tile of 32 x 32 a program."""
    transpose_kernel[problem.grid](*given, tile=32)


def matmul_tiled(problem: Problem, given: list[object]) -> None:
    """A tile of 16 x 16 a program."""
    matmul_kernel[problem.grid](*given, tile=16)


def ready(run: Callable[[Problem, list[object]], None], problem: Problem) -> Prepared:
    """The launch works on the problem's own memory."""
    given = [
        torch.from_numpy(value) if hasattr(value, "ndim") and value.ndim else int(value)  # type: ignore[call-overload]
        for value in problem.args.values()
    ]
    return lambda: run(problem, given)


if __name__ == "__main__":
    kernels = (vector_add, transpose_padded, matmul_tiled)
    main({one.__name__: partial(ready, one) for one in kernels}, repeats=1)
