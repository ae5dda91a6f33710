"""Sphinx extension that mends what the theme and Jupyter Book lack, where no setting reaches.

`book/_templates` and `book/_static` mend the rest, and tests/browser sees that all of it holds.

- Jupyter Book always loads sphinx-thebe, which would run cells on a server elsewhere: each page
  names two other hosts, and its console shows an error.
- The triangles that unfold a chapter in the sidebar have no name for a screen reader.
- A long name in the text, like a path, breaks on a phone at any letter, or not at all in a table.
- The page at the root of the site is a bare redirection, without a title, a link or a language.
"""

import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from bs4 import Tag
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

THEBE = "sphinx_thebe"
LONG_NAME = re.compile(r'(?<=<span class="pre">)[^<]{20,}(?=</span>)')
JOINT = re.compile(r"(?<=\w[/_.,=-])(?=\w)")
FRONT_DOOR = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{icon}">
<meta http-equiv="refresh" content="0; url={page}">
</head>
<body>
<main><h1>{title}</h1><p><a href="{page}">Read the book</a></p></main>
</body>
</html>
"""


def remove_thebe(app: Sphinx, _config: Config) -> None:
    """Takes away all that sphinx-thebe has asked Sphinx to do."""
    for listeners in app.events.listeners.values():
        listeners[:] = [each for each in listeners if each.handler.__module__ != THEBE]
    styles = app.registry.css_files
    styles[:] = [(name, more) for name, more in styles if name != "sphinx-thebe.css"]


def name_triangles(
    _app: Sphinx,
    _page: str,
    _template: str,
    context: dict[str, Any],
    _doctree: nodes.document | None,
) -> None:
    """Puts `with_names` around the theme's function, where a page's template finds it."""
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = with_names(context["generate_toctree_html"])


def with_names(generate: Callable[..., Any]) -> Callable[..., Any]:
    """The function that makes the sidebar's list of pages, so that it names each triangle."""

    def generate_named(*args: Any, **kwargs: Any) -> Any:
        tree = generate(*args, **kwargs)
        if isinstance(tree, Tag):
            links = tree.select("li > a:has(+ details > summary)")
            summaries = tree.select("li > a + details > summary")
            for link, summary in zip(links, summaries, strict=True):
                summary["aria-label"] = f"Pages of {link.get_text(' ', strip=True)}"
        return tree

    return generate_named


def break_names(
    _app: Sphinx,
    _page: str,
    _template: str,
    context: dict[str, Any],
    _doctree: nodes.document | None,
) -> None:
    """Lets the code within a page's sentences break as `with_breaks` says."""
    if "body" in context:
        context["body"] = with_breaks(context["body"])


def with_breaks(body: str) -> str:
    """HTML in which a long name within a sentence may break at joints; copied, it is as before."""
    return LONG_NAME.sub(lambda name: JOINT.sub("<wbr>", name[0]), body)


def write_front_door(app: Sphinx, problem: Exception | None) -> None:
    """Writes the site's `index.html` if no page has that place; it leads to the first page."""
    if problem or app.builder.format != "html" or app.config.root_doc == "index":
        return
    icon = app.config.html_favicon
    text = FRONT_DOOR.format(
        language=app.config.language,
        title=escape(app.config.html_title),
        icon=f"_static/{Path(icon).name}" if icon else "data:,",
        page=app.builder.get_target_uri(app.config.root_doc),
    )
    (Path(app.outdir) / "index.html").write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Entry point that Sphinx calls."""
    app.connect("config-inited", remove_thebe)  # when every extension has been set up
    app.connect("html-page-context", name_triangles, priority=900)  # after the theme
    app.connect("html-page-context", break_names)
    app.connect("build-finished", write_front_door)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
