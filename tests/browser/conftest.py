"""The built book, and one browser for all tests that need one."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from built_site import Site
from in_chromium import Reader, Tally, chromium, serve
from playwright.sync_api import Browser, sync_playwright

from sixrounds.book.build import HTML, INDEX
from sixrounds.doctor import system
from sixrounds.paths import find_root

ROOT = find_root(Path(__file__).parent)
TALLY = pytest.StashKey[Tally]()


def give_up(reason: str) -> NoReturn:
    """Skip what cannot be tested here; in CI nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true: this is a failure)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def built() -> Site:
    """The book's pages."""
    if not (ROOT / INDEX).is_file():
        give_up(f"{ROOT / INDEX}: no built book; run `make book`")
    return Site(ROOT / HTML)


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """Chromium of the system, without a window."""
    program = chromium()
    if program is None:
        give_up(f"no Chromium; run `{system('chromium', 'chromium')}`")
    began = time.monotonic()
    tally = pytestconfig.stash.setdefault(TALLY, Tally())
    with sync_playwright() as playwright:
        # Nothing leaves this machine even if a page asks for it; that it asked is seen.
        only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        browser = playwright.chromium.launch(executable_path=program, args=[only_here])
        yield browser
        browser.close()
    tally.seconds = time.monotonic() - began


@pytest.fixture(scope="session")
def reader(browser: Browser, built: Site, pytestconfig: pytest.Config) -> Iterator[Reader]:
    """Who reads the book in that browser."""
    with serve(built.root) as address:
        yield Reader(browser, address, pytestconfig.stash.setdefault(TALLY, Tally()))


@pytest.fixture
def bad_reader(browser: Browser, tmp_path: Path) -> Iterator[Reader]:
    """Who reads what a test writes to its own folder."""
    with serve(tmp_path) as address:
        yield Reader(browser, address, Tally())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how much was looked at, and how long that took."""
    tally = config.stash.get(TALLY, None)
    if tally:
        terminalreporter.write_line(str(tally))
