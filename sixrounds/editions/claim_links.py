"""In a plain notebook a citation is a link to its source: the role `{claim}` is the book's own."""

import csv
import re
from functools import lru_cache
from pathlib import Path

TABLE = Path("book") / "claims.csv"
CITED = re.compile(r"\{claim\}`([^`]*)`")


def linked(text: str, source: Path) -> str:
    """A text with each `{claim}` role replaced by a link.

    Args:
        text: Markdown.
        source: the lesson's file, in `solutions/<chapter>/` of a clone.
    """
    if not CITED.search(text):
        return text
    table = source.resolve().parents[2] / TABLE
    known = urls(table, table.stat().st_mtime_ns) if table.is_file() else {}
    return CITED.sub(lambda found: link(found[1], known), text)


def link(name: str, known: dict[str, str]) -> str:
    """A link to where a claim was read; a claim without a row fails when the book is built."""
    return f"[source]({known[name]})" if known.get(name) else "source in the book"


@lru_cache
def urls(table: Path, _changed: int) -> dict[str, str]:
    """The address of each claim's source."""
    with table.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row["url"] for row in csv.DictReader(lines)}
