"""What stands below the text of each page: when it ran, with what, and how to report an error.

While `[tool.sixrounds]` of pyproject.toml names no repository there is nobody to link to, so the
page says in words what to do. The same holds for a repository whose kind we do not know: a guessed
address would lead nowhere.
"""

from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

from sixrounds.editions.origin import Origin
from sixrounds.errors import SixRoundsError
from sixrounds.run import Ran, noted, read_notebook

# Where a host takes reports, with the parameter that fills in the title.
REPORTS = {
    "github.com": "/issues/new?title=",
    "gitlab.com": "/-/issues/new?issue[title]=",
    "codeberg.org": "/issues/new?title=",
}


def page_note(page: str, ran: Ran | None, found: Origin | None) -> str:
    """The HTML below a page's text.

    Args:
        page: its name, like `book/round2_coding/01_streams`.
        ran: the run whose outputs it shows; None for a page of prose.
        found: the repository; None while none is set.
    """
    lines = [f"<p>{escape(last_run(ran))}</p>"] if ran else []
    return f'<div class="page-note">{"".join(lines)}<p>{report(page, found)}</p></div>\n'


def last_run(ran: Ran) -> str:
    """The day of a run and the versions it ran with."""
    used = ", ".join(f"{name} {version}" for name, version in ran.versions.items())
    return f"Last run on {ran.finished[:10]} with {used}."


def report(page: str, found: Origin | None) -> str:
    """How to report an error on a page, in HTML; a link only where there is somewhere to go."""
    address = report_url(page, found)
    if address:
        return f'<a href="{escape(address)}">Report an error on this page</a>'
    return (
        "An error on this page? Tell the person who gave you this book, and name the page: "
        f"<code>{escape(page)}</code>."
    )


def report_url(page: str, found: Origin | None) -> str | None:
    """The address of a new report; None if there is no repository, or one of a kind unknown."""
    if found is None:
        return None
    parts = urlsplit(found.repository)
    form = REPORTS.get(parts.hostname or "")
    if parts.scheme != "https" or form is None:
        return None
    path = parts.path.rstrip("/").removesuffix(".git")
    return f"https://{parts.hostname}{path}{form}{quote(f'Error in {page}, {found.tag}', safe='')}"


def run_of(root: Path, source: Path) -> Ran:
    """The run whose outputs a notebook's page shows.

    Args:
        root: the project's folder.
        source: the worked notebook, below `root/book`.

    Raises:
        SixRoundsError: it never ran, or nobody noted when.
    """
    executed = root / "build" / "runs" / source.parent.name / source.name
    ran = noted(read_notebook(executed)) if executed.is_file() else None
    if ran is None:
        raise SixRoundsError(f"{source}: nobody noted when it ran; run `sixrounds run --no-cache`")
    return ran
