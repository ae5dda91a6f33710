"""Where learners outside of a clone get the package: one setting, empty until it is known.

`[tool.sixrounds]` of pyproject.toml holds `repository` (a URL that git can clone) and `tag`. While
the repository is empty no notebook has an install cell and no page a Colab button.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from sixrounds.editions import marks
from sixrounds.editions.notebook import RawCell, code
from sixrounds.errors import SixRoundsError

INSTALL_ID = "install"
TEMPLATE = """\
# Installs Six Rounds where it is missing, as in Colab; does nothing elsewhere.
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("sixrounds") is None:
    source = "git+{repository}@{tag}"
    command = [sys.executable, "-m", "pip", "install", "--quiet", source]
    subprocess.run(command, check=True)"""


@dataclass(frozen=True)
class Origin:
    """A repository and the release in it that the notebooks belong to."""

    repository: str
    tag: str


def origin(root: Path) -> Origin | None:
    """The project's origin; None while no repository is set.

    Raises:
        SixRoundsError: a repository without a tag, or something that is no URL.
    """
    path = root / "pyproject.toml"
    if not path.is_file():
        return None
    settings = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("sixrounds", {})
    repository, tag = str(settings.get("repository", "")), str(settings.get("tag", ""))
    if not repository:
        return None
    if not repository.startswith(("https://", "file://")):
        raise SixRoundsError(
            f"{path}: repository {repository!r} is no https:// or file:// URL; mend it in "
            "[tool.sixrounds]"
        )
    if not tag:
        raise SixRoundsError(
            f"{path}: a repository without a tag; set `tag` in [tool.sixrounds], so that a "
            "notebook always gets the release it was made with"
        )
    return Origin(repository, tag)


def install_cell(found: Origin) -> RawCell:
    """The first cell of a learner's notebook."""
    text = TEMPLATE.format(repository=found.repository, tag=found.tag)
    return code(text, INSTALL_ID, nbgrader=marks.meta(INSTALL_ID))
