"""What a command looks like: a pattern and a function of where the caller stands.

In a pattern, capitals are words, `A|B` a choice of words, `[...]` may be missing, `?IF_EXISTS` is a
flag, `{name}` is a qualified name, `{text}`, `{schema}` and `{table}` are strings, `{rest}` is
anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import partial

from attrs import field, frozen
from sqlglot import exp

from .. import errors
from ..outcomes import Outcome
from ..plans import Tell
from ..standing import Standing


@frozen
class Instead:
    """A statement to run in a command's place.

    Attributes:
      statement: Databricks SQL.
      values: for its parameters, by name or place.
      told: makes its result into the command's.
    """

    statement: str
    values: Mapping[str, exp.Expr] = field(factory=dict)
    told: Tell = field(default=lambda outcome: outcome, repr=False)


Command = Callable[..., "Outcome | Instead"]

_NAME = r"(?:`[^`]+`|[\w-]+)"
_TEXT = r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\""
_FIELDS = {
    "name": rf"{_NAME}(?:\s*\.\s*{_NAME})*",
    "text": _TEXT,
    "schema": _TEXT,
    "table": _TEXT,
    "rest": r".+",
    "variable": rf"{_NAME}(?:\s*\.\s*{_NAME})*?",
    "names": rf"\(?{_NAME}(?:\s*,\s*{_NAME})*\)?",
}
_COMMANDS: list[tuple[int, re.Pattern[str], Command]] = []


def find(statement: str) -> Callable[[Standing], Outcome | Instead] | None:
    """The command that `statement` is, ready to run in a session; None if it is something else."""
    for _, pattern, answer in _COMMANDS:
        found = pattern.fullmatch(statement)
        if found:
            fields = {key: value for key, value in found.groupdict().items() if value is not None}
            return partial(answer, **fields)
    return None


def command(*patterns: str) -> Callable[[Command], Command]:
    """Registers what answers to each of `patterns`."""

    def add(answer: Command) -> Command:
        _COMMANDS.extend((_words(pattern), _compiled(pattern), answer) for pattern in patterns)
        # `SET VAR {variable} = {rest}` before `SET {rest}`.
        _COMMANDS.sort(key=lambda known: -known[0])
        return answer

    return add


def _words(pattern: str) -> int:
    """How many words `pattern` asks for."""
    needed = re.sub(r"\[[^\[\]]*\]", "", pattern).split()
    return len([word for word in needed if not word.startswith(("{", "?"))])


def _compiled(pattern: str) -> re.Pattern[str]:
    words: list[str] = []
    for word in re.findall(r"\[|\]|\{\w+\}|\S[^\s\[\]{}]*", pattern):
        match word:
            case "[":
                words.append("(?:")
            case "]":
                words.append(")?")
            case _ if word.startswith("?"):
                flag = word[1:].replace("_", r"\s+")
                words.append(rf"(?P<{word[1:].lower()}>{flag}(?:\s+|$))?")
            case _ if word.startswith("{"):
                words.append(rf"(?P<{word[1:-1]}>{_FIELDS[word[1:-1]]})(?:\s+|$)")
            case _:
                words.append(rf"(?:{word})(?:\s+|$)")
    return re.compile("".join(words), re.IGNORECASE | re.DOTALL)


def parts(name: str) -> list[str]:
    """The parts of a qualified name."""
    return [part.strip().strip("`") for part in re.findall(rf"{_NAME}", name)]


def unquoted(text: str) -> str:
    """What a string literal says."""
    return text[1:-1].replace("''", "'").replace("\\'", "'")


def matching(names: list[str], text: str | None) -> list[str]:
    """The names that a SHOW pattern keeps: `*` is any run of characters, `|` separates patterns.

    Drivers write `%` for `*`.
    """
    if text is None:
        return names
    patterns = [pattern.strip().lower() for pattern in unquoted(text).replace("%", "*").split("|")]
    return [name for name in names if any(fnmatchcase(name.lower(), each) for each in patterns)]


def schema_of(session: Standing, name: str | None) -> tuple[str, str]:
    """Catalog and schema that `name` means; where the session stands if it is None."""
    if name is None:
        return session.catalog, session.schema
    named = parts(name)
    catalog = session.catalogs.find(named[0]) if len(named) > 1 else session.catalog
    if catalog is None:
        raise errors.catalog_not_found(named[0])
    for schema in session.catalogs.schemas(catalog):
        if schema.lower() == named[-1].lower():
            return catalog, schema
    raise errors.schema_not_found(".".join([catalog, named[-1]]))


def catalog_of(session: Standing, name: str | None) -> str:
    """The catalog that `name` means; where the session stands if it is None."""
    known = session.catalogs.find(parts(name)[0]) if name else session.catalog
    if known is None:
        raise errors.catalog_not_found(str(name))
    return known


def table(name: str) -> exp.Table:
    """The table that `name` names."""
    return exp.to_table(name, dialect="databricks")
