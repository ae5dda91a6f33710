"""Known names near one that is not known, for messages."""

from collections.abc import Collection
from difflib import get_close_matches


def nearest(name: str, known: Collection[str]) -> str:
    """Up to three known names, those most alike if any is."""
    return ", ".join(get_close_matches(name, known, n=3, cutoff=0.3) or sorted(known)[:3])
