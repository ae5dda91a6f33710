"""The proof of a whole curriculum, as data, with what did not change taken from the last one."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sixrounds.grading.prove import Proof, prove
from sixrounds.source import Lesson

PACKAGE = Path(__file__).parents[1]
ROOMS = ("source", "editions", "grading", "sql")


def prove_all(
    root: Path,
    lessons: Sequence[Lesson],
    *,
    seed_count: int,
    workers: int,
    resume: bool = False,
    done: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Prove lessons and keep the result of each under `build/proofs`.

    Args:
        root: the project's folder.
        lessons: what to prove.
        seed_count: under how many seeds.
        workers: how many (lesson, seed) pairs at a time.
        resume: take what is kept of lessons whose source, grader and lock are the same.
        done: called with a line for each lesson and seed that was proven.

    Returns:
        The content of `build/proof.json`: exercises, seeds, seconds (the computing it took when it
        was made, also for what was kept), faults.
    """
    keys = {lesson.key: fingerprint(root, lesson, seed_count) for lesson in lessons}
    kept = {key: load(root, key, name) if resume else None for key, name in keys.items()}
    left = [lesson for lesson in lessons if kept[lesson.key] is None]
    began = time.monotonic()
    proofs = prove(
        left,
        seed_count=seed_count,
        workers=workers,
        key_folder=root / "build" / "keys",
        done=done,
    )
    spent = (time.monotonic() - began) / max(1, len(left))
    for lesson in left:
        mine = [proof for proof in proofs if proof.lesson.key == lesson.key]
        kept[lesson.key] = part(mine, spent)
        store(root, lesson.key, keys[lesson.key], kept[lesson.key] or {})
    parts = [kept[lesson.key] or {} for lesson in lessons]
    return {
        "exercises": [row for one in parts for row in one["exercises"]],
        "seeds": seed_count,
        "seconds": round(sum(one["seconds"] for one in parts), 1),
        "faults": [fault for one in parts for fault in one["faults"]],
    }


def part(proofs: Sequence[Proof], seconds: float) -> dict[str, Any]:
    """One lesson's share of the proof."""
    return {
        "exercises": [proof.row() for proof in proofs],
        "faults": [fault for proof in proofs for fault in proof.faults],
        "seconds": seconds,
    }


def fingerprint(root: Path, lesson: Lesson, seed_count: int) -> str:
    """A name that changes with the lesson, its data, the grader, the lock, or how many seeds."""
    digest = hashlib.sha256(f"{seed_count}".encode())
    paths = [lesson.path, root / "requirements.lock"]
    paths += [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    paths += [PACKAGE / "testing.py", PACKAGE / "placeholder.py"]
    text = lesson.path.read_text("utf-8")
    if "cuda" in text:  # with the engine's sources
        paths += [path for path in sorted((PACKAGE / "cuda").rglob("*.*")) if path.suffix != ".pyc"]
    paths += [
        path
        for folder in sorted((root / "data").glob("*/"))
        if folder.name in text
        for path in sorted(folder.rglob("*"))
    ]
    for path in paths:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def place(root: Path, key: str) -> Path:
    """Where a lesson's proof is kept."""
    return root / "build" / "proofs" / f"{key}.json"


def load(root: Path, key: str, name: str) -> dict[str, Any] | None:
    """A lesson's kept proof, if it is of this fingerprint and nothing in it was wrong."""
    try:
        found = json.loads(place(root, key).read_text())
    except (OSError, ValueError):
        return None
    whole = isinstance(found, dict) and found.get("fingerprint") == name
    return found["proof"] if whole and not found["proof"]["faults"] else None


def store(root: Path, key: str, name: str, proof: Mapping[str, Any]) -> None:
    """Keep a lesson's proof."""
    path = place(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"fingerprint": name, "proof": proof}))
