"""What has been begun is finished, although cancelled, and within a bound."""

import pytest
import trio
from databricks_mcp_toolkit.actors.shield import see_through


class Request:
    """Something remote that is created by a slow request."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.sent = False
        self.id: str | None = None

    async def send(self) -> str:
        self.sent = True
        await trio.sleep(self.seconds)
        self.id = "7"
        return self.id


async def test_undisturbed_work_returns_its_value() -> None:
    assert await see_through(Request(0).send, patience=1) == "7"


async def test_an_error_comes_out_in_no_group() -> None:
    async def fail() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await see_through(fail, patience=1)


async def test_cancelled_beforehand_it_sends_nothing() -> None:
    request = Request(0)
    with trio.CancelScope() as scope:
        scope.cancel()
        await see_through(request.send, patience=1)
    assert scope.cancelled_caught
    assert not request.sent


async def test_cancelled_in_flight_it_still_learns_the_id() -> None:
    request = Request(2)
    with trio.move_on_after(1) as scope:
        await see_through(request.send, patience=5)
    assert scope.cancelled_caught
    assert request.id == "7"
    assert trio.current_time() == 2


async def test_once_cancelled_its_patience_is_bounded() -> None:
    request = Request(100)
    with trio.move_on_after(1) as scope:
        await see_through(request.send, patience=5)
    assert scope.cancelled_caught
    assert request.id is None
    assert trio.current_time() == 6


async def test_uncancelled_it_waits_as_long_as_it_takes() -> None:
    assert await see_through(Request(100).send, patience=5) == "7"
