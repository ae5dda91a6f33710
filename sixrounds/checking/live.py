"""`sixrounds.check("id")` and `%check id`: the answer as it stands in the running notebook.

Its text comes from IPython's history, since Colab has no file on disk; it is run in a process of
its own, so nothing in the notebook's memory helps it or is changed by it.
"""

from typing import Any

from sixrounds import content
from sixrounds.checking.check import check_answers, report
from sixrounds.checking.recipe import plan_of
from sixrounds.errors import SixRoundsError
from sixrounds.grading.submission import Found, Submission, answers_in
from sixrounds.paths import lesson_key


def check(exercise: str) -> None:
    """Print what the visible tests say of an exercise's answer, as last run in this notebook.

    Raises:
        SixRoundsError: no such exercise, or this is no notebook.
    """
    released = content.notebook_of(exercise)
    recipe = plan_of(lesson_key(released), content.read_released(released))
    cells = history()
    answers = answers_in(cells, recipe)
    if exercise not in answers:
        raise SixRoundsError(f"{exercise}: run the cell that defines it, then check again")
    submission = Submission("this notebook", answers)
    for verdict in check_answers(released, recipe, submission, [exercise]):
        print(report(verdict))


def history() -> list[Found]:
    """The cells run so far, of repeated ones the last, as a notebook's code cells."""
    shell = running_shell()
    inputs = [str(source) for source in shell.user_ns.get("In", [])]
    mine = [source for source in inputs if source.strip() and not is_check(source)]
    last = {source: place for place, source in enumerate(mine)}
    kept = [source for place, source in enumerate(mine) if last[source] == place]
    return [Found("code", source, None, False) for source in kept]


def running_shell() -> Any:
    """IPython's shell.

    Raises:
        SixRoundsError: there is none.
    """
    try:
        from IPython import get_ipython  # noqa: PLC0415  optional: absent outside of notebooks
    except ModuleNotFoundError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        raise SixRoundsError(
            "sixrounds.check works in a notebook; in a shell run `sixrounds check NOTEBOOK`"
        )
    return shell


def is_check(source: str) -> bool:
    """Whether a cell only asks for a check; running it again would never end."""
    return "sixrounds.check(" in source or source.lstrip().startswith("%check")


def load_magic(shell: Any) -> None:
    """Add `%check id` to IPython."""

    def magic(line: str) -> None:
        name = line.strip().strip("\"'")
        try:
            check(name)
        except SixRoundsError as error:
            print(error)

    shell.register_magic_function(magic, "line", "check")
