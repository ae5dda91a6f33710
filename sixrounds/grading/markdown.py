"""Our own Markdown as HTML that needs no script: formulas become MathML, which browsers draw.

For text of lessons only. It may hold HTML, so it must never be a learner's.
"""

from functools import lru_cache

from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class Renderer(IPythonRenderer):
    """nbconvert's, with formulas drawn instead of left to MathJax."""

    def inline_math(self, body: str) -> str:
        """A formula in a line."""
        return self._math(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        """A formula on lines of its own."""
        return self._math(body, "block") or super().block_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        """A formula in an environment, such as `align`."""
        text = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return self._math(text, "block") or super().latex_environment(name, body)

    def _math(self, body: str, display: str) -> str:
        """MathML; "" for what cannot be converted, which stays as it was typed."""
        try:
            made = str(convert(body.strip(), display=display))
        except Exception:  # it raises many kinds, IndexError among them
            return ""
        return "" if "\\" in made else made  # a command it does not know is passed on as text


@lru_cache(maxsize=512)
def html(text: str) -> Markup:
    """The HTML of a Markdown cell; a class has the same lesson, so it is made once."""
    return Markup(MarkdownWithMath(renderer=Renderer(escape=False)).render(text))
