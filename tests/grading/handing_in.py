"""What tests need to hand in notebooks, right, wrong and damaged."""

import json
from pathlib import Path

from sixrounds.grading.cohort import Quiet
from sixrounds.source import Lesson

CHAPTER = "round2_coding"
SCRIPT = "<script>alert(1)</script>"


def mistake(lessons: dict[str, Lesson], topic: str, exercise: str, name: str) -> str:
    """The code of a known mistake."""
    return next(
        one.source for one in lessons[topic].exercise(exercise).mistakes if one.name == name
    )


def put(folder: Path, student: str, topic: str, content: str) -> Path:
    """Hand in a notebook."""
    path = folder / "submitted" / student / CHAPTER / f"{topic}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def without(text: str, *grade_ids: str) -> str:
    """A notebook's text with cells deleted."""
    content = json.loads(text)
    content["cells"] = [
        cell
        for cell in content["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") not in grade_ids
    ]
    return json.dumps(content)


class Heard(Quiet):
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.total = 0
        self.steps = 0

    def begin(self, total: int) -> None:
        """So many notebooks have to be graded."""
        self.total = total

    def step(self) -> None:
        """One is graded."""
        self.steps += 1

    def say(self, line: str) -> None:
        """Of a notebook, or of what is passed over."""
        self.lines.append(line)
