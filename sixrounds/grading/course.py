"""A course folder: nbgrader's tree, a gradebook, and a secret seed of its own.

    nbgrader_config.py  source/  release/  submitted/  gradebook.db    as nbgrader knows them
    .sixrounds/seed                 32 random bytes; only their SHA-256 enters the gradebook
    .sixrounds/course.json          which lessons belong to which assignment

`init` can be run again: it adds what is missing and never writes over what a person wrote or may
have edited.
"""

import contextlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sql

from sixrounds import source
from sixrounds.errors import SixRoundsError
from sixrounds.grading import database
from sixrounds.grading.assignments import assignments
from sixrounds.grading.files import locked, write_secret, write_text
from sixrounds.grading.gradebook import Gradebook, opened
from sixrounds.grading.handout import scaffold, sha256, write_editions
from sixrounds.grading.names import nearest
from sixrounds.grading.roster import read_roster
from sixrounds.paths import find_root
from sixrounds.source import Lesson

SEED_BYTES = 32
SEED_NOTE = "seed_sha256"
BOOK_NOTE = "gradebook_id"  # tells a gradebook from one made anew in its place


@dataclass
class Course:
    """An existing course, as `.sixrounds/course.json` has it."""

    folder: Path
    project: Path  # the clone it was made from
    private: Path | None = None  # a source tree other than the clone's, for exams
    assignments: dict[str, list[str]] = field(default_factory=dict)  # name: lesson keys
    products: dict[str, str] = field(default_factory=dict)  # path: SHA-256, as we wrote it
    db: str = ""  # where the gradebook is, see `database`

    @property
    def own(self) -> Path:
        """Where secrets and results are kept."""
        return self.folder / ".sixrounds"

    @property
    def gradebook(self) -> Path:
        """nbgrader's database, unless another was chosen."""
        return self.folder / "gradebook.db"

    @property
    def database(self) -> sql.URL:
        """Where the gradebook is.

        Raises:
            SixRoundsError: what holds its URL or password is missing.
        """
        return database.locate(self.folder, self.db)

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
            db = raw.get("database", "")
            return cls(folder, project, private, raw["assignments"], raw["products"], db)
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
            "database": self.db,
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
            raise SixRoundsError(
                f"{assignment}: no assignment of the course {self.folder}; it has "
                f"{nearest(assignment, known)}; add one with "
                f"`sixrounds course init {self.folder} --assign …`"
            )
        lessons = self.all_lessons()
        gone = [key for key in known[assignment] if key not in lessons]
        if gone:
            raise SixRoundsError(
                f"{assignment}: its lesson {gone[0]} is not in {self.private or 'solutions/'}; "
                f"put it there, or take it out of {self.own / 'course.json'}"
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
                f"{database.shown(self.database)}: made anew, without this course; put the old "
                f"one back, or run `sixrounds course init {self.folder}` to fill it again"
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
    db: str | None = None,
) -> list[str]:
    """Make a course, or add to one.

    Args:
        folder: of the course; made if there is none.
        assign: assignments by name, each a list of `<NN_topic>` or `<chapter>/<NN_topic>`; all
            chapters that have lessons if there are none yet.
        roster: a CSV file of students.
        private: a source tree other than the clone's `solutions/`, for exams.
        new_seed: replace a seed that was lost; all submissions are then graded again.
        db: another place for the gradebook than a file in the folder, see `database`.

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
    if db is not None:
        require_own(course, database.locate(folder, db))
    said = scaffold(folder)
    with locked(course.own / "lock"):
        if db is not None:
            course.db = database.keep(course.own, db)
            said.append(f"the gradebook is in {course.db}")
        with opened(course.database) as gradebook:
            said += plant_seed(course, gradebook, new_seed)
            said += place(course, wanted, lessons)
            course.save()
            for name, keys in course.assignments.items():
                said += gradebook.sync(name, [lessons[key] for key in keys if key in lessons])
            gradebook.enroll(students)
    return said + ([f"{len(students)} students enrolled"] if students else [])


def require_own(course: Course, url: sql.URL) -> None:
    """Raises:
    SixRoundsError: the database cannot be reached, or is the gradebook of another course.
    """
    database.require(url)
    with opened(url) as gradebook:
        if gradebook.note(SEED_NOTE) is not None and not (course.own / "seed").is_file():
            raise SixRoundsError(
                f"{database.shown(url)}: is the gradebook of another course already; name an "
                "empty database, as each course needs its own"
            )


def place(
    course: Course, wanted: Mapping[str, list[str]], lessons: Mapping[str, Lesson]
) -> list[str]:
    """Give the course its assignments, and write source/ and release/ of them."""
    said = []
    for name, keys in wanted.items():
        added = [key for key in keys if key not in course.assignments.get(name, [])]
        if added:
            said.append(f"assignment {name}: {', '.join(added)}")
        for key in keys:
            if key in lessons:
                said += write_editions(course.folder, name, lessons[key], course.products)
    course.assignments = {name: list(keys) for name, keys in wanted.items()}
    return said


def here(folder: Path) -> Course:
    """The course in a folder, or a new one; from now on of the clone this is run in."""
    if not (folder / ".sixrounds" / "course.json").is_file():
        return Course(folder, find_root())
    course = Course.load(folder)
    with contextlib.suppress(SixRoundsError):  # run from elsewhere: it keeps its clone
        course.project = find_root()
    return course


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
