"""A new lesson that already validates and proves: an author changes it, line by line."""

import re
from itertools import count
from pathlib import Path

from sixrounds.errors import SixRoundsError
from sixrounds.paths import CHAPTERS
from sixrounds.source.validate import MAX_ID

TOPIC = re.compile(r"[a-z][a-z0-9_]*\Z")
TEMPLATE = Path(__file__).with_name("template.py.txt")


def create(root: Path, chapter: str, topic: str) -> Path:
    """Write `solutions/<chapter>/<NN_topic>.py` with the chapter's next free number.

    Args:
        root: the project's folder.
        chapter: one of CHAPTERS, or the part before its first `_`.
        topic: a name in lower case and underscores; a number before it is kept.

    Raises:
        SixRoundsError: no such chapter, a bad or taken topic.
    """
    matches = [name for name in CHAPTERS if chapter in (name, name.split("_")[0])]
    if not matches:
        raise SixRoundsError(f"{chapter}: no such chapter; choose one of {', '.join(CHAPTERS)}")
    folder = root / "solutions" / matches[0]
    numbered = re.match(r"(\d\d)_(.+)\Z", topic)
    number, bare = (numbered[1], numbered[2]) if numbered else (next_number(folder), topic)
    if not TOPIC.match(bare) or len(bare) + len("_example_2") > MAX_ID:
        raise SixRoundsError(
            f"{topic}: not a topic; use a short name in lower case and underscores, "
            "like sliding_windows"
        )
    taken = sorted(folder.glob(f"{number}_*.py")) + sorted(folder.glob(f"[0-9][0-9]_{bare}.py"))
    if taken:
        raise SixRoundsError(f"{taken[0]}: exists already; choose another number or topic")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number}_{bare}.py"
    title = bare.replace("_", " ")
    text = TEMPLATE.read_text(encoding="utf-8").replace("EXERCISE", free_id(root, bare))
    path.write_text(text.replace("TITLE", title[:1].upper() + title[1:]), encoding="utf-8")
    return path


def free_id(root: Path, bare: str) -> str:
    """A grade id for the example, not used by a lesson of this name in another chapter."""
    others = [path.read_bytes() for path in root.glob(f"solutions/*/[0-9][0-9]_{bare}.py")]
    names = (f"{bare}_example" + (f"_{number}" if number > 1 else "") for number in count(1))
    return next(name for name in names if not any(name.encode() in text for text in others))


def next_number(folder: Path) -> str:
    """The two digits after the largest in use."""
    used = [int(path.name[:2]) for path in folder.glob("[0-9][0-9]_*.py")]
    return f"{max(used, default=0) + 1:02d}"
