"""Lane compile: NVIDIA's compiler without a device; and what is said where it is not installed."""

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from sixrounds.cuda import (
    CompileError,
    CudaError,
    LaunchError,
    NotHereError,
    RawKernel,
    RawModule,
    RefusedError,
    cache,
    load,
    nvrtc,
    remote,
    use,
)
from sixrounds.cuda.compilation import Compilation
from sixrounds.cuda.doctor import lines
from sixrounds.cuda.elf import SYMBOL_TABLE
from sixrounds.cuda.operators import OPERATORS, Operator
from sixrounds.cuda.ptxas import resources

needs_nvrtc = pytest.mark.skipif(nvrtc.library() is None, reason=nvrtc.why_not())
needs_headers = pytest.mark.skipif(
    nvrtc.library() is None or not nvrtc.all_headers(nvrtc.here()),
    reason=f"CUDA's headers are not here: {nvrtc.HEADER_WHEELS}",
)
ALL = [pytest.param(operator, id=operator.name) for operator in OPERATORS.values()]

SIZED, REGCOUNT = 0x04, 0x2F

SIMPLE = 'extern "C" __global__ void k(float* out) { out[threadIdx.x] = 1; }'
# 96 values a thread, all alive at once, where launch bounds leave it 64 registers.
HUNGRY = """
extern "C" __global__ void __launch_bounds__(1024) k(float* x) {
  float a[96];
#pragma unroll
  for (int i = 0; i < 96; i++) a[i] = x[i * threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 96; i++) a[i] = a[i] * a[(i + 7) % 96] + a[(i * 5) % 96];
#pragma unroll
  for (int i = 0; i < 96; i++) x[i + threadIdx.x] = a[i];
}
"""
# A part of CUDA that the CPU lanes refuse, in a kernel that is whole.
ONLY_THERE = {
    "cooperative groups": """
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
extern "C" __global__ void k(float* x) {
  auto block = cg::this_thread_block();
  x[block.thread_rank()] = 1;
  block.sync();
  x[block.thread_rank() + 1] = 2;
}""",
    "wmma": """
#include <mma.h>
#include <cuda_fp16.h>
using namespace nvcuda;
extern "C" __global__ void k(const half* a, const half* b, float* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> left;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> right;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> sum;
  wmma::fill_fragment(sum, 0.0f);
  wmma::load_matrix_sync(left, a, 16);
  wmma::load_matrix_sync(right, b, 16);
  wmma::mma_sync(sum, left, right, sum);
  wmma::store_matrix_sync(c, sum, 16, wmma::mem_row_major);
}""",
    "cp.async": """
#include <cuda_pipeline.h>
extern "C" __global__ void k(const float4* in, float4* out) {
  __shared__ float4 tile[32];
  __pipeline_memcpy_async(&tile[threadIdx.x], &in[threadIdx.x], 16);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  out[threadIdx.x] = tile[threadIdx.x];
}""",
    "CUB": """
#include <cub/block/block_reduce.cuh>
extern "C" __global__ void k(const int* in, int* out) {
  using Reduce = cub::BlockReduce<int, 128>;
  __shared__ typename Reduce::TempStorage room;
  int sum = Reduce(room).Sum(in[threadIdx.x]);
  if (threadIdx.x == 0) out[0] = sum;
}""",
}
INLINE_PTX = """
extern "C" __global__ void k(unsigned* out) {
  unsigned lane;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane));
  out[lane] = lane;
}"""


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that nothing is in."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without NVRTC."""
    monkeypatch.setattr(nvrtc, "folders", lambda: iter(()))


def compiled(kernel: RawKernel, *launch: object, shared_mem: int = 0) -> Compilation:
    """What a launch in lane compile returns."""
    with use("compile"):
        found = kernel(*(launch or (1, 64)), (), shared_mem=shared_mem)
    assert isinstance(found, Compilation)
    return found


# ---- without the wheel


@pytest.mark.usefixtures("nowhere", "own_cache")
def test_without_nvrtc() -> None:
    """A learner without the wheel would see an OSError, not what to install or use instead."""
    said = r"nvidia-cuda-nvrtc \(a download of 58 MB, 142 MB unpacked\); lanes fast, check and met"
    kernel = RawKernel(SIMPLE, "k")
    with pytest.raises(NotHereError, match=said):
        kernel.resources()
    with use("compile"):
        with pytest.raises(NotHereError, match=said):
            kernel(1, 64, ())
        with pytest.raises(NotHereError, match=said):
            kernel.module.compile()
        assert "\n" not in nvrtc.why_not()
    with use("fast"):
        kernel.module.compile()


@pytest.mark.usefixtures("nowhere")
def test_doctor_without_nvrtc() -> None:
    """The doctor would not say how to mend the lane, in one line."""
    (line,) = (line for line in lines(selftest=False) if "compile " in line)
    assert re.match(r"  no  compile  .*pip install nvidia-cuda-nvrtc", line)


@pytest.mark.usefixtures("own_cache")
def test_library_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation would show a traceback of ours, or be taken for the kernel's fault."""
    (tmp_path / "libnvrtc.so.13").write_text("not a library")
    monkeypatch.setattr(nvrtc, "folders", lambda: iter((tmp_path,)))
    with pytest.raises(CudaError, match=r"NVRTC \(.*libnvrtc.so.13\) does not work here: OSError"):
        RawKernel(SIMPLE, "k").resources()
    assert any(re.match(r"  no  compile  NVRTC", line) for line in lines(selftest=False))


def test_finds_wheels_and_toolkits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NVRTC would not be found where Colab or CUDA 12's wheels have it, or an old one be taken."""
    monkeypatch.setenv("CUDA_PATH", str(tmp_path / "toolkit"))
    wheels = tmp_path / "site-packages" / "nvidia"
    wheels.mkdir(parents=True)
    monkeypatch.setattr(nvrtc, "roots", lambda: [wheels])
    found = []
    for place in ("toolkit/lib64", "site-packages/nvidia/cuda_nvrtc/lib"):
        found.append(tmp_path / place / "libnvrtc.so.12")
    for version in (13, 14):
        found.append(wheels / f"cu{version}" / "lib" / f"libnvrtc.so.{version}")
    assert nvrtc.library() is None
    for path in found:
        path.parent.mkdir(parents=True)
        path.touch()
        (path.parent / "libnvrtc-builtins.so.9.9").touch()
        assert nvrtc.library() == path


# ---- what ptxas says


LOG = """k.cu(3): warning #177-D: variable "i" was declared but never referenced

ptxas info    : 6 bytes gmem, 40 bytes cmem[3], 16 bytes cmem[4]
ptxas info    : Compiling entry function '_Z5scaleIfEvPf' for 'sm_80'
ptxas info    : Function properties for _Z5scaleIfEvPf
ptxas         .     0 bytes stack frame, 12 bytes spill stores, 16 bytes spill loads
ptxas info    : Used 8 registers, used 1 barriers, 256 bytes smem, 376 bytes cmem[0]
ptxas info    : Compile time = 1.954 ms
ptxas info    : Function properties for _Z6helperi
ptxas         .     48 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Compiling entry function 'k2' for 'sm_80'
ptxas info    : Function properties for k2
ptxas         .     272 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 72 registers, 320 bytes cumulative stack size, 364 bytes cmem[0]
"""
PTX = """
.visible .entry _Z5scaleIfEvPf(
	.param .u64 _Z5scaleIfEvPf_param_0
)
.maxntid 16, 8, 1
.minnctapersm 2
{
	ret;
}
.visible .entry k2(
	.param .u64 k2_param_0,
	.param .align 4 .b8 k2_param_1[12]
)
{
	ret;
}
"""


def test_log_of_ptxas() -> None:
    """Registers of one kernel would be shown for another, or spills overlooked."""
    found = resources("sm_80", LOG, PTX)
    assert list(found) == ["_Z5scaleIfEvPf", "k2"]
    first, second = found.values()
    assert (first.num_regs, first.shared_size_bytes, first.local_size_bytes) == (8, 256, 0)
    assert (first.spill_store_bytes, first.spill_load_bytes, first.spills) == (12, 16, True)
    assert (first.max_threads_per_block, second.max_threads_per_block) == (128, 896)
    assert (second.num_regs, second.shared_size_bytes, second.local_size_bytes) == (72, 0, 320)
    assert (first.const_size_bytes, second.const_size_bytes, second.spills) == (40, 40, False)


def registers_in(cubin: Path) -> dict[str, int]:
    """Registers by symbol, from the table `.nv.info` of a file of machine code.

    Its entries start with a format, an attribute and a size; EIATTR_REGCOUNT has the index of a
    symbol and a number.
    """
    data = cubin.read_bytes()
    (at,) = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, at + i * size) for i in range(count)]

    def text(section: tuple[int, ...], offset: int) -> str:
        return data[section[4] + offset :].split(b"\0", 1)[0].decode()

    (table,) = (one for one in headers if one[1] == SYMBOL_TABLE)
    (info,) = (one for one in headers if text(headers[names], one[0]) == ".nv.info")
    found, place = {}, info[4]
    while place < info[4] + info[5]:
        form, attribute, length = struct.unpack_from("<BBH", data, place)
        if form == SIZED and attribute == REGCOUNT:
            symbol, registers = struct.unpack_from("<II", data, place + 4)
            (name,) = struct.unpack_from("<I", data, table[4] + 24 * symbol)
            found[text(headers[table[6]], name)] = registers
        place += 4 + (length if form == SIZED else 0)
    return found


@needs_nvrtc
@pytest.mark.parametrize("arch", nvrtc.ARCHITECTURES)
def test_log_agrees_with_machine_code(arch: str) -> None:
    """A change of ptxas' log would pass unseen, and the book show wrong registers."""
    for operator in OPERATORS.values():
        found = operator.module().compiled(arch)
        there = registers_in(found.folder / "kernel.cubin")
        said = {name: one.num_regs for name, one in found.resources.items()}
        assert {name: there[name] for name in operator.kernels} == said


@needs_nvrtc
@pytest.mark.parametrize("arch", nvrtc.ARCHITECTURES)
@pytest.mark.parametrize("operator", ALL)
def test_reference_kernels(operator: Operator, arch: str) -> None:
    """NVIDIA's compiler would refuse a kernel of the book, warn of it, or run out of registers."""
    found = operator.module().compiled(arch)
    assert set(found.resources) == set(operator.kernels)
    assert not found.warnings
    for name, one in found.resources.items():
        assert not one.spills, name
        assert one.local_size_bytes == 0, name


@needs_nvrtc
@pytest.mark.parametrize("operator", ALL)
def test_wrong_kernels_compile(operator: Operator) -> None:
    """A kernel meant to be wrong in what it does would be one that no GPU ever ran."""
    paths = sorted((operator.folder / "wrong").glob("*.cu"))
    assert paths
    for path in paths:
        assert load(path).compiled("sm_80").resources


@needs_headers
def test_surface() -> None:
    """The CPU lanes would take names or types that CUDA does not have."""
    names = ["scale<float, 2>", "scale<long long, 1>"]
    module = load(Path(__file__).parent / "surface.cu", name_expressions=names)
    for arch in ("sm_80", "sm_90"):
        assert set(names) < set(module.compiled(arch).resources)
    with pytest.raises(CompileError, match='identifier "__reduce_add_sync" is undefined'):
        module.compiled("sm_75")  # these came with sm_80


# ---- errors and warnings


@needs_nvrtc
def test_errors_are_the_compilers() -> None:
    """A learner would not see which line is wrong, in NVIDIA's words."""
    code = "\n__global__ void k(float* out) {\n  int unused;\n  out[0] = x;\n}"
    with pytest.raises(CompileError) as caught:
        RawKernel(code, "k", filename="mine.cu").resources()
    said = str(caught.value)
    assert said.startswith('mine.cu:4: error: identifier "x" is undefined\n    out[0] = x;\n')
    assert 'mine.cu:3: warning #177-D: variable "unused" was declared' in said
    assert "Remark" not in said


@needs_nvrtc
def test_errors_of_ptxas() -> None:
    """A kernel that only the assembler refuses would pass, or its message name no file."""
    code = """extern "C" __global__ void k(float* out) {
  __shared__ float tile[20000];
  tile[threadIdx.x] = out[0];
  __syncthreads();
  out[threadIdx.x] = tile[3];
}"""
    with pytest.raises(CompileError, match=r"mine.cu: ptxas error .*'k' uses too much shared data"):
        RawKernel(code, "k", filename="mine.cu").resources()


@needs_nvrtc
def test_warnings_are_kept() -> None:
    """What NVIDIA's compiler warns of would be lost, or ptxas' figures be shown as warnings."""
    code = "__global__ void k(float* out) {\n  int unused;\n  out[0] = 1;\n}"
    found = compiled(RawKernel(code, "k"))
    assert found.warnings.startswith('kernel.cu:2: warning #177-D: variable "unused"')
    assert "ptxas" not in found.warnings
    assert "<pre>kernel.cu:2: warning" in found._repr_html_()
    assert "kernel.cu:2: warning" in str(found)
    assert not compiled(RawKernel(SIMPLE, "k")).warnings


@needs_nvrtc
@pytest.mark.parametrize(
    ("name", "options", "arch", "said"),
    [
        ("k", ("--bogus",), "sm_80", "unrecognized option --bogus"),
        ("k", (), "sm_10", "invalid value for --gpu-architecture"),
        ("k", (), "80", "architecture '80': write it as in sm_80"),
        ("t<flaot>", (), "sm_80", 'identifier "flaot" is undefined'),
    ],
)
def test_what_nvrtc_does_not_know(
    name: str, options: tuple[str, ...], arch: str, said: str
) -> None:
    """A slip in an option would be ignored, or show a number of NVRTC's instead of its words."""
    code = SIMPLE + "template <typename T> __global__ void t(T* out) { out[0] = 1; }"
    with pytest.raises(CudaError, match=said):
        RawKernel(code, name, options).resources(arch)


# ---- the lane


@needs_nvrtc
def test_launch_compiles_and_runs_nothing() -> None:
    """A learner would take what lane compile returns for a run, or miss what limits occupancy."""
    kernel = OPERATORS["transpose"].module().get_function("transpose_padded")
    with use("compile"):
        found = kernel((4, 4), (32, 8), ("no array", "is looked at"))
    assert isinstance(found, Compilation)
    said = str(found)
    assert "transpose_padded, lane compile, blocks of 256 threads" in said
    assert "nothing was run" in said
    assert [one.arch for one in found.resources] == list(nvrtc.ARCHITECTURES)
    assert {one.shared_size_bytes for one in found.resources} == {32 * 33 * 4}
    rows = {row[0]: row[-3:] for row in found.table()}
    # 25 to 32 registers: 8 blocks of 8 warps, of the 64 that the registers hold; 4 of 32 on sm_75.
    assert all(24 < one.num_regs <= 32 for one in found.resources[1:])
    assert rows["sm_75"] == ("4", "100.0 %", "warps")
    assert rows["sm_80"] == rows["sm_90"] == ("8", "100.0 %", "warps, registers")
    html = found._repr_html_()
    assert html.count("<tr>") == 4
    assert '<th scope="col">limited by</th>' in html
    assert "<td>4224</td>" in html


@needs_nvrtc
def test_launches_that_do_not_fit() -> None:
    """A launch that a GPU refuses would look fine, for its bounds, registers or shared memory."""
    bounded = RawKernel(SIMPLE.replace("void k", "void __launch_bounds__(128) k"), "k")
    assert bounded.resources().max_threads_per_block == 128
    assert {row[-2:] for row in compiled(bounded, 1, 256).table()} == {
        ("does not fit", "launch bounds")
    }
    dynamic = RawKernel(SIMPLE, "k")
    dynamic.max_dynamic_shared_size_bytes = 100 * 1024
    rows = compiled(dynamic, 1, 64, shared_mem=90_000).table()
    assert [row[-3] for row in rows] == ["0", "1", "2"]
    assert {row[2] for row in rows} == {"90000"}
    assert rows[0][-2:] == ("does not fit", "shared memory")
    for launch, shared_mem in (((1, 2000), 0), ((0, 32), 0), ((1, 64), 60_000)):
        with pytest.raises(LaunchError):
            compiled(RawKernel(SIMPLE, "k"), *launch, shared_mem=shared_mem)


@needs_nvrtc
def test_spills_and_constants() -> None:
    """A kernel that runs out of registers would be graded as one that does not."""
    found = RawKernel(HUNGRY, "k").resources()
    assert found.num_regs == 64
    assert found.spill_store_bytes > 0
    assert found.spill_load_bytes > 0
    assert found.local_size_bytes > 0
    code = "__constant__ float c[64]; __global__ void k(float* x, int n) { x[0] = c[n]; }"
    assert RawKernel(code, "k").resources().const_size_bytes == 256


@needs_nvrtc
def test_options_and_templates() -> None:
    """A definition or an instance of a template would not reach NVIDIA's compiler."""
    code = """template <typename T> __global__ void copy(T* out, const T* in) {
  __shared__ T tile[SIZE];
  tile[threadIdx.x] = in[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = tile[SIZE - 1 - threadIdx.x];
}"""
    names = ["copy<float>", "copy<double>"]
    module = RawModule(code, options=("-DSIZE=64", "-arch=sm_50"), name_expressions=names)
    with use("compile"):
        module.compile()
    sizes = [module.get_function(name).resources().shared_size_bytes for name in names]
    assert sizes == [256, 512]


@needs_nvrtc
def test_what_only_the_other_lanes_have() -> None:
    """Asking for a global in lane compile would show a KeyError of ours."""
    kernel = RawKernel("__constant__ float c[4];" + SIMPLE, "k")
    with use("compile"), pytest.raises(CudaError, match=r'use\("check"\) first'):
        kernel.module.get_global("c")
    with use("compile"), pytest.raises(CudaError, match=r'use\("check"\) first'):
        kernel.module.launch("k", 1, 64, ())


def test_not_in_the_grader() -> None:
    """A learner's text could include, and show, files that the grader's own process may read."""
    remote.run_elsewhere(lambda request: {})
    try:
        with pytest.raises(RefusedError, match="not graded"):
            RawKernel(SIMPLE, "k").resources()
    finally:
        remote.run_elsewhere(None)


# ---- parts of CUDA


@needs_headers
@pytest.mark.parametrize("part", ONLY_THERE)
def test_parts_that_cpu_lanes_refuse(part: str) -> None:
    """Messages of the CPU lanes would send learners to a lane that does not have it either."""
    kernel = RawKernel(ONLY_THERE[part], "k")
    with pytest.raises(NotHereError, match="lanes gpu and compile have it"):
        kernel.module.compile()
    assert kernel.resources().num_regs > 0


@needs_nvrtc
def test_inline_ptx() -> None:
    """As above, for what needs no header."""
    kernel = RawKernel(INLINE_PTX, "k")
    with pytest.raises(NotHereError, match="lanes gpu and compile have it"):
        kernel.module.compile()
    assert kernel.resources().num_regs > 0


C_HEADERS = """
#include <assert.h>
#include <cassert>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cuda.h>
#include <cuda_runtime.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
__device__ const double large[] = {FLT_MAX, FLT_EPSILON, DBL_MAX, M_PI};
static_assert(INT_MAX == 2147483647 && UINT_MAX == 4294967295u && CHAR_BIT == 8, "");
static_assert(LLONG_MIN + 1 == -LLONG_MAX && INT64_MAX == LLONG_MAX && UINT8_MAX == 255, "");
static_assert(sizeof(int8_t) + sizeof(uint16_t) + sizeof(int32_t) + sizeof(uint64_t) == 15, "");
static_assert(sizeof(std::uintptr_t) == sizeof(void*), "");
extern "C" __global__ void k(float* out, size_t n) {
  assert(n > 3);
  uint32_t i = threadIdx.x;
  if (i < n) out[i] = std::sqrt(out[i]) + large[i & 3] + INFINITY + NAN + std::fmax(1.0f, 2.0f);
  printf("%u\\n", i);
}
"""


def without_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if only NVRTC's own wheel were installed."""
    monkeypatch.setattr(nvrtc, "includes", lambda library: [nvrtc.HEADERS])


@needs_nvrtc
@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("alone", [True, False])
def test_headers_of_c(alone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that nvcc takes would be refused here for its C headers, or clash with CUDA's own."""
    if alone:
        without_headers(monkeypatch)
    assert RawKernel(C_HEADERS, "k").resources().num_regs > 0
    assert RawKernel("__global__ void k(float* x) { x[0] = INFINITY; }", "k").resources()


@needs_headers
def test_headers_of_cpp() -> None:
    """As above, for those that come with libcu++."""
    code = """
#include <limits>
#include <type_traits>
#include <utility>
#include <cooperative_groups.h>
#include <stdint.h>
#include <limits.h>
static_assert(std::is_same<int, std::remove_const<const int>::type>::value, "");
__global__ void k(float* x) { x[0] = std::numeric_limits<float>::max() + INT_MAX; }"""
    assert RawKernel(code, "k").resources().num_regs > 0


@needs_nvrtc
@pytest.mark.usefixtures("own_cache")
def test_headers_that_are_in_other_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing header would look like the learner's mistake, not like a wheel to install."""
    without_headers(monkeypatch)
    said = r"mine.cu:3: the header {} is not here: pip install nvidia-cuda-nvrtc .*nvidia-cuda-cccl"
    for name in ("cuda_fp16.h", "cooperative_groups.h", "mma.h", "cub/block/block_reduce.cuh"):
        code = f"// a text\n\n#include <{name}>\n{SIMPLE}"
        with pytest.raises(NotHereError, match=said.format(re.escape(name))):
            RawKernel(code, "k", filename="mine.cu").resources()
    code = f"// a text\n\n#include <limits>\n{SIMPLE}"
    with pytest.raises(NotHereError, match=said.format("cuda/std/limits")):
        RawKernel(code, "k", filename="mine.cu").resources()
    with pytest.raises(CompileError, match=r'mine.cu:1: catastrophic error: .*"learners_own.h"'):
        RawKernel(f'#include "learners_own.h"\n{SIMPLE}', "k", filename="mine.cu").resources()


# ---- cache and process


@needs_nvrtc
def test_cached_by_content(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each launch would compile anew, or an edited text show the old text's figures."""
    asked: list[str] = []
    ask = nvrtc.asked

    def counted(folder: Path, question: dict[str, object]) -> dict[str, object]:
        asked.append(str(question["code"]))
        return ask(folder, question)

    monkeypatch.setattr(nvrtc, "asked", counted)
    first = RawKernel(SIMPLE, "k").resources()
    assert RawKernel(SIMPLE, "k").resources() == first
    assert len(asked) == 1
    RawKernel(SIMPLE, "k").resources("sm_90")
    RawKernel(SIMPLE.replace("= 1", "= 2"), "k").resources()
    RawKernel(SIMPLE, "k", ("-DN=1",)).resources()
    assert len(asked) == 4
    for _ in range(2):
        with pytest.raises(CompileError):
            RawKernel(SIMPLE.replace("= 1", "= x"), "k").resources()
    assert len(asked) == 6  # refusals are not kept
    assert len(list(own_cache.iterdir())) == 4


@needs_nvrtc
@pytest.mark.usefixtures("own_cache")
def test_crash_of_the_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash of NVIDIA's compiler would take the notebook down."""
    child = tmp_path / "child.py"
    child.write_text("import os\nos.abort()\n")
    monkeypatch.setattr(nvrtc, "CHILD", child)
    with pytest.raises(CudaError, match="does not work here: exit status -6"):
        RawKernel(SIMPLE, "k").resources()


@needs_nvrtc
def test_doctor() -> None:
    """A learner could not see which compiler and architectures there are."""
    (line,) = (line for line in lines(selftest=False) if "compile " in line)
    assert re.match(r"  ok  compile  .*\(NVRTC \d+\.\d+: .*sm_75, sm_80, .*sm_90", line)


def test_nothing_is_loaded_before_it_is_used() -> None:
    """Importing the package would need NVIDIA's wheels, or map their 140 MB into each worker."""
    code = "import sixrounds.cuda; print('nvrtc' in open('/proc/self/maps').read())"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
