"""Questions to a query as plain data, so that they can be shipped and asked again."""

from typing import Any

QUERY = "query"  # the method of a step that asks a query


def is_query(answer: Any) -> bool:
    """Whether an exercise's answer is the text of a query, and not of a kernel."""
    return isinstance(answer, str) and "__global__" not in answer


def as_step(question: Any) -> list[Any]:
    """A question as a step of a script: plain data."""
    from sixrounds.sql.instances import rows_as_json  # noqa: PLC0415  only queries need DuckDB

    db = question.db
    given = [db.schema, rows_as_json(db), question.ordered]
    return [QUERY, given, {}, None]


def ask_query(query: Any, step: list[Any]) -> Any:
    """What a query answers to such a step: its columns and rows, or the kind of its error."""
    from sixrounds import sql  # noqa: PLC0415  only queries need DuckDB
    from sixrounds.sql.instances import read  # noqa: PLC0415
    from sixrounds.sql.judge import answered  # noqa: PLC0415

    schema, tables, ordered = step[1]
    try:
        result = sql.run(query, read({"kind": "a case", "tables": tables}, schema))
    except sql.SqlError as error:
        return type(error).__name__
    return answered(result, ordered)
