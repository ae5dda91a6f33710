"""Six Rounds: what a notebook needs at run time, and nothing heavier.

Importing this package must stay fast and free of optional dependencies: it runs in Colab.

    sixrounds.check("id")       what the visible tests say of your answer
    %load_ext sixrounds         then `%check id` does the same
"""

from typing import Any

from sixrounds.placeholder import todo

__version__ = "0.1.0"
__all__ = ["__version__", "check", "load_ipython_extension", "todo"]


def check(exercise: str) -> None:
    """Print what the visible tests say of an exercise's answer in this notebook.

    The answer is taken from the cells run so far and tried in a process of its own. Passing
    means that the public tests passed; grading asks more.
    """
    from sixrounds import checking  # noqa: PLC0415  not needed by every notebook
    from sixrounds.errors import SixRoundsError  # noqa: PLC0415

    try:
        checking.check(exercise)
    except SixRoundsError as error:
        print(error)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext sixrounds` adds `%check`."""
    from sixrounds.checking import load_magic  # noqa: PLC0415

    load_magic(shell)
