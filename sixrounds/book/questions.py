"""The page that leads from each question of the curriculum to the notebook that answers it.

`book/questions.yml` lists the questions: id, question, notebook (`<chapter>/<NN_topic>`), and the
exercises in which the reader answers it. A notebook of the table of contents is linked, each
exercise at its heading; one that is not there yet is said to be to come.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sixrounds.book.toc import QUESTIONS_PAGE, label, pages
from sixrounds.errors import SixRoundsError
from sixrounds.paths import CHAPTERS
from sixrounds.source import Lesson, parse

LIST = Path("book/questions.yml")
FIELDS = {"id", "question", "notebook", "exercises"}
NOTEBOOK = re.compile(r"([a-z0-9_]+)/\d\d_[a-z0-9_]+\Z")
HEADING = re.compile(r"# (#{2,3}) (.+)")
TO_COME = "to come"

INTRODUCTION = """\
# The questions, and where they are answered

The book is built around these questions.
Each has one notebook that answers it in full, and exercises in which you write the answer.
This page is generated: while a notebook is to come, nothing is linked.
"""
EMPTY = "There are no questions yet.\n"


@dataclass(frozen=True)
class Question:
    """A question and where it is answered."""

    id: str
    question: str
    notebook: str
    exercises: tuple[str, ...]


def read_questions(root: Path) -> list[Question]:
    """The questions in the order of the list; none if there is no list.

    Raises:
        SixRoundsError: an entry that is wrong; the message names it.
    """
    path = root / LIST
    if not path.is_file():
        return []
    try:
        entries = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as problem:
        raise SixRoundsError(f"{path}: not YAML ({' '.join(str(problem).split())})") from None
    if not isinstance(entries, list):
        raise SixRoundsError(f"{path}: not a list; start each question with `- id: …`")
    questions: list[Question] = []
    for number, entry in enumerate(entries, start=1):
        fault = _fault(entry, number)
        if fault:
            raise SixRoundsError(f"{path}: question {number}: {fault}")
        questions.append(
            Question(
                entry["id"],
                " ".join(entry["question"].split()),
                entry["notebook"],
                tuple(entry["exercises"]),
            )
        )
    return questions


def _fault(entry: Any, number: int) -> str:
    """What is wrong with an entry, and the mend, or ""."""
    if not isinstance(entry, Mapping) or set(entry) != FIELDS:
        return f"it must have {', '.join(sorted(FIELDS))} and nothing else"
    if entry["id"] != f"Q{number}":
        return f"its id is {entry['id']!r}; number them in order, this one is Q{number}"
    if not str(entry["question"]).strip():
        return "it asks nothing; write one line"
    where = NOTEBOOK.match(str(entry["notebook"]))
    if not where or where[1] not in CHAPTERS:
        return f"{entry['notebook']!r} is no notebook; write <chapter>/<NN_topic>"
    exercises = entry["exercises"]
    if (
        not isinstance(exercises, list)
        or not exercises
        or not all(isinstance(name, str) for name in exercises)
    ):
        return "its exercises must be a list of names, at least one"
    return ""


def write_questions(root: Path) -> None:
    """Writes the page.

    Raises:
        SixRoundsError: the list is wrong, or a notebook of the book has no such exercise.
    """
    questions = read_questions(root)
    there = {f"{page.parent.name}/{page.stem}" for page in pages(root) if page.suffix == ".ipynb"}
    lessons = {
        key: parse(root / "solutions" / f"{key}.py")
        for key in sorted({each.notebook for each in questions} & there)
    }
    rows = [_row(each, lessons.get(each.notebook)) for each in questions]
    table = ["| id | question | answered in | exercises |", "| --- | --- | --- | --- |", *rows]
    count = sum(each.notebook in lessons for each in questions)
    summary = f"Of {len(questions)} questions, {count} can be answered from the book today.\n"
    parts = [INTRODUCTION, summary, "\n".join(table) + "\n"] if questions else [INTRODUCTION, EMPTY]
    (root / QUESTIONS_PAGE).write_text("\n".join(parts), "utf-8")


def _row(each: Question, lesson: Lesson | None) -> str:
    where, by = label(each.notebook), TO_COME
    if lesson is not None:
        page = f"{each.notebook}.ipynb"
        where = f"[{where}]({page})"
        anchors = [(exercise, _anchor(lesson, exercise)) for exercise in each.exercises]
        by = ", ".join(f"[`{exercise}`]({page}#{anchor})" for exercise, anchor in anchors)
    return f"| {each.id} | {each.question.replace('|', '&#124;')} | {where} | {by} |"


def _anchor(lesson: Lesson, exercise: str) -> str:
    """The anchor of the heading that an exercise stands under.

    Raises:
        SixRoundsError: the lesson has no such exercise, or nothing above it is a heading.
    """
    places = {one.id: one.line for one in lesson.exercises}
    places |= {one.id: one.line for one in lesson.written}
    above = lesson.text.splitlines()[: places.get(exercise, 0)]
    headings = [match[2] for text in above if (match := HEADING.match(text))]
    if not headings:
        known = ", ".join(places)
        raise SixRoundsError(
            f"{LIST}: {exercise} is no exercise of {lesson.key}, which has {known}; mend the list"
        )
    return slug(headings[-1])


def slug(title: str) -> str:
    """The anchor that MyST gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
