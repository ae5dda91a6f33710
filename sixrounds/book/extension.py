"""Sphinx extension of the book; Jupyter Book loads it by name from `_config.yml`.

- The role {claim}`id` cites a row of `book/claims.csv`.
- Below each page stand how to report an error and, for a notebook, when it ran and with what.
- Below the title of a notebook's page stands where to get the learner's edition.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from sixrounds.book.citation import ClaimRole
from sixrounds.book.claims import read_claims
from sixrounds.book.footnote import page_note, run_of
from sixrounds.book.launch import below_title, colab_url, launch_line, offer
from sixrounds.editions.origin import origin
from sixrounds.errors import SixRoundsError

HELP = "book/how_to_use"  # the page that says how a notebook is worked


def load_claims(app: Sphinx) -> None:
    """Reads the table once, for the role; it is part of no page's own source."""
    try:
        # Sphinx keeps one environment per build, and roles see nothing else.
        app.env.six_rounds_claims = read_claims(Path(app.srcdir))  # type: ignore[attr-defined]
    except SixRoundsError as error:
        raise ExtensionError(str(error)) from None


def add_around(
    app: Sphinx,
    page: str,
    _template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Puts our lines around a page's text; pages of Sphinx's own, like search, get none."""
    if doctree is None or "body" not in context:
        return
    root = Path(app.srcdir)
    source = Path(app.env.doc2path(page))
    try:
        found = origin(root)
        ran = run_of(root, source) if source.suffix == ".ipynb" else None
        context["body"] += page_note(page, ran, found)
        if ran:
            copy = offer(source, root, Path(app.outdir))
            line = launch_line(
                context["pathto"](copy.as_posix(), resource=True),
                colab_url(source, found),
                context["pathto"](HELP),
            )
            context["body"] = below_title(context["body"], line)
    except SixRoundsError as error:
        raise ExtensionError(str(error)) from None


def setup(app: Sphinx) -> dict[str, bool]:
    """Entry point that Sphinx calls."""
    app.add_role("claim", ClaimRole())
    app.connect("builder-inited", load_claims)
    app.connect("html-page-context", add_around)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
