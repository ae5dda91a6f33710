"""`sixrounds grade`: grade what a class handed in."""

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sixrounds.cli.course import needs_extra

if TYPE_CHECKING:
    from sixrounds.grading.preview import Preview
    from sixrounds.grading.times import Timing, Total

COLUMNS = ("student", "notebook", "exercise", "points", "status", "message")
WIDEST = 160  # an exception of a learner can say anything


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("grade", help="grade the submissions of a course")
    parser.add_argument("assignment", metavar="CHAPTER", help="a chapter or an assignment's name")
    parser.add_argument("--course", type=Path, required=True, metavar="DIR", help="its folder")
    parser.add_argument("--student", metavar="ID", help="grade only this student")
    parser.add_argument("--notebook", metavar="NN_topic", help="grade only this notebook")
    parser.add_argument("--regrade", action="store_true", help="grade even what did not change")
    parser.add_argument(
        "--source", type=Path, metavar="DIR", help="a private tree, for this run (the course's)"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="notebooks at once (a core each); 0: in turn"
    )
    parser.add_argument(
        "--scheduler", default="", metavar="tcp://HOST:PORT", help="grade on a Dask cluster"
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="grade without a jail, where none works"
    )
    parser.add_argument("--plan", action="store_true", help="say what would be graded, and stop")
    parser.add_argument("--times", action="store_true", help="show how long grading took")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Grade, print a row per exercise, and say where the feedback lies."""
    # nbgrader takes seconds to import, and a learner does not have it.
    try:
        from sixrounds.cli.progress import Bar  # noqa: PLC0415
        from sixrounds.grading import times  # noqa: PLC0415
        from sixrounds.grading.choice import find_works  # noqa: PLC0415
        from sixrounds.grading.cohort import grade_course  # noqa: PLC0415
        from sixrounds.grading.course import Course  # noqa: PLC0415
        from sixrounds.grading.database import shown  # noqa: PLC0415
        from sixrounds.grading.engine import How  # noqa: PLC0415
        from sixrounds.grading.preview import preview  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error) from None

    course = Course.load(args.course)
    if args.source:
        course.private = args.source.resolve()
    asked = {"student": args.student, "notebook": args.notebook, "regrade": args.regrade}
    asked["how"] = How(args.workers, args.scheduler, args.unsafe)
    if args.plan:
        print_plan(preview(course, args.assignment, **asked))
        return 0
    with closing(Bar(hide=args.json)) as bar:
        rows = grade_course(course, args.assignment, **asked, show=bar)
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    print_rows(rows)
    if args.times:
        works = find_works(course, args.assignment, args.student, args.notebook)
        print_times(times.timings(works))
    where = shown(course.database) if course.db else f"{args.course}/gradebook.db"
    print(f"gradebook  {where}")
    print(f"feedback   {args.course}/feedback/<student>/{args.assignment}/")
    return 0


def print_rows(rows: list[dict[str, Any]]) -> None:
    """One line per exercise; what was recognized stands below it."""
    for number, line in enumerate(aligned([COLUMNS, *(cells_of(row) for row in rows)])):
        print(line)
        if number and rows[number - 1]["hint"]:
            print(f"{'':8s}hint: {rows[number - 1]['hint']}")


def aligned(table: "Sequence[Sequence[str]]") -> list[str]:
    """Rows of text as lines with columns."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def cells_of(row: dict[str, Any]) -> tuple[str, ...]:
    """A row as text."""
    message = " ".join(str(row["message"]).split())
    short = message if len(message) <= WIDEST else message[: WIDEST - 1] + "…"
    points = f"{row['score']:g}/{row['max_score']:g}"
    return row["student"], row["notebook"], row["exercise"], points, row["status"], short


def print_plan(found: "Preview") -> None:
    """What would be graded, a line per notebook, and the time it may take."""
    for work in found.todo:
        print(f"would grade {work.student} {work.lesson.topic}")
    print(f"would keep {len(found.kept)}, which did not change")
    if found.absent:
        absent = sorted({work.student for work in found.absent})
        print(f"nothing handed in by {', '.join(absent)}")
    if not found.todo:
        print("nothing to grade")
    elif found.seconds is None:
        print(f"{len(found.todo)} to grade; time: unknown, as nothing alike was graded before")
    elif found.workers is None:
        print(f"{len(found.todo)} to grade; about {spoken(found.seconds)} shared by the cluster")
    else:
        count = max(1, found.workers)
        who = "1 worker" if count == 1 else f"{count} workers"
        print(f"{len(found.todo)} to grade; about {spoken(found.seconds)} with {who}")


def spoken(seconds: float) -> str:
    """A time for a person."""
    if seconds >= 120:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def print_times(timed: "Sequence[Timing]") -> None:
    """Seconds per student and per exercise, slowest first."""
    from sixrounds.grading.times import totals  # noqa: PLC0415  see main

    print_totals("student", totals((one.student, one.seconds) for one in timed))
    print_totals("exercise", totals((one.exercise, one.seconds) for one in timed))


def print_totals(what: str, rows: "Sequence[Total]") -> None:
    """One table of times."""
    table = [(what, "answers", "seconds", "median", "slowest")]
    for row in rows:
        numbers = (f"{row.total:.2f}", f"{row.median:.2f}", f"{row.slowest:.2f}")
        table.append((row.name, str(row.count), *numbers))
    print("\n" + "\n".join(aligned(table)))
