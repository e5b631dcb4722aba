"""What has been begun is finished, although cancelled, and within a bound."""

import signal

import pytest
import trio
from databricks_mcp_toolkit import Toolkit
from databricks_mcp_toolkit.actors.shield import see_through, ungrouped
from databricks_mcp_toolkit.simulation import Pace, Scripted, Workspace
from databricks_mcp_toolkit.simulation.faults import Slow
from trio.testing import MockClock


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


@pytest.mark.parametrize("grouped", [1, 2, 3])
def test_the_one_error_of_a_nursery_comes_out_in_no_group(grouped: int) -> None:
    error: Exception = KeyError("one")
    for _ in range(grouped):
        error = ExceptionGroup("nursery", [error])
    with pytest.raises(KeyError), ungrouped():
        raise error


def test_several_errors_of_a_nursery_stay_together() -> None:
    with pytest.raises(ExceptionGroup), ungrouped():
        raise ExceptionGroup("nursery", [KeyError("one"), KeyError("two")])


@pytest.mark.parametrize("seconds", [0.5, 1.5, 2.5, 3.5])
def test_ctrl_c_at_any_time_ends_the_session_first_and_comes_out_as_it_is(seconds: float) -> None:
    """While a run and its output are fetched, a block's context destroyed, the session ended."""
    left: list[int] = []

    async def main() -> None:
        engine = Scripted().notebook("*", result="done")
        async with Workspace(engine=engine, pace=Pace.instant()) as workspace:
            try:
                async with Toolkit.local(workspace) as toolkit, toolkit.context():
                    await toolkit.session.open_context()
                    task = {
                        "task_key": "main",
                        "notebook_task": {"notebook_path": "/x"},
                        "existing_cluster_id": workspace.cluster_id,
                    }
                    run = await toolkit.submit_run(tasks=[task])
                    await run.success()
                    workspace.faults.add("*", Slow(seconds=1))
                    trio.lowlevel.spawn_system_task(interrupt, trio.current_time() + seconds)
                    await run.output()
            finally:
                left.append(len(workspace.live_contexts()))

    async def interrupt(at: float) -> None:
        await trio.sleep_until(at)
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background
    try:  # begins with the signal ignored, and trio leaves that as it is
        with pytest.raises(KeyboardInterrupt):
            trio.run(main, clock=MockClock(autojump_threshold=0))
    finally:
        signal.signal(signal.SIGINT, before)
    assert left == [0]
