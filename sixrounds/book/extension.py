"""Sphinx extension of the book; Jupyter Book loads it by name from `_config.yml`.

It repairs one fault of the theme: sphinx-thebe 0.3.1 puts its inline script on each page twice,
and the second one stops with "Identifier 'THEBE_JS_URL' has already been declared".
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx


def drop_repeated_scripts(
    _app: Sphinx,
    _page: str,
    _template: str,
    context: dict[str, Any],
    _doctree: nodes.document | None,
) -> None:
    """Keeps the first of several equal scripts of a page."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for script in context.get("script_files", []):
        # An inline script has no file name: None in one copy, "" in the other.
        name = getattr(script, "filename", script) or ""
        key = (str(name), repr(sorted(getattr(script, "attributes", {}).items())))
        if key not in seen:
            seen.add(key)
            kept.append(script)
    if "script_files" in context:
        context["script_files"][:] = kept  # in place: the templates hold on to this list


def setup(app: Sphinx) -> dict[str, bool]:
    """Entry point that Sphinx calls."""
    app.connect("html-page-context", drop_repeated_scripts, priority=900)  # after all that add
    return {"parallel_read_safe": True, "parallel_write_safe": True}
