"""Bytes to lines to messages, without any input or output."""

from __future__ import annotations

import json

import mcp_types as types
import pytest
from databricks_mcp_toolkit.protocol.framing import (
    ENDS_KEPT,
    Lines,
    Refused,
    TooLong,
    decoded,
    encoded,
)
from hypothesis import given
from hypothesis import strategies as st

PING = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def fed(lines: Lines, *chunks: bytes) -> list[bytes | TooLong]:
    found: list[bytes | TooLong] = []
    for chunk in chunks:
        lines.feed(chunk)
        found += lines
    lines.end()
    return [*found, *lines]


def test_lines_come_out_as_they_are_complete() -> None:
    lines = Lines()
    lines.feed(b"one\ntw")
    assert list(lines) == [b"one"]
    lines.feed(b"o\nthree\n")
    assert list(lines) == [b"two", b"three"]


def test_the_last_line_needs_no_newline_and_blank_ones_are_nothing() -> None:
    assert fed(Lines(), b"\n \r\none\r\n\n", b"two") == [b"one\r", b"two"]


@given(
    st.lists(st.binary(min_size=1, max_size=9).filter(lambda b: b"\n" not in b and b.strip())),
    st.data(),
)
def test_however_they_are_cut_the_lines_are_the_same(
    texts: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(text + b"\n" for text in texts)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert fed(Lines(), *chunks) == texts


@pytest.mark.parametrize("chunk", [7, 64, 5000, 10**6])
def test_a_line_that_is_too_long_is_dropped_and_the_next_one_is_read(chunk: int) -> None:
    stream = b"a\n" + b"x" * 100_000 + b"\nb\n"
    lines = Lines(limit=10_000)
    found = []
    kept = 0
    for start in range(0, len(stream), chunk):
        lines.feed(stream[start : start + chunk])
        found += lines
        kept = max(kept, len(lines._buffer))

    assert [line for line in found if isinstance(line, bytes)] == [b"a", b"b"]
    (dropped,) = [line for line in found if isinstance(line, TooLong)]
    assert dropped.length == 100_000
    assert len(dropped.head) + len(dropped.tail) <= 2 * ENDS_KEPT
    assert kept <= 10_000 + chunk


@pytest.mark.parametrize(
    ("line", "request_id"),
    [
        ('{"jsonrpc":"2.0","id":17,"method":"x","params":{"p":"%s"}}', 17),
        ('{"method":"x","params":{"p":"%s"},"jsonrpc":"2.0","id":"a-1"}', "a-1"),
        ('{"method":"x","params":{"p":"%s"},"id": 5, "jsonrpc": "2.0"}', 5),
        ('{"method":"x","params":{"id":3,"p":"%s","q":[]}}', None),
    ],
)
def test_the_id_of_a_line_that_is_too_long_is_found(line: str, request_id: object) -> None:
    (dropped,) = fed(Lines(limit=2000), (line % ("z" * 9000)).encode())

    assert isinstance(dropped, TooLong)
    assert dropped.request_id() == request_id
    refused = decoded(dropped)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.request_id) == (types.INVALID_REQUEST, request_id)


def test_a_message_survives_the_way_out_and_in() -> None:
    message = decoded(PING)
    assert isinstance(message, types.JSONRPCRequest)

    line = encoded(message)

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decoded(line) == message


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        (b"{not json", types.PARSE_ERROR, None),
        (b"\xff\xfe", types.PARSE_ERROR, None),
        (b"[" * 100_000, types.PARSE_ERROR, None),
        (b"7", types.INVALID_REQUEST, None),
        (b"[" + PING + b"]", types.INVALID_REQUEST, None),
        (b'{"jsonrpc":"1.0","id":4,"method":"x"}', types.INVALID_REQUEST, 4),
        (b'{"jsonrpc":"2.0","id":"s","method":7}', types.INVALID_REQUEST, "s"),
    ],
)
def test_what_is_no_message_is_refused_by_name(line: bytes, code: int, request_id: object) -> None:
    refused = decoded(line)

    assert isinstance(refused, Refused)
    answer = json.loads(encoded(refused.answer()))
    assert answer["error"]["code"] == code
    assert answer["id"] == request_id


def test_an_answer_that_json_cannot_carry_is_told_as_an_error() -> None:
    answer = types.JSONRPCResponse(jsonrpc="2.0", id=3, result={"text": "\ud800"})

    told = json.loads(encoded(answer))

    assert told["id"] == 3
    assert told["error"]["code"] == types.INTERNAL_ERROR
