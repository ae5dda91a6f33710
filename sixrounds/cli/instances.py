"""`sixrounds instances`: choose the small databases on which a drill's wrong queries go wrong."""

import argparse
import json
from typing import Any

from sixrounds import source
from sixrounds.grading import adversary
from sixrounds.paths import find_root


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("instances", help="choose the test data of SQL drills (authors)")
    parser.add_argument("pattern", nargs="?", help="part of <chapter>/<NN_topic>, or a glob")
    parser.add_argument("--only", metavar="ID", help="one drill")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Write `data/sql_drills/<id>.json`; exit 1 while a kind or a reason is not written yet."""
    root = find_root()
    missing = 0
    for lesson in source.load(root, args.pattern):
        if "sql.check(" not in lesson.path.read_text("utf-8"):
            continue
        for exercise, setup in adversary.queries_of(lesson):
            if args.only not in (None, exercise.id):
                continue
            path = root / adversary.FOLDER / f"{exercise.id}.json"
            old = json.loads(path.read_text("utf-8")) if path.is_file() else {}
            chosen = adversary.choose(exercise, setup, old)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(chosen.dumps(), "utf-8")
            print(
                f"{exercise.id}: {chosen.killed} wrong queries told apart by "
                f"{len(chosen.instances)} instances, {len(chosen.survivors)} not"
            )
            words = [one for one in chosen.instances if not one["kind"]]
            reasons = [one for one in chosen.survivors if not one["reason"]]
            missing += len(words) + len(reasons)
            if words or reasons:
                print(f"  {path}: write {len(words)} kinds and {len(reasons)} reasons")
    return 1 if missing else 0
