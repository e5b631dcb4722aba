"""The program as people and hosts meet it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from databricks_mcp_toolkit.cli import commands, main
from databricks_mcp_toolkit.config import NOTHING_CONFIGURED
from databricks_mcp_toolkit.flags import Commands
from databricks_mcp_toolkit.logs import QUIET_LIBRARIES

from .programs import PATIENCE, started

PROGRAM = [sys.executable, "-m", "databricks_mcp_toolkit"]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory and home, and an environment that configures nothing."""
    for name in list(os.environ):
        if name.startswith(("DATABRICKS_", "ARM_", "GOOGLE_", "LOG_LEVEL")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DATABRICKS_MCP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers = root.handlers[:]
    loggers = [root, *map(logging.getLogger, QUIET_LIBRARIES)]
    levels = [logger.level for logger in loggers]
    yield tmp_path
    root.handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def run(*arguments: str) -> int:
    """Runs the program in this process, and returns its exit code."""
    try:
        main(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ([], ["serve"]),
        (["--local"], ["serve", "--local"]),
        (["--host", "demo"], ["serve", "--host", "demo"]),
        (["--host=x", "serve"], ["serve", "--host=x"]),
        (
            ["--log-level", "debug", "call", "get_run", "{}"],
            ["call", "--log-level", "debug", "get_run", "{}"],
        ),
        (["--version"], ["--version"]),
        (["--help"], ["--help"]),
        (["call", "--host", "x", "tool"], ["call", "--host", "x", "tool"]),
    ],
)
def test_serve_is_meant_when_no_command_is_named_and_flags_may_stand_before_one(
    given: list[str], understood: list[str]
) -> None:
    assert isinstance(commands, Commands)
    assert commands.subcommand_first(given) == understood


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("databricks-mcp-toolkit, version 0.")


def test_the_module_is_the_command() -> None:
    ran = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=True)

    assert ran.stdout.startswith("databricks-mcp-toolkit, version 0.")


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("frob") == 2
    assert "No such command 'frob'" in capsys.readouterr().err


def test_tools_are_listed_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tools") == 0
    lines = capsys.readouterr().out.splitlines()

    assert "list_clusters" in {line.split()[0] for line in lines}
    assert len(lines) == 23


def test_tools_as_json_come_with_their_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tools", "--json") == 0
    listed = {tool["name"]: tool for tool in json.loads(capsys.readouterr().out)}

    assert listed["get_run"]["inputSchema"]["required"] == ["run_id"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [("{", "not JSON"), ("[]", "must be a JSON object"), ("7", "must be a JSON object")],
)
def test_arguments_that_are_no_json_object_are_told_in_a_line(
    capsys: pytest.CaptureFixture[str], arguments: str, says: str
) -> None:
    assert run("call", "get_run", arguments) == 2
    captured = capsys.readouterr()

    assert_one_line(captured.err, says)
    assert says in json.loads(captured.out)["message"]


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [("get_runs", "{}", "did you mean get_run?"), ("get_run", "{}", "run_id")],
)
def test_what_is_wrong_with_a_call_is_told_before_what_is_not_configured(
    capsys: pytest.CaptureFixture[str], tool: str, arguments: str, says: str
) -> None:
    assert run("call", tool, arguments) == 2
    assert says in json.loads(capsys.readouterr().out)["message"]


def test_a_call_with_nothing_configured_says_what_to_set(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("call", "list_clusters") == 1
    captured = capsys.readouterr()

    assert_one_line(captured.err, NOTHING_CONFIGURED)
    assert json.loads(captured.out)["error"] == "NotConfigured"


def test_a_profile_that_does_not_exist_is_told_in_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("call", "--profile", "staging", "list_clusters") == 1
    assert_one_line(capsys.readouterr().err, "There is no profile staging in")


def test_a_call_prints_the_answer_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("call", "--local", "list_clusters") == 0
    assert json.loads(capsys.readouterr().out)["clusters"]
    assert run("call", "--local", "list_jobs") == 0
    assert json.loads(capsys.readouterr().out)["jobs"][0]["settings"]["name"] == "Process Data"


def test_a_call_that_fails_prints_its_facts_and_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("call", "--local", "get_cluster", '{"cluster_id": "none"}') == 1
    captured = capsys.readouterr()

    facts = json.loads(captured.out)
    assert facts["error"] == "NotFound"
    assert facts["advice"].startswith("Check the id")
    assert_one_line(captured.err, "none")
    assert captured.err.endswith(f". {facts['advice']}\n")


def test_a_question_in_an_error_ends_it_and_what_has_lines_keeps_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("call", "--local", "get_run", '{"run": 7}') == 2
    assert_one_line(capsys.readouterr().err, "did you mean run_id? Nothing was sent.")
    assert run("call", "--local", "execute_sql", '{"statement": "SELCT 1"}') == 1
    assert capsys.readouterr().err.endswith("^^^\nCorrect the statement and execute it again.\n")


def test_an_unknown_tool_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("call", "--local", "frobnicate") == 2
    told = capsys.readouterr().err
    assert_one_line(told, "frobnicate")
    assert "list_clusters" in told


def test_arguments_may_come_from_stdin() -> None:
    ran = subprocess.run(
        [*PROGRAM, "call", "get_run", "-"], input="{", capture_output=True, text=True, check=False
    )

    assert ran.returncode == 2
    assert_one_line(ran.stderr, "not JSON")


def test_arguments_from_stdin_are_utf_8_and_an_answer_is_json_in_any_encoding() -> None:
    ran = subprocess.run(
        [*PROGRAM, "call", "get_run", "-"],
        input='{"run_id": "é☃"}'.encode(),
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )

    assert ran.returncode == 2, ran.stderr
    assert "é☃" in json.loads(ran.stdout)["message"]
    assert b'"\xe9\\u2603"' in ran.stderr


@pytest.mark.parametrize("command", ["tools", "call"])
def test_help_is_shown_on_a_terminal_that_has_only_ascii(command: str) -> None:
    ran = subprocess.run(
        [*PROGRAM, command, "--help"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_the_commands_in_whole_sentences(
    capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    assert run(flag) == 0
    told = capsys.readouterr().out

    assert "demo " in told
    assert "..." not in told.partition("Commands:")[2]


def test_a_server_lists_its_tools_with_nothing_configured_and_every_call_says_what_to_set() -> None:
    ran = converse(
        [*PROGRAM],
        ("initialize", HANDSHAKE),
        ("tools/list", {}),
        ("tools/call", {"name": "list_clusters", "arguments": {}}),
    )
    handshake, listed, called = (json.loads(line)["result"] for line in ran.stdout.splitlines())

    assert handshake["serverInfo"]["version"].startswith("0.")
    assert len(listed["tools"]) == 23
    assert called["isError"]
    assert NOTHING_CONFIGURED in called["content"][0]["text"]
    assert NOTHING_CONFIGURED in ran.stderr
    assert ran.returncode == 0


def test_a_server_on_the_embedded_workspace_needs_no_configuration() -> None:
    ran = converse(
        [*PROGRAM, "--local"],
        ("initialize", HANDSHAKE),
        ("tools/call", {"name": "list_clusters", "arguments": {}}),
    )

    assert json.loads(ran.stdout.splitlines()[1])["result"]["structuredContent"]["clusters"]


def test_the_embedded_workspace_says_which_extra_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("databricks_mcp_toolkit.embedded.NEEDS", ("no_such_module",))

    assert run("demo") == 1
    assert_one_line(capsys.readouterr().err, "needs no_such_module: pip install")
    assert run("call", "--local", "list_clusters") == 1
    assert_one_line(capsys.readouterr().err, "databricks-mcp-toolkit[local]")
    assert run("serve", "--local") == 1
    assert_one_line(capsys.readouterr().err, "needs no_such_module: pip install")


def test_contexts_of_an_empty_journal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("contexts") == 0
    assert "no context" in capsys.readouterr().out
    assert run("contexts", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_an_odd_log_level_in_the_environment_does_not_stop_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "chatty")

    assert run("contexts") == 0
    assert "LOG_LEVEL is none of" in capsys.readouterr().err


def test_a_library_that_would_log_urls_stays_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("contexts", "--log-level", "debug") == 0
    assert logging.getLogger().level == logging.DEBUG
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)


def test_a_bug_is_told_in_a_line_with_an_id(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("databricks_mcp_toolkit.contexts.text", broken)

    assert run("contexts") == 1
    assert_one_line(capsys.readouterr().err, "a bug in the toolkit")


def test_a_folder_that_cannot_be_written_to_is_told_in_a_line(nowhere: Path) -> None:
    (nowhere / "file").touch()
    ran = subprocess.run(
        [*PROGRAM, "simulate", "--data", str(nowhere / "file" / "below")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert_one_line(ran.stderr, str(nowhere / "file"))


def test_simulate_prints_how_to_reach_it_and_ends_at_ctrl_c() -> None:
    with started([*PROGRAM, "simulate", "--port", "0", "--token", "dapi-mine"]) as process:
        assert process.stdout
        assert process.stderr
        told = dict(process.stdout.readline().strip().split("=", 1) for _ in range(4))
        assert told["DATABRICKS_HOST"].startswith("http://127.0.0.1:")
        assert told["DATABRICKS_TOKEN"] == "dapi-mine"
        assert process.stdout.readline().startswith("# Or")
        lines = [process.stdout.readline() for _ in range(2)]
        oauth = dict(line.removeprefix("# ").strip().split("=", 1) for line in lines)
        granted = httpx.post(
            f"{told['DATABRICKS_HOST']}/oidc/v1/token",
            auth=(oauth["DATABRICKS_CLIENT_ID"], oauth["DATABRICKS_CLIENT_SECRET"]),
            data={"grant_type": "client_credentials", "scope": "all-apis"},
        )
        assert granted.json()["access_token"]

        answer = subprocess.run(
            [
                *PROGRAM,
                "call",
                "get_cluster",
                json.dumps({"cluster_id": told["DATABRICKS_CLUSTER_ID"]}),
            ],
            env={**os.environ, **told},
            capture_output=True,
            text=True,
            check=False,
        )
        assert json.loads(answer.stdout)["cluster_id"] == told["DATABRICKS_CLUSTER_ID"], (
            answer.stderr
        )

        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 128 + signal.SIGINT
        assert "Traceback" not in process.stderr.read()


def test_a_port_that_is_taken_is_told_in_a_line() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [*PROGRAM, "simulate", "--port", port],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    assert ran.returncode == 1
    assert_one_line(ran.stderr, f"Port {port} cannot be used: Address already in use")


def test_the_demo_does_the_main_job_and_leaves_no_context() -> None:
    ran = subprocess.run(
        [*PROGRAM, "demo"], capture_output=True, text=True, check=False, timeout=PATIENCE
    )

    assert ran.returncode == 0, ran.stderr
    assert "total: 100" in ran.stdout
    assert "TERMINATED, SUCCESS" in ran.stdout
    assert ran.stdout.rstrip().endswith("execution contexts that the workspace counts: 0")


def test_a_demo_whose_reader_has_read_enough_ends_without_a_word() -> None:
    with started([*PROGRAM, "demo"]) as process:
        assert process.stdout
        assert process.stderr
        assert not process.stdout.readline().strip()
        process.stdout.close()

        assert process.wait(PATIENCE) == 1
        assert process.stderr.read() == ""


def test_a_demo_that_is_interrupted_with_its_server_leaves_no_context() -> None:
    with started([*PROGRAM, "demo"], start_new_session=True) as process:
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            if line.strip().startswith("context "):
                break
        os.killpg(process.pid, signal.SIGINT)  # as the terminal sends it: to both

        assert process.wait(PATIENCE) == 128 + signal.SIGINT
        assert process.stderr.read() == ""


def test_a_ctrl_c_while_the_program_is_loading_ends_it_without_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from databricks_mcp_toolkit import __main__ as start

    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "databricks_mcp_toolkit.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "databricks_mcp_toolkit.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as end:
        start.main()

    assert end.value.code == 128 + signal.SIGINT


HANDSHAKE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "a test", "version": "0"},
}


def converse(
    command: list[str], *requests: tuple[str, dict[str, object]]
) -> subprocess.CompletedProcess[str]:
    """Sends requests to a server, each after the answer to the last, and closes its stdin."""
    with started(command, stdin=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        answers = []
        for number, (method, params) in enumerate(requests):
            message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            answers.append(process.stdout.readline())
        rest, told = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(
            command, process.returncode, "".join(answers) + rest, told
        )


def assert_one_line(text: str, says: str) -> None:
    """A person reads one line, and no traceback."""
    assert says in text
    assert text.startswith("Error: ")
    assert text.count("\n") == 1
