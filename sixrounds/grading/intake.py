"""Puts what an LMS gives (a zip, or a folder) where grading looks for it.

The newest notebook of a student counts and lies in `submitted/`. What it replaces, and what comes
but is older, is kept in `.sixrounds/history/<assignment>/<student>/`: nothing is ever overwritten
or deleted. `timestamp.txt` has the time of the newest notebook, which is what counts as the time
of the assignment, as in nbgrader.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from sixrounds.errors import SixRoundsError
from sixrounds.grading.archive import Entry, Limits, notebooks
from sixrounds.grading.course import Course
from sixrounds.grading.files import locked, private_folder, write_bytes, write_text
from sixrounds.grading.names import nearest
from sixrounds.grading.roster import is_student_id
from sixrounds.grading.work import timestamp

Say = Callable[[str], None]
STAMPS = ("%Y-%m-%d-%H-%M-%S",)  # beside what nbgrader reads
AGAIN = re.compile(r"(?:-| ?\()(\d+)\)?\.ipynb$")


@dataclass(frozen=True)
class Handed:
    """A notebook that came in."""

    student: str
    topic: str
    modified: datetime
    attempt: int  # some systems number what was handed in again
    content: bytes


def default_pattern(assignment: str, topics: Iterable[str]) -> str:
    """What names look like in the zips of common systems.

    ada/01_topic.ipynb                                     folders, or ada.zip/01_topic.ipynb
    ada/round2_coding/01_topic.ipynb                       nbgrader's tree
    Ada L_123_assignsubmission_file_/01_topic.ipynb        Moodle
    lovelaceada_LATE_123_456_01_topic-1.ipynb              Canvas
    hw1_ada_attempt_2026-02-01-10-00-00_01_topic.ipynb     Blackboard
    ada_01_topic.ipynb
    """
    names = "|".join(re.escape(topic) for topic in topics)
    again = r"(?:-\d+| ?\(\d+\))?"
    who = rf"(?!{re.escape(assignment)}/)(?P<student_id>[^/]+?)"
    moodle, canvas = r"_\d+_assignsubmission_file_?", r"(?:_LATE)?_\d+_\d+"
    folder = rf"(?:{moodle}|{canvas}(?:_[^/]*)?)?/(?:{re.escape(assignment)}/)?"
    file = rf"(?:{canvas}|_attempt_(?P<timestamp>\d{{4}}(?:-\d\d){{5}}))?_"
    course = r"(?:[^/_]+_(?=[^/]*_attempt_))?"
    return rf"(?:.*/)?{course}{who}(?:{folder}|{file})(?P<file_id>{names}){again}\.ipynb$"


def collect(
    course: Course, assignment: str, source: Path, pattern: str | None = None, say: Say = print
) -> tuple[int, list[str]]:
    """Put the notebooks of a zip or a folder into `submitted/`.

    Args:
        course: from `Course.load`.
        assignment: its name.
        source: the zip or the folder.
        pattern: a regular expression for paths in it, with the groups `student_id` and `file_id`
            and perhaps `timestamp`, as nbgrader's `zip_collect` has them.
        say: called with a line for each notebook.

    Returns:
        How many notebooks are new in `submitted/`, and a line for each file that was refused.

    Raises:
        SixRoundsError: bad input, or nothing in it is of this assignment.
    """
    topics = [lesson.topic for lesson in course.lessons(assignment)]
    rule = compiled(pattern or default_pattern(assignment, topics))
    limits = Limits()
    seen, placed = 0, 0
    with locked(private_folder(course.own) / "lock"):
        shelf = Shelf(course, assignment)
        for handed in recognized(notebooks(source, limits), rule, topics, limits):
            seen += 1
            line, new = shelf.put(handed, limits)
            placed += new
            if line:
                say(line)
    if not seen:
        first = f" (first: {limits.refused[0]})" if limits.refused else ""
        raise SixRoundsError(
            f"{source}: no notebook of {assignment} in it{first}; its notebooks are "
            f"{', '.join(topics)}; if names look otherwise, say how with --pattern"
        )
    return placed, limits.refused


def compiled(pattern: str) -> re.Pattern[str]:
    """The expression.

    Raises:
        SixRoundsError: it is none, or lacks a group.
    """
    try:
        rule = re.compile(pattern)
    except re.error as error:
        raise SixRoundsError(f"--pattern {pattern}: no regular expression ({error})") from None
    if not {"student_id", "file_id"} <= set(rule.groupindex):
        raise SixRoundsError(
            f"--pattern {pattern}: it needs the groups (?P<student_id>…) and (?P<file_id>…)"
        )
    return rule


def recognized(
    entries: Iterable[Entry], rule: re.Pattern[str], topics: list[str], limits: Limits
) -> Iterator[Handed]:
    """The entries whose student and notebook are known; the others are refused by name."""
    for entry in entries:
        found = rule.match(entry.name)
        if not found:
            limits.refuse(entry.name, "its name does not say whose and which it is")
            continue
        student = (found["student_id"] or "").strip()
        topic = (found["file_id"] or "").removesuffix(".ipynb")
        if not is_student_id(student):
            limits.refuse(entry.name, f"{student!a} cannot be a student's id")
        elif topic not in topics:
            near = nearest(topic, topics)
            limits.refuse(entry.name, f"{topic!a} is no notebook of it; near: {near}")
        else:
            again = AGAIN.search(entry.name)
            attempt = int(again[1][:9]) if again else 0
            yield Handed(student, topic, when(entry, found), attempt, entry.content)


def when(entry: Entry, found: re.Match[str]) -> datetime:
    """When a notebook was handed in: by its name if that says so, else by its file."""
    text = found.groupdict().get("timestamp")
    if not text:
        return entry.modified
    for form in STAMPS:
        try:
            return datetime.strptime(text, form).astimezone(UTC)
        except ValueError:
            continue
    try:
        parsed: datetime = parse_utc(text)
    except (ValueError, OverflowError):
        return entry.modified
    return parsed.replace(tzinfo=UTC)


class Shelf:
    """The submissions of an assignment, into which new ones are put."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._course = course
        self._assignment = assignment
        folder = course.folder / "submitted"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        self._students = {name.casefold(): name for name in names}
        self._attempts: dict[Path, int] = {}

    def put(self, handed: Handed, limits: Limits) -> tuple[str, bool]:
        """Put one notebook in; returns what was done, and whether it is the one that counts."""
        known = self._students.setdefault(handed.student.casefold(), handed.student)
        name = f"{handed.student} {handed.topic}"
        if known != handed.student:
            limits.refuse(name, f"differs from {known} only in upper and lower case")
            return "", False
        folder = self._course.folder / "submitted" / handed.student / self._assignment
        path = folder / f"{handed.topic}.ipynb"
        if folder.parent.is_symlink() or folder.is_symlink() or path.is_symlink():
            limits.refuse(name, "a link stands in its place")
            return "", False
        old = path.read_bytes() if path.is_file() else None
        if old == handed.content:
            return f"kept {name}: the same was there", False
        if old is not None and not self._is_newer(handed, path):
            self._remember(handed.student, handed.topic, handed.modified, handed.content)
            return f"older {name}, of {shown(handed.modified)}: kept in the history", False
        said = f"collected {name}, of {shown(handed.modified)}"
        if old is not None:
            self._remember(handed.student, handed.topic, modified(path), old)
            said += "; the earlier one is kept in the history"
        write_bytes(path, handed.content)
        os.utime(path, (handed.modified.timestamp(),) * 2)
        self._attempts[path] = handed.attempt
        self._stamp(folder, handed.modified)
        return said, True

    def _is_newer(self, handed: Handed, path: Path) -> bool:
        """By time; of the same time, by the number that the system gave."""
        there = (int(modified(path).timestamp()), self._attempts.get(path, 0))
        return (int(handed.modified.timestamp()), handed.attempt) > there

    def _remember(self, student: str, topic: str, time: datetime, content: bytes) -> None:
        folder = self._course.own / "history" / self._assignment / student
        digest = hashlib.sha256(content).hexdigest()[:8]
        path = folder / f"{topic}.{time:%Y%m%dT%H%M%SZ}.{digest}.ipynb"
        if not path.exists():
            write_bytes(path, content)

    def _stamp(self, folder: Path, time: datetime) -> None:
        before = timestamp(folder)
        if before is None or before.replace(tzinfo=UTC) < time:
            write_text(folder / "timestamp.txt", f"{time:%Y-%m-%d %H:%M:%S} UTC\n")


def modified(path: Path) -> datetime:
    """When a file was changed."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def shown(time: datetime) -> str:
    """A time for a person."""
    return f"{time:%Y-%m-%d %H:%M} UTC"
