"""Databricks SQL in the embedded workspace, against what real Spark answers.

The corpus says where its expectations come from; `tests/simulation/local/spark` compares it with
Spark itself, where that is installed.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from databricks_mcp_toolkit.simulation.local.database.catalogs import Catalogs
from databricks_mcp_toolkit.simulation.local.database.errors import SqlError
from databricks_mcp_toolkit.simulation.local.database.session import Session
from databricks_mcp_toolkit.simulation.local.database.values import wire
from databricks_mcp_toolkit.simulation.local.places import Places

from . import corpus

CASES = [case for file in corpus.files() for case in corpus.cases(file) if case.statement]
# Where Spark's corpus stood when it was recorded, and where ours does.
NAMES = {"`spark_catalog`.`corpus`": "`main`.`corpus`", "spark_catalog": "main"}

CHANGES = re.compile(r"INSERT|CREATE (OR REPLACE )?TABLE .* AS SELECT", re.DOTALL)
COUNTS = ("num_affected_rows: bigint", "num_inserted_rows: bigint")


def ours(sentence: str) -> str:
    """The first line of a failure's sentence, with this workspace's names."""
    for theirs, here in NAMES.items():
        sentence = sentence.replace(theirs, here)
    return re.split(r" Did you mean|\n|: extra input| Please, refer", sentence, maxsplit=1)[
        0
    ].rstrip(" .")


def answered(session: Session, statement: str) -> corpus.Answer | corpus.Failure:
    try:
        outcome = session.run(statement)
        kinds = [kind.simple for kind in outcome.kinds]
        # Python's Spark shows a VARIANT as the text of its JSON, which is what the wire carries.
        tellers = [wire(kind) if kind.name == "VARIANT" else None for kind in outcome.kinds]
        rows = [
            [tell(value) if tell else value for tell, value in zip(tellers, row, strict=True)]
            for row in outcome.rows()
        ]
        return corpus.answer(list(zip(outcome.names, kinds, strict=True)), rows)
    except SqlError as error:
        return corpus.Failure(error.error_class, error.sql_state, error.sentence)
    except Exception as bug:
        return corpus.Failure("INTERNAL_ERROR", "XX000", f"{type(bug).__name__}: {bug}")


@cache
def answers(file: Path) -> dict[str, corpus.Answer | corpus.Failure]:
    """What the whole file gives, statement by statement, in a session of its own."""
    catalogs = Catalogs()
    session = Session(catalogs, Places.under(file.parent / "nowhere"), "someone@example.com")
    session.run("CREATE SCHEMA corpus")
    session.run("USE corpus")
    try:
        return {
            case.name: answered(session, case.statement)
            for case in corpus.cases(file)
            if case.statement
        }
    finally:
        session.close()
        catalogs.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_statement_gives_what_it_gives_on_databricks(case: corpus.Case) -> None:
    given = answers(corpus.FOLDER / f"{case.name.rpartition('-')[0]}.sql")[case.name]
    expected = case.expected
    if "left out" in case.marks:
        assert isinstance(given, corpus.Failure)
        assert given.error_class.startswith("UNSUPPORTED_FEATURE"), given
    elif isinstance(expected, corpus.Failure):
        assert isinstance(given, corpus.Failure), case.statement
        assert (given.error_class, given.sql_state) == (expected.error_class, expected.sql_state)
        if "wording" not in case.marks:
            assert ours(given.sentence) == ours(expected.sentence)
    else:
        assert isinstance(expected, corpus.Answer)
        assert isinstance(given, corpus.Answer), f"{case.statement}\n{given}"
        if CHANGES.match(case.statement) and not expected.columns:
            # Delta tells how many rows it changed, and plain Spark does not.
            assert given.columns in {(), COUNTS}
            return
        assert corpus.ordered(case.statement, given) == corpus.ordered(case.statement, expected)
