"""What a forked interpreter does: runs what the engine asks for, one thing at a time.

    asked     {"do": "command", "code", "language"}      in a context
              {"do": "notebook", "content", ...}         a task, or `dbutils.notebook.run`
              {"do": "file", "content", "path", "arguments"}
    answered  {"result": {...}} or {"interrupted": true}; before that, any number of
              {"call": ...}, which the engine answers with {"answer": {...}}, and of
              {"stopping": true}: an interrupt is heeded, and something has to stop first

What the code prints goes to the process's own stdout and stderr, which the engine reads.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..channel import Channel, ChannelClosed, Message
from ..places import Places
from .context import Context
from .database import Database
from .interrupts import INTERRUPTS
from .mounts import mount


class Process:
    """One interpreter: its channel to the engine and its context."""

    def __init__(self, end: socket.socket, settings: Mapping[str, Any]) -> None:
        self._channel = Channel(end)
        self._lock = threading.Lock()  # user threads may call the engine as well
        self._calls = 0
        places = Places(
            Path(settings["dbfs"]), Path(settings["volumes"]), Path(settings["workspace"])
        )
        mount(places)
        INTERRUPTS.tell = lambda: self._channel.send({"stopping": True})
        self._context = Context(
            Database(settings["database"]),
            places,
            self._ask,
            widgets=settings.get("widgets"),
            task_values=settings.get("task_values"),
            path=settings.get("path", ""),
            scratch=Path(settings["scratch"]),
        )

    def serve(self) -> None:
        """Until the engine hangs up."""
        while True:
            message, _ = self._channel.receive()
            if "do" in message:
                self._channel.send(self._done(message))

    def _done(self, message: Message) -> Message:
        try:
            with INTERRUPTS.running():
                result = self._do(message)
            answer: Message = {"result": result.wire()}
        except KeyboardInterrupt:
            answer = {"interrupted": True}
        # All that was printed is in the pipe before the engine hears that the command has ended.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        return answer

    def _do(self, message: Message) -> Any:
        match message:
            case {"do": "command", "code": str(code), "language": str(language)}:
                return self._context.command(code, language)
            case {"do": "notebook", "content": content, "language": language, "format": kind}:
                return self._context.notebook(content, language, kind)
            case {"do": "file", "content": content, "path": path, "arguments": arguments}:
                return self._context.file(content, path, arguments)
        raise ValueError(f"Asked for what nobody knows: {message['do']}")

    def _ask(self, call: dict[str, Any]) -> Any:
        with self._lock, INTERRUPTS.shielded():
            self._calls += 1
            self._channel.send(call | {"number": self._calls})
            while True:
                with INTERRUPTS.open():
                    self._channel.wait()
                message, _ = self._channel.receive()
                # An answer to an earlier call, which was interrupted, is passed over.
                if message.get("answer_to") == self._calls:
                    return message["answer"]


def _hang_up_watch(end: socket.socket) -> None:
    """Ends the process, and what it started, when the engine is gone."""
    poll = select.poll()
    poll.register(end, select.POLLHUP)
    while True:
        for _, event in poll.poll():
            if event & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                os.killpg(0, signal.SIGKILL)


def main(end: socket.socket, output: int, settings: Mapping[str, Any]) -> None:
    """The life of an interpreter, after the fork.

    Args:
      end: this end of the channel to the engine.
      output: a file descriptor for what the code prints.
      settings: where things lie, and what the context is given.
    """
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 (it lives as long as the process)
    for name, number in (("stdout", 1), ("stderr", 2)):
        raw = io.FileIO(number, "w", closefd=False)
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
    # An interrupt is for the main thread: another one that took it would not wake that from a wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    threading.Thread(target=_hang_up_watch, args=[end], daemon=True).start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    INTERRUPTS.install()
    os.chdir(settings["scratch"])
    with contextlib.suppress(ChannelClosed):
        Process(end, settings).serve()
