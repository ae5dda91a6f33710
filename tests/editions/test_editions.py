"""Products: what learners, readers and graders get is exactly what the sources give them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
import pytest

import sixrounds.grading.hints  # noqa: F401  registers its edition
from sixrounds.cli import main
from sixrounds.editions import EDITIONS, render, stale, write
from sixrounds.editions.notebook import Notebook, dumps, untouched
from sixrounds.editions.products import Files
from sixrounds.source import Kind, Lesson, load, markers, parse_text

ROOT = Path(__file__).parents[2]
LIMIT = 200_000  # bytes of a learner's notebook
NOTEBOOKS: dict[str, Callable[[Lesson], Notebook]] = {
    "learner": render.learner,
    "worked": render.worked,
    "grading": render.grading,
}
kind_of_notebook = pytest.mark.parametrize("kind", NOTEBOOKS)


@pytest.fixture(scope="session")
def curriculum() -> list[Lesson]:
    """The real lessons."""
    return load(ROOT)


@pytest.fixture(scope="session")
def both(curriculum: list[Lesson], lessons: dict[str, Lesson]) -> list[Lesson]:
    """The curriculum and the fixtures, which hold marks that the curriculum may not use yet."""
    return [*curriculum, *lessons.values()]


@pytest.fixture(scope="session")
def committed(curriculum: list[Lesson]) -> dict[str, Files]:
    """What the repository keeps of each edition: the hints, which take minutes to make, as kept.

    The stage "editions" compares these with what their sources give.
    """
    kept = {name for name, one in EDITIONS.items() if one.committed}
    assert kept == {"learner", "hints"}, "test a new edition here, too"
    hints = {
        path.relative_to(ROOT): path.read_text()
        for path in sorted(ROOT.glob("sixrounds/_hints/*.json"))
    }
    return {"learner": EDITIONS["learner"].make(ROOT, curriculum), "hints": hints}


# --- what is on disk


def test_committed_notebooks_are_what_their_sources_give(committed: dict[str, Files]) -> None:
    """If this breaks, learners work in a notebook of an older text."""
    files = committed["learner"]
    assert files, "the learner's edition makes nothing"
    old = [str(path) for path in stale(ROOT, files)]
    assert not old, f"stale: {', '.join(old)}; run `.venv/bin/sixrounds editions` and commit"


def test_nothing_is_committed_without_a_source(curriculum: list[Lesson]) -> None:
    """If this breaks, learners find a notebook or hints of a lesson that is gone."""
    keys = {lesson.key for lesson in curriculum}
    assert keys
    found = {path.relative_to(ROOT / "notebooks") for path in ROOT.glob("notebooks/*/*.ipynb")}
    mine = {str(path.with_suffix("")) for path in found if ".yours-" not in path.name}
    assert mine == keys, "remove the notebooks that have no source"
    hints = {
        f"{path.stem}/{topic}"
        for path in ROOT.glob("sixrounds/_hints/*.json")
        for topic in json.loads(path.read_text())
    }
    assert hints == keys, "remove sixrounds/_hints/*.json and run `sixrounds editions`"


# --- byte stability

DIGESTS = """
import sys
from hashlib import sha256
from pathlib import Path
import sixrounds.grading.hints
from sixrounds.editions import EDITIONS
from sixrounds.source import load
root = Path(sys.argv[1])
for edition in EDITIONS.values():
    for path, text in edition.make(root, load(root)).items():
        print(path, sha256(text.encode()).hexdigest())
"""


def test_products_are_the_same_bytes_in_any_process(clone: Path, lessons: dict[str, Any]) -> None:
    """If this breaks, every build dirties the repository and CI fails at random."""
    here = [
        f"{path} {sha256(text.encode()).hexdigest()}"
        for edition in EDITIONS.values()
        for path, text in edition.make(clone, load(clone)).items()
    ]
    assert len(here) == 3 * len(lessons) + 1  # three notebooks each, and one file of hints
    made = subprocess.run(
        [sys.executable, "-c", DIGESTS, str(clone)],
        env=os.environ | {"PYTHONHASHSEED": "4242"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.splitlines() == here


@kind_of_notebook
def test_notebooks_are_the_same_bytes_twice(both: list[Lesson], kind: str) -> None:
    """If this breaks, making a notebook changes the lesson it is made from."""
    for lesson in both:
        first = dumps(NOTEBOOKS[kind](lesson))
        assert dumps(NOTEBOOKS[kind](lesson)) == first


@kind_of_notebook
def test_inserted_cell_changes_no_other_cell(both: list[Lesson], kind: str) -> None:
    """If this breaks, one new paragraph makes a diff of the whole notebook."""
    for lesson in both:
        start = lesson.cells[0].line - 1
        lines = lesson.text.split("\n")
        new = ["# %%", "print('inserted at the top')", "", "# %% [markdown]", "# Inserted.", ""]
        longer = parse_text("\n".join(lines[:start] + new + lines[start:]), lesson.path)
        before, after = NOTEBOOKS[kind](lesson)["cells"], NOTEBOOKS[kind](longer)["cells"]
        assert after[2:] == before
        assert len({cell["id"] for cell in after}) == len(after)


# --- the form of a notebook


@kind_of_notebook
def test_notebook_is_valid_and_has_no_outputs(both: list[Lesson], kind: str) -> None:
    """If this breaks, Jupyter or Colab refuses the file, or shows somebody's old outputs."""
    for lesson in both:
        made = nbformat.reads(dumps(NOTEBOOKS[kind](lesson)), 4)
        nbformat.validate(made)
        code = [cell for cell in made.cells if cell.cell_type == "code"]
        assert code
        assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
        assert {cell.cell_type for cell in made.cells} == {"code", "markdown"}


def test_learners_notebook_is_small_and_sealed(both: list[Lesson]) -> None:
    """If this breaks, Colab loads slowly, or a learner's untouched file is taken for edited."""
    for lesson in both:
        text = dumps(render.learner(lesson))
        assert len(text.encode()) <= LIMIT
        assert untouched(text)
        assert not untouched(text.replace("YOUR CODE HERE", "MY CODE", 1))


# --- secrets


@dataclass(frozen=True)
class Secrets:
    """Lines of a lesson, stripped and of some length, that a learner must not see."""

    solution: frozenset[str]
    hidden: frozenset[str]
    variants: frozenset[str]
    written: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Every one of them."""
        return self.solution | self.hidden | self.variants | self.written


def lines_of(texts: Iterator[str]) -> frozenset[str]:
    """The lines of at least 12 characters, stripped."""
    lines = (line.strip() for text in texts for line in text.split("\n"))
    return frozenset(line for line in lines if len(line) >= 12)


def secrets(lesson: Lesson) -> Secrets:
    """What is only in solutions, hidden tests, other answers and model answers."""
    cells = lesson.cells
    open_kinds = (Kind.TEXT, Kind.LESSON, Kind.SETUP, Kind.PROBE)
    public = lines_of(cell.source for cell in cells if cell.kind in open_kinds)
    public |= lines_of(markers.outside(one.source) for one in cells if one.kind is Kind.TESTS)
    public |= lines_of(item.stub for item in lesson.exercises)
    public |= lines_of(text for item in lesson.written for text in (item.question, item.rubric))
    inside = {
        region: lines_of(markers.inside(cell.source, region) for cell in cells if cell.exercise)
        for region in (markers.SOLUTION, markers.HIDDEN)
    }
    variants = lines_of(
        variant.source for item in lesson.exercises for variant in (*item.mistakes, *item.accepts)
    )
    written = lines_of(item.answer for item in lesson.written)
    return Secrets(
        solution=inside[markers.SOLUTION] - public - written,
        hidden=inside[markers.HIDDEN] - public,
        variants=variants - public,
        written=written - public,
    )


def strings(content: Any) -> Iterator[str]:
    """All text anywhere in JSON, keys and metadata included."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from strings(value)
    elif isinstance(content, list):
        for value in content:
            yield from strings(value)
        if all(isinstance(value, str) for value in content):
            yield "".join(content)  # the lines of a cell
    elif isinstance(content, str):
        yield content


def shown(content: Any) -> frozenset[str]:
    """The lines that somebody can read in a product."""
    return lines_of(strings(content))


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell."""
    return "".join(cell["source"])


def with_tag(made: Notebook, tag: str) -> list[dict[str, Any]]:
    """The cells that carry a tag."""
    return [cell for cell in made["cells"] if tag in cell["metadata"].get("tags", [])]


def test_learners_notebooks_hold_no_answer(both: list[Lesson]) -> None:
    """If this breaks, learners read the solution or the hidden tests in the file they work in."""
    for lesson in both:
        secret, graded = secrets(lesson), shown(render.grading(lesson))
        assert not secret.all & shown(render.learner(lesson)), lesson.key
        # the same search does find what it looks for, where it is meant to be
        assert secret.solution, lesson.key
        assert secret.hidden, lesson.key
        assert secret.solution | secret.hidden | secret.written <= graded, lesson.key
        assert secret.variants <= shown(render.worked(lesson)), lesson.key


def test_search_for_answers_looks_for_many(curriculum: list[Lesson]) -> None:
    """If this breaks, the tests of this part look for next to nothing, and pass."""
    for lesson in curriculum:
        exercises = len(lesson.exercises)
        secret = secrets(lesson)
        assert len(secret.solution) >= 2 * exercises, lesson.key
        assert len(secret.hidden) >= 5 * exercises, lesson.key
        assert len(secret.variants) >= 10 * exercises, lesson.key
    assert sum(len(secrets(lesson).all) for lesson in curriculum) >= 100


def test_search_for_answers_finds_a_planted_one(curriculum: list[Lesson]) -> None:
    """If this breaks, a leak into metadata or a long string would go unseen."""
    lesson = curriculum[0]
    line = min(secrets(lesson).hidden)
    for plant in ({"tags": [line]}, {line: 1}, {"deep": [{"text": f"one\n  {line}\ntwo"}]}):
        made = render.learner(lesson)
        made["cells"][3]["metadata"]["planted"] = plant
        assert secrets(lesson).all & shown(made) == {line}


def test_learners_notebooks_hold_no_hint(curriculum: list[Lesson]) -> None:
    """If this breaks, learners are told the mistakes before they make them."""
    for lesson in curriculum:
        text = "\n".join(strings(render.learner(lesson)))
        hints = [variant.hint for item in lesson.exercises for variant in item.mistakes]
        assert hints
        assert not [hint for hint in hints if hint in text]
        worked = "\n".join(strings(render.worked(lesson)))
        assert all(hint in worked for hint in hints)


def test_hints_hold_no_answer(curriculum: list[Lesson], committed: dict[str, Files]) -> None:
    """If this breaks, the installed package ships solutions or hidden tests in its hints."""
    for lesson in curriculum:
        made = committed["hints"][Path(f"sixrounds/_hints/{lesson.chapter}.json")]
        content = json.loads(made)[lesson.topic]
        text = "\n".join(strings(content))
        assert not secrets(lesson).all & shown(content), lesson.key
        assert set(content) == {item.id for item in lesson.exercises}
        for item in lesson.exercises:
            kept = content[item.id]["mistakes"]
            assert [(one["name"], one["hint"]) for one in kept] == [
                (variant.name, variant.hint) for variant in item.mistakes
            ]
            assert all(variant.hint in text for variant in item.mistakes)
            assert len(content[item.id]["inputs"]) <= 64


# --- the worked edition


def test_worked_edition_hides_hidden_tests(both: list[Lesson]) -> None:
    """If this breaks, the book prints the hidden tests."""
    for lesson in both:
        made, hidden = render.worked(lesson), secrets(lesson).hidden - secrets(lesson).variants
        removed = with_tag(made, "remove-cell")
        rest = [cell for cell in made["cells"] if cell not in removed]
        assert hidden <= shown(removed), lesson.key
        assert not hidden & shown(rest), lesson.key


def test_worked_edition_folds_solutions(both: list[Lesson]) -> None:
    """If this breaks, a reader sees the answer before having thought."""
    for lesson in both:
        made, solution = render.worked(lesson), secrets(lesson).solution
        folded = with_tag(made, "hide-input")
        assert [source_of(cell) for cell in folded] == [one.reference for one in lesson.exercises]
        assert all("mystnb" in cell["metadata"] for cell in folded)
        rest = [one for one in made["cells"] if one["cell_type"] == "code" and one not in folded]
        rest = [cell for cell in rest if cell not in with_tag(made, "remove-cell")]
        assert solution <= shown(folded), lesson.key
        assert not solution & shown(rest), lesson.key
        for text in (source_of(one) for one in made["cells"] if one["cell_type"] == "markdown"):
            if solution & shown([text]):  # shared with a mistake or an accepted answer
                assert text.startswith("<details><summary>"), lesson.key


def test_worked_edition_never_runs_a_mistake(both: list[Lesson]) -> None:
    """If this breaks, a mistake replaces the right answer in the rest of the page."""
    for lesson in both:
        cells = render.worked(lesson)["cells"]
        code = [source_of(cell) for cell in cells if cell["cell_type"] == "code"]
        text = "\n".join(source_of(cell) for cell in cells if cell["cell_type"] == "markdown")
        for item in lesson.exercises:
            assert item.reference in code
            for variant in (*item.mistakes, *item.accepts):
                assert f"```python\n{variant.source}\n```" in text, (item.id, variant.name)
                assert not [cell for cell in code if variant.source in cell]


# --- the grading edition


def test_grading_edition_is_one_that_nbgrader_takes(both: list[Lesson]) -> None:
    """If this breaks, nbgrader refuses the assignment, or scores land in a wrong row."""
    for lesson in both:
        cells = render.grading(lesson)["cells"]
        marks = [cell["metadata"]["nbgrader"] for cell in cells if "nbgrader" in cell["metadata"]]
        ids = [mark["grade_id"] for mark in marks]
        assert len(set(ids)) == len(ids), lesson.key
        assert {item.id for item in (*lesson.exercises, *lesson.written)} <= set(ids)
        points = sum(mark.get("points", 0) for mark in marks if mark["grade"])
        assert points == sum(item.points for item in (*lesson.exercises, *lesson.written))
        regions = [piece.region for cell in cells for piece in markers.split(source_of(cell))]
        assert regions.count(markers.SOLUTION) >= len(lesson.exercises) + len(lesson.written)
        assert markers.HIDDEN in regions
        assert set(regions) == {None, markers.SOLUTION, markers.HIDDEN}


def test_learners_and_grading_editions_have_the_same_grade_ids(both: list[Lesson]) -> None:
    """If this breaks, a learner's cell is graded by another exercise's tests, or by none."""
    for lesson in both:
        ids = [
            [(cell["id"], cell["metadata"].get("nbgrader")) for cell in make(lesson)["cells"]]
            for make in (render.learner, render.grading)
        ]
        assert ids[0] == ids[1]
        assert any(meta for _, meta in ids[0])


# --- a learner's work is never lost

TOPIC = "notebooks/round2_coding/01_tiny.ipynb"


@pytest.fixture
def project(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with one short lesson, its notebooks made, and commands run in it."""
    source = tmp_path / "solutions" / "round2_coding" / "01_tiny.py"
    source.parent.mkdir(parents=True)
    source.write_bytes((clone / "solutions" / "round2_coding" / "01_tiny.py").read_bytes())
    (tmp_path / "_config.yml").touch()
    monkeypatch.chdir(tmp_path)
    make(tmp_path)
    return tmp_path


def make(root: Path) -> list[Path | None]:
    """Write the learner's edition; where edited notebooks were moved to."""
    changes = write(root, EDITIONS["learner"].make(root, load(root)))
    return [change.kept for change in changes]


def work(root: Path, answer: str) -> bytes:
    """A learner's answer, saved with an output."""
    path = root / TOPIC
    notebook = nbformat.read(path, 4)
    cell = next(one for one in notebook.cells if "YOUR CODE HERE" in one.source)
    cell.source = answer
    cell.outputs = [nbformat.v4.new_output("stream", text="mine")]
    nbformat.write(notebook, path)
    return path.read_bytes()


def release(root: Path, text: str) -> None:
    """A new text of the lesson."""
    path = root / "solutions" / "round2_coding" / "01_tiny.py"
    path.write_text(path.read_text().replace("# # Shelf space", f"# # Shelf space\n#\n# {text}"))


def test_untouched_notebook_is_replaced_silently(project: Path) -> None:
    """If this breaks, every update litters a learner's folder with copies."""
    release(project, "A new sentence.")
    assert make(project) == [None]
    assert "A new sentence." in (project / TOPIC).read_text()
    assert [path.name for path in (project / TOPIC).parent.iterdir()] == ["01_tiny.ipynb"]
    assert make(project) == []


def test_notebook_saved_without_an_edit_is_untouched(project: Path) -> None:
    """If this breaks, opening and saving a notebook counts as work and makes a copy."""
    path = project / TOPIC
    nbformat.write(nbformat.read(path, 4), path)
    release(project, "A new sentence.")
    assert make(project) == [None]


def test_edited_notebook_is_moved_aside(project: Path) -> None:
    """If this breaks, `sixrounds editions` destroys a learner's answers."""
    mine = work(project, "shelved = min")
    release(project, "A new sentence.")
    (kept,) = make(project)
    assert kept == project / TOPIC.replace(".ipynb", ".yours-1.ipynb")
    assert kept.read_bytes() == mine
    assert untouched((project / TOPIC).read_text())
    assert "A new sentence." in (project / TOPIC).read_text()


def test_two_edits_in_a_row_are_both_kept(project: Path) -> None:
    """If this breaks, the second update overwrites what the first one saved."""
    edits, kept = [], []
    for answer in ("first", "second"):
        edits.append(work(project, answer))
        release(project, f"After the {answer}.")
        kept += make(project)
    assert [path.name for path in kept if path] == [
        "01_tiny.yours-1.ipynb",
        "01_tiny.yours-2.ipynb",
    ]
    assert [path.read_bytes() for path in kept if path] == edits


@pytest.mark.parametrize(
    "content", [b"", b'{"cells": [', b"[]", b"caf\xe9"], ids=["empty", "cut off", "list", "latin-1"]
)
def test_damaged_notebook_is_moved_aside(project: Path, content: bytes) -> None:
    """If this breaks, a half-saved notebook with hours of work in it is overwritten."""
    (project / TOPIC).write_bytes(content)
    (kept,) = make(project)
    assert kept is not None
    assert kept.read_bytes() == content
    assert untouched((project / TOPIC).read_text())


def test_failed_write_leaves_the_old_notebook(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this breaks, a full disk leaves half a notebook where a whole one was."""
    old = (project / TOPIC).read_text()
    release(project, "A new sentence.")

    def full(self: Path, *_args: Any, **_kwargs: Any) -> None:
        self.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space"):
        make(project)
    assert (project / TOPIC).read_text() == old


# --- the command


def test_command_makes_everything_and_says_what(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this breaks, an author does not know which files to commit."""
    work(project, "shelved = min")
    assert main(["editions"]) == 0
    said = capsys.readouterr().out
    for path in (
        TOPIC,
        "book/round2_coding/01_tiny.ipynb",
        "build/source/round2_coding/01_tiny.ipynb",
        "sixrounds/_hints/round2_coding.json",
    ):
        assert (project / path).is_file()
        assert path in said
    assert f"your edited copy is kept as {TOPIC.replace('.ipynb', '.yours-1.ipynb')}" in said
    assert main(["editions"]) == 0
    assert capsys.readouterr().out == ""


def test_check_fails_for_a_stale_product_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this breaks, CI lets a stale notebook through, or changes files it should only read."""
    main(["editions"])
    capsys.readouterr()
    assert main(["editions", "--check"]) == 0
    assert capsys.readouterr().out == ""
    release(project, "A new sentence.")
    before = (project / TOPIC).read_bytes()
    assert main(["editions", "--check"]) == 1
    said = capsys.readouterr().out
    assert said == f"{TOPIC}: not what its source gives; run `sixrounds editions`\n"
    assert (project / TOPIC).read_bytes() == before
    (project / "sixrounds/_hints/round2_coding.json").unlink()
    assert main(["editions", "--check", "--only", "hints"]) == 1
    assert capsys.readouterr().out.startswith("sixrounds/_hints/round2_coding.json: not what")


def test_check_of_bad_input_is_an_error_and_not_a_stale_product(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this breaks, CI cannot tell a stale product from a source that cannot be read."""
    assert main(["editions", "--check", "nothing"]) == 2
    assert capsys.readouterr().err.startswith("nothing: matches no notebook; there are: round2")
    (project / "solutions/round2_coding/01_tiny.py").write_text("")
    assert main(["editions", "--check"]) == 2
    assert "01_tiny.py:1: the file is empty" in capsys.readouterr().err
