"""What stock nbgrader needs from us: where the gradebook is, and feedback without hidden tests."""

import json
from pathlib import Path
from typing import Any

from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor  # enabled; nbconvert's own base is not

from sixrounds.grading import database

FAILED = "These tests did not pass.\n"


def gradebook_url(folder: Path) -> str:
    """The URL of a course's gradebook with its password, for nbgrader's configuration."""
    path = folder / ".sixrounds" / "course.json"
    raw = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    url = database.locate(folder, raw.get("database", ""))
    return url.render_as_string(hide_password=False)


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
