"""What a test of queries asks of its reference, found out once, with no learner's answer around.

The references of a drill return the same for every answer, and take about as long as the answers.
A rehearsal runs the tests in a fork of the setup on an answer that is never run; what it gives back
is plain data, which all later forks then have.
"""

import contextlib
import sys
from collections.abc import Mapping
from typing import Any

from sixrounds.grading.cells import Names, deadline, execute
from sixrounds.grading.soft import soften
from sixrounds.grading.trusted.shape import Kind, shape_of
from sixrounds.grading.wire import Decoder, Encoder, NotPlainError
from sixrounds.grading.wire.nodes import pack, unpack

NEVER_RUN = "SELECT 1"


def worthwhile(task: Mapping[str, Any]) -> bool:
    """Whether a task's answer is a text that tests compare with what a reference returns."""
    drills = "sixrounds.sql" in sys.modules
    return drills and shape_of(task["id"], task["stub"]).kind not in (Kind.FUNCTION, Kind.CLASS)


def rehearse(task: Mapping[str, Any], setup: Names) -> dict[str, Any]:
    """Run the tests of a task for what their references return."""
    from sixrounds.sql import SqlError, engine, known  # noqa: PLC0415  loaded with the setup

    def refuse(*_: Any) -> Any:
        raise SqlError("not run")

    engine.run_elsewhere(refuse)
    names = dict(setup)
    names[task["id"]] = NEVER_RUN
    with contextlib.suppress(Exception):
        for source in task["needs"]:
            execute(source, "<an earlier exercise>", names)
    for test in task["tests"]:
        # The deadline, too: what was found by then is of use.
        with contextlib.suppress(BaseException), deadline(task["limit"]):
            program = soften(test["source"], "<tests>")
            exec(compile(program, "<tests>", "exec"), names)
    return {"known": [item for item in map(packed, known.known()) if item]}


def packed(item: tuple[tuple[str, str], Any]) -> str:
    """A question and its result as text; "" if it has no plain form."""
    asked, result = item
    with contextlib.suppress(NotPlainError):
        return pack(Encoder().dump((asked, result.columns, result.rows))).hex()
    return ""


def take(found: Mapping[str, Any]) -> None:
    """Remember what a rehearsal found; nothing of one that came to no end."""
    from sixrounds.sql import Result, known  # noqa: PLC0415

    for text in found.get("known", ()):
        asked, columns, rows = Decoder().load(unpack(bytes.fromhex(text)))
        known.remember([(asked, Result(columns, rows))])
