"""How long grading took, from a course's notes, and how long the next run will take."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from sixrounds.grading import notes
from sixrounds.grading.work import Work


@dataclass(frozen=True)
class Timing:
    """How long one answer took to grade, waiting included."""

    student: str
    notebook: str
    exercise: str
    seconds: float


@dataclass(frozen=True)
class Total:
    """The times of one student, or of one exercise."""

    name: str
    count: int
    total: float
    median: float
    slowest: float


def timings(works: Iterable[Work]) -> list[Timing]:
    """The noted time of each answer that was run."""
    found = []
    for work in works:
        graded = notes.load(work.note)
        if graded is not None:
            found += [
                Timing(work.student, work.lesson.topic, exercise, seconds)
                for exercise, seconds in graded.seconds.items()
            ]
    return found


def totals(timed: Iterable[tuple[str, float]]) -> list[Total]:
    """Seconds by name, slowest first."""
    by_name: dict[str, list[float]] = defaultdict(list)
    for name, seconds in timed:
        by_name[name].append(seconds)
    made = [Total(name, len(s), sum(s), median(s), max(s)) for name, s in by_name.items()]
    return sorted(made, key=lambda one: (-one.total, one.name))


def expected(todo: Sequence[Work], workers: int) -> float | None:
    """Seconds that grading will take, from what the same notebooks took before.

    The slowest of a notebook is taken to have paid its start, which every worker pays at once.

    Returns:
        None if nothing of one of the notebooks was graded before.
    """
    whole = 0.0
    by_lesson: dict[tuple[str, str], list[Work]] = defaultdict(list)
    for work in todo:
        by_lesson[work.assignment, work.lesson.topic].append(work)
    for (assignment, topic), works in by_lesson.items():
        seen = [
            sum(graded.seconds.values())
            for _, graded in notes.all_of(works[0].course.own, assignment, topic)
            if graded.seconds
        ]
        if not seen:
            return None
        usual = median(seen)
        whole += max(seen) - usual + len(works) * usual / max(1, workers)
    return whole
