"""One look for all plots, readable on white, on the book's dark pages, and with any color vision.

    from sixrounds import plots

    plots.use_style()

A figure has a white ground of its own, so that it reads the same in Jupyter, in Colab and on paper.
In the dark theme the book's style sheet turns lightness over and keeps the hues; `IN_THE_DARK` is
what it does to a color. The colors are the first of Okabe and Ito ("Color universal design", 2008)
that stand out 3 to 1 on both grounds. Black ("k") is for what is true or observed, gray for aids.

Needs matplotlib, but only when a style is asked for.
"""

import sys

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE)
# The filter of `div.cell_output img` in book/_static/six_rounds.css.
IN_THE_DARK = "invert(1) hue-rotate(180deg)"

# Letters are large in proportion, since a phone shows a figure at half its size.
STYLE = {
    "figure.figsize": (5.6, 3.2),
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 11.0,
    "axes.titlesize": 12.0,
    "legend.fontsize": 10.0,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
}


def use_style() -> None:
    """Give every later figure of this process the book's colors, sizes and sharpness.

    Raises:
        ImportError: there is no matplotlib.
    """
    from cycler import cycler  # noqa: PLC0415  comes with matplotlib
    from matplotlib import style  # noqa: PLC0415  not needed by every notebook

    style.use({**STYLE, "axes.prop_cycle": cycler(color=PALETTE)})
    if "ipykernel" in sys.modules:
        # Twice the pixels at the same size: sharp letters on the screens people have.
        from matplotlib_inline import backend_inline  # noqa: PLC0415

        backend_inline.set_matplotlib_formats("retina")  # type: ignore[no-untyped-call]
