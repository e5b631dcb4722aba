"""The stdio transport: this process's stdin and stdout, on trio.

Why not the SDK's: it reads stdin in a thread that cannot be cancelled, so that a signal has to wait
until the host closes stdin.  Here every wait is trio's own, and ends at once when cancelled.

Rules:

1. A message is written whole or not at all.  One whose writing has begun is finished although
   cancelled, but not for longer than `FINISH`: a peer that does not read must not keep us alive.
2. A peer that reads no more has gone: that is the same as end-of-file on stdin.
3. What cannot be read is answered with an error, so that nobody waits for it.
4. While serving, file descriptor 0 is the null device and 1 is stderr: whatever prints, here or in
   a child process, does not end up on the wire.

Pipes and sockets are waited for by the kernel.  For a terminal, a regular file, and on Windows a
thread reads, which is left alone when cancelled.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
"""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Self

import anyio
import mcp_types as types
import trio
from mcp.shared.message import SessionMessage

from .framing import Lines, Refused, decoded, encoded

logger = logging.getLogger(__name__)

CHUNK = 2**16  # bytes read at once: what a pipe holds
FINISH = 1.0  # seconds to finish a begun message although cancelled; a peer that reads needs none
LINGER = 0.3  # seconds after end-of-file for calls under way to be answered: `printf ... | serve`

Receive = Callable[[], Awaitable[bytes]]
"""Reads some bytes; none at end-of-file."""
Send = Callable[[memoryview], Awaitable[int]]
"""Writes some of the bytes, and says how many.  If cancelled, it wrote none."""


class _Stream:
    """What the SDK asks of either stream besides reading or writing."""

    closed = False

    async def aclose(self) -> None:
        """No more of this stream."""
        self.closed = True
        await trio.lowlevel.checkpoint()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closed = True


class LineWriter(_Stream):
    """Messages out, a line each: the SDK's `WriteStream`."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._one_at_a_time = trio.Lock()
        self.at_break: Callable[[], None] = lambda: None
        """Called when the peer reads no more."""
        self.unanswered: set[str | int] = set()
        """Requests that were read and not answered yet."""
        self._answered = trio.Event()

    async def send(self, item: SessionMessage, /) -> None:
        """Write one message.  If cancelled, it was written whole or not at all.

        Raises:
          anyio.ClosedResourceError: the stream is closed.
          anyio.BrokenResourceError: the peer reads no more.
        """
        message = item.message
        line = memoryview(encoded(message))
        async with self._one_at_a_time:
            if self.closed:
                raise anyio.ClosedResourceError
            await self._write(line)
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
            if message.id is not None:
                self.unanswered.discard(message.id)
            self._answered.set()

    async def _write(self, line: memoryview) -> None:
        sent = 0
        try:
            try:
                while sent < len(line):
                    sent += await self._send(line[sent:])
            except trio.Cancelled:
                if sent:
                    with trio.move_on_after(FINISH, shield=True):
                        while sent < len(line):
                            sent += await self._send(line[sent:])
                    if sent < len(line):
                        self._break()
                raise
        except OSError as error:
            self._break()
            raise anyio.BrokenResourceError from error

    def _break(self) -> None:
        self.closed = True
        self._answered.set()
        self.at_break()

    async def all_answered(self) -> None:
        """Wait until no request is unanswered, or none can be answered any more."""
        while self.unanswered and not self.closed:
            self._answered = trio.Event()
            await self._answered.wait()


class LineReader(_Stream):
    """Messages in, from a line each: the SDK's `ReadStream`."""

    def __init__(self, receive: Receive, writer: LineWriter, at_end: Callable[[], None]) -> None:
        self._receive = receive
        self._writer = writer
        self._at_end = at_end
        self._lines = Lines()
        self._reading = trio.CancelScope()
        writer.at_break = self._stop

    async def receive(self) -> SessionMessage:
        """The next message.  If cancelled, none is lost.

        Raises:
          anyio.EndOfStream: the peer has closed, and calls under way have had their moment.
        """
        await trio.lowlevel.checkpoint()
        while True:
            for line in self._lines:
                message = decoded(line)
                if not isinstance(message, Refused):
                    self._expect_answer(message)
                    return SessionMessage(message)
                await self._refuse(message)
            if self.closed:
                with trio.move_on_after(LINGER):
                    await self._writer.all_answered()
                self._at_end()
                raise anyio.EndOfStream
            if chunk := await self._some_bytes():
                self._lines.feed(chunk)
            else:
                self._lines.end()
                self.closed = True

    async def _some_bytes(self) -> bytes:
        self._reading = trio.CancelScope()
        with self._reading:
            try:
                return await self._receive()
            except OSError as error:
                logger.debug("stdin cannot be read: %s", error)
        return b""

    def _stop(self) -> None:
        self.closed = True
        self._reading.cancel()

    def _expect_answer(self, message: types.JSONRPCMessage) -> None:
        if isinstance(message, types.JSONRPCRequest):
            self._writer.unanswered.add(message.id)
        elif getattr(message, "method", "") == "notifications/cancelled":
            # By the protocol, a request that was cancelled gets no answer.
            cancelled = (message.params or {}).get("requestId")  # type: ignore[union-attr]
            self._writer.unanswered.discard(cancelled)

    async def _refuse(self, refused: Refused) -> None:
        logger.warning("a line on stdin was refused: %s", refused.fault)
        try:
            await self._writer.send(SessionMessage(refused.answer()))
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            logger.debug("nobody is there to be told")

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


@asynccontextmanager
async def stdio(
    at_end: Callable[[], None] = lambda: None,
) -> AsyncIterator[tuple[LineReader, LineWriter]]:
    """Claim stdin and stdout, and give them back at the end.

    Args:
      at_end: called once the peer has closed, before the reader says so.
    """
    with _claimed() as (source, sink), _reading(source) as receive, _writing(sink) as send:
        writer = LineWriter(send)
        yield LineReader(receive, writer, at_end), writer


@contextmanager
def _claimed() -> Iterator[tuple[int, int]]:
    """Private copies of the descriptors 0 and 1, which are diverted meanwhile."""
    source, sink = _private(0), _private(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # stderr is closed
        os.dup2(null, 1)
    os.close(null)
    try:
        yield source, sink
    finally:
        os.dup2(source, 0)
        os.dup2(sink, 1)
        os.close(sink)
        if _pollable(source):  # else a thread may be reading from it for ever
            os.close(source)


def _private(descriptor: int) -> int:
    if sys.platform == "win32":
        return os.dup(descriptor)
    import fcntl  # noqa: PLC0415

    # Not below 3, even when one of the three was closed before we came.
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)


def _pollable(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return sys.platform != "win32" and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))


@contextmanager
def _unblocked(descriptor: int) -> Iterator[None]:
    blocking = os.get_blocking(descriptor)
    os.set_blocking(descriptor, False)
    try:
        yield
    finally:
        os.set_blocking(descriptor, blocking)


@contextmanager
def _reading(source: int) -> Iterator[Receive]:
    async def when_ready() -> bytes:
        while True:
            try:
                return os.read(source, CHUNK)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(source)

    async def in_thread() -> bytes:
        return await trio.to_thread.run_sync(os.read, source, CHUNK, abandon_on_cancel=True)

    if _pollable(source):
        with _unblocked(source):
            yield when_ready
    else:
        yield in_thread


@contextmanager
def _writing(sink: int) -> Iterator[Send]:
    async def when_ready(part: memoryview) -> int:
        while True:
            try:
                return os.write(sink, part)
            except BlockingIOError:
                await trio.lowlevel.wait_writable(sink)

    async def in_thread(part: memoryview) -> int:
        # Not abandoned: it would go on writing, in the middle of whatever comes next.
        return await trio.to_thread.run_sync(os.write, sink, part)

    if _pollable(sink):
        with _unblocked(sink):
            yield when_ready
    else:
        yield in_thread
