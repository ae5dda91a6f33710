"""`sixrounds check`: run the visible tests of a notebook on your answers."""

import argparse
from pathlib import Path
from typing import Any

from sixrounds.checking import check_notebook, report
from sixrounds.grading.verdict import Status
from sixrounds.workspace.status import remembered


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("check", help="run the visible tests on your answers")
    parser.add_argument("notebook", type=Path, help="your copy of a notebook")
    parser.add_argument("exercise", nargs="*", help="exercises to check (all that are written)")
    parser.add_argument("--all", action="store_true", help="go on after the first that fails")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Exit 1 if an answer that was written does not pass its visible tests."""
    names = args.exercise or None
    with remembered(args.notebook) as verdicts:
        stop = not (args.all or args.exercise)
        verdicts.extend(check_notebook(args.notebook, names, stop=stop))
    for verdict in verdicts:
        print(report(verdict))
    fine = (Status.PASSED, Status.UNWRITTEN)
    failed = any(verdict.status not in fine for verdict in verdicts)
    if failed and stop:
        print(f"stopped here; `sixrounds check {args.notebook} --all` goes on")
    return 1 if failed else 0
