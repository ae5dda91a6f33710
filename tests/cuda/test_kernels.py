"""The reference kernels: right on awkward sizes, never reported; what breaks them always is."""

import functools
import re
from pathlib import Path

import numpy as np
import pytest
from mutants import mutants

from sixrounds.cuda.api import RawModule
from sixrounds.cuda.lanes import Lane
from sixrounds.cuda.operators import OPERATORS, Operator
from sixrounds.cuda.report import Report

ACCESSES = 5_000_000
ALL = [pytest.param(operator, id=operator.name) for operator in OPERATORS.values()]


def run(
    module: RawModule, kernel: str, operator: Operator, size: int, lane: Lane = Lane.CHECK
) -> tuple[Report, float]:
    """A launch's report, and its error in units of the tolerance."""
    base = kernel.rsplit("::", maxsplit=1)[-1]
    problem = operator.problem(base, size, np.random.default_rng(size))
    args = tuple(problem.args.values())
    report = module.launch(
        kernel,
        problem.grid,
        problem.block,
        args,
        problem.shared_mem,
        lane=lane,
        accesses=ACCESSES,
        seconds=3,
    )
    return report, problem.worst()


def caught(module: RawModule, kernel: str, operator: Operator, sizes: tuple[int, ...]) -> set[str]:
    """What the checks say over some sizes: kinds of findings, and `value`."""
    kinds: set[str] = set()
    for size in sizes:
        report, worst = run(module, kernel, operator, size)
        kinds |= set(report.kinds) | ({"value"} if worst > 1 else set())
    return kinds


@pytest.mark.parametrize("operator", ALL)
def test_references_are_right_and_clean(operator: Operator) -> None:
    """A lesson would teach a kernel that is wrong off the tile, or a checker that cries wolf."""
    module = operator.module()
    for kernel in operator.kernels:
        for size in operator.sizes:
            report, worst = run(module, kernel, operator, size)
            assert report.clean, f"size {size}: {report}"
            assert worst <= 1, f"{kernel}, size {size}: error {worst:.3g} times the tolerance"


@pytest.mark.parametrize("operator", ALL)
@pytest.mark.parametrize("lane", [Lane.FAST, Lane.METRICS])
def test_lanes_compute_the_same(operator: Operator, lane: Lane) -> None:
    """A kernel would pass its checks in one lane and be wrong in another."""
    module = operator.module()
    for kernel in operator.kernels:
        report, worst = run(module, kernel, operator, operator.sizes[2], lane)
        assert not report.stopped
        assert worst <= 1


@pytest.mark.parametrize("operator", ALL)
def test_every_deletion_is_caught(operator: Operator) -> None:
    """A kernel without a barrier, fence, mask, atomic or bound check would get full marks."""
    path = operator.folder / f"{operator.name}.cu"
    all_mutants = mutants(path.read_text("utf-8"))
    assert all_mutants
    head = re.findall(r"^constexpr [^\n]+\n", path.read_text("utf-8"), re.MULTILINE)
    assert all(line in all_mutants[0].text for line in head)
    code = "".join(mutant.text for mutant in all_mutants)
    module = RawModule(code, name_expressions=[mutant.kernel for mutant in all_mutants])
    survived = []
    for mutant in all_mutants:
        alive = (
            not caught(module, mutant.kernel, operator, (size,)) for size in operator.sizes[1:]
        )
        if all(alive):
            survived.append(str(mutant))
    assert not survived


@functools.cache
def ratios(module: RawModule, kernel: str, operator: Operator) -> dict[tuple[str, str, str], float]:
    """Sectors or wavefronts per request of each array and kind of access."""
    report, _ = run(module, kernel, operator, operator.measured, Lane.METRICS)
    found = {}
    for array, space, access in {(row.array, row.space, row.access) for row in report.rows}:
        per = report.sectors_per_request if space == "global" else report.wavefronts_per_request
        found[array, space, access] = per(array, access)
    return found


def named(path: Path, what: str) -> str:
    """A line of a wrong kernel's head."""
    found = re.search(rf"^// {what}: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    assert found, f"{path}: its head must say `// {what}: …`"
    return found[1]


@pytest.mark.parametrize("operator", ALL)
def test_wrong_kernels_are_caught_as_they_say(operator: Operator) -> None:
    """A learner's usual mistake would get full marks, or a report that does not fit it."""
    texts, expected = [], []
    assert len(operator.wrong()) >= 2
    for path in operator.wrong():
        texts.append(
            f"namespace {path.stem} {{\n{path.read_text('utf-8')}}}\n".replace('extern "C" ', "")
        )
        expected.append(
            (path.stem, named(path, "Stands for"), set(named(path, "Caught by").split(", ")))
        )
        assert named(path, "Wrong").endswith(".")
    expressions = [f"{stem}::{kernel}" for stem, kernel, _ in expected]
    module, good = RawModule("".join(texts), name_expressions=expressions), operator.module()
    for stem, kernel, wanted in expected:
        name = f"{stem}::{kernel}"
        seen = caught(module, name, operator, operator.sizes[2:])
        if wanted & {"sectors", "wavefronts"}:
            best = ratios(good, kernel, operator)
            for (array, space, access), ratio in ratios(module, name, operator).items():
                if ratio > 1.3 * best.get((array, space, access), 1):
                    seen.add("sectors" if space == "global" else "wavefronts")
        assert wanted <= seen, f"{stem}: caught by {sorted(seen)}, not by {sorted(wanted - seen)}"
