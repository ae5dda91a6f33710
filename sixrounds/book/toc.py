"""What the table of contents names: the pages of the book, in order, as files."""

from pathlib import Path
from typing import Any

import yaml

from sixrounds.errors import SixRoundsError

STATUS_PAGE = Path("book/status.md")
CLAIMS_PAGE = Path("book/claims.md")
QUESTIONS_PAGE = Path("book/questions.md")
ATTACKS_PAGE = Path("book/attacks.md")
# Made by the build itself, from measurements, a table and a list.
GENERATED = (STATUS_PAGE, CLAIMS_PAGE, QUESTIONS_PAGE, ATTACKS_PAGE)


def pages(root: Path) -> list[Path]:
    """The files of `_toc.yml`, in reading order, relative to `root`; they need not exist.

    Raises:
        SixRoundsError: there is no readable `_toc.yml`.
    """
    path = root / "_toc.yml"
    try:
        toc = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as problem:
        reason = str(problem).splitlines()[0]
        raise SixRoundsError(
            f"{path}: not a readable table of contents ({reason}); restore it from git"
        ) from None
    return [_file(root, name) for name in _names(toc)]


def worked_notebooks(root: Path) -> list[Path]:
    """The worked notebooks of the book, in reading order, as absolute paths that exist.

    Raises:
        SixRoundsError: a page of the table of contents does not exist.
    """
    found = []
    for page in pages(root):
        if page.suffix == ".ipynb":
            found.append(root / page)
        if page not in GENERATED and not (root / page).is_file():
            raise SixRoundsError(
                f"{root / page}: in _toc.yml but not there; run `sixrounds editions`"
            )
    return found


def label(key: str) -> str:
    """`<chapter>/<NN_topic>` in words short enough for a table on a phone."""
    chapter, topic = key.split("/")
    return f"{chapter.split('_')[0]}/{topic.replace('_', ' ')}"


def _names(entry: Any) -> list[str]:
    """Every `root:` and `file:` below an entry, in order."""
    if isinstance(entry, list):
        return [name for each in entry for name in _names(each)]
    if not isinstance(entry, dict):
        return []
    own = [str(entry[key]) for key in ("root", "file") if key in entry]
    parts = [entry[key] for key in ("parts", "chapters", "sections", "entries") if key in entry]
    return own + _names(parts)


def _file(root: Path, name: str) -> Path:
    """The file of an entry: a notebook if its name starts with a number and no page has it."""
    stem = Path(name)
    is_page = (root / f"{name}.md").is_file() or not stem.name[:2].isdigit()
    return stem.with_name(stem.name + (".md" if is_page else ".ipynb"))
