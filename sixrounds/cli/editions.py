"""`sixrounds editions`: make every product of the lessons, or check that they are up to date."""

import argparse
from typing import Any

import sixrounds.grading.hints  # noqa: F401  registers its edition
from sixrounds import source
from sixrounds.editions import EDITIONS, stale, write
from sixrounds.paths import find_root


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("editions", help="make notebooks and hints from solutions/")
    parser.add_argument("pattern", nargs="?", help="part of <chapter>/<NN_topic>, or a glob")
    parser.add_argument("--only", choices=sorted(EDITIONS), help="one kind of product")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if one is stale")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Exit 1 if `--check` finds a committed product that its source does not give."""
    root = find_root()
    lessons = source.load(root, args.pattern)
    chosen = [one for name, one in EDITIONS.items() if args.only in (None, name)]
    if args.check:
        old = [
            path for one in chosen if one.committed for path in stale(root, one.make(root, lessons))
        ]
        for path in old:
            print(f"{path}: not what its source gives; run `sixrounds editions`")
        return 1 if old else 0
    for one in chosen:
        for change in write(root, one.make(root, lessons)):
            print(f"{one.name:8s} {change.path}")
            if change.kept:
                print(f"         your edited copy is kept as {change.kept.relative_to(root)}")
    return 0
