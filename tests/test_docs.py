"""What the documents say is so."""

from __future__ import annotations

import ast
import doctest
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from databricks_mcp_toolkit.cli import commands
from databricks_mcp_toolkit.places import VARIABLES
from databricks_mcp_toolkit.protocol import all_tools

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
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
        "notebook_run",
        "sql_analytics",
        "ten_hour_night",
    }
