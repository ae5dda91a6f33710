"""`sixrounds update`: bring the installed release into your notebooks; your work stays."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("update", help="bring a new release into your notebooks")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="your folder of notebooks")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Exit 1 if a notebook could not be read; the others are updated all the same."""
    from sixrounds.workspace import folder, update  # noqa: PLC0415  only when it is used

    workspace = folder.find(args.dir)
    with folder.said_plainly():
        done = update.update(workspace, dry_run=args.dry_run)
    would = "would be " if args.dry_run else ""
    for one in done:
        if one.status == "problem":
            print(one.remarks[0], file=sys.stderr)
            continue
        done_to_it = {"new": f"{would}added", "updated": f"{would}updated"}
        print(f"{one.key}: {done_to_it.get(one.status, one.status)}")
        for line in one.remarks:
            print(f"  {line}")
        if one.backup:
            print(f"  before: {one.backup.relative_to(workspace.root)}")
    if any(one.backup for one in done):
        print("if one is open in Jupyter, choose File > Reload Notebook from Disk")
    return 1 if any(one.status == "problem" for one in done) else 0
