"""Exports say what the gradebook says, once, and nothing that must stay with the instructor."""

import argparse
import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, put
from nbgrader.api import Gradebook as Stock

from sixrounds.cli import export
from sixrounds.errors import SixRoundsError
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course
from sixrounds.grading.exports import Failing, Record, as_csv

Graded = tuple[Path, list[dict[str, Any]]]
FIELDS = (
    "student notebook exercise score max_score status message hint late_penalty seconds".split()
)


def run(course: Course, *words: str) -> int:
    """`sixrounds export`."""
    parser = argparse.ArgumentParser()
    export.add_parser(parser.add_subparsers())
    args = parser.parse_args(["export", CHAPTER, "--course", str(course.folder), *words])
    return int(args.main(args))


def test_a_row_per_student_and_exercise(
    class_of_six: Course, graded: Graded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: a spreadsheet of the class would lack a student, or show other points."""
    table, data = tmp_path / "class.csv", tmp_path / "class.json"
    assert run(class_of_six, "--csv", str(table), "--json", str(data)) == 0
    rows = json.loads(data.read_text())
    assert [list(row) for row in rows] == [FIELDS] * 18
    assert [{key: row[key] for key in graded[1][0]} for row in rows] == graded[1]
    seconds = {(row["student"], row["exercise"]): row["seconds"] for row in rows}
    assert seconds["right", "shelved"] > 0 and seconds["right", "why_limit"] is None
    lines = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [line["student"] for line in lines] == [row["student"] for row in rows]
    assert [float(line["score"]) for line in lines] == [row["score"] for row in rows]
    assert capsys.readouterr().out == f"wrote {table}\nwrote {data}\n"


def test_points_given_by_hand_are_exported(
    class_of_six: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: an export would show the automatic points after a person corrected them."""
    with Stock(f"sqlite:///{class_of_six.gradebook}") as book:
        grade = book.find_grade("test-shelved-2", "01_tiny", CHAPTER, "partly")
        grade.manual_score = 2.5
        book.db.commit()
    run(class_of_six, "--json", "-")
    rows = json.loads(capsys.readouterr().out)
    found = {(row["student"], row["exercise"]): row for row in rows}
    assert found["partly", "shelved"]["score"] == 4.5
    assert "points given by hand" in found["partly", "shelved"]["message"]


def test_what_the_class_got_wrong(
    class_of_six: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: a teacher would not see which misconception to talk about."""
    assert run(class_of_six) == 0
    said = capsys.readouterr().out
    assert re.search(r"00_newsvendor +order_quantity +1/6 +17 % +orders the mean", said)
    assert re.search(r"01_tiny +shelved +1/6 +17 % +no limit", said)
    path = tmp_path / "mistakes.csv"
    run(class_of_six, "--mistakes", str(path))
    lines = list(csv.DictReader(io.StringIO(path.read_text())))
    assert list(lines[0]) == "notebook exercise mistake count of share".split()
    found = {(line["exercise"], line["mistake"]): int(line["count"]) for line in lines}
    assert found == {
        ("order_quantity", "orders the mean"): 1,
        ("order_quantity", "unreadable"): 2,
        ("order_quantity", "not written"): 1,
        ("shelved", "no limit"): 1,
        ("shelved", "unreadable"): 2,
        ("shelved", "not written"): 1,
        ("shelved", "missing"): 1,
        ("why_limit", "unreadable"): 2,
        ("why_limit", "not written"): 2,
    }


def test_an_unknown_mistake_is_counted_too(
    course: Course, filled: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: what nobody foresaw would vanish from the table, and so never be looked at."""
    odd = "def shelved(deliveries, space):\n    return 41 if deliveries else 0"
    put(course.folder, "ada", "01_tiny", filled("01_tiny", {"shelved": odd}))
    grade_course(course, CHAPTER)
    run(course)
    said = capsys.readouterr().out
    assert re.search(r"shelved +1/1 +100 % +no mistake recognized", said)


def test_what_is_not_graded_is_said(
    class_of_six: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: grades would be handed in without a student who came late."""
    put(class_of_six.folder, "late", "01_tiny", "{}")
    put(class_of_six.folder, "right", "01_tiny", "{}")
    run(class_of_six)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert said[0].startswith("late 00_newsvendor: not graded yet") and "sixrounds grade" in said[0]
    assert any(line.startswith("right 01_tiny: changed after it was graded") for line in said)


def test_an_export_holds_no_secrets(class_of_six: Course, tmp_path: Path) -> None:
    """Broken: a file that is mailed around would carry hidden tests or answers."""
    path = tmp_path / "class.csv"
    run(class_of_six, "--csv", str(path))
    text = path.read_text()
    for word in ("SECRET_MARKER", "987654321", "HIDDEN", "MODEL_ANSWER", "def shelved"):
        assert word not in text


def test_a_spreadsheet_runs_nothing() -> None:
    """Broken: an exception's text, which a learner chooses, could be a formula in Excel."""
    row = Record("=cmd|' /C calc'!A0", "n", "e", -1.5, 2, "error", "+1+1", "@x", 0, None)
    line = as_csv(Record, [row]).splitlines()[1]
    assert line == "'=cmd|' /C calc'!A0,n,e,-1.5,2,error,'+1+1,'@x,0,"
    assert as_csv(Failing, []) == "notebook,exercise,mistake,count,of,share\n"


def test_nothing_graded_is_one_line(course: Course) -> None:
    """Broken: an empty file would look like a class that was graded."""
    put(course.folder, "ada", "01_tiny", "")
    with pytest.raises(SixRoundsError, match="nothing of it is graded yet; run `sixrounds grade"):
        run(course)


def test_a_file_that_cannot_be_written_is_one_line(class_of_six: Course) -> None:
    """Broken: a mistyped path would end in a traceback."""
    with pytest.raises(SixRoundsError, match=r"place\.csv: No such file"):
        run(class_of_six, "--csv", "/no/such/place.csv")
