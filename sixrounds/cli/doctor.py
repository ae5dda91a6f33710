"""`sixrounds doctor`: what works on this machine, and the mend for what does not."""

import argparse
import json
from dataclasses import asdict
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("doctor", help="what works here, and how to mend what does not")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Exit 1 only if something is missing that a learner needs."""
    from sixrounds.doctor import examine  # noqa: PLC0415  only when it is used
    from sixrounds.finding import State  # noqa: PLC0415

    found = []
    for finding in examine():  # printed one by one: some take seconds
        found.append(finding)
        if not args.json:
            print(f"{finding.status:9s} {finding.name:13s} {finding.detail}", flush=True)
            if finding.mend:
                print(f"{'':23s} mend: {finding.mend}")
    missing = [finding.name for finding in found if finding.status is State.MISSING]
    if args.json:
        print(json.dumps([asdict(finding) for finding in found], indent=1))
    elif missing:
        print(f"missing for learners: {', '.join(missing)}; mend these first")
    else:
        print("a learner has everything; `optional` lines matter only to those who need them")
    return 1 if missing else 0
