"""`sixrounds course`: make a folder in which a class is graded, and put in what was handed in."""

import argparse
import sys
from pathlib import Path
from typing import Any

from sixrounds.errors import SixRoundsError


def add_parser(subparsers: Any) -> None:
    """Declare the commands."""
    parser = subparsers.add_parser("course", help="make a course for a class, take work in")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add_init(actions)
    add_collect(actions)


def add_init(actions: Any) -> None:
    """Declare `course init`."""
    init = actions.add_parser("init", help="make a course, or add to one; overwrites nothing")
    init.add_argument("folder", type=Path, metavar="DIR", help="of the course")
    init.add_argument(
        "--assign",
        action="append",
        metavar="NAME=nb,nb…",
        help="an assignment of these notebooks (all chapters); may be given several times",
    )
    init.add_argument("--roster", type=Path, metavar="CSV", help="id[,first_name,last_name,email]")
    init.add_argument("--source", type=Path, metavar="DIR", help="a private tree, for exams")
    init.add_argument(
        "--db", metavar="URL", help="a gradebook elsewhere; env:NAME reads the URL from a variable"
    )
    init.add_argument("--new-seed", action="store_true", help="replace a seed that was lost")
    init.set_defaults(main=main_init)


def add_collect(actions: Any) -> None:
    """Declare `course collect`."""
    collect = actions.add_parser("collect", help="take in a zip or folder from an LMS")
    collect.add_argument("source", type=Path, metavar="ZIP", help="or a folder")
    collect.add_argument("--course", type=Path, required=True, metavar="DIR", help="its folder")
    collect.add_argument("--assignment", required=True, metavar="NAME", help="a chapter, or a name")
    collect.add_argument(
        "--pattern",
        metavar="REGEX",
        help="for paths inside, with (?P<student_id>…) and (?P<file_id>…), as nbgrader has them",
    )
    collect.set_defaults(main=main_collect)


def main_init(args: argparse.Namespace) -> int:
    """Make the course and say what was added and kept."""
    # nbgrader takes seconds to import, and a learner does not have it.
    try:
        from sixrounds.grading.course import init  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error) from None

    assign = parse_assign(args.assign) if args.assign else None
    said = init(
        args.folder,
        assign,
        args.roster,
        private=args.source,
        new_seed=args.new_seed,
        db=args.db,
    )
    for line in said or ["nothing to add"]:
        print(line)
    print(f"the course is in {args.folder}")
    print(f"  hand out   {args.folder}/release/<assignment>/")
    print(f"  put in     {args.folder}/submitted/<student>/<assignment>/<NN_topic>.ipynb")
    print(f"  or take in sixrounds course collect <zip> --assignment … --course {args.folder}")
    print(f"  then run   sixrounds grade <assignment> --course {args.folder}")
    return 0


def main_collect(args: argparse.Namespace) -> int:
    """Take in what was handed in; exit 1 if something in it was refused."""
    try:
        from sixrounds.grading.course import Course  # noqa: PLC0415  see main_init
        from sixrounds.grading.intake import collect  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error) from None

    course = Course.load(args.course)
    placed, refused = collect(course, args.assignment, args.source, args.pattern)
    for line in refused:
        print(line, file=sys.stderr)
    print(f"{placed} new, {len(refused)} refused")
    print(f"  then run   sixrounds grade {args.assignment} --course {args.course}")
    return 1 if refused else 0


def parse_assign(values: list[str]) -> dict[str, list[str]]:
    """`NAME=nb,nb` as a dictionary.

    Raises:
        SixRoundsError: one without a name or notebooks, or a name given twice.
    """
    found: dict[str, list[str]] = {}
    for value in values:
        name, _, rest = value.partition("=")
        notebooks = [part.strip() for part in rest.split(",") if part.strip()]
        if not name.strip() or not notebooks:
            raise SixRoundsError(
                f"--assign {value}: not NAME=nb,nb…; write for example "
                "--assign midterm=01_streams_and_inventory"
            )
        if name.strip() in found:
            raise SixRoundsError(f"--assign {value}: {name} is given twice; join the two lists")
        found[name.strip()] = notebooks
    return found


def needs_extra(error: ModuleNotFoundError) -> SixRoundsError:
    """What to do if nbgrader is not installed."""
    return SixRoundsError(
        f"{error.name}: not installed, and grading a class needs it; run "
        "`pip install 'sixrounds[author,course]'`"
    )
