"""Plain data between two processes, one of which is not trusted: msgpack and raw buffers.

Encoder, Decoder    values to nodes and back; never pickle, eval or an import asked for by the peer
Channel             framed messages on a socket, with limits of size and time
"""

from sixrounds.grading.wire.channel import Channel, GoneError
from sixrounds.grading.wire.decode import Decoder
from sixrounds.grading.wire.encode import Encoder
from sixrounds.grading.wire.nodes import NotPlainError, WireError

__all__ = ["Channel", "Decoder", "Encoder", "GoneError", "NotPlainError", "WireError"]
