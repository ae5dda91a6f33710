"""A course folder: nbgrader's tree, a gradebook, and a secret seed of its own.

    nbgrader_config.py  source/  release/  submitted/  gradebook.db    as nbgrader knows them
    .sixrounds/seed                 32 random bytes; only their SHA-256 enters the gradebook
    .sixrounds/course.json          which lessons belong to which assignment

`init` can be run again: it adds what is missing and never writes over what a person wrote or may
have edited.
"""

import contextlib
import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sixrounds import source
from sixrounds.editions import render
from sixrounds.editions.notebook import dumps
from sixrounds.errors import SixRoundsError
from sixrounds.grading.files import locked, private_folder, write_secret, write_text
from sixrounds.grading.gradebook import Gradebook, opened
from sixrounds.grading.roster import read_roster
from sixrounds.paths import find_root
from sixrounds.source import Lesson

CONFIG = Path(__file__).with_name("nbgrader_config.py.txt")
IGNORED = (".sixrounds/", "gradebook.db", "submitted/", "autograded/", "feedback/")
SEED_BYTES = 32
SEED_NOTE = "seed_sha256"
BOOK_NOTE = "gradebook_id"  # tells a gradebook from one made anew in its place
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,99}\Z")


@dataclass
class Course:
    """An existing course, as `.sixrounds/course.json` has it."""

    folder: Path
    project: Path  # the clone it was made from
    private: Path | None = None  # a source tree other than the clone's, for exams
    assignments: dict[str, list[str]] = field(default_factory=dict)  # name: lesson keys
    products: dict[str, str] = field(default_factory=dict)  # path: SHA-256, as we wrote it

    @property
    def own(self) -> Path:
        """Where secrets and results are kept."""
        return self.folder / ".sixrounds"

    @property
    def gradebook(self) -> Path:
        """nbgrader's database."""
        return self.folder / "gradebook.db"

    @classmethod
    def load(cls, folder: Path) -> "Course":
        """Read a course.

        Raises:
            SixRoundsError: the folder holds none, or its file is damaged.
        """
        path = folder / ".sixrounds" / "course.json"
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            private = Path(raw["private"]) if raw["private"] else None
            project = Path(raw["project"])
            return cls(folder, project, private, raw["assignments"], raw["products"])
        except FileNotFoundError:
            raise SixRoundsError(
                f"{folder}: not a course; make one with `sixrounds course init {folder}`"
            ) from None
        except (ValueError, KeyError, TypeError):
            raise SixRoundsError(
                f"{path}: damaged; move it away and run `sixrounds course init {folder}`"
            ) from None

    def save(self) -> None:
        """Write course.json."""
        content = {
            "assignments": self.assignments,
            "private": str(self.private) if self.private else None,
            "products": self.products,
            "project": str(self.project),
        }
        write_text(self.own / "course.json", json.dumps(content, indent=1, sort_keys=True) + "\n")

    def all_lessons(self) -> dict[str, Lesson]:
        """The lessons that can be graded, by key.

        Raises:
            SixRoundsError: the clone is gone, or a lesson is wrong.
        """
        if not self.project.is_dir():
            raise SixRoundsError(
                f"{self.project}: the clone this course was made in is gone; run "
                f"`sixrounds course init {self.folder.resolve()}` in the one you use now"
            )
        lessons = source.load(find_root(self.project), folder=self.private)
        return {one.key: one for one in lessons}

    def lessons(self, assignment: str) -> list[Lesson]:
        """The lessons of an assignment.

        Raises:
            SixRoundsError: no such assignment, or one of its lessons is gone.
        """
        known = self.assignments
        if assignment not in known:
            near = get_close_matches(assignment, known, n=3, cutoff=0.3) or sorted(known)
            raise SixRoundsError(
                f"{assignment}: no assignment of the course {self.folder}; it has "
                f"{', '.join(near)}; add one with `sixrounds course init {self.folder} --assign …`"
            )
        lessons = self.all_lessons()
        gone = [key for key in known[assignment] if key not in lessons]
        if gone:
            raise SixRoundsError(
                f"{assignment}: its lesson {gone[0]} is no longer in solutions/; put it back, or "
                f"take it out of {self.own / 'course.json'}"
            )
        return [lessons[key] for key in known[assignment]]

    def seed(self, gradebook: Gradebook) -> bytes:
        """The secret seed, if it is still the one the gradebook was made with.

        Raises:
            SixRoundsError: it is missing, damaged or another one.
        """
        path = self.own / "seed"
        if gradebook.note(SEED_NOTE) is None:
            raise SixRoundsError(
                f"{self.gradebook}: made anew, without this course; put the old one back, or run "
                f"`sixrounds course init {self.folder}` to fill it again"
            )
        seed = path.read_bytes() if path.is_file() else b""
        if len(seed) == SEED_BYTES and gradebook.note(SEED_NOTE) == sha256(seed):
            return seed
        what = "is missing" if not seed else "is not the seed this gradebook was made with"
        raise SixRoundsError(
            f"{path}: {what}; put the file back from your backup, or draw a new one and grade "
            f"everything again: `sixrounds course init {self.folder} --new-seed`"
        )


def init(
    folder: Path,
    assign: Mapping[str, Sequence[str]] | None = None,
    roster: Path | None = None,
    *,
    private: Path | None = None,
    new_seed: bool = False,
) -> list[str]:
    """Make a course, or add to one.

    Args:
        folder: of the course; made if there is none.
        assign: assignments by name, each a list of `<NN_topic>` or `<chapter>/<NN_topic>`; all
            chapters that have lessons if there are none yet.
        roster: a CSV file of students.
        private: a source tree other than the clone's `solutions/`, for exams.
        new_seed: replace a seed that was lost; all submissions are then graded again.

    Returns:
        What was added and what was kept, one line each.

    Raises:
        SixRoundsError: bad input; nothing was written then.
    """
    if folder.exists() and not folder.is_dir():
        raise SixRoundsError(f"{folder}: a file, not a folder; name another place for the course")
    course = here(folder)
    course.private = private.resolve() if private else course.private
    lessons = course.all_lessons()
    wanted = assignments(assign, lessons, course.assignments)
    students = read_roster(roster) if roster else []
    said = scaffold(course)
    with locked(course.own / "lock"), opened(course.gradebook) as gradebook:
        said += plant_seed(course, gradebook, new_seed)
        said += place(course, wanted, lessons)
        course.save()
        for name, keys in course.assignments.items():
            said += gradebook.sync(name, [lessons[key] for key in keys if key in lessons])
        gradebook.enroll(students)
    return said + ([f"{len(students)} students enrolled"] if students else [])


def here(folder: Path) -> Course:
    """The course in a folder, or a new one; from now on of the clone this is run in."""
    if not (folder / ".sixrounds" / "course.json").is_file():
        return Course(folder, find_root())
    course = Course.load(folder)
    with contextlib.suppress(SixRoundsError):  # run from elsewhere: it keeps its clone
        course.project = find_root()
    return course


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


def scaffold(course: Course) -> list[str]:
    """The folders, the configuration and .gitignore."""
    folder = course.folder
    (folder / "submitted").mkdir(parents=True, exist_ok=True)
    private_folder(course.own)
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


def plant_seed(course: Course, gradebook: Gradebook, new_seed: bool) -> list[str]:
    """Draw the seed of a new course; one that was lost is replaced only if that is asked for."""
    path = course.own / "seed"
    if gradebook.note(BOOK_NOTE) is None:
        gradebook.set_note(BOOK_NOTE, secrets.token_hex(16))
        if path.is_file():  # the gradebook was lost, the seed was not
            gradebook.set_note(SEED_NOTE, sha256(path.read_bytes()))
    if gradebook.note(SEED_NOTE) is not None and not new_seed:
        course.seed(gradebook)
        return []
    seed = secrets.token_bytes(SEED_BYTES)
    write_secret(path, seed)
    gradebook.set_note(SEED_NOTE, sha256(seed))
    return ["drew a secret seed: back up .sixrounds/seed, and show it to nobody"]


def place(
    course: Course, wanted: Mapping[str, list[str]], lessons: Mapping[str, Lesson]
) -> list[str]:
    """Write source/ and release/ of all assignments; files that somebody edited are kept."""
    said = []
    for name, keys in wanted.items():
        added = [key for key in keys if key not in course.assignments.get(name, [])]
        if added:
            said.append(f"assignment {name}: {', '.join(added)}")
        for key in keys:
            if key in lessons:
                lesson = lessons[key]
                said += product(course, f"source/{name}/{lesson.topic}", render.grading(lesson))
                said += product(course, f"release/{name}/{lesson.topic}", render.learner(lesson))
    course.assignments = {name: list(keys) for name, keys in wanted.items()}
    return said


def product(course: Course, name: str, content: dict[str, Any]) -> list[str]:
    """Write one generated notebook, unless it is no longer as we wrote it."""
    relative = f"{name}.ipynb"
    path, text = course.folder / relative, dumps(content)
    found = sha256(path.read_bytes()) if path.is_file() else ""
    if found not in ("", course.products.get(relative), sha256(text.encode())):
        return [f"kept {relative}, which was edited; delete it to have it made again"]
    if found != sha256(text.encode()):
        write_text(path, text)
    course.products[relative] = sha256(text.encode())
    return []


def sha256(content: bytes) -> str:
    """A digest that gives the content away to nobody."""
    return hashlib.sha256(content).hexdigest()
