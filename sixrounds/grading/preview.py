"""What a run would grade, without grading: the dry run of `sixrounds grade --plan`."""

from collections.abc import Sequence
from dataclasses import dataclass

from sixrounds.grading.choice import Say, find_works
from sixrounds.grading.cohort import Clerk, Quiet
from sixrounds.grading.course import BOOK_NOTE, Course
from sixrounds.grading.engine import How, available_cores
from sixrounds.grading.gradebook import opened
from sixrounds.grading.late import Penalties
from sixrounds.grading.times import expected
from sixrounds.grading.work import Work


@dataclass(frozen=True)
class Preview:
    """What would be graded and what kept, and the seconds it may take (None: unknown)."""

    todo: Sequence[Work]
    kept: Sequence[Work]
    absent: Sequence[Work]  # students who handed in nothing of the assignment
    workers: int | None  # None: those of a cluster
    seconds: float | None


def preview(
    course: Course,
    assignment: str,
    *,
    student: str | None = None,
    notebook: str | None = None,
    regrade: bool = False,
    how: How | None = None,
    say: Say = lambda line: None,
) -> Preview:
    """What `grade_course` would do with the same arguments; writes nothing.

    Raises:
        SixRoundsError: as `grade_course`.
    """
    how = how or How()
    works = find_works(course, assignment, student, notebook, say)
    with opened(course.database) as book:
        name = book.note(BOOK_NOTE) or ""
        clerk = Clerk(course.seed(book), book, name, Penalties(course.folder), Quiet())
        todo = [work for work in works if clerk.is_stale(work, regrade)]
    there = [work for work in works if work.folder.is_dir()]
    workers = None if how.scheduler else how.workers
    if not how.scheduler and workers is None:
        workers = available_cores()
    return Preview(
        todo,
        [work for work in there if work not in todo],
        [work for work in works if work not in there],
        workers,
        expected(todo, workers or 1),
    )
