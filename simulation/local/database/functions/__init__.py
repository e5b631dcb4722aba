"""Databricks functions that DuckDB lacks, or has with another meaning or type: macros.

They stand in the schema `memory.main`, which is last on every session's search path, with `PREFIX`
before their names, so that DuckDB's own functions are what they were.  A line is a macro, and goes
on where the next begins with four blanks; lines of one name are its forms, chosen by the number or
the types of the arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from . import collections, dates, documents, hashes, numbers, strings

PREFIX = "spark_"


def _forms(tables: Iterable[str]) -> Mapping[str, list[str]]:
    forms: dict[str, list[str]] = {}
    for table in tables:
        for line in table.strip().replace("\n    ", " ").splitlines():
            head, _, body = line.partition(" = ")
            name, _, parameters = head.partition("(")
            forms.setdefault(name, []).append(f"({parameters} AS {body}")
    return forms


FAMILIES = (strings, numbers, dates, collections, documents, hashes)
FORMS = _forms(family.MACROS for family in FAMILIES)
HELPERS = _forms(family.HELPERS for family in FAMILIES)
# What a call may be named for one of these to answer it.
NAMES = frozenset(FORMS)


def definitions() -> Iterator[str]:
    """The statements that define the macros, each after those that it calls."""
    for name, forms in (*HELPERS.items(), *FORMS.items()):
        yield f"CREATE OR REPLACE MACRO memory.main.{PREFIX}{name}{', '.join(forms)}"


def arities(name: str) -> list[int]:
    """How many arguments each form of `name` takes."""
    heads = [form.partition(") AS ")[0].strip("(") for form in FORMS[name]]
    return sorted({len(head.split(",")) if head.strip() else 0 for head in heads})
