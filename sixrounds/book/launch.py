"""What stands below the title of a notebook's page: where to get it without the answers.

The page shows the worked notebook. The learner's edition is copied into the book, so that it can
be downloaded from wherever the book is read. Colab opens notebooks of public repositories on
GitHub, so a link to it is there once `[tool.sixrounds]` of pyproject.toml names one.
"""

from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

from sixrounds.editions.origin import Origin
from sixrounds.errors import SixRoundsError

DOWNLOADS = Path("_downloads")
END_OF_TITLE = "</h1>"
COLAB = "https://colab.research.google.com/github"


def offer(source: Path, root: Path, outdir: Path) -> Path:
    """Copies the learner's edition of a worked notebook into the book; its path from there.

    Raises:
        SixRoundsError: it is not there.
    """
    learner = root / learners(source)
    if not learner.is_file():
        raise SixRoundsError(f"{learner}: not there; run `sixrounds editions`")
    target = DOWNLOADS / source.parent.name / source.name
    (outdir / target).parent.mkdir(parents=True, exist_ok=True)
    (outdir / target).write_bytes(learner.read_bytes())
    return target


def learners(source: Path) -> Path:
    """The learner's edition of a worked notebook, relative to the project's folder."""
    return Path("notebooks") / source.parent.name / source.name


def launch_line(download: str, colab: str | None, help_page: str) -> str:
    """The line in HTML; each argument is an address, and without Colab nothing is said of it."""
    ways = [f'<a href="{escape(download)}" download>download the notebook</a>']
    ways += [f'<a href="{escape(colab)}">open it in Colab</a>'] if colab else []
    return (
        f'\n<p class="launch">To write the answers yourself, {" or ".join(ways)}; '
        f'<a href="{escape(help_page)}">how to use this book</a> says what it needs.</p>'
    )


def colab_url(source: Path, found: Origin | None) -> str | None:
    """Where Colab opens the learner's edition; None unless the repository is one on GitHub."""
    parts = urlsplit(found.repository) if found else None
    if found is None or parts is None or (parts.scheme, parts.hostname) != ("https", "github.com"):
        return None
    repository = parts.path.strip("/").removesuffix(".git")
    return f"{COLAB}/{repository}/blob/{quote(found.tag)}/{quote(learners(source).as_posix())}"


def below_title(body: str, line: str) -> str:
    """A page's HTML with a line below its title; a page without a title stays as it is."""
    return body.replace(END_OF_TITLE, END_OF_TITLE + line, 1)
