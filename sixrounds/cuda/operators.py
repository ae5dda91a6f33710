"""The reference kernels: where they are, and how each is launched on a problem of some size.

Used by the tests, the self-test, the benchmarks and the lessons; one function per operator makes a
random problem, with outliers, and computes its answer in float64.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sixrounds.content import folder
from sixrounds.cuda.api import RawModule, load
from sixrounds.cuda.errors import CudaError
from sixrounds.cuda.judging import Random, error, numbers, over


@dataclass
class Problem:
    """One launch and what it must compute.

    `expected` has the answers by parameter; `magnitude` is what rounding errors are relative to:
    the sum of the absolute values of what was added, or the answer itself.
    """

    grid: tuple[int, ...]
    block: tuple[int, ...]
    args: Mapping[str, object]
    expected: Mapping[str, NDArray[np.float64]]
    length: int = 1  # of the longest sum
    shared_mem: int = 0
    magnitude: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def worst(self) -> float:
        """The largest error, in units of what rounding allows; at most 1 is right."""
        errors = []
        for name, wanted in self.expected.items():
            got = self.args[name]
            assert isinstance(got, np.ndarray)
            errors.append(error(got, wanted, self.length, self.magnitude.get(name)))
        return max(errors)


def _doubled(array: NDArray[np.generic]) -> NDArray[np.float64]:
    return array.astype(np.float64)


def vector_add(kernel: str, size: int, rng: Random) -> Problem:
    """`size` elements."""
    a, b = numbers(rng, size), numbers(rng, size)
    grid = {"vector_add_grid_stride": 2, "vector_add_float4": over(size, 4 * 64)}
    args = {"a": a, "b": b, "out": np.zeros(size, np.float32), "n": np.int32(size)}
    sums = _doubled(a) + _doubled(b)
    return Problem((grid.get(kernel, over(size, 64)),), (64,), args, {"out": sums})


def saxpy(kernel: str, size: int, rng: Random) -> Problem:
    """`size` elements."""
    alpha, x, y = np.float32(1.5), numbers(rng, size), numbers(rng, size)
    wanted = float(alpha) * _doubled(x) + _doubled(y)
    scale = np.abs(float(alpha) * _doubled(x)) + np.abs(_doubled(y))
    grid = 2 if kernel == "saxpy_grid_stride" else over(size, 64)
    args = {"alpha": alpha, "x": x, "y": y, "n": np.int32(size)}
    return Problem((grid,), (64,), args, {"y": wanted}, magnitude={"y": scale})


def transpose(kernel: str, size: int, rng: Random) -> Problem:
    """A matrix of `size` rows and a few more columns, unless `size` is a multiple of 32."""
    rows, cols = size, size if size % 32 == 0 else size + 5
    matrix = numbers(rng, rows, cols)
    out = np.zeros((rows, cols) if kernel == "copy" else (cols, rows), np.float32)
    args = {"in": matrix, "out": out, "rows": np.int32(rows), "cols": np.int32(cols)}
    wanted = _doubled(matrix if kernel == "copy" else matrix.T)
    return Problem((over(cols, 32), over(rows, 32)), (32, 8), args, {"out": wanted})


def reduction(kernel: str, size: int, rng: Random, threads: int = 128) -> Problem:
    """`size` elements."""
    values = numbers(rng, size)
    two = kernel not in ("reduce_interleaved", "reduce_strided", "reduce_sequential")
    each = threads * (2 if two else 1)
    blocks = over(size, each)
    padded = np.zeros(blocks * each)
    padded[:size] = values
    sums, scale = padded.reshape(blocks, each).sum(1), np.abs(padded).reshape(blocks, each).sum(1)
    n = np.int32(size)
    if kernel == "reduce_last_block":
        part, out = np.zeros(blocks, np.float32), np.zeros(1, np.float32)
        args: dict[str, object] = {"in": values, "part": part, "out": out, "n": n}
        whole, magnitude = sums.sum(keepdims=True), scale.sum(keepdims=True)
        return Problem((blocks,), (threads,), args, {"out": whole}, size, 0, {"out": magnitude})
    shared = 0 if kernel == "reduce_shuffle" else 4 * threads
    args = {"in": values, "out": np.zeros(blocks, np.float32), "n": n}
    return Problem((blocks,), (threads,), args, {"out": sums}, each, shared, {"out": scale})


def matmul(kernel: str, size: int, rng: Random) -> Problem:
    """`size` rows, and a few more columns and terms, unless `size` is a multiple of 16."""
    m, n, k = (size, size, size) if size % 16 == 0 else (size, size + 3, size + 6)
    a, b = numbers(rng, m, k), numbers(rng, k, n)
    tile = 64 if kernel == "matmul_registers" else 16
    sizes = {"m": np.int32(m), "n": np.int32(n), "k": np.int32(k)}
    args = {"a": a, "b": b, "c": np.zeros((m, n), np.float32)} | sizes
    wanted = _doubled(a) @ _doubled(b)
    scale = np.abs(_doubled(a)) @ np.abs(_doubled(b))
    grid = (over(n, tile), over(m, tile))
    return Problem(grid, (16, 16), args, {"c": wanted}, k, 0, {"c": scale})


def scan(kernel: str, size: int, rng: Random) -> Problem:
    """`size` elements in blocks of 128."""
    values, threads = numbers(rng, size), 128
    blocks, n = over(size, threads), np.int32(size)
    if kernel == "scan_add":
        before = numbers(rng, blocks)
        shift = np.repeat(np.concatenate([[0.0], before[:-1]]), threads)[:size]
        args: dict[str, object] = {"out": values.copy(), "before": before, "n": n}
        scale = np.abs(values) + np.abs(shift)
        return Problem(
            (blocks,), (threads,), args, {"out": values + shift}, magnitude={"out": scale}
        )
    padded = np.zeros(blocks * threads)
    padded[:size] = values
    parts = padded.reshape(blocks, threads)
    sums, scale = parts.cumsum(1), np.abs(parts).cumsum(1)
    args = {"in": values, "out": np.zeros(size, np.float32), "sums": np.zeros(blocks, np.float32)}
    expected = {"out": sums.reshape(-1)[:size], "sums": sums[:, -1]}
    # A tree adds and takes away: errors are relative to all of the block.
    whole = np.repeat(scale[:, -1], threads)[:size]
    magnitude = {"out": whole, "sums": scale[:, -1]}
    return Problem(
        (blocks,), (threads,), args | {"n": n}, expected, threads, 8 * threads, magnitude
    )


def histogram(kernel: str, size: int, rng: Random) -> Problem:
    """`size` bytes, small values more often; every value occurs if there is room."""
    values = np.minimum(rng.geometric(0.05, size) - 1, 255).astype(np.uint8)
    values[: size // 2] = (np.arange(size // 2) % 256).astype(np.uint8)
    rng.shuffle(values)
    args = {"values": values, "counts": np.zeros(256, np.int32), "n": np.int32(size)}
    wanted = np.bincount(values, minlength=256).astype(np.float64)
    return Problem((2,), (256,), args, {"counts": wanted})


def softmax(kernel: str, size: int, rng: Random) -> Problem:
    """Rows of `size` columns; one row has values that overflow without the maximum."""
    rows = 5
    matrix = rng.standard_normal((rows, size)).astype(np.float32)
    matrix[1] += np.float32(200)
    exponentials = np.exp(_doubled(matrix) - _doubled(matrix).max(1, keepdims=True))
    wanted = exponentials / exponentials.sum(1, keepdims=True)
    out = np.zeros((rows, size), np.float32)
    args = {"in": matrix, "out": out, "rows": np.int32(rows), "cols": np.int32(size)}
    grid = over(rows, 2) if kernel == "softmax_online" else rows
    # The exponent of a value of 200 has a rounding error of its own.
    return Problem((grid,), (64,), args, {"out": wanted}, size + 32)


def int8_gemm(kernel: str, size: int, rng: Random) -> Problem:
    """`size` rows and a few more columns, 4 * size terms."""
    m, n, k4 = (size, size, size) if size % 16 == 0 else (size, size + 3, size + 1)
    a = rng.integers(-128, 128, (m, 4 * k4)).astype(np.int8)
    b = rng.integers(-128, 128, (n, 4 * k4)).astype(np.int8)
    scale_a, scale_b = (rng.random(count).astype(np.float32) + 0.5 for count in (m, n))
    args: dict[str, object] = {"a": a.view(np.int32), "b": b.view(np.int32)}
    args |= {"scale_a": scale_a, "scale_b": scale_b, "out": np.zeros((m, n), np.float32)}
    args |= {"m": np.int32(m), "n": np.int32(n), "k4": np.int32(k4)}
    wanted = _doubled(a) @ _doubled(b).T * np.outer(_doubled(scale_a), _doubled(scale_b))
    return Problem((over(n, 16), over(m, 16)), (16, 16), args, {"out": wanted})


def spmv(kernel: str, size: int, rng: Random) -> Problem:
    """`size` rows of very different lengths, a few of them empty."""
    lengths = np.minimum(rng.geometric(0.15, size) - 1, size)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    total = int(starts[-1])
    cols = rng.integers(0, size, total).astype(np.int32)
    values, x = numbers(rng, total), numbers(rng, size)
    terms, rows = _doubled(values) * _doubled(x)[cols], np.repeat(np.arange(size), lengths)
    wanted = np.bincount(rows, terms, minlength=size)
    scale = np.bincount(rows, np.abs(terms), minlength=size)
    y, n = np.full(size, -1, np.float32), np.int32(size)
    args = {"starts": starts, "cols": cols, "values": values, "x": x, "y": y, "rows": n}
    each = 2 if kernel == "spmv_vector" else 64
    longest = int(lengths.max(initial=1))
    sums, magnitude = {"y": _doubled(wanted)}, {"y": _doubled(scale)}
    return Problem((over(size, each),), (64,), args, sums, longest, 0, magnitude)


@dataclass(frozen=True)
class Operator:
    """An operator's kernels, in the order of the lesson, and its problems."""

    name: str
    kernels: tuple[str, ...]
    problem: Callable[[str, int, Random], Problem]
    sizes: tuple[int, ...] = (1, 31, 33, 127, 1000)  # off the tile and the block
    measured: int = 2048  # a small one, on it

    @property
    def folder(self) -> Path:
        """Where its texts are."""
        return folder("kernels") / self.name

    def module(self) -> RawModule:
        """Its kernels."""
        return load(self.folder / f"{self.name}.cu")

    def wrong(self) -> list[Path]:
        """Its wrong kernels."""
        return sorted((self.folder / "wrong").glob("*.cu"))


SQUARE: tuple[tuple[int, ...], int] = ((1, 31, 33, 70), 128)
OPERATORS = {
    one.name: one
    for one in (
        Operator(
            "vector_add", ("vector_add", "vector_add_grid_stride", "vector_add_float4"), vector_add
        ),
        Operator("saxpy", ("saxpy", "saxpy_grid_stride"), saxpy),
        Operator(
            "transpose",
            ("copy", "transpose_naive", "transpose_tiled", "transpose_padded"),
            transpose,
            *SQUARE,
        ),
        Operator(
            "reduction",
            (
                *("reduce_interleaved", "reduce_strided", "reduce_sequential", "reduce_first_add"),
                *("reduce_last_warp", "reduce_shuffle", "reduce_last_block"),
            ),
            reduction,
        ),
        Operator("matmul", ("matmul_naive", "matmul_tiled", "matmul_registers"), matmul, *SQUARE),
        Operator("scan", ("scan_hillis_steele", "scan_blelloch", "scan_shuffle", "scan_add"), scan),
        Operator("histogram", ("histogram_global", "histogram_shared"), histogram),
        Operator("softmax", ("softmax_three_pass", "softmax_online"), softmax),
        Operator("int8_gemm", ("int8_gemm_naive", "int8_gemm_tiled"), int8_gemm, *SQUARE),
        Operator("spmv", ("spmv_scalar", "spmv_vector"), spmv),
    )
}


def operator(name: str) -> Operator:
    """The operator of this name.

    Raises:
        CudaError: there is none.
    """
    if name not in OPERATORS:
        raise CudaError(f"no operator {name!r}; there are {', '.join(OPERATORS)}")
    return OPERATORS[name]
