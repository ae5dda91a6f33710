"""Grades a class: every `submitted/<student>/<assignment>/<NN_topic>.ipynb` of a course.

Each notebook is recorded as it finishes: `autograded/` for instructors, `feedback/` for learners,
the gradebook, and last a note in `.sixrounds/graded/` that says what was graded. A run that is
killed goes on where it stopped, and what did not change is not graded again. Nothing in one
submission stops the others.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc

from sixrounds.editions.notebook import dumps
from sixrounds.errors import SixRoundsError
from sixrounds.grading.autograded import autograded
from sixrounds.grading.course import BOOK_NOTE, Course
from sixrounds.grading.executor import WarmProcesses
from sixrounds.grading.feedback import page
from sixrounds.grading.files import locked, private_folder, write_text
from sixrounds.grading.grade import grade
from sixrounds.grading.gradebook import Gradebook, Hand, opened
from sixrounds.grading.key import Keys
from sixrounds.grading.plan import Plan, plan
from sixrounds.grading.roster import is_student_id
from sixrounds.grading.submission import Submission, read
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import Lesson

PACKAGE = Path(__file__).parent
Row = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Graded:
    """What is noted of a graded notebook."""

    fingerprint: str  # of all that the verdicts rest on
    content: str  # SHA-256 of the submission alone
    verdicts: tuple[Verdict, ...]
    hand: Mapping[str, Any]  # what people had entered when feedback was written


@dataclass(frozen=True)
class Work:
    """One notebook of one student."""

    course: Course
    student: str
    assignment: str
    lesson: Lesson
    plan: Plan

    @property
    def folder(self) -> Path:
        """Where the student's notebooks of the assignment are."""
        return self.course.folder / "submitted" / self.student / self.assignment

    @property
    def path(self) -> Path:
        """The submission."""
        return self.folder / f"{self.lesson.topic}.ipynb"

    def place(self, step: str, suffix: str) -> Path:
        """Where a step of nbgrader's keeps its file."""
        name = f"{self.lesson.topic}{suffix}"
        return self.course.folder / step / self.student / self.assignment / name

    @property
    def note(self) -> Path:
        """Where what was graded is noted."""
        folder = self.course.own / "graded" / self.assignment / self.lesson.topic
        return folder / f"{self.student}.json"


def grade_course(
    course: Course,
    assignment: str,
    *,
    student: str | None = None,
    regrade: bool = False,
    say: Say = lambda line: None,
) -> list[Row]:
    """Grade the submissions of an assignment.

    Args:
        course: from `Course.load`.
        assignment: a chapter, or a name given to `course init --assign`.
        student: grade only theirs.
        regrade: grade even what did not change.
        say: called with a line for each notebook, and for whatever is passed over.

    Returns:
        A row per exercise: student, notebook, exercise, score, max_score, status, message, hint.

    Raises:
        SixRoundsError: there is no such assignment or student, nothing was handed in, or the
            course's secret seed is not the one it was made with.
    """
    lessons = course.lessons(assignment)
    students = find_students(course, assignment, student, say)
    rows: list[Row] = []
    with (
        locked(private_folder(course.own) / "lock"),
        opened(course.gradebook) as book,
        WarmProcesses() as executor,
    ):
        grader = Grader(course.seed(book), book, executor, Keys(executor, course.own / "keys"))
        for line in book.sync(assignment, lessons):
            say(line)
        for lesson in lessons:
            for name in students:
                work = Work(course, name, assignment, lesson, plan(lesson))
                verdicts, fresh = grader.finish(work, regrade)
                rows += rows_of(work, verdicts)
                say(f"{'graded' if fresh else 'kept'} {name} {lesson.topic} {summary(verdicts)}")
            executor.close()  # a process per notebook, not all of them at once
    return sorted(rows, key=lambda row: str(row["student"]))  # stable: lessons stay in order


@dataclass(frozen=True)
class Grader:
    """Grades notebooks of one course, one at a time."""

    seed: bytes
    book: Gradebook
    executor: WarmProcesses
    keys: Keys

    def finish(self, work: Work, regrade: bool) -> tuple[Sequence[Verdict], bool]:
        """Grade a notebook and write all that comes of it, whatever may be wrong with it.

        Returns:
            The verdicts, and whether the notebook had to be graded.
        """
        try:
            return self._finish(work, regrade)
        except Exception as error:
            # Anything at all: a class must not wait for one submission. Scores stay as they were.
            self.book.undo()
            self.executor.close()
            said = " ".join(f"the grader failed: {type(error).__name__}: {error}".split())
            blank = grade(work.plan, Submission("", problem=said))
            return [replace(verdict, status=Status.ERROR) for verdict in blank], True

    def _finish(self, work: Work, regrade: bool) -> tuple[Sequence[Verdict], bool]:
        submission, content = take(work)
        if not work.folder.is_dir():
            return grade(work.plan, submission), True
        old = None if regrade else load(work)
        before = load(work) if regrade else old
        fingerprint = self._fingerprint(work, content)
        fresh = old is None or old.fingerprint != fingerprint or not is_complete(work)
        if old is None or fresh:
            verdicts = grade(
                work.plan, submission, seed=self.seed, executor=self.executor, keys=self.keys
            )
            self._record(work, verdicts, changed=before is not None and before.content != content)
        else:
            verdicts = list(old.verdicts)
        hand = self.book.hand(work.student, work.assignment, work.lesson.topic)
        final = [hand.apply(verdict) for verdict in verdicts]
        if old is None or fresh or old.hand != plain(hand):
            write_products(work, submission, verdicts, final)
            store(work, Graded(fingerprint, content, tuple(verdicts), plain(hand)))
        return final, fresh

    def _record(self, work: Work, verdicts: Sequence[Verdict], changed: bool) -> None:
        self.book.record(
            work.student,
            work.assignment,
            work.lesson.topic,
            verdicts,
            handed_in=timestamp(work.folder),
            changed=changed,
        )

    def _fingerprint(self, work: Work, content: str) -> str:
        """Changes with anything a verdict rests on; keyed, so that it says nothing of the seed."""
        book = self.book.note(BOOK_NOTE)
        parts = repr((content, work.plan, book, timestamp(work.folder), own_code())).encode()
        key = hashlib.sha256(self.seed).digest()
        return hashlib.blake2b(parts, key=key, digest_size=16).hexdigest()


def find_students(course: Course, assignment: str, wanted: str | None, say: Say) -> list[str]:
    """The students with a folder under submitted/; what cannot be one is passed over and named."""
    folder = course.folder / "submitted"
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_dir() and is_student_id(path.name):
            found.append(path.name)
        elif not path.name.startswith("."):
            say(f"passed over {path.name!a} in {folder}: not a student's folder")
    if not found:
        raise SixRoundsError(
            f"{folder}: nothing was handed in; put each notebook at "
            f"{folder}/<student>/{assignment}/<NN_topic>.ipynb"
        )
    if wanted is None:
        return found
    if wanted not in found:
        near = get_close_matches(wanted, found, n=3) or found[:3]
        raise SixRoundsError(f"{wanted}: no folder of that name in {folder}; {', '.join(near)} are")
    return [wanted]


def take(work: Work) -> tuple[Submission, str]:
    """The submission, and a digest of its bytes. What is wrong with it names the file alone."""
    shown = f"{work.lesson.topic}.ipynb"
    if work.path.is_symlink() or work.folder.is_symlink():
        # It could lead to the reference, or to another student's work.
        return Submission(shown, problem=f"{shown}: a link; put the notebook itself there"), "link"
    submission = read(work.path, work.plan)
    problem = submission.problem.replace(str(work.path), shown)
    return replace(submission, name=shown, problem=problem), digest(work.path)


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes; a word if it has none that can be read."""
    if not path.is_file():  # a pipe would never end
        return "no file"
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "not readable"


def timestamp(folder: Path) -> datetime | None:
    """When a submission was handed in, if nbgrader's `timestamp.txt` says so."""
    try:
        found: datetime = parse_utc((folder / "timestamp.txt").read_text().strip())
    except (OSError, ValueError, OverflowError):
        return None
    return found


def write_products(
    work: Work, submission: Submission, verdicts: Sequence[Verdict], final: Sequence[Verdict]
) -> None:
    """Write the notebook for formgrader and the page for the learner."""
    notebook = autograded(work.lesson, work.plan, submission, verdicts)
    write_text(work.place("autograded", ".ipynb"), dumps(notebook))
    html = page(work.lesson, work.plan, submission, final, work.student, work.assignment)
    write_text(work.place("feedback", ".html"), html)


def is_complete(work: Work) -> bool:
    """Whether what an earlier run wrote is still there."""
    return all(
        work.place(step, suffix).is_file()
        for step, suffix in (("autograded", ".ipynb"), ("feedback", ".html"))
    )


def plain(hand: Hand) -> dict[str, Any]:
    """What a person entered, as JSON keeps it."""
    return {"scores": dict(hand.scores), "comments": dict(hand.comments)}


def load(work: Work) -> Graded | None:
    """What is noted of this notebook; None if it has to be graded."""
    try:
        raw = json.loads(work.note.read_text(encoding="utf-8"))
        verdicts = tuple(to_verdict(one) for one in raw["verdicts"])
        return Graded(raw["fingerprint"], raw["content"], verdicts, raw["hand"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def to_verdict(raw: Mapping[str, Any]) -> Verdict:
    """A verdict from its row and cells."""
    cells = tuple((name, score, full) for name, score, full in raw["cells"])
    return Verdict(**{**raw, "status": Status(raw["status"]), "cells": cells})


def store(work: Work, graded: Graded) -> None:
    """Note what was graded; the last step, so that a killed run does it again."""
    raw = {
        "fingerprint": graded.fingerprint,
        "content": graded.content,
        "verdicts": [one.row() | {"cells": one.cells} for one in graded.verdicts],
        "hand": graded.hand,
    }
    write_text(work.note, json.dumps(raw, indent=1) + "\n")


def rows_of(work: Work, verdicts: Sequence[Verdict]) -> Iterator[Row]:
    """The verdicts as rows."""
    for verdict in verdicts:
        yield {"student": work.student, "notebook": work.lesson.topic, **verdict.row()}


def summary(verdicts: Sequence[Verdict]) -> str:
    """A notebook's points."""
    score = sum(verdict.score for verdict in verdicts)
    return f"{score:g}/{sum(verdict.max_score for verdict in verdicts):g}"


@cache
def own_code() -> str:
    """The grader's own sources: when they change, everything is graded again."""
    return "".join(
        path.read_text(encoding="utf-8") for path in sorted(PACKAGE.iterdir()) if path.is_file()
    )
