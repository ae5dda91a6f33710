"""The palette of all plots, held against both grounds and every kind of color vision."""

import itertools
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from numpy.typing import NDArray

from sixrounds import plots
from sixrounds.paths import find_root

Color = NDArray[np.float64]  # red, green and blue in sRGB, each from 0 to 1

ROOT = find_root(Path(__file__).parent)
WHITE = np.ones(3)
DARK_PAGE = np.full(3, 0x12 / 255)  # --pst-color-background of sphinx-book-theme
# What a person without one kind of cones sees, in linear RGB (Machado and others, 2009).
VISION = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "no green cones": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "no blue cones": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# hue-rotate(180deg) of the Filter Effects specification.
HALF_TURN = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])


def color(text: str) -> Color:
    """A color written like #0072B2."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def linear(shown: Color) -> Color:
    """sRGB to linear RGB."""
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colors by WCAG 2, from 1 to 21."""
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def in_the_dark(light: Color) -> Color:
    """What the style sheet makes of a figure's color: inverted, turned, screened on the page."""
    turned = np.clip(HALF_TURN @ (1 - light), 0, 1)
    return 1 - (1 - turned) * (1 - DARK_PAGE)


def lab(shown: Color) -> Color:
    """CIELAB, in which a distance of 2 is just seen."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ linear(shown) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def seen_by(shown: Color, cones: str) -> Color:
    """A color as a person sees it."""
    mixed = np.clip(VISION[cones] @ linear(shown), 0, 1)
    return np.where(mixed <= 0.0031308, mixed * 12.92, 1.055 * mixed ** (1 / 2.4) - 0.055)


def closest(colors: list[Color], cones: str) -> float:
    """The distance of the two colors that are hardest to tell apart."""
    seen = [lab(seen_by(each, cones)) for each in colors]
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))


def test_every_color_stands_out_in_both_themes() -> None:
    """If this fails, a line of a plot can hardly be seen on white, or on the dark pages."""
    for each in map(color, plots.PALETTE):
        assert contrast(each, WHITE) >= 3
        assert contrast(in_the_dark(each), DARK_PAGE) >= 3
    for gray in (color("#000000"), color("#808080")):
        assert contrast(gray, WHITE) >= 3
        assert contrast(in_the_dark(gray), DARK_PAGE) >= 3


@pytest.mark.parametrize("cones", VISION)
def test_colors_are_told_apart_by_every_color_vision(cones: str) -> None:
    """If this fails, one man in twelve sees two groups of a plot as one."""
    light = [color(each) for each in plots.PALETTE]
    assert closest(light, cones) >= 10
    assert closest([in_the_dark(each) for each in light], cones) >= 10


def test_a_bad_palette_is_caught() -> None:
    """If this fails, the two tests above would pass for any colors; these are matplotlib's own."""
    orange, green, red = color("#ff7f0e"), color("#2ca02c"), color("#d62728")
    assert contrast(orange, WHITE) < 3
    assert closest([green, red], "no red cones") < 40 < closest([green, red], "all cones")
    assert closest([color("#0072b2"), color("#0074b4")], "all cones") < 10
    assert np.allclose(in_the_dark(WHITE), DARK_PAGE)


def test_the_style_sheet_does_what_was_computed() -> None:
    """If this fails, the dark theme shows other colors than those that were tested."""
    sheet = (ROOT / "book/_static/six_rounds.css").read_text("utf-8")
    assert f"filter: {plots.IN_THE_DARK};" in sheet
    assert "mix-blend-mode: screen;" in sheet


def test_a_plot_gets_the_palette() -> None:
    """If this fails, notebooks show matplotlib's own colors again."""
    with mpl.rc_context():
        plots.use_style()
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
        assert tuple(cycle) == plots.PALETTE
        assert mpl.rcParams["figure.facecolor"] == "white"


def test_importing_the_package_does_not_need_matplotlib() -> None:
    """If this fails, a learner without matplotlib cannot even import what a drill needs."""
    code = "import sys, sixrounds, sixrounds.plots; print('matplotlib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_every_notebook_with_plots_uses_the_style_and_no_color_of_its_own() -> None:
    """If this fails, a plot has colors that nobody tested."""
    allowed = ('color="gray"', 'color="C0"', 'color="C1"', 'color="C2"', 'color="C3"', 'color="k"')
    allowed += ('color=f"C{',)  # of a number that the cell chooses
    allowed += ('color="w"',)  # text on a colored cell
    for source in sorted((ROOT / "solutions").rglob("*.py")):
        text = source.read_text("utf-8")
        if "matplotlib" not in text.replace("numpy and matplotlib for the plots", ""):
            continue
        assert "plots.use_style()" in text, f"{source}: call plots.use_style() first"
        for line in text.splitlines():
            if line.lstrip().startswith(("ax.", "fig", "plt.")) and "color=" in line:
                assert any(each in line for each in allowed), f"{source}: {line}"
