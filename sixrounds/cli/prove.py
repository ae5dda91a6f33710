"""`sixrounds prove`: does every exercise grade rightly?"""

import argparse
import json
import sys
from typing import Any

from sixrounds import source
from sixrounds.grading.proofs import prove_all
from sixrounds.paths import find_root


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "prove", help="grade every stub, reference, accepted answer and mistake"
    )
    parser.add_argument("pattern", nargs="?", help="part of <chapter>/<NN_topic>, or a glob")
    parser.add_argument("--json", action="store_true", help="print the proof as JSON")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="under N seeds (1)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (2)")
    parser.add_argument("--resume", action="store_true", help="skip what did not change")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Exit 1 if any state of any exercise is graded wrongly."""
    root = find_root()
    content = prove_all(
        root,
        source.load(root, args.pattern),
        seed_count=max(1, args.seeds),
        workers=max(1, args.workers),
        resume=args.resume,
        done=lambda line: print(f"proved {line}", file=sys.stderr),
    )
    text = json.dumps(content, indent=1)
    if args.pattern is None:  # the status page speaks of the whole curriculum
        path = root / "build" / "proof.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    if args.json:
        print(text)
    else:
        print_table(content)
    return 1 if content["faults"] else 0


def print_table(content: dict[str, Any]) -> None:
    """One line per exercise, then what is wrong."""
    print(f"{'exercise':34s} {'stub':7s} {'reference':9s} {'accepts':>7s} {'mistakes':>8s} hints")
    for row in content["exercises"]:
        right = sum(one["full"] for one in row["accepts"])
        caught = sum(one["caught"] for one in row["mistakes"])
        hints = sum(one["hint_shown"] for one in row["mistakes"])
        total = len(row["mistakes"])
        stub = "caught" if row["stub"] == "caught" else "WRONG"
        full = "full" if row["reference"] == "full" else "WRONG"
        accepts = f"{right}/{len(row['accepts'])}"
        print(
            f"{row['id']:34s} {stub:7s} {full:9s} {accepts:>7s} {caught:>6d}/{total} "
            f"{hints:>3d}/{total}"
        )
    for fault in content["faults"]:
        print(f"WRONG {fault}")
    verdict = f"{len(content['faults'])} wrong" if content["faults"] else "everything holds"
    count = len(content["exercises"])
    print(f"{count} exercises, {content['seeds']} seeds, {content['seconds']} s: {verdict}")
