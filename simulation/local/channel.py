"""How the engine and its processes talk: JSON objects, each with bytes behind it, over a socket.

A message is a header of two lengths, the JSON, and the bytes.  Bytes are pickled rows, and they go
from the database to an interpreter only; the engine itself never unpickles anything.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

from attrs import define, field

Message = dict[str, Any]

HEADER = struct.Struct(">II")
CHUNK = 1 << 16  # bytes asked for at once


class ChannelClosed(Exception):
    """The other side is gone."""


def encode(message: Message, body: bytes = b"") -> bytes:
    """A message as it goes over the socket."""
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()
    return HEADER.pack(len(text), len(body)) + text + body


@define
class Decoder:
    """Bytes in, messages out; sans-IO."""

    _buffer: bytearray = field(factory=bytearray, repr=False)

    def feed(self, data: bytes) -> Iterator[tuple[Message, bytes]]:
        """The messages that `data` completes."""
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            text, body = HEADER.unpack_from(self._buffer)
            end = HEADER.size + text + body
            if len(self._buffer) < end:
                return
            message = json.loads(bytes(self._buffer[HEADER.size : HEADER.size + text]))
            behind = bytes(self._buffer[HEADER.size + text : end])
            del self._buffer[:end]
            yield message, behind


class Channel:
    """One end of a socket, for a process that may block."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._sending = threading.Lock()
        self._decoder = Decoder()
        self._ready: list[tuple[Message, bytes]] = []

    def fileno(self) -> int:
        """For `select`."""
        return self._end.fileno()

    def send(self, message: Message, body: bytes = b"") -> None:
        """Sends one message; threads may do so at once.

        Raises:
          ChannelClosed: nobody is there to read it.
        """
        try:
            with self._sending:
                self._end.sendall(encode(message, body))
        except OSError as error:
            raise ChannelClosed from error

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until there is something to receive, or a hang-up; whether there is."""
        return bool(self._ready) or bool(select.select([self._end], [], [], seconds)[0])

    def receive(self) -> tuple[Message, bytes]:
        """The next message; waits for it.

        Raises:
          ChannelClosed: there will be none.
        """
        while not self._ready:
            try:
                data = self._end.recv(CHUNK)
            except OSError as error:
                raise ChannelClosed from error
            if not data:
                raise ChannelClosed
            self._ready.extend(self._decoder.feed(data))
        return self._ready.pop(0)

    def close(self) -> None:
        """Hangs up."""
        self._end.close()
