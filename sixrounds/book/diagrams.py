"""Sphinx extension for Mermaid diagrams that need no other host and follow the reader's theme.

A diagram is a fence that JupyterLab and GitHub draw as well:

    ```mermaid
    flowchart TB
      accTitle: what stands below it
      accDescr: what a person is told who does not see it
      a[one box] --> b[another]
    ```

Both lines are Mermaid's own, and both are asked for. The library is loaded only by pages that have
a diagram. It comes with the package `mermaidx`, of which nothing else is used, and must be, to the
byte, the file that Mermaid published; `diagrams.js` draws with it in the reader's browser.
"""

import hashlib
import re
import shutil
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from sixrounds.errors import SixRoundsError

# dist/mermaid.min.js of mermaid 11.16.0 on npm, which is assets/mermaid.js of mermaidx 0.10.1.
PACKAGE = "mermaidx==0.10.1"
SHA256 = "74d7c46dabca328c2294733910a8aa1ed0c37451776e8d5295da38a2b758fb9b"
# Written to the built book and not to book/_static, which Jupyter Book puts on every page.
FOLDER = Path("mermaid")
LIBRARY, PAINTER = FOLDER / "mermaid.min.js", FOLDER / "diagrams.js"

TITLE = re.compile(r"^\s*accTitle\s*:\s*(\S.*)$", re.MULTILINE)
DESCRIPTION = re.compile(r"^\s*accDescr\s*(?::\s*(\S.*)$|\{([^}]*\S[^}]*)\})", re.MULTILINE)
MENDS = (
    (TITLE, "has no caption; add a line `accTitle: …`"),
    (DESCRIPTION, "says nothing to a person who does not see it; add a line `accDescr: …`"),
)


class diagram(nodes.General, nodes.Element):  # noqa: N801  docutils names nodes like this
    """A diagram with its `code`, its `caption` and its `description`."""


class MermaidDirective(Directive):
    """The fence above; its warning names the line that is missing."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The diagram's node."""
        code = "\n".join(self.content)
        for pattern, mend in MENDS:
            if not pattern.search(code):
                raise self.error(f"a diagram {mend}")
        told = {"caption": _said(TITLE, code), "description": _said(DESCRIPTION, code)}
        return [diagram(code=code, **told)]


def _said(pattern: re.Pattern[str], code: str) -> str:
    found = pattern.search(code)
    return " ".join("".join(filter(None, found.groups())).split()) if found else ""


def visit(translator: Any, node: diagram) -> None:
    """Writes a diagram as its source, which `diagrams.js` replaces by a drawing."""
    translator.body.append(
        '<figure class="diagram align-default">\n<div class="diagram-box">'
        f'<div class="diagram-drawing" role="img" aria-label="{escape(node["description"])}">'
        f"<pre>{escape(node['code'])}</pre></div></div>\n"
        f'<figcaption><p><span class="caption-text">{escape(node["caption"])}</span></p>'
        "</figcaption>\n</figure>\n"
    )
    raise nodes.SkipNode


def library(package: str = PACKAGE, sha256: str = SHA256) -> Path:
    """The file of Mermaid in an installed package.

    Raises:
        SixRoundsError: the package is not installed, or has another file than we know.
    """
    found = find_spec(package.partition("=")[0])
    if found is None or found.origin is None:
        raise SixRoundsError(f"no Mermaid to draw diagrams with; run `pip install {package}`")
    path = Path(found.origin).parent / "assets" / "mermaid.js"
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise SixRoundsError(f"{path}: not the Mermaid we know; run `pip install {package}`")
    return path


def load_painter(
    app: Sphinx,
    _page: str,
    _template: str,
    _context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Gives a page that has a diagram what draws it, and no other page anything."""
    if doctree is None or not any(doctree.findall(diagram)):
        return
    static = Path(app.outdir) / "_static"
    if not (static / LIBRARY).is_file():
        (static / FOLDER).mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(library(), static / LIBRARY)
        except SixRoundsError as error:
            raise ExtensionError(str(error)) from None
        shutil.copyfile(Path(__file__).with_name("diagrams.js"), static / PAINTER)
    for script in (LIBRARY, PAINTER):
        app.add_js_file(script.as_posix(), defer="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """Entry point that Sphinx calls."""
    app.add_node(diagram, html=(visit, None))
    app.add_directive("mermaid", MermaidDirective)
    app.connect("html-page-context", load_painter)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
