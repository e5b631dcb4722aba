"""Opening an execution context, and destroying it when its owner ends, whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

import attrs
import trio

from ..clients import Databricks, commands
from ..clients.commands import CREATE_CONTEXT, ContextStatus
from ..errors import (
    ContextLost,
    DatabricksError,
    DatabricksRefused,
    DatabricksUnreachable,
    NotFound,
    OutcomeUnknown,
    ToolkitError,
)
from . import polling
from .cluster import until_ready
from .context import COURSE, OPEN_A_NEW_ONE, ContextActor
from .journal import Entry, Journal, Kind
from .shield import see_through
from .watch import Watch
from .watching import follow

logger = logging.getLogger(__name__)

ATTEMPTS = 3  # a busy driver lets some contexts come up as Error; dbt makes five attempts
SECOND_ATTEMPT_AFTER = 1.0  # seconds, doubled for the third
# Seconds.  A restart of the cluster takes about a minute, and a context under load tens of seconds.
OPENS_WITHIN = 120.0


class OwnedContext(ContextActor):
    """A context of our own: made in `begin`, destroyed in `end`."""

    def __init__(
        self,
        databricks: Databricks,
        cluster_id: str,
        language: str,
        *,
        timeout: float,
        journal: Journal,
        idle_after: float,
        grace: float,
        tell: Callable[[str], None],
        hand_over: Callable[[Entry], None],
    ) -> None:
        super().__init__(databricks, cluster_id, context_id="")
        self.language, self.idle_after, self.grace = language, idle_after, grace
        self._timeout, self._host, self._journal = timeout, databricks.host, journal
        self._tell, self._hand_over = tell, hand_over
        self._entry: Entry | None = None
        self._asking = False

    @property
    def name(self) -> str:  # type: ignore[override]  # as the one that it overrides
        """What it is called in logs and errors."""
        return super().name if self.context_id else f"a new context on cluster {self.cluster_id}"

    async def begin(self) -> None:
        """Open it, and wait until it is Running.

        Raises:
          MisusedToolkit: its cluster does not run.
          OutcomeUnknown: there may be a context whose id never came.
          DatabricksError: it cannot be had, or not in time.
        """
        with trio.move_on_after(self._timeout):
            return await self._open()
        raise self._late()

    def _late(self) -> DatabricksError:
        """What goes on when the time is up, and what to do."""
        within = f"{self._timeout:g} s"
        if self._asking:
            return OutcomeUnknown(
                f"A context was asked for on cluster {self.cluster_id}, and its id did not come "
                f"within {within}",
                advice=CREATE_CONTEXT.check,
            )
        if self._entry is not None:
            status = self.state.value.status or ContextStatus.PENDING
            return DatabricksError(
                f"{self.name} is still {status} after {within}, and is being destroyed",
                advice="The driver may be busy: look at the cluster, and try again with more time.",
            )
        return DatabricksUnreachable(
            f"No context came up on cluster {self.cluster_id} within {within}",
            advice="Nothing is left of it. Look at the cluster, or try again later.",
        )

    async def _open(self) -> None:
        cluster = await until_ready(self.clusters, self.cluster_id, self._timeout)
        self.driver = None if cluster is None else cluster.spark_context_id
        for attempt in range(ATTEMPTS):
            if attempt:
                await trio.sleep(SECOND_ATTEMPT_AFTER * 2 ** (attempt - 1))
            try:
                await see_through(self._create, self.grace / 2)
            except DatabricksRefused:
                await until_ready(self.clusters, self.cluster_id, patience=0)
                raise
            if await self._comes_up():
                return
            await self.destroy()
        raise DatabricksError(
            f"A {self.language} context on cluster {self.cluster_id} did not come up, "
            f"{ATTEMPTS} times in a row",
            advice="The driver may be overloaded: look at the cluster, or restart it.",
        )

    async def _create(self) -> None:
        entry = self._journal.intend(
            Kind.CONTEXT, self._host, cluster_id=self.cluster_id, language=self.language
        )
        self._asking = True
        try:
            context = await self.client.create_context(self.cluster_id, self.language)
        except OutcomeUnknown:
            raise  # and the entry stays, to be told
        except ToolkitError:
            entry.ended()
            raise
        except trio.Cancelled:
            logger.warning(
                "a context was asked for on cluster %s, and its id did not come in time",
                self.cluster_id,
            )
            raise
        self._asking = False
        entry.created(context.id)
        self._entry, self.context_id = entry, context.id

    async def _comes_up(self) -> bool:
        """Whether it is Running soon."""
        sight: Watch[commands.Context | None] = Watch(None)
        await follow(
            sight,
            self._status,
            course=COURSE,
            until=lambda context: context.status in (ContextStatus.RUNNING, ContextStatus.ERROR),
            pace=polling.CONTEXT,
            at_once=True,
        )
        status = "" if sight.value is None else sight.value.status
        self.state.show(attrs.evolve(self.state.value, status=status))
        return status == ContextStatus.RUNNING

    def idled(self) -> None:
        """Say that it is closed: whoever comes back to it expects its variables."""
        minutes = f"{self.idle_after / 60:g} minutes"
        notice = f"State was reset: {self.name} was closed after {minutes} without use."
        self._tell(notice)
        raise ContextLost(notice, advice=OPEN_A_NEW_ONE)

    async def destroy(self) -> None:
        """Destroy it, if that is still to be done."""
        if self._entry is None:
            return
        with suppress(ContextLost, NotFound):  # then it is gone, too
            await super().destroy()
        self._entry.ended()
        self._entry = None

    async def end(self) -> None:
        """Destroy it.  What cannot be destroyed stays in the journal, and is tried again."""
        self._unwanted.clear()  # its commands end with it
        await super().end()
        try:
            await self.destroy()
        except ToolkitError as error:
            logger.warning("%s could not be destroyed: %s", self.name, error)
        finally:
            if self._entry is not None:
                self._hand_over(self._entry)
