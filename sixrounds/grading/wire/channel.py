"""Framed messages on a stream socket: four bytes of length, then one packed node."""

import select
import socket
import time

from sixrounds.grading.wire.nodes import MAX_BYTES, Node, NotPlainError, WireError, pack, unpack

HEAD = 4
PART = 1 << 18


class GoneError(BaseException):
    """The other side ended, did not answer in time (`late`) or broke the rules (`damaged`).

    Not an Exception: a test that expects an error must not take this one for it.
    """

    def __init__(self, *, late: bool = False, damaged: bool = False) -> None:
        super().__init__("no answer in time" if late else "no more answers")
        self.late = late
        self.damaged = damaged


class Channel:
    """One end of a conversation; nothing is awaited after `deadline`, a time.monotonic()."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)  # a reader that stopped reading must not stop us
        self._socket = connection
        self._buffer = bytearray()  # read, and not yet asked for
        self.deadline: float | None = None

    def send(self, node: Node) -> None:
        """Send a node.

        Raises:
            NotPlainError: it is too large.
            GoneError: nobody reads it.
        """
        content = pack(node)
        if len(content) > MAX_BYTES:
            raise NotPlainError(f"{len(content)} bytes; {MAX_BYTES} may cross at once")
        view = memoryview(len(content).to_bytes(HEAD, "big") + content)
        while view:
            try:
                view = view[self._socket.send(view[:PART]) :]
            except BlockingIOError:
                self._wait(writing=True)
            except OSError:
                raise GoneError from None

    def receive(self) -> Node:
        """The next node.

        Raises:
            WireError: it is none; the conversation cannot go on.
            GoneError: the other side ended, or it is too late.
        """
        size = int.from_bytes(self._read(HEAD), "big")
        if size > MAX_BYTES:
            raise WireError(f"a message of {size} bytes")
        content = self._read(size)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise GoneError(late=True)
        return unpack(content)

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()

    def _read(self, size: int) -> bytearray:
        while len(self._buffer) < size:
            try:
                part = self._socket.recv(PART)
            except BlockingIOError:
                self._wait(writing=False)
                continue
            except OSError:
                raise GoneError from None
            if not part:
                raise GoneError
            self._buffer += part
        found = self._buffer[:size]
        del self._buffer[:size]
        return found

    def _wait(self, writing: bool) -> None:
        """Wait until the socket can be used, at most to the deadline."""
        left = None if self.deadline is None else self.deadline - time.monotonic()
        if left is not None and left <= 0:
            raise GoneError(late=True)
        mine = [self._socket]
        ready = select.select([] if writing else mine, mine if writing else [], [], left)
        if not (ready[0] or ready[1]):
            raise GoneError(late=True)
