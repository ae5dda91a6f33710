"""A worker that does nothing, for tests of who runs when."""

from sixrounds.run import RunResult


class IdleWorker:
    """Stands in for a worker process: ends after three looks, and notes who ran beside it."""

    seen: list[set[str]]
    present: set[str]

    def __init__(self, job, folder, jupyter, *, one_thread):
        self.job, self.seconds, self._looks = job, 0.1, 0
        self.present.add(job.source.stem)
        self.seen.append(set(self.present))

    @property
    def running(self) -> bool:
        self._looks += 1
        if self._looks < 4:
            return True
        self.present.discard(self.job.source.stem)
        return False

    def result(self) -> RunResult:
        self.job.output.parent.mkdir(exist_ok=True)
        self.job.output.touch()
        return RunResult(self.job.source, "ok", 0.1, 50.0, None)

    def kill(self) -> None:
        self.present.discard(self.job.source.stem)
