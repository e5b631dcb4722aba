"""Polls of many runs that fall due together, answered together.

Each run's actor keeps its own pace, and says how long its poll may wait for company.  A few are
asked for one by one; more are looked up among the active runs, 25 a page, and only those that are
not there (they have ended, mostly) one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf
from typing import Any

import attrs
import trio

from ..clients.jobs import MOST_RUNS_A_PAGE, JobsClient
from ..clients.runs import Run
from ..errors import ToolkitError
from .kernel import Actor, Message, Request, log_bug
from .watch import Watch
from .watching import LOOK

FEW = 4  # runs; as many small requests cost less than a page of 25
SPARE_PAGES = 1  # beyond those that would hold nothing but our runs; others have runs, too
A_MOMENT = 0.005  # seconds, in which those come that were asked for at the same time
AT_ONCE = 10  # requests under way at a time, so that a thousand runs do not shut others out
# Seconds for all pages of a listing: whoever asked gives up after `LOOK`, and is to be asked for by
# id before that.
LISTED_WITHIN = LOOK / 2


@attrs.frozen
class LookAtRun(Message[Run]):
    """See how a run is, at the latest `slack` seconds from now."""

    run_id: int
    slack: float


def worth_listing(runs: int) -> int:
    """How many pages of active runs to read for this many due runs; 0 to ask for each by its id."""
    return 0 if runs <= FEW else ceil(runs / MOST_RUNS_A_PAGE) + SPARE_PAGES


class RunPolls(Actor[int]):
    """Collects polls until one of them can wait no longer.  It shows how many requests it made."""

    mailbox_size = 1000
    name = "polls of runs"

    def __init__(self, jobs: JobsClient) -> None:
        self._jobs = jobs
        self.state = Watch(0)
        self._waiting: list[Request[Run]] = []
        self._due = inf
        self._free = trio.CapacityLimiter(AT_ONCE)

    async def handle(self, request: Request[Any]) -> None:
        """Take a poll in, to be answered with the others."""
        match request.message:
            case LookAtRun(slack=slack):
                self._waiting.append(request)
                self._due = min(self._due, trio.current_time() + max(slack, A_MOMENT))
                self.state.hurry()
            case _:
                await super().handle(request)

    async def live(self) -> None:
        """Answer what has been collected, whenever some of it is due."""
        while True:
            await self.state.rest(self._due)
            if self._due <= trio.current_time():
                due, self._waiting, self._due = self._waiting, [], inf
                self.tasks.start_soon(self._answer, [each for each in due if not each.abandoned])

    async def _answer(self, due: Sequence[Request[Run]]) -> None:
        asking: dict[int, list[Request[Run]]] = {}
        for request in due:
            assert isinstance(request.message, LookAtRun)
            asking.setdefault(request.message.run_id, []).append(request)
        with trio.move_on_after(LISTED_WITHIN):
            await self._list(worth_listing(len(asking)), asking)
        async with trio.open_nursery() as nursery:
            for run_id, requests in asking.items():
                nursery.start_soon(self._get, run_id, requests)

    async def _list(self, pages: int, asking: dict[int, list[Request[Run]]]) -> None:
        """Answer for those that are on the first pages of active runs, and take them out."""
        token = None
        for _ in range(pages):
            self._count()
            try:
                page = await self._jobs.page_runs(
                    limit=MOST_RUNS_A_PAGE, active_only=True, page_token=token
                )
            except Exception as error:
                if not isinstance(error, ToolkitError):
                    log_bug("a page of runs could not be read", error)
                return  # who is not answered yet is asked for by id, and told of its own trouble
            for run in page.items:
                for request in asking.pop(run.run_id, ()):
                    request.answer(run)
            token = page.next_page_token
            if not token or not asking:
                return

    async def _get(self, run_id: int, requests: Sequence[Request[Run]]) -> None:
        async with self._free:
            if all(request.abandoned for request in requests):
                return  # as most who stood in line while the network was silent
            with trio.move_on_after(LOOK):  # by then they have gone, and others want the place
                await self._look(run_id, requests)

    async def _look(self, run_id: int, requests: Sequence[Request[Run]]) -> None:
        self._count()
        try:
            run = await self._jobs.get_run(run_id)
        except Exception as error:  # a bug, too, is that run's alone
            for request in requests:
                request.fail(error)
        else:
            for request in requests:
                request.answer(run)

    def _count(self) -> None:
        self.state.show(self.state.value + 1)
