"""The helpers that grade a kernel: right ones pass, and each way to be wrong is told."""

import json

import matplotlib as mpl
import numpy as np
import pytest

from sixrounds.cuda import (
    Asked,
    Call,
    CudaError,
    RawKernel,
    expect,
    numbers,
    observe,
    over,
    picture,
    use,
)
from sixrounds.cuda.__main__ import main
from sixrounds.cuda.judging import Random, error, tolerance
from sixrounds.cuda.operators import operator

RIGHT = """
extern "C" __global__ void k(const float* x, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = 2 * x[i];
}
"""


def call(size: int, rng: Random) -> Call:
    """A launch for `size` elements."""
    x = numbers(rng, size)
    args = {"x": x, "out": np.zeros(size, np.float32), "n": np.int32(size)}
    return Call(over(size, 32), 32, args)


def doubled(x: np.ndarray, **_: object) -> dict[str, np.ndarray]:
    """What it must compute."""
    return {"out": 2 * x.astype(np.float64)}


def kernel(code: str = RIGHT) -> RawKernel:
    """A kernel to grade."""
    return RawKernel(code, "k")


def test_right_kernel_passes() -> None:
    """A right answer would lose points."""
    expectation = expect(kernel(), call).correct(doubled).no_reports()
    assert expectation.sectors_per_request("out", store=True) <= 4.5
    assert expectation.sectors_per_request("x") == 4
    assert expectation.requests("x", load=True) == 32
    assert expectation.global_bytes <= 2 * 4 * 1024
    assert expectation.efficiency >= 0.99


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2 * x[i]", "2 * x[i] + 1e-2f", "out has wrong values"),
        ("2 * x[i]", "2 * x[i] * 1.0001f", "out has wrong values"),
        ("if (i < n) out", "if (i < 1024) out", "out of bounds"),
        ("if (i < n) out", "if (i < n - 1) out", "size 1: out has wrong values"),
        ("2 * x[i]", "2 * x[i], ((float*)x)[i] = 0", "x was changed"),
        ("2 * x[i]", "2 * x[i + (1 << 26)]", "size 1: the launch was given up"),
        ("2 * x[i]", "n > 40 && i == 0 ? NAN : 2 * x[i]", "size 127: out has wrong values"),
    ],
)  # fmt: skip
def test_wrong_kernel_is_told(old: str, new: str, said: str) -> None:
    """A wrong answer would pass, or nobody could say why it did not."""
    assert old in RIGHT
    with pytest.raises(AssertionError) as found:
        expect(kernel(RIGHT.replace(old, new)), call).correct(doubled).no_reports()
    assert said in str(found.value)


def test_metrics_that_are_too_high_are_told() -> None:
    """A slow kernel would get the points of a fast one, or no message."""
    strided = expect(kernel(RIGHT.replace("x[i]", "x[(i * 8) % n]")), call)
    with pytest.raises(AssertionError, match=r"sectors per request of x \(loads\): 32, .* <= 4.5"):
        strided.sectors_per_request("x", load=True) <= 4.5  # noqa: B015  it raises
    with pytest.raises(AssertionError, match="no access to 'y'; arrays with metrics: out, x"):
        strided.sectors_per_request("y") <= 4.5  # noqa: B015
    with pytest.raises(AssertionError, match="bytes of global memory"):
        strided.global_bytes < 100  # noqa: B015


def test_tolerance_tells_rounding_from_mistakes() -> None:
    """A sum in another order would fail, or a sum that lacks its smallest term pass."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        terms = numbers(rng, 1000)
        exact, scale = terms.astype(np.float64).sum(), np.abs(terms.astype(np.float64)).sum()
        for order in (terms, np.sort(terms), terms[::-1]):
            one_by_one = np.add.accumulate(order, dtype=np.float32)[-1:]
            assert error(one_by_one, np.array([exact]), 1000, np.array([scale])) <= 1
        without = np.array([exact - np.abs(terms).mean()], np.float32)
        assert error(without, np.array([exact]), 1000, np.array([scale])) > 1
    assert tolerance(np.dtype(np.int32), 1000) == 0
    assert error(np.array([1], np.int32), np.array([1.0]), 1) == 0
    assert error(np.array([np.nan], np.float32), np.array([1.0]), 1) == np.inf


def test_pictures() -> None:
    """A lesson's picture would show other addresses than were touched, or none."""
    mpl.use("agg")
    module = operator("transpose").module()
    problem = operator("transpose").problem("transpose_tiled", 64, np.random.default_rng(0))
    args = tuple(problem.args.values())
    with use("metrics"):
        naive = module.launch("transpose_naive", problem.grid, problem.block, args)
        tiled = module.launch("transpose_tiled", problem.grid, problem.block, args)
    axes = picture.sectors(naive, "out", store=True)
    assert len(axes.patches) == 32
    assert "32 sectors" in axes.get_title()
    assert {text.get_text() for text in axes.texts} == {str(lane) for lane in range(32)}
    assert "4 sectors" in picture.sectors(naive, "in").get_title()
    assert "at most 32 words in a bank" in picture.banks(tiled, "tile", load=True).get_title()
    assert "at most 1 words in a bank" in picture.banks(tiled, "tile", store=True).get_title()
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    with pytest.raises(CudaError, match="no shared access to 'tile' to draw; there are: "):
        picture.banks(naive, "tile")


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody could tell whether this machine's compiler counts right."""
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    for part in ("ok  check", " compile ", "g++", "1024 threads a block", "lockstep"):
        assert part in said
    assert "NOT" not in said


READS_AGAIN = """
extern "C" __global__ void k(const float* x, float* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) { out[i] = 2 * x[i]; if (x[i] > 1) out[i] = 2 * x[i]; }
}
"""


def in_place(size: int, rng: Random) -> Call:
    """A launch whose input is its output."""
    x = numbers(rng, size)
    return Call(over(size, 32), 32, {"x": x, "out": x, "n": np.int32(size)})


def test_an_array_that_is_passed_twice_stays_one() -> None:
    """A kernel that is wrong in place alone would pass, as it did on two copies."""
    expect(kernel(), in_place).correct(doubled).no_reports()
    expect(kernel(READS_AGAIN), call).correct(doubled).no_reports()
    with pytest.raises(AssertionError, match="out has wrong values"):
        expect(kernel(READS_AGAIN), in_place).correct(doubled)
    asked: list[Asked] = []
    observe(lambda one, _seen: asked.append(one))
    try:
        expect(kernel(), in_place).correct(doubled)
    finally:
        observe(None)
    again = [Asked.of(json.loads(json.dumps(one.step()))) for one in asked]  # as shipped
    assert all(one.args["x"] is one.args["out"] for one in again)
    fine = [[], False, {}, {}]
    assert [one.ask(RIGHT) for one in again] == [fine] * len(again)
    assert [one.ask(READS_AGAIN) for one in again].count(fine) < len(again) - 2
