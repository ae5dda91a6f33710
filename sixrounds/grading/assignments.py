"""Which notebooks an assignment is of: what an instructor types, resolved against the lessons."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from sixrounds.errors import SixRoundsError
from sixrounds.source import Lesson

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}\Z")


def assignments(
    assign: Mapping[str, Sequence[str]] | None,
    lessons: Mapping[str, Lesson],
    known: Mapping[str, Sequence[str]],
) -> dict[str, list[str]]:
    """All assignments the course is to have: those it has, with what is asked for added."""
    asked: dict[str, list[str]] = {}
    for name, notebooks in (assign or {}).items():
        if not NAME.match(name):
            raise SixRoundsError(
                f"{name!r}: not a name for an assignment; use letters, digits, _ and -"
            )
        asked[name] = [resolve(notebook, lessons) for notebook in notebooks]
    if assign is None and (not known or any(name in chapters(lessons) for name in known)):
        asked = chapters(lessons)
    merged = {name: list(keys) for name, keys in known.items()}
    for name, keys in asked.items():
        merged[name] = list(dict.fromkeys([*merged.get(name, []), *keys]))
    for name, keys in merged.items():
        topics = [key.split("/")[1] for key in keys]
        twice = sorted({topic for topic in topics if topics.count(topic) > 1})
        if twice:
            raise SixRoundsError(
                f"{name}: two notebooks named {twice[0]}; put them into two assignments"
            )
    if not any(merged.values()):
        raise SixRoundsError("no lessons to assign; write one with `sixrounds new CHAPTER TOPIC`")
    return merged


def chapters(lessons: Iterable[str]) -> dict[str, list[str]]:
    """Every chapter that has lessons, as an assignment."""
    found: dict[str, list[str]] = {}
    for key in lessons:
        found.setdefault(key.split("/")[0], []).append(key)
    return found


def resolve(notebook: str, lessons: Iterable[str]) -> str:
    """The key of the lesson that is meant by a topic or a key.

    Raises:
        SixRoundsError: none or several; the message names the near ones.
    """
    keys = list(lessons)
    found = [key for key in keys if notebook in (key, key.split("/")[1])]
    if len(found) == 1:
        return found[0]
    if found:
        raise SixRoundsError(f"{notebook}: could be {' or '.join(found)}; give the chapter, too")
    topics = {key: key for key in keys} | {key.split("/")[1]: key for key in keys}
    near = [topics[name] for name in get_close_matches(notebook, topics, n=3, cutoff=0.4)]
    hint = ", ".join(dict.fromkeys(near or keys[:3])) or "none yet"
    raise SixRoundsError(f"{notebook}: no such notebook; near it: {hint}")
