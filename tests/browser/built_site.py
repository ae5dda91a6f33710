"""What a built book must be on disk: every link leads somewhere, nothing comes from elsewhere.

`Site(root)` reads all pages once. A check yields one `Fault` for each thing that does not hold.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

# Where a page names another file, and which of those a browser fetches without being asked.
REFERENCES = {
    "a": "href",
    "area": "href",
    "audio": "src",
    "embed": "src",
    "form": "action",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
}
HYPERLINKS = {"a", "area"}
LINKS_THAT_ARE_TEXT = {"canonical", "license", "author"}  # rel of a <link> that nothing fetches
JAVASCRIPT = {"", "text/javascript", "module", "application/javascript"}
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
REDIRECTION = re.compile(r"url=(.+)", re.IGNORECASE)
ADDRESS = re.compile(r"\b(?:https?|wss?)://[^\s\"'`<>]+")
FILE_NAME = re.compile(r"^\S*(/|\\|\.(png|svg|jpe?g|gif|webp|avif))\S*$", re.IGNORECASE)
PRINTED_ONLY = "jb-print-docs-body"  # the theme's second title, which no screen shows


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold: where, what, and what to do about it."""

    page: str
    element: str
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.page}: {self.element}: {self.problem}; {self.mend}"


class Site:
    """The pages below a folder, by their path from it; the theme's templates are no pages."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pages: dict[str, BeautifulSoup] = {}
        for path in sorted(root.rglob("*.html")):
            name = path.relative_to(root).as_posix()
            if not name.startswith("_static/"):
                self.pages[name] = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        self._ids: dict[str, set[str]] = {}

    def ids(self, page: str) -> set[str]:
        """What a fragment may name on a page."""
        if page not in self._ids:
            soup = self.pages[page]
            named = {str(tag["name"]) for tag in soup.find_all("a", attrs={"name": True})}
            self._ids[page] = {str(tag["id"]) for tag in soup.find_all(id=True)} | named
        return self._ids[page]

    def leads_to(self, page: str) -> str | None:
        """Where a page sends its reader by itself, as it says that; None if it does not."""
        refresh = self.pages[page].find("meta", attrs={"http-equiv": re.compile("^refresh$", re.I)})
        found = REDIRECTION.search(str(refresh.get("content"))) if refresh else None
        return found.group(1) if found else None

    def problem(self, page: str, url: str) -> str | None:
        """Why a reference from a page within the site leads nowhere; None if it leads somewhere."""
        parts = urlsplit(url)
        if parts.scheme or parts.netloc:
            return None
        if parts.path.startswith("/"):
            return "starts at the root of the host, where the book need not lie"
        here = posixpath.dirname(page)
        target = posixpath.normpath(posixpath.join(here, unquote(parts.path)))
        target = page if not parts.path else target
        if target.startswith(".."):
            return "leaves the book"
        if (self.root / target).is_dir():
            target = posixpath.normpath(f"{target}/index.html")
        if not (self.root / target).is_file():
            return f"there is no {target}"
        fragment = unquote(parts.fragment)
        if fragment and target in self.pages and fragment not in self.ids(target):
            return f"nothing on {target} has the id {fragment}"
        return None


def element(tag: Tag) -> str:
    """A tag as one short line, without what is inside it."""
    given = [f'{name}="{value}"' for name, value in tag.attrs.items() if name != "class"]
    text = " ".join([tag.name, *(" ".join(each.split()) for each in given)])
    return f"<{text[:160]}>"


def broken_links(site: Site) -> Iterator[Fault]:
    """Links, scripts, styles and images of the site that are not there."""
    for page, soup in site.pages.items():
        for tag in soup.find_all(list(REFERENCES)):
            url = str(tag.get(REFERENCES[tag.name]) or "")
            problem = site.problem(page, url) if url else None
            if problem:
                yield Fault(page, element(tag), problem, "correct the link where it is written")
        url = site.leads_to(page) or ""
        problem = site.problem(page, url)
        if problem:
            yield Fault(page, '<meta http-equiv="refresh">', problem, "lead to a page of the book")


def images_without_text(site: Site) -> Iterator[Fault]:
    """Images that say nothing to a person who does not see them."""
    mend = (
        "say what it shows: in a notebook by the cell's mark "
        'mystnb={"image": {"alt": "…"}}, on a page by ![what it shows](file)'
    )
    for page, soup in site.pages.items():
        for image in soup.find_all("img"):
            text = str(image.get("alt") or "").strip()
            if not text:
                yield Fault(page, element(image), "has no alt text", mend)
            elif FILE_NAME.match(text):
                yield Fault(page, element(image), "has a file name for alt text", mend)


def headings_and_titles(site: Site) -> Iterator[Fault]:
    """Pages that do not say, once, what they are."""
    for page, soup in site.pages.items():
        titles = [tag for tag in soup.find_all("h1") if not tag.find_parent(id=PRINTED_ONLY)]
        if len(titles) != 1:
            told = ", ".join(repr(tag.get_text(" ", strip=True)) for tag in titles) or "none"
            mend = "give it one title; further headings start with ## or more"
            yield Fault(page, "<h1>", f"{len(titles)} of them ({told}), not one", mend)
        if not (soup.title and soup.title.get_text(strip=True)):
            yield Fault(page, "<title>", "missing or empty", "start the page with a heading")


def other_hosts(site: Site) -> Iterator[Fault]:
    """What a browser would fetch from another host; links that a reader clicks are no fault."""
    mend = "put the file into the book: pages must work without a network"
    for page, soup in site.pages.items():
        for tag in soup.find_all(True):
            for url in fetched(tag):
                if elsewhere(url):
                    yield Fault(page, element(tag), f"would fetch {url}", mend)
    for path in sorted(site.root.rglob("*.css")):
        name = path.relative_to(site.root).as_posix()
        for url in css_urls(path.read_text("utf-8", errors="replace")):
            if elsewhere(url):
                yield Fault(name, f"url({url})", "another host", mend)
            elif site.problem(name, url):
                told = f"{site.problem(name, url)}"
                yield Fault(name, f"url({url[:80]})", told, "correct the path, or drop the rule")


def fetched(tag: Tag) -> Iterable[str]:
    """What a browser fetches because of a tag."""
    named = REFERENCES.get(tag.name)
    rel = {str(each) for each in tag.get("rel") or ()}
    if named and tag.name not in HYPERLINKS and not rel & LINKS_THAT_ARE_TEXT:
        yield str(tag.get(named) or "")
    for each in str(tag.get("srcset") or "").split(","):
        yield each.strip().partition(" ")[0]
    yield from css_urls(str(tag.get("style") or ""))
    if tag.name == "style":
        yield from css_urls(tag.get_text())
    # What a script does is seen in the browser; an address in its text is reason enough to look.
    if tag.name == "script" and str(tag.get("type") or "").lower() in JAVASCRIPT:
        yield from ADDRESS.findall(tag.get_text())


def css_urls(text: str) -> list[str]:
    """What a style sheet refers to, except what it holds itself."""
    found = [first or second for first, second in CSS_URL.findall(CSS_COMMENT.sub("", text))]
    return [url.strip() for url in found if not url.startswith(("data:", "#"))]


def elsewhere(url: str) -> bool:
    """Whether an address names a host."""
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme in ("http", "https", "ws", "wss", "ftp")
