"""How things end: commands are cancelled, processes crash, engines are killed; nothing is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trio
import trio.testing
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.engine import ReplLost, ReplSpec, SqlFailure, StatementSpec
from databricks_mcp_toolkit.simulation.local import Local, interpreters

from .conftest import PATIENCE, Python, open_python

ENDLESS = "SELECT count(*) FROM range(10000000000) a, range(1000) b"


def children(pid: int | str) -> list[int]:
    """The processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            if words[1] == str(pid) and words[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def zygote() -> int:
    """The fork server of the one engine that runs in this process."""
    (pid,) = children(os.getpid())
    return pid


class Flag:
    """A named pipe that code under test writes into, to say how far it has come."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    async def raised(self) -> None:
        await trio.lowlevel.wait_readable(self._end)
        os.read(self._end, 64)

    def close(self) -> None:
        os.close(self._end)


@pytest.fixture
def flag(tmp_path: Path) -> Iterator[Flag]:
    flag = Flag(tmp_path / "flag")
    yield flag
    flag.close()


async def gone(pid: int) -> None:
    """Waits for the end of a process that may be anybody's child."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        await trio.lowlevel.wait_readable(descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    "endless",
    [
        "import time; time.sleep(1000)",
        "while True: pass",
        f"%sql {ENDLESS}",
        f"spark.sql('{ENDLESS}').collect()",
        "dbutils.notebook.run('/endless', 0)",
        "import subprocess; subprocess.run(['sleep', '1000'])",
    ],
)
async def test_a_cancelled_command_stops_and_the_state_stays(
    local_workspace: Workspace, python: Python, flag: Flag, endless: str
) -> None:
    local_workspace.notebooks.put("/endless", "while True: pass\n")
    await python.run(
        f"x = 5; flag = open({str(flag.path)!r}, 'w'); spark.sql('SELECT 1').collect()"
    )
    code = (
        endless if endless.startswith("%") else f"print('here', file=flag, flush=True)\n{endless}"
    )

    async with trio.open_nursery() as nursery:
        nursery.start_soon(python.run, code)
        if endless.startswith("%"):
            await trio.testing.wait_all_tasks_blocked()
        else:
            await flag.raised()
        nursery.cancel_scope.cancel()

    assert await python.text("x") == "5"
    assert await python.table("%sql SELECT 1") == [[1]]


async def test_a_cancel_before_anything_was_sent_harms_nothing(python: Python) -> None:
    await python.run("x = 5")

    with trio.CancelScope() as scope:
        scope.cancel()
        await python.run("x = 6")

    assert await python.text("x") in {"5", "6"}


async def test_code_that_will_not_be_interrupted_is_killed_and_its_context_lost(
    python: Python, flag: Flag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreters, "INTERRUPT_PAUSES", (0.1, 0.1))
    deaf = f"""
        import os, signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("here", file=open({str(flag.path)!r}, "w"), flush=True)
        time.sleep(1000)
    """
    async with trio.open_nursery() as nursery:
        nursery.start_soon(python.run, deaf)
        await flag.raised()
        nursery.cancel_scope.cancel()

    with pytest.raises(ReplLost, match="was killed by SIGKILL; its state is lost"):
        await python.run("1")


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import os; os._exit(3)", "exited with code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
    ],
)
async def test_a_crash_is_a_lost_context_and_says_how(python: Python, code: str, how: str) -> None:
    with pytest.raises(ReplLost, match=how):
        await python.run(code)
    with pytest.raises(ReplLost, match=how):
        await python.run("1")


async def test_a_closed_context_takes_what_it_started_with_it(local: Local) -> None:
    python = await open_python(local)
    started_by_user = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)"
    pids = [int(await python.text(code)) for code in (started_by_user, "import os; os.getpid()")]

    await python.repl.close()

    with trio.fail_after(PATIENCE):
        for pid in pids:
            await gone(pid)


async def test_an_interrupt_of_the_users_own_is_an_error(python: Python) -> None:
    failed = await python.run("raise KeyboardInterrupt")

    assert failed.result_type == "error"
    assert await python.text("1") == "1"


async def test_a_flood_of_output_is_cut_and_says_so(python: Python) -> None:
    text = await python.text("for _ in range(300): print('x' * 100_000)")

    assert len(text) < 21_000_000
    assert "max output size exceeded" in text
    assert await python.text("1") == "1"


async def test_a_cancelled_statement_stops_in_the_database(local: Local) -> None:
    with trio.move_on_after(0.1):
        await local.run_statement(StatementSpec(ENDLESS))

    repl = await local.open_repl(ReplSpec("cluster", "context", "sql", 1))
    await repl.execute("USE CATALOG production")
    with trio.move_on_after(0.1):
        await repl.execute(ENDLESS)
    assert (await repl.execute("SELECT current_catalog()")).data == [["production"]]
    await repl.close()


async def test_a_database_that_dies_is_told_of(local: Local, python: Python) -> None:
    interpreter = int(await python.text("import os; os.getpid()"))
    await local.run_statement(StatementSpec("SELECT 1"))
    (database,) = set(children(zygote())) - {interpreter}
    os.kill(database, signal.SIGKILL)
    await gone(database)

    with pytest.raises(SqlFailure, match="The SQL engine of this workspace is gone"):
        await local.run_statement(StatementSpec("SELECT 1"))
    assert "SQL engine of this workspace is gone" in (await python.run("%sql SELECT 1")).summary


ENGINE = """
import sys, trio, trio.testing
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.engine import ReplSpec, StatementSpec
from databricks_mcp_toolkit.simulation.local import Local, interpreters

async def main():
    engine = Local()
    async with Workspace(engine=engine, pace=Pace.instant()):
        await engine.run_statement(StatementSpec("SELECT 1"))
        idle = await engine.open_repl(ReplSpec("c", "x", "python", 1))
        busy = await engine.open_repl(ReplSpec("c", "y", "python", 1))
        pids = [(await repl.execute("import os; os.getpid()")).data for repl in (idle, busy)]
        sleeper = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)"
        child = await busy.execute(sleeper)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(busy.execute, "while True: pass")
            await trio.testing.wait_all_tasks_blocked()
            print(engine.folder, *pids, child.data, flush=True)
            await trio.sleep_forever()

trio.run(main)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_nothing_outlives_an_engine_that_is_killed(number: signal.Signals) -> None:
    engine = await trio.lowlevel.open_process(
        [sys.executable, "-c", ENGINE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert engine.stdout is not None
    try:
        with trio.fail_after(PATIENCE):
            told = b""
            while not told.endswith(b"\n"):
                told += await engine.stdout.receive_some()
            folder, *pids = told.decode().split()
            (fork_server,) = children(engine.pid)
            forked = children(fork_server)
            assert len(pids) == 3  # two interpreters, and what the user started in one
            assert len(forked) == 3  # the interpreters, and the database

            os.kill(engine.pid, number)

            for pid in {*map(int, pids), fork_server, *forked}:
                await gone(pid)
    finally:
        engine.kill()
        await engine.wait()
        await engine.stdout.aclose()
    assert not os.path.exists(folder)  # noqa: ASYNC240 (nobody else is waiting)


async def test_a_workspace_that_is_cancelled_in_the_middle_of_work_ends_quietly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    running = 0
    with trio.fail_after(PATIENCE), trio.CancelScope() as scope:
        async with Workspace(engine=Local(), pace=Pace.instant()) as workspace:
            engine = workspace.engine

            async def work(language: str, code: str) -> None:
                nonlocal running
                repl = await engine.open_repl(ReplSpec("cluster", language, language, 1))
                try:
                    await repl.execute("SELECT 1" if language == "sql" else "1")
                    running += 1
                    if running == 3:
                        scope.cancel()
                    await repl.execute(code)
                finally:
                    with trio.CancelScope(shield=True):
                        await repl.close()

            workspace.nursery.start_soon(work, "python", "while True: pass")
            workspace.nursery.start_soon(work, "python", "import time; time.sleep(1000)")
            workspace.nursery.start_soon(work, "sql", ENDLESS)
            await trio.sleep_forever()

    assert scope.cancelled_caught
    assert caplog.records == []


async def test_a_killed_zygote_is_told_of_and_the_engine_ends_in_order() -> None:
    engine = Local()
    with trio.fail_after(PATIENCE):
        async with Workspace(engine=engine, pace=Pace.instant()):
            python = await open_python(engine)
            os.kill(zygote(), signal.SIGKILL)
            with pytest.raises(ReplLost):
                await python.run("import time; time.sleep(1000)")
            with pytest.raises(Exception, match="fork server has ended"):
                await open_python(engine)
            await python.repl.close()


async def test_fifty_contexts_open_and_work_at_once(local: Local) -> None:
    pythons: list[Python] = []

    async def open_one() -> None:
        pythons.append(await open_python(local))

    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(open_one)
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        for python in pythons:
            nursery.start_soon(python.run, "import time; time.sleep(0.5)")

    # One after the other they would take 25 seconds, however quick the machine.
    assert 0.5 <= trio.current_time() - began < 20
