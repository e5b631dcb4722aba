"""The statements about the database itself: USE, SHOW, DESCRIBE, SET, catalogs and schemas.

Each is a pattern and a function.  In a pattern, capitals are words, `A|B` a choice of words,
`[...]` may be missing, `?IF_EXISTS` is a flag, `{name}` is a qualified name, `{text}` a string,
`{rest}` anything.
See https://docs.databricks.com/sql/language-manual/ for what each one answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from . import errors, parsing
from .catalogs import DEFAULT_CATALOG, Relation, dotted, inner
from .outcomes import Outcome
from .types import BOOLEAN, STRING

if TYPE_CHECKING:
    from .session import Session

Command = Callable[..., Outcome]

_NAME = r"(?:`[^`]+`|[\w-]+)"
_FIELDS = {
    "name": rf"{_NAME}(?:\s*\.\s*{_NAME})*",
    "text": r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"",
    "rest": r".+",
}
_COMMANDS: list[tuple[re.Pattern[str], Command]] = []


def find(statement: str) -> Callable[[Session], Outcome] | None:
    """The command that `statement` is, ready to run in a session; None if it is something else."""
    for pattern, command in _COMMANDS:
        found = pattern.fullmatch(statement)
        if found:
            fields = {key: value for key, value in found.groupdict().items() if value is not None}
            return partial(command, **fields)
    return None


def _command(*patterns: str) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        _COMMANDS.extend((_compiled(pattern), command) for pattern in patterns)
        return command

    return add


def _compiled(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    for word in re.findall(r"\[|\]|\{\w+\}|\S[^\s\[\]{}]*", pattern):
        match word:
            case "[":
                parts.append("(?:")
            case "]":
                parts.append(")?")
            case _ if word.startswith("?"):
                words = word[1:].replace("_", r"\s+")
                parts.append(rf"(?P<{word[1:].lower()}>{words}(?:\s+|$))?")
            case _ if word.startswith("{"):
                parts.append(rf"(?P<{word[1:-1]}>{_FIELDS[word[1:-1]]})(?:\s+|$)")
            case _:
                parts.append(rf"(?:{word})(?:\s+|$)")
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _parts(name: str) -> list[str]:
    return [part.strip().strip("`") for part in re.findall(rf"{_NAME}", name)]


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'").replace("\\'", "'")


def _matching(names: list[str], text: str | None) -> list[str]:
    """The names that a SHOW pattern keeps: `*` is any run of characters, `|` separates patterns."""
    if text is None:
        return names
    patterns = [pattern.strip().lower() for pattern in _unquoted(text).split("|")]
    return [name for name in names if any(fnmatchcase(name.lower(), each) for each in patterns)]


def _schema_of(session: Session, name: str | None) -> tuple[str, str]:
    """Catalog and schema that `name` means; where the session stands if it is None."""
    if name is None:
        return session.catalog, session.schema
    parts = _parts(name)
    catalog = session.catalogs.find(parts[0]) if len(parts) > 1 else session.catalog
    if catalog is None:
        raise errors.catalog_not_found(parts[0])
    for schema in session.catalogs.schemas(catalog):
        if schema.lower() == parts[-1].lower():
            return catalog, schema
    raise errors.schema_not_found(".".join([catalog, parts[-1]]))


def _catalog_of(session: Session, name: str | None) -> str:
    known = session.catalogs.find(_parts(name)[0]) if name else session.catalog
    if known is None:
        raise errors.catalog_not_found(str(name))
    return known


def _table(name: str) -> exp.Table:
    return exp.to_table(name, dialect="databricks")


# ---- where we are


@_command("USE CATALOG {name}", "SET CATALOG {name}")
def _use_catalog(session: Session, name: str) -> Outcome:
    session.use(catalog=_parts(name)[0])
    return Outcome()


@_command("USE [ SCHEMA|DATABASE|NAMESPACE ] {name}")
def _use(session: Session, name: str) -> Outcome:
    *catalog, schema = _parts(name)
    if (
        not catalog
        and session.catalogs.find(schema)
        and schema not in session.catalogs.schemas(session.catalog)
    ):
        session.use(catalog=schema)
    else:
        session.use(catalog=catalog[0] if catalog else None, schema=schema)
    return Outcome()


@_command("SET", "SET -v")
def _settings(session: Session) -> Outcome:
    return Outcome.of({"key": STRING, "value": STRING}, sorted(session.settings.items()))


@_command("SET TIME ZONE {rest}")
def _set_time_zone(session: Session, rest: str) -> Outcome:
    zone = "UTC" if rest.strip().upper() == "LOCAL" else rest.strip().strip("'\"")
    try:
        session.cursor.execute(f"SET TimeZone = '{zone.replace(chr(39), '')}'")
    except duckdb.Error:
        raise errors.SqlError(
            "INVALID_CONF_VALUE.TIME_ZONE", f"The time zone '{zone}' is not known.", "22022"
        ) from None
    return Outcome()


@_command("SET {rest}")
def _set(session: Session, rest: str) -> Outcome:
    key, _, value = (part.strip() for part in rest.partition("="))
    if value:
        session.settings[key] = value.strip("'")
    told = [(key, session.settings.get(key, "<undefined>"))]
    return Outcome.of({"key": STRING, "value": STRING}, told)


# ---- catalogs and schemas


@_command("CREATE CATALOG ?IF_NOT_EXISTS {name} [ {rest} ]")
def _create_catalog(
    session: Session, name: str, if_not_exists: str = "", rest: str = ""
) -> Outcome:
    del rest
    (catalog,) = _parts(name)
    if not (if_not_exists and session.catalogs.find(catalog)):
        session.catalogs.create(catalog)
    return Outcome()


@_command("DROP CATALOG ?IF_EXISTS {name} ?CASCADE ?RESTRICT")
def _drop_catalog(
    session: Session, name: str, if_exists: str = "", cascade: str = "", restrict: str = ""
) -> Outcome:
    del restrict
    (catalog,) = _parts(name)
    if session.catalogs.find(catalog) or not if_exists:
        if (session.catalogs.find(catalog) or "") == session.catalog:
            session.use(catalog=DEFAULT_CATALOG)
        session.catalogs.drop(catalog, cascade=bool(cascade))
    return Outcome()


@_command("CREATE SCHEMA|DATABASE ?IF_NOT_EXISTS {name} [ {rest} ]")
def _create_schema(session: Session, name: str, if_not_exists: str = "", rest: str = "") -> Outcome:
    del rest
    *catalog, schema = _parts(name)
    at = _catalog_of(session, catalog[0] if catalog else None)
    exists = schema.lower() in (known.lower() for known in session.catalogs.schemas(at))
    if exists and not if_not_exists:
        raise errors.already_exists("SCHEMA", f"{at}.{schema}")
    if not exists:
        session.cursor.execute(f"CREATE SCHEMA {dotted([inner(at), schema])}")
    return Outcome()


@_command("DROP SCHEMA|DATABASE ?IF_EXISTS {name} ?CASCADE ?RESTRICT")
def _drop_schema(
    session: Session, name: str, if_exists: str = "", cascade: str = "", restrict: str = ""
) -> Outcome:
    del restrict
    try:
        catalog, schema = _schema_of(session, name)
    except errors.SqlError:
        if if_exists:
            return Outcome()
        raise
    if session.catalogs.relations(catalog, schema) and not cascade:
        raise errors.schema_not_empty(f"{catalog}.{schema}")
    session.cursor.execute(f"DROP SCHEMA {dotted([inner(catalog), schema])} CASCADE")
    return Outcome()


# ---- SHOW


@_command("SHOW CATALOGS [ LIKE ] [ {text} ]")
def _show_catalogs(session: Session, text: str | None = None) -> Outcome:
    names = _matching(session.catalogs.names(), text)
    return Outcome.of({"catalog": STRING}, [(name,) for name in names])


@_command("SHOW SCHEMAS|DATABASES [ FROM|IN {name} ] [ LIKE ] [ {text} ]")
def _show_schemas(session: Session, name: str | None = None, text: str | None = None) -> Outcome:
    names = _matching(session.catalogs.schemas(_catalog_of(session, name)), text)
    return Outcome.of({"databaseName": STRING}, [(schema,) for schema in names])


def _relations(session: Session, name: str | None, text: str | None) -> list[Relation]:
    catalog, schema = _schema_of(session, name)
    temporary = [
        Relation("", "", relation.name, is_view=True, is_temporary=True)
        for relation in _temporary(session)
    ]
    found = session.catalogs.relations(catalog, schema) + temporary
    kept = _matching([relation.name for relation in found], text)
    return [relation for relation in found if relation.name in kept]


def _temporary(session: Session) -> list[Relation]:
    rows = session.cursor.execute(
        "SELECT view_name FROM duckdb_views()"
        " WHERE database_name = 'temp' AND NOT internal"
        # What stands behind a data frame is nobody's view.
        " AND NOT starts_with(view_name, '__') ORDER BY 1"
    ).fetchall()
    return [Relation("temp", "main", name, is_view=True) for (name,) in rows]


@_command("SHOW TABLES [ FROM|IN {name} ] [ LIKE ] [ {text} ]")
def _show_tables(session: Session, name: str | None = None, text: str | None = None) -> Outcome:
    rows = [(each.schema, each.name, each.is_temporary) for each in _relations(session, name, text)]
    return Outcome.of({"database": STRING, "tableName": STRING, "isTemporary": BOOLEAN}, rows)


@_command("SHOW VIEWS [ FROM|IN {name} ] [ LIKE ] [ {text} ]")
def _show_views(session: Session, name: str | None = None, text: str | None = None) -> Outcome:
    rows = [
        (each.schema, each.name, each.is_temporary, False)
        for each in _relations(session, name, text)
        if each.is_view
    ]
    columns = {
        "namespace": STRING,
        "viewName": STRING,
        "isTemporary": BOOLEAN,
        "isMaterialized": BOOLEAN,
    }
    return Outcome.of(columns, rows)


@_command("SHOW COLUMNS FROM|IN {name}")
def _show_columns(session: Session, name: str) -> Outcome:
    columns = session.columns(_table(name))
    return Outcome.of({"col_name": STRING}, [(column.name,) for column in columns])


@_command("SHOW CREATE TABLE {name}")
def _show_create_table(session: Session, name: str) -> Outcome:
    table = _table(name)
    lines = ",\n".join(
        f"  {column.name} {column.kind.text}" + ("" if column.nullable else " NOT NULL")
        for column in session.columns(table)
    )
    told = f"CREATE TABLE {'.'.join(session.located(table))} (\n{lines})\nUSING delta\n"
    return Outcome.of({"createtab_stmt": STRING}, [(told,)])


# ---- DESCRIBE

_DESCRIPTION = {"col_name": STRING, "data_type": STRING, "comment": STRING}


@_command("DESCRIBE|DESC QUERY {rest}", "DESCRIBE|DESC SELECT {rest}")
def _describe_query(session: Session, rest: str) -> Outcome:
    outcome = session.run(
        rest if re.match(r"(select|with|values|from)\b", rest, re.IGNORECASE) else f"SELECT {rest}"
    )
    rows = [
        (name, kind.text.lower(), None)
        for name, kind in zip(outcome.names, outcome.kinds, strict=True)
    ]
    return Outcome.of(_DESCRIPTION, rows)


@_command("DESCRIBE|DESC SCHEMA|DATABASE [ EXTENDED ] {name}")
def _describe_schema(session: Session, name: str) -> Outcome:
    catalog, schema = _schema_of(session, name)
    columns = {"database_description_item": STRING, "database_description_value": STRING}
    return Outcome.of(
        columns, [("Catalog Name", catalog), ("Namespace Name", schema), ("Comment", "")]
    )


@_command("DESCRIBE|DESC CATALOG [ EXTENDED ] {name}")
def _describe_catalog(session: Session, name: str) -> Outcome:
    columns = {"info_name": STRING, "info_value": STRING}
    return Outcome.of(columns, [("Catalog Name", _catalog_of(session, name)), ("Comment", "")])


@_command("DESCRIBE|DESC TABLE EXTENDED {name}", "DESCRIBE|DESC EXTENDED {name}")
def _describe_extended(session: Session, name: str) -> Outcome:
    described = _describe(session, name)
    catalog, schema, table = session.located(_table(name))
    found = [each for each in session.catalogs.relations(catalog, schema) if each.name == table]
    kind = "VIEW" if found and found[0].is_view else "MANAGED"
    told = {
        "Catalog": catalog,
        "Database": schema,
        "Table": table,
        "Type": kind,
        "Provider": "delta",
    }
    rows = [*described.rows(), ("", "", ""), ("# Detailed Table Information", "", "")]
    return Outcome.of(_DESCRIPTION, [*rows, *((key, value, "") for key, value in told.items())])


@_command("DESCRIBE|DESC HISTORY|DETAIL {rest}")
def _describe_history(_session: Session, rest: str) -> Outcome:
    del rest
    raise errors.unsupported("the history and details of Delta tables")


@_command("DESCRIBE|DESC [ TABLE ] {name}")
def _describe(session: Session, name: str) -> Outcome:
    columns = session.columns(_table(name))
    rows = [(column.name, column.kind.text.lower(), column.comment) for column in columns]
    return Outcome.of(_DESCRIPTION, rows)


# ---- the rest


@_command("TABLE {name}")
def _whole_table(session: Session, name: str) -> Outcome:
    return session.run(f"SELECT * FROM {name}")


@_command("EXPLAIN [ EXTENDED|FORMATTED|COST|CODEGEN ] {rest}")
def _explain(session: Session, rest: str) -> Outcome:
    from .translate import plan  # noqa: PLC0415 (it stands on this module's neighbours)

    sql = plan(parsing.parse(rest), session, ()).statements[-1]
    told = session.cursor.execute(f"EXPLAIN {sql}").fetchall()
    return Outcome.of({"plan": STRING}, [("== Physical Plan ==\n" + str(told[0][1]),)])


@_command(
    "OPTIMIZE {rest}",
    "VACUUM {rest}",
    "ANALYZE {rest}",
    "REFRESH {rest}",
    "CACHE {rest}",
    "UNCACHE {rest}",
    "CLEAR CACHE",
    "MSCK {rest}",
)
def _upkeep(_session: Session, rest: str = "") -> Outcome:
    # Upkeep of files that this engine does not have: nothing to do is done.
    del rest
    return Outcome()
