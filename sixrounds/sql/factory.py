"""A month of a made-up car maker, large enough that a wrong query is wrong by thousands.

Not real data: see data/sql_factory/datasheet.md for what it imitates and what it leaves out. Every
value is a function of its row number through md5, so that any machine and any version of DuckDB
makes the same rows.
"""

from sixrounds.sql.database import Database

BUILDS = 100_000

SCRIPT = """
CREATE MACRO draw(i, salt) AS md5_number_lower(concat(salt, ':', i));
-- Digits of one draw serve as independent draws: pick(h, 1), pick(h, 2), … in [0, 1).
CREATE MACRO pick(h, n) AS
    CAST((h // CAST(pow(1000, n - 1) AS UBIGINT)) % 1000 AS DOUBLE) / 1000;
CREATE MACRO one_of(kinds, part) AS kinds[1 + CAST(floor(4 * part) AS INTEGER)];
CREATE MACRO whole(number) AS CAST(floor(number) AS INTEGER);
CREATE MACRO later(day0, hours) AS CAST(day0 AS TIMESTAMP) + to_seconds(floor(hours * 3600));

CREATE TABLE vin_builds AS
SELECT printf('VIN%06d', i) AS vin,
       later('2026-03-02', started) AS build_start_ts,
       later('2026-03-02', started + took) AS build_end_ts,
       model, plant_id
FROM (SELECT i, 24 * 28 * pick(h, 1) + pick(h, 2) AS started, 6 + 18 * pick(h, 3) AS took,
             one_of(['SEDAN', 'SUV', 'TRUCK', 'VAN'], pick(h, 4)) AS model,
             one_of(['EAST', 'NORTH', 'SOUTH', 'WEST'], pick(h, 5)) AS plant_id
      FROM (SELECT i, draw(i, 'build') AS h FROM range({builds}) t(i)));

-- Ten events a build: a quality gate at the 3rd, 6th and 9th, a second look after one that failed.
CREATE TABLE production_events AS
WITH drawn AS (
    SELECT i, k, draw(10 * i + k, 'event') AS h, draw(10 * i + k - 1, 'event') AS before
    FROM range({builds}) t(i), range(10) s(k)
), named AS (
    SELECT i, k, h, b.vin, b.plant_id, b.build_start_ts AS t0, b.build_end_ts AS t1,
           CASE plant_id WHEN 'EAST' THEN 0.055 WHEN 'SOUTH' THEN 0.035 ELSE 0.02 END
           * CASE WHEN hour(build_start_ts) >= 18 THEN 2 ELSE 1 END AS fails, before
    FROM drawn JOIN vin_builds b ON b.vin = printf('VIN%06d', i)
)
SELECT vin,
       CASE WHEN pick(h, 6) < 0.001 THEN NULL
            WHEN k = 9 AND pick(h, 5) < 0.06 THEN t1 + to_hours(1 + whole(60 * pick(h, 4)))
            ELSE t0 + (t1 - t0) * ((k + pick(h, 2)) / 10) END AS event_ts,
       CASE WHEN pick(h, 3) < 0.01 THEN 'DEPOT' ELSE plant_id END AS plant_id,
       CASE WHEN k = 9 AND pick(h, 5) < 0.06 THEN 'QA_FAIL'
            WHEN k IN (2, 5, 8) AND pick(h, 1) < fails THEN 'QA_FAIL'
            WHEN k IN (2, 5, 8) THEN 'QA_PASS'
            WHEN k IN (3, 6, 9) AND pick(before, 1) < fails THEN 'QA_PASS'
            ELSE 'STATION_DONE' END AS event_type
FROM named;

CREATE TABLE shipments AS
SELECT printf('SHP%05d', i) AS shipment_id,
       printf('S%02d', whole(40 * pick(h, 1))) AS supplier_id,
       one_of(['EAST', 'NORTH', 'SOUTH', 'WEST'], pick(h, 2)) AS plant_id,
       later('2026-03-02', 24 * 28 * pick(h, 3)) AS pickup_ts,
       CASE WHEN pick(h, 5) < 0.01 THEN NULL
            ELSE later('2026-03-02', 24 * 28 * pick(h, 3) + 72 + 48 * pick(h, 4))
            END AS promised_arrival_ts
FROM (SELECT i, draw(i, 'shipment') AS h FROM range({builds} // 5) t(i));

-- Up to six scans; the last of a shipment says DELIVERED, before or after the promise.
CREATE TABLE shipment_scans AS
SELECT shipment_id,
       pickup_ts + to_seconds(floor(3600 * (took * (k + 1 - 0.5 * pick(g, 1)) / n))) AS scan_ts,
       CASE WHEN k + 1 = n THEN 'DELIVERED' WHEN k = 0 THEN 'PICKUP' ELSE 'HUB' END AS scan_type,
       CASE WHEN pick(g, 2) < 0.03 THEN NULL
            ELSE printf('HUB%02d', whole(30 * pick(g, 3))) END AS location
FROM (SELECT s.*, k, draw(10 * i + k, 'scan') AS g, draw(i, 'route') AS h,
             whole(6.5 * pick(draw(i, 'route'), 1)) AS n,
             40 + 90 * pick(draw(i, 'route'), 2) AS took
      FROM range({builds} // 5) t(i)
      JOIN shipments s ON s.shipment_id = printf('SHP%05d', i), range(6) r(k))
WHERE k < n;

CREATE TABLE po_lines AS
SELECT i AS po_line_id, printf('S%02d', whole(40 * pick(h, 1))) AS supplier_id,
       one_of(['EAST', 'NORTH', 'SOUTH', 'WEST'], pick(h, 2)) AS plant_id,
       CAST('2026-03-02' AS DATE) + whole(28 * pick(h, 3)) AS required_date,
       CASE WHEN pick(h, 4) < 0.1 THEN 2000 ELSE 1 + whole(60 * pick(h, 5)) END AS qty
FROM (SELECT i, draw(i, 'line') AS h FROM range({builds} // 5) t(i));

-- A large line comes in up to three lots; 3 % of lines never come.
CREATE TABLE receipts AS
SELECT po_line_id,
       later(required_date,
             17 + 24 * (lot + CASE WHEN qty = 2000 THEN -1 ELSE -1.8 END + 1.6 * pick(g, 1))
       ) AS receipt_ts,
       greatest(1, CAST(ceil(qty * (0.9 + 0.15 * pick(g, 2)) / lots) AS INTEGER)) AS qty_received
FROM (SELECT p.*, lot, draw(10 * po_line_id + lot, 'lot') AS g, draw(po_line_id, 'plan') AS h,
             CASE WHEN qty = 2000 THEN 3 WHEN pick(draw(po_line_id, 'plan'), 1) < 0.2 THEN 2
                  ELSE 1 END AS lots
      FROM po_lines p, range(3) r(lot))
WHERE lot < lots AND pick(h, 2) >= 0.03;

DROP MACRO draw; DROP MACRO pick; DROP MACRO later; DROP MACRO one_of; DROP MACRO whole;
"""


def factory(builds: int = BUILDS) -> Database:
    """A factory's tables: `vin_builds` with so many rows, `production_events` with ten times that.

    Also `shipments`, `shipment_scans`, `po_lines` and `receipts`, a fifth of that and up.

    Args:
        builds: vehicles built, at least 1.

    Raises:
        ValueError: builds is below 1.
    """
    if builds < 1:
        raise ValueError(f"factory(builds={builds}): at least 1 build is needed")
    return Database("a factory", SCRIPT.replace("{builds}", str(int(builds))))
