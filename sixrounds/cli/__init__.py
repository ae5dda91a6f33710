"""`sixrounds COMMAND`: one thin command per room, each in a module of its own name."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any

from sixrounds import __version__
from sixrounds.errors import SixRoundsError
from sixrounds.imports import leave_out

COMMANDS = (
    "lab",
    "check",
    "status",
    "reset",
    "update",
    "doctor",
    "new",
    "editions",
    "prove",
    "instances",
    "run",
    "book",
    "grade",
    "course",
    "export",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; bad input is one line on standard error and exit code 2."""
    leave_out()
    parser = argparse.ArgumentParser(prog="sixrounds", description=__doc__)
    parser.add_argument("--version", action="version", version=f"sixrounds {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    given = list(sys.argv[1:] if argv is None else argv)
    # One that is named needs no other's imports: half a second.
    for name in given[:1] if given and given[0] in COMMANDS else COMMANDS:
        add_command(subparsers, name)
    args = parser.parse_args(given)
    try:
        return int(args.main(args))
    except SixRoundsError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; what was finished is kept", file=sys.stderr)
        return 130


def add_command(subparsers: Any, name: str) -> None:
    """Declare a command. One whose packages are not installed says so when it is used.

    `sixrounds doctor` must work just when something is missing.
    """
    try:
        importlib.import_module(f"sixrounds.cli.{name}").add_parser(subparsers)
    except ModuleNotFoundError as error:
        module = error.name

        def refuse(_args: argparse.Namespace) -> int:
            raise SixRoundsError(
                f"{module}: not installed, and `sixrounds {name}` needs it; "
                "`sixrounds doctor` says how to mend it"
            )

        parser = subparsers.add_parser(name, help=f"not usable here: {module} is not installed")
        parser.add_argument("rest", nargs=argparse.REMAINDER)
        parser.set_defaults(main=refuse)
