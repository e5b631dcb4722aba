"""Routing, envelopes and the log of requests."""

from typing import Any

import httpx
import pytest
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.web.app import Router
from databricks_mcp_toolkit.simulation.wire import Call, Refusal, Response, Route


async def answer(call: Call) -> dict[str, Any]:
    return {}


def test_a_literal_segment_goes_before_a_parameter() -> None:
    literal, any_name = Route("GET", "/a/b", answer), Route("GET", "/a/{name}", answer)
    router = Router([any_name, literal])
    assert router.find("GET", "/a/b") == (literal, {})
    assert router.find("GET", "/a/c") == (any_name, {"name": "c"})


def test_a_walk_that_leads_nowhere_turns_back() -> None:
    router = Router([Route("GET", "/a/b/c", answer), route := Route("GET", "/a/{x}/d", answer)])
    assert router.find("GET", "/a/b/d") == (route, {"x": "b"})


def test_segments_are_decoded_one_by_one() -> None:
    router = Router([Route("GET", "/files/{path:path}", answer)])
    found = router.find("GET", "/files/Volumes/a%20b%23/c%2Fd.txt")
    assert found is not None
    assert found[1] == {"path": "Volumes/a b#/c/d.txt"}


def test_another_method_is_another_endpoint() -> None:
    router = Router([Route("POST", "/a/{b}", answer)])
    assert router.find("GET", "/a/b") is None


async def test_unknown_endpoints_are_refused_in_databricks_words(api: httpx.AsyncClient) -> None:
    refused = await api.get("/api/2.1/clusters/nope")
    assert refused.status_code == 404
    assert refused.json() == {
        "error_code": "ENDPOINT_NOT_FOUND",
        "message": "No API found for 'GET /clusters/nope'",
    }
    assert (await api.post("/api/2.1/clusters/list")).json()["error_code"] == "ENDPOINT_NOT_FOUND"


async def test_an_unknown_version_is_a_bad_target(api: httpx.AsyncClient) -> None:
    refused = await api.get("/api/3.7/clusters/list")
    assert (refused.status_code, refused.json()) == (
        404,
        {"error": "Bad Target: /api/3.7/clusters/list"},
    )


async def test_what_is_no_api_is_a_page(api: httpx.AsyncClient) -> None:
    refused = await api.get("/nowhere")
    assert refused.status_code == 404
    assert refused.headers["content-type"].startswith("text/html")


async def test_a_body_that_is_no_json_is_malformed(api: httpx.AsyncClient) -> None:
    refused = await api.post("/api/2.1/clusters/start", content=b"{nope")
    assert (refused.status_code, refused.json()["error_code"]) == (400, "MALFORMED_REQUEST")


@pytest.mark.parametrize(
    ("api_family", "body"),
    [
        ("2.x", {"error_code": "INVALID_STATE", "message": "No."}),
        ("1.2", {"error": "INVALID_STATE: No."}),
    ],
)
def test_each_family_has_its_envelope(api_family: Any, body: dict[str, Any]) -> None:
    assert Refusal(400, "INVALID_STATE", "No.").envelope(api_family) == body


async def test_a_bug_in_a_handler_is_a_500_with_a_reference(
    workspace: Workspace, api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(call: Call) -> Response:
        raise ZeroDivisionError

    workspace.app.router.add(Route("GET", "/api/2.0/broken", broken))
    answered = await api.get("/api/2.0/broken")
    assert (answered.status_code, answered.json()["error_code"]) == (500, "INTERNAL_ERROR")
    assert "ZeroDivisionError" in caplog.text
    assert answered.json()["message"].rpartition(" ")[2].rstrip(".") in caplog.text


async def test_requests_are_logged_and_counted(
    workspace: Workspace, api: httpx.AsyncClient
) -> None:
    await api.get("/api/2.1/clusters/get", params={"cluster_id": workspace.cluster_id})
    await api.post("/api/2.1/clusters/pin", json={"cluster_id": workspace.cluster_id})
    assert len(workspace.requests) == 2
    assert workspace.requests.count("GET *") == 1
    (pin,) = workspace.requests.matching("POST /api/2.?/clusters/*")
    assert pin.body == {"cluster_id": workspace.cluster_id}
    assert [seen.body for seen in workspace.requests.matching("GET *")] == [None]
    workspace.requests.clear()
    assert not list(workspace.requests)


async def test_no_token_is_kept_in_the_log(workspace: Workspace, api: httpx.AsyncClient) -> None:
    await api.get("/api/2.1/clusters/list")
    assert workspace.token not in repr(list(workspace.requests))


def call_of(method: str = "POST", **parts: Any) -> Call:
    return Call(method, "/x", **parts)


def test_arguments_come_from_path_body_and_query() -> None:
    call = call_of(
        path_params={"a": "path"},
        content=b'{"a": "body", "b": "body"}',
        query_string="a=query&b=query&c=query&c=again",
    )
    assert [call.text(name) for name in "abc"] == ["path", "body", "query"]
    assert call.texts("c") == ["query", "again"]


def test_ids_may_be_text_and_booleans_in_any_case() -> None:
    call = call_of(query_string="id=9223372036854775807&flag=True")
    assert call.integer("id") == 2**63 - 1
    assert call.flag("flag") is True


@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        (lambda call: call.text("missing"), "Missing required field: missing"),
        (lambda call: call.integer("word"), "not an integer"),
        (lambda call: call.flag("word"), "not a boolean"),
        (lambda call: call.choice("word", ["ASC", "DESC"]), "ASC, DESC"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(ask: Any, fault: str) -> None:
    with pytest.raises(Refusal, match=fault) as refusal:
        ask(call_of(query_string="word=up"))
    assert (refusal.value.status, refusal.value.error_code) == (400, "INVALID_PARAMETER_VALUE")


def test_multipart_bodies_are_taken_apart() -> None:
    request = httpx.Request(
        "POST",
        "http://x",
        data={"path": "/a"},
        files={"content": ("a.bin", bytes(range(256)) * 8000)},
    )
    request.read()
    call = call_of(headers=dict(request.headers), content=request.content)
    assert call.form["path"].text == "/a"
    assert call.form["content"].content == bytes(range(256)) * 8000
    assert call.form["content"].file_name == "a.bin"
    assert call.text("path") == "/a"
