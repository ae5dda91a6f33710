"""`sixrounds lab`: a folder with your copies of the notebooks, opened in JupyterLab."""

import argparse
import sys
from pathlib import Path
from typing import Any

PASSED_ON = ("--no-browser", "--allow-root")


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("lab", help="work on the notebooks in a folder of your own")
    parser.add_argument(
        "dir", nargs="?", type=Path, metavar="DIR", help="the folder (this one, or ~/six-rounds)"
    )
    for option in PASSED_ON:
        parser.add_argument(option, action="store_true", help="passed on to JupyterLab")
    parser.add_argument("--no-start", action="store_true", help="add notebooks, start nothing")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Add what is missing, say so, and become JupyterLab."""
    from sixrounds.workspace import folder, lab  # noqa: PLC0415  only when it is used

    workspace = folder.Workspace(folder.default_root(args.dir))
    with folder.said_plainly():
        done = lab.prepare(workspace)
        for key in done.added:
            print(f"added {key}.ipynb")
        if done.kept:
            print(f"{len(done.kept)} already there, left as they are")
        for line in done.problems:
            print(line, file=sys.stderr)
        print(f"your notebooks are in {workspace.root}; nothing there is ever overwritten")
        if not args.no_start:
            options = [name for name in PASSED_ON if getattr(args, name[2:].replace("-", "_"))]
            lab.start(workspace, options)
    return 0
