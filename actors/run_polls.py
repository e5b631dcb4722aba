"""The looks at all runs that somebody waits for: those that fall due together, made together.

Each run has its own pace, and its look may wait a little for company.  A few are asked for one by
one; more are looked up among the active runs, 25 a page, and only those that are not there (they
have ended, mostly) one by one.  Whoever waits for a run sleeps until that one has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import ceil, inf
from typing import Any

import attrs
import trio

from ..clients import runs
from ..clients.jobs import MOST_RUNS_A_PAGE, JobsClient
from ..errors import ToolkitError
from .kernel import Actor, Message, Request, log_bug
from .polling import SLACK
from .watch import Watch
from .watching import LOOK, Following, no_answer

FEW = 4  # runs; as many small requests cost less than a page of 25
SPARE_PAGES = 1  # beyond those that would hold nothing but our runs; others have runs, too
A_MOMENT = 0.005  # seconds, in which those come that were asked for at the same time
AT_ONCE = 10  # requests under way at a time, so that a thousand runs do not shut others out
# Seconds of a look for all its pages: who is on none of them is to be asked for by id in the rest.
LISTED_WITHIN = LOOK / 2


@attrs.frozen
class FollowRun(Message[None]):
    """Look at a run until it is over; or until a look is due that nobody waits for any more."""

    run_id: int
    following: Following[runs.Run]


def worth_listing(runs: int) -> int:
    """How many pages of active runs to read for this many due runs; 0 to ask for each by its id."""
    return 0 if runs <= FEW else ceil(runs / MOST_RUNS_A_PAGE) + SPARE_PAGES


class RunPolls(Actor[int]):
    """Makes the looks.  It shows how many requests they took."""

    mailbox_size = 1000
    name = "polls of runs"

    def __init__(self, jobs: JobsClient) -> None:
        self._jobs = jobs
        self.state = Watch(0)
        self._resting: dict[Request[None], None] = {}  # in the order in which they came
        self._due = inf  # when the first of them can wait no longer
        self._free = trio.CapacityLimiter(AT_ONCE)

    async def handle(self, request: Request[Any]) -> None:
        """Take a run in; the answer comes when there is no more to look for."""
        match request.message:
            case FollowRun(following=following):
                following.watch.stirred = partial(self._stirred, request)
                self._rest(request)
            case _:
                await super().handle(request)

    async def live(self) -> None:
        """Look at what rests until its look is due, whenever one can wait no longer."""
        while True:
            await self.state.rest(self._due)
            now = trio.current_time()
            if self._due <= now:
                due = [each for each in self._resting if _following(each).due <= now]
                for each in due:
                    del self._resting[each]
                self._due = min(map(_latest, self._resting), default=inf)
                self.tasks.start_soon(self._look, due)

    def _rest(self, request: Request[None]) -> None:
        self._resting[request] = None
        self._stirred(request)

    def _stirred(self, request: Request[None]) -> None:
        """It may be due earlier than it was."""
        if request in self._resting and (latest := _latest(request)) < self._due:
            self._due = latest
            self.state.hurry()

    async def _look(self, due: Sequence[Request[None]]) -> None:
        asking: dict[int, list[Request[None]]] = {}
        for request in due:
            following = _following(request)
            if following.watch.take_hurry():
                following.hurry()
            if not following.watch.onlookers:
                request.answer(None)
            else:
                asking.setdefault(request.message.run_id, []).append(request)  # type: ignore[attr-defined]
        with trio.move_on_after(LOOK):
            with trio.move_on_after(LISTED_WITHIN):
                await self._list(worth_listing(len(asking)), asking)
            async with trio.open_nursery() as nursery:
                for run_id in list(asking):
                    nursery.start_soon(self._get, run_id, asking)
        for run_id in list(asking):
            self._failed(asking.pop(run_id), no_answer())

    async def _list(self, pages: int, asking: dict[int, list[Request[None]]]) -> None:
        """See those that are on the first pages of active runs, and take them out."""
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
                return  # who is not seen yet is asked for by id, and told of its own trouble
            for run in page.items:
                self._saw(asking.pop(run.run_id, ()), run)
            token = page.next_page_token
            if not token or not asking:
                return

    async def _get(self, run_id: int, asking: dict[int, list[Request[None]]]) -> None:
        async with self._free:
            self._count()
            try:
                run = await self._jobs.get_run(run_id)
            except Exception as error:
                self._failed(asking.pop(run_id), error)
            else:
                self._saw(asking.pop(run_id), run)

    def _saw(self, requests: Sequence[Request[None]], run: runs.Run) -> None:
        for request in requests:
            following = _following(request)
            try:
                following.saw(run)
            except Exception as bug:  # is that run's alone
                request.fail(bug)
                continue
            if following.is_over:
                request.answer(None)
            else:
                self._rest(request)

    def _failed(self, requests: Sequence[Request[None]], error: Exception) -> None:
        for request in requests:
            if not isinstance(error, ToolkitError):  # a bug
                request.fail(error)
                continue
            try:
                _following(request).failed(error)
            except ToolkitError as final:
                request.fail(final)
            else:
                self._rest(request)

    def _count(self) -> None:
        self.state.renew(self.state.value + 1)


def _following(request: Request[None]) -> Following[runs.Run]:
    assert isinstance(request.message, FollowRun)
    return request.message.following


def _latest(request: Request[None]) -> float:
    """Until when the look at a run may wait for others."""
    following = _following(request)
    return following.due + max(SLACK * (following.due - following.since), A_MOMENT)
