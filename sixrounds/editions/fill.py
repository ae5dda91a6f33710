"""A learner's notebook with answers written into it, as a learner would hand it in."""

import copy
from collections.abc import Mapping

from sixrounds.editions.notebook import Notebook


def fill(released: Notebook, answers: Mapping[str, str]) -> Notebook:
    """A copy of a released notebook whose answer cells hold the given code, by grade id."""
    filled = copy.deepcopy(released)
    for cell in filled["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("solution") and meta["grade_id"] in answers:
            cell["source"] = answers[meta["grade_id"]].splitlines(keepends=True)
    return filled
