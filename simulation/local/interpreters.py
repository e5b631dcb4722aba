"""An interpreter process, as the engine sees it: a channel, what it prints, and its end."""

from __future__ import annotations

import math
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import trio

from .channel import CHUNK, Decoder, Message, encode
from .processes import Child, Zygote

# Seconds between interrupts, and then the process is killed.  The first may come before the process
# has read what to do, or while a C function holds the interpreter.
INTERRUPT_PAUSES = (0.1, 0.4, 0.5, 1.0)
STOPPING_GRACE = 20.0  # seconds in all, if the process says that it is stopping a Spark
KILL_GRACE = 2.0  # seconds for a kill to be told
TOLD_WITHIN = 20.0  # seconds for whoever asks how a process ended; a busy machine takes its time
MAX_OUTPUT = 20_000_000  # bytes that one command may print, as in a Databricks notebook
CUT = b"\n*** WARNING: max output size exceeded, skipping output. ***\n"

Answerer = Callable[[Message], Awaitable[Any]]


class InterpreterLost(Exception):
    """The process is gone; the text says how."""


class Output:
    """What a process prints, read as it comes, so that it never has to wait."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._kept = bytearray()
        self._cut = False

    async def drain(self) -> None:
        """Reads until the last writer is gone."""
        try:
            while self._read():
                await trio.lowlevel.wait_readable(self._descriptor)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _read(self) -> bool:
        """Reads what is there; False at the end."""
        try:
            while data := os.read(self._descriptor, CHUNK):
                room = MAX_OUTPUT - len(self._kept)
                self._kept += data[:room]
                self._cut = self._cut or len(data) > room
        except BlockingIOError:
            return True
        return False

    def take(self) -> str:
        """What was printed since the last time."""
        if self._descriptor >= 0:
            self._read()
        text = bytes(self._kept + (CUT if self._cut else b"")).decode("utf-8", "replace")
        self._kept.clear()
        self._cut = False
        return text


class Interpreter:
    """One process.  `answer` does what the process asks of the engine."""

    def __init__(
        self,
        zygote: Zygote,
        child: Child,
        end: socket.socket,
        output: Output,
        answer: Answerer,
    ) -> None:
        self._zygote = zygote
        self._child = child
        self._stream = trio.SocketStream(trio.socket.from_stdlib_socket(end))
        self._decoder = Decoder()
        self._ready: list[Message] = []
        self._answer = answer
        self._lost = False
        self.output = output

    def __repr__(self) -> str:
        how = self._child.how_it_ended() if self._child.ended.is_set() else "running"
        return f"<Interpreter {self._child.pid}, {how}>"

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    async def live(self) -> None:
        """Reads what the process prints, to its end; hangs up if the engine ends first."""
        try:
            await self.output.drain()
        finally:
            if not self._child.ended.is_set():
                self._stream.socket.close()

    async def do(self, request: Message) -> Mapping[str, Any]:
        """Has `request` done, and gives its result (see `interpreter.context.Result`).

        A cancel interrupts the user's code; what does not listen is killed, and its state lost.

        Raises:
          InterpreterLost: the process has ended.
        """
        if self._lost:
            await self._gone()
            raise InterpreterLost(self._epitaph())
        try:
            with trio.CancelScope(shield=True):  # half a request would never be answered
                await self._stream.send_all(encode(request))
            return await self._result()
        except trio.Cancelled:
            with trio.CancelScope(shield=True):
                await self._interrupt()
            raise
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            await self._gone()
            raise InterpreterLost(self._epitaph()) from None

    async def _result(self) -> Mapping[str, Any]:
        while True:
            match await self._receive():
                case {"result": dict(result)}:
                    return result
                case {"interrupted": True}:
                    return INTERRUPTED
                case {"call": str(), "number": int(number)} as call:
                    answer = await self._answer(call)
                    reply = encode({"answer": answer, "answer_to": number})
                    with trio.CancelScope(shield=True):
                        await self._stream.send_all(reply)

    async def _receive(self) -> Message:
        while not self._ready:
            data = await self._stream.receive_some(CHUNK)
            if not data:
                raise trio.BrokenResourceError
            self._ready.extend(message for message, _ in self._decoder.feed(bytes(data)))
        return self._ready.pop(0)

    async def _interrupt(self) -> None:
        """Stops what runs: interrupts, a while to heed them, and then the kill."""
        try:
            with trio.move_on_after(STOPPING_GRACE):
                for pause in INTERRUPT_PAUSES:
                    with trio.move_on_after(pause) as patience:
                        await self._zygote.signal(self._child, signal.SIGINT)
                        await self._ended_early(patience)
                        return
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        await self.end()

    async def _ended_early(self, patience: trio.CancelScope) -> None:
        while True:
            match await self._receive():
                case {"stopping": True}:
                    patience.deadline = math.inf  # that of all the interrupts is there still
                case {"result": _} | {"interrupted": _}:
                    self.output.take()
                    return

    async def _gone(self) -> None:
        self._lost = True
        with trio.move_on_after(TOLD_WITHIN):
            await self._child.ended.wait()

    def _epitaph(self) -> str:
        return f"The Python process {self._child.how_it_ended()}; its state is lost."

    async def end(self) -> None:
        """Ends the process and all that it started.  Shield and bound it."""
        self._lost = True
        await trio.aclose_forcefully(self._stream)
        with trio.move_on_after(KILL_GRACE):
            await self._zygote.signal(self._child, signal.SIGKILL)
            await self._child.ended.wait()


# What a KeyboardInterrupt that nobody of ours sent looks like.
INTERRUPTED: Mapping[str, Any] = {
    "failure": {
        "line": "KeyboardInterrupt: ",
        "summary": '<span class="ansi-red-fg">KeyboardInterrupt</span>: ',
        "trace": "KeyboardInterrupt",
    }
}


async def open_interpreter(
    zygote: Zygote, nursery: trio.Nursery, settings: Mapping[str, Any], answer: Answerer
) -> Interpreter:
    """A new interpreter process, for its opener to `end`.

    Raises:
      ProcessGone: the fork server is gone.
    """
    ours, theirs = socket.socketpair()
    printed, printing = os.pipe()
    try:
        child = await zygote.fork("interpreter", settings, [theirs.fileno(), printing])
    except BaseException:
        ours.close()
        os.close(printed)
        raise
    finally:
        theirs.close()
        os.close(printing)
    interpreter = Interpreter(zygote, child, ours, Output(printed), answer)
    nursery.start_soon(interpreter.live)
    return interpreter
