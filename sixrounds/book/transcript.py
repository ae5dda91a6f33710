"""Pages whose console blocks are true: the commands are run, and what they print is compared.

A page of `book/` may hold, in reading order,

- ` ```console ` blocks: a line that starts with `$ ` is a command (`> ` continues it after a
  backslash), what follows is what it prints, on both streams;
- ` ```{code-block} ` with the caption "New file PATH", "Add to PATH" or "Change PATH": the file is
  written, appended to, or changed as the block's diff says.

All of it happens in a copy of the parts of a clone that an author works in. Every command must end
with code 0, so one that fails on purpose shows its code (`…; echo "exit code $?"`). In what a
command prints, `…` alone on a line stands for any lines, and at the end of a line for its rest.
Durations, sizes, dates, digests and the folder are not compared. Needs bash.

    python -m sixrounds.book.transcript book/contributors_guide.md           compare
    python -m sixrounds.book.transcript book/contributors_guide.md --write   and mend the page
"""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sixrounds.errors import SixRoundsError
from sixrounds.paths import find_root
from sixrounds.run.environment import package_environment

CLONE = "six-rounds"
# What an author's commands read and write; anything else of a clone is not needed for them.
PARTS = (
    *("solutions", "notebooks", "_config.yml", "_toc.yml"),
    *("pyproject.toml", "requirements.lock"),
)
HOME = "/home/you"  # what a page shows in place of the folder that holds the clone
GAP = "…"
TIME_LIMIT = 300.0
FENCE = re.compile(r"^```(\{code-block\} ?\w*|console)$")
CAPTION = re.compile(r"^:caption: (New file|Add to|Change) `?([^\s`]+)`?$")
VARYING = (
    (re.compile(r"\d+(\.\d+)? (s|MB)\b"), r"N \2"),
    (re.compile(r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d\S*)?"), "DATE"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "DIGEST"),
    (re.compile(r"[ \t]+"), " "),
)


@dataclass(frozen=True)
class Step:
    """A command with what the page says it prints, or a file with what becomes of it."""

    line: int  # in the page, from 1
    action: str  # run | New file | Add to | Change
    subject: str  # the command, or the path
    text: tuple[str, ...]  # lines


@dataclass(frozen=True)
class Difference:
    """A command that printed something else."""

    step: Step
    printed: tuple[str, ...]

    def __str__(self) -> str:
        told = difflib.unified_diff(
            self.step.text, self.printed, "the page", "the command", lineterm="", n=1
        )
        return f"line {self.step.line}: $ {self.step.subject}\n" + "\n".join(told)


def read_steps(text: str) -> list[Step]:
    """What a page does, in order.

    Raises:
        SixRoundsError: a block that never ends, or output before the first command.
    """
    steps: list[Step] = []
    lines = text.splitlines()
    place = 0
    while place < len(lines):
        opening = FENCE.match(lines[place])
        if not opening:
            place += 1
            continue
        end = next((n for n in range(place + 1, len(lines)) if lines[n] == "```"), None)
        if end is None:
            raise SixRoundsError(f"line {place + 1}: this block never ends; close it with ```")
        body = lines[place + 1 : end]
        if opening[1] == "console":
            steps += _commands(body, place + 2)
        else:
            steps += _file(body, place + 1)
        place = end + 1
    return steps


def _commands(body: Sequence[str], first: int) -> list[Step]:
    steps: list[Step] = []
    place = 0
    while place < len(body):
        if not body[place].startswith("$ "):
            raise SixRoundsError(
                f"line {first + place}: output of no command; start the block with `$ COMMAND`"
            )
        start, command = place, [body[place][2:]]
        while command[-1].endswith("\\") and place + 1 < len(body):
            place += 1
            command.append(body[place].removeprefix("> "))
        place += 1
        printed = place
        while place < len(body) and not body[place].startswith("$ "):
            place += 1
        steps.append(Step(first + start, "run", "\n".join(command), tuple(body[printed:place])))
    return steps


def _file(body: Sequence[str], line: int) -> list[Step]:
    options = [text for text in body if text.startswith(":")]
    found = next((match for text in options if (match := CAPTION.match(text))), None)
    if found is None:
        return []
    content = body[len(options) :]
    while content and not content[0].strip():
        content = content[1:]
    return [Step(line, found[1], found[2], tuple(content))]


def play(steps: Sequence[Step], folder: Path) -> list[tuple[str, ...]]:
    """Take the steps in `folder`, a clone; what each of them printed, in lines.

    Raises:
        SixRoundsError: a command failed or took too long, or a change does not fit its file.
    """
    printed: list[tuple[str, ...]] = []
    for step in steps:
        if step.action == "run":
            printed.append(_run(step, folder))
        else:
            _write(step, folder)
            printed.append(())
    return printed


def _run(step: Step, folder: Path) -> tuple[str, ...]:
    bin_folder = str(Path(sys.executable).parent)
    variables = package_environment() | {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "88"}
    variables["PATH"] = os.pathsep.join([bin_folder, os.environ.get("PATH", "")])
    try:
        done = subprocess.run(
            ["bash", "-c", step.subject],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME_LIMIT,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SixRoundsError(
            f"line {step.line}: `{step.subject}` still ran after {TIME_LIMIT:.0f} s; mend the page"
        ) from None
    text = done.stdout.replace(str(folder.parent), HOME)
    if done.returncode:
        raise SixRoundsError(
            f"line {step.line}: `{step.subject}` ended with code {done.returncode}; if it is meant "
            f'to, add `; echo "exit code $?"`. It printed:\n{text}'
        )
    return tuple(line.rstrip() for line in text.rstrip("\n").split("\n")) if text else ()


def _write(step: Step, folder: Path) -> None:
    path = folder / step.subject
    if not path.resolve().is_relative_to(folder.parent.resolve()):
        raise SixRoundsError(f"line {step.line}: {step.subject} is outside of the clone's folder")
    text = "\n".join(step.text) + "\n"
    if step.action == "Change":
        text = _changed(path, step)
    elif step.action == "Add to":
        text = path.read_text("utf-8").rstrip("\n") + "\n\n" + text
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _changed(path: Path, step: Step) -> str:
    """The file with the lines of the diff replaced, which must be in it exactly once."""
    old = "".join(f"{line[1:]}\n" for line in step.text if line[:1] != "+")
    new = "".join(f"{line[1:]}\n" for line in step.text if line[:1] != "-")
    text = path.read_text("utf-8") if path.is_file() else ""
    if text.count(old) != 1:
        raise SixRoundsError(
            f"line {step.line}: these lines are {text.count(old)} times in {step.subject}, not "
            "once; mend the diff"
        )
    return text.replace(old, new)


def matches(expected: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether a page's output is what was printed, but for what varies and what is left out."""
    pattern = "".join(_pattern(line) for line in expected)
    return re.fullmatch(pattern, "".join(f"{comparable(line)}\n" for line in printed)) is not None


def comparable(line: str) -> str:
    """A line of output without what differs from run to run."""
    for varying, instead in VARYING:
        line = varying.sub(instead, line)
    return line.rstrip()


def _pattern(line: str) -> str:
    if line.strip() == GAP:
        return r"(?:.*\n)*?"
    if line.endswith(GAP):
        return re.escape(comparable(line[: -len(GAP)])) + r".*\n"
    return re.escape(comparable(line)) + r"\n"


def clone(root: Path, folder: Path) -> Path:
    """A copy, below `folder`, of what of a clone the commands of a page need."""
    made = folder / CLONE
    made.mkdir(parents=True)
    for name in PARTS:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, made / name)
        elif source.is_file():
            shutil.copy(source, made / name)
    return made


def differences(text: str, folder: Path) -> list[Difference]:
    """Play a page in a clone; the commands that printed something else than it shows."""
    steps = read_steps(text)
    return [
        Difference(step, printed)
        for step, printed in zip(steps, play(steps, folder), strict=True)
        if step.action == "run" and not matches(step.text, printed)
    ]


def mended(text: str, found: Sequence[Difference]) -> str:
    """The page with what was printed in place of what it shows."""
    lines = text.splitlines()
    for each in reversed(found):
        start = each.step.line + each.step.subject.count("\n")
        lines[start : start + len(each.step.text)] = each.printed
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Compare a page with what its commands print; 1 if they differ."""
    parser = argparse.ArgumentParser(prog="python -m sixrounds.book.transcript")
    parser.add_argument("page", type=Path, help="a page of book/")
    parser.add_argument("--write", action="store_true", help="put what was printed into the page")
    args = parser.parse_args(argv)
    text = args.page.read_text("utf-8")
    try:
        with tempfile.TemporaryDirectory(prefix="sixrounds-page-") as temporary:
            found = differences(text, clone(find_root(), Path(temporary).resolve()))
    except SixRoundsError as error:
        print(f"{args.page}: {error}", file=sys.stderr)
        return 2
    for each in found:
        print(f"{args.page}: {each}\n")
    if args.write and found:
        args.page.write_text(mended(text, found), "utf-8")
        return 0
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
