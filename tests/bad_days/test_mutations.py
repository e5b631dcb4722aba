"""Would bad days notice?  Each promise's mechanisms are broken on purpose, and they must.

A mutation replaces one named mechanism of ours, and must be noticed within `MOST` days as a breach
of the promise that it was for.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import trio
from databricks_mcp_toolkit.actors import (
    command,
    context,
    journal,
    kernel,
    owned_context,
    polling,
    run_polls,
    session,
    statement,
)
from databricks_mcp_toolkit.actors import run as actors_run
from databricks_mcp_toolkit.actors.journal import record
from databricks_mcp_toolkit.actors.states import Course
from databricks_mcp_toolkit.actors.watching import Watched
from databricks_mcp_toolkit.clients import exchange, http, retry, scrubbing
from databricks_mcp_toolkit.clients.auth import SdkCredentials, StaticToken
from databricks_mcp_toolkit.clients.endpoint import RetryClass
from databricks_mcp_toolkit.clients.jobs import JobsClient
from databricks_mcp_toolkit.protocol import server
from databricks_mcp_toolkit.protocol.registry import Tool
from databricks_mcp_toolkit.protocol.tools import commands as command_tools
from databricks_mcp_toolkit.protocol.tools import sql

from .lived import run
from .promises import PROMISES, broken

# As in `test_bad_days`.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*MemoryObject(Send|Receive)Stream:pytest.PytestUnraisableExceptionWarning"
)

MOST = 120  # days in which a mutation must be noticed

Patch = pytest.MonkeyPatch
Mutation = Callable[[Patch], None]
MUTATIONS: dict[Mutation, tuple[str, int]] = {}
"""Which promise each is to break, and a day to begin with, where it matters only now and then."""


def breaks(promise: int, first: int = 0) -> Callable[[Mutation], Mutation]:
    def register(mutation: Mutation) -> Mutation:
        MUTATIONS[mutation] = (f"{promise}.", first)
        return mutation

    return register


# -- 1. nothing is left behind


@breaks(1)
def no_destroy_at_the_end(patch: Patch) -> None:
    """The owner ends, and leaves its contexts."""

    async def end(self) -> None:
        self._entry and self._entry.ended()

    patch.setattr(owned_context.OwnedContext, "end", end)


@breaks(1)
def no_time_to_let_go(patch: Patch) -> None:
    """A cancel cuts the cleaning up short."""

    async def let_go(self) -> None:
        with contextlib.suppress(Exception):
            await self._actor.end()

    patch.setattr(kernel.Address, "_let_go", let_go)


@breaks(1)
def all_the_time_to_let_go(patch: Patch) -> None:
    """Nothing bounds the cleaning up."""

    async def let_go(self) -> None:
        with trio.CancelScope(shield=True), contextlib.suppress(Exception):
            await self._actor.end()

    patch.setattr(kernel.Address, "_let_go", let_go)


@breaks(1, 15)
def ids_are_not_written_down(patch: Patch) -> None:
    """The id of what was created is not written down."""
    patch.setattr(journal.Entry, "created", lambda self, remote_id: None)


@breaks(1)
def no_write_ahead(patch: Patch) -> None:
    """What is about to be created is written down only when its id is known."""
    update = journal.Journal.update

    def late(self, entry) -> None:
        if entry.record.remote_id is not None:
            update(self, entry)

    patch.setattr(journal.Journal, "update", late)


@breaks(1)
def no_recovery(patch: Patch) -> None:
    """A start does not look at what dead owners left."""
    patch.setattr(journal.Journal, "orphans", lambda self, host, *, cleared=False: [])


@breaks(1)
def no_respect_for_the_living(patch: Patch) -> None:
    """Whoever starts takes everybody for dead."""
    patch.setattr(
        record.Record,
        "is_orphan_on",
        lambda self, host, *, cleared=False: (
            self.kind is record.Kind.CONTEXT and self.remote_id is not None
        ),
    )


@breaks(1)
def a_cancel_loses_the_id(patch: Patch) -> None:
    """Nobody waits for the id of a context whose caller has left."""

    async def not_at_all(work, patience):
        return await work()

    patch.setattr(owned_context, "see_through", not_at_all)


@breaks(1)
def one_command_leaves_its_context(patch: Patch) -> None:
    """The context of one command lives on after the answer."""

    async def close(self) -> None:
        await trio.lowlevel.checkpoint()

    patch.setattr("databricks_mcp_toolkit.actors.context_handle.Context.close", close)


# -- 2. nothing happens twice


@breaks(2)
def a_new_token_for_each_attempt(patch: Patch) -> None:
    """The idempotency token does not reach Databricks."""
    submit = JobsClient.submit

    async def without(self, body, *, idempotency_token):
        return await submit(self, body, idempotency_token=f"{trio.current_time()}-{id(body)}"[:64])

    patch.setattr(JobsClient, "submit", without)


@breaks(2)
def a_callers_token_is_not_used(patch: Patch) -> None:
    """Each call mints a token, whatever its caller gave."""
    numbers = iter(range(10**6))
    start = session.Session._start_run
    partial = session.partial

    async def anew(self, name, send, token, **details):
        other = partial(send, idempotency_token=f"own-{next(numbers)}")
        return await start(self, name, other, token, **details)

    patch.setattr(session.Session, "_start_run", anew)


@breaks(2)
def writes_repeated_like_reads(patch: Patch) -> None:
    """A write whose answer is lost is sent again."""
    table = dict(retry.RETRIES)
    table[RetryClass.ONCE] = table[RetryClass.READ]
    patch.setattr(retry, "RETRIES", table)


@breaks(2)
def a_broken_answer_is_asked_for_again(patch: Patch) -> None:
    """A write whose answer makes no sense is sent again, and once only."""
    table = dict(retry.RETRIES)
    table[RetryClass.ONCE] = {
        **table[RetryClass.ONCE],
        retry.Trouble.BROKEN: retry.Patience(attempts=2),
    }
    patch.setattr(retry, "RETRIES", table)


@breaks(2)
def what_is_unknown_is_told_as_unchanged(patch: Patch) -> None:
    """A write whose answer is lost is told as one that did not happen."""
    patch.setattr(http, "_verdict", lambda endpoint, met, failed, spent: failed.error)


@breaks(2)
def nobody_says_what_to_look_at(patch: Patch) -> None:
    """What is unknown is told without what to do about it."""
    init = http.OutcomeUnknown.__init__

    def without(self, message, *, advice=None, **rest):
        init(self, message, **rest)

    patch.setattr(http.OutcomeUnknown, "__init__", without)


# -- 3. the truth is told


@breaks(3)
def running_is_final(patch: Patch) -> None:
    """A command that runs is taken for one that is over."""
    later = dict(command.COURSE.later) | {command.RUNNING: frozenset()}
    course = attrs.evolve(command.COURSE, later=later)
    patch.setattr(context, "COMMAND", course)
    patch.setattr("databricks_mcp_toolkit.actors.context_handle.COURSE", course)
    patch.setattr(command, "COURSE", course)


@breaks(3)
def an_unknown_word_is_the_end(patch: Patch) -> None:
    """A state that nobody knows is taken for a final one."""
    patch.setattr(Course, "is_over", lambda self, seen: not self.later.get(self.word(seen)))


@breaks(3)
def looks_are_rare(patch: Patch) -> None:
    """A look a minute, however short the work."""
    patch.setattr(polling.Pace, "after", lambda self, delay: 60.0)


@breaks(3)
def every_end_is_a_success(patch: Patch) -> None:
    """How a command ended is not looked at."""
    patch.setattr(command, "failure", lambda seen: None)


@breaks(3)
def every_run_succeeds(patch: Patch) -> None:
    """How a run ended is not looked at."""
    patch.setattr(actors_run, "failure", lambda seen: None)


@breaks(3, 30)
def only_the_first_rows(patch: Patch) -> None:
    """Rows are cut, and nobody says so."""
    rows = statement.Statement.rows

    async def few(self, *arguments, **keywords):
        return (await rows(self, *arguments, **keywords))[:3]

    patch.setattr(statement.Statement, "rows", few)


@breaks(3)
def only_the_first_chunk(patch: Patch) -> None:
    """What comes in several parts is read no further than the first."""
    patch.setattr(statement, "following", lambda chunk, index, manifest: None)


@breaks(3)
def a_text_is_cut_in_silence(patch: Patch) -> None:
    """A long text is cut, and nobody says so."""
    patch.setattr(command_tools, "cut", lambda text, limit=16_000, *, rest="": text[:limit])


@breaks(3)
def a_table_is_cut_in_silence(patch: Patch) -> None:
    """A long table is cut, and nobody says so."""
    shown = sql._shown

    def silent(seen, columns, rows, offset, total):
        return shown(seen, columns, rows[:5], 0, min(5, total))

    patch.setattr(sql, "_shown", silent)


# -- 4. an answer comes in time


@breaks(4)
def waits_without_limit(patch: Patch) -> None:
    """A wait goes on beyond its limit."""
    wait = Watched.wait

    async def for_long(self, timeout=None, **keywords):
        return await wait(self, None if timeout is None else timeout + 60, **keywords)

    patch.setattr(Watched, "wait", for_long)


@breaks(4)
def nobody_is_told_of_an_end(patch: Patch) -> None:
    """An actor that ends leaves those who ask it waiting."""
    patch.setattr(kernel.Request, "fail", lambda self, error: None)


@breaks(4)
def tools_have_no_patience_limit(patch: Patch) -> None:
    """A tool takes as long as it takes."""

    async def perform(self, call, arguments):
        return await self.function(call, arguments)

    patch.setattr(Tool, "perform", perform)


@breaks(4)
def one_attempt_takes_for_ever(patch: Patch) -> None:
    """Nothing bounds one request."""
    send = exchange.Exchange.send

    async def for_ever(self, request, login):
        self._timeouts = attrs.evolve(self._timeouts, attempt=1e9)
        return await send(self, request, login)

    patch.setattr(exchange.Exchange, "send", for_ever)


@breaks(4)
def what_is_raised_is_no_error_of_ours(patch: Patch) -> None:
    """What a tool raises reaches the host as it is."""

    async def as_it_is(tool, arguments, get_session, report):
        bound = tool.bind(arguments)
        return await tool.perform(server.Call(await get_session(), report), bound)

    patch.setattr(server, "_answered", as_it_is)


# -- 5. others are unharmed


@breaks(5, 50)
def a_bug_ends_them_all(patch: Patch) -> None:
    """What ends one actor ends its neighbours."""
    supervise = kernel.Supervisor._supervise

    async def together(self, address, mailbox):
        await supervise(self, address, mailbox)
        if type(address.farewell).__name__ == "ActorCrashed":
            self.dismiss()

    patch.setattr(kernel.Supervisor, "_supervise", together)


@breaks(5)
def a_lost_context_takes_others_along(patch: Patch) -> None:
    """One context that is lost is taken for the loss of all."""
    supervise = kernel.Supervisor._supervise

    async def together(self, address, mailbox):
        await supervise(self, address, mailbox)
        if type(address.farewell).__name__ == "ContextLost":
            for other in list(self.living):
                if isinstance(other._actor, owned_context.OwnedContext):
                    other._actor.lost(address.farewell)

    patch.setattr(kernel.Supervisor, "_supervise", together)


@breaks(5, 160)
def one_runs_trouble_is_told_to_all(patch: Patch) -> None:
    """What a look at one run meets with is told to whoever waits for any."""
    failed = run_polls.RunPolls._failed

    def together(self, requests, error):
        everybody = [*requests, *self._resting]
        self._resting.clear()
        failed(self, everybody, error)

    patch.setattr(run_polls.RunPolls, "_failed", together)


@breaks(5, 60)
def one_bad_tool_ends_the_session(patch: Patch) -> None:
    """Whatever a tool meets with, all that its server has open is closed."""
    answered = server._answered

    async def and_close(tool, arguments, get_session, report):
        answer = await answered(tool, arguments, get_session, report)
        if answer.failed and answer.structured.get("error") == "Bug":
            (await get_session())._supervisor.dismiss()
        return answer

    patch.setattr(server, "_answered", and_close)


# -- 6. no secret gets out


@breaks(6)
def nothing_is_scrubbed(patch: Patch) -> None:
    """What Databricks quotes of our request is told on."""
    patch.setattr(scrubbing.Scrubber, "clean", lambda self, text, *_, **__: text)


@breaks(6)
def requests_are_logged_by_httpx(patch: Patch) -> None:
    """Whole addresses are in the log, presigned ones too."""
    patch.setattr(exchange._Discretion, "filter", lambda self, record: True)


@breaks(6)
def links_are_told(patch: Patch) -> None:
    """What a statement's answer says of where its rows are is passed on."""
    rows = sql._rows

    async def with_links(statement, arguments):
        answer = await rows(statement, arguments)
        more = {"first_chunk": statement.last.wire.get("result")}
        return attrs.evolve(answer, structured=answer.structured | more)

    patch.setattr(sql, "_rows", with_links)


@breaks(6)
def a_login_shows_its_token(patch: Patch) -> None:
    """The status line of a login has the token in it."""
    patch.setattr(StaticToken, "__repr__", lambda self: f"<StaticToken {self._headers}>")


@breaks(6, 63)
def a_login_tells_what_it_was_refused_with(patch: Patch) -> None:
    """What comes back from whoever hands out tokens is told on."""
    patch.setattr(SdkCredentials, "_one_line", lambda self, error: " ".join(str(error).split()))


def _named(mutation: Mutation) -> str:
    """Its promise, and how it breaks it: `-k the_truth` has all that break the third."""
    name = next(name for name in PROMISES if name.startswith(MUTATIONS[mutation][0]))
    return f"{PROMISES[name].__name__}-{mutation.__name__}"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=_named)
def test_bad_days_notice(mutation: Mutation, monkeypatch: Patch) -> None:
    promise, first = MUTATIONS[mutation]
    mutation(monkeypatch)
    for seed in range(first, first + MOST):
        memory = Path("/dev/shm")
        where = memory if memory.is_dir() else None
        with tempfile.TemporaryDirectory(dir=where) as directory:
            found = broken(run(seed, Path(directory)))
        if any(line.startswith(promise) for line in found):
            return
    pytest.fail(f"nothing was noticed in {MOST} days")


@pytest.mark.parametrize("promise", "123456")
def test_every_promise_has_three_mutations_at_the_least(promise: str) -> None:
    assert sum(each[0] == promise for each, _ in MUTATIONS.values()) >= 3


def test_the_promises_are_those_of_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    stated = re.findall(r"^(\d\. )\*\*(.+?)\.?\*\*", readme, re.MULTILINE)
    assert [number + name for number, name in stated] == list(PROMISES)
    names = [re.sub(r"\W+", "_", name.replace("'", "")).lower() for _, name in stated]
    assert names == [each.__name__ for each in PROMISES.values()]
