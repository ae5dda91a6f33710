"""A graded assignment as tables: every result, and what the class got wrong, by mistake.

Made from the course's notes and its gradebook, so that points given by hand and late penalties are
in. They hold results and messages alone: no seed, no tests, no answers.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sixrounds.grading import notes
from sixrounds.grading.gradebook import Gradebook
from sixrounds.grading.late import Late
from sixrounds.grading.plan import Plan
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.grading.work import Work, digest

NONE = "no mistake recognized"
NOT_WRONG = (Status.MANUAL, Status.UNSUPPORTED)
NOT_RUN = (Status.UNWRITTEN, Status.MISSING, Status.UNREADABLE)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Record:
    """One exercise of one student.

    `late_penalty` is the exercise's share of what is taken off its notebook, in proportion to its
    score: sums over a notebook are right. `seconds` is None for what was not run.
    """

    student: str
    notebook: str
    exercise: str
    score: float
    max_score: float
    status: str
    message: str
    hint: str
    late_penalty: float
    seconds: float | None


@dataclass(frozen=True)
class Failing:
    """How many of the class lost points on an exercise in one way, of those who were graded."""

    notebook: str
    exercise: str
    mistake: str
    count: int
    of: int
    share: float


def records(works: Iterable[Work], book: Gradebook) -> tuple[list[Record], list[str]]:
    """A row per student and exercise, and a line for each notebook that is not graded as it is."""
    rows: list[Record] = []
    said = []
    for work in works:
        graded = notes.load(work.note)
        name = f"{work.student} {work.lesson.topic}"
        if graded is None:
            if work.folder.is_dir():
                said.append(f"{name}: not graded yet, and left out")
            continue
        if graded.content != digest(work):
            said.append(f"{name}: changed after it was graded; this is the earlier result")
        place = (work.student, work.assignment, work.lesson.topic)
        hand, late = book.hand(*place), book.late(*place)
        final = [hand.apply(verdict) for verdict in graded.verdicts]
        rows += list(rows_of(work, final, late, graded.seconds))
    return sorted(rows, key=lambda row: row.student), said


def rows_of(
    work: Work, verdicts: Sequence[Verdict], late: Late, seconds: Mapping[str, float]
) -> Iterable[Record]:
    """The rows of one notebook."""
    whole = sum(verdict.score for verdict in verdicts)
    for verdict in verdicts:
        share = late.penalty * verdict.score / whole if whole else 0.0
        yield Record(
            work.student,
            work.lesson.topic,
            **verdict.row(),
            late_penalty=round(share, 4),
            seconds=seconds.get(verdict.exercise),
        )


def failing(rows: Iterable[Record], plans: Iterable[Plan]) -> list[Failing]:
    """What the class got wrong: by exercise in the lessons' order, what is most frequent first."""
    names = {
        (exercise.id, mistake.hint): mistake.name
        for plan in plans
        for exercise in plan.exercises
        for mistake in exercise.mistakes
    }
    graded: Counter[tuple[str, str]] = Counter()
    wrong: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        place = (row.notebook, row.exercise)
        graded[place] += 1
        wrong[place].update(lost_by(row, names))
    return [
        Failing(*place, mistake, count, graded[place], round(count / graded[place], 4))
        for place in graded
        for mistake, count in wrong[place].most_common()
    ]


def lost_by(row: Record, names: Mapping[tuple[str, str], str]) -> list[str]:
    """In which way a row lost points; nothing if it did not, or a person has to look."""
    if row.score >= row.max_score or row.status in NOT_WRONG:
        return []
    if row.status in NOT_RUN:
        return [row.status]
    return [names.get((row.exercise, row.hint), NONE)]


def as_csv(kind: type[Record] | type[Failing], rows: Iterable[Record | Failing]) -> str:
    """A table as CSV with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(kind))
    for row in rows:
        writer.writerow(cell(value) for value in asdict(row).values())
    return out.getvalue()


def cell(value: Any) -> Any:
    """A value that a spreadsheet takes for what it is: a learner's text could be a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
