"""What a report on this machine is made of: findings, and looks at programs and packages."""

import re
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

PIP = f"{sys.executable} -m pip install"
SECONDS = 20.0


class State(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    MISSING = "missing"  # a learner cannot go on without it
    OPTIONAL = "optional"  # not there, or not usable; only some parts need it


@dataclass(frozen=True)
class Finding:
    """One line of the report; `mend` is a command or a sentence, empty if nothing is to do."""

    name: str
    status: State
    detail: str
    mend: str = ""


def output(*command: str, seconds: float = SECONDS) -> str | None:
    """What a program prints; None if it is not there or fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except (FileNotFoundError, PermissionError):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def numbers(text: str) -> str:
    """The first version number in a program's output."""
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group() if found else text.partition("\n")[0]


def package(name: str, status: State, mend: str, wanted: str = "") -> Finding:
    """Whether a package imports: in a process of its own, since it may crash or be slow."""
    module = name.replace("-", "_")
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, status, "not installed", mend)
    if wanted and found != wanted:
        return Finding(name, status, f"{found}; the book is built with {wanted}", mend)
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or f"exit code {done.returncode}").split("\n")[-1]
        return Finding(name, status, f"{found} does not import: {last}", mend)
    return Finding(name, State.OK, found)
