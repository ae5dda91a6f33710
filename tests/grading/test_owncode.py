"""Keys are made again when, and only when, the code that judges has changed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sixrounds.grading import owncode

PACKAGE = owncode.PACKAGE
SIXROUNDS = PACKAGE.parent
# Where judging starts: the trusted worker, the fork server, and what makes a verdict of a run.
STARTS = ("worker", "student/server", "grade", "submission", "plan", "key")
LEFT_OUT = sorted(owncode.LEFT_OUT)


def modules_of(path: Path) -> Iterator[Path]:
    """The files of ours that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sixrounds"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in (node.module or "", *names):
                place = SIXROUNDS.parent / name.replace(".", "/")
                for found in (place.with_suffix(".py"), place / "__init__.py"):
                    if found.is_file():
                        yield found


def judging() -> set[Path]:
    """All files of the grader that judging an answer can run; the checks of learners are not it."""
    seen: set[Path] = set()
    waiting = [PACKAGE / f"{name}.py" for name in STARTS]
    while waiting:
        path = waiting.pop()
        if path in seen or SIXROUNDS / "checking" in path.parents:
            continue
        seen.add(path)
        waiting += modules_of(path)
    return {path for path in seen if PACKAGE in path.parents}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_left_out_module_judges_nothing(name: str) -> None:
    """A change of a module that judges would leave old keys, and give answers wrong hints."""
    found = [PACKAGE / f"{name}.py", *(PACKAGE / name).rglob("*.py")]
    found = [path for path in found if path.is_file()]
    assert found, f"{name}: there is no such module; take it out of LEFT_OUT"
    assert not judging().intersection(found)
    assert not any(map(owncode.judges, found))


def test_no_other_module_is_left_out() -> None:
    """A new module of the grader would be left out without anyone having decided it."""
    out = {path for path in owncode.files(PACKAGE) if not owncode.judges(path)}
    named = {
        path
        for name in LEFT_OUT
        for path in (PACKAGE / f"{name}.py", *owncode.files(PACKAGE / name))
    }
    assert out <= named
    assert all(map(owncode.judges, judging()))
    assert all((SIXROUNDS / name).is_file() for name in owncode.SHARED)


def test_rooms_count_for_the_lessons_that_use_them() -> None:
    """A change of how rows are compared would leave a drill's old keys."""
    judge = (SIXROUNDS / "sql" / "judge.py").read_text()
    assert judge in owncode.judging_code(["from sixrounds import sql"])
    assert judge not in owncode.judging_code(["import math"])
