"""Unity Catalog 2.1: catalogs, schemas, tables and volumes by name.

What the engine has (its own `catalogs()`, `schemas()`, `tables()`) and what a test added stand side
by side.  Only schemas and volumes can be made over HTTP; tables come from SQL, or from a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from ..engine import Engine, SqlFailure, StatementSpec
from ..files.volumes import Volumes
from ..wire import Call, Refusal, Route, page_of
from ..world import World

PAGE = 100  # items on a page when the client leaves the size to the server
METASTORE_ID = "6f1c8a52-94d3-4b0e-8d27-c15ab90e7733"
_UC = "/api/2.1/unity-catalog"
_NAME = re.compile(r"[^\s./]+")


@frozen
class _Table:
    catalog: str
    schema: str
    name: str
    fields: Mapping[str, Any]


class Catalog:
    """The names, and `/api/2.1/unity-catalog` over them."""

    def __init__(self, world: World, engine: Engine, volumes: Volumes) -> None:
        self._world = world
        self._engine: Any = engine  # whose catalogs, schemas and tables not every engine has
        self._volumes = volumes
        self._schemas: dict[str, dict[str, str]] = {"main": {"default": ""}}  # with their comments
        self._tables: dict[str, _Table] = {}
        self._volume_comments: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<Catalog, {len(self._schemas)} catalogs and {len(self._tables)} tables of its own>"

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("GET", f"{_UC}/catalogs", self.list_catalogs),
            Route("GET", f"{_UC}/catalogs/{{name}}", self.get_catalog),
            Route("GET", f"{_UC}/schemas", self.list_schemas),
            Route("POST", f"{_UC}/schemas", self.create_schema),
            Route("GET", f"{_UC}/schemas/{{full_name}}", self.get_schema),
            Route("DELETE", f"{_UC}/schemas/{{full_name}}", self.delete_schema),
            Route("GET", f"{_UC}/tables", self.list_tables),
            Route("GET", f"{_UC}/tables/{{full_name}}", self.get_table),
            Route("GET", f"{_UC}/tables/{{full_name}}/exists", self.table_exists),
            Route("GET", f"{_UC}/table-summaries", self.list_summaries),
            Route("GET", f"{_UC}/volumes", self.list_volumes),
            Route("POST", f"{_UC}/volumes", self.create_volume),
            Route("GET", f"{_UC}/volumes/{{name}}", self.get_volume),
            Route("DELETE", f"{_UC}/volumes/{{name}}", self.delete_volume),
            Route("GET", f"{_UC}/metastore_summary", self.metastore_summary),
            Route("GET", f"{_UC}/current-metastore-assignment", self.metastore_assignment),
        ]

    def restore(self) -> None:
        """Brings back the schemas and comments that an earlier workspace in the folder kept."""
        for record in self._world.state.things("catalog"):
            self._schemas, self._volume_comments = record["schemas"], record["volume_comments"]

    def _keep(self) -> None:
        self._world.keep("catalog", "", self._record)

    def _record(self) -> dict[str, Any]:
        return {"schemas": self._schemas, "volume_comments": self._volume_comments}

    # What there is, for tests.

    def add_schema(self, catalog: str, schema: str = "default", comment: str = "") -> None:
        """Adds a schema, and its catalog when that is new."""
        self._schemas.setdefault(catalog, {})[schema] = comment
        self._keep()

    def add_table(
        self, full_name: str, columns: Sequence[Mapping[str, Any]] = (), **fields: Any
    ) -> None:
        """Adds a table as a listing shows it; its schema is added with it.

        Args:
          full_name: `catalog.schema.table`.
          columns: the wire's ColumnInfo objects, at least `name` and `type_text` each.
          fields: more fields of the wire's TableInfo, such as `table_type`.
        """
        catalog, schema, name = full_name.split(".")
        self._schemas.setdefault(catalog, {}).setdefault(schema, "")
        positioned = [{"position": n, **column} for n, column in enumerate(columns)]
        self._tables[full_name] = _Table(
            catalog, schema, name, {"table_type": "MANAGED", "columns": positioned, **fields}
        )

    # What there is, the engine's included.

    async def _catalogs(self) -> list[str]:
        found = dict.fromkeys(self._schemas)
        if hasattr(self._engine, "catalogs"):
            found |= dict.fromkeys(await self._engine.catalogs())
        found |= dict.fromkeys(catalog for catalog, _, _ in self._volumes.names())
        return sorted(found)

    async def _schemas_of(self, catalog: str) -> dict[str, str]:
        if catalog not in await self._catalogs():
            raise _missing("Catalog", catalog)
        found = dict(self._schemas.get(catalog, {}))
        if hasattr(self._engine, "schemas"):
            theirs: Iterable[tuple[str, str]] = await self._engine.schemas()
            for their_catalog, schema in theirs:
                if their_catalog == catalog:
                    found.setdefault(schema, "")
        for volume_catalog, schema, _ in self._volumes.names():
            if volume_catalog == catalog:
                found.setdefault(schema, "")
        return dict(sorted(found.items()))

    async def _tables_of(self, catalog: str, schema: str) -> list[_Table]:
        if schema not in await self._schemas_of(catalog):
            raise _missing("Schema", f"{catalog}.{schema}")
        found = {
            table.name: table
            for table in [*await self._their_tables(), *self._tables.values()]
            if (table.catalog, table.schema) == (catalog, schema)
        }
        return [found[name] for name in sorted(found)]

    async def _their_tables(self) -> list[_Table]:
        if not hasattr(self._engine, "tables"):
            return []
        theirs: Iterable[Mapping[str, Any]] = await self._engine.tables()
        return [_Table(t["catalog_name"], t["schema_name"], t["name"], t) for t in theirs]

    # The endpoints.

    async def list_catalogs(self, call: Call) -> dict[str, Any]:
        """`GET catalogs`."""
        return _page("catalogs", [self._catalog(name) for name in await self._catalogs()], call)

    async def get_catalog(self, call: Call) -> dict[str, Any]:
        """`GET catalogs/{name}`."""
        name = call.text("name")
        if name not in await self._catalogs():
            raise _missing("Catalog", name)
        return self._catalog(name)

    async def list_schemas(self, call: Call) -> dict[str, Any]:
        """`GET schemas` of one catalog."""
        catalog = call.text("catalog_name")
        schemas = await self._schemas_of(catalog)
        told = [self._schema(catalog, name, comment) for name, comment in schemas.items()]
        return _page("schemas", told, call)

    async def get_schema(self, call: Call) -> dict[str, Any]:
        """`GET schemas/{full_name}`."""
        catalog, schema = _split(call.text("full_name"), 2)
        schemas = await self._schemas_of(catalog)
        if schema not in schemas:
            raise _missing("Schema", f"{catalog}.{schema}")
        return self._schema(catalog, schema, schemas[schema])

    async def create_schema(self, call: Call) -> dict[str, Any]:
        """`POST schemas`."""
        catalog, schema = call.text("catalog_name"), _new_name(call)
        if schema in await self._schemas_of(catalog):
            raise _present("Schema", f"{catalog}.{schema}")
        if hasattr(self._engine, "schemas"):
            await self._run(f"CREATE SCHEMA `{catalog}`.`{schema}`")
        self.add_schema(catalog, schema, call.text("comment", ""))
        return self._schema(catalog, schema, call.text("comment", ""))

    async def delete_schema(self, call: Call) -> dict[str, Any]:
        """`DELETE schemas/{full_name}`: an empty one, or any with `force`."""
        catalog, schema = _split(call.text("full_name"), 2)
        tables = await self._tables_of(catalog, schema)
        volumes = [v for v in self._volumes.names() if v[:2] == (catalog, schema)]
        if (tables or volumes) and not call.flag("force"):
            raise Refusal.invalid(
                f"Schema '{catalog}.{schema}' is not empty. The schema has {len(tables)} table(s)"
                f" and {len(volumes)} volume(s)."
            )
        if hasattr(self._engine, "schemas"):
            await self._run(f"DROP SCHEMA IF EXISTS `{catalog}`.`{schema}` CASCADE")
        for table in tables:
            self._tables.pop(f"{catalog}.{schema}.{table.name}", None)
        self._volumes.files.delete(f"/{catalog}/{schema}")
        self._schemas.get(catalog, {}).pop(schema, None)
        self._keep()
        return {}

    async def _run(self, statement: str) -> None:
        try:
            await self._engine.run_statement(StatementSpec(statement))
        except SqlFailure as failure:
            raise Refusal.invalid(failure.message) from None

    async def list_tables(self, call: Call) -> dict[str, Any]:
        """`GET tables` of one schema."""
        catalog, schema = call.text("catalog_name"), call.text("schema_name")
        tables = await self._tables_of(catalog, schema)
        omitted = {"columns"} if call.flag("omit_columns") else set()
        if call.flag("omit_properties"):
            omitted.add("properties")
        told = [self._table(table, omitted) for table in tables]
        return _page("tables", told, call)

    async def get_table(self, call: Call) -> dict[str, Any]:
        """`GET tables/{full_name}`."""
        return self._table(await self._find_table(call.text("full_name")))

    async def table_exists(self, call: Call) -> dict[str, Any]:
        """`GET tables/{full_name}/exists`."""
        try:
            await self._find_table(call.text("full_name"))
        except Refusal:
            return {"table_exists": False}
        return {"table_exists": True}

    async def _find_table(self, full_name: str) -> _Table:
        catalog, schema, name = _split(full_name, 3)
        for table in await self._tables_of(catalog, schema):
            if table.name == name:
                return table
        raise _missing("Table", full_name)

    async def list_summaries(self, call: Call) -> dict[str, Any]:
        """`GET table-summaries`: names and types, by LIKE patterns."""
        catalog = call.text("catalog_name")
        like_schema = _like(call.text("schema_name_pattern", "%"))
        like_table = _like(call.text("table_name_pattern", "%"))
        summaries = [
            {
                "full_name": f"{catalog}.{schema}.{table.name}",
                "table_type": table.fields.get("table_type", "MANAGED"),
            }
            for schema in await self._schemas_of(catalog)
            if like_schema.fullmatch(schema)
            for table in await self._tables_of(catalog, schema)
            if like_table.fullmatch(table.name)
        ]
        return _page("tables", summaries, call)

    async def list_volumes(self, call: Call) -> dict[str, Any]:
        """`GET volumes` of one schema."""
        catalog, schema = call.text("catalog_name"), call.text("schema_name")
        if schema not in await self._schemas_of(catalog):
            raise _missing("Schema", f"{catalog}.{schema}")
        names = [v for v in self._volumes.names() if v[:2] == (catalog, schema)]
        return _page("volumes", [self._volume(*name) for name in names], call)

    async def get_volume(self, call: Call) -> dict[str, Any]:
        """`GET volumes/{name}`."""
        return self._volume(*self._find_volume(call.text("name")))

    async def create_volume(self, call: Call) -> dict[str, Any]:
        """`POST volumes`: a managed one; external ones need storage that is not here."""
        catalog, schema = call.text("catalog_name"), call.text("schema_name")
        name = _new_name(call)
        if schema not in await self._schemas_of(catalog):
            raise _missing("Schema", f"{catalog}.{schema}")
        if call.text("volume_type", "MANAGED") != "MANAGED":
            raise Refusal.invalid("Only MANAGED volumes are supported by this workspace.")
        if (catalog, schema, name) in self._volumes.names():
            raise _present("Volume", f"{catalog}.{schema}.{name}")
        self._volumes.add(catalog, schema, name)
        self._volume_comments[f"{catalog}.{schema}.{name}"] = call.text("comment", "")
        self._keep()
        return self._volume(catalog, schema, name)

    async def delete_volume(self, call: Call) -> dict[str, Any]:
        """`DELETE volumes/{name}`, with every file in it."""
        self._volumes.remove(*self._find_volume(call.text("name")))
        return {}

    def _find_volume(self, full_name: str) -> tuple[str, str, str]:
        catalog, schema, name = _split(full_name, 3)
        if (catalog, schema, name) not in self._volumes.names():
            raise Refusal.missing(f"Volume '{full_name}' does not exist.")
        return catalog, schema, name

    async def metastore_summary(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """`GET metastore_summary`."""
        return {"metastore_id": METASTORE_ID, "name": "simulated", "cloud": "aws"}

    async def metastore_assignment(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """`GET current-metastore-assignment`."""
        return {
            "metastore_id": METASTORE_ID,
            "workspace_id": int(self._world.workspace_id),
            "default_catalog_name": "main",
        }

    # How things read.

    def _common(self) -> dict[str, Any]:
        return {"owner": self._world.user_name, "metastore_id": METASTORE_ID}

    def _catalog(self, name: str) -> dict[str, Any]:
        return {
            **self._common(),
            "name": name,
            "full_name": name,
            "catalog_type": "MANAGED_CATALOG",
            "isolation_mode": "OPEN",
        }

    def _schema(self, catalog: str, name: str, comment: str) -> dict[str, Any]:
        told = {
            **self._common(),
            "name": name,
            "catalog_name": catalog,
            "full_name": f"{catalog}.{name}",
            "catalog_type": "MANAGED_CATALOG",
        }
        return told | {"comment": comment} if comment else told

    def _table(self, table: _Table, omitted: Iterable[str] = ()) -> dict[str, Any]:
        told = {
            **self._common(),
            "data_source_format": "DELTA",
            **table.fields,
            "name": table.name,
            "catalog_name": table.catalog,
            "schema_name": table.schema,
            "full_name": f"{table.catalog}.{table.schema}.{table.name}",
        }
        for name in omitted:
            told.pop(name, None)
        return told

    def _volume(self, catalog: str, schema: str, name: str) -> dict[str, Any]:
        full_name = f"{catalog}.{schema}.{name}"
        return {
            **self._common(),
            "name": name,
            "catalog_name": catalog,
            "schema_name": schema,
            "full_name": full_name,
            "volume_type": "MANAGED",
            "storage_location": f"s3://simulated/{METASTORE_ID}/volumes/{full_name}",
            "comment": self._volume_comments.get(full_name, ""),
        }


def _page(name: str, items: Sequence[Mapping[str, Any]], call: Call) -> dict[str, Any]:
    """One page of `items`: all of them without `max_results`, the server's choice at 0."""
    size = call.integer("max_results", -1) if call.argument("max_results") is not None else None
    if size is not None and size < 0:
        raise Refusal.invalid("max_results must not be negative.")
    if size is None:
        return {name: items} if items else {}
    page, tokens = page_of(items, call.text("page_token", ""), min(size or PAGE, PAGE))
    tokens.pop("prev_page_token", None)
    return {name: page, **tokens} if page else {**tokens}


def _split(full_name: str, parts: int) -> list[str]:
    names = full_name.split(".")
    if len(names) != parts:
        raise Refusal.invalid(f"'{full_name}' is not a valid name of {parts} parts.")
    return names


def _new_name(call: Call) -> str:
    name = call.text("name")
    if not _NAME.fullmatch(name) or "`" in name:
        raise Refusal.invalid(f"'{name}' is not a valid name.")
    return name


def _missing(kind: str, name: str) -> Refusal:
    return Refusal(404, f"{kind.upper()}_DOES_NOT_EXIST", f"{kind} '{name}' does not exist.")


def _present(kind: str, name: str) -> Refusal:
    return Refusal(400, f"{kind.upper()}_ALREADY_EXISTS", f"{kind} '{name}' already exists.")


def _like(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace("%", ".*").replace("_", "."))
