"""People and their errands, whichever door they come through."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import attrs
import trio
from databricks_mcp_toolkit.errors import ToolkitError

from .host import HostGone, ProtocolRefusal
from .plan import Errand, Part, Person
from .records import Call, Records, Refusal, Sight, Told

TROUBLE = (Refusal, ToolkitError, ProtocolRefusal)
T = TypeVar("T")


class BugMet(ToolkitError):
    """The bug of the day came up in a call of somebody's own, who bears it."""

    def __init__(self) -> None:
        super().__init__("the bug of the day")


def is_the_bug(error: BaseException) -> bool:
    """Whether this is the bug that the network makes on purpose, alone or in groups."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_the_bug(inner) for inner in error.exceptions)
    return isinstance(error, ZeroDivisionError)


@attrs.define(eq=False)
class Visitor(ABC):
    """Somebody who does errands.  Subclasses say how each move is made through their door.

    A move raises a `Refusal` or a `ToolkitError` when it fails, and gives a `Sight` also of work
    that ended badly.
    """

    records: Records
    person: Person
    cluster_id: str
    warehouse_id: str
    job_id: int

    @abstractmethod
    async def open(self) -> Any:
        """Open a context, and say what it is known by."""

    @abstractmethod
    async def close(self, here: Any) -> None:
        """Destroy it."""

    @abstractmethod
    async def is_gone(self, here: Any, trouble: Exception) -> bool:
        """Whether nothing can be run in it any more."""

    @abstractmethod
    async def submit(self, here: Any, errand: Errand) -> str:
        """Send a command."""

    @abstractmethod
    async def command(self, here: Any, command_id: str, errand: Errand, limit: float) -> Sight:
        """Wait for a command."""

    @abstractmethod
    async def cancel_command(self, here: Any, command_id: str) -> None:
        """Cancel it."""

    @abstractmethod
    async def once(self, errand: Errand, limit: float) -> Sight | None:
        """Run one command in a context of its own; None if it was not over in time."""

    @abstractmethod
    async def sql(self, errand: Errand, limit: float) -> tuple[str, Sight]:
        """Send a statement."""

    @abstractmethod
    async def statement(self, statement_id: str, errand: Errand, limit: float) -> Sight:
        """Wait for a statement."""

    @abstractmethod
    async def rows(self, statement_id: str, errand: Errand, offset: int) -> Sight | None:
        """Its rows from there on; None where all of them came at once."""

    @abstractmethod
    async def cancel_statement(self, statement_id: str) -> None:
        """Cancel it."""

    @abstractmethod
    async def start(self, errand: Errand, token: str) -> int:
        """Start a run."""

    @abstractmethod
    async def run(self, run_id: int, errand: Errand, limit: float) -> Sight:
        """Wait for a run."""

    @abstractmethod
    async def output(self, run_id: int) -> Sight:
        """What a run that is over has left."""

    @abstractmethod
    async def cancel_run(self, run_id: int) -> None:
        """Cancel it."""

    @abstractmethod
    async def look(self, which: int) -> None:
        """Look at one of the lists."""

    async def live(self) -> None:
        """Do all errands; an error ends one errand, and not the person."""
        does = {
            Part.TALK: self.talk,
            Part.TALK_ONCE: lambda: self.each(self.one_command),
            Part.ASK: lambda: self.each(self.one_statement),
            Part.RUN: lambda: self.each(self.one_run),
            Part.RUN_TWICE: self.run_twice,
            Part.LOOK: lambda: self.each(self.some_lists),
        }
        with suppress(*TROUBLE, HostGone):  # it is in the records
            await does[self.person.part]()

    async def call(
        self,
        what: str,
        does: Callable[[], Awaitable[T]],
        limit: float,
        errand: Errand | None = None,
    ) -> T:
        """Do one call, and write down how it went.  `errand`: what it begins."""
        mark = errand.mark if errand else None
        call = Call(self.person.name, what, limit, trio.current_time(), mark)
        self.records.calls.append(call)
        try:
            call.answer = answer = await does()
        except trio.Cancelled:
            call.left = True
            raise
        except HostGone:
            call.left = True
            raise
        except Exception as error:
            call.error = error
            if is_the_bug(error):
                raise BugMet from error
            raise
        finally:
            call.ended = trio.current_time()
        return answer

    def destroyed(self, context_id: str) -> None:
        """A context was told as destroyed: write down if it lives all the same."""
        if context_id in self.records.alive():
            self.records.not_destroyed.append((context_id, trio.current_time()))

    def tell(
        self, errand: Errand, kind: str, asked: float, sight: Sight, *, limit: float = 0.0
    ) -> bool:
        """Write down what was told; answers whether it was told as over."""
        told = Told(errand.mark, kind, trio.current_time(), asked, limit, sight)
        self.records.told.append(told)
        return sight.over

    async def each(self, does: Callable[[Errand], Awaitable[None]]) -> None:
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            with suppress(*TROUBLE):
                await does(errand)

    async def talk(self) -> None:
        here = await self.open()
        for errand in self.person.errands:
            await trio.sleep(errand.pause)
            try:
                await self.talk_of(here, errand)
            except TROUBLE as trouble:
                if await self.is_gone(here, trouble):
                    return
        if self.person.tidy:
            await self.close(here)

    async def talk_of(self, here: Any, errand: Errand) -> None:
        command_id = await self.submit(here, errand)

        async def is_over(limit: float) -> bool:
            asked = trio.current_time()
            seen = await self.command(here, command_id, errand, limit)
            return self.tell(errand, "command", asked, seen, limit=limit)

        for _ in range(errand.calls):
            if await is_over(errand.limit):
                return
        if errand.cancel:
            await self.cancel_command(here, command_id)
            await is_over(60.0)

    async def one_command(self, errand: Errand) -> None:
        asked = trio.current_time()
        seen = await self.once(errand, max(errand.limit * errand.calls, 1.0))
        if seen is not None:
            self.tell(errand, "command", asked, seen)

    async def one_statement(self, errand: Errand) -> None:
        asked = trio.current_time()
        statement_id, seen = await self.sql(errand, errand.limit)
        over = self.tell(errand, "statement", asked, seen)

        async def is_over(limit: float) -> bool:
            nonlocal seen
            asked = trio.current_time()
            seen = await self.statement(statement_id, errand, limit)
            return self.tell(errand, "statement", asked, seen, limit=limit)

        for _ in range(errand.calls):
            over = over or await is_over(errand.limit)
        if not over and errand.cancel:
            await self.cancel_statement(statement_id)
            over = await is_over(60.0)
        while over and seen.cut and seen.rows:
            asked = trio.current_time()
            more = await self.rows(statement_id, errand, seen.offset + len(seen.rows))
            if more is None:
                return
            seen = more
            self.tell(errand, "statement", asked, seen)

    async def one_run(self, errand: Errand) -> None:
        run_id = await self.begin_run(errand)

        async def is_over(limit: float) -> bool:
            asked = trio.current_time()
            seen = await self.run(run_id, errand, limit)
            return self.tell(errand, "run", asked, seen, limit=limit)

        over = False
        for _ in range(errand.calls):
            over = over or await is_over(errand.limit)
        if not over and errand.cancel:
            await self.cancel_run(run_id)
            over = await is_over(120.0)
        if over:
            asked = trio.current_time()
            self.tell(errand, "run", asked, await self.output(run_id))

    async def begin_run(self, errand: Errand) -> int:
        token = f"{self.person.token}-{errand.mark.name}" if self.person.token else ""
        run_id = await self.start(errand, token)
        self.records.runs[errand.mark.name].add(run_id)
        return run_id

    async def run_twice(self) -> None:
        """The same runs, once more: whoever had no answer asks again with the same token."""
        await self.each(self.one_run)
        for errand in self.person.errands:
            with suppress(*TROUBLE):
                await self.begin_run(errand)

    async def some_lists(self, errand: Errand) -> None:
        for which in range(errand.calls):
            with suppress(*TROUBLE):
                await self.look(which)


def run_settings(errand: Errand, cluster_id: str) -> dict[str, Any]:
    """A one-time run that does the errand."""
    return {
        "run_name": errand.mark.name,
        "tasks": [notebook_task(cluster_id, {"mark": str(errand.mark)})],
    }


def notebook_task(cluster_id: str, parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "task_key": "main",
        "existing_cluster_id": cluster_id,
        "notebook_task": {"notebook_path": "/work", "base_parameters": parameters},
    }
