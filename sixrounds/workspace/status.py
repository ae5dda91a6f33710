"""What is written in a workspace, what passed its public tests, and what is next.

Only `check` runs anything. What it saw counts as long as neither the answer, nor the cells it
leans on, nor the release's setup and tests changed since.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sixrounds import content
from sixrounds.checking.recipe import plan_of
from sixrounds.editions.notebook import Notebook, RawCell
from sixrounds.errors import SixRoundsError
from sixrounds.grading import submission
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.paths import lesson_key
from sixrounds.workspace import cells, folder
from sixrounds.workspace.folder import Workspace, digest

MISSING = "missing"
UNWRITTEN = "not written"
WRITTEN = "written"
PASSED = "public tests passed"
FAILED = "public tests failed"

HEADING = re.compile(r"^#{1,6} .*?\((\d+) min\)", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One exercise of a learner's notebook; `message` and `hint` are those of the last check."""

    notebook: str
    exercise: str
    status: str
    minutes: int | None = None
    message: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Sheet:
    """One notebook: its exercises, or the line that says why it cannot be read."""

    key: str
    rows: list[Row] = field(default_factory=list)
    problem: str = ""
    outdated: bool = False


def survey(workspace: Workspace) -> list[Sheet]:
    """Every released notebook of a workspace, in the order of the curriculum.

    Raises:
        SixRoundsError: the state file is broken.
    """
    results = workspace.state().results
    keys = [lesson_key(path) for path in content.released()]
    return [sheet(workspace, key, results.get(key, {})) for key in keys]


def sheet(workspace: Workspace, key: str, results: dict[str, dict[str, str]]) -> Sheet:
    """One notebook; `results` are what its last checks said, by exercise."""
    try:
        mine = workspace.read(key)
    except SixRoundsError as error:
        return Sheet(key, problem=str(error))
    installed = content.read_released(workspace.installed(key)[0])
    release = workspace.base(key, mine) or installed
    minutes = times(release)
    checked = fingerprints(workspace, key)
    rows = []
    for exercise, stub in cells.answers(release).items():
        status = state_of(mine["cells"], stub)
        last = results.get(exercise, {})
        current = status == WRITTEN and last.get("answer", "") == checked.get(exercise)
        shown = last if current else {}
        said = shown.get("message", ""), shown.get("hint", "")
        rows.append(Row(key, exercise, shown.get("status", status), minutes.get(exercise), *said))
    return Sheet(key, rows, outdated=workspace.made_from(key, mine) != digest(installed))


def state_of(mine: list[RawCell], stub: RawCell) -> str:
    """Whether an exercise was written, without running it."""
    place = cells.answer_place(mine, stub)
    if place is None:
        return MISSING
    return WRITTEN if cells.is_written(mine[place], stub) else UNWRITTEN


def times(release: Notebook) -> dict[str, int]:
    """The minutes that the heading above each exercise names."""
    found: dict[str, int] = {}
    last: int | None = None
    for cell in release["cells"]:
        named = HEADING.findall(cells.text(cell)) if cell["cell_type"] == "markdown" else []
        last = int(named[-1]) if named else last
        if cells.is_answer(cell) and last is not None:
            found[cells.grade_id(cell)], last = last, None
    return found


def fingerprints(workspace: Workspace, key: str) -> dict[str, str]:
    """By exercise a digest of all that decides whether its public tests pass."""
    released = content.read_released(workspace.installed(key)[0])
    given = submission.read(workspace.notebook(key), plan_of(key, released))
    ours = [cells.text(cell) for cell in released["cells"] if cells.grade_id(cell)]
    return {
        name: hashlib.sha256(repr((answer.source, answer.before, ours)).encode()).hexdigest()
        for name, answer in given.answers.items()
    }


def check(workspace: Workspace) -> Iterator[str]:
    """Run the public tests of every written answer and remember what they said.

    Yields:
        A line before each notebook is run, and for each that cannot be.

    Raises:
        SixRoundsError: the state file is broken.
    """
    from sixrounds.checking import check_notebook  # noqa: PLC0415  starts processes: only here

    for one in survey(workspace):
        written = [row.exercise for row in one.rows if row.status not in (MISSING, UNWRITTEN)]
        if not written:
            continue
        yield f"checking {one.key}"
        before = fingerprints(workspace, one.key)
        try:
            verdicts = check_notebook(workspace.notebook(one.key), written)
        except SixRoundsError as error:
            yield str(error)
            continue
        if fingerprints(workspace, one.key) != before:
            yield f"{one.key}: saved while it was checked; run `sixrounds status --run` again"
            continue
        remember(workspace, one.key, verdicts, before)


def remember(
    workspace: Workspace, key: str, verdicts: list[Verdict], checked: dict[str, str]
) -> None:
    """Keep what the public tests said of each answer; what they said of others stays."""
    state = workspace.state()
    state.results[key] = state.results.get(key, {}) | {
        verdict.exercise: {
            "status": PASSED if verdict.status is Status.PASSED else FAILED,
            "message": verdict.message,
            "hint": verdict.hint,
            "answer": checked[verdict.exercise],
        }
        for verdict in verdicts
        if verdict.exercise in checked
    }
    workspace.save(state)


@contextmanager
def remembered(path: Path) -> Iterator[list[Verdict]]:
    """Keep the verdicts put into the list, if the notebook lies in a workspace.

    Not if it was saved while it was checked: nobody knows which answers were run then.
    """
    verdicts: list[Verdict] = []
    place = path.resolve()
    try:
        workspace, key = folder.find(place.parents[1]), lesson_key(place)
        before = fingerprints(workspace, key) if workspace.notebook(key) == place else {}
    except SixRoundsError:
        before = {}  # not a workspace of ours: the check itself is all that is asked for
    yield verdicts
    if before and fingerprints(workspace, key) == before:
        remember(workspace, key, verdicts, before)


def next_row(sheets: list[Sheet]) -> Row | None:
    """What to do next: the first exercise not written, else the first that failed."""
    rows = [row for one in sheets for row in one.rows]
    for wanted in ((UNWRITTEN, MISSING), (FAILED,)):
        found = next((row for row in rows if row.status in wanted), None)
        if found:
            return found
    return None
