"""What becomes of answers that are right, wrong, broken or hostile to the process they run in."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sixrounds.grading import Plan, Status, Verdict, grade, plan, read, read_text
from sixrounds.grading.executor import WarmProcesses
from sixrounds.source import Lesson, parse_text

SOURCE = '''
# %% [markdown]
# # A lesson

# %% tags=["setup"]
import math
from dataclasses import dataclass


@dataclass
class Point:
    """A place."""

    x: int
    y: int

# %%
import decimal


def double(x):
    """A helper that the lesson shows."""
    return 2 * x

# %%
doubled = double(21)

# %% exercise="area"
def area(width, height):
    """>>> area(2, 3)
    6
    """
    ### BEGIN SOLUTION
    return width * height
    ### END SOLUTION

# %% tests="area" points=1
assert area(2, 3) == 6, "two by three"
# %% tests="area" points=3
assert area(1, 1) == 1
### BEGIN HIDDEN TESTS
from sixrounds.testing import pyrandom

draw = pyrandom("area")
for _ in range(30):
    a, b = draw.randrange(2, 50), draw.randrange(2, 50)
    assert area(a, b) == a * b, "random sides"
assert area(0, 987654) == 0, "an empty side"
### END HIDDEN TESTS

# %% mistake="area" active="py" name="half"
# Is a rectangle a triangle?
def area(width, height):
    return width * height / 2

# %% mistake="area" active="py" name="perimeter"
# What does going around it measure?
def area(width, height):
    return 2 * (width + height)

# %% accepts="area" active="py" name="sum of rows"
def area(width, height):
    return sum(width for _ in range(height))

# %% exercise="volume" needs="area"
def volume(width, height, depth):
    """>>> volume(2, 3, 4)
    24
    """
    ### BEGIN SOLUTION
    return area(width, height) * depth
    ### END SOLUTION

# %% tests="volume" points=2
assert volume(2, 3, 4) == 24, "two by three by four"
### BEGIN HIDDEN TESTS
assert volume(5, 5, 5) == 125, "a cube"
### END HIDDEN TESTS
# %% tests="volume" points=1
assert volume(1, 1, 1) == 1, "a visible test after hidden ones"
'''


@pytest.fixture(scope="module")
def recipe() -> Plan:
    return plan(lesson())


@pytest.fixture(scope="module")
def executor() -> Iterator[WarmProcesses]:
    with WarmProcesses() as processes:
        yield processes


Cells = list[dict[str, object]]
Grader = Callable[[Cells], dict[str, Verdict]]


def lesson() -> Lesson:
    return parse_text(SOURCE.lstrip(), Path("solutions/round2_coding/01_area.py"))


@pytest.fixture
def graded(recipe: Plan, executor: WarmProcesses, monkeypatch: pytest.MonkeyPatch) -> Grader:
    """Grade a notebook of cells; answers have a second of computing."""
    monkeypatch.setattr("sixrounds.grading.executor.LIMIT", 1.0)

    def run(cells: Cells) -> dict[str, Verdict]:
        text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 0})
        verdicts = grade(recipe, read_text(text, recipe), executor=executor)
        return {verdict.exercise: verdict for verdict in verdicts}

    return run


def cell(source: str, grade_id: str | None = None, **extra: object) -> dict[str, object]:
    """A code cell as Colab saves it: no id, other metadata beside nbgrader's."""
    metadata: dict[str, object] = {"colab": {"height": 17}, **extra}
    if grade_id:
        metadata["nbgrader"] = {"grade_id": grade_id, "solution": True}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}


RIGHT = "def area(width, height):\n    return width * height"
STUB = 'def area(width, height):\n    raise NotImplementedError("area is not written yet")'


def test_right_answer_from_a_colab_file(graded: Grader) -> None:
    """Without cell ids and with Colab's metadata a right answer would lose its points."""
    verdict = graded([cell(RIGHT, "area")])["area"]
    assert (verdict.status, verdict.score, verdict.max_score) == (Status.PASSED, 4, 4)


def test_part_of_the_points(graded: Grader) -> None:
    """An answer right in one tests cell only would get all or nothing."""
    almost = "def area(width, height):\n    return width * height if width else 1"
    verdict = graded([cell(almost, "area")])["area"]
    assert (verdict.status, verdict.score) == (Status.PARTIAL, 1)
    assert verdict.message == "a hidden test failed: an empty side"
    assert "987654" not in verdict.message


def test_exercise_builds_on_the_reference(graded: Grader) -> None:
    """A wrong first answer would cost the points of a right second one."""
    volume = "def volume(width, height, depth):\n    return area(width, height) * depth"
    verdicts = graded([cell("def area(w, h):\n    return -1", "area"), cell(volume, "volume")])
    assert verdicts["area"].score == 0
    assert verdicts["volume"].status is Status.PASSED


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (STUB, Status.UNWRITTEN, "area is not written yet"),
        ("", Status.ERROR, "does not define area"),
        ("def area(width, height)\n    return 1", Status.ERROR, "not Python"),
        ("1 / 0", Status.ERROR, "your cell raised ZeroDivisionError"),
        ("def area(w, h):\n    raise KeyError(w)", Status.ERROR, "raised KeyError"),
        ("def area(w, h):\n    while True: pass", Status.TIMEOUT, "stopped after 1 s"),
        ("while True: pass", Status.TIMEOUT, "did not finish within 1 s"),
        (
            "def area(w, h):\n    while True:\n        try:\n            while True: pass\n"
            "        except BaseException: pass",
            Status.TIMEOUT,
            "stop",
        ),
        ("import os\nos._exit(0)", Status.ERROR, "ended the process"),
        ("def area(w, h):\n    import os\n    os._exit(0)", Status.ERROR, "ended the process"),
        ("import sys\nsys.exit()", Status.ERROR, "SystemExit"),
        ("def area(w, h):\n    raise SystemExit", Status.ERROR, "SystemExit"),
        ("def area(w, h):\n    return area(w, h)", Status.ERROR, "RecursionError"),
        ("area = 7", Status.ERROR, "TypeError"),
        ("def area(w, h):\n    assert False, 'mine'\n    return w * h", Status.ERROR, "mine"),
    ],
)
def test_answer_that_fails(graded: Grader, answer: str, status: Status, said: str) -> None:
    """A learner would not be told what was wrong, or a broken answer would stop the others."""
    volume = "def volume(width, height, depth):\n    return width * height * depth"
    verdicts = graded([cell(answer, "area"), cell(volume, "volume")])
    assert verdicts["area"].status is status
    assert verdicts["area"].score == 0
    assert said in verdicts["area"].message
    assert verdicts["volume"].status is Status.PASSED


def test_helpers_of_the_learner_count(graded: Grader) -> None:
    """An answer that leans on a cell of the learner's own would be rejected though it is right."""
    helper = cell("%timeit 1\nimport operator\ntimes = operator.mul")
    verdict = graded([helper, cell("def area(w, h):\n    return times(w, h)", "area")])["area"]
    assert verdict.status is Status.PASSED


def test_failing_helper_costs_nothing(graded: Grader) -> None:
    """A scratch cell that raises, hangs or leaves would cost a right answer its points."""
    sources = ("1 / 0", "while True: pass", "raise SystemExit", "!ls", "import os\nos._exit(1)")
    scratch = [cell(source) for source in sources]
    assert graded([*scratch, cell(RIGHT, "area")])["area"].status is Status.PASSED


def test_definitions_of_the_lesson_count(graded: Grader) -> None:
    """An answer that calls a function the lesson showed would be rejected though it is right."""
    shown = next(one.source for one in lesson().cells if "def double" in one.source)
    answer = "def area(w, h):\n    return double(w * h) // 2"
    assert graded([cell(shown), cell(answer, "area")])["area"].status is Status.PASSED


def test_lesson_itself_is_not_run(graded: Grader, recipe: Plan) -> None:
    """Grading would sample and plot the whole lesson for each submission."""
    used = [cell(one.source) for one in lesson().cells if one.kind == "lesson"]
    text = json.dumps({"cells": [*used, cell(RIGHT, "area")], "nbformat": 4})
    assert read_text(text, recipe).answers["area"].before == ()


def test_what_a_submission_claims_is_ignored(graded: Grader) -> None:
    """A learner could raise their points, or replace the tests, by editing the file."""
    forged = cell("pass", "test-area", editable=True)
    forged["metadata"]["nbgrader"] |= {"points": 99, "grade": True}  # type: ignore[index]
    verdict = graded([cell("def area(w, h):\n    return 6", "area"), forged])["area"]
    assert (verdict.score, verdict.max_score) == (1, 4)


def test_copies_of_an_answer(graded: Grader) -> None:
    """A copied cell would stop the grading, or the untouched copy would be graded."""
    stub = cell(next(one.stub for one in lesson().exercises if one.id == "area"), "area")
    for cells in ([cell(RIGHT, "area"), stub], [stub, cell(RIGHT, "area")]):
        verdict = graded(cells)["area"]
        assert verdict.score == 4
        assert "2 cells for area" in verdict.message


def test_answer_whose_mark_was_lost(graded: Grader) -> None:
    """Copying a cell loses its metadata; the answer in it would count as missing."""
    assert graded([cell(RIGHT), cell("x = 1", "volume")])["area"].status is Status.PASSED


def test_deleted_cell_is_reported(graded: Grader) -> None:
    """A deleted answer would be passed over without a word."""
    verdict = graded([cell(RIGHT, "area")])["volume"]
    assert (verdict.status, verdict.score, verdict.max_score) == (Status.MISSING, 0, 3)
    assert "volume is not in the notebook" in verdict.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"{", "broken JSON"),
        (b"[1, 2]", "format 4"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b'{"cells": []}', "not the notebook round2_coding/01_area"),
        (b'{"cells": [null, 3, {"source": 7}]}', "not the notebook"),
        (json.dumps({"cells": [cell("x = 1", "other_thing")]}).encode(), "it has other_thing"),
    ],
)
def test_file_that_is_no_submission(
    tmp_path: Path, recipe: Plan, content: bytes | None, said: str
) -> None:
    """A broken file would raise in the middle of a class, or pass for zero answers."""
    path = tmp_path / "01_area.ipynb"
    if content is not None:
        path.write_bytes(content)
    verdicts = grade(recipe, read(path, recipe))
    assert [verdict.exercise for verdict in verdicts] == ["area", "volume"]
    for verdict in verdicts:
        assert verdict.status is Status.UNREADABLE
        assert (verdict.score, len(verdict.message.splitlines())) == (0, 1)
        assert said in verdict.message
        assert str(path) in verdict.message


def test_known_mistake_gets_its_hint(graded: Grader) -> None:
    """A learner would be told that they are wrong, but not what they overlooked."""
    half = "def area(a, b):\n    product = a * b\n    return product * 0.5"
    assert graded([cell(half, "area")])["area"].hint == "Is a rectangle a triangle?"


def test_unknown_mistake_gets_no_hint(graded: Grader) -> None:
    """A learner would be sent after a mistake that is not theirs."""
    assert graded([cell("def area(a, b):\n    return a + b + 7", "area")])["area"].hint == ""


def test_seed_decides_the_cases(recipe: Plan, executor: WarmProcesses) -> None:
    """An answer that remembers the public cases would pass in every course."""

    def asked(seed: bytes) -> set[str]:
        text = json.dumps({"cells": [cell("def area(a, b):\n    return -1", "area")]})
        verdicts = grade(recipe, read_text(text, recipe), seed=seed, executor=executor)
        return {call.key for call in verdicts[0].trace}

    assert asked(b"one") == asked(b"one")
    assert len(asked(b"one") & asked(b"two")) < len(asked(b"one")) / 2


def test_seed_is_not_in_the_process_of_the_answer(recipe: Plan) -> None:
    """A course's secret would stand in the environment, the files or the memory of an answer."""
    seed = b"a very secret seed"
    spy = (
        "import gc, os, pathlib\n"
        "seen = str(dict(os.environ))\n"
        "seen += str([one for one in gc.get_objects() if type(one) in (dict, list, tuple)])\n"
        "for path in pathlib.Path('/proc').glob('*/*'):\n"
        "    if path.name in ('cmdline', 'environ'):\n"
        "        try:\n"
        "            seen += path.read_text()\n"
        "        except OSError:\n"
        "            pass\n"
        # Taken apart, since the answer's own text is in its memory, too.
        f"words = {[[255 - byte for byte in word] for word in (seed, seed.hex().encode())]}\n"
        "found = [bytes(255 - byte for byte in word).decode() in seen for word in words]\n"
        "def area(a, b):\n"
        "    raise ValueError(f'{len(seen) > 1000} {found}')"
    )
    text = json.dumps({"cells": [cell(spy, "area")]})
    verdict = grade(recipe, read_text(text, recipe), seed=seed)[0]
    assert "True [" in verdict.message, "it saw something"
    assert "True [False, False]" in verdict.message


def test_hidden_cases_cannot_be_carried_into_a_visible_message(graded: Grader) -> None:
    """An answer could keep the hidden arguments and raise them where its text is shown."""
    thief = (
        "seen = []\n"
        "def volume(w, h, d):\n"
        "    seen.append((w, h, d))\n"
        "    if len(seen) > 2:\n"
        "        raise ValueError(repr(seen))\n"
        "    return w * h * d"
    )
    verdict = graded([cell(RIGHT, "area"), cell(thief, "volume")])["volume"]
    assert verdict.status is Status.PARTIAL
    assert "raised ValueError in a hidden test" in verdict.message
    assert "(5, 5, 5)" not in verdict.message


def test_answer_that_ends_its_parent(graded: Grader) -> None:
    """One hostile submission would break the grading of all that come after it."""
    killer = (
        "import os\n"
        "for pid in (os.getppid(), 1, *range(2, 50)):\n"
        "    try:\n"
        "        if pid not in (0, os.getpid()):\n"
        "            os.kill(pid, 9)\n"
        "    except OSError:\n"
        "        pass\n"
        "def area(w, h):\n"
        "    return w * h + 1"
    )
    assert graded([cell(killer, "area")])["area"].score == 0
    assert graded([cell(RIGHT, "area")])["area"].status is Status.PASSED
