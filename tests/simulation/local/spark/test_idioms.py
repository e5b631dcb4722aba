"""Data frames without a JVM show what a real Spark shows for common idioms (see `idioms`)."""

import importlib.util
import json
from pathlib import Path

import pytest
import trio
from databricks_mcp_toolkit.simulation import Pace, Workspace
from databricks_mcp_toolkit.simulation.local import Local

from ..conftest import open_python
from . import idioms

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is not None, reason="`spark` is a real one here"
)

PATIENCE = 120.0  # seconds for all of them; a quiet machine takes five
ALL = f"""
import json, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import idioms
names = dict(globals()) | {{"folder": "/idioms"}}
exec(idioms.PRELUDE, names)
print(json.dumps([idioms.shown(code, names) for code, _ in idioms.read()]))
"""


async def test_idioms_show_what_real_spark_shows_unless_they_say_that_they_differ() -> None:
    engine = Local()
    with trio.fail_after(PATIENCE):
        async with Workspace(engine=engine, pace=Pace.instant()):
            python = await open_python(engine)
            here = json.loads((await python.text(ALL)).splitlines()[-1])

    real = idioms.read()
    assert len(here) == len(real)
    wrong = {
        code: (mine, theirs)
        for mine, (code, theirs) in zip(here, real, strict=True)
        if (mine != theirs) != code.endswith(idioms.DIFFERS)
    }
    assert wrong == {}
