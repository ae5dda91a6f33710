"""What stock nbgrader needs from us: feedback that gives nothing of the hidden tests away."""

from typing import Any

from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor  # enabled; nbconvert's own base is not

FAILED = "These tests did not pass.\n"


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Drops all outputs of a graded notebook; a failed tests cell says only that it failed.

    Tracebacks quote hidden tests, and an answer can print or plot the data it was called with,
    at once or in any later cell. It runs after `ClearHiddenTests`, which takes out the source.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Called by nbconvert with a notebook of autograded/."""
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            failed = utils.is_grade(cell) and utils.has_failed(cell)
            cell.outputs = []
            if failed:
                cell.outputs.append({"output_type": "stream", "name": "stdout", "text": FAILED})
        return nb, resources
