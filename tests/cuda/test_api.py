"""RawModule and RawKernel: what is refused before a launch, lanes, the cache, helper processes."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sixrounds
from sixrounds.cuda import (
    CudaError,
    KernelError,
    LaunchError,
    RawKernel,
    RawModule,
    Report,
    build,
    cache,
    compilers,
    current,
    helper,
    limits,
    use,
)

CODE = """
extern "C" __global__ void scale(float* out, const float* in, float by, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * by;
}
extern "C" __global__ void big(float* out) {
  __shared__ float tile[12 * 1024];
  tile[threadIdx.x] = out[threadIdx.x];
  out[threadIdx.x] = tile[threadIdx.x];
}
extern "C" __global__ void dynamic(float* out) {
  extern __shared__ float buffer[];
  buffer[threadIdx.x] = 2;
  out[threadIdx.x] = buffer[threadIdx.x];
}
template <typename T> __global__ void twice(T* out) { out[threadIdx.x] *= 2; }
"""
MODULE = RawModule(CODE, name_expressions=["twice<double>"])


def arrays(n: int = 64) -> tuple[Any, ...]:
    """Right arguments for `scale`."""
    return np.zeros(n, np.float32), np.ones(n, np.float32), np.float32(2), np.int32(n)


@pytest.mark.parametrize("lane", ["fast", "check", "metrics"])
def test_one_switch(lane: str) -> None:
    """A lesson would need other code for each lane."""
    with use(lane):
        args = arrays()
        report = MODULE.get_function("scale")((2,), (32,), args)
        assert (args[0] == 2).all()
        assert report is not None
        assert report.lane == lane
        assert bool(report.rows) == (lane == "metrics")
    assert current().value == "check"


def test_lane_by_environment_and_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI could not choose the lane, or a misspelled one would run another."""
    with pytest.raises(CudaError, match="no lane 'chekc'; choose one of fast, check, metrics"):
        use("chekc")
    ran = subprocess.run(
        [sys.executable, "-c", "from sixrounds.cuda import current; print(current().value)"],
        env=os.environ | {"SIXROUNDS_CUDA_LANE": "metrics"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "metrics"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (arrays()[:3], "takes 4 arguments (float* out, const float* in, float by, int n), got 3"),
        ((np.zeros(64), *arrays()[1:]), "out (float*): an array of float32 is needed, got float64"),
        (([0.0] * 64, *arrays()[1:]), "out (float*): a numpy array is needed, got list"),
        ((np.zeros((64, 2), np.float32)[:, 0], *arrays()[1:]), "not contiguous"),
        ((np.broadcast_to(np.float32(0), 64), *arrays()[1:]), "not contiguous"),
        ((*arrays()[:2], 2.0, np.int32(64)), "by (float): got a Python float; pass np.float32"),
        ((*arrays()[:2], np.float64(2), np.int32(64)), "by (float): got float64; pass np.float32"),
        ((*arrays()[:2], 2, np.int32(64)), "by (float): got a Python int; pass np.float32"),
        ((*arrays()[:3], np.int64(64)), "n (int): got int64; pass np.int32"),
        ((*arrays()[:3], 2**31), "n (int): 2147483648 is out of range"),
        ((*arrays()[:3], 64.0), "n (int): got a Python float; pass np.int32"),
    ],
)
def test_wrong_arguments(args: tuple[Any, ...], said: str) -> None:
    """CuPy would read the wrong bytes, without a word."""
    with pytest.raises(LaunchError) as error:
        MODULE.get_function("scale")(1, 64, args)
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_read_only_array() -> None:
    """A const input would be refused, or an output that cannot be written accepted."""
    out, given, by, n = arrays()
    given.flags.writeable = False
    MODULE.get_function("scale")(1, 64, (out, given, by, n))
    with pytest.raises(LaunchError, match=r"out .* read-only"):
        MODULE.get_function("scale")(1, 64, (given, out, by, n))


@pytest.mark.parametrize(
    ("grid", "block", "shared", "said"),
    [
        (1, (33, 32), 0, "block (33, 32, 1) has 1056 threads; a block has at most 1024"),
        (0, 64, 0, "grid=(0,); every size must be at least 1"),
        ((1, 1, 1, 1), 64, 0, "one to three whole numbers"),
        (1.5, 64, 0, "one to three whole numbers"),
        ((1, 70000), 64, 0, "grid.y is 70000; at most 65535"),
        (1, (1, 1, 65), 0, "block.z is 65; at most 64"),
        (1, 64, 50000, "more than 49152 need kernel.max_dynamic_shared_size_bytes = 50000"),
        (1, 64, -4, "shared_mem=-4 is no number of bytes"),
    ],
)
def test_wrong_sizes(grid: Any, block: Any, shared: int, said: str) -> None:
    """The device would refuse the launch with a number."""
    with pytest.raises(LaunchError) as error:
        MODULE.get_function("scale")(grid, block, arrays(), shared_mem=shared)
    assert said in str(error.value)


def test_shared_memory_limits() -> None:
    """A kernel would run here that no device takes."""
    out = np.ones(64, np.float32)
    MODULE.get_function("big")(1, 64, (out,))
    with pytest.raises(LaunchError, match="4 dynamic and 49152 static"):
        MODULE.get_function("big")(1, 64, (out,), shared_mem=4)
    large = MODULE.get_function("dynamic")
    large.max_dynamic_shared_size_bytes = 100_000
    report = large(1, 64, (out,), shared_mem=100_000)
    assert report is not None
    assert report.clean
    large.max_dynamic_shared_size_bytes = limits.SHARED_BYTES_OPT_IN + 1
    with pytest.raises(LaunchError, match="at most 166912"):
        large(1, 64, (out,))
    body = "{ __shared__ float t[12289]; t[0] = *p; *p = t[0]; }"
    code = 'extern "C" __global__ void k(float* p) ' + body
    with pytest.raises(LaunchError, match="take 49156 bytes; at most 49152"):
        RawKernel(code, "k")(1, 1, (out,))


def test_names_of_kernels() -> None:
    """A misspelled kernel would end in a message about symbols."""
    with pytest.raises(
        CudaError, match="no kernel 'scal'; it has scale, big, dynamic, twice<double>"
    ):
        MODULE.get_function("scal")
    with pytest.raises(CudaError, match=r"it is a template: name_expressions=\['twice<int>'\]"):
        MODULE.get_function("twice<int>")
    with pytest.raises(CudaError, match="no kernel: write __global__ void name"):
        RawModule("int x;").get_function("k")
    with pytest.raises(CudaError, match=r'its kernels are templates; name one, .*"k<float>"'):
        RawModule("template <typename T> __global__ void k(T* p) {}").get_function("k")
    with pytest.raises(CudaError, match="the CPU lanes take -D and -U only"):
        RawModule(CODE, options=["-O3"]).launch("scale", 1, 64, arrays())
    with pytest.raises(NotImplementedError, match="my_kernel is not written yet"):
        RawKernel(sixrounds.todo("my_kernel"), "k")


def test_options_define() -> None:
    """A macro given as an option would be lost."""
    code = 'extern "C" __global__ void k(int* p) { p[0] = N; }'
    out = np.zeros(1, np.int32)
    RawKernel(code, "k", options=("-DN=7", "--std=c++17"))(1, 1, (out,))
    assert out[0] == 7


def test_views_and_the_same_array_twice() -> None:
    """A kernel that works in place, or on parts of one array, would see copies."""
    data = np.arange(64, dtype=np.float32)
    MODULE.get_function("scale")(1, 32, (data, data, np.float32(2), 32))
    assert (data == np.r_[np.arange(32) * 2, np.arange(32, 64)]).all()
    whole = np.arange(64, dtype=np.float32)
    MODULE.get_function("scale")(1, 32, (whole[32:], whole[:32], np.float32(3), 32))
    assert (whole == np.r_[np.arange(32), np.arange(32) * 3]).all()
    overlap = np.arange(64, dtype=np.float32)
    report = MODULE.launch("scale", 1, 32, (overlap[1:33], overlap[:32], np.float32(1), 32))
    assert report.kinds == ("data-race",)


def test_empty_array() -> None:
    """An array without elements would crash the launch, or hide an access to it."""
    none = np.zeros(0, np.float32)
    assert MODULE.launch("scale", 1, 32, (none, none, np.float32(1), 0)).clean
    report = MODULE.launch("scale", 1, 32, (none, none, np.float32(1), 1))
    assert report.kinds == ("out-of-bounds",)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with nothing in it but the engine."""
    engine = build.engine(compilers.compiler()).parent
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    (tmp_path / engine.name).symlink_to(engine)
    return tmp_path


def test_compiled_once(empty_cache: Path) -> None:
    """Every launch would wait for the compiler, or an edited kernel run as it was before."""
    code = 'extern "C" __global__ void k(int* p) { p[0] = 1; }'
    out = np.zeros(1, np.int32)
    for _ in range(3):
        RawKernel(code, "k")(1, 1, (out,))
    programs = list(empty_cache.glob("*/program"))
    assert len(programs) == 1
    RawKernel(code.replace("= 1", "= 2"), "k")(1, 1, (out,))
    assert out[0] == 2
    assert len(list(empty_cache.glob("*/program"))) == 2
    assert not list(empty_cache.glob(".making-*"))


def test_two_compile_the_same(empty_cache: Path) -> None:
    """Two notebooks at once would break each other's program."""
    code = 'extern "C" __global__ void k(int* p) { p[0] = 3; }'

    def run(_: int) -> int:
        out = np.zeros(1, np.int32)
        RawModule(code).launch("k", 1, 1, (out,))
        return int(out[0])

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, range(3))) == [3, 3, 3]
    assert len(list(empty_cache.glob("*/program"))) == 1
    assert not list(empty_cache.glob(".making-*"))


def test_what_fails_leaves_nothing(empty_cache: Path) -> None:
    """A failed compile would be taken for a program the next time."""
    for _ in range(2):
        with pytest.raises(CudaError, match="error"):
            RawKernel('extern "C" __global__ void k(int* p) { p[0] = }', "k").module.compile()
    assert not [path for path in empty_cache.iterdir() if not path.name.startswith("engine-")]


def test_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner without a compiler would see a FileNotFoundError."""
    compilers.compiler.cache_clear()
    monkeypatch.setattr(compilers, "candidates", list)
    with pytest.raises(CudaError, match="apt-get install g"):
        MODULE.launch("scale", 1, 64, arrays())
    compilers.compiler.cache_clear()


def test_helper_that_dies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A helper killed from outside would look like an empty, clean report."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    program.chmod(0o700)
    built = MODULE.built(current())
    swapped = type(built)(**(built.__dict__ | {"program": program}))
    monkeypatch.setattr(RawModule, "built", lambda *_: swapped)
    args = arrays()
    with pytest.raises(KernelError, match="died of signal 9"):
        MODULE.get_function("scale")(1, 64, args)
    assert not args[0].any()


def test_helper_that_hangs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A helper that stops answering would stop the notebook."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o700)
    built = MODULE.built(current())
    swapped = type(built)(**(built.__dict__ | {"program": program}))
    monkeypatch.setattr(RawModule, "built", lambda *_: swapped)
    monkeypatch.setattr(helper, "GRACE", 0.2)
    report = MODULE.launch("scale", 1, 64, arrays(), seconds=0.1)
    assert "stopped after" in report.stopped
    assert report.kinds == ("crash",)


def test_report_is_json() -> None:
    """The grader could not carry a report over its wire."""
    args = arrays()
    with use("metrics"):
        report = MODULE.launch("scale", 2, 32, args)
    data = json.loads(json.dumps(report.json()))
    assert Report.from_json(data, report.code, report.filename) == report
    assert "global store" in str(report)
    assert "<table>" in report._repr_html_()
    with pytest.raises(KeyError, match="no access to 'ou'; arrays with metrics: in, out"):
        report.select("ou")


def test_lanes_that_are_not_here() -> None:
    """A learner without a GPU would see an ImportError, or think a kernel was compiled."""
    with use("gpu"), pytest.raises(CudaError, match="need no GPU"):
        MODULE.get_function("scale")(1, 64, arrays())


def test_a_name_that_cupy_would_not_find_is_refused() -> None:
    """A kernel would pass here and not be found on a GPU, where C++ has changed its name."""
    text = "__global__ void k(float* x) { x[0] = 1; }"
    x = np.zeros(1, np.float32)
    with pytest.raises(CudaError, match=r'k has no extern "C"'):
        RawKernel(text, "k")(1, 1, (x,))
    RawKernel('extern "C" ' + text, "k")(1, 1, (x,))
    RawKernel(text.replace("__global__", "template <class T> __global__"), "k<float>")
    assert x[0] == 1
