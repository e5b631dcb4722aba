from __future__ import annotations

from itertools import product

import pytest
from databricks_mcp_toolkit.clients.endpoint import RetryClass
from databricks_mcp_toolkit.clients.retry import (
    LONGEST_WAIT,
    RETRIES,
    Trouble,
    backoff,
    seconds_until,
    what_next,
)

READ, TOKEN, SAME, ONCE = RetryClass.READ, RetryClass.TOKEN, RetryClass.SAME, RetryClass.ONCE


def is_repeated(retry: RetryClass, trouble: Trouble, *, times: int = 1, spent: float = 0.0) -> bool:
    return what_next(retry, trouble, times=times, spent=spent, budget=300.0) is not None


def test_the_table_knows_every_trouble_of_every_class() -> None:
    assert all(set(RETRIES[retry]) == set(Trouble) for retry in RetryClass)


@pytest.mark.parametrize("retry", RetryClass)
def test_what_is_known_not_to_have_happened_is_repeated_in_every_class(retry: RetryClass) -> None:
    for trouble in (Trouble.THROTTLED, Trouble.NOT_NOW, Trouble.NOT_READY, Trouble.NOT_SENT):
        assert is_repeated(retry, trouble)


@pytest.mark.parametrize("retry", RetryClass)
def test_a_refusal_is_repeated_in_no_class(retry: RetryClass) -> None:
    assert not is_repeated(retry, Trouble.REFUSED)


@pytest.mark.parametrize("trouble", [each for each in Trouble if each.may_have_happened])
def test_what_may_have_happened_is_repeated_unless_it_must_happen_once(trouble: Trouble) -> None:
    assert {retry for retry in RetryClass if is_repeated(retry, trouble)} == {READ, TOKEN, SAME}


@pytest.mark.parametrize("retry", RetryClass)
def test_a_login_is_refreshed_once_and_at_once(retry: RetryClass) -> None:
    assert what_next(retry, Trouble.STALE_LOGIN, times=1, spent=0, budget=300) == 0.0
    assert what_next(retry, Trouble.STALE_LOGIN, times=2, spent=0, budget=300) is None


def test_an_answer_without_sense_is_asked_for_a_few_times_only() -> None:
    assert is_repeated(READ, Trouble.BROKEN, times=3)
    assert not is_repeated(READ, Trouble.BROKEN, times=4)


def test_a_cluster_that_is_not_ready_is_given_seconds_and_not_the_whole_budget() -> None:
    assert is_repeated(ONCE, Trouble.NOT_READY, times=5, spent=19)
    assert not is_repeated(ONCE, Trouble.NOT_READY, times=5, spent=21)


def test_a_cancel_is_not_repeated_when_somebody_may_have_started_the_thing_again() -> None:
    assert is_repeated(SAME, Trouble.LOST, times=4, spent=29)
    assert not is_repeated(SAME, Trouble.LOST, times=4, spent=31)


@pytest.mark.parametrize(("retry", "trouble"), list(product(RetryClass, Trouble)))
def test_nothing_is_repeated_when_the_budget_is_spent(retry: RetryClass, trouble: Trouble) -> None:
    assert what_next(retry, trouble, times=1, spent=300, budget=300) is None


def test_retry_after_is_honoured() -> None:
    waits = what_next(ONCE, Trouble.THROTTLED, times=1, spent=0, budget=300, retry_after=7.0)
    assert waits == 7.0


def test_retry_after_is_cut_to_what_is_left_of_the_budget() -> None:
    waits = what_next(READ, Trouble.THROTTLED, times=1, spent=280, budget=300, retry_after=600)
    assert waits == 20.0


def test_the_backoff_doubles_is_jittered_by_half_and_bounded() -> None:
    for times, longest in [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 16.0), (10_000, 16.0)]:
        waits = [backoff(times) for _ in range(50)]
        assert all(longest / 2 <= each <= longest <= LONGEST_WAIT for each in waits)
        assert len(set(waits)) > 1


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("5", None, 5.0),
        ("0.5", None, 0.5),
        ("-3", None, 0.0),
        (None, None, None),
        ("", None, None),
        ("soon", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("Fri, 01 Jan 2100 00:00:30 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", 30.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:30 GMT", 0.0),
        ("Fri, 01 Jan 1999 00:00:00 GMT", None, 0.0),
    ],
)
def test_a_retry_after_header_in_seconds_from_now(
    header: str | None, date: str | None, seconds: float | None
) -> None:
    assert seconds_until(header, date) == seconds
