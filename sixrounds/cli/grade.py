"""`sixrounds grade`: grade what a class handed in."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sixrounds.cli.course import needs_extra

COLUMNS = ("student", "notebook", "exercise", "points", "status", "message")
WIDEST = 160  # an exception of a learner can say anything


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("grade", help="grade the submissions of a course")
    parser.add_argument("assignment", metavar="CHAPTER", help="a chapter or an assignment's name")
    parser.add_argument("--course", type=Path, required=True, metavar="DIR", help="its folder")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--regrade", action="store_true", help="grade even what did not change")
    parser.add_argument("--student", metavar="ID", help="grade only this student")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Grade, print a row per exercise, and say where the feedback lies."""
    # nbgrader takes seconds to import, and a learner does not have it.
    try:
        from sixrounds.grading.cohort import grade_course  # noqa: PLC0415
        from sixrounds.grading.course import Course  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error) from None

    rows = grade_course(
        Course.load(args.course),
        args.assignment,
        student=args.student,
        regrade=args.regrade,
        say=lambda line: print(line, file=sys.stderr, flush=True),
    )
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    print_table(rows)
    print(f"gradebook  {args.course}/gradebook.db")
    print(f"feedback   {args.course}/feedback/<student>/{args.assignment}/")
    return 0


def print_table(rows: list[dict[str, Any]]) -> None:
    """One line per exercise; what was recognized stands below it."""
    lines = [COLUMNS, *(cells_of(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    for number, line in enumerate(lines):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())
        if number and rows[number - 1]["hint"]:
            print(f"{'':8s}hint: {rows[number - 1]['hint']}")


def cells_of(row: dict[str, Any]) -> tuple[str, ...]:
    """A row as text."""
    message = " ".join(str(row["message"]).split())
    short = message if len(message) <= WIDEST else message[: WIDEST - 1] + "…"
    points = f"{row['score']:g}/{row['max_score']:g}"
    return row["student"], row["notebook"], row["exercise"], points, row["status"], short
