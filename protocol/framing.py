"""JSON-RPC messages as lines of bytes, without any input or output.

`Lines` cuts a stream of bytes into lines and bounds what it keeps of them; `decoded` makes a
message of a line, or the error that answers a line which is none.

https://www.jsonrpc.org/specification
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import attrs
import mcp_types as types
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

logger = logging.getLogger(__name__)

# A statement may have 16 MiB, and JSON escapes make up to three times as much of it.
MAX_LINE = 48 * 2**20  # bytes
ENDS_KEPT = 512  # bytes kept of either end of a line that is too long: its id is in one of them

_ID = rb'"id"\s*:\s*(-?[0-9]{1,18}|"[^"\\]{0,200}")'
_ID_AT_THE_HEAD = re.compile(rb'\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?' + _ID)
_ID_AT_THE_TAIL = re.compile(_ID + rb'\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$')


@attrs.frozen
class TooLong:
    """What is kept of a line that was longer than allowed."""

    head: bytes = attrs.field(repr=False)
    tail: bytes = attrs.field(repr=False)
    length: int

    def request_id(self) -> str | int | None:
        """The message's id, which clients write at either end."""
        found = _ID_AT_THE_HEAD.match(self.head) or _ID_AT_THE_TAIL.search(self.tail)
        return json.loads(found[1]) if found else None


@attrs.define(eq=False)
class Lines(Iterator[bytes | TooLong]):
    """Bytes in by `feed`, lines out by iteration, which stops where a line is not complete yet."""

    limit: int = MAX_LINE
    _buffer: bytearray = attrs.field(factory=bytearray, init=False)
    _searched: int = attrs.field(default=0, init=False)  # no newline before here
    _head: bytes | None = attrs.field(default=None, init=False)  # of a line that is too long
    _dropped: int = attrs.field(default=0, init=False)

    def feed(self, chunk: bytes) -> None:
        """Take some more bytes."""
        self._buffer += chunk

    def end(self) -> None:
        """No more bytes come: what there is, is the last line."""
        if self._buffer or self._head is not None:
            self._buffer += b"\n"

    def __next__(self) -> bytes | TooLong:
        while (end := self._buffer.find(b"\n", self._searched)) >= 0:
            line = self._line(end)
            del self._buffer[: end + 1]
            self._searched = 0
            if isinstance(line, TooLong) or line.strip():
                return line
        self._searched = len(self._buffer)
        if self._searched > self.limit:
            self._drop()
        raise StopIteration

    def _line(self, end: int) -> bytes | TooLong:
        if self._head is None and end <= self.limit:
            return bytes(self._buffer[:end])
        head = self._head if self._head is not None else bytes(self._buffer[:ENDS_KEPT])
        line = TooLong(
            head, bytes(self._buffer[max(0, end - ENDS_KEPT) : end]), self._dropped + end
        )
        self._head, self._dropped = None, 0
        return line

    def _drop(self) -> None:
        if self._head is None:
            self._head = bytes(self._buffer[:ENDS_KEPT])
        dropped = len(self._buffer) - ENDS_KEPT
        del self._buffer[:dropped]
        self._dropped += dropped
        self._searched = len(self._buffer)


def decoded(line: bytes | TooLong) -> types.JSONRPCMessage | Refused:
    """The message that a line is, or what to answer where it is none."""
    if isinstance(line, TooLong):
        fault = f"a message has at most {MAX_LINE:,} bytes, this one has {line.length:,}"
        return Refused(types.INVALID_REQUEST, fault, line.request_id())
    try:
        return types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except (ValidationError, ValueError, RecursionError):
        return _refused(line)


@attrs.frozen
class Refused:
    """A line that is no message."""

    code: int
    fault: str
    request_id: str | int | None

    def answer(self) -> types.JSONRPCError:
        """The error to send back; without an id where there was none to be read."""
        error = types.ErrorData(code=self.code, message=self.fault)
        return types.JSONRPCError(jsonrpc="2.0", id=self.request_id, error=error)


def _refused(line: bytes) -> Refused:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return Refused(types.PARSE_ERROR, "not JSON", None)
    if not isinstance(message, dict):
        return Refused(types.INVALID_REQUEST, "not one JSON-RPC message in an object", None)
    request_id = message.get("id")
    known = isinstance(request_id, str | int) and not isinstance(request_id, bool)
    return Refused(types.INVALID_REQUEST, "not a JSON-RPC message", request_id if known else None)


def encoded(message: types.JSONRPCMessage) -> bytes:
    """A message as a line.  An answer that JSON cannot carry is told as an error."""
    try:
        return message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
    except (PydanticSerializationError, UnicodeEncodeError):
        logger.exception("an answer could not be written as JSON")
        refused = Refused(types.INTERNAL_ERROR, "the answer could not be written as JSON", None)
        if isinstance(message, types.JSONRPCResponse):
            refused = attrs.evolve(refused, request_id=message.id)
        return encoded(refused.answer())
