"""Starts our own processes without what takes them a second to import and none of them uses.

`leave_out()` does it in this process; `python -m sixrounds.imports WHAT …` runs a module or a
program's file so.
"""

import runpy
import sys
from pathlib import Path

# nbformat validates notebooks by jsonschema. Where JupyterLab is installed, that imports a grammar
# of international addresses, for `"format": "iri"`, which no notebook's schema has. jsonschema
# does without it where it is missing.
UNUSED = "rfc3987_syntax"


def leave_out() -> None:
    """Have the package count as missing in this process, unless it is imported already.

    An entry that is None is how Python is told.
    """
    sys.modules.setdefault(UNUSED, None)  # type: ignore[arg-type]


if __name__ == "__main__":
    leave_out()
    del sys.argv[0]
    if Path(sys.argv[0]).is_file():
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
