"""The drills of the curriculum: their queries, their committed instances, and fresh draws."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sixrounds import sql, testing
from sixrounds.grading.adversary import FOLDER, TEXT_LIMIT, outcome, queries_of
from sixrounds.grading.hints import answer, asked
from sixrounds.grading.plan import ExercisePlan
from sixrounds.source import load
from sixrounds.sql.engine import fetched
from sixrounds.sql.instances import none_committed, read
from sixrounds.sql.judge import answered

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Drill:
    """One exercise whose answer is a query."""

    exercise: ExercisePlan
    setup: dict[str, Any]
    reference: str
    path: Path

    @property
    def file(self) -> dict[str, Any]:
        """The committed file."""
        return dict(json.loads(self.path.read_text("utf-8")))

    def committed(self) -> list[sql.Asked]:
        """The committed instances, as the tests ask them."""
        first = self.drawn(b"any")[0]
        items = self.file["instances"]
        return [sql.Asked(read(item, first.db.schema), first.ordered) for item in items]

    def drawn(self, seed: bytes) -> list[sql.Asked]:
        """What the tests ask under a seed, without the committed instances."""
        testing.use_seed(seed)
        try:
            with none_committed():
                return asked(self.exercise, self.reference, self.setup)
        finally:
            testing.use_seed(testing.PUBLIC_SEED)

    def told(self, queries: Iterable[str], questions: Iterable[sql.Asked]) -> set[str]:
        """The queries that at least one question tells from the reference."""
        left, found = list(dict.fromkeys(queries)), set()
        for question in questions:
            wanted, *given = outcomes([self.reference, *left], question)
            found |= {query for query, got in zip(left, given, strict=True) if got != wanted}
            left = [query for query in left if query not in found]
        return found


def outcomes(queries: Sequence[str], question: sql.Asked) -> list[Any]:
    """What each query gives; the rows are loaded once unless a query fails, which ends that."""
    try:
        with question.db.loaded() as connection:
            results = [fetched(query, connection, TEXT_LIMIT) for query in queries]
    except sql.SqlError:
        return [outcome(query, question) for query in queries]
    return [answered(result, question.ordered) for result in results]


def drills() -> list[Drill]:
    """All drills of the curriculum."""
    found = []
    for lesson in load(ROOT):
        if "sql.check(" in lesson.path.read_text("utf-8"):
            for exercise, setup in queries_of(lesson):
                reference = str(answer(exercise, exercise.reference, setup))
                path = ROOT / FOLDER / f"{exercise.id}.json"
                found.append(Drill(exercise, setup, reference, path))
    return found
