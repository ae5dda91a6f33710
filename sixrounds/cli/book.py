"""`sixrounds book`: build the pages from executed notebooks."""

import argparse
import json

from sixrounds.cli.run import needs_extra
from sixrounds.paths import find_root


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("book", help="build the book from executed notebooks")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Builds the book and says where it is."""
    # The book's extra is needed from here on, and must not be for the rest of the command line.
    try:
        from sixrounds.book.build import build_book  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error, "author,book") from None

    book = build_book(find_root())
    if args.json:
        result = {
            "index": str(book.index),
            "notebooks": book.notebooks,
            "executed": 0,  # build_book raises otherwise
            "seconds": book.seconds,
        }
        print(json.dumps(result, indent=2))
    else:
        how = f"built in {book.seconds} s" if book.seconds else "nothing has changed"
        print(f"{how}; {book.notebooks} notebook(s), none executed again")
        print(f"open {book.index.as_uri()}")
        print(f"or serve it: python -m http.server -d {book.index.parent} 8000")
    return 0
