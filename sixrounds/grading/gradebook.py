"""A course's nbgrader gradebook: what can be earned, who earned what, and what people entered.

One process writes, through nbgrader's own models, so that formgrader and export read it unchanged.
Points that a person gave, and their comments, are never overwritten: autograding writes only
`auto_score`, `auto_comment` and whether a person has to look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from nbgrader import api

from sixrounds.errors import SixRoundsError
from sixrounds.grading import database, structure
from sixrounds.grading.late import Late, Penalties
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import Lesson

# Beside nbgrader's tables, unknown to its models and migrations, which leave it alone.
OWN = sql.Table(
    "sixrounds_course",
    sql.MetaData(),
    sql.Column("key", sql.String(64), primary_key=True),
    sql.Column("value", sql.String(256), nullable=False),
)
BY_HAND = (Status.MANUAL, Status.UNSUPPORTED)


@dataclass(frozen=True)
class Hand:
    """What a person entered for one submitted notebook, by grade id."""

    scores: Mapping[str, float]
    comments: Mapping[str, str]

    def apply(self, verdict: Verdict) -> Verdict:
        """The verdict with a person's points in place of ours, and their comment added."""
        given = [name for name, _, _ in verdict.cells if name in self.scores]
        comment = self.comments.get(verdict.exercise, "")
        if not given and not comment:
            return verdict
        said = [verdict.message, comment]
        if given:
            said = ["points given by hand", comment]
        score = sum(self.scores.get(name, points) for name, points, _ in verdict.cells)
        return replace(verdict, score=score, message=": ".join(filter(None, said)))


class Gradebook:
    """An open gradebook; made by `opened`."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._db = book.db
        OWN.create(book.engine, checkfirst=True)

    def note(self, key: str) -> str | None:
        """A course-wide value of ours."""
        found = self._db.execute(sql.select(OWN.c.value).where(OWN.c.key == key)).scalar()
        return None if found is None else str(found)

    def set_note(self, key: str, value: str) -> None:
        """Keep a course-wide value."""
        self._db.execute(sql.delete(OWN).where(OWN.c.key == key))
        self._db.execute(sql.insert(OWN).values(key=key, value=value))
        self._db.commit()

    def enroll(self, students: Iterable[Mapping[str, str]]) -> None:
        """Add students, or bring their names up to date; `id` and what else is known of each."""
        for student in students:
            known = {key: value for key, value in student.items() if key != "id"}
            self._book.update_or_create_student(student["id"], **known)

    def sync(self, assignment: str, lessons: Sequence[Lesson]) -> list[str]:
        """Make the assignment hold exactly the lessons' graded cells; says what it could not do."""
        self._book.update_or_create_assignment(assignment)
        kept: list[str] = []
        for lesson in lessons:
            kernel = structure.kernelspec(lesson)
            row = self._book.update_or_create_notebook(lesson.topic, assignment, kernelspec=kernel)
            kept += structure.sync(self._db, row, lesson)
        self._db.commit()
        return kept

    def record(
        self,
        student: str,
        assignment: str,
        topic: str,
        verdicts: Sequence[Verdict],
        *,
        handed_in: datetime | None = None,
        changed: bool = False,
    ) -> None:
        """Write one graded notebook; the student and the submission are added if they are new.

        Args:
            student: nbgrader's student id.
            assignment: its name in the gradebook.
            topic: the notebook's name.
            verdicts: one per exercise, from `grade`.
            handed_in: UTC, of the submission; None if nobody noted it.
            changed: the submission is not the one that was graded before, so points given by
                hand need another look.
        """
        row = self._submission(student, assignment, topic, handed_in)
        grades = {grade.cell.name: grade for grade in row.grades}
        comments = {comment.cell.name: comment for comment in row.comments}
        for verdict in verdicts:
            by_hand = verdict.status in BY_HAND
            for name, score, _ in verdict.cells:
                set_score(grades[name], None if by_hand else float(score), changed)
            if verdict.exercise in comments:
                said = [verdict.message, verdict.hint]
                comments[verdict.exercise].auto_comment = "\n".join(filter(None, said)) or None
        self._db.commit()

    def hand(self, student: str, assignment: str, topic: str) -> Hand:
        """What a person entered for a submitted notebook; nothing if it was never recorded."""
        row = self._notebook(student, assignment, topic)
        if row is None:
            return Hand({}, {})
        scores = {
            grade.cell.name: float(grade.score)
            for grade in row.grades
            if grade.manual_score is not None or grade.extra_credit is not None
        }
        comments = {
            comment.cell.name: comment.manual_comment
            for comment in row.comments
            if comment.manual_comment
        }
        return Hand(scores, comments)

    def late(self, student: str, assignment: str, topic: str) -> Late:
        """How late a notebook was, and what was taken off when it was graded."""
        row = self._notebook(student, assignment, topic)
        if row is None:
            return Late()
        return Late(float(row.assignment.total_seconds_late), row.late_submission_penalty or 0.0)

    def charge(self, student: str, assignment: str, topic: str, penalties: Penalties) -> Late:
        """Take off a notebook what being late costs, by what is due and earned now."""
        row = self._notebook(student, assignment, topic)
        if row is None:
            return Late()
        late = self.late(student, assignment, topic)
        penalty = penalties.penalty(student, float(row.score), late.seconds)
        if penalty != late.penalty:
            row.late_submission_penalty = penalty or None
            self._db.commit()
        return Late(late.seconds, penalty)

    def undo(self) -> None:
        """Forget a write that failed half-way, so that the next one starts clean."""
        self._db.rollback()

    def _notebook(self, student: str, assignment: str, topic: str) -> Any | None:
        """A submitted notebook's row; None if it was never recorded."""
        try:
            return self._book.find_submission_notebook(topic, assignment, student)
        except api.MissingEntry:
            return None

    def _submission(
        self, student: str, assignment: str, topic: str, handed_in: datetime | None
    ) -> Any:
        """The submitted notebook's row, with a grade and a comment for every cell there is now."""
        try:
            whole = self._book.find_submission(assignment, student)
        except api.MissingEntry:
            self._book.update_or_create_student(student)
            parent = self._book.find_assignment(assignment)
            whole = api.SubmittedAssignment(assignment_id=parent.id, student_id=student)
            self._db.add(whole)
        whole.timestamp = handed_in
        self._db.flush()
        structure.complete(self._db, whole)
        return self._book.find_submission_notebook(topic, assignment, student)


def set_score(grade: Any, score: float | None, changed: bool) -> None:
    """Write the automatic score (None: only a person can tell), and who has to look."""
    if grade.manual_score is None:
        grade.needs_manual_grade = score is None
    elif changed or grade.auto_score != score:
        grade.needs_manual_grade = True
    grade.auto_score = score


@contextmanager
def opened(where: Path | sql.URL) -> Iterator[Gradebook]:
    """Open a course's gradebook, made if there is none.

    Raises:
        SixRoundsError: it is no gradebook of this nbgrader, or cannot be reached.
    """
    url = database.sqlite(where) if isinstance(where, Path) else where
    if url.drivername != "sqlite":
        database.require(url)
    try:
        make(url)
        book = api.Gradebook(url)
        gradebook = Gradebook(book)
    except sql.exc.DatabaseError as error:
        raise SixRoundsError(
            f"{database.shown(url)}: not a gradebook that nbgrader can open "
            f"({database.reason(error, url)}); back it up, then run `nbgrader db upgrade` in the "
            "course's folder, or move it away"
        ) from None
    try:
        yield gradebook
    finally:
        book.close()


def make(url: sql.URL) -> None:
    """Make nbgrader's tables in an empty database, and note the version they have.

    nbgrader would do so, too, and start the program `alembic` to ask it for the version: seconds,
    and a program that must be found.
    """
    engine = sql.create_engine(url)
    try:
        with engine.begin() as connection:
            if not sql.inspect(connection).get_table_names():
                from alembic.migration import MigrationContext  # noqa: PLC0415  seldom needed
                from alembic.script import ScriptDirectory  # noqa: PLC0415

                api.Base.metadata.create_all(connection)
                scripts = ScriptDirectory(str(Path(api.__file__).with_name("alembic")))
                MigrationContext.configure(connection).stamp(scripts, "head")
    finally:
        engine.dispose()
