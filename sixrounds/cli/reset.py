"""`sixrounds reset`: one exercise back to its stub; what you wrote is kept below it as text."""

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("reset", help="start one exercise again, keeping what you wrote")
    parser.add_argument("exercise", metavar="ID", help="the name that the exercise defines")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="your folder of notebooks")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Reset the exercise and say where the old answer is."""
    from sixrounds.workspace import folder, reset  # noqa: PLC0415  only when it is used

    workspace = folder.find(args.dir)
    with folder.said_plainly():
        done = reset.reset(workspace, args.exercise)
    if done.backup is None:
        print(f"{args.exercise}: nothing written yet in {done.key}.ipynb; nothing changed")
        return 0
    kept = {0: "nothing was written", 1: "your answer is kept in a text cell below it"}.get(
        done.moved, f"your {done.moved} answers are kept in text cells"
    )
    print(f"{args.exercise}: back to its stub in {done.key}.ipynb; {kept}")
    print(f"  the notebook before is {done.backup.relative_to(workspace.root)}")
    print("  if it is open in Jupyter, choose File > Reload Notebook from Disk before you go on")
    return 0
