"""The kernel keeps its four promises."""

import logging
from typing import Any

import attrs
import pytest
import trio
from databricks_mcp_toolkit.actors.kernel import Actor, Message, Request, open_supervisor
from databricks_mcp_toolkit.actors.watch import Watch
from databricks_mcp_toolkit.errors import ActorCrashed, ActorGone, MisusedToolkit, NotConfigured


@attrs.frozen
class Sleep(Message[str]):
    """Sleep in `handle`, which holds up every later request."""

    seconds: float


@attrs.frozen
class Count(Message[int]):
    """Answer how many requests were handled before this one."""


@attrs.frozen
class Refuse(Message[None]):
    """Raise an error that is no bug."""


@attrs.frozen
class Stumble(Message[None]):
    """Run into a bug."""


@attrs.frozen
class StumbleLater(Message[None]):
    """Answer, and run into a bug in a task afterwards."""


@attrs.frozen
class AnswerLater(Message[str]):
    """Be answered by a task, so that other requests get their turn meanwhile."""

    seconds: float


@attrs.define(eq=False)
class Lamp(Actor[str]):
    """A resource that is either off or on, and remembers what was done to it."""

    name: str = "lamp"
    beginning: float = 0
    ending: float = 0
    grace: float = 3.0
    dies_at_birth: Exception | None = None
    dies_in_end: bool = False
    lifetime: float = float("inf")
    state: Watch[str] = attrs.field(factory=lambda: Watch("off"))
    log: list[str] = attrs.field(factory=list)
    handled: int = 0

    async def begin(self) -> None:
        self.log.append("begin")
        await trio.sleep(self.beginning)
        if self.dies_at_birth is not None:
            raise self.dies_at_birth
        self.state.show("on")

    async def live(self) -> None:
        await trio.sleep(self.lifetime)

    async def handle(self, request: Request[Any]) -> None:
        match request.message:
            case Sleep(seconds):
                await trio.sleep(seconds)
                request.answer("slept")
            case Count():
                request.answer(self.handled)
            case Refuse():
                raise MisusedToolkit("no")
            case Stumble():
                raise KeyError("a bug")
            case StumbleLater():
                request.answer(None)
                self.tasks.start_soon(self._stumble)
            case AnswerLater(seconds):
                self.tasks.start_soon(self._answer_later, request, seconds)
            case _:
                await super().handle(request)
        self.handled += 1

    async def _stumble(self) -> None:
        await trio.sleep(1)
        raise KeyError("a bug")

    async def _answer_later(self, request: Request[str], seconds: float) -> None:
        await trio.sleep(seconds)
        request.answer("later")

    async def end(self) -> None:
        self.log.append("end")
        await trio.sleep(self.ending)
        if self.dies_in_end:
            raise KeyError("a bug in end")
        self.log.append("ended")


# Promise 1: a caller that is cancelled stops waiting; the resource does not notice.


async def test_a_cancelled_caller_stops_waiting_and_the_actor_works_on() -> None:
    lamp = Lamp()
    async with open_supervisor() as supervisor:
        address = supervisor.start(lamp)
        with trio.move_on_after(1) as scope:
            await address.ask(Sleep(10))
        assert scope.cancelled_caught
        assert trio.current_time() == 1
        assert await address.ask(Count()) == 1
        assert trio.current_time() == 10


async def test_a_caller_cancelled_before_its_turn_is_marked_as_abandoned() -> None:
    seen: list[bool] = []

    class Attentive(Lamp):
        async def handle(self, request: Request[Any]) -> None:
            seen.append(request.abandoned)
            await super().handle(request)

    async with open_supervisor() as supervisor, trio.open_nursery() as nursery:
        address = supervisor.start(Attentive())
        nursery.start_soon(address.ask, Sleep(10))
        await trio.sleep(1)
        with trio.move_on_after(1):
            await address.ask(Count())
        await address.ask(Count())
    assert seen == [False, True, False]


async def test_an_answer_at_the_very_moment_of_the_cancel_is_not_lost() -> None:
    """Else an actor would think that its caller has what nobody has."""
    requests: list[Request[str]] = []

    class Keeping(Actor[int]):
        name = "keeping"
        state = Watch(0)

        async def handle(self, request: Request[str]) -> None:
            requests.append(request)

    got: list[str] = []
    async with open_supervisor() as supervisor, trio.open_nursery() as nursery:
        address = supervisor.start(Keeping())

        async def ask() -> None:
            got.append(await address.ask(Message[str]()))
            await trio.sleep_forever()

        nursery.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        requests[0].answer("yes")
    assert got == ["yes"]
    assert not requests[0].abandoned


async def test_a_cancelled_onlooker_changes_nothing() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp())
        await address.begun()
        with trio.move_on_after(1):
            await address.state.wait_until(lambda value: value == "broken")
        assert address.state.onlookers == 0
        assert address.farewell is None


async def test_a_caller_cancelled_during_begin_leaves_the_actor_alive() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp(beginning=5))
        with trio.move_on_after(1):
            await address.begun()
        await address.begun()
        assert address.state.value == "on"


# Promise 2: no caller waits for ever.


async def test_everyone_unanswered_is_told_when_the_actor_ends() -> None:
    told: list[str] = []

    async def ask(address: Any, message: Message[Any]) -> None:
        with pytest.raises(ActorGone):
            await address.ask(message)
        told.append(type(message).__name__)

    async with open_supervisor() as supervisor, trio.open_nursery() as nursery:
        address = supervisor.start(Lamp())
        nursery.start_soon(ask, address, AnswerLater(100))
        await trio.sleep(1)
        nursery.start_soon(ask, address, Sleep(100))
        await trio.sleep(1)
        for _ in range(Lamp.mailbox_size + 3):  # some of them wait outside the full mailbox
            nursery.start_soon(ask, address, Count())
        await trio.sleep(1)
        address.dismiss()
    assert len(told) == 2 + Lamp.mailbox_size + 3


async def test_callers_are_told_before_a_slow_end_is_through() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp(ending=2, lifetime=5))
        with pytest.raises(ActorGone):
            await address.ask(Sleep(100))
        assert trio.current_time() == 5
        assert not address.ended.is_set()


async def test_asking_an_actor_that_has_ended_fails_at_once() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp())
        await address.stop()
        with pytest.raises(ActorGone, match="lamp has ended"):
            await address.ask(Count())


async def test_an_onlooker_is_told_when_no_value_will_follow() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp())
        async with trio.open_nursery() as nursery:

            async def look() -> None:
                with pytest.raises(ActorGone):
                    await address.state.wait_until(lambda value: value == "broken")

            nursery.start_soon(look)
            await trio.testing.wait_all_tasks_blocked()
            await address.stop()
        assert address.state.value == "on"  # the last value stays to be read


async def test_what_begin_meets_with_reaches_everyone_who_asks() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp(dies_at_birth=NotConfigured("no socket")))
        with pytest.raises(NotConfigured, match="no socket"):
            await address.begun()
        with pytest.raises(NotConfigured, match="no socket"):
            await address.ask(Count())


async def test_begun_is_told_truly_also_of_a_life_that_was_short() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp(lifetime=0))
        await address.ended.wait()
        await address.begun()


async def test_a_full_mailbox_makes_callers_wait() -> None:
    async with open_supervisor() as supervisor, trio.open_nursery() as nursery:
        address = supervisor.start(Lamp())
        for _ in range(100):
            nursery.start_soon(address.ask, Sleep(0.01))
        await trio.sleep(0.005)
        assert address._mailbox.statistics().current_buffer_used == Lamp.mailbox_size
        assert repr(address) == "<lamp, alive, 100 to answer>"


# Promise 3: a bug in one actor ends that actor and no other.


@pytest.mark.parametrize("message", [Stumble(), StumbleLater()])
async def test_a_bug_ends_its_actor_and_no_other(
    message: Message[None], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Lamp(name="first"), Lamp(name="second")
    async with open_supervisor() as supervisor:
        stumbling, standing = supervisor.start(first), supervisor.start(second)
        async with trio.open_nursery() as nursery:

            async def ask() -> None:
                with pytest.raises(ActorCrashed, match="first has ended because of a bug") as told:
                    await stumbling.ask(AnswerLater(100))
                assert isinstance(told.value.__cause__, KeyError)

            nursery.start_soon(ask)
            await trio.testing.wait_all_tasks_blocked()
            try:
                await stumbling.ask(message)
            except ActorCrashed:
                assert message == Stumble()
        assert await standing.ask(Count()) == 0
    assert first.log == second.log == ["begin", "end", "ended"]
    assert "first has crashed" in caplog.text


async def test_a_bug_in_begin_is_a_crash_too(caplog: pytest.LogCaptureFixture) -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp(dies_at_birth=ZeroDivisionError()))
        with pytest.raises(ActorCrashed) as told:
            await address.begun()
        assert isinstance(told.value.__cause__, ZeroDivisionError)
    assert "lamp has crashed" in caplog.text


async def test_a_toolkit_error_is_an_answer_and_no_crash() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp())
        with pytest.raises(MisusedToolkit, match="no"):
            await address.ask(Refuse())
        assert await address.ask(Count()) == 0


async def test_a_message_that_is_not_understood_is_a_bug(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp())
        with pytest.raises(ActorCrashed):
            await address.ask(Message())


async def test_a_bug_in_end_is_logged_and_goes_no_further(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_supervisor() as supervisor:
        await supervisor.start(Lamp(dies_in_end=True)).stop()
    assert "lamp did not let go of its resource" in caplog.text


async def test_the_error_of_the_block_comes_out_in_no_group() -> None:
    lamp = Lamp()

    async def block() -> None:
        async with open_supervisor() as supervisor:
            await supervisor.start(lamp).begun()
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await block()
    assert lamp.log == ["begin", "end", "ended"]


# Promise 4: `end` runs exactly once for each `begin`.


async def test_end_runs_once_when_the_block_is_left() -> None:
    lamp = Lamp()
    async with open_supervisor() as supervisor:
        await supervisor.start(lamp).begun()
    assert lamp.log == ["begin", "end", "ended"]


async def test_end_runs_once_under_cancellation_and_to_its_end() -> None:
    lamp = Lamp(ending=2)
    with trio.move_on_after(1) as scope:
        async with open_supervisor() as supervisor:
            await supervisor.start(lamp).begun()
            await trio.sleep_forever()
    assert scope.cancelled_caught
    assert lamp.log == ["begin", "end", "ended"]
    assert trio.current_time() == 3


async def test_end_runs_once_when_begin_is_cancelled() -> None:
    lamp = Lamp(beginning=100)
    async with open_supervisor() as supervisor:
        address = supervisor.start(lamp)
        await trio.sleep(1)
        await address.stop()
        with pytest.raises(ActorGone):
            await address.begun()
    assert lamp.log == ["begin", "end", "ended"]


async def test_end_runs_once_when_begin_fails() -> None:
    lamp = Lamp(dies_at_birth=NotConfigured("no socket"))
    async with open_supervisor() as supervisor:
        await supervisor.start(lamp).ended.wait()
    assert lamp.log == ["begin", "end", "ended"]


async def test_end_runs_once_however_often_the_actor_is_stopped() -> None:
    lamp = Lamp(ending=1)
    async with open_supervisor() as supervisor, trio.open_nursery() as nursery:
        address = supervisor.start(lamp)
        await address.begun()
        for _ in range(3):
            nursery.start_soon(address.stop)
    assert lamp.log == ["begin", "end", "ended"]


async def test_end_is_bounded_by_its_grace_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    lamp = Lamp(ending=100)
    async with open_supervisor() as supervisor:
        await supervisor.start(lamp).begun()
    assert trio.current_time() == lamp.grace
    assert "lamp did not let go of its resource in 3 s" in caplog.text


async def test_all_actors_end_at_once() -> None:
    lamps = [Lamp(ending=2) for _ in range(50)]
    async with open_supervisor() as supervisor:
        for lamp in lamps:
            await supervisor.start(lamp).begun()
    assert trio.current_time() == 2
    assert all(lamp.log == ["begin", "end", "ended"] for lamp in lamps)


async def test_the_grace_counts_from_when_the_actor_was_told_to_end() -> None:
    """What a shielded request takes is not added to the grace: hosts do not add it either."""

    class Shielding(Lamp):
        async def live(self) -> None:
            with trio.CancelScope(shield=True):
                await trio.sleep(2)
            await trio.sleep_forever()

    async with open_supervisor() as supervisor:
        await supervisor.start(Shielding(ending=100)).begun()
    assert trio.current_time() == Lamp().grace


async def test_nothing_starts_once_the_block_is_left() -> None:
    async with open_supervisor() as supervisor:
        pass
    with pytest.raises(ActorGone):
        supervisor.start(Lamp())


async def test_actors_outlive_a_cancel_until_the_block_is_left() -> None:
    """So a block may still use its actors while it cleans up."""
    with trio.move_on_after(1):
        async with open_supervisor() as supervisor:
            address = supervisor.start(Lamp())
            try:
                await trio.sleep_forever()
            finally:
                with trio.CancelScope(shield=True):
                    assert await address.ask(Sleep(1)) == "slept"


async def test_the_repr_of_an_address_is_a_status_line() -> None:
    async with open_supervisor() as supervisor:
        address = supervisor.start(Lamp(beginning=1, ending=1))
        assert repr(address) == "<lamp, beginning, 0 to answer>"
        await address.begun()
        assert repr(address) == "<lamp, alive, 0 to answer>"
        address.dismiss()
        await trio.sleep(0.5)
        assert repr(address) == "<lamp, ending, 0 to answer>"
        await address.ended.wait()
        assert repr(address) == "<lamp, ended, 0 to answer>"


async def test_an_ended_actor_is_forgotten() -> None:
    async with open_supervisor() as supervisor:
        await supervisor.start(Lamp()).stop()
        await trio.testing.wait_all_tasks_blocked()
        assert supervisor.living == set()


@pytest.fixture(autouse=True)
def _log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


async def test_a_crash_is_logged_without_the_secrets_in_foreign_errors(
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = "dapi0123456789abcdef0123456789abcdef"
    async with open_supervisor() as supervisor:
        bug = ZeroDivisionError(f"Bearer {secret}")
        await supervisor.start(Lamp(dies_at_birth=bug)).ended.wait()
    assert "ZeroDivisionError" in caplog.text
    assert secret not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)
