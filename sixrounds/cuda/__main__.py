"""python -m sixrounds.cuda doctor: what works on this machine."""

import argparse
import sys

from sixrounds.cuda.doctor import lines
from sixrounds.errors import SixRoundsError


def main(words: list[str] | None = None) -> int:
    """Run a command; 1 if something does not work that should."""
    parser = argparse.ArgumentParser(prog="python -m sixrounds.cuda", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    doctor = commands.add_parser("doctor", help="lanes, compilers, limits, and a self-test")
    doctor.add_argument("--quick", action="store_true", help="without the self-test")
    chosen = parser.parse_args(words)
    failed = False
    try:
        for line in lines(selftest=not chosen.quick):
            print(line, flush=True)
            failed = failed or line.startswith("  NOT ")
    except SixRoundsError as error:
        print(error, file=sys.stderr)
        return 1
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
