"""Every REST call we make, and the retry class of each."""

from __future__ import annotations

import importlib

import httpx
import hypothesis
import pytest
from databricks_mcp_toolkit import errors
from databricks_mcp_toolkit.clients.endpoint import LONGEST_ID, Endpoint, RetryClass
from hypothesis import strategies as st

READ, TOKEN, SAME, ONCE = RetryClass.READ, RetryClass.TOKEN, RetryClass.SAME, RetryClass.ONCE
MODULES = ["clusters", "jobs", "statements", "warehouses", "commands", "workspace", "dbfs"]

CLASSES = {
    "GET /api/2.1/clusters/list": READ,
    "GET /api/2.1/clusters/get": READ,
    "POST /api/2.1/clusters/create": ONCE,
    "POST /api/2.1/clusters/start": ONCE,
    "POST /api/2.1/clusters/delete": SAME,
    "GET /api/2.2/jobs/list": READ,
    "GET /api/2.2/jobs/get": READ,
    "POST /api/2.2/jobs/run-now": TOKEN,
    "POST /api/2.2/jobs/runs/submit": TOKEN,
    "GET /api/2.2/jobs/runs/get": READ,
    "GET /api/2.2/jobs/runs/list": READ,
    "GET /api/2.2/jobs/runs/get-output": READ,
    "POST /api/2.2/jobs/runs/cancel": SAME,
    "POST /api/2.0/sql/statements": ONCE,
    "GET /api/2.0/sql/statements/{statement_id}": READ,
    "GET /api/2.0/sql/statements/{statement_id}/result/chunks/{chunk_index}": READ,
    "POST /api/2.0/sql/statements/{statement_id}/cancel": SAME,
    "GET /api/2.0/sql/warehouses": READ,
    "GET /api/2.0/sql/warehouses/{warehouse_id}": READ,
    "POST /api/1.2/contexts/create": ONCE,
    "GET /api/1.2/contexts/status": READ,
    "POST /api/1.2/contexts/destroy": SAME,
    "POST /api/1.2/commands/execute": ONCE,
    "GET /api/1.2/commands/status": READ,
    "POST /api/1.2/commands/cancel": SAME,
    "GET /api/2.0/workspace/list": READ,
    "GET /api/2.0/workspace/export": READ,
    "GET /api/2.0/dbfs/list": READ,
}

LIMITS = {
    "GET /api/2.2/jobs/runs/get": 100,
    "POST /api/2.2/jobs/run-now": 20,
    "POST /api/2.2/jobs/runs/submit": 35,
    "GET /api/2.0/workspace/export": 60,
    "GET /api/2.0/dbfs/list": 30,
}


def endpoints() -> list[Endpoint]:
    modules = [importlib.import_module(f"databricks_mcp_toolkit.clients.{m}") for m in MODULES]
    return [each for m in modules for each in vars(m).values() if isinstance(each, Endpoint)]


def test_every_call_has_the_retry_class_that_was_decided_for_it() -> None:
    assert {str(each): each.retry for each in endpoints()} == CLASSES


def test_every_published_limit_is_known() -> None:
    assert {str(each): each.per_second for each in endpoints() if each.per_second} == LIMITS


def test_a_get_is_a_read_and_nothing_else_is() -> None:
    assert all((each.method == "GET") == (each.retry is READ) for each in endpoints())


def test_every_write_says_where_to_look_when_its_answer_is_lost() -> None:
    assert all(each.check.endswith(".") for each in endpoints() if each.retry is not READ)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("01f0-ab", "/s/01f0-ab"),
        ("a?b#c", "/s/a%3Fb%23c"),
        ("%2e%2e", "/s/%252e%252e"),
        ("a b\n\x00", "/s/a%20b%0A%00"),
        ("日本", "/s/%E6%97%A5%E6%9C%AC"),
        ("{statement_id}", "/s/%7Bstatement_id%7D"),
    ],
)
def test_an_id_is_one_segment_of_the_path_whatever_it_holds(given: str, path: str) -> None:
    assert Endpoint("GET", "/s/{statement_id}", READ).fill(statement_id=given) == path


@hypothesis.given(st.text())
def test_any_id_is_one_segment_or_is_refused(given: str) -> None:
    try:
        path = Endpoint("GET", "/s/{statement_id}", READ).fill(statement_id=given)
    except errors.InvalidArguments:
        return
    url = httpx.URL(f"https://x.test{path}")
    assert url.raw_path.decode() == path
    assert url.path == f"/s/{given}"
    assert path.count("/") == 2
    assert not url.query
    assert not url.fragment


@pytest.mark.parametrize(
    "given", ["", ".", "..", "../warehouses/x", "..\\x", "\ud800", "x" * (LONGEST_ID + 1)]
)
def test_what_cannot_be_an_id_is_refused_by_name(given: str) -> None:
    with pytest.raises(errors.InvalidArguments, match="statement_id"):
        Endpoint("GET", "/s/{statement_id}", READ).fill(statement_id=given)
