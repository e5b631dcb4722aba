"""The door under a virtual clock: what is sent, how often, when, and what the caller is told."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
import trio
import trio.testing
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import Credentials, Databricks, Governor, Timeouts, clusters
from databricks_mcp_toolkit.clients import exchange as exchange_module
from databricks_mcp_toolkit.clients.http import FIRST_CONTACT
from databricks_mcp_toolkit.clients.retry import LONGEST_WAIT
from databricks_mcp_toolkit.clients.statements import ExternalLink
from trio.testing import MockClock

from .conftest import TOKEN, Connect, Script

Call = Callable[[Databricks], Awaitable[Any]]


async def read(databricks: Databricks) -> Any:
    return await databricks.clusters.get("c-1")


async def token(databricks: Databricks) -> Any:
    return await databricks.jobs.run_now(7, idempotency_token="t-1")


async def same(databricks: Databricks) -> Any:
    return await databricks.commands.destroy_context("c-1", "x-1")


async def once(databricks: Databricks) -> Any:
    return await databricks.commands.create_context("c-1", "python")


CALLS: dict[str, Call] = {"read": read, "token": token, "same": same, "once": once}
GOOD = {"cluster_id": "c-1", "run_id": 5, "id": "x-1"}
every_class = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
all_but_once = pytest.mark.parametrize("call", [read, token, same], ids=["read", "token", "same"])


# -- what is sent


async def test_a_request_carries_login_agent_and_body(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, GOOD)
    await token(databricks)
    [sent] = script.requests
    assert (sent.method, sent.path) == ("POST", "/api/2.2/jobs/run-now")
    assert sent.body == {"job_id": 7, "idempotency_token": "t-1"}
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["user-agent"].startswith("open-source_databricks-mcp-toolkit/")


async def test_queries_are_spelled_as_databricks_spells_them(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, {})
    await databricks.jobs.page_runs(active_only=True, completed_only=None, job_id=2**60)
    assert script.requests[0].query == {"active_only": "true", "job_id": str(2**60)}


@pytest.mark.parametrize(
    "arguments",
    [{"x": "\ud800"}, {"x": float("nan")}, {"x": object()}, {"\ud800": 1}],
    ids=["surrogate", "NaN", "object", "surrogate name"],
)
async def test_what_is_no_json_is_refused_before_anything_is_sent(
    databricks: Databricks, script: Script, arguments: dict[str, Any], autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.InvalidArguments):
        await databricks.clusters.create(arguments)
    with pytest.raises(errors.InvalidArguments):
        await databricks.workspace.list("\ud800")
    assert not script.requests


async def test_an_endless_argument_is_refused(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.InvalidArguments):
        await databricks.workspace.list("/" + "x" * 10_000_000)
    assert not script.requests


async def test_cookies_are_not_kept(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, GOOD, set_cookie="a=b; Path=/; Domain=workspace.test")
    await read(databricks)
    await read(databricks)
    assert "cookie" not in script.requests[1].headers


# -- what is repeated


@every_class
async def test_a_429_is_repeated_after_its_retry_after(
    connect: Connect, script: Script, call: Call, autojump_clock: MockClock
) -> None:
    script.answer(429, retry_after="7").answer(200, GOOD)
    async with connect() as databricks:
        await call(databricks)
    assert script.times == [0, 7]


@every_class
async def test_a_503_of_the_service_itself_is_repeated(
    connect: Connect, script: Script, call: Call, autojump_clock: MockClock
) -> None:
    script.answer(503, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "m"}, retry_after="2")
    script.answer(200, GOOD)
    async with connect() as databricks:
        await call(databricks)
    assert script.times == [0, 2]


@every_class
async def test_a_refused_connection_is_tried_again(
    connect: Connect, script: Script, call: Call, autojump_clock: MockClock
) -> None:
    script.fail(httpx.ConnectError("refused")).answer(200, GOOD)
    async with connect() as databricks:
        await call(databricks)
    assert len(script.requests) == 2


LOSSES: list[Exception] = [
    httpx.ReadTimeout(""),
    httpx.ReadError("reset"),
    httpx.RemoteProtocolError("disconnected"),
    httpx.WriteError("broken pipe"),
    httpx.WriteTimeout(""),
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@all_but_once
async def test_a_lost_answer_is_asked_for_again_where_that_is_harmless(
    connect: Connect, script: Script, call: Call, loss: Exception, autojump_clock: MockClock
) -> None:
    script.fail(loss).answer(200, GOOD)
    async with connect() as databricks:
        await call(databricks)
    assert len(script.requests) == 2


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
async def test_a_write_whose_answer_was_lost_is_unknown_and_never_sent_again(
    connect: Connect, script: Script, loss: Exception, autojump_clock: MockClock
) -> None:
    script.fail(loss).answer(200, GOOD)
    async with connect() as databricks:
        with pytest.raises(errors.OutcomeUnknown, match="not known") as caught:
            await once(databricks)
    assert len(script.requests) == 1
    assert "If this one was made" in caught.value.advice


UNUSABLE: dict[str, tuple[int, Any]] = {
    "HTML": (200, "<html>please log in</html>"),
    "truncated": (200, '{"cluster_id": "c-'),
    "list": (200, "[]"),
    "text": (200, "ok"),
    "500": (500, {"error_code": "INTERNAL_ERROR", "message": "m"}),
    "500 empty": (500, ""),
}


@pytest.mark.parametrize(("status", "body"), UNUSABLE.values(), ids=UNUSABLE)
async def test_an_answer_without_sense_is_asked_for_again(
    connect: Connect, script: Script, status: int, body: Any, autojump_clock: MockClock
) -> None:
    script.answer(status, body).answer(200, GOOD)
    async with connect() as databricks:
        assert (await read(databricks)).cluster_id == "c-1"


@pytest.mark.parametrize(
    ("status", "body"),
    [*UNUSABLE.values(), (200, {}), (200, "")],
    ids=[*UNUSABLE, "no id", "empty"],
)
async def test_an_answer_without_sense_leaves_a_write_unknown(
    connect: Connect, script: Script, status: int, body: Any, autojump_clock: MockClock
) -> None:
    script.answer(status, body)
    async with connect() as databricks:
        with pytest.raises(errors.OutcomeUnknown):
            await once(databricks)
    assert len(script.requests) == 1


@pytest.mark.parametrize("body", ["", "{}", '{"id": "x-1"}', "[]"])
async def test_any_accepting_answer_will_do_where_nothing_is_asked(
    connect: Connect, script: Script, body: str, autojump_clock: MockClock
) -> None:
    script.answer(200, body)
    async with connect() as databricks:
        await same(databricks)
    assert len(script.requests) == 1


async def test_a_lasting_nonsense_is_told_after_four_attempts(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, "<html>please log in</html>")
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksUnreachable, match="no JSON") as caught:
            await read(databricks)
    assert len(script.requests) == 4
    assert "DATABRICKS_HOST" in caught.value.advice


async def test_a_missing_field_is_named_and_no_value_is_shown(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, {"state": "RUNNING", "cluster_name": "hush-hush"})
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksUnreachable, match="cluster_id") as caught:
            await read(databricks)
    assert "hush-hush" not in str(caught.value)


@every_class
async def test_a_refusal_is_told_at_once(
    connect: Connect, script: Script, call: Call, autojump_clock: MockClock
) -> None:
    script.answer(400, {"error_code": "INVALID_STATE", "message": "no"})
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksRefused) as caught:
            await call(databricks)
    assert caught.value.error_code == "INVALID_STATE"
    assert len(script.requests) == 1


# -- how long


async def test_the_budget_bounds_a_call_with_all_its_attempts(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(429)
    async with connect(timeouts=Timeouts(retries=60)) as databricks:
        with pytest.raises(errors.RateLimited):
            await read(databricks)
    assert trio.current_time() == pytest.approx(60, abs=0.01)
    assert 5 < len(script.requests) < 20


async def test_whoever_has_no_turn_within_the_budget_is_told_what_was_met(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    """A 429 of somebody else's closes the line for longer than the budget."""
    governor = Governor()
    script.answer(500, {"error_code": "INTERNAL_ERROR", "message": "it broke"})

    async def somebody_else() -> None:
        while True:
            await trio.sleep(0.1)
            governor.throttle(clusters.LIST, 60)

    async with (
        connect(governor=governor, timeouts=Timeouts(retries=3)) as databricks,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(somebody_else)
        with pytest.raises(errors.DatabricksRefused, match="it broke"), trio.fail_after(60):
            await read(databricks)
        assert trio.current_time() == pytest.approx(3, abs=0.01)
        nursery.cancel_scope.cancel()
    assert len(script.requests) == 1


async def test_a_long_retry_after_is_cut_to_the_budget(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(429, retry_after="3600").answer(200, GOOD)
    async with connect(governor=Governor(), timeouts=Timeouts(retries=40)) as databricks:
        await read(databricks)
    assert script.times == [0, 40]


async def test_a_retry_after_may_be_a_date(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(
        429,
        retry_after="Fri, 01 Jan 2100 00:00:12 GMT",
        date="Fri, 01 Jan 2100 00:00:00 GMT",
    ).answer(200, GOOD)
    async with connect() as databricks:
        await read(databricks)
    assert script.times == [0, 12]


async def test_a_read_lives_through_an_outage_of_minutes(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    async with connect() as databricks:
        script.answer(200, GOOD)
        await read(databricks)
        began = trio.current_time()
        while script.answers:
            script.answers.pop()
        for _ in range(15):
            script.fail(httpx.ConnectError("network is down"))
        script.answer(200, GOOD)
        assert (await read(databricks)).cluster_id == "c-1"
    assert 60 < trio.current_time() - began < 15 * LONGEST_WAIT


async def test_a_host_that_never_answered_is_given_up_soon(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.fail(httpx.ConnectError("[Errno -2] Name or service not known"))
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksUnreachable, match=r"workspace\.test") as caught:
            await read(databricks)
    assert trio.current_time() <= FIRST_CONTACT
    assert "attempts" in caught.value.message
    assert "DATABRICKS_HOST" in caught.value.advice


async def test_an_answer_that_never_comes_is_lost_after_the_attempts_time(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, GOOD, after=10_000)
    async with connect(timeouts=Timeouts(attempt=90)) as databricks:
        with pytest.raises(errors.OutcomeUnknown, match="90 seconds"):
            await once(databricks)
    assert trio.current_time() == 90


async def test_a_caller_may_set_a_shorter_deadline(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(429, retry_after="100")
    async with connect() as databricks:
        with trio.move_on_after(3) as scope:
            await read(databricks)
    assert scope.cancelled_caught
    assert trio.current_time() == 3


async def test_a_run_whose_start_stays_unanswered_is_unknown_and_has_one_token(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.fail(httpx.ReadTimeout(""), after=10)
    async with connect(timeouts=Timeouts(retries=60)) as databricks:
        with pytest.raises(errors.OutcomeUnknown) as caught:
            await token(databricks)
    assert "same idempotency_token" in caught.value.advice
    assert len(script.requests) > 2
    assert {sent.body["idempotency_token"] for sent in script.requests} == {"t-1"}


async def test_a_start_lost_once_and_then_throttled_stays_unknown(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.fail(httpx.ReadTimeout("")).answer(429)
    async with connect(timeouts=Timeouts(retries=30)) as databricks:
        with pytest.raises(errors.OutcomeUnknown):
            await token(databricks)


async def test_a_start_lost_once_and_then_refused_is_refused(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    # Had the first one started a run, the token would have given its id.
    script.fail(httpx.ReadTimeout("")).answer(400, {"error_code": "BAD_REQUEST", "message": "no"})
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksRefused):
            await token(databricks)


async def test_a_start_lost_once_and_then_not_allowed_stays_unknown(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.fail(httpx.ReadTimeout("")).answer(403, {"error_code": 403, "message": "expired"})
    async with connect() as databricks:
        with pytest.raises(errors.OutcomeUnknown):
            await token(databricks)


async def test_a_cluster_that_is_not_ready_yet_is_asked_again_for_some_seconds(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(400, {"error": "ClusterNotReadyException: wait"})
    script.answer(400, {"error": "ClusterNotReadyException: wait"})
    script.answer(200, GOOD)
    async with connect() as databricks:
        assert (await once(databricks)).id == "x-1"


async def test_a_429_slows_everybody_a_little_and_its_own_kind_as_long_as_asked(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(429, retry_after="10").answer(200, GOOD)
    left: dict[str, float] = {}

    async def call_of(name: str) -> None:
        await CALLS[name](databricks)
        left[name] = trio.current_time()

    async with connect() as databricks, trio.open_nursery() as nursery:
        nursery.start_soon(token, databricks)
        await trio.testing.wait_all_tasks_blocked()
        for name in ("read", "token", "same"):
            nursery.start_soon(call_of, name)
    assert left == {"same": 0, "read": 1, "token": 10}


# -- the login


class Refreshing(Credentials):
    """A login whose first headers have expired."""

    def __init__(self, good_from: int) -> None:
        self.asked = 0
        self.good_from = good_from

    async def headers(self) -> Mapping[str, str]:
        """The next headers."""
        self.asked += 1
        return {"Authorization": f"Bearer refreshed-token-{self.asked}"}

    def rejected(self, headers: Mapping[str, str]) -> bool:
        """Others will do."""
        return True


@every_class
async def test_a_401_on_a_login_that_can_be_refreshed_is_repeated_once(
    connect: Connect, script: Script, call: Call, autojump_clock: MockClock
) -> None:
    script.answer(401, {"message": "expired"}).answer(200, GOOD)
    async with connect(Refreshing(good_from=2)) as databricks:
        await call(databricks)
    logins = [sent.headers["authorization"] for sent in script.requests]
    assert logins == ["Bearer refreshed-token-1", "Bearer refreshed-token-2"]
    assert script.times == [0, 0]


async def test_a_second_401_is_not_allowed(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(401, {"message": "expired"})
    async with connect(Refreshing(good_from=9)) as databricks:
        with pytest.raises(errors.NotAllowed):
            await read(databricks)
    assert len(script.requests) == 2


async def test_a_401_on_a_plain_token_is_not_allowed_at_once(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(401)
    async with connect() as databricks:
        with pytest.raises(errors.NotAllowed) as caught:
            await read(databricks)
    assert len(script.requests) == 1
    assert "token" in caught.value.advice


@pytest.mark.parametrize(
    "refused", [errors.NotAllowed("no", status=401), errors.NotConfigured("no")]
)
async def test_a_login_that_is_refused_says_nothing_of_a_write_that_was_lost_before(
    connect: Connect, script: Script, refused: errors.ToolkitError, autojump_clock: MockClock
) -> None:
    class Once(Refreshing):
        async def headers(self) -> Mapping[str, str]:
            if self.asked:
                raise refused
            return await super().headers()

    script.fail(httpx.ReadError(""))
    async with connect(Once(good_from=1)) as databricks:
        with pytest.raises(errors.OutcomeUnknown) as caught:
            await token(databricks)
        assert "same idempotency_token" in caught.value.advice
        with pytest.raises(type(refused)):
            await token(databricks)
    assert len(script.requests) == 1


# -- redirects, sizes


async def test_a_redirect_is_not_followed_and_shows_only_whereto(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(302, location="https://u:p@login.example.com/oidc?code=s3cret-code")
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksUnreachable, match=r"login\.example\.com") as caught:
            await once(databricks)
    assert "s3cret" not in str(caught.value)
    assert len(script.requests) == 1


async def test_an_answer_that_would_fill_the_memory_is_left_off(
    connect: Connect, script: Script, monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    monkeypatch.setattr(exchange_module, "LARGEST_ANSWER", 1000)
    script.answer(200, {"cluster_id": "x" * 2000})
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksUnreachable, match="more than 1000 bytes"):
            await read(databricks)
        assert len(script.requests) == 1
        with pytest.raises(errors.OutcomeUnknown, match="more than 1000 bytes"):
            await once(databricks)


# -- presigned links

LINK = ExternalLink(
    "https://bucket.test/results/0?X-Amz-Signature=abcdef0123456789",
    http_headers={"x-amz-server-side-encryption-customer-key": "k3y-material"},
)


async def test_a_presigned_link_is_fetched_with_its_own_headers_and_without_our_login(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, '[["1", null], ["2", "b"]]')
    assert await databricks.statements.external(LINK) == [["1", None], ["2", "b"]]
    [sent] = script.requests
    assert "authorization" not in sent.headers
    assert sent.headers["x-amz-server-side-encryption-customer-key"] == "k3y-material"


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_an_expired_link_is_refused_without_showing_it(
    databricks: Databricks, script: Script, status: int, autojump_clock: MockClock
) -> None:
    script.answer(status, f"<Error><Url>{LINK.external_link}</Url></Error>")
    with pytest.raises(errors.DatabricksRefused, match="expired") as caught:
        await databricks.statements.external(LINK)
    assert caught.value.status == status
    assert "abcdef0123456789" not in str(caught.value) + repr(LINK)
    assert len(script.requests) == 1


async def test_cloud_storage_in_trouble_is_asked_again(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(503, "<Error>SlowDown</Error>").fail(httpx.ReadError("")).answer(200, "[]")
    assert await databricks.statements.external(LINK) == []


async def test_a_link_that_gives_no_rows_is_unusable(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, '{"rows": 1}')
    with pytest.raises(errors.DatabricksUnreachable, match="no array of rows"):
        await databricks.statements.external(LINK)


async def test_a_link_to_elsewhere_than_the_web_is_refused(
    databricks: Databricks, script: Script, autojump_clock: MockClock
) -> None:
    with pytest.raises(errors.ToolkitError) as caught:
        await databricks.statements.external(ExternalLink(f"file:///etc/passwd?sig={TOKEN}"))
    assert TOKEN not in str(caught.value)


# -- secrets, logs


@every_class
async def test_no_secret_is_in_an_error_a_log_or_a_repr(
    connect: Connect,
    script: Script,
    call: Call,
    caplog: pytest.LogCaptureFixture,
    autojump_clock: MockClock,
) -> None:
    caplog.set_level(logging.DEBUG)
    leak = f"Bearer {TOKEN} at https://b.test/?X-Amz-Signature=deadbeef0123 {TOKEN}"
    script.fail(httpx.ConnectError(leak)).answer(
        400,
        {"error_code": "X", "message": leak, "details": [{"metadata": {"t": leak}}]},
        x_request_id=leak,
    )
    async with connect() as databricks:
        with pytest.raises(errors.DatabricksRefused) as caught:
            await call(databricks)
        script.answers.clear()
        script.fail(httpx.ReadError(leak))
        with pytest.raises(errors.DatabricksError) as lost:
            await databricks.statements.external(LINK)
        shown = [caught.value, caught.value.facts(), caught.value.details, caught.value.request_id]
        shown += [lost.value, databricks, databricks.governor, databricks.clusters, caplog.text]
    for secret in (TOKEN, "deadbeef0123", "abcdef0123456789", "k3y-material"):
        assert secret not in "".join(f"{each!r} {each}" for each in shown)


async def test_a_call_is_one_line_in_the_log_with_method_path_status_and_time(
    connect: Connect, script: Script, caplog: pytest.LogCaptureFixture, autojump_clock: MockClock
) -> None:
    caplog.set_level(logging.DEBUG)
    script.answer(200, {"objects": [{"path": "/hush"}]}, after=0.25)
    async with connect() as databricks:
        await databricks.workspace.list("/hush")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["GET /api/2.0/workspace/list 200 250 ms"]


# -- cancellation, stage by stage


@every_class
async def test_a_cancel_before_the_call_sends_nothing(
    connect: Connect, script: Script, call: Call, autojump_clock: MockClock
) -> None:
    script.answer(200, GOOD)
    async with connect() as databricks:
        with trio.CancelScope() as scope:
            scope.cancel()
            await call(databricks)
    assert not script.requests


async def test_a_cancel_while_waiting_for_its_turn_sends_nothing(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, GOOD)
    async with connect(governor=Governor(per_second=0.1, burst=1)) as databricks:
        await read(databricks)
        with trio.move_on_after(1) as scope:
            await once(databricks)
    assert scope.cancelled_caught
    assert len(script.requests) == 1


async def test_a_cancel_before_a_repetition_sends_nothing_more(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(429, retry_after="10").answer(200, GOOD)
    async with connect() as databricks:
        with trio.move_on_after(5) as scope:
            await once(databricks)
        await trio.sleep(60)
    assert scope.cancelled_caught
    assert len(script.requests) == 1


@every_class
async def test_a_cancel_while_under_way_ends_the_call_and_is_not_repeated(
    connect: Connect,
    script: Script,
    call: Call,
    caplog: pytest.LogCaptureFixture,
    autojump_clock: MockClock,
) -> None:
    caplog.set_level(logging.DEBUG)
    script.answer(200, GOOD, after=10)
    async with connect() as databricks:
        with trio.move_on_after(5) as scope:
            await call(databricks)
        await trio.sleep(60)
    assert scope.cancelled_caught
    assert len(script.requests) == 1
    assert "cancelled 5000 ms" in caplog.text


async def test_a_shielded_create_brings_its_id_home_through_a_cancel(
    connect: Connect, script: Script, autojump_clock: MockClock
) -> None:
    script.answer(200, GOOD, after=10)
    made = []
    async with connect() as databricks:
        with trio.move_on_after(5):
            with trio.move_on_after(30, shield=True):
                made.append(await once(databricks))
            await trio.sleep(60)
    assert [each.id for each in made] == ["x-1"]
