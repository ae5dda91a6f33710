"""Chooses a drill's instances: small data on which every mistake and every mutant goes wrong.

For authors. Candidates are what the hidden tests draw under many seeds; one that tells a wrong
query from the reference is cut down, row by row, to what that needs. What no candidate tells from
the reference is kept as a survivor, for an author to say why it is equivalent.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sixrounds import sql, testing
from sixrounds.grading.cells import Names, execute
from sixrounds.grading.hints import answer, asked
from sixrounds.grading.plan import ExercisePlan, plan
from sixrounds.grading.queries import is_query
from sixrounds.source import Lesson
from sixrounds.sql.instances import none_committed, rows_as_json
from sixrounds.sql.judge import answered
from sixrounds.sql.mutants import Mutant, mutants

FOLDER = Path("data") / "sql_drills"
SEEDS = 15
TEXT_LIMIT = 5.0


@dataclass
class Chosen:
    """The instances of one drill, and what no instance tells apart."""

    instances: list[dict[str, Any]] = field(default_factory=list)
    survivors: list[dict[str, str]] = field(default_factory=list)
    killed: int = 0

    def dumps(self) -> str:
        """The file's text: a row a line."""
        blocks = []
        for item in self.instances:
            tables = ",\n".join(
                f"   {json.dumps(name)}: [\n    "
                + ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in rows)
                + "\n   ]"
                for name, rows in item["tables"].items()
            )
            head = ", ".join(
                f"{json.dumps(key)}: {json.dumps(item[key])}" for key in ("kind", "for")
            )
            body = f"{{\n{tables}\n  }}" if tables else "{}"
            blocks.append(f'  {{{head}, "tables": {body}}}')
        left = [
            "  {"
            + ",\n   ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in item.items())
            + "}"
            for item in self.survivors
        ]
        instances = ",\n".join(blocks)
        survivors = "[\n" + ",\n".join(left) + "\n ]" if left else "[]"
        return (
            f'{{\n "killed": {self.killed},\n "instances": [\n{instances}\n ],\n'
            f' "survivors": {survivors}\n}}\n'
        )


def queries_of(lesson: Lesson) -> Iterator[tuple[ExercisePlan, Names]]:
    """The exercises of a lesson whose answer is a query, with the names of its setup."""
    recipe = plan(lesson)
    setup: Names = {"__name__": "__main__"}
    for source in recipe.setup:
        execute(source, "<setup>", setup)
    for exercise in recipe.exercises:
        if is_query(answer(exercise, exercise.reference, setup)):
            yield exercise, setup


def choose(exercise: ExercisePlan, setup: Names, old: dict[str, Any]) -> Chosen:
    """Instances for one drill; kinds and reasons that an author wrote are taken over from `old`."""
    reference = str(answer(exercise, exercise.reference, setup))
    pool = candidates(exercise, reference, setup)
    kinds = {json.dumps(item["tables"]): item["kind"] for item in old.get("instances", [])}
    reasons = {item["query"]: item["reason"] for item in old.get("survivors", [])}
    chosen = Chosen()
    picked: list[sql.Asked] = []
    for name, query, own in targets(exercise, setup, reference):
        if not own and any(tells(query, reference, one) for one in picked):
            chosen.killed += 1
            continue
        found = next((one for one in pool if tells(query, reference, one)), None)
        if found is None:
            chosen.survivors.append(
                {"change": name, "query": query, "reason": reasons.get(query, "")}
            )
            continue
        chosen.killed += 1
        small = shrink(found, query, reference)
        tables = rows_as_json(small.db)
        if any(rows_as_json(one.db) == tables for one in picked):
            continue
        picked.append(small)
        kind = kinds.get(json.dumps(tables), "")
        chosen.instances.append({"kind": kind, "for": name, "tables": tables})
    return chosen


def targets(
    exercise: ExercisePlan, setup: Names, reference: str
) -> Iterator[tuple[str, str, bool]]:
    """What to tell from the reference: (name, query, whether it gets an instance of its own)."""
    for item in exercise.mistakes:
        yield f"mistake: {item.name}", str(answer(exercise, item.source, setup)), True
    for mutant in sound(mutants(reference), setup, exercise, reference):
        yield mutant.change, mutant.query, False


def sound(
    found: Sequence[Mutant], setup: Names, exercise: ExercisePlan, reference: str
) -> Iterator[Mutant]:
    """The mutants that run at all: DuckDB itself refuses the others."""
    first = asked(exercise, reference, setup)[0].db
    for mutant in found:
        try:
            sql.run(mutant.query, replace(first, tables={}), TEXT_LIMIT)
        except sql.SqlError:
            continue
        yield mutant


def candidates(exercise: ExercisePlan, reference: str, setup: Names) -> list[sql.Asked]:
    """What the tests ask under many seeds, the smallest first."""
    found: list[sql.Asked] = []
    try:
        with none_committed():
            for number in range(SEEDS):
                testing.use_seed(f"instances {number}".encode())
                found += asked(exercise, reference, setup)
    finally:
        testing.use_seed(testing.PUBLIC_SEED)
    found.sort(key=lambda one: sum(map(len, one.db.tables.values())))
    return found


def tells(query: str, reference: str, question: sql.Asked) -> bool:
    """Whether a query gives another result than the reference."""
    return bool(outcome(query, question) != outcome(reference, question))


def outcome(query: str, question: sql.Asked) -> Any:
    """What a query gives, or that it fails."""
    try:
        return answered(sql.run(query, question.db, TEXT_LIMIT), question.ordered)
    except sql.SqlError:
        return "error"


def shrink(question: sql.Asked, query: str, reference: str) -> sql.Asked:
    """The question with every row taken out that is not needed to tell a query from the reference.

    A table that has one row by contract keeps it.
    """
    tables = dict(question.db.tables)
    for name in question.db.tables:
        if name.startswith("as_of"):
            continue
        place = 0
        while place < len(tables[name]):
            fewer = tables | {name: [*tables[name][:place], *tables[name][place + 1 :]]}
            trial = replace(question, db=replace(question.db, tables=fewer))
            if tells(query, reference, trial):
                tables = fewer
            else:
                place += 1
    return replace(question, db=replace(question.db, tables=tables))
