"""What a late submission costs: by nbgrader's own plugin, as nbgrader_config.py chooses it.

The due date of an assignment and the extension of a student are in the gradebook, where formgrader
and `nbgrader db` set them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config.loader import PyFileConfigLoader

from sixrounds.errors import SixRoundsError

CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class Late:
    """How late a notebook was handed in, and the points that costs."""

    seconds: float = 0.0
    penalty: float = 0.0


class Penalties:
    """The rule of one course.

    Raises:
        SixRoundsError: nbgrader_config.py, or a plugin that it names, cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        try:
            config: Any = {}
            if (folder / CONFIG).is_file():
                config = PyFileConfigLoader(CONFIG, path=str(folder.resolve())).load_config()
            assigner = AssignLatePenalties(config=config) if config else AssignLatePenalties()
            assigner.init_plugin()
        except Exception as error:  # an instructor's own code can raise anything
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise SixRoundsError(
                f"{folder / CONFIG}: cannot be loaded ({said}); mend it, or move it away and run "
                f"`sixrounds course init {folder}`"
            ) from None
        self._plugin = assigner.plugin_inst

    def penalty(self, student: str, score: float, seconds_late: float) -> float:
        """Points to take off a notebook: at least 0, at most its score."""
        if seconds_late <= 0:
            return 0.0
        asked = self._plugin.late_submission_penalty(student, score, seconds_late)
        return 0.0 if asked is None else min(max(float(asked), 0.0), score)
