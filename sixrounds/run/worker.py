"""The process that executes one notebook: `python -m sixrounds.run.worker SOURCE OUTPUT …`.

It runs the notebook with papermill, writes the executed notebook to OUTPUT and a JSON object
{"error": str | null, "peak_mb": float} to REPORT, and exits 0 whatever the notebook did.
The time limit is the caller's business: a worker can be killed at any time.
"""

import argparse
import json
from pathlib import Path

import papermill
from papermill.exceptions import PapermillExecutionError

from sixrounds.run.judge import first_problem, last_started, without_banners
from sixrounds.run.memory import PeakMemory
from sixrounds.run.notebooks import read_notebook, write_notebook
from sixrounds.run.versions import note

KERNEL = "python3"


def execute(source: Path, output: Path, cwd: Path, *, allow_errors: bool) -> str | None:
    """Runs a notebook; returns its first problem in one line, or None.

    Args:
        source: the notebook, left unchanged.
        output: where the executed notebook goes, after every cell.
        cwd: the kernel's working folder.
        allow_errors: go on after a cell that fails, as in a learner's edition.
    """
    try:
        # No parameters: papermill would add a cell for them, and the cache of the book miss.
        papermill.execute_notebook(
            source,
            output,
            cwd=cwd,
            kernel_name=KERNEL,
            progress_bar=False,
            allow_errors=allow_errors,
        )
    except PapermillExecutionError:
        pass  # what happened stands in the output, for all cells and not just the first
    except Exception as problem:  # the kernel died or did not start
        where = last_started(read_notebook(output)) if output.is_file() else None
        reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        return f"{where or 'before the first cell'}: the kernel stopped: {reason}"
    executed = without_banners(read_notebook(output))
    note(executed)
    write_notebook(executed, output)
    return first_problem(executed, allow_errors=allow_errors)


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("source", "output", "cwd", "report"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--allow-errors", action="store_true")
    args = parser.parse_args()
    with PeakMemory() as memory:
        error = execute(args.source, args.output, args.cwd, allow_errors=args.allow_errors)
    report = {"error": error, "peak_mb": memory.megabytes}
    args.report.write_text(json.dumps(report), "utf-8")


if __name__ == "__main__":
    main()
