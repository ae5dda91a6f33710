"""The pictures of the instructor's guide, taken of the class that the guide itself plays.

    python -m sixrounds.book.pictures

writes them into `book/images`. The commands of the guide run in a copy of a clone until the class
is graded; Chromium then shows what a learner is sent, and what nbgrader's formgrader shows of the
course. Names in both are made up. Who changes one of the two pages runs it again and looks.
"""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sixrounds.book.transcript import clone, play, read_steps
from sixrounds.doctor import BROWSERS
from sixrounds.errors import SixRoundsError
from sixrounds.paths import find_root

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

GUIDE = Path("book/instructors_guide.md")
FOLDER = Path("book/images")
MOST = 150_000  # bytes: a page of the book must open on a phone
NARROW, WIDE = (720, 900), (1100, 800)
SPACE = 12  # pixels
FRAME, LINE = 2, "#c9ced6"
STARTS = 60.0  # seconds
FORMGRADER = {"ServerApp": {"jpserver_extensions": {"nbgrader.server_extensions.formgrader": True}}}


def main() -> int:
    """Make the pictures anew."""
    root = find_root()
    with tempfile.TemporaryDirectory(prefix="sixrounds-pictures-") as folder:
        course = graded(root, Path(folder).resolve())
        with browser() as page:
            head, exercise = feedback(page, course)
            keep(root / FOLDER / "feedback_head.webp", head)
            keep(root / FOLDER / "feedback_exercise.webp", exercise)
            with formgrader(course, Path(folder)) as address:
                keep(root / FOLDER / "formgrader.webp", submissions(page, address))
    return 0


def graded(root: Path, folder: Path) -> Path:
    """The course of the guide, as it is once the class has been graded."""
    steps = read_steps((root / GUIDE).read_text("utf-8"))
    grades = [step.subject.startswith("sixrounds grade") for step in steps]
    play(steps[: grades.index(True) + 1], clone(root, folder))
    return folder / "course"


def feedback(page: "Page", course: Path) -> tuple[bytes, bytes]:
    """Of a learner's page the head, and what it says of the first exercise."""
    (path,) = (course / "feedback/ben/week1").glob("*.html")
    show(page, path.as_uri(), NARROW)
    points, answer = page.locator("table").first, page.get_by_text("Your answer").first
    verdict = page.locator("section .box").first
    return (
        part(page, 0, edge(points, "bottom")),
        part(page, edge(answer, "top"), edge(verdict, "bottom")),
    )


def submissions(page: "Page", address: str) -> bytes:
    """Formgrader's list of what was handed in for an assignment."""
    show(page, f"{address}/formgrader/manage_submissions/week1", WIDE)
    table = page.locator("table").first
    table.locator("td", has_text="Okafor").wait_for()
    return table.screenshot()


def show(page: "Page", address: str, size: tuple[int, int]) -> None:
    """Open a page in a window of this size."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)


def edge(each: "Locator", side: str) -> float:
    """Where on its page the top or the bottom of an element is."""
    return float(each.evaluate(f"each => each.getBoundingClientRect().{side} + window.scrollY"))


def part(page: "Page", top: float, bottom: float) -> bytes:
    """The part of a page between two heights, with some space around it."""
    width = page.evaluate("document.documentElement.clientWidth")
    top = max(0, top - SPACE)
    clip = {"x": 0, "y": top, "width": width, "height": bottom + SPACE - top}
    return page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]


@contextmanager
def browser() -> Iterator["Page"]:
    """A page of the system's Chromium, in the light theme and sharp enough to be enlarged.

    Raises:
        SixRoundsError: there is none, or nothing to drive it with.
    """
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SixRoundsError("chromium: not installed; run `make chromium`")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  only here
    except ModuleNotFoundError:
        raise SixRoundsError("playwright: not installed; run `make env`") from None
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield chromium.new_page(device_scale_factor=1.5, color_scheme="light")
        finally:
            chromium.close()


@contextmanager
def formgrader(course: Path, folder: Path) -> Iterator[str]:
    """The address of a Jupyter server with formgrader, for this machine alone, in a course."""
    settings = folder / "jupyter"
    settings.mkdir()
    (settings / "jupyter_server_config.json").write_text(json.dumps(FORMGRADER), "utf-8")
    variables = {"JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_RUNTIME_DIR": str(folder / "run")}
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}")
    log = folder / "server.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options, "--IdentityProvider.token="],
            cwd=course,
            env=os.environ | variables,
            stdout=stream,
            stderr=stream,
        )
    try:
        wait_for(port, server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return once the server takes connections.

    Raises:
        SixRoundsError: it ended, or takes too long.
    """
    end = time.monotonic() + STARTS
    while time.monotonic() < end and server.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    last = (log.read_text("utf-8", errors="replace").strip().splitlines() or ["no output"])[-1]
    raise SixRoundsError(f"formgrader did not start: {last}")


def keep(path: Path, png: bytes) -> None:
    """Write a picture, in few colors and without loss beyond that.

    Raises:
        SixRoundsError: it is larger than a page may load.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415  only here

    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = Image.open(io.BytesIO(png)).convert("RGB").quantize(64).convert("RGB")
    drawn = ImageOps.expand(drawn, FRAME, LINE)  # or its headings would look like the guide's own
    drawn.save(path, "WEBP", lossless=True, quality=100, method=6)
    size = path.stat().st_size
    print(f"wrote {path}, {drawn.width} x {drawn.height}, {size / 1000:.0f} kB")
    if size > MOST:
        raise SixRoundsError(f"{path}: {size} bytes, at most {MOST}; show less of the page")


if __name__ == "__main__":
    sys.exit(main())
