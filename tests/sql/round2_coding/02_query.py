# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # A query
#
# A lesson whose answer is the text of a query.

# %% tags=["setup"]
import sixrounds
from sixrounds import sql

SCHEMA = "CREATE TABLE readings(vin TEXT, seq INTEGER, status TEXT)"
small = sql.database(
    "two vehicles",
    SCHEMA,
    readings=[("v1", 1, "built"), ("v1", 2, None), ("v2", 7, "sold")],
)

# %% [markdown]
# ## Exercise 1: the latest status
#
# For each vin the status of its largest `seq`, NULL included: columns `vin, status`.
# `(vin, seq)` is unique.

# %% exercise="newest_status_sql"
### BEGIN SOLUTION
newest_status_sql = """
SELECT vin, status
FROM readings
QUALIFY ROW_NUMBER() OVER (PARTITION BY vin ORDER BY seq DESC) = 1
"""
### END SOLUTION

# %% tests="newest_status_sql" points=3
want = [("v1", None), ("v2", "sold")]
sql.expect(newest_status_sql, small, ["vin", "status"], want)
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("newest_status_sql")
REFERENCE = """
SELECT vin, status FROM readings r
WHERE seq = (SELECT max(seq) FROM readings s WHERE s.vin = r.vin)
"""
cases = [sql.database("an empty table", SCHEMA)]
for _ in range(16):
    rows = {}
    for _ in range(draw.randrange(9, 25)):
        key = (draw.choice("abcde"), draw.randrange(-3, 9))
        rows[key] = (*key, draw.choice((None, "built", "sold", "SECRET_STATUS")))
    cases.append(sql.database("random readings", SCHEMA, readings=list(rows.values())))
sql.check(newest_status_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="newest_status_sql" active="py" name="arg_max skips NULL"
# What does your aggregate do with a row whose status is NULL, even if it is the latest?
newest_status_sql = """
SELECT vin, arg_max(status, seq) AS status FROM readings GROUP BY vin
"""

# %% mistake="newest_status_sql" active="py" name="first instead of last"
# Which end of the sequence is now?
newest_status_sql = """
SELECT vin, status FROM readings
QUALIFY ROW_NUMBER() OVER (PARTITION BY vin ORDER BY seq) = 1
"""

# %% mistake="newest_status_sql" active="py" name="greatest status"
# Does the alphabet know which status came last?
newest_status_sql = """
SELECT vin, max(status) AS status FROM readings GROUP BY vin
"""

# %% accepts="newest_status_sql" active="py" name="join to the largest seq"
newest_status_sql = """
WITH latest AS (SELECT vin, max(seq) AS seq FROM readings GROUP BY vin)
SELECT r.vin, r.status FROM readings r JOIN latest USING (vin, seq) ORDER BY 1;
"""
