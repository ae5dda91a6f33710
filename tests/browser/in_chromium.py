"""Reading pages in Chromium: what the console, the network and axe-core say about each.

A `Reader` opens pages of one site in one browser; each mode (theme and width) has one tab that is
used again for every page. Nothing here knows the book: `test_pages_in_chromium` does.
"""

import functools
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from built_site import Fault
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from sixrounds.doctor import BROWSERS

WIDE, PHONE = (1280, 800), (390, 844)
# Mathematics is typeset, diagrams are drawn, and search results are fetched, after a page has been
# loaded.
SETTLED = """async () => {
  await window.MathJax?.startup?.promise;
  const theme = document.documentElement.dataset.theme;
  const drawing = () => document.querySelector(`.diagram-box:not([data-drawn="${theme}"])`);
  for (let turn = 0; turn < 100 && drawing(); turn++)
    await new Promise((next) => setTimeout(next, 50));
  const results = document.querySelector("#search-results");
  const pending = () => !results.querySelector("li") ||
    [...results.querySelectorAll("li")].some((each) => !each.querySelector("p.context"));
  if (results && new URLSearchParams(location.search).get("q"))
    for (let turn = 0; turn < 100 && pending(); turn++)
      await new Promise((next) => setTimeout(next, 50));
  document.querySelectorAll("article details").forEach((each) => { each.open = true; });
  await new Promise((next) => requestAnimationFrame(next));
  for (const each of document.getAnimations())  // what is still fading in has other colors
    try { each.finish(); } catch { each.cancel(); }
}"""
# The first element that reaches beyond the window, unless something around it scrolls by itself.
BEYOND = """() => {
  if (document.documentElement.scrollWidth <= window.innerWidth) return null;
  const scrolls = (e) => e && e !== document.body &&
    (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  const wide = [...document.body.querySelectorAll("*")].find((e) =>
    e.getBoundingClientRect().right > window.innerWidth + 1 && !scrolls(e.parentElement));
  return wide ? `${wide.outerHTML.split(">")[0]}> ${wide.textContent.slice(0, 60)}` : "<body>";
}"""
# A notebook has thousands of colored words and of mathematical letters, and axe-core measures the
# contrast of each. The first of each look is kept, and of the rest only the text: a tenth of the
# time for the same findings, as a test shows.
THIN = """() => {
  const seen = new Set(), again = [];
  for (const each of document.querySelectorAll("pre span[class], mjx-container")) {
    const { color, backgroundColor } = getComputedStyle(each);
    const around = each.parentElement.closest("div[class]")?.className;
    const look = [each.tagName, each.className, around, color, backgroundColor].join();
    if (seen.has(look)) again.push(each);
    seen.add(look);
  }
  for (const each of again) each.replaceWith(each.tagName === "SPAN" ? each.textContent : "x");
}"""
# The one rule whose findings depend on the theme.
COLORS = "color-contrast"
# axe would fetch style sheets a second time, by their paths from the page and not from the sheet.
AXE = {"resultTypes": ["violations"], "preload": False}


@dataclass(frozen=True)
class Mode:
    """How a page is looked at."""

    theme: Literal["light", "dark"]
    size: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.theme}, {self.size[0]} px"


MODES = tuple(Mode(theme, size) for theme in ("light", "dark") for size in (WIDE, PHONE))


@dataclass(frozen=True)
class Violation(Fault):
    """A fault that axe-core found; `rule` is its name for that."""

    rule: str


@dataclass
class Tally:
    """How much was looked at."""

    opened: int = 0
    examined: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"Chromium opened {self.opened} pages, axe-core examined {self.examined}: "
            f"{self.seconds:.1f} s"
        )


def chromium() -> str | None:
    """The browser of this system, by any of its names."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


class Server(ThreadingHTTPServer):
    """A server that does not talk: a browser may hang up on it, as browsers do."""

    def handle_error(self, *_: Any) -> None:
        """Nothing: what a page did not get is seen in the browser."""


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder, without a log."""

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The address of a folder's files, on a free port, while the context lasts."""
    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class Reader:
    """Opens the pages of a site and says what is wrong with them."""

    def __init__(self, browser: Browser, address: str, tally: Tally) -> None:
        self.address = address
        self._browser = browser
        self._tally = tally
        self._tabs: dict[Mode, Page] = {}
        self._name = ""
        self._left = False  # whether the page leads on by itself
        self._faults: list[Fault] = []

    def open(self, name: str, mode: Mode, then: str = "") -> tuple[Page, list[Fault]]:
        """Open a page in a mode; its tab, and what its console and its requests tell.

        `then` is the page that this one leads to by itself.
        """
        tab = self._tab(mode)
        self._name, self._faults, self._left = name, [], bool(then)
        tab.goto(self.address + name, wait_until="commit" if then else "load")
        if then:
            tab.wait_for_url(self.address + then, wait_until="load")
        tab.evaluate(SETTLED)
        tab.wait_for_timeout(50)  # what the page has just asked for
        self._tally.opened += 1
        theme = tab.evaluate("document.documentElement.dataset.theme")
        if theme not in (None, mode.theme):
            told = f"is in the {theme} theme for a reader whose system is {mode.theme}"
            self._tell("<html>", told, "see book/_templates/layout.html")
        return tab, self._faults

    def examine(self, name: str, tab: Page, *, only: str = "") -> list[Violation]:
        """What axe-core finds on the page as it now is, by all rules or by only one.

        Of words and letters that look alike only the first is left on the page.
        """
        self._tally.examined += 1
        tab.evaluate(THIN)
        options = {**AXE, "runOnly": [only]} if only else AXE
        found = Axe().run(tab, options=options).response["violations"]
        return [
            Violation(name, f"{_target(node)} {node['html'][:160]}", *_told(rule, node), rule["id"])
            for rule in found
            for node in rule["nodes"]
        ]

    def in_both_themes(self, name: str) -> list[Violation]:
        """What axe-core finds on a page that is opened only once."""
        tab, _ = self.open(name, Mode("light", WIDE))
        found = self.examine(f"{name} (light)", tab)
        self.switch(tab, "dark")
        found += self.examine(f"{name} (dark)", tab, only=COLORS)
        self.switch(tab, "light")
        return found

    def switch(self, tab: Page, theme: Literal["light", "dark"]) -> None:
        """Switch the theme of the reader's system while the page is open."""
        tab.emulate_media(color_scheme=theme)
        tab.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
        tab.evaluate(SETTLED)

    def sideways(self, name: str, tab: Page) -> list[Fault]:
        """Whether the page must be scrolled sideways, in a wide window or on a phone."""
        faults = []
        for width, height in (PHONE, WIDE):
            tab.set_viewport_size({"width": width, "height": height})
            wide = tab.evaluate(BEYOND)
            if wide:
                told = f"makes the page wider than a window of {width} px"
                mend = "shorten it, or let it scroll by itself (overflow-x: auto)"
                faults.append(Fault(name, wide[:160], told, mend))
        return faults

    def _tab(self, mode: Mode) -> Page:
        if mode not in self._tabs:
            size: Any = {"width": mode.size[0], "height": mode.size[1]}
            tab = self._browser.new_context(color_scheme=mode.theme, viewport=size).new_page()
            tab.on("console", self._on_console)
            tab.on("pageerror", lambda error: self._on_error(str(error)))
            tab.on("request", self._on_request)
            tab.on("response", self._on_response)
            tab.on("requestfailed", self._on_failure)
            self._tabs[mode] = tab
        return self._tabs[mode]

    def _tell(self, element: str, problem: str, mend: str) -> None:
        self._faults.append(Fault(self._name, element, problem, mend))

    def _on_console(self, message: ConsoleMessage) -> None:
        # What could not be loaded is told by `_on_response`, with its address.
        if message.type in ("error", "warning") and "Failed to load" not in message.text:
            place = f"{message.location['url']}:{message.location['lineNumber'] + 1}"
            told = f"{message.type} in the console: {message.text}"
            self._tell(place, told, "mend the script, or what it complains of")

    def _on_error(self, error: str) -> None:
        self._tell("a script", f"stopped with {error}", "mend the script, or do not load it")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and not request.url.startswith(self.address):
            told = f"a request to another host: {request.url}"
            self._tell(request.resource_type, told, "put the file into the book")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            told = f"{response.url} is answered by {response.status}"
            self._tell(response.request.resource_type, told, "correct the path, or add the file")

    def _on_failure(self, request: Request) -> None:
        # Who is led on before an icon has come gives it up; a missing file answers with 404.
        if self._left and request.failure == "net::ERR_ABORTED":
            return
        told = f"{request.url} failed: {request.failure}"
        self._tell(request.resource_type, told, "correct the path, or add the file")


def _target(node: dict[str, Any]) -> str:
    return " ".join(str(part) for part in node["target"])


def _told(rule: dict[str, Any], node: dict[str, Any]) -> tuple[str, str]:
    """What is wrong, and what would mend it, in the words of axe-core."""
    reasons = [reason["message"] for reason in node["any"] + node["all"] + node["none"]]
    return f"{rule['id']} ({rule['impact']}): {'; '.join(reasons)}", rule["help"]
