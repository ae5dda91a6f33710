"""The pictures of the pages: there, used, small, and told to who does not see them."""

import re
from pathlib import Path

import pytest
from PIL import Image

from sixrounds.book.pictures import FOLDER, FRAME, GUIDE, MOST, keep
from sixrounds.errors import SixRoundsError

ROOT = Path(__file__).parents[2]
PICTURE = re.compile(
    r"^```\{figure\} (images/\S+)\n((?::[^\n]*\n)+)\n(.+?)^```$", re.MULTILINE | re.DOTALL
)


def test_each_picture_is_used_and_each_that_is_used_is_there() -> None:
    """If this fails, the guide has a hole, or the book carries a file that nobody sees."""
    used = {path for path, _, _ in PICTURE.findall((ROOT / GUIDE).read_text("utf-8"))}
    there = {f"images/{path.name}" for path in (ROOT / FOLDER).iterdir()}
    assert used == there
    assert len(there) >= 2


def test_each_picture_has_words_and_a_caption() -> None:
    """If this fails, a reader who does not see a picture learns nothing from it."""
    for path, options, caption in PICTURE.findall((ROOT / GUIDE).read_text("utf-8")):
        (told,) = re.findall(r"^:alt: (.+)$", options, re.MULTILINE)
        assert len(told) > 40, path
        assert caption.strip().endswith("."), path


def test_pictures_are_small_and_can_be_enlarged() -> None:
    """If this fails, the page takes long on a phone, or its pictures are a blur."""
    for path in (ROOT / FOLDER).iterdir():
        assert path.stat().st_size <= MOST, path
        with Image.open(path) as picture:
            assert picture.width >= 1000, path


def test_a_picture_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, a larger picture is committed without a word."""
    drawn = tmp_path / "drawn.png"
    Image.new("RGB", (20, 10)).save(drawn)
    keep(tmp_path / "kept.webp", drawn.read_bytes())
    with Image.open(tmp_path / "kept.webp") as kept:
        assert kept.size == (20 + 2 * FRAME, 10 + 2 * FRAME)
    monkeypatch.setattr("sixrounds.book.pictures.MOST", 10)
    with pytest.raises(SixRoundsError, match="at most 10; show less of the page"):
        keep(tmp_path / "kept.webp", drawn.read_bytes())
