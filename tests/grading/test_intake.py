"""Zips and folders of an LMS come in whole, and what is wrong with one file harms no other."""

import io
import json
import os
import stat
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from handing_in import CHAPTER, put

from sixrounds.errors import SixRoundsError
from sixrounds.grading import archive
from sixrounds.grading.course import Course
from sixrounds.grading.intake import collect
from sixrounds.grading.work import timestamp

BOOK = json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode()
NOON = (2026, 2, 1, 12, 0, 0)


def zipped(entries: Mapping[str, bytes], time: tuple[int, ...] = NOON) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            info = zipfile.ZipInfo("x", time)  # type: ignore[arg-type]
            info.filename = info.orig_filename = name  # as a hostile program writes it
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, content)
    return out.getvalue()


def take_in(
    course: Course, content: bytes | Mapping[str, bytes], pattern: str | None = None, **more: Any
) -> tuple[int, list[str], list[str]]:
    """Collect a zip: how many are new, what was refused, and what was said."""
    path = course.folder.parent / "from_lms.zip"
    path.write_bytes(content if isinstance(content, bytes) else zipped(content, **more))
    said: list[str] = []
    placed, refused = collect(course, CHAPTER, path, pattern, said.append)
    return placed, refused, said


def submitted(course: Course) -> dict[str, bytes]:
    """All that lies in submitted/, without timestamps."""
    folder = course.folder / "submitted"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "timestamp.txt"
    }


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("ada/01_tiny.ipynb", "ada"),
        ("all of them/ada/round2_coding/01_tiny.ipynb", "ada"),
        ("Ada Lovelace_1234_assignsubmission_file_/01_tiny.ipynb", "Ada Lovelace"),
        ("lovelaceada_123_4567_01_tiny.ipynb", "lovelaceada"),
        ("lovelaceada_LATE_123_4567_01_tiny-1.ipynb", "lovelaceada"),
        ("hw1_ada_attempt_2026-02-01-10-00-00_01_tiny.ipynb", "ada"),
        ("ada_l_01_tiny.ipynb", "ada_l"),
        ("ada_l_01_tiny (2).ipynb", "ada_l"),
        ("lovelaceada_123_4567_hw/01_tiny.ipynb", "lovelaceada"),
    ],
)
def test_names_of_common_systems(course: Course, name: str, student: str) -> None:
    """Broken: an instructor would have to rename two hundred files by hand."""
    placed, refused, _ = take_in(course, {name: BOOK})
    assert (placed, refused) == (1, [])
    assert list(submitted(course)) == [f"{student}/{CHAPTER}/01_tiny.ipynb"]


def test_a_zip_of_zips(course: Course) -> None:
    """Broken: what each student packed themselves could not be taken in."""
    ada = zipped({"01_tiny.ipynb": BOOK, "notes.txt": b"hello", "__MACOSX/._x.ipynb": b"junk"})
    bob = zipped({"round2_coding/00_newsvendor.ipynb": BOOK})
    placed, refused, _ = take_in(course, {"ada.zip": ada, "bob.zip": bob})
    assert (placed, refused) == (2, [])
    assert list(submitted(course)) == [
        f"ada/{CHAPTER}/01_tiny.ipynb",
        f"bob/{CHAPTER}/00_newsvendor.ipynb",
    ]


def test_a_folder(course: Course, tmp_path: Path) -> None:
    """Broken: a zip that was unpacked already could not be taken in."""
    folder = tmp_path / "unpacked"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "01_tiny.ipynb").write_bytes(BOOK)
    (folder / "bob.zip").write_bytes(zipped({"01_tiny.ipynb": BOOK}))
    (folder / "eve").mkdir()
    (folder / "eve" / "01_tiny.ipynb").symlink_to(course.own / "seed")
    placed, refused = collect(course, CHAPTER, folder, say=lambda line: None)
    assert placed == 2
    assert refused == ["refused 'eve/01_tiny.ipynb': a link or no ordinary file"]
    assert len(submitted(course)) == 2


def test_a_pattern_of_ones_own(course: Course) -> None:
    """Broken: the names of a system that nobody here knows could not be read."""
    name = "PS1--ada--20260201T100000Z--01_tiny--final.ipynb"
    pattern = r"PS1--(?P<student_id>\w+)--(?P<timestamp>\w+)--(?P<file_id>\w+?)--"
    assert take_in(course, {name: BOOK}, pattern)[0] == 1
    assert timestamp(course.folder / "submitted" / "ada" / CHAPTER) == datetime(2026, 2, 1, 10)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("(?P<student_id>.*", "no regular expression"),
        ("(?P<student_id>.*)", "needs the groups (?P<student_id>…) and (?P<file_id>…)"),
        ("(?P<student_id>q)(?P<file_id>q)", "no notebook of round2_coding in it"),
    ],
)
def test_a_wrong_pattern_is_one_line(course: Course, pattern: str, wanted: str) -> None:
    """Broken: a typo in an expression would take in nothing, and not say so."""
    with pytest.raises(SixRoundsError) as caught:
        take_in(course, {"ada/01_tiny.ipynb": BOOK}, pattern)
    assert wanted in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../ada/01_tiny.ipynb", "leads out of the archive"),
        ("ada/../../../01_tiny.ipynb", "leads out of the archive"),
        ("/etc/ada/01_tiny.ipynb", "leads out of the archive"),
        ("C:/ada/01_tiny.ipynb", "leads out of the archive"),
        ("ada\\01_tiny.ipynb", "backslashes"),
        ("..\\..\\ada/01_tiny.ipynb", "backslashes"),
        ("ada/01_tiny.ipynb\0.png.ipynb", "control characters"),
        ("ada\n/01_tiny.ipynb", "control characters"),
        ("a" * 150 + "/01_tiny.ipynb", "cannot be a student's id"),
        ("a" * 300 + "/01_tiny.ipynb", "too long"),
        ("a/" * 250 + "01_tiny.ipynb", "too long"),
        (".hidden/01_tiny.ipynb", "cannot be a student's id"),
        ("ada/99_other.ipynb", "does not say whose and which"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(course: Course, name: str, why: str) -> None:
    """Broken: a zip could write over the gradebook, the seed, or another student's work."""
    before = everything(course.folder.parent)
    placed, refused, _ = take_in(course, {name: BOOK, "good/01_tiny.ipynb": BOOK})
    assert placed == 1
    assert len(refused) == 1 and why in refused[0] and "\n" not in refused[0]
    assert list(submitted(course)) == [f"good/{CHAPTER}/01_tiny.ipynb"]
    new = everything(course.folder.parent) - before
    assert {Path(name).name for name in new} <= {
        "from_lms.zip",
        "good",
        CHAPTER,
        "01_tiny.ipynb",
        "timestamp.txt",
        "lock",
    }


def everything(folder: Path) -> set[str]:
    """All paths below a folder."""
    return {str(path) for path in folder.rglob("*")}


def test_a_link_in_a_zip_is_refused(course: Course) -> None:
    """Broken: a link to the reference or the seed would be handed in as somebody's work."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo("ada/01_tiny.ipynb", NOON)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(info, str(course.own / "seed"))
        made.writestr(zipfile.ZipInfo("bob/01_tiny.ipynb", NOON), BOOK)
    placed, refused, _ = take_in(course, out.getvalue())
    assert placed == 1 and "a link or no ordinary file" in refused[0]


def test_a_bomb_is_refused(course: Course) -> None:
    """Broken: a few kilobytes could fill the disk or the memory of an instructor's machine."""
    bomb = zipped({"01_tiny.ipynb": b" " * 19_000_000})
    assert len(bomb) < 100_000
    placed, refused, _ = take_in(course, {"eve.zip": bomb, "ada/01_tiny.ipynb": BOOK})
    assert placed == 1 and "unpacks to more than 200 times its size" in refused[0]
    noise = os.urandom(21_000_000)
    placed, refused, _ = take_in(course, {"eve/01_tiny.ipynb": noise, "bob/01_tiny.ipynb": BOOK})
    assert placed == 1 and "larger than 20 MB" in refused[0]
    deep = zipped({"a.zip": zipped({"b.zip": zipped({"01_tiny.ipynb": BOOK})})})
    placed, refused, _ = take_in(course, zipped({"eve.zip": deep, "joe/01_tiny.ipynb": BOOK}))
    assert placed == 1 and "a zip in a zip in a zip" in refused[0]


def test_too_much_in_all_is_refused(course: Course) -> None:
    """Broken: many files, each within its limit, would fill the memory together."""
    source = course.folder.parent / "many.zip"
    source.write_bytes(zipped({f"s{n}/01_tiny.ipynb": BOOK for n in range(20)}))
    limits = archive.Limits(total=10 * len(BOOK))
    with pytest.raises(SixRoundsError, match="give one assignment at a time"):
        list(archive.notebooks(source, limits))
    limits = archive.Limits(entries=10)
    with pytest.raises(SixRoundsError, match="give one assignment at a time"):
        list(archive.notebooks(source, limits))


def test_a_size_that_lies_is_not_believed(course: Course) -> None:
    """Broken: a header that says 10 bytes would let a gigabyte in, or cut a notebook short."""
    good = zipped({"ada/01_tiny.ipynb": BOOK})
    size = len(BOOK).to_bytes(4, "little")
    assert good.count(size) >= 2
    lie = good.replace(size, (10).to_bytes(4, "little"))
    placed, refused, _ = take_in_with(course, lie)
    assert placed == 1 and len(refused) == 1 and "ada" in refused[0]
    assert list(submitted(course)) == [f"good/{CHAPTER}/01_tiny.ipynb"]


def take_in_with(course: Course, inner: bytes) -> tuple[int, list[str], list[str]]:
    """Collect a student's zip beside an ordinary notebook."""
    return take_in(course, {"ada.zip": inner, "good/01_tiny.ipynb": BOOK})


@pytest.mark.parametrize("junk", [b"", b"PK\x03\x04 broken", b"Rar!\x1a\x07", b"\0" * 500])
def test_a_damaged_zip_costs_its_own_work(course: Course, junk: bytes) -> None:
    """Broken: one student's broken upload would keep the class from being taken in."""
    placed, refused, _ = take_in_with(course, junk)
    assert placed == 1 and "not a zip that can be read" in refused[0]
    with pytest.raises(SixRoundsError, match="not a zip that can be read"):
        take_in(course, junk)


def test_an_encrypted_entry_is_named(course: Course) -> None:
    """Broken: a zip with a password would end in a traceback."""
    whole = bytearray(zipped({"01_tiny.ipynb": BOOK}))
    whole[whole.index(b"PK\x03\x04") + 6] |= 1
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    placed, refused, _ = take_in_with(course, bytes(whole))
    assert placed == 1 and "encrypted" in refused[0]


def history(course: Course, student: str) -> list[str]:
    """What is kept of earlier submissions."""
    folder = course.own / "history" / CHAPTER / student
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_nothing_is_overwritten(course: Course) -> None:
    """Broken: a second zip would wipe out what was handed in before, also if it is older."""
    name = "ada/01_tiny.ipynb"
    take_in(course, {name: b"first"})
    assert take_in(course, {name: b"first"})[2] == ["kept ada 01_tiny: the same was there"]
    said = take_in(course, {name: b"second"}, time=(2026, 2, 2, 12, 0, 0))[2][0]
    assert said.endswith("the earlier one is kept in the history")
    assert submitted(course) == {f"ada/{CHAPTER}/01_tiny.ipynb": b"second"}
    assert len(history(course, "ada")) == 1
    placed, refused, said_of_old = take_in(course, {name: b"old"}, time=(2026, 1, 1, 12, 0, 0))
    assert (placed, refused) == (0, []) and said_of_old[0].startswith("older ada 01_tiny")
    assert submitted(course) == {f"ada/{CHAPTER}/01_tiny.ipynb": b"second"}
    assert len(history(course, "ada")) == 2
    folder = course.own / "history" / CHAPTER / "ada"
    assert {path.read_bytes() for path in folder.iterdir()} == {b"first", b"old"}


def test_work_that_was_put_in_by_hand_is_kept(course: Course) -> None:
    """Broken: a notebook that came by mail would be lost when the zip is taken in."""
    put(course.folder, "ada", "01_tiny", "by mail")
    os.utime(course.folder / "submitted" / "ada" / CHAPTER / "01_tiny.ipynb", (0, 0))
    take_in(course, {"ada/01_tiny.ipynb": BOOK})
    assert len(history(course, "ada")) == 1


def test_of_two_attempts_the_later_counts(course: Course) -> None:
    """Broken: a mended notebook would lose against the one it mends, by the order in the zip."""
    names = {"ada_1_2_01_tiny-1.ipynb": b"mended", "ada_1_2_01_tiny.ipynb": b"first"}
    take_in(course, names)
    assert submitted(course) == {f"ada/{CHAPTER}/01_tiny.ipynb": b"mended"}
    assert len(history(course, "ada")) == 1


def test_times_are_kept(course: Course) -> None:
    """Broken: everybody would have handed in when the instructor unpacked the zip."""
    out = io.BytesIO()
    moment = datetime(2026, 2, 1, 10, 30, 1, tzinfo=UTC)
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo("ada/01_tiny.ipynb", (2026, 2, 1, 23, 0, 0))
        stamp = int(moment.timestamp()).to_bytes(4, "little")
        info.extra = b"UT\x05\x00\x01" + stamp  # Unix time: it knows no zone
        made.writestr(info, BOOK)
    take_in(course, out.getvalue())
    folder = course.folder / "submitted" / "ada" / CHAPTER
    assert (folder / "01_tiny.ipynb").stat().st_mtime == moment.timestamp()
    assert timestamp(folder) == moment.replace(tzinfo=None)
    blackboard = "hw1_ada_attempt_2026-02-03-10-00-00_00_newsvendor.ipynb"
    take_in(course, {blackboard: BOOK})
    local = datetime(2026, 2, 3, 10).astimezone(UTC).replace(tzinfo=None)
    assert timestamp(folder) == local  # the newest notebook's, as nbgrader has one time


def test_ids_that_differ_in_case_are_refused(course: Course) -> None:
    """Broken: on a Mac two students would share a folder, and one would get the other's points."""
    placed, refused, _ = take_in(
        course, {"Ada/01_tiny.ipynb": BOOK, "ada/00_newsvendor.ipynb": b"x"}
    )
    assert placed == 1
    assert refused == ["refused 'ada 00_newsvendor': differs from Ada only in upper and lower case"]
    assert len(submitted(course)) == 1


def test_a_link_in_submitted_is_not_followed(course: Course, tmp_path: Path) -> None:
    """Broken: work would be written to wherever a link leads."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (course.folder / "submitted" / "ada").symlink_to(elsewhere)
    placed, refused, _ = take_in(course, {"ada/01_tiny.ipynb": BOOK, "bob/01_tiny.ipynb": BOOK})
    assert placed == 1 and "a link stands in its place" in refused[0]
    assert not list(elsewhere.iterdir())


def test_what_came_in_is_graded(course: Course, six: dict[str, dict[str, str]]) -> None:
    """Broken: taken-in work would lie where grading does not look."""
    from sixrounds.grading.cohort import grade_course

    files = {
        f"{student}_{topic}.ipynb": text.encode()
        for student, notebooks in six.items()
        for topic, text in notebooks.items()
    }
    placed, refused, _ = take_in(course, files)
    assert (placed, refused) == (12, [])
    rows = grade_course(course, CHAPTER, student="right")
    assert [row["score"] for row in rows] == [4, 5, 0]


def test_nothing_there_is_one_line(course: Course) -> None:
    """Broken: a mistyped path would end in a traceback."""
    with pytest.raises(SixRoundsError, match="no such file or folder"):
        collect(course, CHAPTER, course.folder / "gone.zip")
