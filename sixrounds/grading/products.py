"""The files that come of a graded notebook: formgrader's notebook and the learner's page."""

from collections.abc import Sequence

from sixrounds.editions.notebook import dumps
from sixrounds.grading.autograded import autograded
from sixrounds.grading.feedback import page
from sixrounds.grading.files import write_text
from sixrounds.grading.late import Late
from sixrounds.grading.submission import Submission
from sixrounds.grading.verdict import Verdict
from sixrounds.grading.work import Work


def write_products(
    work: Work,
    submission: Submission,
    verdicts: Sequence[Verdict],
    final: Sequence[Verdict],
    late: Late,
) -> None:
    """Write them.

    Args:
        work: whose.
        submission: what was handed in.
        verdicts: of the grader.
        final: with what people entered.
        late: how late it was, and what that costs.
    """
    notebook = autograded(work.lesson, work.plan, submission, verdicts)
    write_text(work.place("autograded", ".ipynb"), dumps(notebook))
    html = page(work.lesson, work.plan, submission, final, work.student, work.assignment, late)
    write_text(work.place("feedback", ".html"), html)


def are_complete(work: Work) -> bool:
    """Whether what an earlier run wrote is still there."""
    return all(
        work.place(step, suffix).is_file()
        for step, suffix in (("autograded", ".ipynb"), ("feedback", ".html"))
    )
