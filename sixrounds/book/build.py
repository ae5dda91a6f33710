"""Builds the book from executed notebooks, and proves that it executed nothing itself."""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sixrounds.book.attacks import write_attacks
from sixrounds.book.claims import check, write_claims
from sixrounds.book.outputs import inject
from sixrounds.book.questions import write_questions
from sixrounds.book.status import write_status
from sixrounds.book.toc import worked_notebooks
from sixrounds.errors import SixRoundsError
from sixrounds.run.cache import cache_key
from sixrounds.run.environment import package_environment

LOG = Path("build/book.log")
HTML = Path("_build/html")
INDEX = HTML / "index.html"
STAMP = Path("build/book.key")
# Warnings are errors, and the rest of the pages are still read so that all show at once. Every
# page is read anew: Sphinx repeats no old warning, and does not see that outputs changed.
OPTIONS = ("-W", "-n", "--keep-going", "--all")

# What MyST-NB logs for a notebook, once for each; an execution that fails has no second line.
EXECUTING = re.compile(r"Executing notebook using")
EXECUTED = re.compile(r"Executed notebook in")
CACHED = re.compile(r"Using cached notebook: ID=")
COLOR = re.compile(r"\x1b\[[0-9;]*m")  # Jupyter Book colors its log even in a file
TROUBLE = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|Error:|Exception occurred")


@dataclass(frozen=True)
class LogSummary:
    """What a build log says about notebooks, and its lines that tell of trouble."""

    executed: int
    cached: int
    trouble: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """A finished build."""

    index: Path
    notebooks: int
    seconds: float  # 0 if nothing had changed since the last build


def build_book(root: Path) -> Book:
    """Builds `_build/html` at `root` from the outputs in `build/runs`; nothing is executed.

    Pages that are made of the same files as at the last build are left as they are.

    Raises:
        SixRoundsError: outputs are missing or stale, a page states a fact without a source or has
            a warning, or the build executed a notebook. `build/book.log` has the details.
    """
    started = time.monotonic()
    notebooks = worked_notebooks(root)
    check(root)
    write_status(root, notebooks)
    write_claims(root)
    write_questions(root)
    write_attacks(root)
    key, stamp = inputs_key(root, notebooks), root / STAMP
    if (root / INDEX).is_file() and stamp.is_file() and stamp.read_text() == key:
        return Book(root / INDEX, len(notebooks), 0.0)
    stamp.unlink(missing_ok=True)
    inject(root, notebooks)
    code = _run_jupyter_book(root)
    log = root / LOG
    check_log(read_log(log.read_text("utf-8", errors="replace")), len(notebooks), code, log)
    if not (root / INDEX).is_file():
        raise SixRoundsError(f"{root / INDEX}: the build did not write it; read {log}")
    stamp.write_text(key)
    return Book(root / INDEX, len(notebooks), round(time.monotonic() - started, 1))


def inputs_key(root: Path, notebooks: list[Path]) -> str:
    """A digest of all that the pages are made of: equal keys mean equal pages.

    What the notebooks depend on is in it, so that stale outputs are still noticed.
    """
    digest = hashlib.sha256("".join(cache_key(path, root) for path in notebooks).encode())
    settings = ("_config.yml", "_toc.yml", "pyproject.toml", "requirements.lock")
    paths = [root / name for name in settings]
    ours = (("sixrounds/book", "*.py"), ("sixrounds/book", "*.js"), ("notebooks", "*.ipynb"))
    for folder, pattern in (("book", "*"), ("build/runs", "*"), *ours):
        paths += sorted(path for path in (root / folder).rglob(pattern) if path.is_file())
    for path in paths:
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def read_log(text: str) -> LogSummary:
    """Counts what a build log reports."""
    text = COLOR.sub("", text)
    trouble = tuple(line.strip() for line in text.splitlines() if TROUBLE.search(line))
    executed = max(len(EXECUTING.findall(text)), len(EXECUTED.findall(text)))
    return LogSummary(executed, len(CACHED.findall(text)), trouble)


def check_log(summary: LogSummary, notebooks: int, code: int, log: Path) -> None:
    """Passes only a build without trouble that took every notebook's outputs from the cache.

    Args:
        summary: what the log says.
        notebooks: how many worked notebooks the table of contents names.
        code: the exit code of Jupyter Book.
        log: where the log lies, for the message.

    Raises:
        SixRoundsError: anything else.
    """
    if summary.executed:
        raise SixRoundsError(
            f"{log}: Jupyter Book executed {summary.executed} notebook(s) itself, so their outputs "
            "are not those that were checked; run `sixrounds run --no-cache`"
        )
    if code:
        first = summary.trouble[0] if summary.trouble else f"exit code {code}"
        more = f" (and {len(summary.trouble) - 1} more)" if len(summary.trouble) > 1 else ""
        raise SixRoundsError(f"the book did not build: {first}{more}; read {log}")
    if summary.cached != notebooks:
        raise SixRoundsError(
            f"{log}: {summary.cached} notebook(s) had their outputs from the cache, but _toc.yml "
            f"names {notebooks}; run `sixrounds editions`, then `sixrounds run`"
        )


def _run_jupyter_book(root: Path) -> int:
    """Runs the build with its log in a file; returns its exit code."""
    command = Path(sys.executable).with_name("jupyter-book")
    if not command.is_file():
        raise SixRoundsError(f"{command}: not installed; run `pip install -e '.[book]'`")
    shutil.rmtree(root / HTML, ignore_errors=True)  # pages that left the book must not linger
    (root / LOG).parent.mkdir(exist_ok=True)
    with (root / LOG).open("wb") as log:
        return subprocess.run(
            [sys.executable, "-m", "sixrounds.imports", command, "build", ".", *OPTIONS],
            cwd=root,
            env=package_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
