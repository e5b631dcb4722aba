"""A journal in trouble is never in the way: rule 3."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from databricks_mcp_toolkit.actors.journal import Journal, Kind, file

from .conftest import Says

HOST = "https://one.cloud.databricks.com"


def left(directory: Path) -> set[str | None]:
    """What the next start would destroy."""
    with Journal.open(directory) as journal:
        return {entry.record.remote_id for entry in journal.orphans(HOST)}


def make(directory: Path, *ids: str) -> Path:
    with Journal.open(directory) as journal:
        for each in ids:
            journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created(each)
    return directory / file.NAME


def test_a_damaged_file_is_set_aside_and_said_so(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = make(directory, "7")
    path.write_bytes(b"not a database, but long enough to be one" * 1000)
    make(directory, "8")
    assert left(directory) == {"8"}
    (said,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    (aside,) = directory.glob("journal.db.damaged-*")
    assert str(aside) in said.getMessage()
    assert aside.read_bytes().startswith(b"not a database")


@pytest.mark.parametrize("size", [*range(0, 100, 9), *range(100, 20480, 777)])
def test_a_file_cut_anywhere_stops_no_start(directory: Path, size: int) -> None:
    path = make(directory, *(f"old-{n}" for n in range(100)))
    with path.open("r+b") as handle:
        handle.truncate(size)
    make(directory, "new")
    assert "new" in left(directory)


@pytest.mark.parametrize("place", [*range(0, 110, 7), *range(110, 20480, 911)])
def test_a_file_overwritten_anywhere_stops_no_start(directory: Path, place: int) -> None:
    path = make(directory, *(f"old-{n}" for n in range(100)))
    with path.open("r+b") as handle:
        handle.seek(place)
        handle.write(b"\xff\x00\xa5" * 300)
    make(directory, "new")
    assert "new" in left(directory)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE entries",
        "ALTER TABLE entries RENAME COLUMN host TO place",
        "UPDATE entries SET kind = 'unheard of'",
        "UPDATE entries SET details = '[1]'",
        "UPDATE entries SET details = '{'",
        "UPDATE entries SET since = 'yesterday'",
        "UPDATE entries SET number = x'00'",
    ],
)
def test_somebody_elses_rows_stop_no_start(directory: Path, statement: str) -> None:
    path = make(directory, "7")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()
    make(directory, "new")
    assert left(directory) == {"new"}
    assert list(directory.glob("journal.db.damaged-*"))


def test_few_damaged_files_are_kept(directory: Path) -> None:
    for number in range(10):
        path = make(directory, "7")
        path.with_name(f"journal.db.damaged-2020010{number}-000000-1").write_bytes(b"x")
    path.write_bytes(b"damage" * 1000)
    make(directory, "8")
    assert len(list(directory.glob("journal.db.damaged-*"))) <= 12


def test_a_later_versions_file_is_left_alone(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = make(directory, "7")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    make(directory, "8")
    assert path.read_bytes() == before
    assert "a later version wrote it" in caplog.text


def test_a_running_process_writes_all_its_rows_again_when_the_file_is_lost(
    directory: Path,
) -> None:
    with Journal.open(directory) as journal:
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        shutil.rmtree(directory)
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        entry.created("8")
        assert {record.remote_id for record in journal.records()} == {"7", "8"}


def test_a_running_process_follows_when_another_sets_the_file_aside(directory: Path) -> None:
    with Journal.open(directory) as first:
        first.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        first.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("8")
        path = directory / file.NAME
        for each in directory.glob("journal.db*"):
            each.unlink()
        path.write_bytes(b"damage" * 1000)
        make(directory, "9")
        first.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("10")
        with Journal.open(directory) as second:
            assert {entry.record.remote_id for entry in second.orphans(HOST)} == {"9"}
            assert {r.remote_id for r in second.records()} == {"7", "8", "9", "10"}


def test_damage_under_a_running_process_is_repaired_from_memory(directory: Path) -> None:
    with Journal.open(directory) as journal:
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        for suffix in ("", "-wal"):
            path = directory / f"{file.NAME}{suffix}"
            path.write_bytes(b"\xa5" * path.stat().st_size)
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        entry.created("8")
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        entry.created("9")
        assert {"7", "8", "9"} >= {record.remote_id for record in journal.records()} >= {"8", "9"}


def test_a_busy_file_costs_a_moment_and_is_caught_up_with(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(file, "BUSY", 0.02)
    caplog.set_level(logging.INFO)
    with Journal.open(directory) as journal:
        hog = sqlite3.connect(directory / file.NAME, isolation_level=None)
        hog.execute("BEGIN IMMEDIATE")
        before = time.monotonic()
        first = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        first.created("7")
        assert time.monotonic() - before < 0.5
        assert "cannot be used (database is locked)" in caplog.text
        assert len(caplog.records) == 1, "said once"
        hog.execute("ROLLBACK")
        hog.close()
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("8")
        assert "is written again" in caplog.text
    assert left(directory) == {"7", "8"}


def test_closing_tries_once_more_to_write_what_could_not_be_written(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "BUSY", 0.02)
    with Journal.open(directory) as journal:
        hog = sqlite3.connect(directory / file.NAME, isolation_level=None)
        hog.execute("BEGIN IMMEDIATE")
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        hog.execute("ROLLBACK")
        hog.close()
    assert left(directory) == {"7"}


def test_a_process_that_stops_while_opening_holds_nobody_up_for_long(
    directory: Path, fork: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "OPENING", 0.05)
    make(directory, "7")

    def hold(say: Callable[[str], None]) -> None:
        with file._alone(directory):
            say("alone")
            signal.pause()

    assert fork(hold).read(1) == ["alone"]
    before = time.monotonic()
    assert left(directory) == {"7"}
    assert time.monotonic() - before < 1


@pytest.mark.parametrize("obstacle", ["a file", "no lock folder", "a folder for a file"])
def test_where_nothing_can_be_written_the_toolkit_goes_on(
    directory: Path, obstacle: str, caplog: pytest.LogCaptureFixture
) -> None:
    if obstacle == "a file":
        directory.write_text("I was here first")
    else:
        directory.mkdir()
        if obstacle == "no lock folder":
            (directory / "owners").write_text("I was here first")
        else:
            (directory / file.NAME).mkdir()
    with Journal.open(directory) as journal:
        entry = journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1")
        entry.created("7")
        assert journal.orphans(HOST) == []
        assert [record.remote_id for record in journal.records()] == ["7"]
        entry.ended()
    (said,) = caplog.records
    assert "cannot be used" in said.getMessage()


NOBODY = 65534  # for tests that run as root, to whom nothing is forbidden


@pytest.mark.parametrize("was_used", [False, True])
def test_a_folder_that_may_only_be_read_is_told_in_one_line_and_the_toolkit_goes_on(
    in_memory: Path, directory: Path, fork: Callable, was_used: bool
) -> None:
    in_memory.chmod(0o755)
    directory.mkdir()
    if was_used:
        make(directory, "old")
    for path in (directory, *directory.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)

    def serve(say: Callable[[str], None]) -> None:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        logging.getLogger("databricks_mcp_toolkit").addHandler(Says(say))
        with Journal.open(directory) as journal:
            for each in ("7", "8"):
                journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created(each)
            assert {record.remote_id for record in journal.records()} == {"7", "8"}
            assert journal.orphans(HOST) == []

    child = fork(serve)
    (said,) = child.wait()
    assert f"{directory} cannot be used" in said
    assert "denied" in said
    assert child.status == 0
    for path in (directory, *directory.rglob("*")):
        path.chmod(0o755)
    assert left(directory) == ({"old"} if was_used else set())


def test_a_full_disk_is_caught_up_with_when_there_is_room_again(
    directory: Path, fork: Callable
) -> None:
    make(directory, "old")

    def serve(say: Callable[[str], None]) -> None:
        journal = Journal.open(directory)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # Python ignores the signal
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("7")
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        journal.intend(Kind.CONTEXT, HOST, cluster_id="c-1").created("8")
        say("done")
        signal.pause()

    child = fork(serve)
    assert child.read(1) == ["done"]
    child.kill()
    assert left(directory) == {"old", "7", "8"}
