# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # SQL joins and windows: say the grain, count each vehicle once
#
# **Time:** 140 minutes, of which 100 are exercises. **Needs:** SELECT, JOIN and GROUP BY; a Python string.
#
# > **The question, as you will hear it.**
# > "Every quality check on every vehicle is a row in a table.
# > Give me the first-pass yield per plant and day, in SQL: of the vehicles finished that day, the share that passed without failing a check on the way."
#
# **What they listen for**
#
# - You say the **grain** of each table, what one row stands for, before the first JOIN.
# - You ask what a vehicle without any check counts as. It must not vanish.
# - You know where a time window starts and ends, and that a NULL meets no condition.
# - You check your own result: does the sum of vehicles equal the number of vehicles?
#
# **Ask first:** is a VIN built once? On which day does a vehicle count if it was built over midnight?
# Do checks made elsewhere, or after the build, belong to it? Can the same check be logged twice?
#
# The answers here: once; the day it was finished; only checks of the plant that builds it, within the build; yes, so count vehicles and not checks.

# %% [markdown]
# ## How these drills work
#
# Your answer is the **text of one SELECT** (it may start with WITH), in a Python variable: replace `sixrounds.todo(...)` by a string in triple quotes.
# It runs in DuckDB, in this process, on the small tables that each exercise shows.
# Standard SQL is enough for every drill. Two habits let a query travel to PostgreSQL, where `/` of two integers cuts the fraction and a descending sort puts NULL first: write `1.0 *`, and write NULLS LAST.
#
# The same rules hold in all of them:
#
# - Columns have the names and the order that the exercise lists. Rows may come in any order.
# - A table's key is unique. Columns marked NOT NULL hold no NULL; all others may.
# - Tables of events (scans, receipts, checks) have **no key**: two identical rows are two facts. A row may refer to something that no other table knows.
# - Timestamps are local and without a zone. The *day* of a timestamp is `CAST(ts AS DATE)`; a *week* is named by its Monday, a DATE, as `CAST(date_trunc('week', day) AS DATE)` gives it.
# - A NULL timestamp meets no condition on time. Texts are compared exactly.
# - Rates are fractions from 0 to 1, not rounded.
# - Each query is tested on tables with up to a few dozen rows; some tables are empty.

# %% tags=["setup"]
from datetime import date, datetime

import sixrounds
from sixrounds import sql

# %% [markdown]
# ## Look at the grain first
#
# Here is a month of a made-up car maker, the same on every machine.
# What is one row of each table?

# %%
factory = sql.factory()
for table in ("vin_builds", "production_events"):
    print(table)
    print(sql.run(f"FROM {table} LIMIT 3", factory), "\n")

# %%
grain = """
SELECT (SELECT COUNT(*) FROM vin_builds) AS builds,
       (SELECT COUNT(DISTINCT vin) FROM vin_builds) AS vins_built,
       (SELECT COUNT(*) FROM production_events) AS events,
       (SELECT COUNT(event_ts) FROM production_events) AS with_a_time
"""
sql.run(grain, factory)

# %% [markdown]
# `vin_builds` has one row per **vehicle**, `production_events` one row per **check or step**, ten for each vehicle.
# A few events have no time.
#
# Now the first version that many candidates write: join, then count.

# %%
naive = """
SELECT b.plant_id, COUNT(*) AS vin_built,
       COUNT(*) FILTER (WHERE e.event_type = 'QA_PASS') AS passed
FROM vin_builds b JOIN production_events e ON e.vin = b.vin
GROUP BY b.plant_id ORDER BY b.plant_id
"""
print(sql.run(naive, factory), "\n")
truth = "SELECT plant_id, COUNT(*) AS vin_built FROM vin_builds GROUP BY 1"
print(sql.run(truth + " ORDER BY 1", factory))

# %% [markdown]
# We count each vehicle ten times.
# A join has one row for each **pair** that matches, so each vehicle is repeated once per event: this is **fan-out**.
# COUNT(DISTINCT vin) repairs counts of vehicles; it cannot repair a sum or an average over the repeated rows.
#
# The cure is an order of work: bring the many rows down to **one row per vehicle first**, decide there, then count vehicles.

# %%
one_row_per_vehicle = """
WITH judged AS (
    SELECT b.vin, b.plant_id,
           MAX(CASE WHEN e.event_type = 'QA_FAIL'
                    THEN 1 ELSE 0 END) AS failed
    FROM vin_builds b LEFT JOIN production_events e ON e.vin = b.vin
    GROUP BY b.vin, b.plant_id
)
SELECT plant_id, COUNT(*) AS vin_built, AVG(failed) AS share_failed
FROM judged GROUP BY plant_id ORDER BY plant_id
"""
sql.run(one_row_per_vehicle, factory)

# %% [markdown]
# The vehicles add up now.
# `MAX(CASE …)` asks "was there any?", `AVG` of a 0/1 column is a share, and LEFT JOIN keeps a vehicle without events.
#
# But which failures are this build's?
# A failed check may come after the build, at delivery, or from another plant that only stored the car.
# We count the same vehicles under three definitions.

# %%
any_fail = """
SELECT b.plant_id, AVG(CASE WHEN EXISTS (
    SELECT 1 FROM production_events e
    WHERE e.vin = b.vin AND e.event_type = 'QA_FAIL' {more}
) THEN 1 ELSE 0 END) AS share FROM vin_builds b GROUP BY 1 ORDER BY 1
"""
window = "AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts"
own = " AND e.plant_id = b.plant_id"
rules = [("any time", ""), ("in the build", window)]
rules += [("and at its plant", window + own)]
shares = {}
for rule, more in rules:
    result = sql.run(any_fail.format(more=more), factory)
    shares[rule] = dict(result.rows)

# %% mystnb={"figure": {"caption": "Share of vehicles with a failed check, by plant, under three definitions of which checks count."}, "image": {"alt": "Grouped bars for four plants. In every plant the bar that counts checks at any time is the highest; the bars restricted to the build are lower by about five percentage points; restricting to the plant lowers them slightly more."}}
import matplotlib.pyplot as plt

from sixrounds import plots

plots.use_style()
fig, ax = plt.subplots()
for place, (rule, by_plant) in enumerate(shares.items()):
    x = [plant + 0.27 * (place - 1) for plant in range(len(by_plant))]
    bars = [100 * share for share in by_plant.values()]
    ax.bar(x, bars, width=0.25, label=rule)
ax.set_xticks(range(len(by_plant)), by_plant)
ax.set_title("Which checks count decides the number")
ax.set(xlabel="plant", ylabel="vehicles with a failed check (%)")
ax.legend();
# %% [markdown]
# In the two plants with few failures, almost half of what "any time" counts is not the build's doing.
# So agree on the definition before you optimize the number.

# %% [markdown]
# ## Exercise 1: first-pass yield (20 min)
#
# Write `first_pass_yield_sql` for the tables of the next cell.
#
# - An event belongs to a build if its `vin` **and** its `plant_id` are the build's and its time lies in the build, **both ends included**.
# - A vehicle passed at first if at least one `QA_PASS` and no `QA_FAIL` belongs to its build. A vehicle without any event that belongs to its build was built and did not pass.
# - It counts on the day of `build_end_ts`.
# - Columns: `plant_id, build_day, vin_built, vin_first_pass, first_pass_yield`: one row per plant and day on which the plant finished a vehicle, with the number of vehicles, how many passed at first, and their share.

# %% tags=["setup"]
BUILDS = """
CREATE TABLE vin_builds(  -- one row per vehicle
    vin TEXT PRIMARY KEY, build_start_ts TIMESTAMP NOT NULL,
    build_end_ts TIMESTAMP NOT NULL, model TEXT NOT NULL,
    plant_id TEXT NOT NULL);
CREATE TABLE production_events(  -- one row per check or step, no key
    vin TEXT, event_ts TIMESTAMP, plant_id TEXT, event_type TEXT);
"""
two_days = sql.database(
    "two plants, two days",
    BUILDS,
    vin_builds=[
        ("v1", "2026-03-02 08:00", "2026-03-02 16:00", "SUV", "EAST"),
        ("v2", "2026-03-02 09:00", "2026-03-02 18:00", "VAN", "EAST"),
        ("v3", "2026-03-02 20:00", "2026-03-03 05:00", "SUV", "EAST"),
        ("v4", "2026-03-03 07:00", "2026-03-03 15:00", "SUV", "WEST"),
    ],
    production_events=[
        ("v1", "2026-03-02 16:00", "EAST", "QA_PASS"),
        ("v1", "2026-03-09 10:00", "EAST", "QA_FAIL"),
        ("v2", "2026-03-02 12:00", "EAST", "QA_FAIL"),
        ("v2", "2026-03-02 13:00", "EAST", "QA_PASS"),
        ("v3", "2026-03-03 01:00", "EAST", "QA_PASS"),
        ("v3", "2026-03-03 02:00", "EAST", "QA_PASS"),
        ("v3", "2026-03-03 03:00", "WEST", "QA_FAIL"),
    ],
)

# %% exercise="first_pass_yield_sql"
# Columns: plant_id, build_day, vin_built, vin_first_pass,
#          first_pass_yield
### BEGIN SOLUTION
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""
### END SOLUTION

# %% tests="first_pass_yield_sql" points=5
columns = ["plant_id", "build_day", "vin_built", "vin_first_pass"]
columns += ["first_pass_yield"]
want = [
    ("EAST", date(2026, 3, 2), 2, 1, 0.5),
    ("EAST", date(2026, 3, 3), 1, 1, 1.0),
    ("WEST", date(2026, 3, 3), 1, 0, 0.0),
]
sql.expect(first_pass_yield_sql, two_days, columns, want)
### BEGIN HIDDEN TESTS
from datetime import datetime, timedelta

from sixrounds.testing import pyrandom

draw = pyrandom("first_pass_yield_sql")
REFERENCE = """
SELECT plant_id, CAST(build_end_ts AS DATE) AS build_day, COUNT(*) AS vin_built,
       COUNT(*) FILTER (WHERE ok) AS vin_first_pass, AVG(CASE WHEN ok THEN 1 ELSE 0 END) AS first_pass_yield
FROM (
    SELECT *, EXISTS (SELECT 1 FROM production_events e WHERE e.vin = b.vin AND e.plant_id = b.plant_id
                      AND e.event_ts >= build_start_ts AND e.event_ts <= build_end_ts AND e.event_type = 'QA_PASS')
      AND NOT EXISTS (SELECT 1 FROM production_events e WHERE e.vin = b.vin AND e.plant_id = b.plant_id
                      AND e.event_ts >= build_start_ts AND e.event_ts <= build_end_ts AND e.event_type = 'QA_FAIL') AS ok
    FROM vin_builds b) AS judged
GROUP BY 1, 2
"""


def random_builds():
    """Few vehicles, days and plants; times in a build, at its ends, beside them and far away."""
    day, step, hour = datetime(2026, 3, 2), timedelta(seconds=0.5), timedelta(hours=1)
    builds, events = [], []
    for number in range(draw.choice((1, 5, 9, 13))):
        end = day + draw.choice((0 * hour, 12 * hour, 12 * hour, 24 * hour - step, 24 * hour))
        start = end - hour * draw.choice((2, 9, 13, 20))
        plant = draw.choice(("EAST", "WEST"))
        builds.append((f"v{number}", start, end, draw.choice(("SUV", "VAN")), plant))
        inside = [start + (end - start) * part for part in (0.2, 0.4, 0.6, 0.8)]
        near = (start - 3 * hour, start - step, start + step, end - step, end + step, end + 3 * hour)
        far = (start - 48 * hour, end + 72 * hour, end + 216 * hour)
        for _ in range(draw.randrange(0, 8)):
            when = draw.choice(draw.choice((inside, inside, inside, (start, end), near, far, (None,))))
            where = plant if draw.random() < 0.7 else draw.choice(("EAST", "WEST", "DEPOT", None, None, None))
            kinds = ("QA_PASS",) * 4 + ("QA_FAIL",) * 2 + ("STATION_DONE", "PAINT_DONE", None)
            who = f"v{number}" if draw.random() < 0.92 else draw.choice(("v0", "v99", None))
            events += [(who, when, where, draw.choice(kinds))] * draw.choice((1, 1, 1, 2))
    draw.shuffle(events)
    return sql.database(
        "random builds and events", BUILDS, vin_builds=builds, production_events=events
    )


cases = [
    sql.database("empty tables", BUILDS),
    *sql.instances("sql_drills/first_pass_yield_sql", BUILDS),
    *(random_builds() for _ in range(50)),
]
sql.check(first_pass_yield_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="first_pass_yield_sql" active="py" name="no build window"
# A car failed a check at delivery, a week after it was built. Is that the build's first pass?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e ON e.vin = b.vin AND e.plant_id = b.plant_id
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="loses vehicles without events"
# A vehicle left the line and nobody logged a check. On which row of your join is it? (A condition on the events in WHERE drops it, too.)
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="counts events, not vehicles"
# After your join, how many rows does a vehicle with five checks have, and how often is it counted?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) OVER (PARTITION BY b.vin) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) OVER (PARTITION BY b.vin) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="end of the build excluded"
# The last check and the end of the build carry the same timestamp. Is that check in or out for you, and what did the question say?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts >= b.build_start_ts AND e.event_ts < b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="last check wins"
# It failed at ten, was reworked, and passed at noon. Did it pass at first?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN MAX(CASE WHEN e.event_type = 'QA_PASS' THEN e.event_ts END)
                   > COALESCE(MAX(CASE WHEN e.event_type = 'QA_FAIL' THEN e.event_ts END), TIMESTAMP '1900-01-01')
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="first check decides"
# The first check passed and a later one in the same build failed. What does "no QA_FAIL belongs to its build" say of it?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN MIN(CASE WHEN e.event_type = 'QA_PASS' THEN e.event_ts END)
                   < COALESCE(MIN(CASE WHEN e.event_type = 'QA_FAIL' THEN e.event_ts END), TIMESTAMP '2900-01-01')
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="joins on vin alone"
# A depot in another plant checked this car during its build. Whose yield should that check move?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="not failing is passing"
# No check was logged at all. Is that a pass?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="day of the start"
# A build starts on Monday evening and ends on Tuesday. On which day was the vehicle finished?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_start_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_start_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="joins, then counts checks"
# What is one row after your join: a vehicle or a check? What do COUNT(*) and your sum of passes count then?
first_pass_yield_sql = """
SELECT b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day, COUNT(*) AS vin_built,
       COUNT(*) FILTER (WHERE e.event_type = 'QA_PASS') AS vin_first_pass,
       1.0 * COUNT(*) FILTER (WHERE e.event_type = 'QA_PASS') / COUNT(*) AS first_pass_yield
FROM vin_builds b
LEFT JOIN production_events e
  ON e.vin = b.vin AND e.plant_id = b.plant_id
 AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
GROUP BY b.plant_id, CAST(b.build_end_ts AS DATE)
"""

# %% mistake="first_pass_yield_sql" active="py" name="unknown times let in"
# Somebody failed this car at a time that nobody knows. By the rules above, does a NULL time lie in the build?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND (e.event_ts IS NULL OR e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts)
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="days instead of moments"
# The build ended at noon, and a check of the same afternoon is in your window. What did the CAST to a day throw away?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND e.plant_id = b.plant_id
     AND CAST(e.event_ts AS DATE) BETWEEN CAST(b.build_start_ts AS DATE) AND CAST(b.build_end_ts AS DATE)
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% mistake="first_pass_yield_sql" active="py" name="unknown plant taken as the build's"
# A check carries no plant. Do you know that it was made where the car was built?
first_pass_yield_sql = """
WITH judged AS (
    SELECT b.vin, b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day,
           CASE WHEN COUNT(CASE WHEN e.event_type = 'QA_PASS' THEN 1 END) > 0
                 AND COUNT(CASE WHEN e.event_type = 'QA_FAIL' THEN 1 END) = 0
                THEN 1 ELSE 0 END AS passed
    FROM vin_builds b
    LEFT JOIN production_events e
      ON e.vin = b.vin AND COALESCE(e.plant_id, b.plant_id) = b.plant_id
     AND e.event_ts BETWEEN b.build_start_ts AND b.build_end_ts
    GROUP BY b.vin, b.plant_id, CAST(b.build_end_ts AS DATE)
)
SELECT plant_id, build_day, COUNT(*) AS vin_built,
       SUM(passed) AS vin_first_pass, AVG(passed) AS first_pass_yield
FROM judged
GROUP BY plant_id, build_day
"""

# %% accepts="first_pass_yield_sql" active="py" name="EXISTS and NOT EXISTS"
first_pass_yield_sql = """
WITH inside AS (
    SELECT b.vin, e.event_type
    FROM vin_builds b, production_events e
    WHERE e.vin = b.vin AND e.plant_id = b.plant_id
      AND e.event_ts >= b.build_start_ts AND e.event_ts <= b.build_end_ts
)
SELECT b.plant_id, CAST(b.build_end_ts AS DATE) AS build_day, COUNT(*) AS vin_built,
       SUM(CASE WHEN b.vin IN (SELECT vin FROM inside WHERE event_type = 'QA_PASS')
                 AND b.vin NOT IN (SELECT vin FROM inside WHERE event_type = 'QA_FAIL') THEN 1 ELSE 0 END) AS vin_first_pass,
       SUM(CASE WHEN b.vin IN (SELECT vin FROM inside WHERE event_type = 'QA_PASS')
                 AND b.vin NOT IN (SELECT vin FROM inside WHERE event_type = 'QA_FAIL') THEN 1 ELSE 0 END) * 1.0 / COUNT(*) AS first_pass_yield
FROM vin_builds b
GROUP BY 1, 2 ORDER BY 1, 2;
"""

# %% accepts="first_pass_yield_sql" active="py" name="DuckDB's own words"
first_pass_yield_sql = """
WITH judged AS (
    FROM vin_builds b LEFT JOIN production_events e
      ON (b.vin, b.plant_id) = (e.vin, e.plant_id) AND event_ts BETWEEN build_start_ts AND build_end_ts
    SELECT b.plant_id, b.vin, build_end_ts::DATE AS build_day,
           COALESCE(bool_or(event_type = 'QA_PASS') AND NOT bool_or(event_type = 'QA_FAIL'), false) AS ok
    GROUP BY ALL
)
SELECT plant_id, build_day, count() AS vin_built, count_if(ok) AS vin_first_pass,
       vin_first_pass / vin_built AS first_pass_yield
FROM judged GROUP BY ALL
"""

# %% [markdown]
# ## One row of many: the window that numbers
#
# > "Each vehicle reports its status now and then. Which one does it have now?"
#
# GROUP BY reduces a group to one row made of **aggregates**. Here we want one row **as it is**: the latest one, all its columns together.
# First the version with aggregates, on one vehicle whose states are words.

# %%
readings = sql.database(
    "one vehicle",
    "CREATE TABLE r(vin TEXT, hour INTEGER, status TEXT);",
    r=[("v1", 8, "built"), ("v1", 9, "shipped"), ("v1", 10, "held")],
)
latest = "SELECT vin, MAX(hour) AS hour, MAX(status) AS status"
sql.run(latest + " FROM r GROUP BY vin", readings)

# %% [markdown]
# "shipped" at 10: a row that never was. Each MAX picked from another row, and for words MAX means late in the alphabet.
#
# A **window function** leaves the rows alone and adds a column. `ROW_NUMBER` numbers the rows of each group in the order you give; then keep number 1.
# When rows tie in that order, ROW_NUMBER picks one of them, and you do not know which. The other two numberings treat ties alike.

# %%
ties = sql.database(
    "four counts",
    "CREATE TABLE d(code TEXT, n INTEGER);",
    d=[("scratch", 9), ("gap", 5), ("dent", 5), ("noise", 2)],
)
numbered = """
SELECT code, n, ROW_NUMBER() OVER (ORDER BY n DESC) AS row_number,
       RANK() OVER (ORDER BY n DESC) AS rank,
       DENSE_RANK() OVER (ORDER BY n DESC) AS dense_rank
FROM d ORDER BY n DESC, code
"""
sql.run(numbered, ties)

# %% [markdown]
# RANK is 1 plus the number of better rows, and leaves a hole after a tie. DENSE_RANK is 1 plus the number of better *values*, with no hole.
# "Top three, ties kept" is a question about RANK: the codes with fewer than three codes ahead of them.
#
# DuckDB also has the short form `arg_max(status, hour)`, "the status of the largest hour".
# It has a catch that no error tells you.

# %%
catch = """
SELECT arg_max(status, hour) AS by_arg_max,
       (SELECT status FROM t ORDER BY hour DESC LIMIT 1) AS truly_last
FROM t
"""
rows = "WITH t AS (FROM (VALUES (8, 'built'), (9, NULL)) v(hour, status))"
sql.run(rows + catch, readings)

# %% [markdown]
# `arg_max` skips rows in which the status is NULL, so it answers with the last status that is *known*. That is another question. (`arg_max_null` does not skip.)

# %% [markdown]
# ## Exercise 2: the latest status (10 min)
#
# Write `latest_status_sql`: for each vehicle its row with the largest `event_ts`, and among those the largest `seq`.
#
# - A NULL status is a status like any other: if the latest row has NULL, the answer is NULL.
# - Columns: `vin, status, event_ts`.

# %% tags=["setup"]
STATUS = """
CREATE TABLE vehicle_status(
    vin TEXT NOT NULL, event_ts TIMESTAMP NOT NULL,
    seq INTEGER NOT NULL, status TEXT,
    PRIMARY KEY (vin, event_ts, seq));
"""
three_cars = sql.database(
    "three vehicles",
    STATUS,
    vehicle_status=[
        ("v1", "2026-03-02 08:00", 7, "built"),
        ("v1", "2026-03-02 09:00", 1, "shipped"),
        ("v1", "2026-03-02 09:00", 2, "held"),
        ("v2", "2026-03-02 08:00", 1, "shipped"),
        ("v2", "2026-03-02 10:00", 1, None),
        ("v3", "2026-03-02 07:00", 1, "built"),
    ],
)

# %% exercise="latest_status_sql"
# Columns: vin, status, event_ts
### BEGIN SOLUTION
latest_status_sql = """
SELECT vin, status, event_ts
FROM (
    SELECT vin, status, event_ts,
           ROW_NUMBER() OVER (
               PARTITION BY vin ORDER BY event_ts DESC, seq DESC) AS place
    FROM vehicle_status
) AS numbered
WHERE place = 1
"""
### END SOLUTION

# %% tests="latest_status_sql" points=3
want = [
    ("v1", "held", datetime(2026, 3, 2, 9)),
    ("v2", None, datetime(2026, 3, 2, 10)),
    ("v3", "built", datetime(2026, 3, 2, 7)),
]
columns = ["vin", "status", "event_ts"]
sql.expect(latest_status_sql, three_cars, columns, want)
### BEGIN HIDDEN TESTS
from datetime import datetime, timedelta

from sixrounds.testing import pyrandom

draw = pyrandom("latest_status_sql")
REFERENCE = """
SELECT vin, status, event_ts FROM vehicle_status a
WHERE NOT EXISTS (SELECT 1 FROM vehicle_status b WHERE b.vin = a.vin
                  AND (b.event_ts > a.event_ts OR b.event_ts = a.event_ts AND b.seq > a.seq))
"""


def random_status():
    """Few times and sequence numbers, so that they tie; every third status is NULL."""
    rows = {}
    for _ in range(draw.randrange(1, 16)):
        when = datetime(2026, 3, 2, 23, 59, 59) + timedelta(seconds=draw.choice((0, 0.5, 1, 3600)))
        key = (draw.choice(("v1", "v2", "v3", "v4")), when, draw.choice((-1, 0, 1, 2, 9, 10)))
        rows[key] = (*key, draw.choice((None, "built", "shipped", "held", "sold", "")))
    return sql.database(
        "random status rows", STATUS, vehicle_status=draw.sample(list(rows.values()), len(rows))
    )


cases = [
    sql.database("empty tables", STATUS),
    *sql.instances("sql_drills/latest_status_sql", STATUS),
    *(random_status() for _ in range(30)),
]
sql.check(latest_status_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="latest_status_sql" active="py" name="greatest status"
# Does the alphabet know which status came last? Do your columns come from one row?
latest_status_sql = """
SELECT vin, MAX(status) AS status, MAX(event_ts) AS event_ts
FROM vehicle_status GROUP BY vin
"""

# %% mistake="latest_status_sql" active="py" name="arg_max skips NULL"
# What does your query do with a latest row whose status is NULL? (arg_max, max_by and IGNORE NULLS skip it.)
latest_status_sql = """
SELECT vin, arg_max(status, (event_ts, seq)) AS status, MAX(event_ts) AS event_ts
FROM vehicle_status GROUP BY vin
"""

# %% mistake="latest_status_sql" active="py" name="unknown statuses thrown away"
# The last row of a vehicle says NULL. May you answer with an older one, or leave the vehicle out?
latest_status_sql = """
SELECT vin, status, event_ts
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY vin ORDER BY event_ts DESC, seq DESC) AS place
      FROM vehicle_status WHERE status IS NOT NULL) AS numbered
WHERE place = 1
"""

# %% mistake="latest_status_sql" active="py" name="ties give several rows"
# Two rows of one vehicle carry the same time. How many rows does your query return for it?
latest_status_sql = """
SELECT vin, status, event_ts
FROM (SELECT *, RANK() OVER (PARTITION BY vin ORDER BY event_ts DESC) AS place
      FROM vehicle_status) AS numbered
WHERE place = 1
"""

# %% mistake="latest_status_sql" active="py" name="earliest row"
# Which end of time is "now"?
latest_status_sql = """
SELECT vin, status, event_ts
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY vin ORDER BY event_ts, seq) AS place
      FROM vehicle_status) AS numbered
WHERE place = 1
"""

# %% mistake="latest_status_sql" active="py" name="sequence before time"
# Row 7 came at eight and row 1 at nine. Which of them is the latest by the exercise, and which by your first sort column?
latest_status_sql = """
SELECT vin, status, event_ts
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY vin ORDER BY seq DESC, event_ts DESC) AS place
      FROM vehicle_status) AS numbered
WHERE place = 1
"""

# %% mistake="latest_status_sql" active="py" name="smallest sequence of the last time"
# You wrote DESC once. To how many of the columns after ORDER BY does it apply?
latest_status_sql = """
SELECT vin, status, event_ts
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY vin ORDER BY event_ts DESC, seq) AS place
      FROM vehicle_status) AS numbered
WHERE place = 1
"""

# %% mistake="latest_status_sql" active="py" name="largest time and largest seq apart"
# The largest seq of a vehicle may stand beside an older time. Which row has both maxima then?
latest_status_sql = """
SELECT v.vin, v.status, v.event_ts
FROM vehicle_status v
JOIN (SELECT vin, MAX(event_ts) AS event_ts, MAX(seq) AS seq FROM vehicle_status GROUP BY vin) AS m
  ON m.vin = v.vin AND m.event_ts = v.event_ts AND m.seq = v.seq
"""

# %% mistake="latest_status_sql" active="py" name="LAST_VALUE up to the current row"
# Where does the frame of a window with ORDER BY end, if you do not say it? What is the last value up to there?
latest_status_sql = """
SELECT DISTINCT vin, LAST_VALUE(status) OVER w AS status, LAST_VALUE(event_ts) OVER w AS event_ts
FROM vehicle_status
WINDOW w AS (PARTITION BY vin ORDER BY event_ts, seq)
"""

# %% mistake="latest_status_sql" active="py" name="DESC on the last column only"
# You sort by two columns and wrote DESC behind one. In which direction do the times go?
latest_status_sql = """
SELECT DISTINCT ON (vin) vin, status, event_ts
FROM vehicle_status
ORDER BY vin, event_ts, seq DESC
"""

# %% accepts="latest_status_sql" active="py" name="DISTINCT ON"
latest_status_sql = """
SELECT DISTINCT ON (vin) vin, status, event_ts
FROM vehicle_status
ORDER BY vin, event_ts DESC, seq DESC
"""

# %% accepts="latest_status_sql" active="py" name="QUALIFY"
latest_status_sql = """
SELECT vin, status, event_ts FROM vehicle_status
QUALIFY ROW_NUMBER() OVER (PARTITION BY vin ORDER BY (event_ts, seq) DESC) = 1
"""

# %% accepts="latest_status_sql" active="py" name="arg_max of the whole row"
latest_status_sql = """
SELECT vin, best.status AS status, best.event_ts AS event_ts
FROM (SELECT vin, arg_max(v, (event_ts, seq)) AS best FROM vehicle_status v GROUP BY vin)
"""

# %% [markdown]
# ## Exercise 3: the top defects of each plant (10 min)
#
# Write `top_defects_sql`: the defect codes that are among the three most frequent of their plant.
#
# - Every row counts: a defect that was reported again has several rows with the same `defect_id`, and each is a report.
# - A NULL code is no code: leave such rows out before anything else.
# - A code is in the answer if fewer than three codes of its plant have **more** reports. So ties stay, and there may be more than three.
# - Columns: `plant_id, defect_code, n`, where n is the number of reports.

# %% tags=["setup"]
DEFECTS = """
CREATE TABLE defects(  -- one row per report, no key
    defect_id TEXT NOT NULL, plant_id TEXT NOT NULL, defect_code TEXT);
"""
reports = {"scratch": 5, "gap": 2, "dent": 2, None: 3, "leak": 1}
rows = [
    (f"d{number}", "EAST", code)
    for number, (code, count) in enumerate(reports.items())
    for _ in range(count)
]
rows += [("d9", "WEST", "leak")]
two_plants = sql.database("two plants", DEFECTS, defects=rows)

# %% exercise="top_defects_sql"
# Columns: plant_id, defect_code, n
### BEGIN SOLUTION
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n
    FROM defects
    WHERE defect_code IS NOT NULL
    GROUP BY plant_id, defect_code
), ranked AS (
    SELECT plant_id, defect_code, n,
           RANK() OVER (PARTITION BY plant_id ORDER BY n DESC) AS place
    FROM counted
)
SELECT plant_id, defect_code, n
FROM ranked
WHERE place <= 3
"""
### END SOLUTION

# %% tests="top_defects_sql" points=3
want = [
    ("EAST", "scratch", 5),
    ("EAST", "gap", 2),
    ("EAST", "dent", 2),
    ("WEST", "leak", 1),
]
columns = ["plant_id", "defect_code", "n"]
sql.expect(top_defects_sql, two_plants, columns, want)
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("top_defects_sql")
REFERENCE = """
WITH c AS (SELECT plant_id, defect_code, COUNT(*) AS n FROM defects WHERE defect_code IS NOT NULL GROUP BY 1, 2)
SELECT plant_id, defect_code, n FROM c
WHERE (SELECT COUNT(*) FROM c AS o WHERE o.plant_id = c.plant_id AND o.n > c.n) < 3
"""


def random_defects():
    """Up to seven codes in up to three plants, with counts that tie."""
    rows, number = [], 0
    for plant in draw.sample(("EAST", "WEST", "SOUTH", "NORTH"), draw.randrange(1, 5)):
        for code in draw.sample(("a", "b", "c", "d", "e", "f", "A", None, None), draw.randrange(1, 10)):
            for _ in range(draw.choice((1, 1, 2, 2, 3, 4, 5))):
                number += draw.random() < 0.7
                rows.append((f"d{number}", plant, code))
    draw.shuffle(rows)
    return sql.database("random defect reports", DEFECTS, defects=rows)


cases = [
    sql.database("empty tables", DEFECTS),
    *sql.instances("sql_drills/top_defects_sql", DEFECTS),
    *(random_defects() for _ in range(30)),
]
sql.check(top_defects_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="top_defects_sql" active="py" name="ties cut by ROW_NUMBER"
# Two codes share third place. Which of them does your query throw away, and who decided that?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n
    FROM defects WHERE defect_code IS NOT NULL GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY plant_id ORDER BY n DESC, defect_code) AS place FROM counted) AS ranked
WHERE place <= 3
"""

# %% mistake="top_defects_sql" active="py" name="DENSE_RANK"
# Three codes tie for first place. How many codes are ahead of the next one, and which number does it get from you?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n
    FROM defects WHERE defect_code IS NOT NULL GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n
FROM (SELECT *, DENSE_RANK() OVER (PARTITION BY plant_id ORDER BY n DESC) AS place FROM counted) AS ranked
WHERE place <= 3
"""

# %% mistake="top_defects_sql" active="py" name="counts each defect once"
# A defect was reported three times. How many of those reports did the question want, and how many does DISTINCT leave?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(DISTINCT defect_id) AS n
    FROM defects WHERE defect_code IS NOT NULL GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n
FROM (SELECT *, RANK() OVER (PARTITION BY plant_id ORDER BY n DESC) AS place FROM counted) AS ranked
WHERE place <= 3
"""

# %% mistake="top_defects_sql" active="py" name="NULL is a code"
# GROUP BY makes a group of the NULLs. Is it a defect code that anybody can act on?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n FROM defects GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n
FROM (SELECT *, RANK() OVER (PARTITION BY plant_id ORDER BY n DESC) AS place FROM counted) AS ranked
WHERE place <= 3
"""

# %% mistake="top_defects_sql" active="py" name="NULL takes a place"
# You filter NULL out at the end. Which place did the NULL group hold before that, and who lost it?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n FROM defects GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n
FROM (SELECT *, RANK() OVER (PARTITION BY plant_id ORDER BY n DESC) AS place FROM counted) AS ranked
WHERE place <= 3 AND defect_code IS NOT NULL
"""

# %% mistake="top_defects_sql" active="py" name="ranked over all plants"
# A small plant has few reports of anything. Against whom do its codes compete in your query?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n
    FROM defects WHERE defect_code IS NOT NULL GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n
FROM (SELECT *, RANK() OVER (ORDER BY n DESC) AS place FROM counted) AS ranked
WHERE place <= 3
"""

# %% mistake="top_defects_sql" active="py" name="fewest first"
# Look at the code with place 1. Is it the most or the least frequent?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n
    FROM defects WHERE defect_code IS NOT NULL GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n
FROM (SELECT *, RANK() OVER (PARTITION BY plant_id ORDER BY n) AS place FROM counted) AS ranked
WHERE place <= 3
"""

# %% mistake="top_defects_sql" active="py" name="one place too many"
# Three codes are ahead of this one. Is it among the three most frequent?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n
    FROM defects WHERE defect_code IS NOT NULL GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n FROM counted AS c
WHERE (SELECT COUNT(*) FROM counted AS o WHERE o.plant_id = c.plant_id AND o.n > c.n) <= 3
"""

# %% mistake="top_defects_sql" active="py" name="needs a third count"
# A plant has reported two codes only. What is its third largest count, and what does a comparison with that give?
top_defects_sql = """
WITH counted AS (
    SELECT plant_id, defect_code, COUNT(*) AS n
    FROM defects WHERE defect_code IS NOT NULL GROUP BY plant_id, defect_code
)
SELECT plant_id, defect_code, n FROM counted AS c
WHERE n >= (SELECT o.n FROM counted AS o WHERE o.plant_id = c.plant_id ORDER BY o.n DESC LIMIT 1 OFFSET 2)
"""

# %% accepts="top_defects_sql" active="py" name="in one SELECT"
top_defects_sql = """
SELECT plant_id, defect_code, COUNT(*) AS n
FROM defects
WHERE defect_code IS NOT NULL
GROUP BY plant_id, defect_code
QUALIFY RANK() OVER (PARTITION BY plant_id ORDER BY COUNT(*) DESC) < 4
"""

# %% accepts="top_defects_sql" active="py" name="self join"
top_defects_sql = """
WITH c AS (SELECT plant_id, defect_code, COUNT(defect_code) AS n FROM defects GROUP BY plant_id, defect_code)
SELECT a.plant_id, a.defect_code, a.n
FROM c a LEFT JOIN c b ON b.plant_id = a.plant_id AND b.n > a.n
WHERE a.defect_code IS NOT NULL
GROUP BY a.plant_id, a.defect_code, a.n
HAVING COUNT(b.defect_code) < 3
"""

# %% [markdown]
# ## What is not there: anti-joins and NULL
#
# > "Which parts of the new model have we none of?"
#
# A question about absence. The shortest SQL that reads like it is NOT IN, and it fails without an error.

# %%
stock = "CREATE TABLE bom(part TEXT); CREATE TABLE inv(part TEXT);"
shelf = sql.database(
    "a row whose part is unknown",
    stock,
    bom=[("bolt",), ("seal",)],
    inv=[("bolt",), (None,)],
)
not_in = "SELECT part FROM bom WHERE part NOT IN (SELECT part FROM inv)"
print(sql.run(not_in, shelf), "\n")
exists = "SELECT * FROM inv WHERE inv.part = bom.part"
print(sql.run(f"SELECT part FROM bom WHERE NOT EXISTS ({exists})", shelf))

# %% [markdown]
# One NULL in the list, and NOT IN returns nothing for any part.
# SQL has three truth values. `'seal' NOT IN ('bolt', NULL)` asks whether seal differs from bolt *and* from a value that nobody knows: the answer is **unknown**, and WHERE keeps only what is true.
# NOT EXISTS asks whether a matching row exists. It does not: true.

# %% [markdown]
# ## Exercise 4: missing parts (10 min)
#
# Write `missing_parts_sql`: each `(model, part_id)` of the bill of materials for which no inventory row says `on_hand > 0`, each pair once.
#
# - A part without any inventory row is missing.
# - The counts of several rows are **not** added up: one row above zero is enough, whatever the others say.
# - A NULL `part_id` in `bom_lines` is no part. A NULL `part_id` in `inventory` matches nothing. A NULL `on_hand` is not above zero.
# - Columns: `model, part_id`.

# %% tags=["setup"]
PARTS = """
CREATE TABLE bom_lines(  -- one row per use of a part, no key
    model TEXT NOT NULL, part_id TEXT);
CREATE TABLE inventory(  -- one row per count of a part, no key
    part_id TEXT, on_hand INTEGER);
"""
shelves = sql.database(
    "one model",
    PARTS,
    bom_lines=[
        ("SUV", "bolt"),
        ("SUV", "seal"),
        ("SUV", "seal"),
        ("SUV", "lamp"),
        ("SUV", None),
    ],
    inventory=[("bolt", 5), ("bolt", -5), ("lamp", 0), (None, 3)],
)

# %% exercise="missing_parts_sql"
# Columns: model, part_id
### BEGIN SOLUTION
missing_parts_sql = """
SELECT DISTINCT b.model, b.part_id
FROM bom_lines b
WHERE b.part_id IS NOT NULL
  AND NOT EXISTS (
      SELECT 1 FROM inventory i
      WHERE i.part_id = b.part_id AND i.on_hand > 0)
"""
### END SOLUTION

# %% tests="missing_parts_sql" points=3
want = [("SUV", "seal"), ("SUV", "lamp")]
sql.expect(missing_parts_sql, shelves, ["model", "part_id"], want)
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("missing_parts_sql")
REFERENCE = """
SELECT DISTINCT b.model, b.part_id
FROM bom_lines b LEFT JOIN (SELECT DISTINCT part_id FROM inventory WHERE on_hand > 0) AS have ON have.part_id = b.part_id
WHERE have.part_id IS NULL AND b.part_id IS NOT NULL
"""


def random_parts():
    """Each part has no rows, one, or rows that cancel; uses repeat, and some ids are NULL."""
    parts = draw.sample([*(f"p{k}" for k in range(1, 9)), "P1"], draw.choice((1, 2, 4, 9, 9, 9)))
    bom = [
        (draw.choice(("SUV", "VAN")), draw.choice((*parts, *parts, None)))
        for _ in range(draw.randrange(1, 2 * len(parts) + 2))
    ]
    patterns = ((), (), (5,), (0,), (0,), (None,), (None,), (-1,), (5, -5), (5, -9))
    patterns += ((5, -1), (5, -1), (5, 0), (1, None))
    inventory = [
        (part, on_hand) for part in (*parts, "p9", None) for on_hand in draw.choice(patterns)
    ]
    draw.shuffle(inventory)
    return sql.database("random parts and counts", PARTS, bom_lines=bom, inventory=inventory)


cases = [
    sql.database("empty tables", PARTS),
    *sql.instances("sql_drills/missing_parts_sql", PARTS),
    *(random_parts() for _ in range(40)),
]
sql.check(missing_parts_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="missing_parts_sql" active="py" name="NOT IN meets a NULL"
# One inventory row has no part id. What is 'seal' NOT IN (…, NULL): true, false, or something else?
missing_parts_sql = """
SELECT DISTINCT model, part_id FROM bom_lines
WHERE part_id IS NOT NULL
  AND part_id NOT IN (SELECT part_id FROM inventory WHERE on_hand > 0)
"""

# %% mistake="missing_parts_sql" active="py" name="pairs repeated"
# A model uses the same part in two places. How often should your list name it?
missing_parts_sql = """
SELECT model, part_id FROM bom_lines b
WHERE part_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM inventory i WHERE i.part_id = b.part_id AND i.on_hand > 0)
"""

# %% mistake="missing_parts_sql" active="py" name="adds the counts up"
# One row says +5 and another -5. Does a row above zero exist? What does your sum say?
missing_parts_sql = """
SELECT b.model, b.part_id
FROM bom_lines b LEFT JOIN inventory i ON i.part_id = b.part_id
WHERE b.part_id IS NOT NULL
GROUP BY b.model, b.part_id
HAVING COALESCE(SUM(i.on_hand), 0) <= 0
"""

# %% mistake="missing_parts_sql" active="py" name="only parts with a row"
# A part that was never stocked has no inventory row. Where does an inner join put it?
missing_parts_sql = """
SELECT b.model, b.part_id
FROM bom_lines b JOIN inventory i ON i.part_id = b.part_id
GROUP BY b.model, b.part_id
HAVING COUNT(CASE WHEN i.on_hand > 0 THEN 1 END) = 0
"""

# %% mistake="missing_parts_sql" active="py" name="one bad row is enough"
# A part has a row with 0 and a row with 8. Is it missing? Do you look for a row that is bad, or for the absence of one that is good?
missing_parts_sql = """
SELECT DISTINCT b.model, b.part_id
FROM bom_lines b LEFT JOIN inventory i ON i.part_id = b.part_id
WHERE b.part_id IS NOT NULL AND (i.on_hand IS NULL OR i.on_hand <= 0)
"""

# %% mistake="missing_parts_sql" active="py" name="any row will do"
# Its only inventory row says 0. Do you have the part?
missing_parts_sql = """
SELECT DISTINCT model, part_id FROM bom_lines b
WHERE part_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM inventory i WHERE i.part_id = b.part_id)
"""

# %% mistake="missing_parts_sql" active="py" name="NULL is a part"
# Nothing equals NULL, so no inventory row matches it. Does that make NULL a missing part?
missing_parts_sql = """
SELECT DISTINCT model, part_id FROM bom_lines b
WHERE NOT EXISTS (SELECT 1 FROM inventory i WHERE i.part_id = b.part_id AND i.on_hand > 0)
"""

# %% mistake="missing_parts_sql" active="py" name="zero counts as stock"
# How many can you build with 0 on hand?
missing_parts_sql = """
SELECT DISTINCT model, part_id FROM bom_lines b
WHERE part_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM inventory i WHERE i.part_id = b.part_id AND i.on_hand >= 0)
"""

# %% mistake="missing_parts_sql" active="py" name="NOT of an unknown"
# A part has no row. What does an aggregate over its missing rows say: true, false or NULL? And NOT of that?
missing_parts_sql = """
SELECT b.model, b.part_id
FROM bom_lines b LEFT JOIN inventory i ON i.part_id = b.part_id
WHERE b.part_id IS NOT NULL
GROUP BY b.model, b.part_id
HAVING NOT BOOL_OR(i.on_hand > 0)
"""

# %% mistake="missing_parts_sql" active="py" name="only zero is missing"
# The only count of a part is -3. Is it exactly zero? Is it above?
missing_parts_sql = """
SELECT b.model, b.part_id
FROM bom_lines b LEFT JOIN inventory i ON i.part_id = b.part_id
WHERE b.part_id IS NOT NULL
GROUP BY b.model, b.part_id
HAVING COALESCE(MAX(i.on_hand), 0) = 0
"""

# %% accepts="missing_parts_sql" active="py" name="EXCEPT"
missing_parts_sql = """
SELECT model, part_id FROM bom_lines WHERE part_id IS NOT NULL
EXCEPT
SELECT b.model, b.part_id FROM bom_lines b JOIN inventory i ON i.part_id = b.part_id AND i.on_hand > 0
"""

# %% accepts="missing_parts_sql" active="py" name="NOT IN, guarded"
missing_parts_sql = """
SELECT model, part_id FROM bom_lines
WHERE part_id IS NOT NULL
  AND part_id NOT IN (SELECT part_id FROM inventory WHERE on_hand > 0 AND part_id IS NOT NULL)
GROUP BY model, part_id
"""

# %% accepts="missing_parts_sql" active="py" name="largest count per part"
missing_parts_sql = """
SELECT b.model, b.part_id
FROM bom_lines b LEFT JOIN inventory i USING (part_id)
WHERE part_id IS NOT NULL
GROUP BY 1, 2 HAVING COALESCE(MAX(on_hand), 0) <= 0
"""

# %% [markdown]
# ## Features as of a moment: what did we know then?
#
# > "We predict whether a shipment will be late. Give me per shipment the number of scans, the time of the last one and its place.
# > And no leakage."
#
# **Leakage** is a feature that knows the future. Suppose the prediction is made at the promised time, and we compute features from all scans we have today.

# %%
features = """
WITH f AS (
    SELECT s.shipment_id, s.promised_arrival_ts AS promise,
           MAX(c.scan_ts) FILTER (WHERE {cut}) AS last_scan,
           MAX(c.scan_ts) FILTER (WHERE c.scan_type = 'DELIVERED') AS done
    FROM shipments s LEFT JOIN shipment_scans c USING (shipment_id)
    GROUP BY ALL HAVING done IS NOT NULL AND promise IS NOT NULL
)
SELECT COUNT(*) AS shipments, AVG(CAST(done > promise AS INTEGER)) AS late,
       AVG(CAST(done > promise AND last_scan > promise AS INTEGER)) AS known,
       AVG(CAST(done <= promise AND last_scan > promise AS INTEGER)) AS wrong
FROM f
"""
print(sql.run(features.format(cut="true"), factory), "\n")
print(sql.run(features.format(cut="c.scan_ts <= promise"), factory))

# %% [markdown]
# With all scans, the rule "its last scan is after the promise" finds **every** late shipment and flags no other: the feature is the answer in disguise.
# A model with it looks perfect offline and is useless on the day, when that scan has not happened yet.
# With the cut the rule finds none.
#
# Where you write the cut matters as much. In WHERE it also removes the shipments that have no scan before the promise.

# %%
in_where = """
SELECT COUNT(DISTINCT s.shipment_id) AS shipments
FROM shipments s LEFT JOIN shipment_scans c
  ON c.shipment_id = s.shipment_id {on}
{where}
"""
cut = "c.scan_ts <= s.promised_arrival_ts"
in_where_only = in_where.format(on="", where=f"WHERE {cut}")
print(sql.run(in_where_only, factory), "\n")
print(sql.run(in_where.format(on=f"AND {cut}", where=""), factory))

# %% [markdown]
# A LEFT JOIN fills a shipment without matching scans with NULLs, and `NULL <= …` is unknown, so WHERE drops the row that the LEFT JOIN had just saved.
# The rule: a condition that decides which rows **match** belongs in ON; one that decides which rows to **keep** belongs in WHERE. (`WHERE right.key IS NULL`, the anti-join, is of the second kind.)
# Which shipments vanish?

# %%
vanished = """
WITH seen AS (
    SELECT s.shipment_id, promised_arrival_ts AS promise,
           MIN(scan_ts) AS first_scan
    FROM shipments s LEFT JOIN shipment_scans c USING (shipment_id)
    GROUP BY ALL
)
SELECT CASE WHEN promise IS NULL THEN 'no promise'
            WHEN first_scan IS NULL THEN 'never scanned'
            ELSE 'first scanned after it' END AS why, COUNT(*) AS n
FROM seen WHERE (first_scan <= promise) IS NOT TRUE GROUP BY 1 ORDER BY 2
"""
sql.run(vanished, factory)

# %% [markdown]
# Those first scanned after their promise are all late: among what the WHERE threw away are the shipments you most want to predict. The never scanned ones vanish, too.

# %% [markdown]
# ## Exercise 5: scan features without leakage (15 min)
#
# Write `eta_scan_features_sql`. Use only scans with `scan_ts` at or before the shipment's `promised_arrival_ts`.
#
# - `scan_count`: how many such scans; every row counts, also those before pickup.
# - `last_scan_ts`: the time of the latest of them.
# - `last_location`: the location of that latest scan, **even if it is NULL**. If several share the latest time, the greatest location, where NULL is the lowest.
# - Every shipment appears once. No such scan, or a NULL promise: 0, NULL, NULL.
# - Columns: `shipment_id, scan_count, last_scan_ts, last_location`.

# %% tags=["setup"]
SHIPMENTS = """
CREATE TABLE shipments(
    shipment_id TEXT PRIMARY KEY, supplier_id TEXT, plant_id TEXT,
    pickup_ts TIMESTAMP, promised_arrival_ts TIMESTAMP);
CREATE TABLE shipment_scans(  -- one row per scan, no key
    shipment_id TEXT, scan_ts TIMESTAMP, scan_type TEXT, location TEXT);
"""
five_shipments = sql.database(
    "five shipments",
    SHIPMENTS,
    shipments=[
        ("s1", "ACME", "EAST", "2026-03-01 08:00", "2026-03-04 12:00"),
        ("s2", "ACME", "EAST", "2026-03-01 08:00", "2026-03-04 12:00"),
        ("s3", "ACME", "WEST", "2026-03-01 08:00", "2026-03-04 12:00"),
        ("s4", "ACME", "WEST", "2026-03-01 08:00", None),
        ("s5", "ACME", "WEST", "2026-03-01 08:00", "2026-03-04 12:00"),
    ],
    shipment_scans=[
        ("s1", "2026-03-01 09:00", "PICKUP", "Reno"),
        ("s1", "2026-03-04 12:00", "HUB", "Elko"),
        ("s1", "2026-03-04 15:00", "DELIVERED", "Austin"),
        ("s2", "2026-03-01 07:00", "PICKUP", "Reno"),
        ("s2", "2026-03-02 07:00", "HUB", None),
        ("s5", "2026-03-02 07:00", "HUB", "Elko"),
        ("s5", "2026-03-02 07:00", "HUB", "Reno"),
        ("s5", "2026-03-02 07:00", "HUB", None),
        ("s3", "2026-03-05 10:00", "DELIVERED", "Austin"),
        ("s4", "2026-03-02 10:00", "HUB", "Elko"),
    ],
)

# %% exercise="eta_scan_features_sql"
# Columns: shipment_id, scan_count, last_scan_ts, last_location
### BEGIN SOLUTION
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (
               PARTITION BY s.shipment_id
               ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s
    JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id
     AND c.scan_ts <= s.promised_arrival_ts
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count,
       MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s
LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""
### END SOLUTION

# %% tests="eta_scan_features_sql" points=5
want = [
    ("s1", 2, datetime(2026, 3, 4, 12), "Elko"),
    ("s2", 2, datetime(2026, 3, 2, 7), None),
    ("s3", 0, None, None),
    ("s4", 0, None, None),
    ("s5", 3, datetime(2026, 3, 2, 7), "Reno"),
]
columns = ["shipment_id", "scan_count", "last_scan_ts", "last_location"]
sql.expect(eta_scan_features_sql, five_shipments, columns, want)
### BEGIN HIDDEN TESTS
from datetime import datetime, timedelta

from sixrounds.testing import pyrandom

draw = pyrandom("eta_scan_features_sql")
REFERENCE = """
SELECT s.shipment_id,
       (SELECT COUNT(*) FROM shipment_scans c WHERE c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts) AS scan_count,
       t.latest AS last_scan_ts,
       (SELECT MAX(location) FROM shipment_scans c WHERE c.shipment_id = s.shipment_id AND c.scan_ts = t.latest) AS last_location
FROM shipments s
JOIN (SELECT a.shipment_id, MAX(b.scan_ts) AS latest FROM shipments a LEFT JOIN shipment_scans b
      ON b.shipment_id = a.shipment_id AND b.scan_ts <= a.promised_arrival_ts GROUP BY 1) AS t ON t.shipment_id = s.shipment_id
"""


def random_shipments():
    """Promises that scans hit to the half second, ties, unknown places and strangers."""
    noon = datetime(2026, 3, 4, 12)
    shipments, scans = [], []
    for number in range(draw.choice((1, 2, 4, 6, 8))):
        promise = draw.choice((noon, noon, noon + timedelta(days=1), None))
        pickup = noon - timedelta(days=2)
        shipments.append(
            (
                f"s{number}",
                draw.choice(("ACME", None)),
                "EAST",
                draw.choice((pickup, pickup, None)),
                promise,
            )
        )
        times = [noon + timedelta(seconds=s) for s in (-0.5, 0, 0, 0.5, 86399.5, 86400, 86401)]
        times += [pickup - timedelta(hours=3), pickup, pickup + timedelta(hours=5), None]
        for _ in range(draw.randrange(0, 6)):
            row = (
                f"s{number}",
                draw.choice(times),
                draw.choice(("HUB", "DELIVERED", None)),
                draw.choice(("Reno", "Elko", "Austin", "reno", None)),
            )
            scans += [row] * draw.choice((1, 1, 1, 2))
            if draw.random() < 0.4:  # another scan of the same moment
                scans.append((*row[:3], draw.choice(("Reno", "Elko", None))))
    scans += [(draw.choice(("s99", None)), noon, "HUB", "Reno")] * draw.randrange(2)
    draw.shuffle(scans)
    return sql.database(
        "random shipments and scans", SHIPMENTS, shipments=shipments, shipment_scans=scans
    )


cases = [
    sql.database("empty tables", SHIPMENTS),
    *sql.instances("sql_drills/eta_scan_features_sql", SHIPMENTS),
    *(random_shipments() for _ in range(40)),
]
sql.check(eta_scan_features_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="eta_scan_features_sql" active="py" name="condition on scans in WHERE"
# A shipment was never scanned in time. Which value does its scan_ts have after the LEFT JOIN, and what does WHERE (or an inner join) do with it?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s LEFT JOIN shipment_scans c ON c.shipment_id = s.shipment_id
    WHERE c.scan_ts <= s.promised_arrival_ts
)
SELECT shipment_id, COUNT(*) AS scan_count, MAX(scan_ts) AS last_scan_ts,
       MAX(CASE WHEN place = 1 THEN location END) AS last_location
FROM seen GROUP BY shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="greatest location"
# Reno, then Elko. Is MAX(location) where the shipment was last, or what comes last in the alphabet?
eta_scan_features_sql = """
SELECT s.shipment_id, COUNT(c.shipment_id) AS scan_count, MAX(c.scan_ts) AS last_scan_ts, MAX(c.location) AS last_location
FROM shipments s LEFT JOIN shipment_scans c
  ON c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="scans after the promise"
# At the promised moment, had the scan of three hours later happened?
eta_scan_features_sql = """
WITH seen AS (
    SELECT c.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY c.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s JOIN shipment_scans c ON c.shipment_id = s.shipment_id
    WHERE c.scan_ts IS NOT NULL AND s.promised_arrival_ts IS NOT NULL
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="counts the row of NULLs"
# A LEFT JOIN gives a shipment without scans one row full of NULLs. What does COUNT(*) make of it?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC NULLS LAST, c.location DESC NULLS LAST) AS place
    FROM shipments s LEFT JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts
)
SELECT shipment_id, COUNT(*) AS scan_count, MAX(scan_ts) AS last_scan_ts,
       MAX(CASE WHEN place = 1 THEN location END) AS last_location
FROM seen GROUP BY shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="promise itself excluded"
# A scan falls on the promised moment exactly. What did "at or before" say?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id AND c.scan_ts < s.promised_arrival_ts
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="last known location"
# The latest scan has no location. May you answer with the place of an earlier scan? (arg_max and max_by skip NULLs.)
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id
               ORDER BY c.location IS NULL, c.scan_ts DESC, c.location DESC) AS place
    FROM shipments s JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="only scans after pickup"
# Who asked you to leave out the scans before pickup?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id AND c.scan_ts BETWEEN s.pickup_ts AND s.promised_arrival_ts
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="identical scans counted once"
# Two identical rows in a table without a key: one fact or two, by the rules above?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s JOIN (SELECT DISTINCT * FROM shipment_scans) c
      ON c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="no promise, no limit"
# The promise is NULL. What does the exercise say such a shipment's count is?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id
     AND c.scan_ts <= COALESCE(s.promised_arrival_ts, TIMESTAMP '2999-01-01')
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="cut by day"
# The promise is noon. Had the scan of three in the afternoon happened?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS LAST) AS place
    FROM shipments s JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id AND CAST(c.scan_ts AS DATE) <= CAST(s.promised_arrival_ts AS DATE)
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="NULL wins ties"
# Two scans share the latest time, and one has no location. Which of them does your order put first, and which does the exercise?
eta_scan_features_sql = """
WITH seen AS (
    SELECT s.shipment_id, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC, c.location DESC NULLS FIRST) AS place
    FROM shipments s JOIN shipment_scans c
      ON c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts
)
SELECT s.shipment_id, COUNT(seen.place) AS scan_count, MAX(seen.scan_ts) AS last_scan_ts,
       MAX(CASE WHEN seen.place = 1 THEN seen.location END) AS last_location
FROM shipments s LEFT JOIN seen ON seen.shipment_id = s.shipment_id
GROUP BY s.shipment_id
"""

# %% mistake="eta_scan_features_sql" active="py" name="last of all scans, then blanked"
# The last scan of all is too late and you blank it. Which scan was the last one before the promise?
eta_scan_features_sql = """
WITH numbered AS (
    SELECT s.shipment_id, s.promised_arrival_ts, c.scan_ts, c.location,
           ROW_NUMBER() OVER (PARTITION BY s.shipment_id ORDER BY c.scan_ts DESC NULLS LAST, c.location DESC NULLS LAST) AS place
    FROM shipments s LEFT JOIN shipment_scans c ON c.shipment_id = s.shipment_id
)
SELECT shipment_id, COUNT(CASE WHEN scan_ts <= promised_arrival_ts THEN 1 END) AS scan_count,
       MAX(CASE WHEN place = 1 AND scan_ts <= promised_arrival_ts THEN scan_ts END) AS last_scan_ts,
       MAX(CASE WHEN place = 1 AND scan_ts <= promised_arrival_ts THEN location END) AS last_location
FROM numbered GROUP BY shipment_id
"""

# %% accepts="eta_scan_features_sql" active="py" name="scalar subqueries"
eta_scan_features_sql = """
SELECT s.shipment_id,
       (SELECT COUNT(*) FROM shipment_scans c WHERE c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts) AS scan_count,
       (SELECT MAX(scan_ts) FROM shipment_scans c WHERE c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts) AS last_scan_ts,
       (SELECT location FROM shipment_scans c WHERE c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts
        ORDER BY scan_ts DESC, location DESC NULLS LAST LIMIT 1) AS last_location
FROM shipments s
"""

# %% accepts="eta_scan_features_sql" active="py" name="max of a struct"
eta_scan_features_sql = """
SELECT s.shipment_id, count(c.scan_ts) AS scan_count, max(c.scan_ts) AS last_scan_ts,
       arg_max({'at': c.location}, (c.scan_ts, c.location IS NOT NULL, COALESCE(c.location, ''))).at AS last_location
FROM shipments s LEFT JOIN shipment_scans c
  ON c.shipment_id = s.shipment_id AND c.scan_ts <= s.promised_arrival_ts
GROUP BY s.shipment_id
"""

# %% [markdown]
# ## Two facts and one rate: on time and in full
#
# > "Our suppliers deliver in parts. Per supplier and week: how many order lines, what share on time, and how much of the quantity?"
#
# Two traps meet here. A line with two receipts appears twice after the join: fan-out again.
# And a rate over lines is not a rate over quantity. Here are nine small lines that came in full and one large line that did not come.

# %%
lines = sql.database(
    "ten lines",
    "CREATE TABLE line(ordered INTEGER, received INTEGER);",
    line=[*[(10, 10)] * 9, (910, 0)],
)
two_rates = """
SELECT AVG(1.0 * received / ordered) AS mean_of_ratios,
       1.0 * SUM(received) / SUM(ordered) AS ratio_of_sums
FROM line
"""
sql.run(two_rates, lines)

# %% [markdown]
# 90 % of the lines were filled, and 9 % of the pieces came.
# Both are true, and they answer different questions: the **mean of ratios** weighs each order line alike, the **ratio of sums** weighs each piece alike.
# Neither is the number that stops an assembly line: there one missing part number is enough, and a thousand screws do not stand in for a controller. Name your weight.
#
# Time has a trap as well. A date in a comparison with a timestamp becomes **midnight at its start**.

# %%
midnight = """
SELECT TIMESTAMP '2026-03-04 09:30' <= DATE '2026-03-04' AS as_they_are,
       CAST(TIMESTAMP '2026-03-04 09:30' AS DATE)
           <= DATE '2026-03-04' AS by_day
"""
sql.run(midnight, lines)

# %% [markdown]
# A delivery at half past nine on the required day would be late. Compare days with days.

# %% [markdown]
# ## Exercise 6: supplier on-time and fill rate (20 min)
#
# Write `supplier_on_time_sql`. Treat every line as due: no line is left out because its date lies ahead.
#
# - One row per `supplier_id` and week of `required_date` (its Monday), over all plants.
# - `lines`: the number of order lines.
# - `on_time_rate`: the share of lines whose **first** receipt came on a day at or before the required date, whatever its quantity. A line that never came is late.
# - `fill_rate`: for each line, take the quantity that came on days at or before its required date, but at most the quantity ordered. `fill_rate` is the sum of these divided by the sum of the ordered quantities.
# - A receipt without a time came at no known day: it counts for neither.
# - Receipts of unknown lines are ignored.
# - Columns: `supplier_id, week, lines, on_time_rate, fill_rate`.

# %% tags=["setup"]
ORDERS = """
CREATE TABLE po_lines(
    po_line_id INTEGER PRIMARY KEY, supplier_id TEXT NOT NULL,
    plant_id TEXT NOT NULL, required_date DATE NOT NULL,
    qty INTEGER NOT NULL CHECK (qty >= 1));
CREATE TABLE receipts(  -- one row per delivery of a line, no key
    po_line_id INTEGER, receipt_ts TIMESTAMP,
    qty_received INTEGER NOT NULL CHECK (qty_received >= 1));
"""
po_lines = [
    (1, "ACME", "EAST", "2026-03-04", 10),
    (2, "ACME", "WEST", "2026-03-08", 30),
    (3, "ACME", "EAST", "2026-03-09", 5),
    (4, "BOLT", "EAST", "2026-03-04", 8),
]
receipts = [
    (1, "2026-03-03 10:00", 6),
    (1, "2026-03-04 18:30", 9),
    (2, "2026-03-07 08:00", 10),
    (3, "2026-03-10 07:00", 5),
    (3, "2026-03-10 09:00", 5),
    (77, "2026-03-01 07:00", 5),
]
tables = {"po_lines": po_lines, "receipts": receipts}
two_suppliers = sql.database("two suppliers", ORDERS, **tables)

# %% exercise="supplier_on_time_sql"
# Columns: supplier_id, week, lines, on_time_rate, fill_rate
### BEGIN SOLUTION
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date
                THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date
                    THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p
    LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week,
       COUNT(*) AS lines, AVG(on_time) AS on_time_rate,
       1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line
GROUP BY supplier_id, CAST(date_trunc('week', required_date) AS DATE)
"""
### END SOLUTION

# %% tests="supplier_on_time_sql" points=5
want = [
    ("ACME", date(2026, 3, 2), 2, 1.0, 0.5),
    ("ACME", date(2026, 3, 9), 1, 0.0, 0.0),
    ("BOLT", date(2026, 3, 2), 1, 0.0, 0.0),
]
columns = ["supplier_id", "week", "lines", "on_time_rate", "fill_rate"]
sql.expect(supplier_on_time_sql, two_suppliers, columns, want)
### BEGIN HIDDEN TESTS
from datetime import date, datetime, time, timedelta

from sixrounds.testing import pyrandom

draw = pyrandom("supplier_on_time_sql")
REFERENCE = """
SELECT supplier_id, required_date - (CAST(EXTRACT(isodow FROM required_date) AS INTEGER) - 1) AS week, COUNT(*) AS lines,
       AVG(CASE WHEN EXISTS (SELECT 1 FROM receipts r WHERE r.po_line_id = p.po_line_id
                             AND CAST(r.receipt_ts AS DATE) <= p.required_date) THEN 1 ELSE 0 END) AS on_time_rate,
       SUM(LEAST(qty, COALESCE((SELECT SUM(qty_received) FROM receipts r WHERE r.po_line_id = p.po_line_id
                                AND CAST(r.receipt_ts AS DATE) <= p.required_date), 0))) * 1.0 / SUM(qty) AS fill_rate
FROM po_lines p GROUP BY 1, 2
"""


def random_orders():
    """Lines about a week's end and the turn of a year, with no, one or several receipts."""
    sundays = draw.choice(([date(2026, 3, 8)], [date(2027, 1, 3)], [date(2026, 3, 8), date(2027, 3, 14)], [date(2026, 3, 8), date(2027, 3, 14)]))
    lines, receipts = [], []
    for number in range(draw.choice((1, 2, 5, 8, 12))):
        required = draw.choice(sundays) + timedelta(days=draw.randrange(-7, 3))
        qty = draw.choice((1, 4, 10, 100))
        lines.append(
            (number, draw.choice(("ACME", "BOLT")), draw.choice(("EAST", "WEST")), required, qty)
        )
        for _ in range(draw.choice((0, 1, 1, 2, 3))):
            day = required + timedelta(days=draw.choice((-7, -1, 0, 0, 1, 2, 8)))
            hour = draw.choice((time(0), time(9, 30), time(23, 59, 59, 500000)))
            when = datetime.combine(day, hour) if draw.random() < 0.93 else None
            row = (
                number if draw.random() < 0.95 else draw.choice((99, None)),
                when,
                draw.randrange(1, qty + 3),
            )
            receipts += [row] * draw.choice((1, 1, 1, 2))
    draw.shuffle(receipts)
    return sql.database("random lines and receipts", ORDERS, po_lines=lines, receipts=receipts)


cases = [
    sql.database("empty tables", ORDERS),
    *sql.instances("sql_drills/supplier_on_time_sql", ORDERS),
    *(random_orders() for _ in range(30)),
]
sql.check(supplier_on_time_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="supplier_on_time_sql" active="py" name="a line per receipt"
# A line came in two deliveries. How many lines is it after your join, and how often is its quantity in the denominator?
supplier_on_time_sql = """
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(CASE WHEN CAST(r.receipt_ts AS DATE) <= required_date THEN 1 ELSE 0 END) AS on_time_rate,
       1.0 * SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= required_date THEN LEAST(qty, qty_received) ELSE 0 END) / SUM(qty) AS fill_rate
FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="lines that never came are lost"
# Nothing of a line was ever received. In which row of your join does its ordered quantity stand?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="timestamp against date"
# At which hour of the required day does your comparison stop accepting deliveries?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN MIN(r.receipt_ts) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN r.receipt_ts <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="mean of ratios"
# A line of 1 part came and a line of 999 did not. Did half of the parts come?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, AVG(1.0 * LEAST(qty, received) / qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="too much counts in full"
# 10 were ordered and 15 came. Can the five extra ones fill another line's gap?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(received) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="capped per supplier"
# You cap the week's total at the week's total. Where can one line's surplus still hide another line's gap?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * LEAST(SUM(qty), SUM(received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="last receipt decides"
# A line came in two deliveries, one in time. Which of the two does the question judge by?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MAX(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="late parts fill, too"
# The parts came a month after they were needed. Should the fill rate of that week know about them?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           COALESCE(SUM(r.qty_received), 0) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="on time only if in full"
# 1 of 100 came in time. By the words of the exercise, is the line on time?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           COALESCE(SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END), 0) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(CASE WHEN received >= qty THEN 1 ELSE 0 END) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="weeks from Sunday"
# On which weekday does your week begin? To which week does a Sunday belong?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date + 1) AS DATE) - 1 AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="LEAST skips NULL"
# Nothing of a line came in time, and its sum is NULL. What is LEAST(10, NULL) in DuckDB?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="a row per plant, too"
# The supplier delivers to two plants. How many rows did the question want for one week of it?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2, plant_id
"""

# %% mistake="supplier_on_time_sql" active="py" name="never came, not counted as late"
# A line that never came: what does your CASE (or comparison) give for it, and what does AVG do with that?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 WHEN MIN(r.receipt_ts) IS NOT NULL THEN 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="capped per receipt"
# 10 were ordered; 6 came, then 9 more, all in time. What does a cap on each delivery let through?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date THEN LEAST(r.qty_received, p.qty) ELSE 0 END) AS received
    FROM po_lines p LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.plant_id, p.required_date, p.qty
)
SELECT supplier_id, CAST(date_trunc('week', required_date) AS DATE) AS week, COUNT(*) AS lines,
       AVG(on_time) AS on_time_rate, 1.0 * SUM(received) / SUM(qty) AS fill_rate
FROM per_line GROUP BY 1, 2
"""

# %% mistake="supplier_on_time_sql" active="py" name="week numbers merge years"
# Week 10 comes every year. Which year's Monday does your row show?
supplier_on_time_sql = """
WITH per_line AS (
    SELECT p.po_line_id, p.supplier_id, p.required_date, p.qty,
           CASE WHEN CAST(MIN(r.receipt_ts) AS DATE) <= p.required_date
                THEN 1 ELSE 0 END AS on_time,
           SUM(CASE WHEN CAST(r.receipt_ts AS DATE) <= p.required_date
                    THEN r.qty_received ELSE 0 END) AS received
    FROM po_lines p
    LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
    GROUP BY p.po_line_id, p.supplier_id, p.required_date, p.qty
)
SELECT supplier_id, MIN(CAST(date_trunc('week', required_date) AS DATE)) AS week,
       COUNT(*) AS lines, AVG(on_time) AS on_time_rate,
       1.0 * SUM(LEAST(qty, received)) / SUM(qty) AS fill_rate
FROM per_line
GROUP BY supplier_id, EXTRACT(week FROM required_date)
"""

# %% accepts="supplier_on_time_sql" active="py" name="receipts first, then join"
supplier_on_time_sql = """
WITH in_time AS (
    SELECT r.po_line_id, SUM(r.qty_received) AS received
    FROM receipts r JOIN po_lines p ON p.po_line_id = r.po_line_id
    WHERE r.receipt_ts < p.required_date + INTERVAL 1 DAY
    GROUP BY r.po_line_id
)
SELECT p.supplier_id, date_trunc('week', p.required_date) AS week, COUNT(*) AS lines,
       COUNT(t.received) / COUNT(*) AS on_time_rate,
       SUM(LEAST(p.qty, COALESCE(t.received, 0))) / SUM(p.qty) AS fill_rate
FROM po_lines p LEFT JOIN in_time t USING (po_line_id)
GROUP BY ALL ORDER BY ALL
"""

# %% accepts="supplier_on_time_sql" active="py" name="FILTER and bool"
supplier_on_time_sql = """
WITH l AS (
    SELECT any_value(supplier_id) AS supplier_id, any_value(required_date) AS d, any_value(qty) AS qty,
           min(receipt_ts)::DATE <= any_value(required_date) AS ok,
           coalesce(sum(qty_received) FILTER (receipt_ts::DATE <= required_date), 0) AS got
    FROM po_lines LEFT JOIN receipts USING (po_line_id) GROUP BY po_line_id
)
SELECT supplier_id, d - (isodow(d) - 1)::INTEGER AS week, count(*) AS lines,
       avg(coalesce(ok, false)::INTEGER) AS on_time_rate,
       sum(CASE WHEN got > qty THEN qty ELSE got END)::DOUBLE / sum(qty) AS fill_rate
FROM l GROUP BY 1, 2
"""

# %% [markdown]
# ## Exercise 7: how old is the backlog? (15 min)
#
# Write `backlog_age_sql` for the `po_lines` and `receipts` of Exercise 6 and `as_of_day(day)`, which has one row: the day that counts as today.
#
# - A line is in the backlog if both hold: its `required_date` is **before** that day, and the quantity that came up to **and on** that day is below its `qty`.
# - `open_qty`: what is still missing at the end of that day. A receipt without a time does not count. `days_late`: whole days from `required_date` to that day.
# - Columns: `po_line_id, open_qty, days_late`.

# %% tags=["setup"]
BACKLOG = ORDERS + "CREATE TABLE as_of_day(day DATE NOT NULL);"
wednesday = sql.database(
    "four lines, as of a Wednesday",
    BACKLOG,
    po_lines=[
        (1, "ACME", "EAST", "2026-03-04", 10),
        (2, "ACME", "WEST", "2026-03-09", 30),
        (3, "BOLT", "EAST", "2026-03-10", 8),
        (4, "BOLT", "EAST", "2026-03-11", 8),
    ],
    receipts=[
        (1, "2026-03-03 10:00", 6),
        (1, "2026-03-11 18:30", 4),
        (2, "2026-03-07 08:00", 10),
        (2, "2026-03-10 08:00", 15),
        (2, "2026-03-12 08:00", 5),
    ],
    as_of_day=[("2026-03-11",)],
)

# %% exercise="backlog_age_sql"
# Columns: po_line_id, open_qty, days_late
### BEGIN SOLUTION
backlog_age_sql = """
WITH received AS (
    SELECT r.po_line_id, SUM(r.qty_received) AS qty
    FROM receipts r CROSS JOIN as_of_day t
    WHERE CAST(r.receipt_ts AS DATE) <= t.day
    GROUP BY r.po_line_id
)
SELECT p.po_line_id, p.qty - COALESCE(r.qty, 0) AS open_qty,
       t.day - p.required_date AS days_late
FROM po_lines p
CROSS JOIN as_of_day t
LEFT JOIN received r ON r.po_line_id = p.po_line_id
WHERE p.required_date < t.day AND COALESCE(r.qty, 0) < p.qty
"""
### END SOLUTION

# %% tests="backlog_age_sql" points=4
want = [(2, 5, 2), (3, 8, 1)]
columns = ["po_line_id", "open_qty", "days_late"]
sql.expect(backlog_age_sql, wednesday, columns, want)
### BEGIN HIDDEN TESTS
from datetime import date, datetime, time, timedelta

from sixrounds.testing import pyrandom

draw = pyrandom("backlog_age_sql")
REFERENCE = """
SELECT po_line_id, open_qty, days_late FROM (
    SELECT p.po_line_id, p.qty - COALESCE((SELECT SUM(qty_received) FROM receipts r WHERE r.po_line_id = p.po_line_id
                                           AND CAST(r.receipt_ts AS DATE) <= (SELECT day FROM as_of_day)), 0) AS open_qty,
           (SELECT day FROM as_of_day) - p.required_date AS days_late
    FROM po_lines p) AS lines
WHERE open_qty > 0 AND days_late > 0
"""


def random_backlog():
    """Lines due about today, over the turn of a year, with no, one or several receipts."""
    today = draw.choice((date(2026, 3, 11), date(2027, 1, 1)))
    lines, receipts = [], []
    for number in range(draw.randrange(1, 9)):
        qty = draw.choice((1, 4, 10))
        lines.append(
            (number, "ACME", "EAST", today - timedelta(days=draw.choice((-1, 0, 1, 2, 8, 40))), qty)
        )
        for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
            day = today + timedelta(days=draw.choice((-30, -2, -1, 0, 0, 1, 5)))
            hour = draw.choice((time(0), time(9, 30), time(23, 59, 59, 500000)))
            when = datetime.combine(day, hour) if draw.random() < 0.93 else None
            row = (
                number if draw.random() < 0.95 else draw.choice((99, None)),
                when,
                draw.randrange(1, qty + 2),
            )
            receipts += [row] * draw.choice((1, 1, 1, 2))
    draw.shuffle(receipts)
    return sql.database(
        "random lines, receipts and days",
        BACKLOG,
        po_lines=lines,
        receipts=receipts,
        as_of_day=[(today,)],
    )


cases = [
    sql.database("empty tables", BACKLOG, as_of_day=[(date(2026, 3, 11),)]),
    *sql.instances("sql_drills/backlog_age_sql", BACKLOG),
    *(random_backlog() for _ in range(30)),
]
sql.check(backlog_age_sql, REFERENCE, cases)
### END HIDDEN TESTS

# %% mistake="backlog_age_sql" active="py" name="lines that never came are lost"
# Nothing of a line has come. What is SUM of no rows, and is that less than 10?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - SUM(r.qty_received) AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING SUM(r.qty_received) < p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="a row per receipt"
# A line of 30 got 10 and then 15. What does each of its two rows say is missing, and what is the truth?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(r.qty_received, 0) AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
WHERE p.required_date < t.day AND COALESCE(r.qty_received, 0) < p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="any receipt closes a line"
# 1 of 100 came. Is nothing missing?
backlog_age_sql = """
SELECT p.po_line_id, p.qty AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
WHERE p.required_date < t.day
  AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day)
"""

# %% mistake="backlog_age_sql" active="py" name="due today is late"
# A line is required today and the day is not over. Is its required_date before today?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(SUM(r.qty_received), 0) AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
WHERE p.required_date <= t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING COALESCE(SUM(r.qty_received), 0) < p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="receipts of the future"
# As of the day asked about, had tomorrow's delivery come?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(SUM(r.qty_received), 0) AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING COALESCE(SUM(r.qty_received), 0) < p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="today's receipts missed"
# What came today at nine: is its timestamp at or before the date of today?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(SUM(r.qty_received), 0) AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND r.receipt_ts <= t.day
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING COALESCE(SUM(r.qty_received), 0) < p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="ordered instead of open"
# 10 were ordered and 6 have come. How many are you still waiting for?
backlog_age_sql = """
SELECT p.po_line_id, p.qty AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING COALESCE(SUM(r.qty_received), 0) < p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="too much is open, too"
# More came than was ordered. Is a negative quantity still to come?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(SUM(r.qty_received), 0) AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING COALESCE(SUM(r.qty_received), 0) <> p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="ordered quantity multiplied"
# A line of 30 has two receipts. What does SUM(p.qty) say over its two joined rows?
backlog_age_sql = """
SELECT p.po_line_id, SUM(p.qty) - COALESCE(SUM(r.qty_received), 0) AS open_qty, MAX(t.day) - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.required_date
HAVING COALESCE(SUM(r.qty_received), 0) < SUM(p.qty)
"""

# %% mistake="backlog_age_sql" active="py" name="only what came in time"
# The parts came two days late, but they are here. Are they still open today?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(SUM(r.qty_received), 0) AS open_qty, t.day - p.required_date AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= p.required_date
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING COALESCE(SUM(r.qty_received), 0) < p.qty
"""

# %% mistake="backlog_age_sql" active="py" name="days of the month subtracted"
# Due on February 27, today is March 3. What is 3 minus 27?
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(SUM(r.qty_received), 0) AS open_qty,
       EXTRACT(day FROM t.day) - EXTRACT(day FROM p.required_date) AS days_late
FROM po_lines p CROSS JOIN as_of_day t
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
WHERE p.required_date < t.day
GROUP BY p.po_line_id, p.qty, p.required_date, t.day
HAVING COALESCE(SUM(r.qty_received), 0) < p.qty
"""

# %% accepts="backlog_age_sql" active="py" name="one GROUP BY"
backlog_age_sql = """
SELECT p.po_line_id, p.qty - COALESCE(SUM(r.qty_received), 0) AS open_qty,
       MAX(t.day) - p.required_date AS days_late
FROM as_of_day t
JOIN po_lines p ON p.required_date < t.day
LEFT JOIN receipts r ON r.po_line_id = p.po_line_id AND CAST(r.receipt_ts AS DATE) <= t.day
GROUP BY p.po_line_id, p.qty, p.required_date
HAVING COALESCE(SUM(r.qty_received), 0) < p.qty
"""

# %% accepts="backlog_age_sql" active="py" name="half-open day and date_diff"
backlog_age_sql = """
WITH came AS (
    SELECT po_line_id, sum(qty_received) AS got FROM receipts, as_of_day
    WHERE receipt_ts < day + INTERVAL 1 DAY GROUP BY po_line_id
)
SELECT po_line_id, qty - ifnull(got, 0) AS open_qty, date_diff('day', required_date, day) AS days_late
FROM po_lines LEFT JOIN came USING (po_line_id), as_of_day
WHERE open_qty > 0 AND days_late > 0
"""

# %% [markdown]
# ## Defend it
#
# The code is half of the round. Answer each aloud, then open it.
#
# <details><summary>How do you know that your first-pass yield is right? (everyone should get this)</summary>
#
# Reconcile: the sum of `vin_built` must be the number of builds, `vin_first_pass` may never exceed `vin_built`, and each vehicle must appear on one day only.
# Then take one vehicle of each kind (no events, a failure, a failure outside of the window) and follow it by hand.
# Last, compare with a number that somebody already trusts, and explain the difference instead of tuning it away.
#
# </details>
#
# <details><summary>When is COUNT(DISTINCT vin) a fair repair of fan-out, and when does it hide a bug? (everyone should get this)</summary>
#
# It is fair when all you need is the number of vehicles in a group.
# It hides a bug when another aggregate stands beside it: the sums and averages of the same query are still multiplied, and now one column looks right.
# It is seldom cheaper either: both ways must remember every vin, and several DISTINCT counts remember it several times.
#
# </details>
#
# <details><summary>Your scan features stop at the promise. A shipment that arrived a day early has a DELIVERED scan before it. Leak or not? (strong)</summary>
#
# For a prediction *at the promised moment* it is no leak: the scan had happened. But the question is then trivial for that shipment, and a model that learns "DELIVERED seen, so not late" looks better than it is.
# Ask when the prediction is used. If planners act two days before the promise, cut there, and leave out shipments that are already delivered.
# Two more leaks stay. `scan_ts` is when it happened, not when the row reached you: late rows need a load time and a cut on that. And ask whether the promise in the table is the first one or was revised later.
#
# </details>
#
# <details><summary>One part of a hundred arrives in time, and the line is "on time". Would you publish that number? (strong)</summary>
#
# Not alone. As defined it can be bought with one early carton, and it will be as soon as it is a target.
# Publish it beside the fill rate, or use on time **in full**: the share of lines whose whole quantity came by the required date.
# Lines not yet due need a rule as well: they are neither late nor on time, so the report needs an as-of date, and a line enters when its date has passed.
#
# </details>
#
# <details><summary>BETWEEN with timestamps: what goes wrong at the end of a day, and what do you write instead? (strong)</summary>
#
# `BETWEEN '2026-03-04' AND '2026-03-04 23:59:59'` loses the last second's fraction, and `AND '2026-03-05'` takes midnight of the next day in.
# Write `ts >= day AND ts < day + 1 day`: half-open, whatever the resolution, and two neighbors never share or lose a row.
# It also leaves the column bare. In PostgreSQL a CAST around it loses an ordinary index on `ts` and the row estimate; some engines see through it.
# Our build window is closed at both ends because the definition says so, and the definition wins.
#
# </details>
#
# <details><summary>Timestamps are plant-local. What happens in the night when the clocks change? (top)</summary>
#
# In autumn an hour comes twice: two checks an hour apart can carry the same local time, and their order is lost. In spring an hour is missing. So a duration over the change comes out an hour too short in autumn, even negative, and an hour too long in spring.
# Days and weeks should stay local, since a shift plans by local days. Order and durations need UTC.
# So store UTC and the plant's zone for what happened, local time and zone for what is promised, derive the local day once, in one place, and test that place on both nights. Old local rows in the repeated hour stay ambiguous.
#
# </details>
#
# <details><summary>The event table has ten billion rows and the yield is wanted each morning. What do you change? (top)</summary>
#
# Read less: partition by event day, so that the query reads yesterday, plus as many days before it as the longest build takes, and cluster by plant or vin within.
# Compute less: keep one row per vehicle (both ends of its build, its checks in between) and update it from the new events only; the report then groups thousands of rows.
# Late events are why this is hard: choose how many days back you recompute, count what comes later than that, and make a run that is repeated replace its days instead of adding to them.
# Look at the plan before and after: rows read, not seconds, is the number that does not depend on who else uses the cluster.
#
# </details>

# %% [markdown]
# ## Take away
#
# - Say the grain of every table. A join multiplies; bring the many to one row per thing first, then count things.
# - A row as it is: number the rows in a window and keep one. Break ties on purpose.
# - What decides which rows match belongs in ON, what decides which rows to keep in WHERE. What is absent must still be a row.
# - A comparison with NULL is unknown. NOT EXISTS survives that, NOT IN does not.
# - Rates: name the unit you weigh by. Times: name both ends, and compare days with days.
