"""What is kept in a folder: how it is written, and what a folder must be to be opened."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from databricks_mcp_toolkit.simulation import Workspace
from databricks_mcp_toolkit.simulation.state import FILE, FolderInUse, State, UnknownState


@pytest.fixture
def state(tmp_path: Path) -> State:
    opened = State(tmp_path / "kept")
    opened.open()
    return opened


def opens(folder: Path) -> bool:
    """Whether a workspace may live there; whoever looks has let go of it when it returns."""
    opened = State(folder)
    opened.open()
    was_open = opened.is_open
    opened.close()
    return was_open


def again(state: State, folder: Path) -> State:
    state.close()
    opened = State(folder / "kept")
    opened.open()
    return opened


def test_things_come_back_in_the_order_in_which_they_came(state: State, tmp_path: Path) -> None:
    for key in ("b", "a", "c"):
        state.put("letter", key, lambda key=key: key)
        state.flush()
    state.put("letter", "b", lambda: "B")
    assert state.is_fresh
    later = again(state, tmp_path)
    assert not later.is_fresh
    assert later.things("letter") == ["B", "a", "c"]
    assert later.things("number") == []
    later.close()


def test_a_thing_is_kept_as_it_is_when_it_is_written(state: State, tmp_path: Path) -> None:
    thing = {"n": 1}
    state.put("thing", "x", lambda: thing)
    state.put("thing", "x", lambda: thing)
    thing["n"] = 2
    assert repr(state).endswith("kept, 1 changes to write>")
    later = again(state, tmp_path)
    assert later.things("thing") == [{"n": 2}]
    later.close()


def test_what_is_forgotten_does_not_come_back(state: State, tmp_path: Path) -> None:
    state.put("thing", "x", lambda: 1)
    state.put("thing", "y", lambda: 2)
    state.flush()
    state.put("thing", "x", None)
    later = again(state, tmp_path)
    assert later.things("thing") == [2]
    later.close()


def test_a_flush_that_fails_leaves_all_as_it_was(state: State, tmp_path: Path) -> None:
    state.put("thing", "x", lambda: 1)
    state.flush()
    state.put("thing", "x", lambda: 2)
    state.put("thing", None, lambda: 3)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        state.flush()
    later = again(state, tmp_path)
    assert later.things("thing") == [1]
    later.close()


def test_without_a_folder_nothing_is_kept() -> None:
    state = State()
    state.open()
    assert (state.is_open, state.is_fresh) == (False, True)
    assert state.things("thing") == []
    assert repr(state) == "<State nowhere, 0 changes to write>"
    state.flush()
    state.close()


def changed(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "kept" / FILE) as database:
        database.execute(statement)
    database.close()


def test_the_schema_of_another_version_is_refused_and_left_alone(
    state: State, tmp_path: Path
) -> None:
    state.close()
    changed(tmp_path, "PRAGMA user_version = 99")
    with pytest.raises(UnknownState, match="its schema is 99, and this version reads 1"):
        State(tmp_path / "kept").open()
    changed(tmp_path, "PRAGMA user_version = 1")
    assert opens(tmp_path / "kept")


def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    changed(tmp_path, "CREATE TABLE mine (n)")
    with pytest.raises(UnknownState, match="is not the state of a simulated workspace"):
        State(tmp_path / "kept").open()


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(UnknownState, match="cannot be read: file is not a database"):
        State(tmp_path).open()


HOLD = """
import sys
from pathlib import Path
from databricks_mcp_toolkit.simulation.state import State
State(Path(sys.argv[1])).open()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_folder_has_one_process_at_a_time(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(FolderInUse, match=f"Another workspace is running on {tmp_path}"):
            State(tmp_path).open()
        other.kill()
    assert opens(tmp_path)


async def test_a_folder_has_one_workspace_at_a_time(tmp_path: Path) -> None:
    async with Workspace(data_dir=tmp_path):
        with pytest.raises(FolderInUse):
            await Workspace(data_dir=tmp_path).__aenter__()
