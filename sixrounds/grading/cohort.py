"""Grades a class: every `submitted/<student>/<assignment>/<NN_topic>.ipynb` of a course.

An engine computes, and this process alone writes. Each notebook is recorded as it finishes:
`autograded/` for instructors, `feedback/` for learners, the gradebook, and last a note in
`.sixrounds/graded/` that says what was graded. A run that is killed goes on where it stopped, and
what did not change is not graded again. Nothing in one submission stops the others.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from sixrounds.grading import notes
from sixrounds.grading.choice import find_works
from sixrounds.grading.course import BOOK_NOTE, Course
from sixrounds.grading.engine import How, Job, Result, engine
from sixrounds.grading.engine.job import failure_of
from sixrounds.grading.files import locked, private_folder
from sixrounds.grading.flat import flat
from sixrounds.grading.grade import grade
from sixrounds.grading.gradebook import Gradebook, opened
from sixrounds.grading.late import Late, Penalties
from sixrounds.grading.notes import Graded
from sixrounds.grading.owncode import own_code
from sixrounds.grading.plan import Plan
from sixrounds.grading.products import are_complete, write_products
from sixrounds.grading.submission import Submission
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.grading.work import Work, digest, take, timestamp

Row = dict[str, Any]


class Show(Protocol):
    """Who is told how far a run has come."""

    def begin(self, total: int) -> None:
        """So many notebooks have to be graded."""

    def step(self) -> None:
        """One of them is graded."""

    def say(self, line: str) -> None:
        """Of each notebook, and of whatever is passed over."""


class Quiet:
    """Tells nobody."""

    def begin(self, total: int) -> None:
        """Nothing."""

    def step(self) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""


def grade_course(
    course: Course,
    assignment: str,
    *,
    student: str | None = None,
    notebook: str | None = None,
    regrade: bool = False,
    how: How | None = None,
    show: Show | None = None,
) -> list[Row]:
    """Grade the submissions of an assignment.

    Args:
        course: from `Course.load`.
        assignment: a chapter, or a name given to `course init --assign`.
        student: grade only theirs.
        notebook: grade only this `<NN_topic>`.
        regrade: grade even what did not change.
        how: with which workers; as many as there are cores by default.
        show: is told of each notebook.

    Returns:
        A row per exercise: student, notebook, exercise, score, max_score, status, message, hint.

    Raises:
        SixRoundsError: there is no such assignment, student or notebook, nothing was handed in,
            the course's secret seed is not the one it was made with, or it cannot be graded here.
    """
    how, show = how or How(), show or Quiet()
    how.require_possible()
    works = find_works(course, assignment, student, notebook, show.say)
    lessons = list({work.lesson.key: work.lesson for work in works}.values())
    with locked(private_folder(course.own) / "lock"), opened(course.database) as book:
        name = book.note(BOOK_NOTE) or ""
        clerk = Clerk(course.seed(book), book, name, Penalties(course.folder), show)
        for line in book.sync(assignment, lessons):
            show.say(line)
        todo = [number for number, work in enumerate(works) if clerk.is_stale(work, regrade)]
        show.begin(len(todo))
        results: dict[int, Sequence[Verdict]] = {}
        for number in sorted(set(range(len(works))) - set(todo)):
            results[number] = clerk.keep(works[number])
        if todo:
            with closing(engine(how, course.own / "keys", name[:16])) as workers:
                desk = Desk(clerk, works, todo)
                for result in workers.run(desk.jobs()):
                    results[result.number] = desk.finish(result)
                results |= desk.failed
    rows = [row for number in sorted(results) for row in rows_of(works[number], results[number])]
    return sorted(rows, key=lambda row: str(row["student"]))  # stable: lessons stay in order


@dataclass(frozen=True)
class Clerk:
    """Knows what is graded already, and writes what is graded now."""

    seed: bytes
    book: Gradebook
    book_name: str
    penalties: Penalties
    show: Show

    def is_stale(self, work: Work, regrade: bool) -> bool:
        """Whether a notebook has to be graded; one of nobody who handed in anything has not."""
        if not work.folder.is_dir():
            return False
        graded = notes.load(work.note)
        if regrade or graded is None or not are_complete(work):
            return True
        return graded.fingerprint != self.fingerprint(work, digest(work))

    def keep(self, work: Work) -> Sequence[Verdict]:
        """The verdicts of a notebook that did not change, with what people entered since."""
        graded = notes.load(work.note)
        if graded is None:  # nothing was handed in
            return self._say("graded", work, grade(work.plan, take(work)[0]), Late())
        try:
            final, late, added = self._with_people(work, graded.verdicts)
            if flat(graded.added) != added:
                submission, _ = take(work)
                write_products(work, submission, graded.verdicts, final, late)
                notes.store(work.note, replace(graded, added=added))
        except Exception as error:  # see Desk.finish
            return self.blame(work, failure_of(error))
        return self._say("kept", work, final, late)

    def record(
        self, work: Work, submission: Submission, content: str, result: Result
    ) -> Sequence[Verdict]:
        """Write all that comes of a notebook that was graded."""
        before = notes.load(work.note)
        self.book.record(
            work.student,
            work.assignment,
            work.lesson.topic,
            result.verdicts,
            handed_in=timestamp(work.folder),
            changed=before is not None and before.content != content,
        )
        final, late, added = self._with_people(work, result.verdicts)
        write_products(work, submission, result.verdicts, final, late)
        name = self.fingerprint(work, content)
        notes.store(work.note, Graded(name, content, result.verdicts, added, result.seconds))
        return self._say("graded", work, final, late)

    def blame(self, work: Work, failure: str) -> Sequence[Verdict]:
        """The verdicts of a notebook that the grader failed on. Scores stay as they were."""
        self.book.undo()
        self.show.say(f"failed {work.student} {work.lesson.topic} {failure}")
        blank = grade(work.plan, Submission("", problem=failure))
        return [replace(verdict, status=Status.ERROR) for verdict in blank]

    def fingerprint(self, work: Work, content: str) -> str:
        """Changes with anything a verdict rests on; keyed, so that it says nothing of the seed."""
        parts = (content, rules(work.plan), self.book_name, timestamp(work.folder))
        key = hashlib.sha256(self.seed).digest()
        return hashlib.blake2b(repr(parts).encode(), key=key, digest_size=16).hexdigest()

    def _with_people(
        self, work: Work, verdicts: Sequence[Verdict]
    ) -> tuple[Sequence[Verdict], Late, Mapping[str, Any]]:
        """The verdicts with what people entered, what being late costs, and both as noted."""
        place = (work.student, work.assignment, work.lesson.topic)
        hand = self.book.hand(*place)
        late = self.book.charge(*place, self.penalties)
        return (
            [hand.apply(verdict) for verdict in verdicts],
            late,
            flat(hand) | {"late": flat(late)},
        )

    def _say(
        self, what: str, work: Work, verdicts: Sequence[Verdict], late: Late
    ) -> Sequence[Verdict]:
        score = sum(verdict.score for verdict in verdicts)
        full = sum(verdict.max_score for verdict in verdicts)
        line = f"{what} {work.student} {work.lesson.topic} {score:g}/{full:g}"
        self.show.say(f"{line}, {late.penalty:g} off for being late" if late.penalty else line)
        return verdicts


class Desk:
    """The notebooks of a run on their way to an engine and back."""

    def __init__(self, clerk: Clerk, works: Sequence[Work], todo: Sequence[int]) -> None:
        self._clerk = clerk
        self._works = works
        self._todo = todo
        self._out: dict[int, tuple[Submission, str]] = {}
        self.failed: dict[int, Sequence[Verdict]] = {}  # before an engine could have them

    def jobs(self) -> Iterator[Job]:
        """The notebooks, read only when an engine has room for one."""
        for number in self._todo:
            work = self._works[number]
            try:
                self._out[number] = take(work)
            except Exception as error:  # see finish
                self.failed[number] = self._clerk.blame(work, failure_of(error))
                continue
            yield Job(number, work.plan, self._out[number][0], self._clerk.seed)

    def finish(self, result: Result) -> Sequence[Verdict]:
        """Write what comes of a notebook, whatever may be wrong with it."""
        work = self._works[result.number]
        submission, content = self._out.pop(result.number)
        try:
            if result.failure:
                return self._clerk.blame(work, result.failure)
            return self._clerk.record(work, submission, content, result)
        except Exception as error:
            # Anything at all: a class must not wait for one submission.
            return self._clerk.blame(work, failure_of(error))
        finally:
            self._clerk.show.step()


@lru_cache(maxsize=256)
def rules(plan: Plan) -> str:
    """A digest of how a notebook is graded: its own plan, and the grader."""
    return hashlib.sha256(f"{plan!r}{own_code()}".encode()).hexdigest()


def rows_of(work: Work, verdicts: Sequence[Verdict]) -> Iterator[Row]:
    """The verdicts as rows."""
    for verdict in verdicts:
        yield {"student": work.student, "notebook": work.lesson.topic, **verdict.row()}
