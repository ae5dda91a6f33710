"""`sixrounds new`: start a lesson from one that works."""

import argparse
from typing import Any

from sixrounds.paths import find_root, lesson_key
from sixrounds.source.scaffold import create


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("new", help="start a lesson that validates and proves")
    parser.add_argument("chapter", help="a chapter, like round2_coding or round2")
    parser.add_argument("topic", help="a name, like sliding_windows")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Write the file and say what to do with it."""
    root = find_root()
    path = create(root, args.chapter, args.topic)
    print(f"{path.relative_to(root)}: change it, then run")
    print(f"  sixrounds prove {lesson_key(path)}")
    print(f"  sixrounds editions {lesson_key(path)}")
    return 0
