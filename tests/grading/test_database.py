"""A gradebook can be on any database, and its password is where nobody else reads it."""

import importlib.util
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, put
from nbgrader.api import Gradebook as Stock

from sixrounds.errors import SixRoundsError
from sixrounds.grading import database
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course, init
from sixrounds.grading.stock import gradebook_url

PASSWORD = "correct-horse"
needs_postgres = pytest.mark.skipif(
    importlib.util.find_spec("pgserver") is None and not os.environ.get("CI"),
    reason="pgserver is not installed; run `make env`",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL of this test run's own."""
    import pgserver

    server = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    try:
        yield server
    finally:
        server.cleanup()


@pytest.fixture
def postgres(server: Any, request: pytest.FixtureRequest) -> str:
    """The URL, with a password, of an empty database."""
    import psycopg

    name = f"t{abs(hash(request.node.name)) % 10**8}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg://postgres:{PASSWORD}@/{name}?host={server.pgdata}"


@pytest.fixture
def on_postgres(postgres: str, clone: Path, tmp_path: Path, six: Any) -> Course:
    """Three of the class, with their gradebook on PostgreSQL."""
    with chdir(clone):
        said = init(tmp_path / "class", db=postgres)
    assert any("postgresql+psycopg://postgres:***@/" in line for line in said)
    course = Course.load(tmp_path / "class")
    for student in ("right", "partly", "broken"):
        for topic, text in six[student].items():
            put(course.folder, student, topic, text)
    return course


@needs_postgres
def test_a_class_is_graded_on_postgres(on_postgres: Course, graded: tuple[Path, Any]) -> None:
    """Broken: a department's own database would give other points, or an error."""
    course = on_postgres
    rows = grade_course(course, CHAPTER)
    wanted = [row for row in graded[1] if row["student"] in ("right", "partly", "broken")]
    assert rows == wanted
    assert not course.gradebook.exists()
    with Stock(gradebook_url(course.folder)) as book:
        assert book.find_submission(CHAPTER, "right").score == 9
        grade = book.find_grade("why_limit", "01_tiny", CHAPTER, "right")
        grade.manual_score, grade.needs_manual_grade = 3.0, False
        book.db.commit()
    again = grade_course(course, CHAPTER)
    scores = {(row["student"], row["exercise"]): row["score"] for row in again}
    assert scores["right", "why_limit"] == 3
    nbgrader = Path(sys.executable).with_name("nbgrader")
    done = subprocess.run(
        [nbgrader, "export", "--to", "grades.csv"],
        cwd=course.folder,
        env={"PATH": f"{nbgrader.parent}:/usr/bin:/bin", "HOME": str(course.folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ",right," in (course.folder / "grades.csv").read_text()
    assert PASSWORD not in done.stdout + done.stderr
    password_is_private(course)


def password_is_private(course: Course) -> None:
    """The password is in one file, which only its owner can read."""
    holding = [
        path
        for path in course.folder.rglob("*")
        if path.is_file() and PASSWORD.encode() in path.read_bytes()
    ]
    assert holding == [course.own / "database"]
    assert stat.S_IMODE(holding[0].stat().st_mode) == 0o600


@needs_postgres
def test_a_course_finds_its_database_again(on_postgres: Course, clone: Path) -> None:
    """Broken: a second `course init` would start an empty gradebook in a file."""
    with chdir(clone):
        assert init(on_postgres.folder) == []
    assert Course.load(on_postgres.folder).database.password == PASSWORD
    (on_postgres.own / "database").unlink()
    with pytest.raises(SixRoundsError, match="holds the password of postgresql"):
        grade_course(on_postgres, CHAPTER)


@needs_postgres
def test_another_courses_database_is_refused(
    on_postgres: Course, postgres: str, clone: Path, tmp_path: Path
) -> None:
    """Broken: two courses would write their assignments and students into each other's."""
    with chdir(clone), pytest.raises(SixRoundsError, match="gradebook of another course already"):
        init(tmp_path / "second", db=postgres)
    assert not (tmp_path / "second").exists()


def test_a_url_in_a_variable_is_written_nowhere(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: who keeps URLs with passwords in the environment would find them in files."""
    elsewhere = tmp_path / "elsewhere.db"
    monkeypatch.setenv("GRADEBOOK", f"sqlite:///{elsewhere}")
    with chdir(clone):
        init(tmp_path / "class", db="env:GRADEBOOK")
    course = Course.load(tmp_path / "class")
    assert elsewhere.is_file() and not course.gradebook.exists()
    for path in course.folder.rglob("*"):
        assert not path.is_file() or b"elsewhere.db" not in path.read_bytes()
    monkeypatch.delenv("GRADEBOOK")
    with pytest.raises(SixRoundsError, match="GRADEBOOK: the gradebook's URL is to be in this"):
        _ = course.database


@pytest.mark.parametrize(
    ("db", "wanted"),
    [
        ("nonsense", "--db: not a database URL"),
        ("nonsense://x/y", "no such kind of database"),
        (f"postgresql+psycopg://me:{PASSWORD}@127.0.0.1:1/x", "cannot be opened"),
        ("env:NOT_SET_ANYWHERE", "which is not set"),
        ("mssql+pyodbc://x/y", "is not installed"),
    ],
)
def test_a_wrong_url_is_one_line_and_writes_nothing(
    clone: Path, tmp_path: Path, db: str, wanted: str
) -> None:
    """Broken: a typo would show the password, or leave half a course behind."""
    with chdir(clone), pytest.raises(SixRoundsError) as caught:
        init(tmp_path / "class", db=db)
    assert wanted in str(caught.value) and "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert not (tmp_path / "class").exists()


def test_a_relative_file_stays_where_it_was_meant(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: grading from another folder would start an empty gradebook there."""
    monkeypatch.chdir(clone)
    setting = database.keep(tmp_path, "sqlite:///grades.db")
    monkeypatch.chdir(tmp_path)
    assert database.locate(tmp_path, setting).database == str(clone / "grades.db")
