"""A class is graded as a whole: every state of a submission gets its own, right result."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, Heard, put

from sixrounds.errors import SixRoundsError
from sixrounds.grading import cohort, notes
from sixrounds.grading.cohort import grade_course
from sixrounds.grading.course import Course
from sixrounds.grading.engine import How
from sixrounds.grading.executor import WarmProcesses
from sixrounds.grading.files import locked
from sixrounds.grading.work import Work
from sixrounds.source import Lesson

Rows = list[dict[str, Any]]


def results(rows: Rows, student: str) -> dict[str, tuple[float, str]]:
    """(score, status) by exercise of one student."""
    return {
        row["exercise"]: (row["score"], row["status"]) for row in rows if row["student"] == student
    }


@pytest.mark.parametrize(
    ("student", "wanted"),
    [
        (
            "right",
            {"order_quantity": (4, "passed"), "shelved": (5, "passed"), "why_limit": (0, "manual")},
        ),
        (
            "partly",
            {
                "order_quantity": (0, "failed"),
                "shelved": (2, "partial"),
                "why_limit": (0, "not written"),
            },
        ),
        ("stub", dict.fromkeys(("order_quantity", "shelved", "why_limit"), (0, "not written"))),
        ("empty", dict.fromkeys(("order_quantity", "shelved", "why_limit"), (0, "unreadable"))),
        ("broken", dict.fromkeys(("order_quantity", "shelved", "why_limit"), (0, "unreadable"))),
        (
            "deleted",
            {
                "order_quantity": (4, "passed"),
                "shelved": (0, "missing"),
                "why_limit": (0, "manual"),
            },
        ),
    ],
)
def test_each_gets_the_right_result(
    graded: tuple[Path, Rows], student: str, wanted: dict[str, tuple[float, str]]
) -> None:
    """Broken: a student would get the points of another state, or of another student."""
    assert results(graded[1], student) == wanted


def test_rows_have_the_promised_fields(graded: tuple[Path, Rows]) -> None:
    """Broken: programs that read `sixrounds grade --json` would miss a field."""
    fields = "student notebook exercise score max_score status message hint".split()
    assert all(sorted(row) == sorted(fields) for row in graded[1])
    assert len(graded[1]) == 6 * 3
    assert json.dumps(graded[1])


def test_the_mistake_is_named(graded: tuple[Path, Rows]) -> None:
    """Broken: a learner who orders the mean would not be asked the question that helps."""
    hints = {row["exercise"]: row["hint"] for row in graded[1] if row["student"] == "partly"}
    assert "average" in hints["order_quantity"]
    assert "full shelf" in hints["shelved"]


def test_unchanged_is_not_graded_again(
    class_of_six: Course, graded: tuple[Path, Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: every run would grade the whole class, and a killed run start from the beginning."""
    ran: list[str] = []
    real = WarmProcesses.run
    monkeypatch.setattr(
        WarmProcesses, "run", lambda *args: (ran.append(args[1].key), real(*args))[1]
    )
    assert grade_course(class_of_six, CHAPTER) == graded[1]
    assert not ran
    put(class_of_six.folder, "stub", "01_tiny", "")
    changed = grade_course(class_of_six, CHAPTER)
    assert results(changed, "stub")["shelved"] == (0, "unreadable")
    assert results(changed, "right") == results(graded[1], "right")
    assert not ran
    again = grade_course(class_of_six, CHAPTER, student="partly", regrade=True)
    assert results(again, "partly") == results(graded[1], "partly")
    assert len(ran) == 2


def test_lost_feedback_is_written_again(class_of_six: Course) -> None:
    """Broken: a deleted page could only be had back by grading the whole class."""
    page = class_of_six.folder / "feedback" / "right" / CHAPTER / "01_tiny.html"
    text = page.read_text()
    page.unlink()
    grade_course(class_of_six, CHAPTER, student="right")
    assert page.read_text() == text


def test_one_failure_costs_one_submission(
    course: Course, six: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: one submission that upsets the grader would leave the rest of the class ungraded."""
    for student in ("a_bad", "b_good"):
        put(course.folder, student, "01_tiny", six["right"]["01_tiny"])
    real = cohort.write_products

    def explode(work: Work, *rest: Any) -> None:
        if work.student == "a_bad":
            raise RuntimeError("no luck\ntoday")
        real(work, *rest)

    monkeypatch.setattr(cohort, "write_products", explode)
    rows = grade_course(course, CHAPTER)
    assert results(rows, "a_bad")["shelved"] == (0, "error")
    assert results(rows, "b_good")["shelved"] == (5, "passed")
    messages = [row["message"] for row in rows if row["student"] == "a_bad"]
    assert "the grader failed: RuntimeError: no luck today" in messages


def test_killing_the_worker_costs_one_submission(course: Course, filled: Any, six: Any) -> None:
    """Broken: an answer that kills its parent process would take the rest of the class along."""
    killer = "import os\ndef shelved(deliveries, space):\n    os.kill(os.getppid(), 9)"
    put(course.folder, "a_bad", "01_tiny", filled("01_tiny", {"shelved": killer}))
    put(course.folder, "b_good", "01_tiny", six["right"]["01_tiny"])
    rows = grade_course(course, CHAPTER)
    assert results(rows, "a_bad")["shelved"][0] == 0
    assert results(rows, "b_good")["shelved"] == (5, "passed")


def test_junk_is_passed_over(course: Course, six: dict[str, dict[str, str]]) -> None:
    """Broken: a zip or a .DS_Store in submitted/ would crash the grading of a class."""
    submitted = course.folder / "submitted"
    put(course.folder, "Ada Lovelace", "01_tiny", six["right"]["01_tiny"])
    (submitted / "all.zip").write_bytes(b"PK")
    (submitted / ".hidden").mkdir()
    (submitted / "no_folder").mkdir()
    (submitted / "odd\nname").mkdir()
    (put(course.folder, "late", "01_tiny", "").parent / "00_newsvendor.ipynb").mkdir()
    heard = Heard()
    rows = grade_course(course, CHAPTER, show=heard)
    assert {row["student"] for row in rows} == {"Ada Lovelace", "late", "no_folder"}
    assert results(rows, "Ada Lovelace")["shelved"] == (5, "passed")
    passed_over = [line for line in heard.lines if line.startswith("passed over")]
    assert len(passed_over) == 2 and "all.zip" in "".join(passed_over)


def test_a_missing_notebook_is_reported(course: Course, six: dict[str, dict[str, str]]) -> None:
    """Broken: a notebook that was not handed in would look like a failed one, or vanish."""
    put(course.folder, "ada", "01_tiny", six["right"]["01_tiny"])
    rows = grade_course(course, CHAPTER)
    assert results(rows, "ada")["order_quantity"] == (0, "unreadable")
    message = next(row["message"] for row in rows if row["exercise"] == "order_quantity")
    assert "00_newsvendor.ipynb: no such file" in message
    assert str(course.folder) not in message


def test_a_link_is_not_followed(course: Course) -> None:
    """Broken: a link to the reference, or to a friend's notebook, would earn its points."""
    path = put(course.folder, "ada", "01_tiny", "")
    path.unlink()
    path.symlink_to(course.folder / "source" / CHAPTER / "01_tiny.ipynb")
    rows = grade_course(course, CHAPTER)
    assert results(rows, "ada")["shelved"] == (0, "unreadable")


@pytest.mark.parametrize(
    ("assignment", "student", "wanted"),
    [
        ("round2_codin", None, "it has round2_coding"),
        (CHAPTER, None, "nothing was handed in"),
        (CHAPTER, "adda", "ada"),
    ],
)
def test_bad_input_is_one_clear_line(
    course: Course, assignment: str, student: str | None, wanted: str
) -> None:
    """Broken: a typo would give a traceback, or an empty table that looks like a graded class."""
    if student:
        put(course.folder, "ada", "01_tiny", "")
    with pytest.raises(SixRoundsError) as caught:
        grade_course(course, assignment, student=student)
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_changed_seed_is_reported(class_of_six: Course) -> None:
    """Broken: half a class could be graded with other hidden cases than the rest."""
    (class_of_six.own / "seed").write_bytes(b"x" * 32)
    with pytest.raises(SixRoundsError, match="is not the seed this gradebook was made with"):
        grade_course(class_of_six, CHAPTER)
    (class_of_six.own / "seed").unlink()
    with pytest.raises(SixRoundsError, match=r"seed: is missing; put the file back"):
        grade_course(class_of_six, CHAPTER)


def test_a_killed_run_goes_on(
    course: Course, six: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken: a run of hours that is stopped would have to start again from the first student."""
    for student in ("a_first", "b_second"):
        put(course.folder, student, "01_tiny", six["right"]["01_tiny"])
    real = notes.store

    def stop(path: Path, graded: notes.Graded) -> None:
        if path.match("01_tiny/b_second.json"):
            raise KeyboardInterrupt
        real(path, graded)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(notes, "store", stop)
        grade_course(course, CHAPTER, how=How(workers=1))
    heard = Heard()
    rows = grade_course(course, CHAPTER, show=heard)
    assert "kept a_first 01_tiny 5/9" in heard.lines
    assert "graded b_second 01_tiny 5/9" in heard.lines
    assert (heard.total, heard.steps) == (1, 1)
    assert results(rows, "b_second")["shelved"] == (5, "passed")


def test_a_run_that_was_killed_goes_on(
    course: Course, filled: Any, lessons: dict[str, Lesson]
) -> None:
    """Broken: after a power cut work would be lost, graded twice, or processes would stay."""
    import psutil

    reference = lessons["01_tiny"].exercise("shelved").reference
    slow = filled("01_tiny", {"shelved": f"import time\ntime.sleep(0.2)\n{reference}"})
    students = [f"s{number:02d}" for number in range(12)]
    for student in students:
        put(course.folder, student, "01_tiny", slow)
    words = ["grade", CHAPTER, "--course", str(course.folder), "--unsafe", "--workers", "2"]
    main = "import sys; from sixrounds.cli import main; main(sys.argv[1:])"
    killed = subprocess.Popen(
        [sys.executable, "-c", main, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not list(course.own.glob("graded/*/01_tiny/s*.json")):
        assert killed.poll() is None
        time.sleep(0.02)
    below = psutil.Process(killed.pid).children(recursive=True)
    killed.kill()
    killed.wait()
    heard = Heard()
    rows = grade_course(course, CHAPTER, show=heard)
    assert {results(rows, student)["shelved"] for student in students} == {(5, "passed")}
    done = [line for line in heard.lines if line.startswith("kept") and "01_tiny" in line]
    assert 0 < len(done) < len(students)
    assert below and not psutil.wait_procs(below, timeout=30)[1]


def test_a_warning_is_not_a_failure(course: Course, filled: Any, lessons: Any) -> None:
    """Broken: a right answer would get nothing because pandas warns (nbgrader does that)."""
    reference = lessons["01_tiny"].exercise("shelved").reference
    lines = reference.splitlines()
    body = "import sys, warnings\n    warnings.warn('old')\n    print('noise', file=sys.stderr)"
    noisy = "\n".join([lines[0], f"    {body}", *lines[1:]])
    put(course.folder, "ada", "01_tiny", filled("01_tiny", {"shelved": noisy}))
    rows = grade_course(course, CHAPTER, student="ada", notebook="01_tiny")
    assert results(rows, "ada")["shelved"] == (5, "passed")
    done = (course.folder / "autograded" / "ada" / CHAPTER / "01_tiny.ipynb").read_text()
    assert '"output_type"' not in done


def test_two_at_once_are_refused(course: Course) -> None:
    """Broken: two gradings of one course would write into one gradebook, each over the other."""
    put(course.folder, "ada", "01_tiny", "")
    with locked(course.own / "lock"), pytest.raises(SixRoundsError, match="another `sixrounds`"):
        grade_course(course, CHAPTER)
