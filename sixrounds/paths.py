"""Where the project's parts lie, from whatever folder a command is run in."""

from fnmatch import fnmatch
from pathlib import Path

from sixrounds.errors import SixRoundsError

CHAPTERS = (
    "round1_recruiter_screen",
    "round2_coding",
    "round3_ml_modeling",
    "round4_system_design",
    "round5_deep_dive",
    "round6_behavioral",
    "optimization_role",
)


def find_root(start: Path | None = None) -> Path:
    """The project's folder: the nearest one above `start` with `solutions/` and `_config.yml`.

    Raises:
        SixRoundsError: there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "solutions").is_dir() and (folder / "_config.yml").is_file():
            return folder
    raise SixRoundsError(
        f"{here}: not inside a clone of Six Rounds (no folder above it has solutions/ and "
        "_config.yml); change into your clone and run the command again"
    )


def lesson_key(path: Path) -> str:
    """`<chapter>/<NN_topic>` of a source or notebook."""
    return f"{path.parent.name}/{path.stem}"


def select(keys: list[str], pattern: str | None) -> list[str]:
    """The keys that match a glob or contain the pattern as text; all of them without a pattern.

    Raises:
        SixRoundsError: a pattern that selects nothing.
    """
    if not pattern:
        return keys
    chosen = [key for key in keys if fnmatch(key, pattern) or pattern in key]
    if not chosen:
        known = ", ".join(keys) or "none yet"
        raise SixRoundsError(f"{pattern}: matches no notebook; there are: {known}")
    return chosen
