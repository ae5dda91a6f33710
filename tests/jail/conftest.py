"""What these tests need of the machine, and who runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jailing import NOBODY, OPEN, PACKAGE, lacking

from sixrounds.grading.jail import Jail
from sixrounds.grading.jail.choice import failure
from sixrounds.grading.jail.probes import Result, examine


@pytest.fixture(scope="session")
def examined() -> Callable[[str], dict[str, Result]]:
    """What became of every attempt on a rung, each made once."""
    known: dict[str, dict[str, Result]] = {}

    def results(rung: str) -> dict[str, Result]:
        why = failure(rung) if rung != "none" else ""
        if why:
            lacking(f"{rung} does not hold here: {why}")
        if rung not in known:
            known[rung] = {one.name: one for one in examine(Jail(rung))}
        return known[rung]

    return results


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Run a program in a rung's shell, with what a fork server has; what it prints as JSON."""

    def printed(rung: str, program: str, *args: str) -> Any:
        why = failure(rung) if rung != "none" else ""
        if why:
            lacking(f"{rung} does not hold here: {why}")
        jail = Jail(rung)
        done = subprocess.run(
            jail.command([sys.executable, "-c", program, rung, *args], [PACKAGE]),
            env=jail.environment(),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return printed


@pytest.fixture
def as_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The command before one that an ordinary user runs; root's Python can be read by that user."""
    if os.geteuid():
        yield []
        return
    kept = tmp_path_factory.mktemp("nobody")
    home = Path(f"/var/tmp/sixrounds-nobody-{os.getpid()}")
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    who = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    who += ["env", f"HOME={home}", f"TMPDIR={home}", "PYTHONDONTWRITEBYTECODE=1"]
    needed = [Path(sys.base_prefix), Path(sys.prefix), PACKAGE]
    closed = [up for one in needed for up in reversed(one.parents) if not up.stat().st_mode & 1]
    command = who
    if closed:
        below = [str(one) for one in needed if one.is_relative_to(closed[0])]
        script = ["unshare", "--mount", "bash", "-ec", OPEN, "-"]
        command = [*script, str(closed[0]), str(kept), *below, "--", *who]
    tried = subprocess.run(
        [*command, sys.executable, "-c", "import sixrounds.grading.jail"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        lacking(f"an ordinary user cannot run this Python: {tried.stderr.strip()[-200:]}")
    for path in kept.iterdir():
        path.rmdir() if path.is_dir() else path.unlink()
    yield command
    home.rmdir()
