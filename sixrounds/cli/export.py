"""`sixrounds export`: a graded assignment as CSV or JSON, and what the class got wrong."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sixrounds.cli.course import needs_extra
from sixrounds.cli.grade import aligned
from sixrounds.errors import SixRoundsError

if TYPE_CHECKING:
    from sixrounds.grading.exports import Failing


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("export", help="results of a course as CSV or JSON")
    parser.add_argument("assignment", metavar="CHAPTER", help="a chapter or an assignment's name")
    parser.add_argument("--course", type=Path, required=True, metavar="DIR", help="its folder")
    parser.add_argument("--csv", metavar="FILE", help="a row per student and exercise (- prints)")
    parser.add_argument("--json", metavar="FILE", help="the same rows as JSON (- prints)")
    parser.add_argument(
        "--mistakes", metavar="FILE", help="what the class got wrong, by mistake, as CSV"
    )
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Write what is asked for; print what the class got wrong if nothing is."""
    # nbgrader takes seconds to import, and a learner does not have it.
    try:
        from sixrounds.grading import exports  # noqa: PLC0415
        from sixrounds.grading.choice import find_works  # noqa: PLC0415
        from sixrounds.grading.course import Course  # noqa: PLC0415
        from sixrounds.grading.gradebook import opened  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error) from None

    course = Course.load(args.course)
    works = find_works(course, args.assignment)
    with opened(course.database) as book:
        rows, said = exports.records(works, book)
    again = f"`sixrounds grade {args.assignment} --course {args.course}`"
    if not rows:
        raise SixRoundsError(f"{args.assignment}: nothing of it is graded yet; run {again}")
    for line in said:
        print(f"{line}; run {again}", file=sys.stderr)
    table = exports.failing(rows, dict.fromkeys(work.plan for work in works))
    if args.csv:
        write(args.csv, exports.as_csv(exports.Record, rows))
    if args.json:
        write(args.json, json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    if args.mistakes:
        write(args.mistakes, exports.as_csv(exports.Failing, table))
    if not (args.csv or args.json or args.mistakes):
        print_failing(table)
    return 0


def write(target: str, text: str) -> None:
    """Write a file, or print for `-`.

    Raises:
        SixRoundsError: it cannot be written.
    """
    if target == "-":
        print(text, end="")
        return
    try:
        Path(target).write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SixRoundsError(f"{target}: {error.strerror}; name another file") from None
    print(f"wrote {target}")


def print_failing(table: "list[Failing]") -> None:
    """What the class got wrong, as text."""
    if not table:
        print("nobody lost points")
        return
    lines = [("notebook", "exercise", "students", "share", "mistake")]
    for row in table:
        share = f"{100 * row.share:.0f} %"
        lines.append((row.notebook, row.exercise, f"{row.count}/{row.of}", share, row.mistake))
    print("\n".join(aligned(lines)))
