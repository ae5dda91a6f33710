"""How to run a released notebook's visible tests: the grader's plan, made without any source."""

import ast
from typing import Any

from sixrounds.content import exercise_ids
from sixrounds.grading.plan import ExercisePlan, Plan, TestsPlan, definitions

Notebook = dict[str, Any]


def plan_of(key: str, notebook: Notebook) -> Plan:
    """The plan of a released notebook.

    References and mistakes are not in it: an exercise that builds on another one uses the
    learner's own answer to that.
    """
    cells = notebook["cells"]
    return Plan(
        key=key,
        setup=tuple(text(cell) for cell in cells if grade_id(cell).startswith("setup-")),
        lessons=tuple(
            (text(cell).strip(), definitions(text(cell)))
            for cell in cells
            if cell["cell_type"] == "code" and not grade_id(cell)
        ),
        exercises=tuple(exercise(name, cells) for name in exercise_ids(notebook)),
        written=(),
    )


def exercise(name: str, cells: list[dict[str, Any]]) -> ExercisePlan:
    """The plan of one exercise, by the grade ids of its cells."""
    tests = []
    probes = []
    for cell in cells:
        if belongs(grade_id(cell), "test", name) and has_code(text(cell)):
            points = cell["metadata"]["nbgrader"]["points"]
            tests.append(TestsPlan(grade_id(cell), text(cell), int(points)))
        elif belongs(grade_id(cell), "probe", name):
            probes.append(text(cell))
    stub = next(text(cell) for cell in cells if grade_id(cell) == name)
    return ExercisePlan(name, stub, "", (), tuple(probes), tuple(tests), ())


def belongs(found: str, kind: str, name: str) -> bool:
    """Whether a grade id is `kind-name` or a numbered further one."""
    start = f"{kind}-{name}"
    return found == start or (found.startswith(f"{start}-") and found[len(start) + 1 :].isdigit())


def has_code(source: str) -> bool:
    """Whether a tests cell has anything visible to run."""
    return bool(ast.parse(source).body)


def text(cell: dict[str, Any]) -> str:
    """A cell's source as one string."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def grade_id(cell: dict[str, Any]) -> str:
    """A cell's grade id, "" for one without."""
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))
