"""Messages across a socket.

A message is a dict. It travels as the lengths of two parts, a JSON text (`packing` says what is in it), and the bytes
of all arrays behind it. Receiving trusts nothing: a message that is malformed or too large raises `WireError`.
"""

import json
import socket
import struct
import time

from .data import Foreign
from .packing import MAX_ARRAYS, Packer, Unpacker, WireError

__all__ = ["Channel", "ClosedError", "LateError", "WireError", "pair"]

#: The largest text part of a message, in bytes.
MAX_TEXT_PART = 2 * 2**20

LENGTHS = struct.Struct("<II")


class LateError(Exception):
    """The other side said nothing within the time it had."""


class ClosedError(Exception):
    """The other side is gone."""


class Channel:
    """Messages over a connected socket.

    Parameters
    ----------
    connection : socket.socket
    views : be the student's side, which reads arrays in any layout and sends them row by row, see `Unpacker`
    foreign : foreign(number, kind, is_module) makes the stand-in for a thing of the other side
    number : number(thing) is the number by which the other side asks for a thing of this one
    """

    def __init__(self, connection, views=False, foreign=None, number=lambda foreign: None):
        self.connection, self.views, self.buffer = connection, views, bytearray()
        self.number = number
        self.foreign = foreign or (lambda number, kind, is_module: Foreign(kind, is_module))

    def send(self, message, deadline=None):
        """Send one message. ``deadline``: of time.monotonic(); None waits for ever.

        Raises
        ------
        WireError
            If the message is larger than the other side would read; nothing has been sent then.
        LateError, ClosedError
            If the other side does not take it in time, or is gone.
        """
        packer = Packer(self.number, layout=not self.views)
        text = json.dumps({key: packer.pack(value) for key, value in message.items()}).encode()
        data = b"".join(packer.arrays)
        if len(text) > MAX_TEXT_PART or len(data) > MAX_ARRAYS:
            raise WireError("more than one message may hold")
        self._until(deadline)
        try:
            self.connection.sendall(LENGTHS.pack(len(text), len(data)) + text + data)
        except TimeoutError:
            raise LateError from None
        except OSError as error:
            raise ClosedError(str(error)) from None

    def receive(self, deadline=None):
        """The next message. ``deadline``: of time.monotonic(); None waits for ever.

        Raises
        ------
        WireError
            If the bytes are no message.
        LateError, ClosedError
            If it has not come in time (what has is kept for the next try), or the other side is gone.
        """
        start = LENGTHS.size
        self._fill(start, deadline)
        text_length, data_length = LENGTHS.unpack(self.buffer[:start])
        if text_length > MAX_TEXT_PART or data_length > MAX_ARRAYS:
            raise WireError("a message larger than any of ours")
        middle, end = start + text_length, start + text_length + data_length
        self._fill(end, deadline)
        text, data = bytes(self.buffer[start:middle]), bytes(self.buffer[middle:end])
        del self.buffer[:end]
        return self._read(text, data)

    def _read(self, text, data):
        """The message that two parts make."""
        try:
            nodes = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise WireError(f"no JSON: {type(error).__name__}") from None
        if type(nodes) is not dict:
            raise WireError(f"a message that is no dict but {type(nodes).__name__}")
        unpacker = Unpacker(data, self.views, self.foreign)
        try:
            message = {key: unpacker.unpack(node) for key, node in nodes.items()}
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            # `Unpacker` refuses by itself. Should it forget a case, that must not look like a grader that failed.
            raise WireError(f"no value: {type(error).__name__}: {error}") from error
        if unpacker.at != len(data):
            raise WireError("bytes of no array")
        return message

    def _fill(self, length, deadline):
        """Wait for this many bytes; what has come when the time is over is kept for the next try."""
        while len(self.buffer) < length:
            self._until(deadline)
            try:
                part = self.connection.recv(min(length - len(self.buffer), 2**20))
            except (TimeoutError, BlockingIOError):
                raise LateError from None
            except OSError as error:
                raise ClosedError(str(error)) from None
            if not part:
                raise ClosedError("the other side ended")
            self.buffer += part

    def _until(self, deadline):
        if deadline is None:
            self.connection.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise LateError
        self.connection.settimeout(left)


def pair():
    """Two ends of one connection: a `socket.socket` each."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
