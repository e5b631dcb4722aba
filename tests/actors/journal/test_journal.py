from __future__ import annotations

import logging
import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from databricks_mcp_toolkit.actors.journal import Journal, Kind, Life

from .conftest import Says

HOST = "https://one.cloud.databricks.com"
OTHER = "https://two.cloud.databricks.com"


def leave(directory: Path, *ids: str, host: str = HOST) -> None:
    """An owner that ends with contexts not destroyed."""
    with Journal.open(directory) as journal:
        for each in ids:
            journal.intend(Kind.CONTEXT, host, cluster_id="c-1", language="python").created(each)


def ids(directory: Path) -> set[str | None]:
    with Journal.open(directory) as journal:
        return {record.remote_id for record in journal.records()}


def test_a_dead_owners_contexts_are_the_next_ones_orphans(directory: Path) -> None:
    leave(directory, "7", "8")
    with Journal.open(directory) as journal:
        orphans = journal.orphans(HOST)
        assert [o.record.remote_id for o in orphans] == ["7", "8"]
        assert orphans[0].record.details == {"cluster_id": "c-1", "language": "python"}


def test_what_is_ended_is_no_orphan(directory: Path) -> None:
    with Journal.open(directory) as journal:
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        entry.created("7")
        entry.ended()
        entry.ended()
    assert ids(directory) == set()


def test_a_live_owners_contexts_are_nobody_elses(directory: Path) -> None:
    with Journal.open(directory) as first, Journal.open(directory) as second:
        first.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        assert second.orphans(HOST) == []
        assert [(r.remote_id, r.life) for r in second.records()] == [("7", Life.ALIVE)]


def test_an_orphan_is_adopted_once(directory: Path) -> None:
    leave(directory, "7")
    with Journal.open(directory) as first, Journal.open(directory) as second:
        assert len(first.orphans(HOST)) == 1
        assert second.orphans(HOST) == []
        assert first.orphans(HOST) == [], "it is ours now, and we live"


def test_an_orphan_that_could_not_be_destroyed_is_one_again_at_the_next_start(
    directory: Path,
) -> None:
    leave(directory, "7", "8")
    with Journal.open(directory) as journal:
        journal.orphans(HOST)[0].ended()
    with Journal.open(directory) as journal:
        assert [o.record.remote_id for o in journal.orphans(HOST)] == ["8"]


def test_another_workspaces_orphans_are_left_for_whoever_can_log_in_there(directory: Path) -> None:
    leave(directory, "7", host=OTHER)
    with Journal.open(directory) as journal:
        assert journal.orphans(HOST) == []
        assert len(journal.orphans(OTHER)) == 1


def test_an_id_that_never_came_back_can_only_be_told(directory: Path) -> None:
    with Journal.open(directory) as journal:
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
    with Journal.open(directory) as journal:
        assert journal.orphans(HOST) == []
        (record,) = journal.records()
        assert (record.life, record.remote_id) == (Life.DEAD, None)
        assert str(record) == "execution context without an id on cluster c-1"
        journal.forget(record)
        assert journal.records() == []


def test_a_write_in_flight_is_told_and_never_an_orphan(directory: Path) -> None:
    with Journal.open(directory) as journal:
        journal.intend(Kind.RUN, HOST, job_id=5, idempotency_token="abc")
        journal.intend(Kind.WRITE, HOST, warehouse_id="w").created("statement-1")
    with Journal.open(directory) as journal:
        assert journal.orphans(HOST) == []
        assert [record.kind for record in journal.records()] == [Kind.RUN, Kind.WRITE]


def test_nobody_forgets_for_a_live_owner(directory: Path) -> None:
    with Journal.open(directory) as first, Journal.open(directory) as second:
        first.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        for record in second.records():
            second.forget(record)
        assert len(second.records()) == 1


def test_waiting_says_whether_a_start_has_something_to_destroy(directory: Path) -> None:
    assert not Journal.waiting(None, HOST)
    assert not Journal.waiting(directory, HOST)
    assert not directory.exists()
    leave(directory, "7")
    assert Journal.waiting(directory, HOST)
    assert not Journal.waiting(directory, OTHER)


def test_a_journal_kept_nowhere_has_the_same_calls(caplog: pytest.LogCaptureFixture) -> None:
    with Journal.open(None) as journal:
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        entry.created("7")
        assert journal.orphans(HOST) == []
        assert [record.remote_id for record in journal.records()] == ["7"]
        assert repr(journal) == "<Journal in nowhere, 1 of ours>"
        entry.ended()
        assert journal.records() == []
    assert not caplog.records


def test_only_its_owner_can_read_the_file(directory: Path) -> None:
    old = os.umask(0)
    try:
        leave(directory, "7")
    finally:
        os.umask(old)
    with Journal.open(directory):
        for path in directory.rglob("*"):
            if path.is_file():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_no_secret_can_get_in(directory: Path) -> None:
    with Journal.open(directory) as journal:
        journal.intend(Kind.CONTEXT, "https://me:dapi123@one.com/x?token=dapi123", cluster_id="c")
        with pytest.raises(ValueError, match="does not take"):
            journal.intend(Kind.CONTEXT, HOST, token="dapi123")
        assert journal.records()[0].host == "https://one.com"
        for path in directory.rglob("*"):
            if path.is_file():
                assert b"dapi123" not in path.read_bytes()


def test_status_lines(directory: Path) -> None:
    with Journal.open(directory) as journal:
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        assert repr(entry) == "<Entry execution context without an id on cluster c-1>"
        entry.created("7")
        assert repr(entry) == "<Entry execution context 7 on cluster c-1>"
        assert repr(journal) == f"<Journal in {directory}, 1 of ours>"


def test_it_stays_small_over_a_year(directory: Path) -> None:
    """A start each working day, a busy one; some are killed, and some answers never come."""
    day = 86400.0
    clock = [1e9]
    for number in range(365):
        clock[0] += day
        with Journal.open(directory, now=lambda: clock[0]) as journal:
            journal.orphans(HOST)  # cannot be destroyed: nobody can log in there any more
            journal.intend(Kind.CONTEXT, HOST, cluster_id="lost")  # its answer never comes
            if number % 7 == 0:
                journal.intend(Kind.CONTEXT, HOST, cluster_id="left").created(f"left-{number}")
            for _ in range(20):
                entry = journal.intend(Kind.WRITE, HOST, cluster_id="c-1")
                entry.created("7")
                entry.ended()
            assert _size(directory) < 700_000
            assert len(journal.records()) <= 32 + 14
    assert _size(directory) < 64_000
    assert len(list((directory / "owners").iterdir())) <= 32


def test_what_is_forgotten_for_its_age_is_logged(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    leave(directory, "7")
    with Journal.open(directory, now=lambda: time.time() + 89 * 86400) as journal:
        assert len(journal.records()) == 1
    with Journal.open(directory, now=lambda: time.time() + 91 * 86400) as journal:
        assert journal.records() == []
    assert "forgets execution context 7 on cluster c-1" in caplog.text


def _size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def test_a_killed_process_leaves_orphans_and_a_stopped_one_does_not(
    directory: Path, fork: Callable
) -> None:
    def serve(say: Callable[[str], None]) -> None:
        journal = Journal.open(directory)
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        say("ready")
        signal.pause()

    child = fork(serve)
    assert child.read(1) == ["ready"]
    os.kill(child.pid, signal.SIGSTOP)
    with Journal.open(directory) as journal:
        assert journal.orphans(HOST) == []
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert [o.record.remote_id for o in journal.orphans(HOST)] == ["7"]


def test_an_owner_whose_lock_file_was_cleared_away_is_told_and_never_touched(
    directory: Path,
) -> None:
    """Rule 2 of `owners`: it may be alive, so only a person may decide."""
    with Journal.open(directory) as first:
        first.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        for path in (directory / "owners").iterdir():
            path.unlink()
        with Journal.open(directory) as second:
            assert second.orphans(HOST) == []
            (record,) = second.records()
            assert record.life is Life.UNKNOWN


def test_several_processes_share_it_in_peace(
    directory: Path, fork: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    def serve(say: Callable[[str], None]) -> None:
        logging.getLogger("databricks_mcp_toolkit").addHandler(Says(say))
        for start in range(5):
            with Journal.open(directory) as journal:
                for entry in journal.orphans(HOST):
                    say(f"adopted {entry.record.remote_id}")
                    entry.ended()
                for number in range(40):
                    entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
                    entry.created(f"{os.getpid()}-{start}-{number}")
                    if number:  # the first is left behind
                        entry.ended()

    children = [fork(serve) for _ in range(4)]
    said = [line for child in children for line in child.wait()]
    assert [child.status for child in children] == [0] * 4
    assert [line for line in said if not line.startswith("adopted")] == []
    with Journal.open(directory) as journal:
        last = [f"adopted {entry.record.remote_id}" for entry in journal.orphans(HOST)]
    assert len(said + last) == len(set(said + last)) == 4 * 5, "each was adopted, by one"
