"""The engine's side of its processes: starts the zygote, asks it for children, hears of their ends.

Everything here waits by polling sockets, so that it can be cancelled at any moment; there are no
threads.
"""

from __future__ import annotations

import array
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio
from attrs import define, field

from .channel import CHUNK, Decoder, Message, encode

ENDS_WITHIN = 5.0  # seconds; the zygote gives the database three of them

# A cluster does not see the environment of the laptop that sends it code, and above all no tokens:
# only what a Python process needs to run here is passed on.
PASSED_ON = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "TZ",
        "TMPDIR",
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONHASHSEED",
        "PYTHONDONTWRITEBYTECODE",
        "JAVA_HOME",
        "SPARK_HOME",
        "SPARK_REMOTE",
        "LD_LIBRARY_PATH",
        "SSL_CERT_FILE",
    }
)
PASSED_ON_PREFIXES = ("LC_", "COVERAGE_")


class ProcessGone(Exception):
    """The fork server has ended, and all that it made with it."""


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of the engine's processes: nothing of Databricks, no secrets."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES)
    }
    backend = f"module://{__package__}.interpreter.figures"
    return passed | {"MPLBACKEND": backend, "PYTHONUNBUFFERED": "1"} | dict(extra)


@define(eq=False)
class Child:
    """A process that the zygote forked.

    Attributes:
      pid: its process id, and that of its process group.
      ended: set when it has.
      code: its exit code; negative for the signal that killed it.
    """

    key: int
    pid: int = 0
    ended: trio.Event = field(factory=trio.Event, repr=False)
    code: int | None = None
    _forked: trio.Event = field(factory=trio.Event, repr=False)

    def how_it_ended(self) -> str:
        """The end, in words."""
        if self.code is None:
            return "ended"
        if self.code < 0:
            return f"was killed by {signal.Signals(-self.code).name}"
        return f"exited with code {self.code}"


class Zygote:
    """The fork server, as the engine sees it."""

    def __init__(self, control: trio.socket.SocketType) -> None:
        self._control = control
        self._children: dict[int, Child] = {}
        self._signalled: dict[int, trio.Event] = {}
        self._asking = trio.Lock()  # file descriptors travel with their own message
        self._keys, self._signals = 0, 0
        self.gone = False

    def __repr__(self) -> str:
        return f"<Zygote, {'gone' if self.gone else f'{len(self._children)} children'}>"

    async def listen(self) -> None:
        """Hears of births and deaths, until the zygote is gone, or is to go."""
        try:
            decoder = Decoder()
            while data := await self._received():
                for message, _ in decoder.feed(data):
                    self._heard(message)
        finally:
            self.gone = True
            for child in self._children.values():
                child._forked.set()
                child.ended.set()
            for event in self._signalled.values():
                event.set()

    def _heard(self, message: Message) -> None:
        match message:
            case {"forked": key, "pid": pid}:
                self._children[key].pid = pid
                self._children[key]._forked.set()
            case {"signalled": number}:
                self._signalled.pop(number).set()
            case {"ended": key, "code": code}:
                child = self._children.pop(key)
                child.code = code
                child.ended.set()

    async def _received(self) -> bytes:
        try:
            return await self._control.recv(CHUNK)
        except OSError:
            return b""

    async def fork(
        self, kind: str, settings: Mapping[str, Any], descriptors: Sequence[int]
    ) -> Child:
        """A new process; `descriptors` are the two that it gets copies of.

        Raises:
          ProcessGone: the zygote is gone.
        """
        self._keys += 1
        child = Child(self._keys)
        self._children[child.key] = child
        request = {"do": "fork", "key": child.key, "kind": kind, "settings": dict(settings)}
        # Half a message would be the end of the zygote, so a cancel waits for the whole of it.
        with trio.CancelScope(shield=True):
            async with self._asking:
                await self._send(request, descriptors)
        await child._forked.wait()
        if self.gone:
            raise ProcessGone("The local engine's fork server has ended.")
        return child

    async def signal(self, child: Child, number: int) -> None:
        """Sends a signal: SIGINT to the process alone, any other to its group.

        Where the zygote is gone, so is the process, and there is nothing to do.
        """
        if child.ended.is_set() or self.gone:
            return
        self._signals += 1
        done = self._signalled[self._signals] = trio.Event()
        request = {
            "do": "signal",
            "number": self._signals,
            "key": child.key,
            "signal": int(number),
        }
        with trio.CancelScope(shield=True):
            async with self._asking:
                try:
                    await self._send(request, ())
                except ProcessGone:
                    return
        await done.wait()

    async def _send(self, message: Message, descriptors: Sequence[int]) -> None:
        data = encode(message)
        carried = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        try:
            sent = await self._control.sendmsg([data], carried if descriptors else [])
            while sent < len(data):
                sent += await self._control.send(data[sent:])
        except OSError as error:
            raise ProcessGone("The local engine's fork server has ended.") from error


@asynccontextmanager
async def zygote(
    runtime: Path, folders: Sequence[Path], extra: Mapping[str, str]
) -> AsyncIterator[Zygote]:
    """A fork server for as long as the block runs; afterwards nothing that it made is left.

    Args:
      runtime: a folder for the processes' use.
      folders: removed at the end, with `runtime`, by whoever is left.
      extra: environment variables for every process.
    """
    ours, theirs = socket.socketpair()
    places = [str(folder) for folder in (runtime, *folders)]
    command = [sys.executable, "-m", f"{__package__}.zygote", str(theirs.fileno()), *places]
    process = await trio.lowlevel.open_process(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environment(extra),
        pass_fds=[theirs.fileno()],
        # A Ctrl-C in the terminal is for the engine, which then ends its processes in order.
        start_new_session=True,
    )
    theirs.close()
    control = trio.socket.from_stdlib_socket(ours)
    server = Zygote(control)
    # Also while the block is cancelled, for those in it that end their processes.
    listening = trio.CancelScope(shield=True)

    async def listen() -> None:
        with listening:
            await server.listen()

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            try:
                yield server
            finally:
                listening.cancel()
    finally:
        control.close()
        with trio.move_on_after(ENDS_WITHIN, shield=True) as ending:
            await process.wait()
        if ending.cancelled_caught:
            process.kill()
            with trio.CancelScope(shield=True):
                await process.wait()
