"""A cancel while a real Spark is at work; Spark itself is in `test_real_spark`."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from databricks_mcp_toolkit.simulation.local.interpreter.interrupts import INTERRUPTS
from databricks_mcp_toolkit.simulation.local.interpreter.stopping import Executions, Stopper

PATIENCE = 60.0  # seconds; far more than anything here takes


class Job:
    """Work that ends when it has been asked to stop often enough."""

    def __init__(self, *, heeds: int) -> None:
        self.asked, self._heeds = 0, heeds
        self._stopped = threading.Event()

    def stop(self) -> None:
        self.asked += 1
        if self.asked >= self._heeds:
            self._stopped.set()

    def wait(self) -> None:
        assert self._stopped.wait(PATIENCE)


class Answers:
    """A stub of Spark Connect's whose one execution is a job that never answers."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def ExecutePlan(self) -> Iterator[Any]:  # noqa: N802 (gRPC's name)
        yield SimpleNamespace(HasField=lambda _: False)
        self._job.wait()


@pytest.fixture(autouse=True)
def _command() -> Iterator[None]:
    """A command is running, in a process that has taken SIGINT."""
    before = signal.getsignal(signal.SIGINT)
    INTERRUPTS.install()
    try:
        with INTERRUPTS.running():
            yield
    finally:
        signal.signal(signal.SIGINT, before)


def interrupted(stopper: Stopper, wait: Callable[[], object]) -> None:
    """An interrupt comes at the beginning of a wait for Spark."""
    with stopper.waiting():
        os.kill(os.getpid(), signal.SIGINT)
        wait()


def test_a_job_that_comes_after_the_first_attempt_to_stop_it_is_stopped() -> None:
    job = Job(heeds=3)

    with pytest.raises(KeyboardInterrupt):
        interrupted(Stopper(job.stop), job.wait)

    assert job.asked == 3


def test_a_wait_that_nobody_interrupts_stops_nothing() -> None:
    job = Job(heeds=1)

    with Stopper(job.stop).waiting():
        pass

    assert job.asked == 0


def test_an_interrupt_is_raised_though_the_job_ended_in_an_error() -> None:
    job = Job(heeds=1)

    def fail() -> None:
        job.wait()
        raise ValueError("cancelled")

    with pytest.raises(KeyboardInterrupt):
        interrupted(Stopper(job.stop), fail)


def test_what_stops_one_command_is_over_before_the_next() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def stop() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        ended.set()

    stopper = Stopper(stop)
    with pytest.raises(KeyboardInterrupt):
        interrupted(stopper, lambda: begun.wait(PATIENCE))
    assert begun.is_set()
    threading.Timer(0.05, go_on.set).start()
    stopper.settle()

    assert ended.is_set()


def test_an_execution_that_was_left_before_its_first_answer_is_stopped_and_read_out() -> None:
    job = Job(heeds=2)
    executions = Executions(Answers(job), Stopper(job.stop))
    execution = executions.ExecutePlan()
    next(execution)

    with INTERRUPTS.shielded():
        executions.end()

    assert job.asked == 2
    assert list(execution) == []
