"""From a task to what its tests cells need: stand-ins, on a process that holds the answer."""

import contextlib
import time
from dataclasses import dataclass
from typing import Any

from sixrounds.grading.calls import Recorder
from sixrounds.grading.cells import Names, execute
from sixrounds.grading.outcome import Outcome, OutOfTimeError, UnsupportedError, unusable
from sixrounds.grading.trusted import stand_ins
from sixrounds.grading.trusted.hosts import Hosts
from sixrounds.grading.trusted.peer import Peer
from sixrounds.grading.trusted.shape import Kind, shape_of
from sixrounds.grading.verdict import Status
from sixrounds.grading.wire import GoneError
from sixrounds.source import code

HELPER_LIMIT = 5.0  # seconds of computing for all of a learner's own cells above an answer


@dataclass
class Prepared:
    """A process that holds the answer, and the tests' names; or why there is no answer."""

    peer: Peer | None = None
    pid: int = 0
    names: Names | None = None
    failure: Outcome | None = None

    @property
    def lost(self) -> bool:
        """Whether the process cannot be asked any more."""
        return self.peer is not None and self.peer.gone is not None


class Answers:
    """Makes processes that hold the answer of a task, as many as are lost on the way."""

    def __init__(self, task: dict[str, Any], setup: Names, hosts: Hosts) -> None:
        self._task = task
        self._setup = setup
        self._hosts = hosts
        self._shape = shape_of(task["id"], task["stub"])
        self._before: list[str] = task["before"]
        self._reader: Peer | None = None

    def prepare(self, recorder: Recorder) -> Prepared:
        """A new process with the answer in it, and stand-ins for what it binds.

        A learner's own cell may end the process; then it is left out, and the answer is not to
        blame.
        """
        prepared = self._attempt(recorder)
        if prepared.lost and self._before:
            self._before = []
            prepared = self._attempt(recorder)
        return prepared

    def _attempt(self, recorder: Recorder) -> Prepared:
        channel, pid = self._hosts.start()
        channel.deadline = time.monotonic() + wall(self._task["limit"]) + wall(HELPER_LIMIT)
        peer = Peer(channel, self._setup)
        failure = self._run(peer)
        if failure is not None:
            return Prepared(peer, pid, None, failure)
        names = dict(self._setup)
        for source in self._task["needs"]:
            execute(source, "<an earlier exercise>", names)
        try:
            names[self._shape.name] = recorder.stand_in(self._shape.name, self._stand_in(peer))
            for source in self._task["probes"]:
                peer.ours(source, "<probe>")
                for probe in code.bound_names(source):
                    made = stand_ins.function_of(peer, probe, probe)
                    names[probe] = recorder.stand_in(probe, made)
        except (GoneError, UnsupportedError) as error:
            return Prepared(peer, pid, None, unusable(error))
        return Prepared(peer, pid, names)

    def _run(self, peer: Peer) -> Outcome | None:
        """Run the learner's cells; what kept them from binding the exercise's name, if anything."""
        name, limit = self._shape.name, self._task["limit"]
        try:
            if self._before:
                peer.allow(HELPER_LIMIT)
                with contextlib.suppress(OutOfTimeError):
                    peer.before(self._before)
            peer.allow(limit)
            for source in self._task["needs"]:
                peer.ours(source, "<an earlier exercise>")
            bound = peer.answer(name, self._task["answer"], self._shape.kind is Kind.CLASS)
        except NotImplementedError as error:
            return Outcome(Status.UNWRITTEN, str(error))
        except SyntaxError as error:
            said = f"{error.msg or error}, line {error.__dict__.get('_sixrounds_line', 0)}"
            return Outcome(Status.ERROR, f"your answer is not Python: {said} of your cell")
        except OutOfTimeError:
            return Outcome(Status.TIMEOUT, f"your cell did not finish within {limit:g} s")
        except GoneError as error:
            return unusable(error)
        except Exception as error:
            return Outcome(Status.ERROR, f"your cell raised {type(error).__name__}: {error}")
        return None if bound else Outcome(Status.ERROR, f"your cell does not define {name}")

    def _stand_in(self, peer: Peer) -> Any:
        """What the tests get for the answer."""
        shape = self._shape
        if shape.kind is Kind.FUNCTION:
            function = stand_ins.function_of(peer, shape.name, shape.name)
            return stand_ins.like_stub(function, self._stub())
        if shape.kind is Kind.CLASS:
            kind = stand_ins.class_of(peer, shape)
            peer.knows(shape.name, kind)
            return kind
        return peer.value(shape.name)

    def _stub(self) -> Any:
        """What the stub binds: the function that a learner was given to fill in."""
        names = dict(self._setup)
        with contextlib.suppress(Exception):  # it may lean on an earlier exercise
            execute(self._task["stub"], "<stub>", names)
        return names.get(self._shape.name)

    def query(self, *question: Any) -> Any:
        """Run a learner's query, in a process that ran none of their Python."""
        return self._texts_host(question[-1] or 0).query(*question)

    def launch(self, request: dict[str, Any]) -> Any:
        """Compile and launch a learner's kernel, in a process that ran none of their Python."""
        seconds = min(request["seconds"], self._task["limit"] / 2)
        host = self._texts_host(COMPILING + seconds)
        return host.launch(request | {"seconds": seconds})

    def _texts_host(self, seconds: float) -> Peer:
        """The process for text that is code, ready to be asked what may take so long."""
        if self._reader is None or self._reader.gone is not None:
            channel, _ = self._hosts.start()
            self._reader = Peer(channel, self._setup)
            self._reader.allow(TEXTS)
        self._reader.channel.deadline = time.monotonic() + 2 * wall(seconds)
        return self._reader


TEXTS = 600.0  # seconds for all queries or launches of a task; each has a limit of its own
COMPILING = 10.0  # seconds of a launch that has to be compiled first


def wall(seconds: float) -> float:
    """How long to wait for so much computing, on a machine that is busy with other things."""
    return 5 + 3 * seconds
