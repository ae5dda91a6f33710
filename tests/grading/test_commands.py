"""The commands an instructor types: rows on standard output, progress on standard error."""

import argparse
import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER

from sixrounds.cli import course, grade
from sixrounds.grading.course import Course


def run(*words: str) -> int:
    """Run `sixrounds course` or `sixrounds grade`."""
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    course.add_parser(subparsers)
    grade.add_parser(subparsers)
    args = parser.parse_args(words)
    return int(args.main(args))


def test_json_is_all_there_is_on_standard_output(
    class_of_six: Course, graded: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: a program that reads the rows would stumble over a line of progress."""
    assert run("grade", CHAPTER, "--course", str(class_of_six.folder), "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == graded[1]
    assert "kept right 01_tiny 5/9" in said.err


def test_the_table_says_where_feedback_lies(
    class_of_six: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: an instructor would not see who got what, or not find the pages to hand out."""
    run("grade", CHAPTER, "--course", str(class_of_six.folder), "--student", "partly")
    said = capsys.readouterr().out
    assert "2/5" in said and "partial" in said
    assert "hint: What happens to the delivery" in said
    assert f"{class_of_six.folder}/feedback/<student>/{CHAPTER}/" in said


def test_init_names_the_next_command(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: a new instructor would stand before an empty folder."""
    with chdir(clone):
        run("course", "init", str(tmp_path / "class"), "--assign", "quiz=01_tiny")
    said = capsys.readouterr().out
    assert "assignment quiz: round2_coding/01_tiny" in said
    assert "sixrounds grade <assignment> --course" in said
    assert "secret seed" in said
