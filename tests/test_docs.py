"""What the documents say is so."""

from __future__ import annotations

import ast
import doctest
import inspect
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import attrs
import pytest
from databricks_mcp_toolkit import logs
from databricks_mcp_toolkit.actors import Limits, run_output, session
from databricks_mcp_toolkit.actors.journal import journal
from databricks_mcp_toolkit.actors.kernel import Actor
from databricks_mcp_toolkit.cli import commands
from databricks_mcp_toolkit.clients import exchange
from databricks_mcp_toolkit.places import VARIABLES
from databricks_mcp_toolkit.protocol import all_tools, framing, registry, results
from databricks_mcp_toolkit.protocol.tools import commands as command_tools
from databricks_mcp_toolkit.protocol.tools import ids, sql

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
TESTING = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def test_the_readme_lists_every_tool_and_no_other() -> None:
    table = README.split("## Tools")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)

    assert sorted(listed) == sorted(tool.name for tool in all_tools())
    assert f"**{len(listed)} tools**" in README


def test_ci_runs_the_readmes_test_line_word_for_word() -> None:
    (line,) = (line for line in README.splitlines() if line.endswith("/pytest"))

    assert line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("variable", [*VARIABLES.values(), "LOG_LEVEL"])
def test_every_setting_is_documented(variable: str) -> None:
    assert f"`{variable}`" in CONFIGURATION


def test_every_flag_is_documented() -> None:
    flags = {option for parameter in commands.commands["serve"].params for option in parameter.opts}

    assert {flag for flag in flags if f"`{flag}`" not in CONFIGURATION} <= {"--local"}


def test_every_symptom_in_the_readme_shows_words_that_the_program_says() -> None:
    table = README.split("## Troubleshooting")[1].split("\n## ")[0]
    symptoms = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
    quoted = [words for symptom in symptoms for words in re.findall(r"\*(.+?)\*", symptom)]
    said = "".join(
        literal.value
        for floor in ("", "actors", "clients", "protocol", "protocol/tools", "simulation/access")
        for file in (ROOT / floor).glob("*.py")
        for literal in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(literal, ast.Constant) and isinstance(literal.value, str)
    )
    hosts_say = {"server disconnected"}

    assert len(quoted) > 8
    for words in {*quoted} - hosts_say:
        for part in words.split("…"):
            assert part.strip(" ,") in re.sub(r"(after) ( s)", r"\1 55\2", said), words


def test_every_command_is_mentioned_in_the_readme() -> None:
    mentioned = {*re.findall(r"databricks-mcp-toolkit ([a-z]+)", README)}
    mentioned |= {*re.findall(r"`([a-z]+)\b", README)}

    assert set(commands.commands) <= mentioned


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))

    assert not [link for link in links if not (document.parent / link).exists()]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_it_opens_with(example: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(example)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )
    opening = ast.get_docstring(ast.parse(example.read_text(encoding="utf-8"))) or ""
    promised = textwrap.dedent(opening.partition("It prints:\n\n")[2])

    assert ran.returncode == 0, ran.stderr
    assert promised
    how = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.OutputChecker().check_output(promised, ran.stdout, how), ran.stdout


def test_there_is_an_example_of_each_kind() -> None:
    assert {example.stem for example in EXAMPLES} == {
        "cluster_lifecycle",
        "interactive_commands",
        "many_runs",
        "notebook_run",
        "sql_analytics",
        "ten_hour_night",
    }


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_readmes_program_runs(tmp_path: Path) -> None:
    (program,) = blocks(README, "python")
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "6\n[[1]]\n"


def test_the_readmes_host_configurations_start_our_server() -> None:
    for configuration in map(json.loads, blocks(README, "json")):
        (server,) = configuration.get("mcpServers", configuration.get("servers")).values()

        assert server["command"].endswith("/databricks-mcp-toolkit")
        assert server["args"] == ["serve"]
        assert {*server["env"]} <= {*VARIABLES.values()}


def test_every_block_of_the_page_on_testing_is_a_file_of_tests_that_passes(tmp_path: Path) -> None:
    files = blocks(TESTING, "python")
    for number, block in enumerate(files):
        (tmp_path / f"test_block_{number}.py").write_text(block, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntrio_mode = true\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        env=os.environ | {"PYTEST_ADDOPTS": ""},  # ours are not theirs
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
    told = sum(len(re.findall(r"^(?:async )?def test_", block, re.MULTILINE)) for block in files)
    assert f"{told} passed" in ran.stdout


def test_the_page_on_testing_has_an_asyncio_project_that_passes_without_pytest_trio(
    tmp_path: Path,
) -> None:
    (block,) = blocks(TESTING, "py")
    (tmp_path / "test_block.py").write_text(block, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:trio", "-p", "no:cacheprovider"],
        env=os.environ | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout


def test_the_page_on_testing_has_every_fault_fixture_and_setting() -> None:
    from databricks_mcp_toolkit.simulation import Workspace
    from databricks_mcp_toolkit.simulation.faults.kinds import KINDS

    for name, kind in KINDS.items():
        fields = ", ".join(field.name for field in attrs.fields(kind) if field.init)
        assert f"| `{kind.__name__}({fields})` | `{name}` |" in TESTING
    settings = {*inspect.signature(Workspace).parameters}
    assert {name for name in settings if f"`{name}`" not in TESTING} == set()


def test_the_limits_in_the_docs_are_those_of_the_code() -> None:
    told = {
        name.strip(): limit.strip()
        for name, limit in re.findall(r"^\| ([^|]+) \| ([^|]+) \|", CONFIGURATION, re.MULTILINE)
    }
    limits = Limits()
    assert (
        told
        | {
            "live contexts of a session": f"{limits.contexts}",
            "a context without use": f"{limits.idle_context:,.0f} s",
            "ended contexts that are remembered": f"{session.ENDED_KEPT}",
            "notes that wait for the next answer": f"{session.NOTICES_KEPT}",
            "requests that wait for one context": (
                f"{Actor.mailbox_size} to be looked at, {Actor.mailbox_size} to be sent"
            ),
            "a message on stdin": f"{framing.MAX_LINE // 2**20} MiB",
            "a command": f"{command_tools.LONGEST_COMMAND // 2**20} MiB",
            "a SQL statement": f"{sql.LONGEST_STATEMENT // 2**20} MiB",
            "a wait in one call": f"{ids.LONGEST_WAIT:,} s",
            "one call that does not wait": f"{registry.PATIENCE:g} s",
            "an answer of Databricks": f"{exchange.LARGEST_ANSWER // 2**20} MiB",
            "an answer's text": f"{results.TEXT_LIMIT:,} characters",
            "a command's output in an answer": f"{command_tools.OUTPUT_LIMIT:,} characters",
            "rows of one answer": (
                f"{sql.DEFAULT_ROWS:,}, and {sql.DEFAULT_ROWS_LIMIT:,} characters; "
                f"with `max_rows`: {sql.ROWS:,}, and {sql.ROWS_LIMIT:,}"
            ),
            "the texts of all tasks of a run": f"{run_output.KEPT // 2**20} MiB",
            "connections at once": f"{exchange.CONNECTIONS}",
            "a line of the log": f"{logs.LONGEST_LINE:,} characters",
            "lines of the log in a minute": f"{logs.A_MINUTE}",
            "the journal": (
                f"rows of dead owners for {journal.KEPT / journal.DAY:g} days, "
                f"those without an id for {journal.KEPT_WITHOUT_ID / journal.DAY:g}"
            ),
        }
        == told
    )
