"""`sixrounds course init`: make a folder in which a class is graded."""

import argparse
from pathlib import Path
from typing import Any

from sixrounds.errors import SixRoundsError


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("course", help="make a course folder for a class")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
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
    init.add_argument("--new-seed", action="store_true", help="replace a seed that was lost")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Make the course and say what was added and kept."""
    # nbgrader takes seconds to import, and a learner does not have it.
    try:
        from sixrounds.grading.course import init  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error) from None

    assign = parse_assign(args.assign) if args.assign else None
    for line in init(
        args.folder, assign, args.roster, private=args.source, new_seed=args.new_seed
    ) or ["nothing to add"]:
        print(line)
    print(f"the course is in {args.folder}")
    print(f"  hand out   {args.folder}/release/<assignment>/")
    print(f"  put in     {args.folder}/submitted/<student>/<assignment>/<NN_topic>.ipynb")
    print(f"  then run   sixrounds grade <assignment> --course {args.folder}")
    return 0


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
