"""`sixrounds new`: what every author starts from."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sixrounds.cli import main
from sixrounds.errors import SixRoundsError
from sixrounds.grading.prove import prove
from sixrounds.paths import CHAPTERS
from sixrounds.source import Kind, load
from sixrounds.source.scaffold import create


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, and the folder that commands run in."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "_config.yml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_new_lesson_validates_and_has_every_part(root: Path) -> None:
    """If this breaks, an author's first command gives a lesson that is refused."""
    assert main(["new", "round2", "sliding_windows"]) == 0
    (lesson,) = load(root)
    assert lesson.key == "round2_coding/01_sliding_windows"
    assert "# # Sliding windows\n" in lesson.text
    assert not {"EXERCISE", "TITLE"} & set(lesson.text.replace('"', " ").split())
    (exercise,) = lesson.exercises
    assert exercise.id == "sliding_windows_example"
    kinds = {cell.kind for cell in lesson.cells}
    assert kinds == set(Kind) - {Kind.PROBE, Kind.MANUAL}


def test_new_lesson_proves(root: Path) -> None:
    """If this breaks, authors copy an exercise that grades wrongly."""
    create(root, "round3", "gaps")
    proofs = prove(load(root), seed_count=2)
    assert [fault for proof in proofs for fault in proof.faults] == []
    (row,) = [proof.row() for proof in proofs]
    assert (row["stub"], row["reference"]) == ("caught", "full")
    assert len(row["mistakes"]) == 3
    assert all(one["caught"] and one["hint_shown"] for one in row["mistakes"])
    assert [one["full"] for one in row["accepts"]] == [True]


def test_command_says_what_to_do_next(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this breaks, a new author does not learn which commands come next."""
    main(["new", "round2_coding", "gaps"])
    assert capsys.readouterr().out.split("\n") == [
        "solutions/round2_coding/01_gaps.py: change it, then run",
        "  sixrounds prove round2_coding/01_gaps",
        "  sixrounds editions round2_coding/01_gaps",
        "",
    ]


def test_number_goes_up_and_a_given_one_is_kept(root: Path) -> None:
    """If this breaks, two lessons of a chapter claim one place."""
    names = [create(root, "round2", topic).name for topic in ("a", "b", "07_c", "d")]
    assert names == ["01_a.py", "02_b.py", "07_c.py", "08_d.py"]
    assert create(root, "optimization", "a").parent.name == "optimization_role"


def test_topic_may_end_like_another(root: Path) -> None:
    """If this breaks, `windows` is refused because `sliding_windows` exists."""
    create(root, "round2", "sliding_windows")
    assert create(root, "round2", "windows").name == "02_windows.py"


def test_same_topic_in_two_chapters_still_validates(root: Path) -> None:
    """If this breaks, the second lesson is refused for an id its author never chose."""
    for chapter in ("round2", "round3", "round5"):
        create(root, chapter, "queues")
    ids = [lesson.exercises[0].id for lesson in load(root)]
    assert ids == ["queues_example", "queues_example_2", "queues_example_3"]


@pytest.mark.parametrize(
    ("chapter", "topic", "said"),
    [
        ("round9", "gaps", f"round9: no such chapter; choose one of {', '.join(CHAPTERS)}"),
        ("", "gaps", ": no such chapter; choose one of "),
        ("round2", "Sliding Windows", "Sliding Windows: not a topic; use a short name"),
        ("round2", "../escape", "../escape: not a topic; use a short name"),
        ("round2", "3_gaps", "3_gaps: not a topic; use a short name"),
        ("round2", "", ": not a topic; use a short name"),
        ("round2", "x" * 50, f"{'x' * 50}: not a topic; use a short name"),
        ("round2", "taken", "01_taken.py: exists already; choose another number or topic"),
        ("round2", "05_taken", "01_taken.py: exists already; choose another number or topic"),
        ("round2", "01_other", "01_taken.py: exists already; choose another number or topic"),
    ],
)
def test_bad_name_gives_one_line_and_changes_nothing(
    root: Path, capsys: pytest.CaptureFixture[str], chapter: str, topic: str, said: str
) -> None:
    """If this breaks, a typing error gives a traceback or overwrites somebody's lesson."""
    path = create(root, "round2", "taken")
    path.write_text("my work")
    assert main(["new", chapter, topic]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert [one.name for one in root.rglob("*.py")] == ["01_taken.py"]
    assert path.read_text() == "my work"


def test_outside_of_a_clone_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this breaks, a command run in a wrong folder gives a traceback or litters it."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "round2", "gaps"]) == 2
    error = capsys.readouterr().err
    assert "not inside a clone of Six Rounds" in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


@settings(max_examples=25, deadline=None)
@given(topic=st.text(st.sampled_from("ab_19Z-/. é"), max_size=48))
def test_any_topic_validates_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, topic: str
) -> None:
    """If this breaks, some name makes a lesson that its own validator refuses."""
    root = tmp_path_factory.mktemp("new")
    (root / "solutions").mkdir()
    try:
        path = create(root, "round2", topic)
    except SixRoundsError as error:
        assert "not a topic" in str(error)
        assert not list(root.rglob("*.py"))
    else:
        assert path.is_relative_to(root / "solutions" / "round2_coding")
        assert [lesson.path for lesson in load(root)] == [path]
