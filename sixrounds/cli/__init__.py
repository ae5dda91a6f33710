"""`sixrounds COMMAND`: one thin command per room, each in a module of its own name."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from sixrounds import __version__
from sixrounds.errors import SixRoundsError

COMMANDS = ("new", "editions", "prove", "run", "book", "check", "grade", "course")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; bad input is one line on standard error and exit code 2."""
    parser = argparse.ArgumentParser(prog="sixrounds", description=__doc__)
    parser.add_argument("--version", action="version", version=f"sixrounds {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"sixrounds.cli.{name}").add_parser(subparsers)
    args = parser.parse_args(argv)
    try:
        return int(args.main(args))
    except SixRoundsError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; what was finished is kept", file=sys.stderr)
        return 130
