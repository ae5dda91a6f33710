"""The commands an instructor types: rows on standard output, progress on standard error."""

import argparse
import io
import json
import re
from contextlib import chdir, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, put

from sixrounds.cli import course, grade
from sixrounds.cli.progress import Bar
from sixrounds.errors import SixRoundsError
from sixrounds.grading import notes
from sixrounds.grading.course import Course
from sixrounds.grading.executor import WarmProcesses


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


def grade_six(course: Course, *words: str) -> int:
    """`sixrounds grade` of the class."""
    return run("grade", CHAPTER, "--course", str(course.folder), *words)


def test_a_dry_run_grades_nothing(
    class_of_six: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: an instructor could not see what a command would do before it does it."""
    put(class_of_six.folder, "stub", "01_tiny", "{}")
    put(class_of_six.folder, "new", "01_tiny", "{}")
    before = {path: path.stat().st_mtime_ns for path in class_of_six.folder.rglob("*")}
    monkeypatch.setattr(WarmProcesses, "run", None)
    assert grade_six(class_of_six, "--plan") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "would grade new 00_newsvendor",
        "would grade new 01_tiny",
        "would grade stub 01_tiny",
    ]
    assert said[3] == "would keep 11, which did not change"
    assert re.fullmatch(r"3 to grade; about [\d.]+ s with \d+ workers?", said[4])
    assert {path: path.stat().st_mtime_ns for path in class_of_six.folder.rglob("*")} == before
    grade_six(class_of_six, "--plan", "--student", "right")
    assert "nothing to grade" in capsys.readouterr().out


def test_an_unknown_time_is_called_unknown(
    course: Course, filled: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: a number that nobody measured would be shown as an estimate."""
    put(course.folder, "ada", "01_tiny", filled("01_tiny", {}))
    run("grade", CHAPTER, "--course", str(course.folder), "--plan")
    assert "time: unknown, as nothing alike was graded before" in capsys.readouterr().out


def test_the_time_comes_from_earlier_runs(class_of_six: Course) -> None:
    """Broken: the expected time would be a guess."""
    from sixrounds.grading.choice import find_works
    from sixrounds.grading.times import expected

    works = find_works(class_of_six, CHAPTER, notebook="01_tiny")
    for place, work in enumerate(works):
        graded = notes.load(work.note)
        assert graded is not None
        seconds = {"shelved": 5.0 if place == 0 else 1.0}  # the first one paid the start
        notes.store(work.note, replace(graded, seconds=seconds))
    assert expected(works, 1) == 4 + 6
    assert expected(works, 2) == 4 + 3
    assert expected([], 2) == 0


def test_times_are_shown(class_of_six: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Broken: nobody could see which exercise makes grading slow, or whose answer."""
    grade_six(class_of_six, "--times")
    said = capsys.readouterr().out
    assert re.search(r"student +answers +seconds +median +slowest", said)
    assert re.search(r"\nright +2 +\d+\.\d\d +\d+\.\d\d", said)
    assert re.search(r"\nshelved +3 +\d+\.\d\d", said)
    assert re.search(r"\norder_quantity +4 +\d+\.\d\d", said)


def test_one_notebook(class_of_six: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Broken: after one mended test the whole assignment would have to be graded."""
    for name in ("01_tiny", "01_tiny.ipynb", f"{CHAPTER}/01_tiny"):
        grade_six(class_of_six, "--notebook", name, "--student", "right", "--json")
        rows = json.loads(capsys.readouterr().out)
        assert [row["exercise"] for row in rows] == ["shelved", "why_limit"]


def test_a_private_tree_for_one_run(
    clone: Path, class_of_six: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: a test that is mended in an exam's tree could not be tried before it is kept."""
    private = tmp_path / "exam" / CHAPTER
    private.mkdir(parents=True)
    for path in (clone / "solutions" / CHAPTER).glob("*.py"):
        (private / path.name).write_text(path.read_text().replace("points=3", "points=6"))
    grade_six(class_of_six, "--source", str(private.parent), "--student", "right", "--json")
    rows = {row["exercise"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["shelved"]["max_score"] == 8
    assert Course.load(class_of_six.folder).private is None


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--notebook", "01_tinny"), "01_tinny: no notebook of round2_coding; it has 01_tiny"),
        (("--student", "rigth"), "rigth: no folder of that name in"),
        (("--workers", "-2"), "--workers -2: must be 0 or more"),
        (("--workers", "2", "--scheduler", "tcp://x:1"), "leave one of them out"),
        (("--scheduler", "tcp://127.0.0.1:1"), "no Dask scheduler answers there"),
    ],
)
def test_bad_input_is_one_line(
    class_of_six: Course, words: tuple[str, ...], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: a typo would end in a traceback, or grade something else."""
    monkeypatch.setattr("sixrounds.grading.engine.cluster.CONNECT_SECONDS", 1, raising=False)
    with pytest.raises(SixRoundsError) as caught:
        grade_six(class_of_six, *words, *(["--regrade"] if "127" in words[-1] else []))
    assert wanted in str(caught.value) and "\n" not in str(caught.value)


class Terminal(io.StringIO):
    """Standard error of somebody who watches."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_the_bar_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken: logs would be full of bars, or a person would see nothing for an hour."""
    for screen, hide, shown in (
        (Terminal(), False, True),
        (Terminal(), True, False),
        (io.StringIO(), False, False),
    ):
        monkeypatch.setattr("sys.stderr", screen)
        with closing(Bar(hide=hide)) as bar:
            bar.begin(4)
            bar.step()
            bar.say("graded ada 01_tiny 5/9")
        assert "graded ada 01_tiny 5/9\n" in screen.getvalue()
        assert ("1/4" in screen.getvalue()) == shown
        assert ("<" in screen.getvalue()) == shown  # the time left


def test_collect_tells_what_it_took(
    course: Course, filled: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken: an instructor would not know what is still missing, or what to run next."""
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / "01_tiny.ipynb").write_text(filled("01_tiny", {}))
    words = ("--course", str(course.folder), "--assignment", CHAPTER)
    assert run("course", "collect", str(tmp_path / "in"), *words) == 0
    said = capsys.readouterr().out
    assert "collected ada 01_tiny, of 20" in said and "1 new, 0 refused" in said
    assert f"sixrounds grade {CHAPTER} --course {course.folder}" in said
    (tmp_path / "in" / "01_tiny.ipynb").write_text("{}")
    assert run("course", "collect", str(tmp_path / "in"), *words) == 1
    assert "refused '01_tiny.ipynb': its name does not say" in capsys.readouterr().err
