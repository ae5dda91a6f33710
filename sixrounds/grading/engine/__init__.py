"""Who grades: this process, local workers, or the workers of a Dask cluster, by one interface.

engine(how, course's place for keys) -> Engine
Engine.run(jobs) -> results, as they finish

A job is one notebook of one student. Engines compute only: whoever asked writes what comes of it.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sixrounds.errors import SixRoundsError
from sixrounds.grading.engine.bench import KeyCabinet
from sixrounds.grading.engine.job import Job, Result
from sixrounds.grading.engine.local import Alone, Threads

__all__ = ["Engine", "How", "Job", "Result", "engine"]


@dataclass(frozen=True)
class How:
    """What an instructor chose.

    `workers` is how many notebooks are graded at once (None: as many as there are cores; 0 or 1:
    one after the other). `scheduler` is the address of a Dask scheduler, "" for this machine.
    `unsafe` grades without a jail where none works.
    """

    workers: int | None = None
    scheduler: str = ""
    unsafe: bool = False

    def require_possible(self) -> None:
        """Raises:
        SixRoundsError: a choice that no engine is made for.
        """
        if self.scheduler and self.workers is not None:
            raise SixRoundsError(
                "--workers and --scheduler: a cluster has its own workers; leave one of them out"
            )
        if self.workers is not None and self.workers < 0:
            raise SixRoundsError(f"--workers {self.workers}: must be 0 or more")


class Engine(Protocol):
    """Grades notebooks in some order."""

    @property
    def workers(self) -> int:
        """How many notebooks it grades at once."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """One result per job, as they finish; jobs are taken only as they are needed."""

    def close(self) -> None:
        """End all that was started, also in the middle of a run."""


def engine(how: How, keys: Path, name: str) -> Engine:
    """The engine that was chosen.

    Args:
        how: the choice.
        keys: where this machine keeps answer keys between runs.
        name: tells this course from others on the same cluster.

    Raises:
        SixRoundsError: an impossible choice, or the cluster cannot be used.
    """
    how.require_possible()
    if how.scheduler:
        return on_cluster(how, name)
    workers = available_cores() if how.workers is None else how.workers
    cabinet = KeyCabinet(keys)
    return Alone(cabinet, how.unsafe) if workers <= 1 else Threads(cabinet, how.unsafe, workers)


def on_cluster(how: How, name: str) -> Engine:
    """An engine on a Dask cluster, whose package is an extra of its own."""
    try:
        from sixrounds.grading.engine.cluster import Cluster  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SixRoundsError(
            f"{error.name}: not installed, and --scheduler needs it; run "
            "`pip install 'sixrounds[cluster]'`"
        ) from None
    return Cluster(how.scheduler, name, how.unsafe)


def available_cores() -> int:
    """The cores this process may use, which can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
