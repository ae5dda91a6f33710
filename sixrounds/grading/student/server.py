"""The fork server: `python -m sixrounds.grading.student.server FD`, started in the jail.

From standard input comes one JSON object: the setup cells, the jail's name and its limits. The
setup runs once; then each `start` on the control socket FD gives a fork that has its names, locks
itself down, and serves one answer on the socket that came with the request. It holds no secret:
no tests, no seed, nobody else's answer.
"""

import contextlib
import gc
import json
import os
import socket
import sys
from typing import Any

from sixrounds.grading.cells import Names, execute
from sixrounds.grading.jail import Limits, enter, prepare, reap
from sixrounds.grading.student.host import Host
from sixrounds.grading.student.processes import computed, dumpable
from sixrounds.grading.wire import Channel, GoneError, WireError

RECURSION = 3000
READY = "ready"


def main() -> None:
    """Set up, say so, and serve until the control socket is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    start = json.load(sys.stdin)
    prepare(start["jail"])
    sys.setrecursionlimit(RECURSION)
    names: Names = {"__name__": "__main__"}
    for place, source in enumerate(start["setup"]):
        execute(source, f"<setup {place + 1}>", names)
    if "sixrounds.cuda" in sys.modules:
        from sixrounds.cuda import remote  # noqa: PLC0415  loaded with it

        remote.warm()
    gc.collect()
    gc.freeze()  # forks share what is here instead of copying it when they collect
    dumpable(False)  # no fork may look into the server
    control.send(READY.encode())
    Server(control, names, start["jail"], Limits(**start["limits"])).serve()


class Server:
    """Answers requests `[number, what, pid]` with `[number, result]`."""

    def __init__(self, control: socket.socket, names: Names, jail: str, limits: Limits) -> None:
        self._control = control
        self._names = names
        self._jail = jail
        self._limits = limits
        self._started: list[int] = []

    def serve(self) -> None:
        """Serve until the other side is gone, then end everything."""
        while True:
            content, given, _, _ = socket.recv_fds(self._control, 4096, 1)
            if not content:
                break
            number, what, pid = json.loads(content)
            result: Any = 0
            if what == "start":
                result = self._start(given[0])
            elif what == "computed":
                result = computed(pid)
            else:
                self._end()
            for descriptor in given:
                os.close(descriptor)
            with contextlib.suppress(OSError):
                self._control.send(json.dumps([number, result]).encode())
        self._end()

    def _start(self, descriptor: int) -> int:
        pid = os.fork()
        if pid:
            self._started.append(pid)
            return pid
        try:
            self._control.close()
            self._host(descriptor)
        finally:
            os._exit(0)

    def _host(self, descriptor: int) -> None:
        """In the fork: give up everything, then serve one answer."""
        for number in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        dumpable(True)  # its own /proc is its own again
        enter(self._jail, self._limits)
        channel = Channel(socket.socket(fileno=descriptor))
        with contextlib.suppress(GoneError, WireError):
            Host(channel, self._names).serve()

    def _end(self) -> None:
        reap(self._started)
        self._started.clear()


if __name__ == "__main__":
    main()
