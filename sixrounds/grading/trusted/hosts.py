"""Gets processes for answers from the fork server, and ends them."""

import json
import select
import socket
import time
from dataclasses import dataclass

from sixrounds.grading.wire import Channel

WAIT = 60.0  # for the server to fork, on a machine that is busy with other things
MAX_REPLY = 4096


class ServerGoneError(RuntimeError):
    """The fork server ended or does not answer; a new one is needed."""


@dataclass
class Hosts:
    """The control socket of a fork server; one process uses it at a time.

    Every request has a number of its own, so that an answer to one that was given up, by this
    process or by one before it, is not taken for that to the next.
    """

    control: socket.socket

    def start(self) -> tuple[Channel, int]:
        """A new locked-down process that has the setup's names: a channel to it, and its number."""
        mine, theirs = socket.socketpair()
        with theirs:
            pid = self._ask("start", 0, theirs)
        return Channel(mine), int(pid)

    def computed(self, pid: int) -> float:
        """Seconds that a process and what it started have computed."""
        return self._ask("computed", pid)

    def end(self) -> None:
        """End all processes that were started, and what they started."""
        self._ask("end", 0)

    def _ask(self, what: str, pid: int, given: socket.socket | None = None) -> float:
        number = time.monotonic_ns()
        request = json.dumps([number, what, pid]).encode()
        try:
            if given is None:
                self.control.send(request)
            else:
                socket.send_fds(self.control, [request], [given.fileno()])
            return self._reply(number)
        except (OSError, ValueError) as error:
            raise ServerGoneError(f"the fork server ended: {error}") from None

    def _reply(self, wanted: int) -> float:
        end = time.monotonic() + WAIT
        while select.select([self.control], [], [], max(end - time.monotonic(), 0))[0]:
            content = self.control.recv(MAX_REPLY)
            if not content:
                break
            number, result = json.loads(content)
            if number == wanted:
                return float(result)
        raise ServerGoneError("the fork server does not answer")
