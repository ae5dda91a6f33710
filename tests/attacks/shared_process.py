"""A grader of the usual kind: the answer and its tests run in one process, in IPython.

It is what the attacks are measured with: one that fools nobody anywhere proves nothing. As in other
graders a file of results, written in the process, is the verdict.

`python shared_process.py` reads jobs as lines of JSON and answers each by a line: what the answer
earned within `wait` seconds. Imports are paid once; each answer runs in a fork.
"""

import atexit
import contextlib
import io
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401  imported here for all forks, as below
import msgpack  # noqa: F401
import numpy as np  # noqa: F401
import pandas as pd  # noqa: F401
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from sixrounds import sql, testing  # noqa: F401

FILE = Path("results.json")


def main() -> None:
    """Serve jobs from standard input."""
    InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps([earned(job, answer) for answer in job["answers"]]), flush=True)


def earned(job: dict[str, Any], answer: str) -> str:
    """What one answer earns."""
    folder = Path(tempfile.mkdtemp())
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        grade(job, answer)
        atexit._run_exitfuncs()  # as a program ends
        os._exit(0)
    end = time.monotonic() + job["wait"]
    while time.monotonic() < end and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)
    said = verdict(folder / FILE)
    shutil.rmtree(folder, ignore_errors=True)
    return said


def grade(job: dict[str, Any], answer: str) -> None:
    """Run the cells one after the other, and write which tests cells ran through."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    testing.use_seed(bytes.fromhex(job["seed"]))
    shell = InteractiveShell.instance()
    for source in [*job["setup"], *job["before"], answer]:
        shell.run_cell(source)
    passed = [bool(shell.run_cell(source).success) for source in job["tests"]]
    FILE.write_text(json.dumps({"cells": passed}))


def verdict(path: Path) -> str:
    """What the file of results says."""
    try:
        cells = json.loads(path.read_text())["cells"]
    except (OSError, ValueError, KeyError):
        return "no verdict"
    if all(cells):
        return "full marks"
    return "part of the marks" if any(cells) else "no points"


if __name__ == "__main__":
    main()
