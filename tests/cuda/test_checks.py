"""The check lane: every kind of fault is named, at the learner's line, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest

from sixrounds.cuda import KernelError, KernelWarning, Lane, RawModule, Report, load, use

FAULTS = Path(__file__).parent / "faults.cu"
TEXT = FAULTS.read_text("utf-8")
LINES = {
    words[1].strip(): number
    for number, line in enumerate(TEXT.split("\n"), 1)
    if len(words := line.split("// HERE ")) == 2
}


@pytest.fixture(scope="module")
def module() -> RawModule:
    """All the faults, compiled once."""
    return load(FAULTS)


def floats() -> tuple[object, ...]:
    """An array for 64 threads."""
    return (np.zeros(64, np.float32),)


def ints(*more: int) -> tuple[object, ...]:
    """The same of whole numbers, and scalars."""
    return (np.zeros(64, np.int32), *map(np.int32, more))


def run(
    module: RawModule, kernel: str, args: tuple[object, ...], blocks: int = 1, threads: int = 64
) -> Report:
    """One small launch."""
    return module.launch(kernel, blocks, threads, args, accesses=100_000, seconds=2)


@pytest.mark.parametrize(
    ("kernel", "kind", "args", "blocks", "threads", "said"),
    [
        ("race_in_shared", "data-race", floats(), 1, 64, "tile[31], which thread (31, 0, 0) wrote"),
        ("race_in_warp", "data-race", floats(), 1, 32, "writes tile[1], which thread (0"),
        ("race_of_blocks", "data-race", floats(), 2, 32, "block (0, 0, 0), thread (0, 0, 0) wrote"),
        ("half_synced", "data-race", floats(), 1, 32, "no barrier orders them"),
        ("far_outside", "out-of-bounds", floats(), 1, 32, "out[16777216]; out has 64 elements"),
        ("before_start", "out-of-bounds", floats(), 1, 32, "store out of bounds: out[-1]"),
        ("null_pointer", "null-pointer", floats(), 1, 32, "use of a null pointer"),
        ("wild_pointer", "wild-pointer", floats(), 1, 32, "points into no array"),
        ("misaligned", "misaligned", floats(), 1, 1, "byte 4 of out is no multiple of 16"),
        ("uninitialized", "uninitialized", floats(), 1, 32, "reads tile[16], which no thread"),
        ("no_dynamic", "out-of-bounds", floats(), 1, 32, "has 0 elements; pass shared_mem="),
        ("write_constant", "write-to-constant", floats(), 1, 4, "writes the constant fixed"),
        ("divergent", "divergent-barrier", floats(), 1, 64, "thread (0, 0, 0) at line"),
        ("early_exit", "exited-before-barrier", (*floats(), np.int32(50)), 1, 64, "14 threads"),
        ("mask_without_me", "mask-excludes-caller", floats(), 1, 32, "mask 0x0000ffff"),
        ("mask_of_gone", "mask-names-absent-lanes", floats(), 1, 32, "lanes 16 to 31"),
        ("never_met", "collective-never-met", floats(), 1, 32, "waits for ever"),
        ("bad_width", "bad-shuffle-width", floats(), 1, 32, "shuffle width 7"),
        ("spins", "endless-loop", ints(), 1, 32, "budget of memory accesses"),
        ("spins_silently", "endless-loop", ints(), 1, 1, "used up its"),
        ("divides", "integer-division", ints(5), 1, 32, "divided by zero"),
        ("asserts", "stopped", (*floats(), np.int32(10)), 1, 32, "assert(threadIdx.x < n) failed"),
    ],
)  # fmt: skip
def test_fault(
    module: RawModule,
    kernel: str,
    kind: str,
    args: tuple[object, ...],
    blocks: int,
    threads: int,
    said: str,
) -> None:
    """A learner would look for this fault alone, or in another line."""
    report = run(module, kernel, args, blocks, threads)
    found = [f for f in report.findings if (f.kind, f.line) == (kind, LINES[kernel])]
    assert found, str(report)
    assert said in found[0].message, found[0].message
    assert found[0].message.startswith(f"faults.cu:{LINES[kernel]}: ")


def test_lock_without_fence(module: RawModule) -> None:
    """A lock that orders nothing would pass."""
    args = (np.zeros(1, np.int32), np.zeros(1, np.int32))
    report = run(module, "lock_without_fence", args, 1, 128)
    assert "data-race" in report.kinds
    assert {finding.line for finding in report.findings} == {LINES["lock_without_fence"]}


@pytest.mark.parametrize(
    ("kernel", "args", "threads"),
    [
        ("locked", (np.zeros(1, np.int32), np.zeros(1, np.int32)), 256),
        ("byte_neighbors", (np.zeros(64, np.uint8),), 64),
        ("half_synced_well", floats(), 32),
    ],
)
def test_right_code_is_not_reported(
    module: RawModule, kernel: str, args: tuple[object, ...], threads: int
) -> None:
    """Locks, bytes side by side and partial masks would be called wrong."""
    report = run(module, kernel, args, 1, threads)
    assert report.clean, str(report)


def test_who_and_how_often(module: RawModule) -> None:
    """A report would have hundreds of lines, or none that says which thread."""
    report = run(module, "uninitialized", floats(), 1, 32)
    assert len(report.findings) == 1
    finding = report.findings[0]
    assert (finding.count, finding.thread, finding.block) == (16, (16, 0, 0), (0, 0, 0))


def test_same_launch_same_report(module: RawModule) -> None:
    """Two learners with the same kernel would get different words, or grades."""
    first, second = (run(module, "race_in_shared", floats()).json() for _ in range(2))
    assert first == second


def test_warning_and_error(module: RawModule) -> None:
    """A race would go unseen where nobody prints the report; a crash would look like success."""
    with pytest.warns(KernelWarning, match=r"faults.cu:\d+: data race"):
        module.get_function("race_in_warp")(1, 32, floats())
    with pytest.raises(KernelError, match="null pointer") as error:
        module.get_function("null_pointer")(1, 32, floats())
    assert isinstance(error.value.report, Report)


@pytest.mark.parametrize(
    ("kernel", "kind"),
    [
        ("null_pointer", "null-pointer"),
        ("divides", "integer-division"),
        ("recursion", "stack-overflow"),
        ("spins_silently", "endless-loop"),
    ],
)
def test_fast_lane_survives(module: RawModule, kernel: str, kind: str) -> None:
    """A crash would take the notebook's kernel with it."""
    args = ints(5) if kernel == "divides" else floats() if kernel == "null_pointer" else ints()
    report = module.launch(kernel, 1, 32, args, lane=Lane.FAST, seconds=1)
    assert report.kinds == (kind,)
    assert abs(report.findings[0].line - LINES[kernel]) <= 3


def test_out_of_bounds_leaves_other_arrays_alone() -> None:
    """A store past one array would change another, and the result would depend on their order."""
    code = """extern "C" __global__ void k(float* a, float* b) { a[threadIdx.x] = 1; }"""
    a, b = np.zeros(16, np.float32), np.zeros(16, np.float32)
    with use("fast"):
        RawModule(code).get_function("k")(1, 32, (a, b))
    assert a.tolist() == [1] * 16
    assert b.tolist() == [0] * 16


def test_html_escapes_and_json_is_plain(module: RawModule) -> None:
    """A learner's text would become part of the page; the grader could not read the report."""
    report = run(module, "early_exit", (*floats(), np.int32(50)))
    assert "&lt;" not in str(report)
    html = (
        RawModule(
            'extern "C" __global__ void k(int* p) { p[p[0] < 1 ? 99 : 0] = 1; }', filename="<b>.cu"
        )
        .launch("k", 1, 1, (np.zeros(4, np.int32),))
        ._repr_html_()
    )
    assert "<b>.cu" not in html
    assert "&lt;b&gt;.cu" in html


def test_endless_recursion(module: RawModule) -> None:
    """A deep stack would run into another thread's."""
    report = run(module, "recursion", ints(), 1, 32)
    assert report.kinds == ("stack-overflow",)
    assert 0 <= LINES["recursion"] - report.findings[0].line <= 3


def test_a_misaligned_wide_access_is_no_null_pointer() -> None:
    """A learner would search for a null pointer where an alignment is wrong."""
    code = (
        'extern "C" __global__ void k(const float* in, float4* out) {\n'
        "  out[threadIdx.x] = reinterpret_cast<const float4*>(in + 1)[threadIdx.x];\n}"
    )
    given, out = np.zeros(16, np.float32), np.zeros(8, np.float32)
    report = RawModule(code).launch("k", 1, 2, (given, out), lane=Lane.CHECK)
    assert report.stopped
    assert report.kinds == ("misaligned", "stopped")
    assert "byte 4 of in is no multiple of 16" in report.findings[0].message
