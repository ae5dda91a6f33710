"""Finds data sets by name."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sixrounds import content
from sixrounds.errors import SixRoundsError

if TYPE_CHECKING:
    import pandas


def names() -> list[str]:
    """The data sets that can be loaded, in alphabetical order."""
    return sorted(path.parent.name for path in content.folder("data").glob("*/*.csv"))


def load(name: str) -> "pandas.DataFrame":
    """A data set; its columns and their units are in its datasheet.

    Raises:
        SixRoundsError: no such data set, or pandas is not installed.
    """
    folder = folder_of(name)
    try:
        import pandas  # noqa: PLC0415  only who loads data needs it
    except ModuleNotFoundError:
        said = f'data.load("{name}") needs pandas; run `pip install pandas`'
        raise SixRoundsError(said) from None
    return pandas.read_csv(folder / f"{name}.csv")


def truth(name: str) -> dict[str, Any]:
    """The parameters that a simulated data set was made with.

    Raises:
        SixRoundsError: no such data set, or it is not simulated.
    """
    path = folder_of(name) / "truth.json"
    if not path.is_file():
        raise SixRoundsError(f"{name}: a real data set; nobody knows its truth")
    return dict(json.loads(path.read_text("utf-8")))


def folder_of(name: str) -> Path:
    """Where a data set lies.

    Raises:
        SixRoundsError: there is none of that name; the message names near ones.
    """
    known = names()
    if name not in known:
        near = ", ".join(get_close_matches(name, known, cutoff=0.4) or known)
        raise SixRoundsError(f"{name}: no data set of that name; there are: {near}")
    return content.folder("data") / name
