"""Runs tasks in a process of its own: `python -m sixrounds.grading.worker`.

It reads lines of JSON: first the lesson's setup, the seed and how to start the fork server, then
one list of tasks a line, each answered by a line of results. This is the trusted side: it runs our
setup and our tests; learners' code runs in processes of the fork server, in the jail.

The setup runs once; every task runs in a fork of that, so that whatever an answer does to its tests
costs that exercise alone. The seed comes by standard input: never by argument or environment, and
the fork server, which starts first, never has it.
"""

import contextlib
import gc
import json
import math
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sixrounds import testing
from sixrounds.grading import rehearsal
from sixrounds.grading.calls import Recorder
from sixrounds.grading.cells import Budget, Names, deadline, execute
from sixrounds.grading.outcome import Outcome, OutOfTimeError, credited, describe, first_hidden
from sixrounds.grading.program import CREDIT, compiled
from sixrounds.grading.replay import replay
from sixrounds.grading.soft import NAME as FAILED
from sixrounds.grading.student.processes import dumpable
from sixrounds.grading.student.server import READY, RECURSION
from sixrounds.grading.trusted.answer import HELPER_LIMIT, Answers, Prepared, wall
from sixrounds.grading.trusted.hosts import Hosts
from sixrounds.grading.verdict import Status

MAX_FILE = 64_000_000
EXTRA_MEMORY = 3 << 30  # bytes that a fork may take on top of what the setup took
SPARE = 5.0  # processor seconds for what a fork of ours does besides running tests
BOOT = 120.0  # seconds for the fork server's imports and setup
REHEARSED_AT = 2  # answers to one exercise: for a single one it would gain nothing
SLACK = 1.0  # seconds that the learner's process may compute beyond a limit before it counts


def main() -> None:
    """Serve tasks from standard input on the first standard output, until it is closed."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.setrecursionlimit(RECURSION)
    start = json.loads(sys.stdin.readline())
    server = Server(start)
    dumpable(False)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))
    testing.use_seed(bytes.fromhex(start["seed"]))
    setup: Names = {"__name__": "__main__"}
    for number, source in enumerate(start["setup"]):
        execute(source, f"<setup {number + 1}>", setup)
    gc.collect()
    gc.freeze()  # forks share what is here instead of copying it when they collect
    hosts = server.ready()
    met: Counter[str] = Counter()
    for line in sys.stdin:
        results = []
        for task in json.loads(line):
            met[task["id"]] += 1
            if met[task["id"]] == REHEARSED_AT and rehearsal.worthwhile(task):
                rehearse(task, setup)
            results.append(run_task(task, setup, hosts))
        out.write(json.dumps(results) + "\n")
        out.flush()


def rehearse(task: dict[str, Any], setup: Names) -> None:
    """Remember what the references of a task's tests return, for all answers to come."""
    work = partial(rehearsal.rehearse, task, setup)
    rehearsal.take(isolated(lambda _: work(), budget(task), computing(task)))


class Server:
    """The fork server, started while our own setup runs."""

    def __init__(self, start: dict[str, Any]) -> None:
        self._mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = Path("server.txt")
        module = "sixrounds.grading.student.server"
        with theirs, self._errors.open("wb") as errors:
            process = subprocess.Popen(
                [*start["shell"], sys.executable, "-m", module, str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=[theirs.fileno()],
                env=start["environment"],
            )
        given = {"setup": start["setup"], "jail": start["jail"], "limits": start["limits"]}
        with process.stdin or contextlib.nullcontext() as stream, contextlib.suppress(OSError):
            if stream is not None:
                stream.write(json.dumps(given).encode())

    def ready(self) -> Hosts:
        """The server, once it can fork.

        Raises:
            RuntimeError: it ended, or takes too long; its last words are in the message.
        """
        if select.select([self._mine], [], [], BOOT)[0] and self._mine.recv(100) == READY.encode():
            return Hosts(self._mine)
        lines = self._errors.read_text(errors="replace").strip().splitlines() or ["no output"]
        raise RuntimeError(f"the fork server did not start: {lines[-1]}")


Result = dict[str, Any]
Tell = Callable[[Result], None]


def run_task(task: dict[str, Any], setup: Names, hosts: Hosts) -> Result:
    """One exercise: for its verdict, for all the calls of a soft run, or for given inputs."""
    work = replay_answer if task["scripts"] else grade_answer
    result = isolated(lambda tell: work(task, setup, hosts, tell), budget(task), computing(task))
    hosts.end()
    return result


def budget(task: dict[str, Any]) -> float:
    """Wall seconds after which a fork of ours is killed: all its waiting is bounded already."""
    cells = max(1, len(task["tests"]))
    return 60 + cells * (2 * wall(float(task["limit"])) + 2 * wall(HELPER_LIMIT))


def computing(task: dict[str, Any]) -> int:
    """Processor seconds after which a fork of ours is killed.

    Its tests are stopped before, but no alarm of Python's stops what loops in C: printing a list
    that holds itself many times over, or filling a dictionary with keys that collide.
    """
    return math.ceil(SPARE + 2 * max(1, len(task["tests"])) * float(task["limit"]))


def grade_answer(task: dict[str, Any], setup: Names, hosts: Hosts, tell: Tell) -> Result:
    """Run the answer, then its tests, each cell to its first failure; the calls of all.

    Nothing comes after the last cell, so that it goes on softly for the calls it would have made;
    its outcome is that of its first failure, and is told before. With `trace` all cells do so, and
    have no outcomes. `whole`: no cell ended early.
    """
    recorder = Recorder()
    answers = Answers(task, setup, hosts)
    watch_texts(recorder, answers)
    prepared = answers.prepare(recorder)
    outcomes: list[Any] = []
    met_hidden, whole = False, True
    for test in task["tests"]:
        if prepared.failure is None and prepared.lost:
            prepared = answers.prepare(recorder)  # the cell before ended its process
        cell = TestsCell(test, task["limit"], soft=task["trace"] or test is task["tests"][-1])
        if not task["trace"]:
            cell.tell = lambda outcome: tell({"outcomes": [*outcomes, raw(outcome)]})
        outcome = cell.run(prepared, hosts, met_hidden=met_hidden)
        outcomes.append(raw(outcome))
        met_hidden = met_hidden or first_hidden(test["source"]) is not None
        whole = whole and not cell.cut
    if task["trace"]:
        outcomes = []
    return {"outcomes": outcomes, "trace": plain(recorder), "whole": whole}


def raw(outcome: Outcome) -> list[Any]:
    """An outcome as plain data."""
    return [outcome.status, outcome.message, outcome.credit]


def plain(recorder: Recorder) -> list[list[Any]]:
    """The calls so far as plain data."""
    return [[call.key, call.result, call.raised] for call in recorder.trace()]


def replay_answer(task: dict[str, Any], setup: Names, hosts: Hosts, _tell: Tell) -> Result:
    """Ask the answer the public probe inputs."""
    answers = Answers(task, setup, hosts)
    watch_texts(None, answers)
    prepared = answers.prepare(Plain())
    asked: list[list[str]] = []
    if prepared.names is not None and prepared.peer is not None:
        prepared.peer.allow(task["limit"])
        prepared.peer.channel.deadline = time.monotonic() + 2 * wall(task["limit"])
        with contextlib.suppress(OutOfTimeError), deadline(task["limit"]):
            asked = replay(prepared.names[task["id"]], task["id"], task["scripts"])
    calls = [
        [f"{script}.{step}", result, False]
        for script, results in enumerate(asked)
        for step, result in enumerate(results)
    ]
    return {"outcomes": [], "trace": calls}


class Plain(Recorder):
    """Hands stand-ins on as they are: a replay has a recorder of its own."""

    def stand_in(self, name: str, value: Any) -> Any:
        """The value itself."""
        return value


def watch_texts(recorder: Recorder | None, answers: Answers) -> None:
    """An answer that is text runs in the jail, and its calls are those that our rooms make."""
    watch_queries(recorder, answers)
    watch_kernels(recorder, answers)


def watch_kernels(recorder: Recorder | None, answers: Answers) -> None:
    """Launches of `sixrounds.cuda`: what is kept of each is what `expect` saw in it."""
    if "sixrounds.cuda" not in sys.modules:
        return
    from sixrounds.cuda import observe, remote  # noqa: PLC0415  loaded with it

    def launch(request: dict[str, Any]) -> Any:
        if recorder is not None:  # that it was asked at all, also by a test without `expect`
            recorder.note(("launch", request["name"], request["lane"]), "", False)
        return answers.launch(request)

    remote.run_elsewhere(launch)
    if recorder is not None:
        observe(lambda asked, seen: recorder.note(asked.key, seen, False))


def watch_queries(recorder: Recorder | None, answers: Answers) -> None:
    """A query is text: it runs in the jail, and its calls are those that `sixrounds.sql` makes."""
    drills = sys.modules.get("sixrounds.sql")
    if drills is None:
        return
    from sixrounds.sql import remote  # noqa: PLC0415  loaded with it

    remote.use(giving_up(answers.query))
    if recorder is not None:
        drills.observe(lambda asked, answer, raised: recorder.note(repr(asked), answer, raised))


def giving_up(query: Callable[..., Any]) -> Callable[..., Any]:
    """Asks no more queries once one took all its time: a check has many databases to try."""
    slow = False

    def ask(text: str, schema: str, tables: Any, seconds: float | None) -> Any:
        nonlocal slow
        if slow:
            raise OutOfTimeError
        began = time.monotonic()
        try:
            return query(text, schema, tables, seconds)
        except Exception:
            slow = seconds is not None and time.monotonic() - began >= seconds
            raise

    return ask


class TestsCell:
    """A run of one tests cell against the stand-ins.

    `tell` is called with the outcome at the first failure of a soft run, before it goes on; None
    for a run that is not judged. `cut`: the run ended at a failure, and more calls would come.
    """

    __test__ = False  # pytest would take it for a class of tests

    def __init__(self, test: dict[str, Any], limit: float, *, soft: bool) -> None:
        self._test = test
        self._limit = limit
        self._soft = soft
        self.tell: Callable[[Outcome], None] | None = None
        self.cut = False

    def run(self, prepared: Prepared, hosts: Hosts, *, met_hidden: bool = False) -> Outcome:
        """The outcome: that of the first failure."""
        if prepared.names is None or prepared.peer is None:
            return prepared.failure or Outcome(Status.ERROR)
        source, limit, names = self._test["source"], self._limit, prepared.names
        filename = f"<{self._test['grade_id']}>"
        said = partial(describe, source=source, filename=filename, limit=limit)
        first: list[Outcome] = []
        budget = Budget(limit)

        def failed(error: Exception) -> None:
            if not first:
                with budget.paused():
                    first.append(said(error, met_hidden=met_hidden))
                    if self.tell is not None:
                        self.tell(first[0])
            if self.tell is not None and first[0].status is Status.UNWRITTEN:
                raise error  # there is nothing to go on with

        names[FAILED], names[CREDIT] = failed, None
        prepared.peer.channel.deadline = time.monotonic() + 2 * wall(limit)
        try:
            prepared.peer.allow(limit)
            before = hosts.computed(prepared.pid)
            with budget.running():
                exec(compiled(source, filename, soft=self._soft), names)
            if not first and hosts.computed(prepared.pid) - before > limit + SLACK:
                raise OutOfTimeError  # it did not let itself be stopped
        except BaseException as error:
            self.cut = isinstance(error, Exception)
            return first[0] if first else said(error, met_hidden=met_hidden)
        given = names[CREDIT]
        if first or type(given) is not testing.Credit:
            return first[0] if first else Outcome(Status.PASSED)
        return credited(given, self._test["points"], self._test["grade_id"])


def isolated(work: Callable[[Tell], Result], seconds: float, computing: int) -> Result:
    """The result of `work` in a fork, or what became of it.

    Args:
        work: what to do there; what it tells counts if it comes to no end.
        seconds: of wall time after which the fork is killed.
        computing: processor seconds after which it is killed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.setsid()
            limit_memory()
            resource.setrlimit(resource.RLIMIT_CPU, (computing, computing + 1))
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            with os.fdopen(writer, "w") as stream:

                def tell(result: Result) -> None:
                    stream.write(json.dumps(result) + "\n")
                    stream.flush()

                tell(work(tell))
        finally:
            os._exit(0)
    os.close(writer)
    text, in_time = drain(reader, seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    in_time = in_time and os.waitstatus_to_exitcode(status) != -signal.SIGXCPU
    lines = text.split("\n")[:-1]  # a last one without an end was cut
    if lines:
        return dict(json.loads(lines[-1]))
    ended = "its tests could not be run to their end" if in_time else "your code did not stop"
    return {"outcomes": [[Status.ERROR if in_time else Status.TIMEOUT, ended, None]]}


def limit_memory() -> None:
    """Bound what a fork of ours may take: an answer can be endless (Linux)."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + EXTRA_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def drain(reader: int, seconds: float) -> tuple[str, bool]:
    """All that a fork writes, and whether it closed its end in time."""
    end = time.monotonic() + seconds
    parts: list[bytes] = []
    with os.fdopen(reader, "rb", buffering=0) as stream:
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([stream], [], [], left)[0]:
                return b"".join(parts).decode(errors="replace"), False
            part = stream.read(1 << 16)
            if not part:
                return b"".join(parts).decode(errors="replace"), True
            parts.append(part)


if __name__ == "__main__":
    main()
