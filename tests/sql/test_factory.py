"""The made-up car maker: the same rows everywhere, in the sizes it promises."""

import hashlib

import pytest

from sixrounds import sql

TABLES = ("vin_builds", "production_events", "shipments", "shipment_scans", "po_lines", "receipts")
SMALL = sql.factory(1000)


def test_same_rows_on_every_machine() -> None:
    """Numbers in the lesson's text would be those of another machine's data."""
    digest = hashlib.sha256()
    for table in TABLES:
        for row in sql.run(f"SELECT * FROM {table} ORDER BY ALL", SMALL).rows:
            digest.update(repr(row).encode())
    assert digest.hexdigest()[:16] == "3bdb48e354c7d128"


def test_sizes() -> None:
    """A million events is what makes a fan-out visible."""
    counts = {name: sql.run(f"SELECT COUNT(*) FROM {name}", SMALL).rows[0][0] for name in TABLES}
    assert counts["vin_builds"] == 1000
    assert counts["production_events"] == 10_000
    assert counts["shipments"] == counts["po_lines"] == 200
    keys = sql.run("SELECT COUNT(DISTINCT vin) FROM vin_builds", SMALL)
    assert keys.rows == ((1000,),)


def test_what_the_datasheet_says_is_in_it() -> None:
    """The lesson's traps would have nothing to catch."""
    found = sql.run(
        """
        SELECT COUNT(*) FILTER (WHERE event_ts IS NULL) > 0,
               COUNT(*) FILTER (WHERE e.plant_id <> b.plant_id) > 0,
               COUNT(*) FILTER (WHERE event_type = 'QA_FAIL' AND event_ts > build_end_ts) > 0,
               COUNT(*) FILTER (WHERE event_type = 'QA_FAIL' AND event_ts < build_end_ts) > 0
        FROM production_events e JOIN vin_builds b USING (vin)
        """,
        SMALL,
    )
    assert found.rows == ((True, True, True, True),)


def test_a_factory_without_builds_is_refused() -> None:
    """Empty tables would make every lesson cell print nothing."""
    with pytest.raises(ValueError, match="at least 1"):
        sql.factory(0)


def test_a_result_reads_like_a_table() -> None:
    """A learner would see a tuple of tuples."""
    shown = repr(
        sql.run("SELECT 1 AS a, NULL AS day UNION ALL SELECT 22, '2026' ORDER BY 1", SMALL)
    )
    assert shown == "a   day\n--  ----\n1   NULL\n22  2026\n(2 rows)"
    many = repr(sql.run("SELECT vin FROM vin_builds", SMALL))
    assert many.splitlines()[-1] == "(1000 rows, the first 10 shown)"
    assert len(many.splitlines()) == 13
