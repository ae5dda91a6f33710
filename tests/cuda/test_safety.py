"""Kernels that would forge their own report, and the process that runs a learner's kernels."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sixrounds.cuda import (
    CudaError,
    KernelError,
    Lane,
    RawKernel,
    RawModule,
    RefusedError,
    load,
    remote,
)
from sixrounds.cuda.operators import OPERATORS
from sixrounds.cuda.safety import refuse_object, refuse_text

K = 'extern "C" __global__ void k(float* out) '

# Each tries to hide a race or wrong count, or to reach out of its process.
FORGERIES = {
    "asm": K + '{ asm volatile("syscall"); }',
    "asm by another name": K + '{ __asm__("nop"); }',
    "asm by pasting": "#define GLUE(a, b) a##b\n" + K + '{ GLUE(as, m)("nop"); }',
    "asm over two lines": K + '{ as\\\nm("nop"); }',
    "asm in a macro": "#define A asm\n" + K + '{ A("nop"); }',
    "attribute": K + "{ } __attribute__((constructor)) void f() {}",
    "attribute in brackets": "[[gnu::constructor]] void f() {}\n" + K + "{ }",
    "no_sanitize": '__attribute__((no_sanitize("thread"))) void f(float* p) { *p = 1; }\n'
    + K
    + "{ f(out); }",
    "pragma": '#pragma GCC optimize("O0")\n' + K + "{ }",
    "pragma operator": '_Pragma("GCC push_options")\n' + K + "{ }",
    "is it the CPU build": "#ifdef __SANITIZE_THREAD__\n#endif\n" + K + "{ }",
    "which compiler": "#if defined(__GNUC__) && !defined(__clang__)\n#endif\n" + K + "{ }",
    "has include": '#if __has_include("thread.h")\n#endif\n' + K + "{ }",
    "include": "#include <unistd.h>\n" + K + "{ }",
    "include of a path": '#include "/etc/passwd"\n' + K + "{ }",
    "embedded by line": '#line 1 "other.cu"\n' + K + "{ }",
    "engine's names": 'extern "C" int sr_barrier(int, int);\n' + K + "{ sr_barrier(0, 0); }",
    "hooks": 'extern "C" void __tsan_write4(void* p) {}\n' + K + "{ out[0] = 1; }",
    "builtin": K + "{ __builtin_memcpy(out, out + 1, 4); }",
    "keyword redefined": "#define volatile\n" + K + "{ }",
    "digraph": "%:define A\n" + K + "{ }",
    "namespace of the engine": "namespace sr { int M; }\n" + K + "{ }",
    "virtual": "struct A { virtual void f() {} };\n" + K + "{ }",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_text_is_refused(name: str) -> None:
    """A learner could hide races, or leave the process that runs the kernel."""
    with pytest.raises(RefusedError, match=r"^k\.cu:\d+: not graded: "):
        refuse_text(FORGERIES[name], "k.cu")


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        ('extern "C" int system(const char*);\n' + K + '{ system("true"); }', "system"),
        ('extern "C" long syscall(long, ...);\n' + K + "{ syscall(39); }", "syscall"),
        ('extern "C" int mprotect(void*, unsigned long, int);\n' + K + "{ mprotect(out, 1, 7); }",
         "mprotect"),
        ("extern char** environ;\n" + K + "{ out[0] = environ[0][0]; }", "environ"),
        (
            K + "{ using F = void(int); auto f = (F*)(long)(0x401000 + out[0]); f(1); }",
            "a computed address",
        ),
        (
            "__device__ void a() {} __device__ void b() {}\n"
            + K + "{ auto f = out[0] > 0 ? a : b; f(); }",
            "a computed address",
        ),
        ('extern "C" void abort_all() {}\n' + K + "{ }", "it defines abort_all"),
    ],
)  # fmt: skip
def test_object_is_refused(code: str, calls: str) -> None:
    """What no text shows would still be called: the system, or the engine's own functions."""
    refuse_text(code)
    try:
        built = RawModule(code).built(Lane.CHECK)
    except CudaError as error:  # the linker does not find it: refused even earlier
        assert "undefined" in str(error)
        return
    with pytest.raises(RefusedError, match=calls):
        refuse_object(built)


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_references_are_not_refused(operator: Any) -> None:
    """A right kernel could not be graded."""
    for path in [operator.folder / f"{operator.name}.cu", *operator.wrong()]:
        refuse_text(path.read_text("utf-8"), path.name)
    for lane in (Lane.CHECK, Lane.METRICS):
        refuse_object(operator.module().built(lane))


def test_no_part_of_the_surface_is_refused() -> None:
    """A function that CUDA has and the lanes offer could not be used in an answer."""
    names = ["scale<float, 2>", "scale<long long, 1>"]
    module = load(Path(__file__).parent / "surface.cu", name_expressions=names)
    refuse_text(module.code)
    for lane in (Lane.CHECK, Lane.METRICS):
        refuse_object(module.built(lane))


def test_ordinary_text_is_not_refused() -> None:
    """Macros, unrolling and questions about the device are what CUDA texts are made of."""
    refuse_text(
        "#pragma once\n#include <cuda_fp16.h>\n#define TILE 16  // asm\n"
        "#ifndef PAD\n#define PAD 1\n#endif\n"
        "#if __CUDA_ARCH__ >= 700 && TILE > 8\n#endif\n"
        + K + "{\n#pragma unroll 4\n"
        "  for (int i = 0; i < 4; i++) out[i] = __expf(i); /* __GNUC__ */ }\n"
    )  # fmt: skip


LONGS = "{ long a[2] = {}; int i = (int)out[0]; "
STACK = {
    "store by index": LONGS + "a[i + 5] = 0x401000; out[1] = a[i & 1]; }",
    "store by index, before": LONGS + "a[i - 9] = 0x401000; out[1] = a[i & 1]; }",
    "store in a loop": LONGS + "for (int j = 0; j < 64; j++) a[i + j] = 0x401000; out[1] = a[i]; }",
    "store by pointer": LONGS + "long* p = a; p[i + 7] = 0x401000; out[1] = a[i & 1]; }",
    "store by hidden pointer": LONGS
    + "long* volatile p = a; p[i + 7] = 0x401000; out[1] = a[0]; }",
    "store in a structure": "{ struct { long a[2]; } s = {}; int i = (int)out[0]; "
    "s.a[i + 5] = 0x401000; out[1] = s.a[i & 1]; }",
    "store by a component": "{ float4 v = {}; int i = (int)out[0]; (&v.x)[i + 10] = 1; "
    "out[1] = v.x; }",
    "store in a function": "{ out[1] = f((int)out[0] + 3, 0x401000); }",
}


@pytest.mark.parametrize("name", STACK)
def test_return_addresses_are_out_of_reach(name: str) -> None:
    """A kernel could return to wherever it likes, and call the engine's functions from there."""
    helper = "__device__ __noinline__ long f(int i, long v)"
    code = helper + " { long a[2] = {}; a[i] = v; return a[0]; }\n" + K + STACK[name]
    for lane in ("check", "metrics"):
        for offset in range(8):
            asked = request(code, lane)
            asked["args"] = [np.full(8, offset, np.float32)]
            report = remote.serve(asked)["report"]
            kinds = {finding["kind"] for finding in report["findings"]}
            # A pointer may move within its frame, below what the function returns to.
            harmless = "pointer" in name or "component" in name
            assert kinds & {"declared-bounds", "out-of-bounds"} or (harmless and not kinds)
            assert report["stopped"] or harmless


def test_the_engine_is_out_of_reach() -> None:
    """A kernel could write into the engine's counters."""
    store = K + "{ for (long i = -(1 << 18); i < 1 << 18; i++) x[i] = 1; }"
    reply = serve("__device__ int x[4];\n" + store)
    assert reply["report"]["stopped"]
    assert reply["report"]["findings"][0]["kind"] == "declared-bounds"
    store = K + "{ int* p = x; for (long i = -(1 << 18); i < 1 << 18; i++) p[i] = 1; }"
    reply = serve("__device__ int x[4];\n" + store)
    assert reply["report"]["stopped"]
    assert reply["report"]["findings"][0]["kind"] == "out-of-bounds"
    walk = (
        "__device__ int x[4];\n"
        + K
        + "{ int s = 0, *p = x; for (long i = 0; i < 1 << 18; i++) s += p[i]; out[0] = s; }"
    )
    assert serve(walk)["report"]["stopped"]


NUMBERS = itertools.count()


def request(code: str, lane: str = "check") -> dict[str, Any]:
    """What the grader would send."""
    return {
        "module": next(NUMBERS), "code": code, "options": [], "name_expressions": [],
        "filename": "k.cu", "name": "k",
        "grid": 1, "block": 1, "args": [np.zeros(8, np.float32)], "shared_mem": 0, "lane": lane,
        "dynamic_limit": 49152, "seconds": 5.0, "accesses": 1_000_000,
    }  # fmt: skip


def serve(code: str) -> dict[str, Any]:
    """What comes back."""
    return remote.serve(request(code))


def test_serving() -> None:
    """The grader would get no values, or a report it cannot read."""
    reply = serve(K + "{ out[3] = 5; }")
    assert reply["arrays"][0].tolist() == [0, 0, 0, 5, 0, 0, 0, 0]
    assert reply["report"]["findings"] == []
    assert "not graded" in serve(FORGERIES["asm"])["error"]
    assert "error" in serve(K + "{ out[3] = 5 }")["error"]


@pytest.fixture
def elsewhere() -> Iterator[list[dict[str, Any]]]:
    """Every launch is served as by the jail; what was asked."""
    asked: list[dict[str, Any]] = []

    def ask(plain: dict[str, Any]) -> dict[str, Any]:
        asked.append(plain)
        return remote.serve(plain)

    remote.run_elsewhere(ask)
    yield asked
    remote.run_elsewhere(None)


def test_launches_elsewhere_are_the_same(elsewhere: list[dict[str, Any]]) -> None:
    """A kernel would pass in a notebook and fail at the grader."""
    head = 'extern "C" __global__ void k(const float* in, float* out, int n) '
    code = head + "{ out[threadIdx.x] = in[n]; }"
    module, data, out = RawModule(code), np.ones(4, np.float32), np.zeros(4, np.float32)
    there = module.launch("k", 1, 4, (data, out, np.int32(4)))
    assert len(elsewhere) == 1
    assert set(elsewhere[0]) == set(request("")), "the wire carries something else"
    remote.run_elsewhere(None)
    mine = np.zeros(4, np.float32)
    here = module.launch("k", 1, 4, (data, mine, np.int32(4)))
    assert there == here
    np.testing.assert_array_equal(mine, out)


def test_a_lying_reply_is_an_error(elsewhere: list[dict[str, Any]]) -> None:
    """The process that runs the kernel could put other shapes into the trusted one."""
    kernel = RawKernel(K + "{ out[0] = 1; }", "k")
    good = remote.serve(request(K + "{ out[0] = 1; }"))
    for arrays in ([], [np.zeros(9, np.float32)], [np.zeros(8)], [[1.0] * 8], good["arrays"] * 2):
        remote.run_elsewhere(lambda _, arrays=arrays: {"report": good["report"], "arrays": arrays})
        with pytest.raises(CudaError, match="other arrays"):
            kernel(1, 1, (np.zeros(8, np.float32),))


def test_hang_costs_its_deadline_only(elsewhere: list[dict[str, Any]]) -> None:
    """A kernel that never ends would stop the grader."""
    code = K + "{ volatile int i = 1; while (i) i = 1; }"
    report = RawModule(code).launch("k", 1, 1, (np.zeros(1, np.float32),), seconds=0.5)
    assert report.kinds == ("endless-loop",)


def test_load_and_errors_cross(elsewhere: list[dict[str, Any]]) -> None:
    """A crash in the jail would look like another fault here."""
    module = RawModule(K + "{ *(float*)8 = out[0]; }")
    with pytest.raises(KernelError, match="null pointer"):
        module.get_function("k")(1, 1, (np.zeros(1, np.float32),))
    assert load(OPERATORS["saxpy"].folder / "saxpy.cu").filename == "saxpy.cu"


def test_globals_outlive_a_launch_elsewhere() -> None:
    """A kernel that leaves a counter for its next launch would start from nothing each time."""
    code = "__device__ int runs = 0;\n" + K + "{ out[0] = ++runs; }"
    asked = request(code)
    first, second, other = (
        remote.serve(one)["arrays"][0][0] for one in (asked, asked, request(code))
    )
    assert (first, second, other) == (1, 2, 1), "modules of the same text are not one"


def test_one_array_twice_is_one_elsewhere(elsewhere: list[dict[str, Any]]) -> None:
    """A kernel that is wrong in place alone would pass at the grader."""
    head = 'extern "C" __global__ void k(const float* in, float* out) '
    module = RawModule(head + "{ out[0] = 2 * in[0]; out[1] = in[0]; }")
    x = np.array([1, 0], np.float32)
    module.launch("k", 1, 1, (x, x))
    assert elsewhere
    assert x.tolist() == [2, 2]
