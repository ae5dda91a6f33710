"""The built pages in a browser: no error, no request elsewhere, no barrier, in either theme."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from built_site import Fault, Site
from in_chromium import COLORS, MODES, PHONE, WIDE, Mode, Reader, Violation
from PIL import Image

from sixrounds.book.toc import pages
from sixrounds.paths import find_root

LIGHT, DARK = Mode("light", WIDE), Mode("dark", WIDE)
# A page of each type; axe-core examines them in all modes, with folded answers unfolded.
TYPES = {
    "home": "book/index.html",
    "prose": "book/how_to_use.html",
    "guide": "book/contributors_guide.html",
    "questions": "book/questions.html",
    "claims": "book/claims.html",
    "attacks": "book/attacks.html",
    "chapter index": "book/round2_coding/index.html",
    "notebook": "book/round2_coding/01_streams_and_inventory.html",
    "status": "book/status.html",
    "search": "search.html?q=inventory",
    "generated index": "genindex.html",
}
NOTEBOOKS = [
    page.with_suffix(".html").as_posix()
    for page in pages(find_root(Path(__file__).parent))
    if page.suffix == ".ipynb"
]
# What opens above a page on a phone, by the button that opens it.
MENUS = {
    "chapters": ".primary-toggle",
    "contents": ".secondary-toggle",
    "search field": ".article-header-buttons .search-button__button",
}


@dataclass(frozen=True)
class Known:
    """A violation of the theme that we cannot mend: the rule, a part of the element, and why."""

    rule: str
    part: str
    reason: str


KNOWN: tuple[Known, ...] = ()  # all that axe-core found so far could be mended

Examine = Callable[[str, Mode], list[Violation]]


@pytest.fixture(scope="module")
def examine(reader: Reader, built: Site) -> Examine:
    """What axe-core finds on a type of page in a mode; looked at once, however often asked."""
    seen: dict[tuple[str, Mode], list[Violation]] = {}

    def once(kind: str, mode: Mode) -> list[Violation]:
        if (kind, mode) not in seen:
            name = TYPES[kind].partition("?")[0]
            assert name in built.pages, f"{name}: not in the book; name another page in TYPES"
            tab, _ = reader.open(TYPES[kind], mode)
            seen[kind, mode] = reader.examine(f"{TYPES[kind]} ({mode})", tab)
        return seen[kind, mode]

    return once


def is_known(violation: Violation, known: Known) -> bool:
    """Whether an entry of the table is about a violation."""
    return violation.rule == known.rule and known.part in violation.element


def complain(faults: list[Fault]) -> None:
    """Fail with a line for each fault."""
    if faults:
        lines = [f"{len(faults)} fault(s)", *(str(fault) for fault in faults)]
        pytest.fail("\n".join(lines), pytrace=False)


def ours(violations: list[Violation], known: tuple[Known, ...] = KNOWN) -> list[Fault]:
    """The violations that the table does not excuse."""
    return [each for each in violations if not any(is_known(each, one) for one in known)]


def out_of_date(violations: list[Violation], known: tuple[Known, ...] = KNOWN) -> list[str]:
    """The entries of the table that excuse nothing."""
    return [
        f"{one.rule} at {one.part} no longer occurs; remove it from KNOWN"
        for one in known
        if not any(is_known(each, one) for each in violations)
    ]


def test_every_page_opens_without_error_and_without_other_hosts(
    reader: Reader, built: Site
) -> None:
    """A page would be broken for its reader, or tell another host who reads it."""
    faults: list[Fault] = []
    for name in built.pages:
        tab, found = reader.open(name, LIGHT, built.leads_to(name) or "")
        faults += [*found, *reader.sideways(name, tab)]
    complain(faults)


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("kind", TYPES)
def test_each_type_of_page_is_accessible(examine: Examine, kind: str, mode: Mode) -> None:
    """A reader with a screen reader, a keyboard or weak eyes could not use such a page."""
    complain(ours(examine(kind, mode)))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_notebook_is_accessible(reader: Reader, built: Site, name: str) -> None:
    """A notebook could have colors or tables of its own that some readers cannot read."""
    assert name in built.pages, f"{name}: not in the book; run `sixrounds book`"
    complain(ours(reader.in_both_themes(name)))


@pytest.mark.parametrize("menu", MENUS)
@pytest.mark.parametrize("mode", [Mode("light", PHONE), Mode("dark", PHONE)], ids=str)
def test_what_opens_above_a_page_on_a_phone_is_accessible(
    reader: Reader, mode: Mode, menu: str
) -> None:
    """A reader with a phone could not find the other pages, and no other test opens these."""
    tab, _ = reader.open(TYPES["notebook"], mode)
    tab.evaluate("document.querySelector('article').remove()")  # another test looks at that
    tab.click(MENUS[menu])
    tab.wait_for_selector("dialog[open]")
    tab.wait_for_timeout(300)  # it slides in, and axe measures colors while it does
    complain(ours(reader.examine(f"{menu} ({mode})", tab)))


def test_the_table_of_known_violations_is_up_to_date(examine: Examine) -> None:
    """An excuse would outlive its reason, and hide a new violation of ours."""
    found = [each for kind in TYPES for mode in MODES for each in examine(kind, mode)]
    assert out_of_date(found) == []


def test_diagrams_are_drawn_in_the_theme_and_again_when_it_is_switched(
    reader: Reader, built: Site
) -> None:
    """A diagram would stay source code, keep colors of the other theme, or be too small to read."""
    drawn = [name for name, soup in built.pages.items() if soup.select(".diagram-box")]
    assert drawn, "no page has a diagram: name one that has, or drop the diagrams' code"
    told = """() => [...document.querySelectorAll(".diagram-box")].map((box) => {
      const svg = box.querySelector("svg[aria-hidden]"), node = svg?.querySelector(".node rect");
      const scale = svg && svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      const reached = box.scrollWidth <= box.clientWidth || box.tabIndex === 0;
      const fill = node && getComputedStyle(node).fill;
      return { theme: box.dataset.drawn, scale, reached, fill };
    })"""
    fills = {}
    for name in drawn:
        for theme in ("light", "dark"):
            tab, faults = reader.open(name, Mode(theme, PHONE))
            complain(faults)
            fills[theme] = {each["fill"] for each in tab.evaluate(told)}
        reader.switch(tab, "light")
        boxes = tab.evaluate(told)
        reader.switch(tab, "dark")
        assert {each["fill"] for each in boxes} == fills["light"] != fills["dark"], name
        for box in boxes:
            assert box["theme"] == "light", f"{name}: {box}"
            assert box["scale"] >= 0.74, f"{name}: letters below 12 px on a phone: {box}"
            assert box["reached"], f"{name}: scrolls, but not by keys: {box}"


def test_a_diagram_that_cannot_be_drawn_is_seen(
    bad_reader: Reader, built: Site, tmp_path: Path
) -> None:
    """A mistake in a diagram would reach the readers, who see an empty place."""
    scripts = built.root / "_static/mermaid"
    for name in ("mermaid.min.js", "diagrams.js"):
        (tmp_path / name).write_bytes((scripts / name).read_bytes())
    box = '<div class="diagram-box"><div class="diagram-drawing"><pre>{}</pre></div></div>'
    load = "<script src='mermaid.min.js'></script><script src='diagrams.js'></script>"
    bodies = {"good": box.format("flowchart TB\na-->b"), "bad": box.format("flowchart TB\na--")}
    for name, body in bodies.items():
        (tmp_path / f"{name}.html").write_text(PAGE + body + load)
    tab, faults = bad_reader.open("good.html", LIGHT)
    complain(faults)
    tab.wait_for_selector("svg[aria-hidden] .node")
    tab, faults = bad_reader.open("bad.html", LIGHT)
    tab.wait_for_selector(".not-drawn")
    assert tab.locator("pre").inner_text() == "flowchart TB\na--"
    assert "console: diagram 1 of this page: Parse error" in str(faults[0])


def test_figures_have_the_ground_of_their_page_in_both_themes(reader: Reader) -> None:
    """Each figure would be a glaring card on a dark page, or a page would hide its letters."""
    for mode, ground in ((LIGHT, (255, 255, 255)), (DARK, (18, 18, 18))):
        tab, _ = reader.open(NOTEBOOKS[0], mode)
        image = Image.open(io.BytesIO(tab.locator("div.cell_output img").first.screenshot()))
        pixels = image.convert("RGB").getcolors(image.width * image.height)
        assert pixels
        count, most = max(pixels)
        assert all(abs(a - b) <= 2 for a, b in zip(most, ground, strict=True)), (mode, most)
        assert count > 0.5 * image.width * image.height
        wide, high = image.size
        assert 1.6 < wide / high < 2.1, f"{image.size}: not the proportions it was made in"


def test_search_shows_the_words_it_found(reader: Reader) -> None:
    """A reader would get a list of titles with dots below them."""
    tab, faults = reader.open("search.html?q=inventory", LIGHT)
    complain(faults)
    lines = tab.locator("#search-results li p.context").all_inner_texts()
    assert lines
    assert all(len(line) > 60 for line in lines), lines
    assert any("inventory" in line.lower() for line in lines), lines


BAD = [
    ('<script>console.error("oh")</script>', "bad.html:2: error in the console: oh; mend the"),
    ('<script>console.warn("hm")</script>', "bad.html:2: warning in the console: hm; mend the"),
    ("<script>gone()</script>", "a script: stopped with gone is not defined"),
    ('<script src="gone.js"></script>', "gone.js is answered by 404; correct the path"),
    ('<script>fetch("gone.json")</script>', "fetch: http"),
    (
        '<script>fetch("http://cdn.example/x.json").catch(() => 0)</script>',
        "fetch: a request to another host: http://cdn.example/x.json; put the file into the book",
    ),
    ('<html data-theme="dark">', "<html>: is in the dark theme for a reader whose system is light"),
]
PAGE = '<!DOCTYPE html><html lang="en"><title>Bad</title><link rel="icon" href="data:,">\n'


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_page_is_seen(bad_reader: Reader, tmp_path: Path, text: str, message: str) -> None:
    """Errors, requests elsewhere or the wrong theme would go unnoticed on every page."""
    page = PAGE.replace('<html lang="en">', text) if text.startswith("<html") else PAGE + text
    (tmp_path / "bad.html").write_text(page)
    _, faults = bad_reader.open("bad.html", LIGHT)
    assert faults
    assert all(fault.page == "bad.html" for fault in faults)
    assert any(message in str(fault) for fault in faults), [str(fault) for fault in faults]


def test_a_wide_page_is_seen(bad_reader: Reader, tmp_path: Path) -> None:
    """A page that scrolls sideways on a phone would go unnoticed."""
    text = '<div style="overflow-x: auto"><p style="width: 2000px">x</p></div>'
    (tmp_path / "good.html").write_text(PAGE + text)
    (tmp_path / "bad.html").write_text(f'{PAGE}{text}<pre id="w" style="width: 800px">x</pre>')
    tab, _ = bad_reader.open("good.html", LIGHT)
    assert bad_reader.sideways("good.html", tab) == []
    tab, _ = bad_reader.open("bad.html", LIGHT)
    [fault] = bad_reader.sideways("bad.html", tab)
    assert str(fault).startswith('bad.html: <pre id="w"')
    assert "wider than a window of 390 px; shorten it" in str(fault)


def test_a_violation_is_seen_and_an_excuse_for_it_expires(
    bad_reader: Reader, tmp_path: Path
) -> None:
    """Pages with barriers would pass, or a table of excuses would only ever grow."""
    dim = '<p id="dim" style="color: #ccc; background: #fff">faint words</p>'
    body = f'<main><h1>Bad</h1>{dim}<img src="data:,"><details><summary></summary>x</details>'
    (tmp_path / "bad.html").write_text(PAGE + body)
    tab, _ = bad_reader.open("bad.html", LIGHT)
    found = bad_reader.examine("bad.html (light)", tab)
    assert {each.rule for each in found} == {"color-contrast", "image-alt", "summary-name"}
    [line] = [str(each) for each in found if each.rule == "color-contrast"]
    assert line.startswith('bad.html (light): #dim <p id="dim"')
    assert "insufficient color contrast of 1.6" in line
    assert line.endswith("; Elements must meet minimum color contrast ratio thresholds")

    excuse = Known("color-contrast", "#dim", "only an example")
    assert {str(each) for each in found} - {str(each) for each in ours(found, (excuse,))} == {line}
    assert out_of_date(found, (excuse,)) == []
    old = Known("color-contrast", "#gone", "it was there once")
    [told] = out_of_date(found, (excuse, old))
    assert told == "color-contrast at #gone no longer occurs; remove it from KNOWN"


def test_thinning_a_page_hides_no_violation(bad_reader: Reader, tmp_path: Path) -> None:
    """A notebook with faint words in its code would pass, since only some of them are examined."""
    words = "".join(f'<span class="k">word{n}</span> ' for n in range(50))
    faint = '<span class="k" style="color: #ccc">faint</span><span class="c">comment</span>'
    style = "<style>.c { color: #bbb }</style>"
    body = f'{style}<main><h1>Bad</h1><div class="cell"><pre>{words}{faint}</pre></div></main>'
    (tmp_path / "bad.html").write_text(PAGE + body)
    tab, _ = bad_reader.open("bad.html", LIGHT)
    found = bad_reader.examine("bad.html", tab, only=COLORS)
    assert tab.locator("pre span").count() == 3
    assert "word49" in tab.locator("pre").inner_text()
    assert {each.rule for each in found} == {COLORS}
    assert [each.element.rpartition(">")[0].rpartition(">")[2] for each in found] == [
        "faint</span",
        "comment</span",
    ]


def test_without_chromium_the_reason_names_the_command(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """The tests would be skipped without a word, or CI would be green without them."""
    conftest = request.config.pluginmanager.get_plugin(str(Path(__file__).with_name("conftest.py")))
    assert conftest
    monkeypatch.setenv("CI", "false")
    with pytest.raises(pytest.skip.Exception, match="no Chromium; run `make chromium`"):
        conftest.give_up("no Chromium; run `make chromium`")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"run `make chromium` \(CI=true"):
        conftest.give_up("no Chromium; run `make chromium`")
