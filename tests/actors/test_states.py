"""The tables of states: closed under skipping, and read without a crash."""

import itertools
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs
import pytest
from databricks_mcp_toolkit.actors import command, context, run, statement, states
from databricks_mcp_toolkit.actors.states import Course, closed

KINDS: Mapping[str, Any] = {
    "command": command,
    "context": context,
    "run": run,
    "statement": statement,
}


@attrs.frozen
class Seen:
    """A sight that is nothing but its word."""

    word: str


def course(kind: str) -> Course[Seen]:
    return Course(later=KINDS[kind].COURSE.later, word=lambda seen: seen.word)


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_of_databricks_has_a_row(kind: str) -> None:
    steps: Mapping[StrEnum, Any] = KINDS[kind].STEPS
    assert set(steps) == set(type(next(iter(steps))))


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_is_closed_under_skipping(kind: str) -> None:
    later = course(kind).later
    for state, after in later.items():
        for each in after:
            assert later[each] - {state} <= after


@pytest.mark.parametrize("kind", KINDS)
def test_from_every_state_an_end_can_be_reached(kind: str) -> None:
    later = course(kind).later
    for after in later.values():
        assert not after or any(not later[each] for each in after)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_follows_an_end(kind: str) -> None:
    one = course(kind)
    for before, after in itertools.permutations(one.later, 2):
        if one.is_over(Seen(before)):
            assert not one.is_news(Seen(before), Seen(after))


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        ("command", {"Finished", "Cancelled", "Error"}),
        ("context", {"Error"}),
        ("run", {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}),
        ("statement", {"SUCCEEDED", "FAILED", "CANCELED", "CLOSED"}),
    ],
)
def test_the_ends_are_these(kind: str, ends: set[str]) -> None:
    one = course(kind)
    assert {word for word in one.later if one.is_over(Seen(word))} == ends


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("command", "Queued", "Finished"),
        ("command", "Cancelling", "Finished"),  # a cancel that came too late
        ("run", "QUEUED", "TERMINATED"),
        ("run", "RUNNING", "PENDING"),  # it is retried
        ("statement", "PENDING", "SUCCEEDED"),
    ],
)
def test_a_poll_may_skip_states(kind: str, before: str, after: str) -> None:
    assert course(kind).is_news(Seen(before), Seen(after))


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [("command", "Running", "Queued"), ("statement", "RUNNING", "PENDING")],
)
def test_old_news_is_no_news(kind: str, before: str, after: str) -> None:
    assert not course(kind).is_news(Seen(before), Seen(after))


@pytest.fixture(autouse=True)
def nothing_told_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests met is not known here, nor the reverse."""
    monkeypatch.setattr(states, "_told", set())


def test_an_unknown_word_is_not_the_end_and_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = course("run")
    assert not one.is_over(Seen("DREAMING"))
    assert one.is_news(Seen("RUNNING"), Seen("DREAMING"))
    assert one.is_news(Seen("DREAMING"), Seen("TERMINATED"))
    assert one.is_news(Seen("DREAMING"), Seen("DREAMING"))
    assert caplog.text.count("DREAMING") == 1


def test_endlessly_many_unknown_words_are_not_all_kept() -> None:
    one = course("run")
    for number in range(1000):
        assert one.is_news(None, Seen(f"WORD_{number}"))
    assert len(states._told) <= states.MOST_TOLD


def test_a_circle_does_not_make_a_state_its_own_successor() -> None:
    class Light(StrEnum):
        RED = "red"
        GREEN = "green"

    assert closed({Light.RED: {Light.GREEN}, Light.GREEN: {Light.RED}}) == {
        Light.RED: {Light.GREEN},
        Light.GREEN: {Light.RED},
    }
