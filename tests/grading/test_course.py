"""A course is made in one step, added to in others, and never loses what a person wrote."""

import json
import stat
from contextlib import chdir
from pathlib import Path

import pytest
from handing_in import CHAPTER
from nbgrader.api import Gradebook as Stock

from sixrounds.cli import course as command
from sixrounds.errors import SixRoundsError
from sixrounds.grading.course import Course, init
from sixrounds.grading.gradebook import opened
from sixrounds.grading.handout import CONFIG


def start(clone: Path, *args: object, **kwargs: object) -> list[str]:
    """`init`, run in the clone."""
    with chdir(clone):
        return init(*args, **kwargs)  # type: ignore[arg-type]


def test_a_course_has_all_it_needs(course: Course) -> None:
    """Broken: an instructor would have to make folders, or look for the notebooks to hand out."""
    folder = course.folder
    for step in ("source", "release"):
        names = sorted(path.name for path in (folder / step / CHAPTER).iterdir())
        assert names == ["00_newsvendor.ipynb", "01_tiny.ipynb"]
    assert (folder / "submitted").is_dir()
    assert (folder / "nbgrader_config.py").read_text() == CONFIG.read_text()
    with Stock(f"sqlite:///{course.gradebook}") as book:
        cells = book.find_notebook("01_tiny", CHAPTER).grade_cells
        found = {cell.name: (cell.max_score, cell.cell_type) for cell in cells}
    assert found == {
        "test-shelved": (2, "code"),
        "test-shelved-2": (3, "code"),
        "why_limit": (4, "markdown"),
    }


def test_what_is_handed_out_has_no_answers(course: Course) -> None:
    """Broken: learners would get the reference and the hidden tests with their notebook."""
    for path in (course.folder / "release").rglob("*"):
        text = path.read_text() if path.is_file() else ""
        assert path.suffix in ("", ".ipynb")
        for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "SECRET_MARKER", "MODEL_ANSWER"):
            assert word not in text


def test_the_seed_stays_secret(course: Course) -> None:
    """Broken: who has the repository, the gradebook or another account could read the seed."""
    seed = course.own / "seed"
    assert len(seed.read_bytes()) == 32
    assert stat.S_IMODE(seed.stat().st_mode) == 0o600
    assert stat.S_IMODE(course.own.stat().st_mode) == 0o700
    assert ".sixrounds/" in (course.folder / ".gitignore").read_text().splitlines()
    assert seed.read_bytes() not in course.gradebook.read_bytes()
    assert seed.read_bytes().hex().encode() not in course.gradebook.read_bytes()


def test_init_twice_keeps_what_was_edited(clone: Path, course: Course) -> None:
    """Broken: adding an assignment would undo an instructor's configuration, or reset the seed."""
    folder = course.folder
    config, ignore = folder / "nbgrader_config.py", folder / ".gitignore"
    config.write_text("# mine\n")
    ignore.write_text("*.bak\n")
    edited = folder / "release" / CHAPTER / "01_tiny.ipynb"
    edited.write_text(edited.read_text().replace("Shelf space", "Shelf room"))
    lost = folder / "source" / CHAPTER / "01_tiny.ipynb"
    lost.unlink()
    work = folder / "submitted" / "ada" / CHAPTER / "01_tiny.ipynb"
    work.parent.mkdir(parents=True)
    work.write_text("work")
    seed = (course.own / "seed").read_bytes()
    said = "\n".join(start(clone, folder, {"quiz": ["01_tiny"]}))
    assert config.read_text() == "# mine\n"
    assert ignore.read_text().startswith("*.bak\n")
    assert "Shelf room" in edited.read_text()
    assert lost.is_file()
    assert work.read_text() == "work"
    assert (course.own / "seed").read_bytes() == seed
    assert "kept nbgrader_config.py" in said and "kept release/round2_coding/01_tiny" in said
    assert Course.load(folder).assignments == {
        CHAPTER: ["round2_coding/00_newsvendor", "round2_coding/01_tiny"],
        "quiz": ["round2_coding/01_tiny"],
    }


def test_nothing_to_add_says_nothing(clone: Path, course: Course) -> None:
    """Broken: a second run would look as if it had changed something."""
    assert start(clone, course.folder) == []


def test_a_seed_that_was_lost_is_not_replaced_silently(clone: Path, course: Course) -> None:
    """Broken: regrading after a lost file would give other hidden cases to half a class."""
    (course.own / "seed").unlink()
    with pytest.raises(SixRoundsError, match="--new-seed"):
        start(clone, course.folder)
    said = start(clone, course.folder, new_seed=True)
    assert "secret seed" in said[0]
    with opened(course.gradebook) as book:
        assert course.seed(book)


def test_a_gradebook_that_was_lost_is_made_again(clone: Path, course: Course) -> None:
    """Broken: without its gradebook a course could not be graded any more."""
    course.gradebook.unlink()
    with opened(course.gradebook) as book, pytest.raises(SixRoundsError, match="course init"):
        course.seed(book)
    start(clone, course.folder)
    with opened(course.gradebook) as book:
        assert course.seed(book)


@pytest.mark.parametrize(
    ("assign", "wanted"),
    [
        (["quiz=01_tinny"], "01_tinny: no such notebook; near it: round2_coding/01_tiny"),
        (["quiz="], "not NAME=nb,nb…"),
        (["quiz"], "not NAME=nb,nb…"),
        (["a/b=01_tiny"], "not a name for an assignment"),
        (["quiz=01_tiny", "quiz=00_newsvendor"], "given twice"),
    ],
)
def test_a_wrong_assignment_is_one_clear_line(
    clone: Path, tmp_path: Path, assign: list[str], wanted: str
) -> None:
    """Broken: a typo would make a half-finished course."""
    with pytest.raises(SixRoundsError) as caught:
        start(clone, tmp_path / "course", command.parse_assign(assign))
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "course").exists()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ":1: the header"),
        ("ada,Ada\nbob,Bob\n", ":1: the header"),
        ("id,name\nada,Ada\n", ":1: the header"),
        ("id,email\nada,a@b\nbob\n", ":3: 1 values for 2 columns"),
        ("id\nada\n\n ada\n", ":4: the id ada is there twice"),
        ("id,email\n,a@b\n", ":2: no id"),
        ("id\n../ada\n", ":2: '../ada' cannot be an id"),
    ],
)
def test_a_bad_roster_names_its_line(clone: Path, tmp_path: Path, text: str, wanted: str) -> None:
    """Broken: one bad row in a class list would end in a traceback, or lose a student."""
    roster = tmp_path / "roster.csv"
    roster.write_text(text)
    with pytest.raises(SixRoundsError) as caught:
        start(clone, tmp_path / "course", None, roster)
    assert f"{roster}{wanted}" in str(caught.value)
    assert not (tmp_path / "course").exists()


def test_a_roster_enrolls(clone: Path, course: Course, tmp_path: Path) -> None:
    """Broken: the gradebook would show ids without names."""
    roster = tmp_path / "roster.csv"
    roster.write_bytes("\ufeffid,first_name,last_name,email\nada,Ada,L,\nbob,,,\n".encode())
    start(clone, course.folder, None, roster)
    with Stock(f"sqlite:///{course.gradebook}") as book:
        found = {one.id: (one.first_name, one.email) for one in book.students}
    assert found == {"ada": ("Ada", None), "bob": (None, None)}


def test_a_folder_that_is_no_course_is_named(tmp_path: Path) -> None:
    """Broken: a mistyped --course would end in a traceback."""
    with pytest.raises(SixRoundsError, match="not a course; make one with"):
        Course.load(tmp_path)
    (tmp_path / ".sixrounds").mkdir()
    (tmp_path / ".sixrounds" / "course.json").write_text(json.dumps([]))
    with pytest.raises(SixRoundsError, match=r"course\.json: damaged"):
        Course.load(tmp_path)


def test_a_private_tree_is_graded_in_place_of_the_clones(clone: Path, tmp_path: Path) -> None:
    """Broken: an exam could only be graded with exercises whose answers are public."""
    private = tmp_path / "exam" / CHAPTER
    private.mkdir(parents=True)
    text = (clone / "solutions" / CHAPTER / "01_tiny.py").read_text()
    (private / "09_exam.py").write_text(text.replace("shelved", "stowed"))
    start(clone, tmp_path / "course", {"exam": ["09_exam"]}, private=private.parent)
    course = Course.load(tmp_path / "course")
    assert [one.exercises[0].id for one in course.lessons("exam")] == ["stowed"]
    with Stock(f"sqlite:///{course.gradebook}") as book:
        assert book.find_grade_cell("test-stowed", "09_exam", "exam").max_score == 2
