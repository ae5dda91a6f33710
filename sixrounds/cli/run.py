"""`sixrounds run`: execute worked notebooks, or check that learners' editions hold together."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from sixrounds.errors import SixRoundsError
from sixrounds.paths import CHAPTERS, find_root, lesson_key, select

if TYPE_CHECKING:
    from sixrounds.run import Job, RunResult


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("run", help="execute notebooks, each once, cached")
    parser.add_argument("pattern", nargs="?", help="glob or part of <chapter>/<NN_topic>")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (2)")
    parser.add_argument("--learner", action="store_true", help="check the learner's editions")
    parser.add_argument("--no-cache", action="store_true", help="run even what did not change")
    parser.add_argument("--progress", action="store_true", help="show the bar in a log, too")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Runs the notebooks asked for; 1 if one of them fails, else 0."""
    # The author's extra is needed from here on, and must not be for the rest of the command line.
    try:
        from sixrounds.run import run_notebooks  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise needs_extra(error, "author") from None

    root = find_root()
    jobs = _jobs(root, args.pattern, learner=args.learner)
    results = run_notebooks(
        [job for _, job in jobs],
        workers=args.workers,
        progress="always" if args.progress else True,
        root=root,
        use_cache=not args.no_cache,
        on_result=None if args.json else _print_line,
    )
    # A learner's edition is run from a copy; what is reported is the notebook itself.
    results = [
        dataclasses.replace(result, path=source.relative_to(root))
        for (source, _), result in zip(jobs, results, strict=True)
    ]
    if args.json:
        print(json.dumps([_as_json(result) for result in results], indent=2))
    else:
        print(_summary(results))
    return 0 if all(result.succeeded for result in results) else 1


def needs_extra(error: ModuleNotFoundError, extras: str) -> SixRoundsError:
    """What to do about a package that only some people install."""
    return SixRoundsError(
        f"{error.name}: not installed, and this command needs it; run "
        f"`pip install 'sixrounds[{extras}]'`"
    )


def _jobs(root: Path, pattern: str | None, *, learner: bool) -> list[tuple[Path, "Job"]]:
    """Each notebook with the job that executes it."""
    folder, runs = ("notebooks", "learner_runs") if learner else ("book", "runs")
    sources = {
        lesson_key(path): path
        for chapter in CHAPTERS
        for path in sorted((root / folder / chapter).glob("*.ipynb"))
    }
    if not sources:
        raise SixRoundsError(f"{root / folder}: no notebooks there; run `sixrounds editions` first")
    return [
        (sources[key], _job(sources[key], root / "build", runs, learner=learner))
        for key in select(list(sources), pattern)
    ]


def _job(source: Path, build: Path, runs: str, *, learner: bool) -> "Job":
    from sixrounds.run import Job  # noqa: PLC0415  see main

    name = Path(source.parent.name) / source.name
    executed = _write_subset(source, build / "learner_source" / name) if learner else source
    return Job(executed, build / runs / name, allow_errors=learner)


def _write_subset(source: Path, target: Path) -> Path:
    """Writes what needs to run of a learner's edition to `target`; returns that."""
    from sixrounds.run import (  # noqa: PLC0415  see main
        learner_subset,
        read_notebook,
        write_notebook,
    )

    write_notebook(learner_subset(read_notebook(source)), target)
    return target


def _print_line(result: "RunResult") -> None:
    peak = f"{result.peak_mb:6.0f} MB" if result.peak_mb is not None else " " * 9
    print(f"{result.status:8}{result.seconds:7.1f} s{peak}  {lesson_key(result.path)}", flush=True)
    if result.error:
        print(f"        {result.error}", flush=True)


def _summary(results: list["RunResult"]) -> str:
    counts = dict.fromkeys(("ok", "cached", "failed", "timeout"), 0)
    for result in results:
        counts[result.status] += 1
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return f"{len(results)} notebook{'s' if len(results) != 1 else ''}: {said}"


def _as_json(result: "RunResult") -> dict[str, object]:
    return {**dataclasses.asdict(result), "path": result.path.as_posix()}
