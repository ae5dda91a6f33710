"""`sixrounds status`: what you have written, what passed, and what is next."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sixrounds.workspace.status import Row, Sheet


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("status", help="what is written, what passed, what is next")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="your folder of notebooks")
    parser.add_argument("--run", action="store_true", help="run the public tests first")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Exit 1 if a notebook could not be read; failed tests are no error of this command."""
    from sixrounds.workspace import folder, status  # noqa: PLC0415  only when it is used

    workspace = folder.find(args.dir)
    with folder.said_plainly():
        for line in status.check(workspace) if args.run else ():
            print(line, file=sys.stderr, flush=True)
        sheets = status.survey(workspace)
    following = status.next_row(sheets)
    if args.json:
        print(json.dumps(as_json(workspace.root, sheets, following), indent=1))
    else:
        print_sheets(sheets, following)
    return 1 if any(sheet.problem for sheet in sheets) else 0


def print_sheets(sheets: "list[Sheet]", following: "Row | None") -> None:
    """A line per exercise, a count per notebook and in all, and what is next."""
    for sheet in sheets:
        if sheet.problem:
            print(sheet.problem, file=sys.stderr)
            continue
        print(f"{sheet.key}.ipynb: {counted(sheet.rows)}")
        for row in sheet.rows:
            time = f"{row.minutes:3d} min" if row.minutes else ""
            print(f"  {row.exercise:34s} {time:8s} {row.status}")
            for label, said in (("", row.message), ("hint: ", row.hint)):
                if said:
                    print(f"      {label}{' '.join(said.split())}")
        if sheet.outdated:
            print("  a newer release is installed; run `sixrounds update`")
    if len(sheets) > 1:
        print(f"in all: {counted(row for sheet in sheets for row in sheet.rows)}")
    if following:
        time = f" ({following.minutes} min)" if following.minutes else ""
        print(f"next: {following.exercise}{time} in {following.notebook}.ipynb")


def counted(rows: "Iterable[Row]") -> str:
    """How many exercises have each status."""
    counts = Counter(row.status for row in rows)
    return ", ".join(f"{count} {status}" for status, count in counts.items()) or "no exercises"


def as_json(root: Path, sheets: "list[Sheet]", following: "Row | None") -> dict[str, Any]:
    """The same as plain data."""
    rows = [row for sheet in sheets for row in sheet.rows]
    return {
        "workspace": str(root),
        "notebooks": [asdict(sheet) for sheet in sheets],
        "total": dict(Counter(row.status for row in rows)),
        "next": asdict(following) if following else None,
    }
