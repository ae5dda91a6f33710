"""Runs jobs in a process of its own: `python -m sixrounds.grading.worker`.

It reads lines of JSON: first the lesson's setup and the seed, then one list of tasks a line, each
answered by a line of results. The setup runs once; every exercise runs in a fork of that, so that
a crash, a hang or a changed global costs that exercise alone and the next one starts clean. All
comes as text, and the seed by standard input: never by argument or environment.
"""

import contextlib
import json
import linecache
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from sixrounds import testing
from sixrounds.grading.calls import Recorder
from sixrounds.grading.outcome import Outcome, OutOfTimeError, describe, first_hidden
from sixrounds.grading.replay import replay
from sixrounds.grading.soft import soften
from sixrounds.grading.verdict import Status
from sixrounds.grading.watch import watch
from sixrounds.source import code

Names = dict[str, Any]
HELPER_LIMIT = 5.0  # seconds of computing for all of a learner's own cells above an answer
REPEAT = 0.5  # the alarm rings again for code that swallows it
MAX_FILE = 64_000_000


def main() -> None:
    """Serve jobs from standard input on the first standard output, until it is closed."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.setrecursionlimit(3000)
    start = json.loads(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))
    testing.use_seed(bytes.fromhex(start["seed"]))
    setup: Names = {"__name__": "__main__"}
    for number, source in enumerate(start["setup"]):
        execute(source, f"<setup {number + 1}>", setup)
    for line in sys.stdin:
        results = [run_task(task, setup) for task in json.loads(line)]
        out.write(json.dumps(results) + "\n")
        out.flush()


def run_task(task: dict[str, Any], setup: Names) -> dict[str, Any]:
    """One exercise: an ordinary run for the verdict, a soft one for the trace if it is wanted.

    An answer that ran out of time is not run again: it was right up to there, or it would have
    failed before.
    """
    if task["scripts"]:
        return isolated(lambda: replay_answer(task, setup), budget(task))
    if task["trace"]:
        return isolated(lambda: trace_answer(task, setup), budget(task))
    result = isolated(lambda: grade_answer(task, setup), budget(task))
    if "trace" not in result and task["before"]:
        # The process died: if a scratch cell above the answer did it, the answer is not to blame.
        task = task | {"before": []}
        result = isolated(lambda: grade_answer(task, setup), budget(task))
    ended = {outcome[0] for outcome in result["outcomes"]}
    if ended & {Status.FAILED, Status.ERROR} and "trace" in result:
        traced = isolated(lambda: trace_answer(task, setup), budget(task))
        result["trace"] = traced.get("trace", [])
    return result


def budget(task: dict[str, Any]) -> float:
    """Wall seconds after which a fork is killed: for code that sleeps or swallows the alarm."""
    return 15 + 3 * (float(task["limit"]) * max(1, len(task["tests"])) + HELPER_LIMIT)


def grade_answer(task: dict[str, Any], setup: Names) -> dict[str, Any]:
    """Run the answer, then its tests, each to its first failure."""
    recorder = Recorder()
    names, failure = prepare(task, setup, recorder)
    outcomes = []
    met_hidden = False
    for test in task["tests"]:
        outcome = failure or run_tests(test, names, task["limit"], met_hidden=met_hidden)
        outcomes.append([outcome.status, outcome.message])
        met_hidden = met_hidden or first_hidden(test["source"]) is not None
    return {"outcomes": outcomes, "trace": plain(recorder)}


def plain(recorder: Recorder) -> list[list[Any]]:
    """The calls so far as plain data."""
    return [[call.key, call.result, call.raised] for call in recorder.trace()]


def trace_answer(task: dict[str, Any], setup: Names) -> dict[str, Any]:
    """Run the tests softly, for all the calls they make."""
    recorder = Recorder()
    names, failure = prepare(task, setup, recorder)
    if failure is None:
        for test in task["tests"]:
            run_tests(test, names, task["limit"], soft=True)
    return {"outcomes": [], "trace": plain(recorder)}


def replay_answer(task: dict[str, Any], setup: Names) -> dict[str, Any]:
    """Ask the answer the public probe inputs."""
    student, failure = run_answer(task, setup)
    asked: list[list[str]] = []
    if failure is None:
        with contextlib.suppress(OutOfTimeError), deadline(task["limit"]):
            asked = replay(student[task["id"]], task["id"], task["scripts"])
    calls = [
        [f"{script}.{step}", result, False]
        for script, results in enumerate(asked)
        for step, result in enumerate(results)
    ]
    return {"outcomes": [], "trace": calls}


def prepare(task: dict[str, Any], setup: Names, recorder: Recorder) -> tuple[Names, Outcome | None]:
    """The tests' names, with stand-ins for what the answer defines, or why there is no answer."""
    student, failure = run_answer(task, setup)
    if failure is not None:
        return {}, failure
    watch_queries(recorder)
    trusted = dict(setup)
    trusted[task["id"]] = recorder.stand_in(task["id"], student[task["id"]])
    for source in task["needs"]:
        execute(source, "<an earlier exercise>", trusted)
    for source in task["probes"]:
        execute(source, "<probe>", student)
        for probe in code.bound_names(source):
            trusted[probe] = recorder.stand_in(probe, student[probe])
    return trusted, None


def watch_queries(recorder: Recorder) -> None:
    """A query is text: its calls are those that `sixrounds.sql` makes, if a lesson uses that."""
    drills = sys.modules.get("sixrounds.sql")
    if drills is not None:
        drills.observe(lambda asked, answer, raised: recorder.note(repr(asked), answer, raised))


def run_answer(task: dict[str, Any], setup: Names) -> tuple[Names, Outcome | None]:
    """What the learner's code binds, and what kept it from binding the exercise's name."""
    student = dict(setup)
    name = task["id"]
    run_before(task["before"], student)
    for source in task["needs"]:
        execute(source, "<an earlier exercise>", student)
    student.pop(name, None)
    try:
        with deadline(task["limit"]):
            execute(task["answer"], f"<{name}>", student)
    except NotImplementedError as error:
        return {}, Outcome(Status.UNWRITTEN, str(error))
    except SyntaxError as error:
        where = f"line {error.lineno} of your cell"
        return {}, Outcome(Status.ERROR, f"your answer is not Python: {error.msg}, {where}")
    except OutOfTimeError:
        said = f"your cell did not finish within {task['limit']:g} s"
        return {}, Outcome(Status.TIMEOUT, said)
    except BaseException as error:
        return {}, Outcome(Status.ERROR, f"your cell raised {type(error).__name__}: {error}")
    if name not in student:
        return {}, Outcome(Status.ERROR, f"your cell does not define {name}")
    return student, None


def run_before(sources: list[str], student: Names) -> None:
    """Run a learner's own cells: they are theirs, what fails in them costs nothing by itself."""
    began = time.process_time()
    for number, source in enumerate(sources):
        left = HELPER_LIMIT - (time.process_time() - began)
        with contextlib.suppress(BaseException), deadline(max(left, 0.01)):
            execute(source, f"<your cell {number + 1}>", student)


def run_tests(
    test: dict[str, Any],
    names: Names,
    limit: float,
    *,
    soft: bool = False,
    met_hidden: bool = False,
) -> Outcome:
    """Run one tests cell against the stand-ins."""
    filename = f"<{test['grade_id']}>"
    source = test["source"]
    program = soften(source, filename) if soft else watch(source, filename, first_hidden(source))
    try:
        with deadline(limit):
            exec(compile(program, filename, "exec"), names)
    except BaseException as error:
        return describe(error, source, filename, limit, met_hidden=met_hidden)
    return Outcome(Status.PASSED)


def execute(source: str, filename: str, names: Names) -> None:
    """Run a cell, with its lines known to tracebacks and to `inspect`."""
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), names)


@contextlib.contextmanager
def deadline(seconds: float) -> Any:
    """Raise OutOfTimeError in the block after so many seconds of computing.

    Processor time, not wall time: a busy machine must not turn a right answer into a slow one.
    """

    def ring(_signal: int, _frame: Any) -> None:
        raise OutOfTimeError

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, REPEAT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def isolated(work: Callable[[], dict[str, Any]], seconds: float) -> dict[str, Any]:
    """The result of `work` in a fork, or what became of it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            with os.fdopen(writer, "w") as stream:
                json.dump(work(), stream)
        finally:
            os._exit(0)
    os.close(writer)
    text, in_time = drain(reader, seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        return dict(json.loads(text))
    except ValueError:
        ended = "your code ended the process" if in_time else "your code did not stop"
        status = Status.ERROR if in_time else Status.TIMEOUT
        return {"outcomes": [[status, ended]]}


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
