"""What is shipped is what is in the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NOT_SHIPPED = {"tests", "examples", "benchmarks", "docs", "build", "dist"}


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in listed.stdout.split("\0") if name]


def _belongs_in_the_package(file: Path) -> bool:
    folders = file.parts[:-1]
    if any(part.startswith(".") for part in file.parts) or set(folders) & NOT_SHIPPED:
        return False
    return bool(folders) or file.suffix == ".py" or file.name == "py.typed"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel that is built from what is committed or about to be."""
    setuptools = pytest.importorskip("setuptools", minversion="77")
    assert setuptools
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for file in _tracked():
        if (ROOT / file).is_file() and not (ROOT / file).is_symlink():
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            (source / file).write_bytes((ROOT / file).read_bytes())
    code = f"from setuptools.build_meta import build_wheel; build_wheel({str(out)!r})"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=source, check=True, capture_output=True
    )
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(built: Path) -> set[str]:
    """The names in the wheel."""
    return set(zipfile.ZipFile(built).namelist())


def test_the_wheel_holds_the_tree_and_nothing_else(wheel: set[str]) -> None:
    expected = {
        f"databricks_mcp_toolkit/{file.as_posix()}"
        for file in _tracked()
        if _belongs_in_the_package(file) and (ROOT / file).is_file()
    }

    assert {name for name in wheel if ".dist-info/" not in name} == expected


def test_the_wheel_carries_the_licence_and_the_command(wheel: set[str]) -> None:
    names = {name.split(".dist-info/")[1] for name in wheel if ".dist-info/" in name}

    assert {"licenses/LICENSE", "entry_points.txt", "METADATA"} <= names


def test_programs_that_use_the_installed_wheel_are_typed_to_the_last_name(
    built: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    (site,) = environment.glob("lib/python*/site-packages")
    zipfile.ZipFile(built).extractall(site)
    dependencies = Path(attrs.__file__).parent.parent
    (site / "dependencies.pth").write_text(f"{dependencies}\n", encoding="utf-8")
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file="),
            *("--cache-dir", tmp_path / "cache"),
            *("--python-executable", environment / "bin" / "python"),
            shutil.copy(ROOT / "tests" / "typing" / "api.py", tmp_path / "api.py"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    tables = "\n".join(lines).split("[project.scripts]")[0].split("\ndependencies = [")[1]
    named = [line for line in tables.splitlines() if line.startswith('  "')]
    without = [
        line for line in named if " # " not in line and "databricks-mcp-toolkit[" not in line
    ]
    tools_by_name = ("coverage", "hypothesis", "mypy", "pytest", "ruff")

    assert not [line for line in without if not line.strip(' "').startswith(tools_by_name)]


def test_every_folder_with_modules_is_a_package_that_is_declared() -> None:
    declared = set(PROJECT["tool"]["setuptools"]["packages"])
    folders = {
        ".".join(["databricks_mcp_toolkit", *file.parts[:-1]])
        for file in _tracked()
        if file.suffix == ".py" and _belongs_in_the_package(file)
    }

    assert folders == declared
