"""Grades one class by `sixrounds grade` and by stock `nbgrader autograde`, in the same run.

    python benchmarks/grading.py [--students 48] [--lesson frames|heavy] [--json]

Both grade the same submissions in the same course, one after the other. Wall and processor seconds
are of the whole command, start-up included; without start-up means the slope between a class of one
and the whole class. Processor time is the machine's, from /proc/stat, since much of it is spent in
processes that no parent waits for: run it on a machine that does nothing else.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sixrounds.editions.fill import fill
from sixrounds.editions.notebook import dumps
from sixrounds.editions.render import learner
from sixrounds.paths import find_root
from sixrounds.source import Lesson, load

HERE = Path(__file__).parent
ROOT = HERE.parent
ASSIGNMENT = "week"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Took:
    """Seconds of one command."""

    wall: float
    cpu: float


def busy() -> float:
    """Seconds that all processors have worked since the machine started (Linux)."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / TICKS


def timed(command: Sequence[str], folder: Path, log: Path) -> Took:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; the log has its output.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    cpu, began = busy(), time.perf_counter()
    with log.open("ab") as stream:
        code = subprocess.run(
            command,
            cwd=folder,
            stdout=stream,
            stderr=stream,
            env=os.environ | {"PATH": path},
            check=False,
        ).returncode
    took = Took(time.perf_counter() - began, busy() - cpu)
    if code:
        raise RuntimeError(f"{' '.join(command)}: exit code {code}; read {log}")
    return took


def make_course(folder: Path, lesson: Lesson, tree: Path, students: int) -> Path:
    """A course with a class that handed in right, wrong and unwritten answers in turn."""
    course = folder / f"course{students}"
    subprocess.run(
        [
            *(sys.executable, "-m", "sixrounds", "course", "init", str(course)),
            *("--source", str(tree), "--assign", f"{ASSIGNMENT}={lesson.topic}"),
        ],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for number in range(students):
        path = course / "submitted" / f"s{number:03d}" / ASSIGNMENT / f"{lesson.topic}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(dumps(fill(learner(lesson), answers(lesson, number))))
    return course


def answers(lesson: Lesson, number: int) -> dict[str, str]:
    """What one student answers: of four one is right, one in another style, two are wrong."""
    found = {}
    for exercise in lesson.exercises:
        pool = [
            exercise.reference,
            exercise.accepts[0].source,
            exercise.mistakes[number // 4 % len(exercise.mistakes)].source,
            exercise.mistakes[(number // 4 + 1) % len(exercise.mistakes)].source,
        ]
        found[exercise.id] = pool[number % 4]
    return found


def ours(course: Path, log: Path) -> Took:
    """Grade by our grader, everything anew."""
    command = [sys.executable, "-m", "sixrounds", "grade", ASSIGNMENT, "--course", str(course)]
    return timed([*command, "--regrade", "--json"], ROOT, log)


def stock(course: Path, log: Path) -> Took:
    """Grade by stock nbgrader, everything anew."""
    shutil.rmtree(course / "autograded", ignore_errors=True)
    nbgrader = str(Path(sys.executable).with_name("nbgrader"))
    return timed([nbgrader, "autograde", ASSIGNMENT, "--force"], course, log)


def cells(lesson: Lesson, students: int) -> float:
    """Processor seconds of the answers and tests alone, in forks of a process that did the setup.

    The floor of any grader: no kernel, no second process, no jail, nothing written.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in lesson.cells:
        if str(cell.kind) == "setup":
            exec(compile(cell.source, "<setup>", "exec"), names)
    before = sum(os.times()[2:4])  # of children that were waited for
    for number in range(students):
        given = answers(lesson, number)
        child = os.fork()
        if child == 0:
            for exercise in lesson.exercises:
                try:
                    exec(given[exercise.id], names)
                    for test in exercise.tests:
                        exec(test.source, names)
                except Exception:
                    continue
            os._exit(0)
        os.waitpid(child, 0)
    return sum(os.times()[2:4]) - before


def main() -> int:
    """Run both and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=48)
    parser.add_argument("--lesson", choices=("frames", "heavy"), default="frames")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    tree = HERE / "lessons" / args.lesson
    (lesson,) = load(find_root(ROOT), folder=tree)
    with tempfile.TemporaryDirectory(prefix="sixrounds-bench-") as name:
        folder = Path(name)
        log = folder / "log.txt"
        alone = make_course(folder, lesson, tree, 1)
        class_ = make_course(folder, lesson, tree, args.students)
        our_one, our_all = ours(alone, log), ours(class_, log)
        stock_one, stock_all = stock(alone, log), stock(class_, log)
    floor = cells(lesson, args.students)
    more = args.students - 1
    result = {
        "students": args.students,
        "lesson": args.lesson,
        "cores": os.cpu_count(),
        "stock_s": round(stock_all.wall, 2),
        "ours_s": round(our_all.wall, 2),
        "ratio": round(stock_all.wall / our_all.wall, 1),
        "stock_cpu_s": round(stock_all.cpu, 2),
        "ours_cpu_s": round(our_all.cpu, 2),
        "ratio_cpu": round(stock_all.cpu / our_all.cpu, 1),
        "stock_s_per_submission": round((stock_all.wall - stock_one.wall) / more, 3),
        "ours_s_per_submission": round((our_all.wall - our_one.wall) / more, 3),
        "stock_start_s": round(stock_one.wall, 2),
        "ours_start_s": round(our_one.wall, 2),
        "cells_cpu_s": round(floor, 2),
        "over_cells": round((our_all.cpu - our_one.cpu) / floor, 2),
    }
    print(json.dumps(result) if args.json else table(result))
    return 0


def table(result: dict[str, Any]) -> str:
    """The result, a line per number."""
    return "\n".join(f"{name:24s} {value}" for name, value in result.items())


if __name__ == "__main__":
    sys.exit(main())
