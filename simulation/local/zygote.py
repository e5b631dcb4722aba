"""The fork server: one warm Python process that every other process of the engine is a copy of.

A copy is there in milliseconds, and shares its memory with the rest.  The zygote never runs a line
of the user's; it forks, passes signals on, tells who has ended, and imports what its copies will
want while there is nothing else to do.

It keeps one promise: nothing outlives the engine.  When the engine's end of the control socket is
gone, however that came, the zygote kills every process group it made, and ends.

    asked  {"do": "fork", "key", "kind", "settings"}, with two file descriptors
           {"do": "signal", "number", "key", "signal"}
    told   {"forked": key, "pid"}, {"signalled": number}, {"ended": key, "code"}
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import selectors
import shutil
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .channel import CHUNK, Decoder, Message, encode

# What interpreters and the database want, in the order of need.  On other systems than Linux,
# threads and caches of some of these do not survive a fork.
DATABASE = ".database.server"
WARM = (".interpreter.process", DATABASE, ".sample", ".interpreter.frames")
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
LAST_WORDS = 3.0  # seconds that the database has to write itself down


class Child:
    """A process that was forked here."""

    def __init__(self, key: int, kind: str) -> None:
        self.key = key
        self.kind = kind


class Zygote:
    """The fork server's one object: its socket, its children, and its loop."""

    def __init__(self, control: socket.socket, runtime: Path, folders: Sequence[Path]) -> None:
        self._control = control
        self._runtime = runtime
        self._folders = folders
        self._decoder = Decoder()
        self._descriptors: list[int] = []
        self._children: dict[int, Child] = {}
        self._to_warm = list(WARM) if sys.platform == "linux" else []
        self._database: tuple[Message, int, int] | None = None
        self._woken, self._waking = socket.socketpair()

    def serve(self) -> None:
        """Until the engine is gone."""
        self._woken.setblocking(False)
        self._waking.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = selector.select(0 if self._to_warm else None)
                for key, _ in ready:
                    if key.fileobj is self._woken:
                        self._reap()
                    elif not self._hear():
                        self._end()
                        return
                if not ready:
                    self._warm()
                if self._database is not None and DATABASE not in self._to_warm:
                    self._fork(*self._database)
                    self._database = None

    def _warm(self) -> None:
        with contextlib.suppress(ImportError):  # told when somebody needs it
            importlib.import_module(self._to_warm.pop(0), __package__)

    def _say(self, message: Message) -> None:
        with contextlib.suppress(OSError):
            self._control.sendall(encode(message))

    def _hear(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, CHUNK, 8)
        except OSError:
            return False
        self._descriptors += descriptors
        for message, _ in self._decoder.feed(data):
            match message:
                case {"do": "fork"}:
                    first, second = self._descriptors.pop(0), self._descriptors.pop(0)
                    if message["kind"] == "database":
                        # Forked when it is warm, so that what it imports is imported once; its
                        # callers wait at its socket, and interpreters need not wait for it.
                        self._database = message, first, second
                    else:
                        self._fork(message, first, second)
                case {"do": "signal", "number": number, "key": key, "signal": which}:
                    self._signal(key, which)
                    self._say({"signalled": number})
        return bool(data)

    def _fork(self, message: Message, first: int, second: int) -> None:
        gc.freeze()  # the copies do not write to what they share
        parent = os.getpid()
        with warnings.catch_warnings():
            # Python warns of threads that a fork leaves behind; the zygote has none of its own.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            self._be(message, first, second, parent)
        os.close(first)
        os.close(second)
        self._children[pid] = Child(message["key"], message["kind"])
        self._say({"forked": message["key"], "pid": pid})

    def _be(self, message: Message, first: int, second: int, parent: int) -> None:
        """Life as a child: never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            os.setsid()
            self._control.close()
            self._woken.close()
            self._waking.close()
            for waiting in self._database[1:] if self._database is not None else ():
                if waiting not in {first, second}:
                    os.close(waiting)  # else the database would seem to listen when it is dead
            _die_with(parent)
            _live(message["kind"], first, second, message["settings"], self._runtime)
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0
        except BaseException:  # the bug is told, and the copy never goes on as a zygote
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _signal(self, key: int, number: int) -> None:
        for pid, child in self._children.items():
            if child.key == key:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    # An interrupt is for the interpreter; an end is for all that it started.
                    os.kill(pid, number) if number == signal.SIGINT else os.killpg(pid, number)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._woken.recv(CHUNK):
                pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)  # what it started, and left behind
                self._say({"ended": child.key, "code": os.waitstatus_to_exitcode(status)})

    def _end(self) -> None:
        """Kills what is left; the database may finish writing first."""
        self._kill("interpreter")
        deadline = time.monotonic() + LAST_WORDS
        while self._children and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.005)  # only the database is left, and it knows that it is to end
        self._kill("database")
        for folder in (self._runtime, *self._folders):
            shutil.rmtree(folder, ignore_errors=True)

    def _kill(self, kind: str) -> None:
        for pid, child in self._children.items():
            if child.kind == kind:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)


def _die_with(parent: int) -> None:
    """Asks the kernel to end this process with its parent, where it can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _live(kind: str, first: int, second: int, settings: dict[str, Any], runtime: Path) -> None:
    if kind == "interpreter":
        from .interpreter import process  # noqa: PLC0415 (imported ahead of time where possible)

        process.main(socket.socket(fileno=first), second, settings)
    else:
        from .database import server  # noqa: PLC0415 (likewise)

        listener, lifeline = socket.socket(fileno=first), socket.socket(fileno=second)
        server.main(
            listener, lifeline, Path(settings["folder"]), settings | {"spill": str(runtime)}
        )


def main() -> None:
    """`python -m ...zygote CONTROL RUNTIME [FOLDER...]`.

    CONTROL is a socket's descriptor, RUNTIME a folder for the processes' use; it and each FOLDER
    are removed at the end.
    """
    runtime, *folders = map(Path, sys.argv[2:])
    Zygote(socket.socket(fileno=int(sys.argv[1])), runtime, folders).serve()
    sys.stderr.flush()
    os._exit(
        0
    )  # there is nothing to tidy up, and libraries that were never used complain when asked to


if __name__ == "__main__":
    main()
