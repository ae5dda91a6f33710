"""SQL drills: run a query on a small database, and test it without looking at its text.

db = sql.database("two vehicles", SCHEMA, vehicle_status=[…])
sql.run(query, db)                          a Result with columns and rows
sql.expect(query, db, columns, rows)        a visible test: shows the rows that differ
sql.check(query, reference, instances)      a hidden test: shows the kind of case alone
sql.instances("sql_drills/id", SCHEMA)      committed small data on which wrong queries go wrong
sql.factory()                               a month of a made-up car maker: a million events
"""

from sixrounds.sql.database import Database, database
from sixrounds.sql.engine import Result, SqlError, run
from sixrounds.sql.factory import factory
from sixrounds.sql.instances import instances
from sixrounds.sql.judge import Asked, Mismatch, check, expect, observe

__all__ = [
    "Asked",
    "Database",
    "Mismatch",
    "Result",
    "SqlError",
    "check",
    "database",
    "expect",
    "factory",
    "instances",
    "observe",
    "run",
]
