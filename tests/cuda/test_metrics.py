"""The metrics lane counts exactly what the published models say."""

import numpy as np
import pytest

from sixrounds.cuda import Lane, RawModule, Report
from sixrounds.cuda.operators import operator

CODE = r"""
extern "C" __global__ void copy(const float* in, float* out, int step, int shift) {
  int i = (blockIdx.x * blockDim.x + threadIdx.x) * step + shift;
  out[i] = in[i];
}
extern "C" __global__ void copy4(const float4* in, float4* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i];
}
extern "C" __global__ void copy8(const double* in, double* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i];
}
extern "C" __global__ void copy1(const unsigned char* in, unsigned char* out) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = in[i];
}
extern "C" __global__ void same(const float* in, float* out) { out[threadIdx.x] = in[0]; }
extern "C" __global__ void banks(float* out, int step) {
  __shared__ float tile[32 * 33];
  tile[threadIdx.x * step] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x * step];
}
extern "C" __global__ void banks8(double* out, int step) {
  __shared__ double tile[32 * 17];
  tile[threadIdx.x * step] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x * step];
}
extern "C" __global__ void banks16(float4* out) {
  __shared__ float4 tile[32];
  tile[threadIdx.x] = make_float4(1, 2, 3, 4);
  __syncthreads();
  out[threadIdx.x] = tile[threadIdx.x];
}
extern "C" __global__ void add(int* counts, int kinds) {
  atomicAdd(&counts[threadIdx.x % kinds], 1);
}
extern "C" __global__ void half_idle(float* out) {
  if (threadIdx.x % 2 == 0) {
    for (int i = 0; i < 100; i++) out[threadIdx.x] += i;
  }
}
"""
MODULE = RawModule(CODE)


def line_of(text: str) -> int:
    """The line of a text in CODE."""
    return CODE[: CODE.index(text)].count("\n") + 1


def measure(kernel: str, *args: object, threads: int = 32, blocks: int = 1) -> Report:
    """A launch in the metrics lane."""
    return MODULE.launch(kernel, blocks, threads, args, lane=Lane.METRICS)


@pytest.mark.parametrize(
    ("step", "shift", "sectors"),
    # CUDA C++ Best Practices Guide, "Coalesced Access to Global Memory", in sectors of 32 bytes.
    [(1, 0, 4), (1, 1, 5), (1, 8, 4), (2, 0, 8), (4, 0, 16), (8, 0, 32), (32, 0, 32)],
)
def test_sectors_of_copies(step: int, shift: int, sectors: int) -> None:
    """The lesson on coalescing would teach wrong numbers."""
    a, b = np.zeros(2048, np.float32), np.zeros(2048, np.float32)
    report = measure("copy", a, b, np.int32(step), np.int32(shift))
    assert report.sectors_per_request("in") == sectors
    assert report.sectors_per_request("out", "store") == sectors
    assert [(row.requests, row.lanes, row.ideal_sectors) for row in report.rows] == [(1, 32, 4)] * 2
    assert report.global_bytes == 2 * 32 * sectors


def test_width_of_accesses() -> None:
    """A float4 would count as four accesses, or a byte as a word."""
    four = measure("copy4", *(np.zeros(128, np.float32) for _ in range(2)))
    assert [(row.size, row.requests, row.sectors) for row in four.rows] == [(16, 1, 16)] * 2
    eight = measure("copy8", *(np.zeros(32) for _ in range(2)))
    assert [(row.size, row.requests, row.sectors) for row in eight.rows] == [(8, 1, 8)] * 2
    one = measure("copy1", *(np.zeros(32, np.uint8) for _ in range(2)))
    assert [(row.size, row.requests, row.sectors) for row in one.rows] == [(1, 1, 1)] * 2


def test_view_keeps_its_place_in_a_sector() -> None:
    """x[1:] would look aligned here and not be on the device."""
    a, b = np.zeros(64, np.float32), np.zeros(64, np.float32)
    report = measure("copy", a[1:], b, np.int32(1), np.int32(0))
    assert report.sectors_per_request("in") == 5
    assert report.sectors_per_request("out") == 4


def test_broadcast_is_one_sector() -> None:
    """All lanes reading one value would look like waste."""
    assert (
        measure("same", np.zeros(1, np.float32), np.zeros(32, np.float32)).sectors_per_request("in")
        == 1
    )


@pytest.mark.parametrize(
    ("step", "wavefronts"), [(1, 1), (2, 2), (4, 4), (32, 32), (33, 1), (0, 1), (3, 1)]
)
def test_bank_conflicts(step: int, wavefronts: int) -> None:
    """The lesson on padding would teach wrong numbers."""
    report = measure("banks", np.zeros(32, np.float32), np.int32(step))
    assert report.wavefronts_per_request("tile", "load") == wavefronts


def test_bank_conflicts_of_wide_accesses() -> None:
    """8 and 16 byte accesses go by halves and quarters of a warp."""
    assert measure("banks8", np.zeros(32), np.int32(1)).wavefronts_per_request("tile", "load") == 2
    assert (
        measure("banks8", np.zeros(32), np.int32(16)).wavefronts_per_request("tile", "load") == 32
    )
    wide = measure("banks16", np.zeros(128, np.float32))
    assert wide.wavefronts_per_request("tile", "load") == 4
    assert [row.ideal for row in wide.select("tile")] == [4, 4]


@pytest.mark.parametrize(("kinds", "at_one"), [(1, 32), (4, 8), (32, 1)])
def test_atomics_at_one_address(kinds: int, at_one: int) -> None:
    """The lesson on histograms would not see its queues."""
    row = measure("add", np.zeros(32, np.int32), np.int32(kinds)).rows[0]
    assert (row.access, row.requests, row.same_address) == ("atomic", 1, at_one)


def test_efficiency_of_half_a_warp() -> None:
    """Divergence would not show."""
    report = measure("half_idle", np.zeros(32, np.float32))
    assert report.efficiency is not None
    assert 0.5 <= report.efficiency < 0.55
    assert dict(report.efficiency_by_line)[line_of("out[threadIdx.x] += i")] == pytest.approx(
        0.5, abs=0.03
    )


@pytest.mark.parametrize(
    ("kernel", "load", "store", "wavefronts"),
    # Ruetsch and Micikevicius, "Optimizing Matrix Transpose in CUDA", in sectors and wavefronts.
    [
        ("copy", 4, 4, 0),
        ("transpose_naive", 4, 32, 0),
        ("transpose_tiled", 4, 4, 32),
        ("transpose_padded", 4, 4, 1),
    ],
)
def test_transposes(kernel: str, load: int, store: int, wavefronts: int) -> None:
    """The ladder of transposes would not have the published steps."""
    report = launch("transpose", kernel, 128)
    assert report.sectors_per_request("in", "load") == load
    assert report.sectors_per_request("out", "store") == store
    if wavefronts:
        assert report.wavefronts_per_request("tile", "load") == wavefronts
        assert report.wavefronts_per_request("tile", "store") == 1


def launch(name: str, kernel: str, size: int) -> Report:
    """A reference kernel in the metrics lane."""
    one = operator(name)
    problem = one.problem(kernel, size, np.random.default_rng(1))
    args = tuple(problem.args.values())
    return one.module().launch(
        kernel, problem.grid, problem.block, args, problem.shared_mem, lane=Lane.METRICS
    )


def test_reduction_ladder() -> None:
    """The ladder of reductions would not have Harris' steps: requests, then conflicts, go down.

    One block of 128 threads, 4 warps. Steps 64 … 1: warps that add are 2, 1, 1, 1, 1, 1, 1 when the
    first threads do it, all 4 warps for 1 … 16 when the remainder decides, then 2 and 1.
    """
    counts = {}
    for kernel in ("reduce_interleaved", "reduce_strided", "reduce_sequential"):
        report = launch("reduction", kernel, 128)
        stores = [row for row in report.select("part") if row.access == "store"]
        adding = [row for row in stores if "+=" in report.code.split("\n")[row.line - 1]]
        counts[kernel] = (
            sum(row.requests for row in adding),
            sum(row.wavefronts for row in adding),
        )
    assert counts["reduce_interleaved"] == (5 * 4 + 2 + 1, 5 * 4 + 2 + 1)
    assert counts["reduce_sequential"] == (2 + 6, 2 + 6)
    requests, wavefronts = counts["reduce_strided"]
    assert requests == 2 + 6
    # Step 1: stride 2, two-way in two warps. Steps 2 to 16: stride 4, 8, 16, 32 over 32, 16, 8 and
    # 4 lanes: as many wavefronts as lanes share a bank. Then two lanes of one bank, and one lane.
    assert wavefronts == 2 * 2 + 4 + 4 + 4 + 4 + 2 + 1


def test_matmul_tiles_save_loads() -> None:
    """Tiling would not show its factor of 16."""
    naive, tiled = (launch("matmul", kernel, 64) for kernel in ("matmul_naive", "matmul_tiled"))
    warps, terms = 64 * 64 // 32, 64
    assert sum(row.requests for row in naive.select("a")) == warps * terms
    assert sum(row.requests for row in tiled.select("a")) == warps * terms // 16
    assert tiled.wavefronts_per_request("tile_a") == tiled.wavefronts_per_request("tile_b") == 1


def test_lockstep_of_rows_of_different_length() -> None:
    """Lanes whose loops end at different times would be counted as more, or fewer, requests."""
    one = operator("spmv")
    problem = one.problem("spmv_scalar", 256, np.random.default_rng(3))
    args = tuple(problem.args.values())
    report = one.module().launch(
        "spmv_scalar", problem.grid, problem.block, args, lane=Lane.METRICS
    )
    starts = problem.args["starts"]
    assert isinstance(starts, np.ndarray)
    longest = np.diff(starts).reshape(-1, 32).max(1).sum()
    assert sum(row.requests for row in report.select("values")) == longest
    assert sum(row.lanes for row in report.select("values")) == starts[-1]
