"""The files that a course starts with: folders, nbgrader's configuration, source/ and release/.

Whatever a person wrote or may have edited is kept, and said.
"""

import hashlib
from pathlib import Path

from sixrounds.editions import render
from sixrounds.editions.notebook import dumps
from sixrounds.grading.files import private_folder, write_text
from sixrounds.source import Lesson

CONFIG = Path(__file__).with_name("nbgrader_config.py.txt")
IGNORED = (".sixrounds/", "gradebook.db", "submitted/", "autograded/", "feedback/")


def scaffold(folder: Path) -> list[str]:
    """The folders, the configuration and .gitignore."""
    (folder / "submitted").mkdir(parents=True, exist_ok=True)
    private_folder(folder / ".sixrounds")
    said = []
    config, ours = folder / "nbgrader_config.py", CONFIG.read_text(encoding="utf-8")
    if not config.exists():
        write_text(config, ours)
        said.append("made nbgrader_config.py")
    elif config.read_text(encoding="utf-8", errors="replace") != ours:
        said.append("kept nbgrader_config.py, which differs from ours")
    ignore = folder / ".gitignore"
    lines = ignore.read_text(encoding="utf-8").splitlines() if ignore.exists() else []
    missing = [line for line in IGNORED if line not in lines]
    if missing:
        write_text(ignore, "\n".join([*lines, *missing]) + "\n")
        said.append(f"added to .gitignore: {' '.join(missing)}")
    return said


def write_editions(
    folder: Path, assignment: str, lesson: Lesson, products: dict[str, str]
) -> list[str]:
    """Write a notebook of source/ and of release/.

    Args:
        folder: of the course.
        assignment: its name.
        lesson: of the notebook.
        products: path: SHA-256 of all we wrote; brought up to date.

    Returns:
        A line for each that somebody edited, which is kept.
    """
    said = []
    for step, render_one in (("source", render.grading), ("release", render.learner)):
        name = f"{step}/{assignment}/{lesson.topic}.ipynb"
        path, text = folder / name, dumps(render_one(lesson))
        found = sha256(path.read_bytes()) if path.is_file() else ""
        if found not in ("", products.get(name), sha256(text.encode())):
            said.append(f"kept {name}, which was edited; delete it to have it made again")
            continue
        if found != sha256(text.encode()):
            write_text(path, text)
        products[name] = sha256(text.encode())
    return said


def sha256(content: bytes) -> str:
    """A digest that gives the content away to nobody."""
    return hashlib.sha256(content).hexdigest()
