"""CUDA's device language: each part computes what the device would, in every CPU lane."""

from pathlib import Path

import numpy as np
import pytest

from sixrounds.cuda import (
    CompileError,
    CudaError,
    Lane,
    NotHereError,
    RawKernel,
    RawModule,
    Report,
    load,
)

LANES = [Lane.FAST, Lane.CHECK, Lane.METRICS]
T = np.arange(32)


@pytest.fixture(scope="module")
def module() -> RawModule:
    """All parts, compiled once per lane."""
    return load(
        Path(__file__).parent / "surface.cu",
        name_expressions=["scale<float, 2>", "scale<long long, 1>"],
    )


def launch(module: RawModule, kernel: str, *args: object, grid: object = 1, block: object = 32,
           shared_mem: int = 0, lane: Lane = Lane.CHECK) -> Report:  # fmt: skip
    """A launch that nothing is wrong with."""
    report = module.launch(kernel, grid, block, args, shared_mem, lane=lane, seconds=5)
    assert report.clean, str(report)
    return report


@pytest.mark.parametrize("lane", LANES)
def test_indices(module: RawModule, lane: Lane) -> None:
    """A thread would not know where it is."""
    out = np.full(2 * 3 * 2 * 24, -1, np.int32)
    launch(module, "indices", out, grid=(2, 3, 2), block=(4, 3, 2), lane=lane)
    bz, by, bx, tz, ty, tx = np.indices((2, 3, 2, 2, 3, 4)).reshape(6, -1)
    assert (out == tx + 10 * ty + 100 * tz + 1000 * bx + 10000 * by + 100000 * bz).all()
    few = np.zeros(5, np.int32)
    launch(module, "sizes", few, block=1, lane=lane)
    assert few.tolist() == [6, 32, 16, 16, 12]


@pytest.mark.parametrize("lane", LANES)
def test_templates_lambdas_and_values(module: RawModule, lane: Lane) -> None:
    """Templates, lambdas or structures passed by value would not work."""
    data = np.arange(64, dtype=np.float32)
    launch(module, "scale<float, 2>", data, np.float32(0.5), lane=lane)
    assert (data == np.arange(64) / 2).all()
    whole = np.arange(32, dtype=np.int64)
    launch(module, "scale<long long, 1>", whole, 3, lane=lane)
    assert (whole == T * 3).all()
    pair = np.array([(3, 0.5)], dtype=[("first", "i4"), ("second", "f4")])[0]
    out = np.zeros(1)
    launch(module, "by_value", pair, True, 1 << 40, out, block=1, lane=lane)
    assert out[0] == 9 + 0.5 + 1 + 2.0**40


@pytest.mark.parametrize("lane", LANES)
def test_barriers_and_collectives(module: RawModule, lane: Lane) -> None:
    """Votes and shuffles would give other lanes' values."""
    four = np.zeros(4, np.int32)
    launch(module, "barriers", four, block=100, lane=lane)
    assert four.tolist() == [34, 1, 1, 0]
    out = np.zeros(7 * 32, np.int32)
    launch(module, "shuffles", out, lane=lane)
    wanted = [
        np.full(32, 25), np.where(T < 3, T, T - 3), np.where(T > 28, T, T + 3), T ^ 6,
        T // 8 * 8 + 1, np.where(T % 8 > 5, T, T + 2), 2 * (T ^ 1) + 1,
    ]  # fmt: skip
    assert (out.reshape(7, 32) == np.array(wanted)).all()
    votes = np.zeros(13, np.uint32)
    launch(module, "votes", votes, lane=lane)
    full = 0xFFFFFFFF
    assert votes.tolist() == [
        0xAAAAAAAA, 1, 1, 0, 0xFF00, full, 1, full, 496, 2**32 - 16, 2**32 - 9, full, 32,
    ]  # fmt: skip


@pytest.mark.parametrize("lane", LANES)
def test_atomics(module: RawModule, lane: Lane) -> None:
    """An atomic would compute something else than its name says."""
    i = np.array([0, 0, 0, 0, 0, 255, 0, 0, 0], np.int32)
    u, wide = np.zeros(2, np.uint32), np.zeros(2, np.uint64)
    f, d, h = np.zeros(1, np.float32), np.zeros(1), np.zeros(1, np.float16)
    launch(module, "atomics", i, u, wide, f, d, h, lane=lane)
    assert i.tolist() == [496, -496, 31, -31, 7, 0, 255, 0, 32]
    assert u.tolist() == [32 % 10, (0 - 32) % 10]
    assert wide.tolist() == [32 << 40, 31 << 33]
    assert (f[0], d[0], h[0]) == (16, 8, 32)


@pytest.mark.parametrize("lane", LANES)
def test_vectors_halves_and_bfloats(module: RawModule, lane: Lane) -> None:
    """16-bit floats would round differently than numpy's, or vectors lose a component."""
    rng = np.random.default_rng(0)
    four, two = rng.standard_normal((32, 4)).astype(np.float32), np.zeros((32, 2), np.float32)
    quads = rng.integers(0, 256, (32, 4)).astype(np.uint8)
    turned = quads[:, ::-1].copy()
    launch(module, "vectors", four, two, quads, lane=lane)
    assert (two == four.reshape(32, 2, 2)[:, :, 0] + four.reshape(32, 2, 2)[:, :, 1]).all()
    assert (quads == turned).all()
    special = [0, -0.0, 6e-8, 65504, np.inf, 1e-5]
    a = np.concatenate([rng.standard_normal(26), special]).astype(np.float16)
    sums, fused, wide, pairs = (
        np.zeros(32, t) for t in (np.float16, np.float16, np.float32, "2f2")
    )
    launch(module, "halves", a, sums, fused, wide, pairs, lane=lane)
    exact = a.astype(np.float64)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(wide, a.astype(np.float32))
        np.testing.assert_array_equal(sums, (a + a) * np.float16(0.5) - a / np.float16(4))
        np.testing.assert_array_equal(fused, (exact * exact + exact).astype(np.float16))
        np.testing.assert_array_equal(pairs[:, 0], T.astype(np.float16) + a)
    values, rounded = (rng.standard_normal(32) * 100).astype(np.float32), np.zeros(32, np.uint16)
    launch(module, "bfloats", values, rounded, lane=lane)
    back = (rounded.astype(np.uint32) << 16).view(np.float32)
    np.testing.assert_allclose(back, values + 1, rtol=2**-7, atol=2**-7)


@pytest.mark.parametrize("lane", LANES)
def test_bits_and_maths(module: RawModule, lane: Lane) -> None:
    """An intrinsic would compute something else than its name says."""
    x, y, out = 0x01FF7F80, 0x02030405, np.zeros(16, np.int32)
    launch(module, "bits", np.array([x, y], np.int32), out, block=1, lane=lane)
    dot = 1 * 2 - 1 * 3 + 127 * 4 - 128 * 5 + 5
    assert out.tolist() == [
        dot, bin(x).count("1"), 6, 8, 32, -(2**31), 0x07050301, 2, 0x3F800000, 2, -2, 2**31 - 1,
        3, 5, 8, y,
    ]  # fmt: skip
    values = np.linspace(0.1, 3, 32, dtype=np.float32)
    found = np.zeros((32, 8), np.float32)
    launch(module, "maths", values, found, lane=lane)
    v = values.astype(np.float64)
    wanted = [np.exp(v), np.log(v), v**-0.5, 1 / v, v * v + v, np.minimum(v, 1), np.tanh(v), v**1.5]
    np.testing.assert_allclose(found.T, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("lane", LANES)
def test_shared_memory_of_all_kinds(module: RawModule, lane: Lane) -> None:
    """Vectors, halves or structures in shared memory would be reported, or measured twice."""
    out = np.zeros(32, np.float32)
    report = launch(module, "shared_of_all_kinds", out, shared_mem=128, lane=lane)
    assert (out == 31 - T + T // 4 + T + 5.5).all()
    if lane is Lane.METRICS:
        assert {row.array for row in report.rows} == {"dynamic", "wide", "small", "record", "out"}


def test_globals_stay_from_launch_to_launch(module: RawModule) -> None:
    """A counter would start again, or a constant could not be set."""
    fresh = load(Path(__file__).parent / "surface.cu", name_expressions=module.name_expressions)
    out = np.zeros(32, np.float32)
    for _ in range(3):
        launch(fresh, "globals", out)
    assert fresh.get_global("calls").view(np.int32)[0] == 3
    assert (out == T % 4 + 1).all()
    fresh.get_global("weights").view(np.float32)[:] = [5, 6, 7, 8]
    launch(fresh, "globals", out)
    assert (out == T % 4 + 5).all()
    with pytest.raises(CudaError, match="no global 'weight'; it has weights, calls"):
        fresh.get_global("weight")


def test_printf(module: RawModule, capsys: pytest.CaptureFixture[str]) -> None:
    """What a kernel prints would be lost."""
    module.get_function("prints")(1, 32, (2,))
    assert capsys.readouterr().out == "thread 0 of many, 1.50\nthread 1 of many, 1.50\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#include <cooperative_groups.h>\n", "k.cu:1: cooperative groups"),
        ("#include <mma.h>\n", "k.cu:1: tensor core intrinsics"),
        ("#include <cub/cub.cuh>\n", "k.cu:1: CUB"),
        ('\n__device__ void f() { asm("nop;"); }\n', "k.cu:2: inline PTX"),
        (
            "__device__ void f(int* a) { __pipeline_commit(); }",
            "asynchronous copies",
        ),
        ("void host() { k<<<1, 1>>>(0); }", "kernel(grid, block, args)"),
        ("void host() { cudaMalloc(0, 1); }", "the host API"),
        ("namespace cg = cooperative_groups;", "cooperative groups"),
    ],
)
def test_what_is_not_here_is_named(text: str, said: str) -> None:
    """A learner would search their own code for what this lane does not have."""
    code = text + '\nextern "C" __global__ void k(int* p) { p[0] = 1; }'
    with pytest.raises(NotHereError) as error:
        RawKernel(code, "k", filename="k.cu")(1, 1, (np.zeros(1, np.int32),))
    assert said in str(error.value)
    assert "lane" in str(error.value)


def test_words_in_comments_are_not_code() -> None:
    """A comment about asm or <<<>>> would be refused."""
    code = '// asm, k<<<1, 1>>>\nextern "C" __global__ void k(int* p) { p[0] = 1; /* wmma */ }'
    RawKernel(code, "k")(1, 1, (np.zeros(1, np.int32),))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("int i = threadIdx.x\n  out[i] = 1;", ": error: expected"),
        ("__syncthread();", "did you mean '__syncthreads'"),
        ("const float* p = out; p[threadIdx.x] = 1;", "threadIdx.x"),
        ("atomicAdd((char*)out, (char)1);", "CUDA has no atomicAdd for this type"),
    ],
)
def test_compiler_speaks_of_the_learners_text(body: str, said: str) -> None:
    """The message would name the engine's functions, or lines that are not the learner's."""
    code = f'extern "C" __global__ void k(float* out) {{\n  {body}\n}}\n'
    with pytest.raises(CompileError) as error:
        RawKernel(code, "k", filename="k.cu")(1, 1, (np.zeros(1, np.float32),))
    assert said in str(error.value), str(error.value)
    assert "sr_thread" not in str(error.value)


def test_globals_are_not_initialized_by_code() -> None:
    """Code of a kernel's text would run before any check could see it."""
    code = """
    __device__ long long x = clock64();
    extern "C" __global__ void k(int* p) { p[0] = (int)x; }
    """
    with pytest.raises(CompileError, match="constant expressions only"):
        RawKernel(code, "k")(1, 1, (np.zeros(1, np.int32),))


def test_copies_by_memcpy_are_checked() -> None:
    """A copy past the end would go unseen, since the compiler does not look into it."""
    code = """extern "C" __global__ void k(char* to, const char* from, int n) {
      memcpy(to, from, n);
      memset(to, 7, 2);
    }"""
    to, source = np.zeros(8, np.int8), np.arange(8, dtype=np.int8)
    module = RawModule(code, filename="k.cu")
    assert module.launch("k", 1, 1, (to, source, 8)).clean
    assert to.tolist() == [7, 7, *range(2, 8)]
    report = module.launch("k", 1, 1, (to, source, 9))
    assert [finding.line for finding in report.findings] == [2, 2]
    assert report.kinds == ("out-of-bounds",)


@pytest.mark.parametrize("name", ["index", "remove", "write"])
def test_names_of_the_c_library(name: str) -> None:
    """The C library would be called instead of the kernel, or the kernel instead of it."""
    code = f'extern "C" __global__ void {name}(int* p) {{ p[0] = 1; }}'
    with pytest.raises(CompileError, match=rf"the C library has a {name} too|{name}"):
        RawKernel(code, name)(1, 1, (np.zeros(1, np.int32),))
