"""All checks of the project in order, with the time each took against its budget.

`make test` runs this, and so does CI. A stage that fails does not stop the next ones; a stage over
its budget warns, one over twice its budget fails. What passed is not run again while no file
changed; CI, which sets CI=true, runs everything.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sixrounds.doctor import BROWSERS
from sixrounds.errors import SixRoundsError
from sixrounds.paths import find_root

SEEDS = os.environ.get("SEEDS", "2")


@dataclass(frozen=True)
class Stage:
    """One check; the budget is in minutes on two cores, for the whole curriculum.

    Without one of `programs` the stage skips a part: it runs again when one has been installed.
    """

    name: str
    budget: float
    command: tuple[str, ...]
    programs: tuple[str, ...] = ()


PYTEST = ("pytest", "--color=no", "-n", "2", "--dist", "loadfile")
# One process, so that there is one browser; it says what it skips, and why.
BROWSER = ("pytest", "--color=no", "-rs", "tests/browser")
APART = ("parity", "browser", "attacks", "hints", "cuda")  # stages of their own
STAGES = (
    Stage("lint", 1, ("ruff", "check", ".")),
    Stage("format", 1, ("ruff", "format", "--check", "sixrounds", "tests")),
    Stage("types", 2, ("mypy",)),
    Stage("editions", 2, ("sixrounds", "editions", "--check")),
    Stage("products", 2, ("sixrounds", "editions")),
    Stage("run", 22, ("sixrounds", "run")),
    Stage("learner", 4, ("sixrounds", "run", "--learner")),
    Stage("proof", 12, ("sixrounds", "prove", "--resume", "--seeds", SEEDS)),
    # Before the book, a page of which says what came of them.
    Stage("attacks", 3, (*PYTEST, "tests/attacks")),
    Stage("book", 3, ("sixrounds", "book")),
    Stage("browser", 3, BROWSER, BROWSERS),
    Stage("tests", 8, (*PYTEST, "tests", *(f"--ignore=tests/{name}" for name in APART))),
    Stage("hints", 4, (*PYTEST, "tests/hints")),
    Stage("cuda", 3, (*PYTEST, "tests/cuda")),
    Stage("parity", 5, (*PYTEST[:-1], "loadgroup", "tests/parity")),
)


@dataclass(frozen=True)
class Result:
    """How a stage ended."""

    stage: Stage
    status: str
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether the stage, or the time it took, is a fault."""
        return self.status == "FAILED" or self.seconds > 120 * self.stage.budget

    def line(self) -> str:
        """The stage's line of the table."""
        share = self.seconds / (60 * self.stage.budget)
        remark = "OVER TWICE ITS BUDGET" if share > 2 else "over budget" if share > 1 else ""
        return (
            f"{self.stage.name:9s} {self.status:9s} {self.seconds:7.1f} s "
            f"{60 * self.stage.budget:6.0f} s {share:5.0%} {remark}".rstrip()
        )


def main(names: list[str]) -> int:
    """Run all stages, or those named; 1 if one failed."""
    root = find_root(Path(__file__).parent)
    unknown = set(names) - {stage.name for stage in STAGES}
    if unknown:
        known = ", ".join(stage.name for stage in STAGES)
        raise SixRoundsError(f"{', '.join(sorted(unknown))}: no such stage; there are {known}")
    results = [run(root, stage) for stage in STAGES if not names or stage.name in names]
    print("\nstage     result     seconds  budget  used", flush=True)
    install = os.environ.get("SIXROUNDS_INSTALL_SECONDS")
    if install:
        results.insert(0, Result(Stage("install", 10, ()), "passed", float(install)))
    for result in results:
        print(result.line())
    total = sum(result.seconds for result in results)
    print(f"{'all':19s} {total:7.1f} s", flush=True)
    return 1 if any(result.failed for result in results) else 0


def run(root: Path, stage: Stage) -> Result:
    """Run one stage; its output goes to the terminal and to build/logs."""
    stamp = root / "build" / "stages" / stage.name
    state = " ".join([fingerprint(root), *filter(None, map(shutil.which, stage.programs))])
    if os.environ.get("CI") != "true" and stamp.is_file() and stamp.read_text() == state:
        return Result(stage, "unchanged", 0.0)
    print(f"\n== {stage.name}: {' '.join(stage.command)}", flush=True)
    log = root / "build" / "logs" / f"{stage.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with log.open("w") as kept:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / stage.command[0]), *stage.command[1:]],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in process.stdout or ():
            kept.write(line)
            sys.stdout.write(line)
            sys.stdout.flush()
    seconds = time.monotonic() - began
    passed = process.wait() == 0
    stamp.parent.mkdir(parents=True, exist_ok=True)
    if passed:
        stamp.write_text(state)
    else:
        stamp.unlink(missing_ok=True)
    return Result(stage, "passed" if passed else "FAILED", seconds)


def fingerprint(root: Path) -> str:
    """A digest of every file that is, or could be, committed."""
    digest = hashlib.sha256(SEEDS.encode())
    for path in files(root):
        digest.update(path.as_posix().encode())
        digest.update((root / path).read_bytes() if (root / path).is_file() else b"")
    return digest.hexdigest()


def files(root: Path) -> Iterator[Path]:
    """The files git knows or would offer to add; without git, none is taken for unchanged."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        yield Path(f"no git {time.time_ns()}")
        return
    for name in sorted(set(listed.stdout.decode().split("\0")) - {""}):
        yield Path(name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
