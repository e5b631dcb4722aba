"""Would bad days notice?  Each promise's mechanism is broken on purpose, and they must.

A mutation replaces one named mechanism of ours, and must be noticed within `MOST` days as a breach
of the promise that it was for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import trio
from databricks_mcp_toolkit.actors import command, context, journal, owned_context, statement
from databricks_mcp_toolkit.actors.journal import record
from databricks_mcp_toolkit.actors.kernel import Supervisor
from databricks_mcp_toolkit.actors.watching import Watched
from databricks_mcp_toolkit.clients import retry, scrubbing
from databricks_mcp_toolkit.clients.endpoint import RetryClass
from databricks_mcp_toolkit.clients.jobs import JobsClient

from .promises import broken
from .world import run

MOST = 120  # days in which a mutation must be noticed

Patch = pytest.MonkeyPatch


def no_destroy_at_the_end(patch: Patch) -> None:
    """The owner ends, and leaves its contexts."""

    async def end(self) -> None:
        self._entry and self._entry.ended()

    patch.setattr(owned_context.OwnedContext, "end", end)


def no_write_ahead(patch: Patch) -> None:
    """What was created is never written down."""
    patch.setattr(journal.Entry, "created", lambda self, remote_id: None)


def no_recovery(patch: Patch) -> None:
    """A start does not look at what dead owners left."""
    patch.setattr(journal.Journal, "orphans", lambda self, host, *, cleared=False: [])


def no_respect_for_the_living(patch: Patch) -> None:
    """Whoever starts takes everybody for dead."""
    patch.setattr(
        record.Record,
        "is_orphan_on",
        lambda self, host, *, cleared=False: (
            self.kind is record.Kind.CONTEXT and self.remote_id is not None
        ),
    )


def a_new_token_for_each_attempt(patch: Patch) -> None:
    """The idempotency token does not reach Databricks."""
    submit = JobsClient.submit

    async def without(self, body, *, idempotency_token):
        return await submit(self, body, idempotency_token=f"{trio.current_time()}-{id(body)}"[:64])

    patch.setattr(JobsClient, "submit", without)


def writes_repeated_like_reads(patch: Patch) -> None:
    """A write whose answer is lost is sent again."""
    table = dict(retry.RETRIES)
    table[RetryClass.ONCE] = table[RetryClass.READ]
    patch.setattr(retry, "RETRIES", table)


def running_is_final(patch: Patch) -> None:
    """A command that runs is taken for one that is over."""
    later = dict(command.COURSE.later) | {command.RUNNING: frozenset()}
    course = attrs.evolve(command.COURSE, later=later)
    patch.setattr(context, "COMMAND", course)
    patch.setattr("databricks_mcp_toolkit.actors.context_handle.COURSE", course)
    patch.setattr(command, "COURSE", course)


def only_the_first_rows(patch: Patch) -> None:
    """Rows are cut, and nobody says so."""
    rows = statement.Statement.rows

    async def few(self, *arguments, **keywords):
        return (await rows(self, *arguments, **keywords))[:3]

    patch.setattr(statement.Statement, "rows", few)


def waits_without_limit(patch: Patch) -> None:
    """A wait goes on beyond its limit."""
    wait = Watched.wait

    async def for_long(self, timeout=None, **keywords):
        return await wait(self, None if timeout is None else timeout + 60, **keywords)

    patch.setattr(Watched, "wait", for_long)


def a_bug_ends_them_all(patch: Patch) -> None:
    """What ends one actor ends its neighbours."""
    supervise = Supervisor._supervise

    async def together(self, address, mailbox):
        await supervise(self, address, mailbox)
        if type(address.farewell).__name__ == "ActorCrashed":
            self.dismiss()

    patch.setattr(Supervisor, "_supervise", together)


def nothing_is_scrubbed(patch: Patch) -> None:
    """What Databricks quotes of our request is told on."""
    patch.setattr(scrubbing.Scrubber, "clean", lambda self, text, *_, **__: text)


# Which promise each is to break, and a day to begin with, for those that matter only now and then.
MUTATIONS: dict[Callable[[Patch], None], tuple[str, int]] = {
    no_destroy_at_the_end: ("1.", 0),
    no_write_ahead: ("1.", 15),
    no_recovery: ("1.", 0),
    no_respect_for_the_living: ("1.", 0),
    a_new_token_for_each_attempt: ("2.", 0),
    writes_repeated_like_reads: ("2.", 0),
    running_is_final: ("3.", 0),
    only_the_first_rows: ("3.", 30),
    waits_without_limit: ("4.", 0),
    a_bug_ends_them_all: ("5.", 50),
    nothing_is_scrubbed: ("6.", 0),
}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_bad_days_notice(mutation: Callable[[Patch], None], monkeypatch: Patch) -> None:
    promise, first = MUTATIONS[mutation]
    mutation(monkeypatch)
    for seed in range(first, first + MOST):
        memory = Path("/dev/shm")
        where = memory if memory.is_dir() else None
        with tempfile.TemporaryDirectory(dir=where) as directory:
            try:
                found = broken(run(seed, Path(directory)))
            except AssertionError as error:  # the people themselves noticed
                found = [f"2. {error}"]
            except BaseExceptionGroup as errors:
                if errors.subgroup(AssertionError) is None:
                    raise
                found = ["2. the same token gave another run"]
        if any(line.startswith(promise) for line in found):
            return
    pytest.fail(f"nothing was noticed in {MOST} days")


def test_every_promise_has_a_mutation() -> None:
    assert {promise[0] for promise, _ in MUTATIONS.values()} == set("123456")
