"""Runs a cell's code under a name, and stops code that computes for too long."""

import contextlib
import linecache
import signal
import time
from collections.abc import Iterator
from typing import Any

from sixrounds.grading.outcome import OutOfTimeError

Names = dict[str, Any]
REPEAT = 0.5  # the alarm rings again for code that swallows it


def execute(source: str, filename: str, names: Names) -> None:
    """Run a cell, with its lines known to tracebacks and to `inspect`."""
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), names)


class Budget:
    """So many seconds of computing for code that runs piece by piece.

    Processor time, not wall time: a busy machine must not turn a right answer into a slow one.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._began = 0.0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Charge the block; OutOfTimeError is raised in it once nothing is left."""
        self._start()
        try:
            yield
        finally:
            self._stop()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Within `running`: a block that costs nothing and is not interrupted."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def _start(self) -> None:
        if self._left <= 0:
            raise OutOfTimeError
        signal.signal(signal.SIGPROF, ring)
        self._began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, self._left, REPEAT)

    def _stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._left -= time.process_time() - self._began


def ring(_signal: int, _frame: Any) -> None:
    """The alarm."""
    raise OutOfTimeError


def deadline(seconds: float) -> contextlib.AbstractContextManager[None]:
    """Raise OutOfTimeError in the block after so many seconds of computing."""
    return Budget(seconds).running()
