"""Occupancy: NVIDIA's own calculator, published examples, and figures worked out by hand."""

import subprocess
from itertools import product
from pathlib import Path

import pytest

from sixrounds.cuda import CudaError, nvrtc
from sixrounds.cuda.compilers import compiler
from sixrounds.cuda.occupancy import MULTIPROCESSORS, most_threads, occupancy

KIB = 1024
FACTORS = {"warps": 1, "registers": 2, "shared memory": 4, "blocks": 8}

# Asks NVIDIA's header; each line of input is a kernel and a multiprocessor.
CALCULATOR = """
#include <cuda_occupancy.h>
#include <cstdio>
int main() {
  int major, minor, warps, registers, threads;
  size_t shared, most, reserved, used;
  while (scanf("%d %d %d %zu %zu %zu %d %zu %d", &major, &minor, &warps, &shared, &most, &reserved,
               &registers, &used, &threads) == 9) {
    cudaOccDeviceProp device;
    device.computeMajor = major, device.computeMinor = minor, device.warpSize = 32;
    device.maxThreadsPerBlock = 1024, device.maxThreadsPerMultiprocessor = 32 * warps;
    device.regsPerBlock = device.regsPerMultiprocessor = 65536, device.numSms = 1;
    device.sharedMemPerBlock = 49152, device.sharedMemPerMultiprocessor = shared;
    device.sharedMemPerBlockOptin = most, device.reservedSharedMemPerBlock = reserved;
    cudaOccFuncAttributes kernel;
    kernel.maxThreadsPerBlock = 1024, kernel.numRegs = registers, kernel.numBlockBarriers = 1;
    kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN, kernel.maxDynamicSharedSizeBytes = most;
    cudaOccDeviceState state;
    state.carveoutConfig = SHAREDMEM_CARVEOUT_MAX_SHARED;
    cudaOccResult found;
    int error = cudaOccMaxActiveBlocksPerMultiprocessor(
        &found, &device, &kernel, &state, threads, used);
    printf("%d %d %u\\n", error, found.activeBlocksPerMultiprocessor, found.limitingFactors);
  }
}
"""


def header_folder() -> Path:
    """Where NVIDIA's calculator is; the wheel nvidia-cuda-runtime has it."""
    nvrtc_library = nvrtc.library()
    places = nvrtc.includes(nvrtc_library) if nvrtc_library else []
    found = [place for place in places if (place / "cuda_occupancy.h").is_file()]
    if not found:
        pytest.skip(
            "cuda_occupancy.h is not here: pip install nvidia-cuda-nvrtc nvidia-cuda-runtime"
        )
    return found[0]


@pytest.mark.parametrize("arch", MULTIPROCESSORS)
def test_agrees_with_nvidias_calculator(arch: str, tmp_path: Path) -> None:
    """An occupancy in the book would be another than NVIDIA's tools say."""
    (tmp_path / "ask.cpp").write_text(CALCULATOR)
    build = [*compiler().command, "-w", f"-I{header_folder()}", "ask.cpp", "-o", "ask"]
    subprocess.run(build, cwd=tmp_path, check=True)
    has = MULTIPROCESSORS[arch]
    registers = (1, 8, 9, 16, 31, 32, 33, 37, 40, 48, 63, 64, 65, 96, 127, 128, 129, 168, 200, 255)
    threads = (1, 31, 32, 33, 64, 96, 128, 160, 224, 256, 320, 384, 512, 544, 768, 1000, 1024)
    kib = (0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 24, 31, 32, 33, 48, 63, 64, 98, 99, 100)
    shared = [KIB * k + more for k in kib for more in (0, 1, 127, 128)]
    shared += [has.shared_per_block, has.shared_per_block - 1, *range(384, 17 * KIB, 384)]
    asked = [
        (r, s, t) for r, s, t in product(registers, shared, threads) if s <= has.shared_per_block
    ]
    device = f"{arch[3]} {arch[4]} {has.warps} {has.shared} {has.shared_per_block} "
    device += str(has.shared_reserved)
    lines = "".join(f"{device} {r} {s} {t}\n" for r, s, t in asked)
    ran = subprocess.run(
        [str(tmp_path / "ask")], input=lines, capture_output=True, text=True, check=True
    )
    answers = [tuple(map(int, line.split())) for line in ran.stdout.splitlines()]
    assert len(answers) == len(asked) > 10_000
    for one, (error, blocks, factors) in zip(asked, answers, strict=True):
        ours = occupancy(*one, arch)
        found = (0, ours.blocks, sum(FACTORS[name] for name in ours.limited_by))
        assert found == (error, blocks, factors), f"registers, shared, threads = {one}"


def test_best_practices_guide() -> None:
    """The book would contradict NVIDIA's example of register granularity.

    CUDA C++ Best Practices Guide, "Calculating Occupancy": 37 registers on compute capability 7.0,
    whose warps, blocks and registers are those of 8.0.
    """
    small, large = occupancy(37, 0, 128), occupancy(37, 0, 320)
    assert (small.blocks, small.share) == (12, 0.75)
    assert (large.blocks, round(large.share, 2)) == (4, 0.62)  # the guide rounds 0.625 up
    assert small.limited_by == large.limited_by == ("registers",)


def test_matmul_on_a6000() -> None:
    """A published account of a kernel's limits could not be followed with our tool.

    S. Boehm, "How to Optimize a CUDA Matmul Kernel", 2022: sm_86, 37 registers, 8 KiB of shared
    memory, 1024 threads: 11 blocks by shared memory, 1 by warps, 1 by registers; 66 %.
    """
    found = occupancy(37, 8 * KIB, 1024, "sm_86")
    assert found.allowed == {"warps": 1, "blocks": 16, "registers": 1, "shared memory": 11}
    assert (found.blocks, found.warps) == (1, 32)
    assert found.share == pytest.approx(2 / 3)
    assert found.limited_by == ("warps", "registers")


@pytest.mark.parametrize(
    ("arch", "registers", "shared", "threads", "blocks", "limits"),
    [
        # 32 registers x 2048 threads are all 65,536.
        ("sm_80", 32, 0, 256, 8, ("warps", "registers")),
        # 33 take as much as 40: 1,280 a warp; a quarter's 16,384 hold 12 warps; 48 / 8.
        ("sm_80", 33, 0, 256, 6, ("registers",)),
        # One warp a block: 32 blocks of the 64 warps that would fit.
        ("sm_80", 16, 0, 32, 32, ("blocks",)),
        ("sm_75", 16, 0, 32, 16, ("blocks",)),
        # 16 KiB and the one that CUDA keeps: 164 / 17 and 228 / 17; on sm_75 none is kept: 64 / 16.
        ("sm_80", 32, 16 * KIB, 64, 9, ("shared memory",)),
        ("sm_90", 32, 16 * KIB, 64, 13, ("shared memory",)),
        ("sm_75", 32, 16 * KIB, 64, 4, ("shared memory",)),
        # 255 take 8,192 a warp: 8 warps in all, one block of 256, and none of 288.
        ("sm_90", 255, 0, 256, 1, ("registers",)),
        ("sm_90", 255, 0, 288, 0, ("registers",)),
        # More than a block may have, and exactly as much.
        ("sm_75", 32, 64 * KIB + 1, 64, 0, ("shared memory",)),
        ("sm_80", 32, 163 * KIB, 64, 1, ("shared memory",)),
        ("sm_80", 32, 163 * KIB + 1, 64, 0, ("shared memory",)),
        # 33 threads are two warps.
        ("sm_80", 32, 0, 33, 32, ("warps", "blocks", "registers")),
        ("sm_75", 32, 0, 33, 16, ("warps", "blocks")),
    ],
)
def test_by_hand(
    arch: str, registers: int, shared: int, threads: int, blocks: int, limits: tuple[str, ...]
) -> None:
    """A learner who computes an occupancy on paper would get another number."""
    found = occupancy(registers, shared, threads, arch)
    warps = blocks * -(-threads // 32)
    assert (found.blocks, found.warps, found.limited_by) == (blocks, warps, limits)
    assert found.share == warps / MULTIPROCESSORS[arch].warps


def test_in_words() -> None:
    """A lesson would show a number without what limits it."""
    said = "sm_80: 6 blocks, 48 of 64 warps (75.0 %), limited by registers"
    assert str(occupancy(33, 0, 256)) == said
    assert str(occupancy(255, 0, 512)) == "sm_80: no block fits: registers"


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((256, 0, 32), "registers=256: it is at least 0 and at most 255"),
        ((32, -1, 32), "shared_bytes=-1: it is at least 0"),
        ((32, 0, 0), "threads=0"),
        ((32, 0, 1025), "threads=1025: it is at least 1 and at most 1024"),
        ((32, 0, 32, "sm_42"), "'sm_42'; use sm_75, sm_80, sm_86"),
    ],
)
def test_impossible_kernels(numbers: tuple[int, ...], said: str) -> None:
    """A slip such as swapped arguments would give an occupancy that means nothing."""
    with pytest.raises(CudaError, match=said):
        occupancy(*numbers)  # type: ignore[arg-type]


def test_most_threads() -> None:
    """A block that the device refuses for its registers would look launchable."""
    assert [most_threads(n) for n in (32, 64, 65, 128, 255)] == [1024, 1024, 896, 512, 256]
