"""The channel: whole messages, in time, or a clear end."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sixrounds.grading.wire import Channel, GoneError, NotPlainError, WireError
from sixrounds.grading.wire.nodes import MAX_BYTES, pack

Pair = tuple[Channel, socket.socket]
SOON = 0.2


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A channel, and the bare socket at its other end."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        yield Channel(mine), theirs


def framed(content: bytes) -> bytes:
    """A message as it goes over the socket."""
    return len(content).to_bytes(4, "big") + content


def test_messages_arrive_whole_and_in_order_from_pieces(pair: Pair) -> None:
    """A message that comes in pieces would be taken for a damaged one."""
    channel, peer = pair
    content = framed(pack(("a", 1))) + framed(pack(("b", b"x" * 1000)))

    def trickle() -> None:
        for start in range(0, len(content), 7):
            peer.sendall(content[start : start + 7])

    thread = threading.Thread(target=trickle)
    thread.start()
    assert channel.receive() == ("a", 1)
    assert channel.receive() == ("b", b"x" * 1000)
    thread.join()


def test_large_messages_go_both_ways(pair: Pair) -> None:
    """More than a socket's buffer would stop half-way."""
    channel, peer = pair
    other = Channel(peer)
    content = b"y" * 5_000_000

    def echo() -> None:
        other.send(other.receive())

    thread = threading.Thread(target=echo)
    thread.start()
    channel.send(("big", content))
    assert channel.receive() == ("big", content)
    thread.join()


def test_a_size_above_the_limit_is_refused_before_it_is_read(pair: Pair) -> None:
    """Four bytes would make the grader reserve gigabytes."""
    channel, peer = pair
    peer.sendall((MAX_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(WireError):
        channel.receive()


def test_a_message_above_the_limit_is_not_sent(pair: Pair) -> None:
    """The other side would break the conversation off; the value waits for a person instead."""
    channel, _ = pair
    with pytest.raises(NotPlainError):
        channel.send(b"z" * (MAX_BYTES + 1))


@pytest.mark.parametrize("sent", [b"", b"\x00\x00", framed(pack("half a message"))[:-3]])
def test_nothing_is_awaited_after_the_deadline(pair: Pair, sent: bytes) -> None:
    """An answer that stops in the middle of a message would hold the grader for ever."""
    channel, peer = pair
    peer.sendall(sent)
    channel.deadline = time.monotonic() + SOON
    with pytest.raises(GoneError) as caught:
        channel.receive()
    assert caught.value.late


def test_drops_that_never_end_do_not_move_the_deadline(pair: Pair) -> None:
    """A byte now and then would hold the grader for hours."""
    channel, peer = pair
    peer.sendall((1000).to_bytes(4, "big"))
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(SOON / 10):
            peer.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    channel.deadline = time.monotonic() + SOON
    with pytest.raises(GoneError) as caught:
        channel.receive()
    stop.set()
    thread.join()
    assert caught.value.late


def test_a_reply_after_the_deadline_does_not_count(pair: Pair) -> None:
    """An answer that was stopped would still get its points."""
    channel, peer = pair
    peer.sendall(framed(pack("too late")))
    channel.deadline = time.monotonic() - 1
    with pytest.raises(GoneError) as caught:
        channel.receive()
    assert caught.value.late


def test_a_reader_that_stopped_reading_does_not_stop_us(pair: Pair) -> None:
    """An answer that reads nothing more would hold the grader for ever."""
    channel, _ = pair
    channel.deadline = time.monotonic() + SOON
    with pytest.raises(GoneError) as caught:
        channel.send(b"z" * 10_000_000)
    assert caught.value.late


@pytest.mark.parametrize("sent", [b"", b"\x00\x00\x00", framed(pack("half a message"))[:-3]])
def test_a_closed_peer_is_told_from_a_late_one(pair: Pair, sent: bytes) -> None:
    """A crash would be called a timeout, or waited for."""
    channel, peer = pair
    peer.sendall(sent)
    peer.close()
    with pytest.raises(GoneError) as caught:
        channel.receive()
    assert not caught.value.late
    with pytest.raises(GoneError):
        channel.send(b"z" * 10_000_000)
