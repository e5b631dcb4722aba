from __future__ import annotations

import json
from typing import Any

import pytest
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients import clusters, commands, jobs, statements, workspace
from databricks_mcp_toolkit.clients.endpoint import Endpoint
from databricks_mcp_toolkit.clients.refusals import LONGEST_MESSAGE, Refusal, refusal
from databricks_mcp_toolkit.clients.retry import Trouble
from hypothesis import given
from hypothesis import strategies as st


def understood(
    status: int,
    body: Any,
    endpoint: Endpoint = clusters.GET,
    headers: dict[str, str] | None = None,
) -> Refusal:
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else None
    if content is None:
        content = json.dumps(body).encode()
    return refusal(endpoint, status, headers or {}, content, clean=lambda text: text)


FORMATS: list[tuple[str, int, Any, str, str]] = [
    ("standard", 400, {"error_code": "INVALID_STATE", "message": "no"}, "INVALID_STATE", "no"),
    (
        "integer code",
        403,
        {"error_code": 403, "message": "Invalid access token."},
        "403",
        "Invalid",
    ),
    ("no message", 400, {"error_code": "BAD_REQUEST"}, "BAD_REQUEST", "HTTP 400 Bad Request"),
    ("null message", 400, {"error_code": "X", "message": None}, "X", "HTTP 400 Bad Request"),
    ("1.2", 400, {"error": "SomeException: text"}, "", "SomeException: text"),
    ("OAuth", 401, {"error": "invalid_client", "error_description": "who?"}, "", "who?"),
    ("nested", 400, {"error": {"message": "deep"}}, "", "deep"),
    ("SCIM", 404, {"detail": "no user", "status": "404"}, "SCIM_404", "no user"),
    ("text with code", 400, "SOME_CODE: plain text", "SOME_CODE", "plain text"),
    ("text", 400, "just\n text ", "", "just text"),
    ("HTML pre", 500, "<html><pre>a &lt;b&gt; <i>c</i></pre></html>", "", "a <b> c"),
    ("HTML title", 403, "<html><title>Error 403</title>…", "", "Error 403"),
    ("HTML without", 502, "<html>", "", "a page that does not say why"),
    ("empty", 404, "", "", "HTTP 404 Not Found"),
    ("blank", 599, " \n", "", "HTTP 599"),
    ("JSON list", 400, "[1, 2]", "", "cannot be read"),
    ("JSON string", 400, '"oops"', "", "oops"),
    ("truncated", 400, '{"error_code": "INVAL', "", "cannot be read"),
    ("other JSON", 400, {"foo": 1}, "", "does not say why"),
    ("not UTF-8", 400, b"\xff\xfe\x00", "", ""),
    ("endless nest", 400, "[" * 100_000, "", "cannot be read"),
]


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [each[1:] for each in FORMATS],
    ids=[each[0] for each in FORMATS],
)
def test_every_format_gives_a_code_and_a_message(
    status: int, body: Any, code: str, message: str
) -> None:
    error = understood(status, body).error
    assert isinstance(error, errors.DatabricksRefused)
    assert (error.status, error.error_code) == (status, code)
    assert message in error.message


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, errors.DatabricksRefused),
        (401, errors.NotAllowed),
        (403, errors.NotAllowed),
        (404, errors.NotFound),
        (409, errors.DatabricksRefused),
        (413, errors.DatabricksRefused),
        (429, errors.RateLimited),
        (500, errors.DatabricksRefused),
        (501, errors.DatabricksRefused),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>", "text", {"message": "m"}, {"error": "E: m"}, "{"])
def test_the_status_decides_the_family_whatever_the_body(
    status: int, family: type[errors.DatabricksRefused], body: Any
) -> None:
    assert type(understood(status, body).error) is family


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        (clusters.GET, "Cluster 0712-1 does not exist"),
        (clusters.START, "Cluster 0712-1 does not exist"),
        (jobs.GET, "Job 0 does not exist."),
        (jobs.RUN_NOW, "Job 0 does not exist."),
        (jobs.GET_RUN, "Run 1 does not exist."),
        (jobs.GET_OUTPUT, "Run: 1 in job: 2 doesn't exist"),
    ],
)
def test_a_400_that_says_does_not_exist_is_not_found(endpoint: Endpoint, message: str) -> None:
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": message}
    error = understood(400, body, endpoint).error
    assert isinstance(error, errors.NotFound)
    assert (error.status, error.error_code) == (400, "INVALID_PARAMETER_VALUE")


def test_another_invalid_parameter_is_not_not_found() -> None:
    body = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Missing required field: job_id"}
    assert type(understood(400, body, jobs.GET).error) is errors.DatabricksRefused


def test_a_missing_path_is_not_found() -> None:
    body = {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Path (/x) doesn't exist."}
    assert isinstance(understood(404, body, workspace.LIST).error, errors.NotFound)
    assert isinstance(understood(400, body, workspace.LIST).error, errors.NotFound)


@pytest.mark.parametrize(
    "body",
    [
        {"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found for 'GET /clusters/nope'"},
        {"error": "Bad Target: /api/2.2/jobs/list"},
    ],
)
def test_a_host_without_this_api_is_not_told_as_a_missing_thing(body: Any) -> None:
    error = understood(404, body).error
    assert type(error) is errors.DatabricksRefused
    assert "DATABRICKS_HOST" in error.advice


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "ContextNotFoundException: Context 123 not found"),
        (404, "Context 123 does not exist"),
        (500, "IllegalArgumentException: context 123 is invalid"),
        (400, "Execution context expired"),
        (500, "Context ExecutionContextId(123) is disconnected."),
        (400, "InvalidClusterState: Cluster 0712-1 is in unexpected state Terminated."),
        (400, "Cluster 0712-1 does not exist"),
    ],
)
@pytest.mark.parametrize(
    "endpoint",
    [
        commands.CONTEXT_STATUS,
        commands.DESTROY_CONTEXT,
        commands.EXECUTE,
        commands.COMMAND_STATUS,
        commands.CANCEL_COMMAND,
    ],
    ids=str,
)
def test_a_context_that_is_gone_is_lost(endpoint: Endpoint, status: int, text: str) -> None:
    said = understood(status, {"error": text}, endpoint)
    assert isinstance(said.error, errors.ContextLost)
    assert said.trouble is Trouble.REFUSED


def test_a_context_that_cannot_be_made_is_refused_and_not_lost() -> None:
    text = "InvalidClusterState: Cluster 0712-1 is in unexpected state Terminated."
    error = understood(400, {"error": text}, commands.CREATE_CONTEXT).error
    assert type(error) is errors.DatabricksRefused
    assert error.advice


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "CommandNotFoundException: Command 7 not found"),
        (404, "No such command"),
        (500, "RuntimeException: Unknown ExecutionStatus"),
        (400, "InvalidClusterState: Cluster 0712-1 is in unexpected state Resizing."),
        (403, "You may not use context 12: it does not exist for you"),
    ],
)
def test_other_troubles_of_a_command_do_not_cost_it_its_context(status: int, text: str) -> None:
    error = understood(status, {"error": text}, commands.COMMAND_STATUS).error
    assert isinstance(error, errors.DatabricksRefused)


@pytest.mark.parametrize(
    ("status", "body", "headers", "trouble"),
    [
        (429, "", {}, Trouble.THROTTLED),
        (400, {"error_code": "REQUEST_LIMIT_EXCEEDED", "message": "m"}, {}, Trouble.THROTTLED),
        (400, {"message": "X RPC token bucket limit has been exceeded."}, {}, Trouble.THROTTLED),
        (503, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "m"}, {}, Trouble.NOT_NOW),
        (503, "", {"retry-after": "1"}, Trouble.NOT_NOW),
        (503, "", {}, Trouble.LOST),
        (503, "<html>upstream</html>", {}, Trouble.LOST),
        (502, "", {}, Trouble.LOST),
        (504, {"error_code": "DEADLINE_EXCEEDED", "message": "m"}, {}, Trouble.LOST),
        (500, {"error_code": "INTERNAL_ERROR", "message": "m"}, {}, Trouble.BROKEN),
        (500, "", {}, Trouble.BROKEN),
        (500, {"error": "IllegalArgumentException: no"}, {}, Trouble.REFUSED),
        (501, "", {}, Trouble.REFUSED),
        (400, {"error": "ClusterNotReadyException: wait"}, {}, Trouble.NOT_READY),
        (400, "", {}, Trouble.REFUSED),
    ],
)
def test_what_kind_of_trouble_it_is(
    status: int, body: Any, headers: dict[str, str], trouble: Trouble
) -> None:
    assert understood(status, body, statements.SUBMIT, headers).trouble is trouble


@given(
    endpoint=st.sampled_from([clusters.GET, jobs.RUN_NOW, statements.SUBMIT, commands.EXECUTE]),
    status=st.integers(100, 999).filter(lambda status: not 200 <= status < 300),
    body=st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["error_code", "message", "error", "detail", "status", "details"]),
                inner,
            )
        ),
    ).map(lambda value: json.dumps(value).encode()),
)
def test_whatever_is_answered_it_is_understood_as_an_error(
    endpoint: Endpoint, status: int, body: bytes
) -> None:
    said = refusal(endpoint, status, {}, body, clean=lambda text: text)
    assert isinstance(said.error, errors.DatabricksError)
    assert said.error.message
    assert json.dumps(said.error.facts())


def test_details_and_request_id_are_kept() -> None:
    details = [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "CM_API"},
        {"@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": "r-1"},
    ]
    error = understood(400, {"error_code": "X", "message": "m", "details": details}).error
    assert isinstance(error, errors.DatabricksRefused)
    assert error.details == tuple(details)
    assert error.request_id == "r-1"
    assert error.facts()["request_id"] == "r-1"


def test_the_request_id_of_the_headers_comes_first() -> None:
    error = understood(400, "", headers={"x-request-id": "r-2"}).error
    assert isinstance(error, errors.DatabricksRefused)
    assert error.request_id == "r-2"


def test_every_text_is_cleaned_also_in_details() -> None:
    body = {"error_code": "X", "message": "secret", "details": [{"a": ["secret", {"secret": 1}]}]}
    said = refusal(
        clusters.GET,
        400,
        {"x-request-id": "secret"},
        json.dumps(body).encode(),
        clean=lambda text: text.replace("secret", "***"),
    )
    assert isinstance(said.error, errors.DatabricksRefused)
    assert "secret" not in repr([said.error.facts(), said.error.details])


def test_a_message_is_one_printable_line_of_bounded_length() -> None:
    error = understood(400, {"message": "\x1b[31mred\n" + "x " * 100_000}).error
    assert error.message.startswith("[31mred x x")
    assert error.message.isprintable()
    assert len(error.message) <= LONGEST_MESSAGE + 1
