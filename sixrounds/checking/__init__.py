"""A learner's own check: visible tests and recognized mistakes, with nothing but the package.

check("id")                  in a notebook
check_notebook(path)         a file, from the shell or another room
"""

from sixrounds.checking.check import check_notebook, report
from sixrounds.checking.live import check, load_magic

__all__ = ["check", "check_notebook", "load_magic", "report"]
