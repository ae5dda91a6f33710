"""One worker process, from start to verdict."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil

from sixrounds.errors import SixRoundsError
from sixrounds.run import cache
from sixrounds.run.environment import worker_environment
from sixrounds.run.judge import last_started
from sixrounds.run.model import Job, RunResult, Status
from sixrounds.run.notebooks import read_notebook


class Worker:
    """Runs one job in a process of its own, in an empty folder, and kills it when told to.

    Args:
        job: what to run.
        folder: an existing empty folder of this worker's own.
        jupyter: the folder given to `environment.write_kernel`.
        one_thread: let numerical libraries use a single thread.
    """

    def __init__(self, job: Job, folder: Path, jupyter: Path, *, one_thread: bool) -> None:
        self.job = job
        self._report = folder / "report.json"
        self._log = folder / "worker.log"
        empty = folder / "empty"  # so that no notebook comes to rely on a relative path
        for each in (empty, folder / "runtime", folder / "ipython"):
            each.mkdir()
        job.output.parent.mkdir(parents=True, exist_ok=True)
        cache.forget(job.output)
        job.output.unlink(missing_ok=True)
        command = [sys.executable, "-m", "sixrounds.imports", "sixrounds.run.worker"]
        command += [str(path.resolve()) for path in (job.source, job.output, empty, self._report)]
        if job.allow_errors:
            command.append("--allow-errors")
        self._started = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=empty,
                env=worker_environment(jupyter, folder, one_thread=one_thread),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def seconds(self) -> float:
        """Wall time since the process was started."""
        return round(time.monotonic() - self._started, 2)

    @property
    def running(self) -> bool:
        """True until the process has ended by itself or was killed."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends the worker, its kernel and whatever that started; harmless if it has ended."""
        if not self.running:
            return
        # The kernel is in a session of its own, so a signal to our group would not reach it.
        worker = psutil.Process(self._process.pid)
        family = [*worker.children(recursive=True), worker]
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self._process.wait()

    def result(self) -> RunResult:
        """What the ended process reported."""
        seconds = self.seconds
        try:
            report = json.loads(self._report.read_text("utf-8"))
        except (OSError, ValueError):
            return RunResult(self.job.source, "failed", seconds, None, self._last_words())
        error = report["error"]
        status: Status = "failed" if error else "ok"
        return RunResult(self.job.source, status, seconds, round(report["peak_mb"], 1), error)

    def timed_out(self, limit: float) -> RunResult:
        """The verdict on a worker that was killed for taking longer than `limit` seconds."""
        where = self._last_started()
        error = f"{where or 'before the first cell'}: still running after {limit:g} s; stopped"
        return RunResult(self.job.source, "timeout", self.seconds, None, error)

    def _last_started(self) -> str | None:
        """The cell it was at; an output that it was killed while writing is deleted."""
        try:
            return last_started(read_notebook(self.job.output))
        except SixRoundsError:
            self.job.output.unlink(missing_ok=True)
            return None

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", errors="replace").strip().splitlines()
        said = lines[-1] if lines else "it said nothing"
        return f"the worker process ended with code {self._process.returncode}: {said}"
