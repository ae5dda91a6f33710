"""The built pages without a browser: each check on the book, and on a page that breaks it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from built_site import (
    Fault,
    Site,
    broken_links,
    headings_and_titles,
    images_without_text,
    other_hosts,
)

Check = Callable[[Site], Iterator[Fault]]

GOOD = """\
<!DOCTYPE html><html lang="en"><head><title>Good</title>
<link rel="stylesheet" href="a.css"><link rel="canonical" href="https://example.org/"></head>
<body><div id="jb-print-docs-body"><h1>Good</h1></div>
<h1 id="top">Good</h1><a href="#top">up</a> <a href="?q=1#">here</a> <a href="sub/">below</a>
<a href="https://example.org/">a site</a> <a href="mailto:a@example.org">write</a>
<img src="a%20b.png" alt="The balance of a part, below zero after an hour">
<img src="data:image/png;base64,AA==" alt="A dot"></body></html>
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site without a fault."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "page.html").write_text(GOOD)
    (tmp_path / "sub" / "index.html").write_text(GOOD.replace('href="sub/"', 'href="../page.html"'))
    for folder in (tmp_path, tmp_path / "sub"):
        (folder / "a.css").write_text('/* url(gone.png) */ a { background: url("a b.png") }')
        (folder / "a b.png").touch()
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "template.html").write_text("no page, but a theme's template")
    return tmp_path


def complain(faults: Iterator[Fault]) -> None:
    """Fail with a line for each fault."""
    lines = [str(fault) for fault in faults]
    if lines:
        pytest.fail("\n".join([f"{len(lines)} fault(s)", *lines]), pytrace=False)


def test_every_link_and_fragment_leads_somewhere(built: Site) -> None:
    """A reader would click on a link and get an error, or the top of a page instead of its part."""
    complain(broken_links(built))


def test_every_image_says_what_it_shows(built: Site) -> None:
    """A person who does not see a figure would hear nothing, or the name of a file."""
    complain(images_without_text(built))


def test_every_page_has_one_heading_and_a_title(built: Site) -> None:
    """A page could not be told from others in a list of tabs, or its outline would have no root."""
    complain(headings_and_titles(built))


def test_no_page_needs_another_host(built: Site) -> None:
    """A page would look or work differently without a network, and tell others who reads it."""
    complain(other_hosts(built))


@pytest.mark.parametrize(
    "check", [broken_links, images_without_text, headings_and_titles, other_hosts]
)
def test_a_good_site_has_no_fault(site: Path, check: Check) -> None:
    """The checks would be turned off, since they complain of pages that are right."""
    pages = Site(site)
    assert list(pages.pages) == ["page.html", "sub/index.html"]
    assert [str(fault) for fault in check(pages)] == []


BAD = [
    (broken_links, '<a href="gone.html">x</a>', "there is no gone.html"),
    (broken_links, '<a href="sub/index.html#gone">x</a>', "sub/index.html has the id gone"),
    (broken_links, '<a href="#gone">x</a>', "nothing on page.html has the id gone"),
    (broken_links, '<a href="/page.html">x</a>', "starts at the root of the host"),
    (broken_links, '<a href="../page.html">x</a>', "leaves the book"),
    (broken_links, '<img src="gone.png" alt="a part">', "there is no gone.png"),
    (broken_links, '<script src="gone.js"></script>', "there is no gone.js"),
    (broken_links, '<meta http-equiv="Refresh" content="0; url=gone.html">', "no gone.html"),
    (images_without_text, '<img src="a%20b.png">', "has no alt text"),
    (images_without_text, '<img src="a%20b.png" alt=" ">', "has no alt text"),
    (images_without_text, '<img src="a%20b.png" alt="../_images/x.png">', "a file name"),
    (images_without_text, '<img src="a%20b.png" alt="figure_1.svg">', "a file name"),
    (headings_and_titles, "<h1>Another</h1>", "2 of them ('Good', 'Another')"),
    (other_hosts, '<script src="https://cdn.example/x.js"></script>', "https://cdn.example/x.js"),
    (other_hosts, '<script src="//cdn.example/x.js"></script>', "would fetch //cdn.example"),
    (other_hosts, '<script>import("https://cdn.example/y.js")</script>', "cdn.example/y.js"),
    (other_hosts, '<link rel="stylesheet" href="https://cdn.example/x.css">', "x.css"),
    (other_hosts, '<img src="http://cdn.example/x.png" alt="a part">', "x.png"),
    (other_hosts, '<img srcset="a%20b.png 1x, http://cdn.example/x.png 2x">', "x.png"),
    (other_hosts, '<iframe src="https://cdn.example/x"></iframe>', "would fetch"),
    (other_hosts, "<style>@import 'https://cdn.example/f.css';</style>", "f.css"),
    (other_hosts, '<p style="background: url(https://cdn.example/b.png)">x</p>', "b.png"),
]


@pytest.mark.parametrize(("check", "text", "message"), BAD)
def test_a_bad_page_is_told_exactly(site: Path, check: Check, text: str, message: str) -> None:
    """A check would pass whatever the pages hold, or not say where the fault is."""
    page = site / "page.html"
    page.write_text(GOOD.replace("</body>", f"{text}</body>"))
    [fault] = list(check(Site(site)))
    assert fault.page == "page.html"
    assert fault.element.startswith(f"<{text[1:].replace('>', ' ').split()[0]}")
    assert message in str(fault)
    assert fault.mend in str(fault)


def test_a_page_without_heading_or_title_is_told(site: Path) -> None:
    """A page that a template emptied would pass."""
    (site / "page.html").write_text("<html><title> </title><p>Text</p></html>")
    told = [str(fault) for fault in headings_and_titles(Site(site))]
    assert len(told) == 2
    assert told[0].startswith("page.html: <h1>: 0 of them (none), not one; give it one title")
    assert told[1].startswith("page.html: <title>: missing or empty; start the page with")


def test_a_style_sheet_with_another_host_is_told(site: Path) -> None:
    """Fonts would come from elsewhere, which no page shows, or from nowhere."""
    (site / "a.css").write_text("a { src: url(https://fonts.example/f.woff2), url(gone.woff2) }")
    told = [str(fault) for fault in other_hosts(Site(site))]
    assert len(told) == 2
    assert told[0].startswith("a.css: url(https://fonts.example/f.woff2): another host; put the")
    assert told[1].startswith("a.css: url(gone.woff2): there is no gone.woff2; correct the path")
