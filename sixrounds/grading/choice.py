"""Which notebooks of an assignment are meant, and the names near those that do not exist."""

from collections.abc import Callable
from pathlib import Path

from sixrounds.errors import SixRoundsError
from sixrounds.grading.course import Course
from sixrounds.grading.names import nearest
from sixrounds.grading.plan import plan
from sixrounds.grading.roster import is_student_id
from sixrounds.grading.work import Work
from sixrounds.source import Lesson

Say = Callable[[str], None]


def find_works(
    course: Course,
    assignment: str,
    student: str | None = None,
    notebook: str | None = None,
    say: Say = lambda line: None,
) -> list[Work]:
    """Each notebook of each student, notebook by notebook, students in order of their ids.

    Args:
        course: from `Course.load`.
        assignment: its name.
        student: only theirs.
        notebook: only this `<NN_topic>`.
        say: called with a line for whatever is passed over.

    Raises:
        SixRoundsError: there is no such assignment, student or notebook, or nothing was handed in.
    """
    lessons = find_lessons(course, assignment, notebook)
    students = find_students(course, assignment, student, say)
    found = []
    for lesson in lessons:
        recipe = plan(lesson)
        found += [Work(course, name, assignment, lesson, recipe) for name in students]
    return found


def find_lessons(course: Course, assignment: str, wanted: str | None = None) -> list[Lesson]:
    """The lessons of an assignment, or the one that is wanted.

    Raises:
        SixRoundsError: no such assignment or notebook.
    """
    lessons = course.lessons(assignment)
    if wanted is None:
        return lessons
    name = wanted.removesuffix(".ipynb")
    found = [lesson for lesson in lessons if name in (lesson.topic, lesson.key)]
    if not found:
        near = nearest(name, [lesson.topic for lesson in lessons])
        raise SixRoundsError(f"{wanted}: no notebook of {assignment}; it has {near}")
    return found


def find_students(
    course: Course, assignment: str, wanted: str | None, say: Say = lambda line: None
) -> list[str]:
    """The students with a folder under submitted/; what cannot be one is passed over and named."""
    folder = course.folder / "submitted"
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_dir() and is_student_id(path.name):
            found.append(path.name)
        elif not path.name.startswith("."):
            say(f"passed over {path.name!a} in {folder}: not a student's folder")
    if not found:
        raise SixRoundsError(nothing_handed_in(folder, course.folder, assignment))
    if wanted is None:
        return found
    if wanted not in found:
        near = nearest(wanted, found)
        raise SixRoundsError(f"{wanted}: no folder of that name in {folder}; {near} are")
    return [wanted]


def nothing_handed_in(folder: Path, course: Path, assignment: str) -> str:
    """What to do about an empty folder."""
    return (
        f"{folder}: nothing was handed in; put each notebook at "
        f"{folder}/<student>/{assignment}/<NN_topic>.ipynb, or run "
        f"`sixrounds course collect <zip> --assignment {assignment} --course {course}`"
    )
