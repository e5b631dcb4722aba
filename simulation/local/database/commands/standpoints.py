"""USE and SET; catalogs and schemas made and dropped."""

from __future__ import annotations

import duckdb

from .. import errors
from ..catalogs import DEFAULT_CATALOG, dotted, inner
from ..outcomes import Outcome
from ..standing import Standing
from ..types import STRING
from .patterns import catalog_of, command, parts, schema_of


@command("USE CATALOG {name}", "SET CATALOG {name}")
def _use_catalog(session: Standing, name: str) -> Outcome:
    session.use(catalog=parts(name)[0])
    return Outcome()


@command("USE [ SCHEMA|DATABASE|NAMESPACE ] {name}")
def _use(session: Standing, name: str) -> Outcome:
    *catalog, schema = parts(name)
    if (
        not catalog
        and session.catalogs.find(schema)
        and schema not in session.catalogs.schemas(session.catalog)
    ):
        session.use(catalog=schema)
    else:
        session.use(catalog=catalog[0] if catalog else None, schema=schema)
    return Outcome()


@command("SET", "SET -v")
def _settings(session: Standing) -> Outcome:
    return Outcome.of({"key": STRING, "value": STRING}, sorted(session.settings.items()))


@command("SET TIME ZONE {rest}")
def _set_time_zone(session: Standing, rest: str) -> Outcome:
    zone = "UTC" if rest.strip().upper() == "LOCAL" else rest.strip().strip("'\"")
    try:
        session.cursor.execute(f"SET TimeZone = '{zone.replace(chr(39), '')}'")
    except duckdb.Error:
        raise errors.SqlError(
            "INVALID_CONF_VALUE.TIME_ZONE", f"The time zone '{zone}' is not known.", "22022"
        ) from None
    return Outcome()


@command("SET {rest}")
def _set(session: Standing, rest: str) -> Outcome:
    key, _, value = (part.strip() for part in rest.partition("="))
    if value:
        session.settings[key] = value.strip("'")
    told = [(key, session.settings.get(key, "<undefined>"))]
    return Outcome.of({"key": STRING, "value": STRING}, told)


@command("CREATE CATALOG ?IF_NOT_EXISTS {name} [ {rest} ]")
def _create_catalog(
    session: Standing, name: str, if_not_exists: str = "", rest: str = ""
) -> Outcome:
    del rest
    (catalog,) = parts(name)
    if not (if_not_exists and session.catalogs.find(catalog)):
        session.catalogs.create(catalog)
    return Outcome()


@command("DROP CATALOG ?IF_EXISTS {name} ?CASCADE ?RESTRICT")
def _drop_catalog(
    session: Standing, name: str, if_exists: str = "", cascade: str = "", restrict: str = ""
) -> Outcome:
    del restrict
    (catalog,) = parts(name)
    if session.catalogs.find(catalog) or not if_exists:
        if (session.catalogs.find(catalog) or "") == session.catalog:
            session.use(catalog=DEFAULT_CATALOG)
        session.catalogs.drop(catalog, cascade=bool(cascade))
    return Outcome()


@command("CREATE SCHEMA|DATABASE ?IF_NOT_EXISTS {name} [ {rest} ]")
def _create_schema(
    session: Standing, name: str, if_not_exists: str = "", rest: str = ""
) -> Outcome:
    del rest
    *catalog, schema = parts(name)
    at = catalog_of(session, catalog[0] if catalog else None)
    exists = schema.lower() in (known.lower() for known in session.catalogs.schemas(at))
    if exists and not if_not_exists:
        raise errors.already_exists("SCHEMA", schema)
    if not exists:
        session.cursor.execute(f"CREATE SCHEMA {dotted([inner(at), schema])}")
    return Outcome()


@command("DROP SCHEMA|DATABASE ?IF_EXISTS {name} ?CASCADE ?RESTRICT")
def _drop_schema(
    session: Standing, name: str, if_exists: str = "", cascade: str = "", restrict: str = ""
) -> Outcome:
    del restrict
    try:
        catalog, schema = schema_of(session, name)
    except errors.SqlError:
        if if_exists:
            return Outcome()
        raise
    if session.catalogs.relations(catalog, schema) and not cascade:
        raise errors.schema_not_empty(schema)
    session.cursor.execute(f"DROP SCHEMA {dotted([inner(catalog), schema])} CASCADE")
    return Outcome()
