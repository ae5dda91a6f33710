"""The page a learner gets back: their answers, the tests they could see, and what we say of them.

It is made from the learner's edition, which has no hidden tests, and from the submission's source,
never its outputs. All of the learner's text is escaped, and the page's own policy lets it run no
script and load nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import RawCell
from sixrounds.editions.render import learner
from sixrounds.grading.autograded import answers_of, own_cells
from sixrounds.grading.late import Late
from sixrounds.grading.markdown import html
from sixrounds.grading.plan import Plan
from sixrounds.grading.submission import Submission
from sixrounds.grading.verdict import Status, Verdict
from sixrounds.source import Lesson

WAITING = (Status.MANUAL, Status.UNSUPPORTED)


@dataclass
class Section:
    """One exercise of the page, with the lesson that came before it."""

    verdict: Verdict
    lesson: list[Markup]
    question: Markup
    own: list[Markup]
    answer: Markup
    tests: list[Markup] = field(default_factory=list)


def page(
    lesson: Lesson,
    plan: Plan,
    submission: Submission,
    verdicts: Sequence[Verdict],
    student: str,
    assignment: str,
    late: Late = Late(),  # noqa: B008  frozen
) -> str:
    """The HTML of one graded notebook.

    Args:
        lesson: for its learner's edition.
        plan: of the lesson.
        submission: what was handed in; if it could not be read the page says why, and no more.
        verdicts: one per exercise.
        student: their id.
        assignment: its name.
        late: how late it was handed in, and what that costs.
    """
    by_id = {verdict.exercise: verdict for verdict in verdicts}
    sections = [] if submission.problem else list(sections_of(lesson, plan, submission, by_id))
    return template().render(
        title=title_of(lesson),
        student=student,
        assignment=assignment,
        topic=lesson.topic,
        problem=submission.problem,
        verdicts=verdicts,
        late=late,
        delay=delay(late.seconds),
        score=sum(verdict.score for verdict in verdicts) - late.penalty,
        full=sum(verdict.max_score for verdict in verdicts),
        sections=sections,
        css=[colors("default"), colors("github-dark")],
        mood=mood,
    )


def sections_of(
    lesson: Lesson, plan: Plan, submission: Submission, by_id: dict[str, Verdict]
) -> Iterator[Section]:
    """The exercises in order, each with its question, answer and visible tests."""
    filled = fill(learner(lesson), answers_of(plan, submission))
    helpers = own_cells(plan, submission)
    before: list[RawCell] = []
    section: Section | None = None
    for cell in filled["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("solution"):
            if section is not None:
                yield section
            name = meta["grade_id"]
            asked = before.pop() if before and before[-1]["cell_type"] == "markdown" else None
            section = Section(
                verdict=by_id[name],
                lesson=[shown(one) for one in before],
                question=shown(asked) if asked else Markup(""),
                own=[python(text) for text in helpers.get(name, [])],
                answer=words(cell) if cell["cell_type"] == "markdown" else shown(cell),
            )
            before = []
        elif section is not None and meta.get("grade"):
            section.tests.append(shown(cell))
        elif section is not None and meta.get("grade_id") == f"rubric-{section.verdict.exercise}":
            section.question += shown(cell)
        else:
            before.append(cell)
    if section is not None:
        yield section


def shown(cell: RawCell) -> Markup:
    """A cell of ours, or a learner's code."""
    text = "".join(cell["source"])
    return html(text) if cell["cell_type"] == "markdown" else python(text)


@lru_cache(maxsize=512)  # a class has the same tests and stubs
def python(text: str) -> Markup:
    """Code with its colors; pygments escapes it."""
    return Markup(highlight(text, PythonLexer(), HtmlFormatter(cssclass="code")))


def words(cell: RawCell) -> Markup:
    """A learner's written answer as they typed it: Markdown could hold any HTML."""
    return Markup('<pre class="words">{}</pre>').format(escape("".join(cell["source"])))


def title_of(lesson: Lesson) -> str:
    """The lesson's first heading."""
    first = lesson.cells[0].source.split("\n")[0]
    return first.lstrip("# ") if first.startswith("# ") else lesson.topic


def delay(seconds: float) -> str:
    """A time in the largest unit that says it well."""
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def mood(verdict: Verdict) -> str:
    """The class of a verdict's box."""
    if verdict.score >= verdict.max_score:
        return "good"
    return "waiting" if verdict.status in WAITING else "open"


@cache
def colors(style: str) -> Markup:
    """The style sheet of one set of code colors."""
    formatter: Any = HtmlFormatter(style=style)
    return Markup(formatter.get_style_defs(".code"))


@cache
def template() -> Template:
    """The page's template; everything not made here is escaped."""
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["points"] = lambda value: f"{value:g}"
    return environment.get_template("feedback.html.j2")
