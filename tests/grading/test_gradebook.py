"""The gradebook holds what was graded, keeps what people entered, and stays nbgrader's own."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, put
from nbgrader.api import Gradebook as Stock

from sixrounds.errors import SixRoundsError
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course
from sixrounds.grading.gradebook import opened
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import Lesson, parse_text


def tables(path: Path) -> dict[str, list[Any]]:
    """All rows of the database, sorted."""
    with closing(sqlite3.connect(path)) as db:
        names = [row[0] for row in db.execute("select name from sqlite_master where type='table'")]
        return {name: sorted(db.execute(f"select * from {name}"), key=repr) for name in names}


@contextmanager
def stock(course: Course) -> Iterator[Any]:
    """The gradebook as nbgrader itself opens it."""
    with Stock(f"sqlite:///{course.gradebook}") as book:
        yield book


def give(course: Course, student: str, topic: str, cell: str, **values: Any) -> None:
    """Enter points as formgrader does."""
    with stock(course) as book:
        grade = book.find_grade(cell, topic, CHAPTER, student)
        for key, value in values.items():
            setattr(grade, key, value)
        grade.needs_manual_grade = False
        book.db.commit()


def test_what_each_cell_got(class_of_six: Course) -> None:
    """Broken: formgrader and export would show other points than `sixrounds grade`."""
    with stock(class_of_six) as book:

        def got(student: str, topic: str) -> dict[str, tuple[float | None, bool]]:
            row = book.find_submission_notebook(topic, CHAPTER, student)
            return {one.name: (one.auto_score, one.needs_manual_grade) for one in row.grades}

        assert got("right", "01_tiny") == {
            "test-shelved": (2, False),
            "test-shelved-2": (3, False),
            "why_limit": (None, True),
        }
        assert got("partly", "01_tiny")["test-shelved"] == (2, False)
        assert got("partly", "01_tiny")["test-shelved-2"] == (0, False)
        assert got("stub", "01_tiny")["why_limit"] == (0, False)
        assert set(got("broken", "01_tiny").values()) == {(0, False)}
        assert got("deleted", "00_newsvendor") == {"test-order_quantity": (4, False)}
        assert book.find_submission(CHAPTER, "right").score == 9
        assert book.find_submission(CHAPTER, "right").max_score == 13
        comment = book.find_comment("shelved", "01_tiny", CHAPTER, "partly").auto_comment
        assert "full shelf" in comment


def test_grading_twice_changes_no_row(class_of_six: Course) -> None:
    """Broken: two gradings of one class could not be compared, nor their backups."""
    before = tables(class_of_six.gradebook)
    grade_course(class_of_six, CHAPTER, regrade=True)
    assert tables(class_of_six.gradebook) == before


def test_points_given_by_hand_survive(class_of_six: Course) -> None:
    """Broken: grading a late submission would wipe out an evening of reading answers."""
    give(class_of_six, "right", "01_tiny", "why_limit", manual_score=3.0)
    give(class_of_six, "partly", "01_tiny", "test-shelved-2", manual_score=1.0)
    rows = grade_course(class_of_six, CHAPTER, regrade=True)
    scores = {(row["student"], row["exercise"]): row["score"] for row in rows}
    assert scores["right", "why_limit"] == 3
    assert scores["partly", "shelved"] == 3
    with stock(class_of_six) as book:
        grade = book.find_grade("why_limit", "01_tiny", CHAPTER, "right")
        assert (grade.manual_score, grade.needs_manual_grade) == (3, False)
    page = class_of_six.folder / "feedback" / "right" / CHAPTER / "01_tiny.html"
    assert "points given by hand" in page.read_text()


def test_a_new_version_asks_for_another_look(
    class_of_six: Course, six: dict[str, dict[str, str]]
) -> None:
    """Broken: points given for an old answer would silently stand for a new one."""
    give(class_of_six, "right", "01_tiny", "why_limit", manual_score=3.0)
    put(class_of_six.folder, "right", "01_tiny", six["right"]["01_tiny"].replace("physical", "x"))
    grade_course(class_of_six, CHAPTER)
    with stock(class_of_six) as book:
        grade = book.find_grade("why_limit", "01_tiny", CHAPTER, "right")
        assert (grade.manual_score, grade.needs_manual_grade) == (3, True)


def test_unsupported_waits_for_a_person(course: Course) -> None:
    """Broken: an answer the grader cannot run would silently get nothing."""
    verdict = Verdict("shelved", Status.UNSUPPORTED, 0, 5, cells=(("test-shelved", 0, 2),))
    with opened(course.gradebook) as book:
        book.record("ada", CHAPTER, "01_tiny", [verdict])
    with stock(course) as book:
        grade = book.find_grade("test-shelved", "01_tiny", CHAPTER, "ada")
        assert (grade.auto_score, grade.needs_manual_grade) == (None, True)


def changed(lesson: Lesson, old: str, new: str) -> Lesson:
    """A lesson whose source was edited."""
    text = lesson.path.read_text()
    assert old in text
    return parse_text(text.replace(old, new), lesson.path)


def test_a_lesson_may_change_after_grading(
    class_of_six: Course, lessons: dict[str, Lesson]
) -> None:
    """Broken: after a mended test the gradebook would refuse the class, or keep old maxima."""
    tiny = lessons["01_tiny"]
    worth_more = changed(tiny, "points=3", "points=7")
    renamed = changed(tiny, "why_limit", "why_bound")
    give(class_of_six, "right", "01_tiny", "why_limit", manual_score=3.0)
    with opened(class_of_six.gradebook) as book:
        assert book.sync(CHAPTER, [worth_more]) == []
        kept = book.sync(CHAPTER, [renamed])
        assert len(kept) == 1 and "why_limit" in kept[0]
        verdict = Verdict("why_bound", Status.MANUAL, 0, 4, cells=(("why_bound", 0, 4),))
        book.record("right", CHAPTER, "01_tiny", [verdict])
        assert book.sync(CHAPTER, [renamed]) == kept
    with stock(class_of_six) as book:
        assert book.find_grade_cell("test-shelved-2", "01_tiny", CHAPTER).max_score == 3
        assert book.find_grade("why_limit", "01_tiny", CHAPTER, "right").manual_score == 3


def test_a_test_that_is_gone_takes_its_points_along(
    class_of_six: Course, lessons: dict[str, Lesson]
) -> None:
    """Broken: totals would count points of tests that no longer exist."""
    tiny = lessons["01_tiny"]
    cells = tuple(cell for cell in tiny.cells if cell.points != 2)
    exercise = replace(tiny.exercises[0], tests=tiny.exercises[0].tests[1:])
    with opened(class_of_six.gradebook) as book:
        assert book.sync(CHAPTER, [replace(tiny, cells=cells, exercises=(exercise,))]) == []
    with stock(class_of_six) as book:
        row = book.find_submission_notebook("01_tiny", CHAPTER, "right")
        assert sorted(grade.name for grade in row.grades) == ["test-shelved", "why_limit"]


def test_nbgrader_can_still_upgrade_the_database(course: Course) -> None:
    """Broken: our own table would stand in the way of nbgrader's migrations."""
    nbgrader = Path(sys.executable).with_name("nbgrader")
    path = f"{nbgrader.parent}:/usr/bin:/bin"
    done = subprocess.run(
        [nbgrader, "db", "upgrade"],
        cwd=course.folder,
        env={"PATH": path, "HOME": str(course.folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with opened(course.gradebook) as book:
        assert book.note("seed_sha256")


def test_a_file_that_is_no_gradebook_is_named(tmp_path: Path) -> None:
    """Broken: a damaged gradebook would end in a traceback of the database."""
    path = tmp_path / "gradebook.db"
    path.write_text("not a database, but long enough to be taken for the head of one" * 40)
    with pytest.raises(SixRoundsError, match=r"gradebook\.db: not a gradebook"), opened(path):
        pass
