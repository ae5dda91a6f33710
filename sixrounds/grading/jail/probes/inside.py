"""Makes the attempts: `python -m sixrounds.grading.jail.probes.inside RUNG`, in the jail's shell.

Like the fork server of the grader, it forks for each attempt, and the fork enters the jail. From
standard input comes the scene, as JSON; to standard output goes a line for each attempt, with what
it got: nothing, if the jail holds. What only others can see, they look at themselves (`outside`).
"""

import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from sixrounds.grading.jail import Limits, enter, prepare, reap
from sixrounds.grading.jail.probes import amounts, files, honest, kernel, others, sockets
from sixrounds.grading.jail.probes.attempt import Scene
from sixrounds.grading.student.processes import dumpable

SECONDS = 20.0  # for one attempt, on a machine that is busy with other things
GONE = 2.0  # seconds in which all that was left must be gone
ENTERED = b"+"
Work = Callable[[Scene], list[str]]


@dataclass(frozen=True)
class Escape:
    """One kind of attempt.

    Attributes:
        name: what the jail withholds.
        attempt: tells what it got in spite of that.
        before: runs first, in a fork of its own that has ended by then.
        beside: another answer runs at the same time.
        killed: the jail does not refuse, but ends the process.
    """

    name: str
    attempt: Work
    before: Work | None = None
    beside: bool = False
    killed: bool = False


ESCAPES = (
    Escape("honest work", honest.honest_work),
    Escape("other files", files.read),
    Escape("names of files", files.names),
    Escape("writing elsewhere", files.write),
    Escape("changing files", files.change),
    Escape("the box before", files.find, before=files.leave),
    Escape("the answer beside", others.beside, beside=True),
    Escape("environment", files.environment),
    Escape("open descriptors", files.descriptors),
    Escape("network", sockets.network),
    Escape("localhost", sockets.localhost),
    Escape("local sockets", sockets.local_sockets),
    Escape("shared memory", sockets.shared_memory),
    Escape("signals", others.signals),
    Escape("other processes", others.processes),
    Escape("left running", others.leave_running),
    Escape("settings", kernel.settings),
    Escape("devices", kernel.devices),
    Escape("namespaces", kernel.namespaces),
    Escape("mounts", kernel.mounts),
    Escape("rights", kernel.rights),
    Escape("interfaces", kernel.interfaces),
    Escape("process count", amounts.processes),
    Escape("memory", amounts.memory),
    Escape("file size", amounts.file_size),
    Escape("box size", amounts.box_size),
    Escape("file count", amounts.open_files),
    Escape("processor time", amounts.compute, killed=True),
)


def main(rung: str) -> None:
    """Make all attempts."""
    scene: Scene = json.load(sys.stdin)
    prepare(rung)
    dumpable(False)
    scene |= {"server": os.getpid(), "outlives": 2 * GONE}
    for escape in ESCAPES:
        print(json.dumps([escape.name, outcome(rung, escape, scene)]), flush=True)


def outcome(rung: str, escape: Escape, scene: Scene) -> list[str]:
    """What an attempt got, and what it left behind."""
    if escape.before is not None:
        first = Fork(rung, escape.before, scene)
        first.hear()
        reap([first.pid])
        first.ends()
    beside = Fork(rung, files.stay, scene) if escape.beside else None
    if beside is not None:
        scene = scene | {"neighbor": [beside.pid, *beside.hear()]}
    fork = Fork(rung, escape.attempt, scene)
    got = fork.hear()
    if escape.killed and got == [Fork.SILENT]:
        got = []
    if beside is not None and not beside.lives():
        got.append("it was ended")
    reap([fork.pid] if beside is None else [fork.pid, beside.pid])
    if not all(one.ends() for one in (fork, beside) if one is not None):
        got.append("a process that does not end")
    return got


class Fork:
    """A process in the jail, and the pipe on which it tells what it got.

    All that it starts holds the pipe: it is closed when the last of them is gone.
    """

    SILENT = "an end without a word"

    def __init__(self, rung: str, work: Work, scene: Scene) -> None:
        self._reader, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            with contextlib.suppress(BaseException):
                os.close(self._reader)
                run(rung, work, scene | {"writer": writer})
            os._exit(0)
        os.close(writer)

    def hear(self) -> list[str]:
        """What it got."""
        end, said = time.monotonic() + SECONDS, b""
        while not said.endswith(b"\n"):
            if not self._ready(end - time.monotonic()):
                return [f"more than {SECONDS:g} s"]
            part = os.read(self._reader, 1 << 16)
            if not part:
                return [self.SILENT if said == ENTERED else "no jail: it did not enter"]
            said += part
        return list(json.loads(said.removeprefix(ENTERED)))

    def lives(self) -> bool:
        """Whether it runs and has nothing more to say."""
        return not self._ready(0)

    def ends(self) -> bool:
        """Whether all that it started is gone, or soon is; called once."""
        end, gone = time.monotonic() + GONE, False
        while not gone and self._ready(end - time.monotonic()):
            gone = not os.read(self._reader, 1 << 16)
        os.close(self._reader)
        return gone

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._reader], [], [], max(seconds, 0))[0])


def run(rung: str, work: Work, scene: Scene) -> None:
    """In the fork: enter the jail, make the attempt, and tell."""
    writer, nothing = scene["writer"], os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    dumpable(True)
    try:
        enter(rung, Limits(**scene["limits"]))
        os.write(writer, ENTERED)
        got = work(scene)
    except Exception as error:
        got = [f"it could not be tried: {type(error).__name__}: {error}"]
    os.write(writer, json.dumps(got).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
