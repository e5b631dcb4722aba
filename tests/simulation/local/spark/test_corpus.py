"""The corpus of Databricks SQL says what real Spark says.

Skipped where `pyspark` (the extra `spark`) or Java is not installed.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..database import corpus
from . import oracle

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("no Java here", allow_module_level=True)

# PySpark leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with oracle.session() as session:
        yield session


@pytest.mark.parametrize("file", corpus.files(), ids=lambda file: file.stem)
def test_the_corpus_expects_what_spark_answers(spark: Any, file: Path) -> None:
    cases = [case for case in corpus.cases(file) if case.statement]

    differing = [
        f"{case.statement}\n{told.expected}"
        for case, told in zip(cases, oracle.told(spark, cases), strict=True)
        if not same(case, told)
    ]

    assert not differing, "\n\n".join(differing)


def same(case: corpus.Case, told: corpus.Case) -> bool:
    """Whether the two expect the same; sentences of failures differ between versions of Spark."""
    one, two = case.expected, told.expected
    if isinstance(one, corpus.Failure) and isinstance(two, corpus.Failure):
        return (one.error_class, one.sql_state) == (two.error_class, two.sql_state)
    if isinstance(one, corpus.Answer) and isinstance(two, corpus.Answer):
        return corpus.ordered(case.statement, one) == corpus.ordered(case.statement, two)
    return one == two
