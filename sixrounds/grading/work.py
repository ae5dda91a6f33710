"""One notebook of one student: where its files are, and what was handed in."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from sixrounds.grading.course import Course
from sixrounds.grading.plan import Plan
from sixrounds.grading.submission import Submission, read
from sixrounds.source import Lesson


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


def take(work: Work) -> tuple[Submission, str]:
    """The submission, and a digest of its bytes. What is wrong with it names the file alone."""
    shown = f"{work.lesson.topic}.ipynb"
    if is_link(work):
        return Submission(shown, problem=f"{shown}: a link; put the notebook itself there"), "link"
    submission = read(work.path, work.plan)
    problem = submission.problem.replace(str(work.path), shown)
    return replace(submission, name=shown, problem=problem), digest(work)


def digest(work: Work) -> str:
    """The SHA-256 of what was handed in; a word if there are no bytes that can be read."""
    if is_link(work):
        return "link"
    if not work.path.is_file():  # a pipe would never end
        return "no file"
    try:
        with work.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "not readable"


def is_link(work: Work) -> bool:
    """Whether a link stands in place of the work: to the reference, or to another's notebook."""
    return work.path.is_symlink() or work.folder.is_symlink()


def timestamp(folder: Path) -> datetime | None:
    """When a submission was handed in, if nbgrader's `timestamp.txt` says so."""
    try:
        found: datetime = parse_utc((folder / "timestamp.txt").read_text().strip())
    except (OSError, ValueError, OverflowError):
        return None
    return found
