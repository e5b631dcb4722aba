"""SIGTERM for a library: what is open is closed first, then the process dies of the signal.

Where the program has a handler of its own for SIGTERM, that one rules, and nothing is done here.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import attrs
import trio


@attrs.define(eq=False)
class _Closing:
    """The blocks of one trio run that a SIGTERM closes, and whether it has come."""

    blocks: set[trio.CancelScope] = attrs.field(factory=set)
    received: bool = False
    _stack: ExitStack = attrs.field(factory=ExitStack)
    _watching: trio.CancelScope = attrs.field(factory=trio.CancelScope)

    def watch(self) -> None:
        signals = self._stack.enter_context(trio.open_signal_receiver(signal.SIGTERM))
        trio.lowlevel.spawn_system_task(self._watch, signals)

    async def _watch(self, signals: Any) -> None:
        with self._watching:
            await trio.lowlevel.checkpoint_if_cancelled()  # the block may have been left by now
            async for _ in signals:
                self.received = True
                for block in self.blocks:
                    block.cancel()

    def stop_watching(self) -> None:
        self._watching.cancel()
        self._stack.close()


_closing: trio.lowlevel.RunVar[_Closing | None] = trio.lowlevel.RunVar("closing", None)


@asynccontextmanager
async def closed_by_sigterm() -> AsyncGenerator[None, None]:
    """A block that SIGTERM cancels; when all such blocks have been left, the process dies of it.

    Blocks may be nested, or stand side by side in any tasks of a trio run.
    """
    closing = _closing.get()
    if closing is None:
        if not _is_ours():
            yield
            return
        closing = _Closing()
        closing.watch()
        _closing.set(closing)
    with trio.CancelScope() as block:
        closing.blocks.add(block)
        try:
            yield
        finally:
            closing.blocks.discard(block)
            if not closing.blocks:
                _closing.set(None)
                closing.stop_watching()
                if closing.received:
                    signal.raise_signal(signal.SIGTERM)
    if closing.received:
        await trio.sleep_forever()  # the last block to be left ends the process


def _is_ours() -> bool:
    """Whether nobody else wants SIGTERM; only the main thread may ask for it."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    return in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
