"""The page that says what the grader's attack suite tries, and what came of it when it last ran.

The attacks are in `tests/attacks/catalog/*.yml`, a file for each group; `tests/attacks` runs them
and leaves a file for each group in `build/attacks/`. An attack that did not run is said not to
have run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sixrounds.book.toc import ATTACKS_PAGE
from sixrounds.errors import SixRoundsError
from sixrounds.grading.verdict import Status

CATALOG = Path("tests/attacks/catalog")
RESULTS = Path("build/attacks")
SHARED = ("full marks", "part of the marks", "no points", "no verdict")
NOT_TRIED = "not tried: "
JAILS = ("any", "bubblewrap")
FIELDS = {
    *("name", "tries", "exercise", "before", "answer", "then", "hand_in", "status", "points"),
    *("says", "happens", "shared", "jail", "leaves"),
}

INTRODUCTION = """\
# Attacks on the grader

A grader of programs runs what strangers wrote.
Each row below is a submission that the tests of this project grade in earnest, as a course would.
It holds if the lie earns nothing, the rest of the class is unaffected, and nothing of it is left.

Most attacks are also tried on a small grader of the usual kind, where tests run beside the answer.
The last column says what they earn there: full marks show that the attack is a real one.
This page is generated from the catalog that the tests read.
"""
NOT_RUN = "The attacks have not been run on this copy: `pytest tests/attacks` runs them.\n"


@dataclass(frozen=True)
class Attack:
    """One submission that is not honest, and what must come of it.

    Either `answer` is its code, or `hand_in` names what makes its notebook.
    """

    group: str
    name: str
    tries: str
    happens: str
    answer: str = ""
    hand_in: str = ""
    exercise: str = "shelved"
    before: str = ""  # a cell of the learner's own above the answer
    then: str = ""  # the answer of the next student, who must get no points by it
    status: tuple[Status, ...] = ()  # those that are right
    points: float = 0  # what is honestly right in it
    says: str = ""  # a pattern of the message
    shared: str = ""  # what it earns in a grader that shares its process
    jail: str = ""  # what it takes to hold it: any jail, or the rung "bubblewrap"
    leaves: tuple[str, ...] = ()  # paths that must not exist after it


@dataclass(frozen=True)
class Group:
    """Attacks of one kind, in the order of their file."""

    key: str
    title: str
    about: str
    attacks: tuple[Attack, ...]


def read_catalog(root: Path) -> list[Group]:
    """All groups of attacks.

    Raises:
        SixRoundsError: an entry that is wrong; the message names it.
    """
    groups = [read_group(path) for path in sorted((root / CATALOG).glob("*.yml"))]
    names = [attack.name for group in groups for attack in group.attacks]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SixRoundsError(f"{CATALOG}: {min(twice)!r} is there twice; rename one of them")
    return groups


def read_group(path: Path) -> Group:
    """One file of the catalog."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as problem:
        raise SixRoundsError(f"{path}: not YAML ({' '.join(str(problem).split())})") from None
    if not isinstance(content, Mapping) or set(content) != {"title", "about", "attacks"}:
        raise SixRoundsError(f"{path}: it must have title, about and attacks, and nothing else")
    attacks = []
    for number, entry in enumerate(content["attacks"], start=1):
        fault = fault_of(entry)
        if fault:
            raise SixRoundsError(f"{path}: attack {number}: {fault}")
        attacks.append(attack_of(path.stem, entry))
    return Group(path.stem, content["title"], " ".join(content["about"].split()), tuple(attacks))


def fault_of(entry: Any) -> str:
    """What is wrong with an entry, and the mend, or ""."""
    if not isinstance(entry, Mapping) or not {"name", "tries", "happens"} <= set(entry):
        return "it must have name, tries and happens"
    unknown = set(entry) - FIELDS
    if unknown:
        return f"{entry['name']}: {min(unknown)} is no field; there are {', '.join(sorted(FIELDS))}"
    if ("answer" in entry) == ("hand_in" in entry):
        return f"{entry['name']}: it must have answer or hand_in, and not both"
    shared = str(entry.get("shared", ""))
    if "answer" in entry and shared not in SHARED and not shared.startswith(NOT_TRIED):
        return f"{entry['name']}: shared must be {', '.join(SHARED)} or `{NOT_TRIED}why`"
    if entry.get("jail", JAILS[0]) not in JAILS:
        return f"{entry['name']}: jail must be {' or '.join(JAILS)}"
    wrong = set(listed(entry.get("status", ()))) - {str(status) for status in Status}
    return f"{entry['name']}: {min(wrong)} is no status" if wrong else ""


def attack_of(group: str, entry: Mapping[str, Any]) -> Attack:
    """An entry as an attack."""
    status = tuple(Status(name) for name in listed(entry.get("status", ())))
    rest = {"status": status, "leaves": tuple(entry.get("leaves", ()))}
    return Attack(group=group, **{**entry, **rest})


def listed(value: str | Sequence[str]) -> list[str]:
    """One or several as a list."""
    return [value] if isinstance(value, str) else list(value)


def write_attacks(root: Path) -> None:
    """Writes the page.

    Raises:
        SixRoundsError: the catalog is wrong.
    """
    groups = read_catalog(root)
    results = {group.key: read_results(root, group.key) for group in groups}
    parts = [INTRODUCTION, summary(groups, results)]
    for group in groups:
        parts.append(f"## {group.title}\n\n{group.about}\n")
        parts.append(table(group, results[group.key]))
    (root / ATTACKS_PAGE).write_text("\n".join(parts), "utf-8")


def read_results(root: Path, key: str) -> dict[str, Any]:
    """What came of a group when it last ran: `when`, `jail` and `attacks`; empty if it did not."""
    try:
        content = json.loads((root / RESULTS / f"{key}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def summary(groups: Sequence[Group], results: Mapping[str, dict[str, Any]]) -> str:
    """How many attacks there are, how many held, and when and where that was seen."""
    runs = [run for run in results.values() if run]
    if not runs:
        return NOT_RUN
    found = [
        run["attacks"].get(attack.name)
        for group in groups
        for attack in group.attacks
        if (run := results[group.key])
    ]
    held = sum(bool(one and one["held"]) for one in found)
    fooled = sum(bool(one and one["shared"] == SHARED[0]) for one in found)
    count = sum(len(group.attacks) for group in groups)
    days = sorted({run["when"][:10] for run in runs})
    jails = sorted({run["jail"] for run in runs})
    return (
        f"Of {count} attacks, {held} were seen to hold, on {' and '.join(days)} in the jail "
        f"{' and '.join(jails)}.\n{fooled} of them get full marks where tests share the process.\n"
    )


def table(group: Group, results: Mapping[str, Any]) -> str:
    """The rows of a group."""
    rows = ["| attack | what it tries | what happens | sharing the process |", "| - | - | - | - |"]
    for attack in group.attacks:
        found = results.get("attacks", {}).get(attack.name)
        cells = [attack.name, attack.tries, came_of(attack, found), shared_of(attack, found)]
        rows.append("| " + " | ".join(map(cell, cells)) + " |")
    return "\n".join(rows) + "\n"


def came_of(attack: Attack, found: Mapping[str, Any] | None) -> str:
    """What happens, and what was seen of it."""
    if found is None:
        return f"{attack.happens} (not run)"
    if not found["held"]:
        return f"**It did not hold when it was last run.** {attack.happens}"
    honest = f", with {attack.points:g} for what is right in it" if attack.points else ""
    return f"*{found['status']}{honest}.* {attack.happens}"


def shared_of(attack: Attack, found: Mapping[str, Any] | None) -> str:
    """What it earns where tests share the process."""
    if not attack.shared or attack.shared.startswith(NOT_TRIED):
        return attack.shared or "—"
    return str(found["shared"]) if found else "not run"


def cell(text: str) -> str:
    """A text as a cell of a table."""
    return text.replace("|", "&#124;").replace("<", "&lt;")
