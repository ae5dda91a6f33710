"""Sphinx extension of the book; Jupyter Book loads it by name from `_config.yml`.

- The role {claim}`id` cites a row of `book/claims.csv`.
- Below each page stand how to report an error and, for a notebook, when it ran and with what.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from sixrounds.book.citation import ClaimRole
from sixrounds.book.claims import read_claims
from sixrounds.book.footnote import page_note, run_of
from sixrounds.editions.origin import origin
from sixrounds.errors import SixRoundsError


def load_claims(app: Sphinx) -> None:
    """Reads the table once, for the role; it is part of no page's own source."""
    try:
        # Sphinx keeps one environment per build, and roles see nothing else.
        app.env.six_rounds_claims = read_claims(Path(app.srcdir))  # type: ignore[attr-defined]
    except SixRoundsError as error:
        raise ExtensionError(str(error)) from None


def add_page_note(
    app: Sphinx,
    page: str,
    _template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Puts the note below a page's text; pages that Sphinx makes itself, like search, have none."""
    if doctree is None or "body" not in context:
        return
    root = Path(app.srcdir)
    source = Path(app.env.doc2path(page))
    try:
        ran = run_of(root, source) if source.suffix == ".ipynb" else None
        context["body"] += page_note(page, ran, origin(root))
    except SixRoundsError as error:
        raise ExtensionError(str(error)) from None


def setup(app: Sphinx) -> dict[str, bool]:
    """Entry point that Sphinx calls."""
    app.add_role("claim", ClaimRole())
    app.connect("builder-inited", load_claims)
    app.connect("html-page-context", add_page_note)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
