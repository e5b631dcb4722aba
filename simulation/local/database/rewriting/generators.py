"""Functions that make rows: `explode` and its kind, among a query's columns or as LATERAL VIEW.

Each becomes a lateral join of a subquery with one column for each that the function gives.
See https://docs.databricks.com/sql/language-manual/sql-ref-syntax-qry-select-lateral-view.html.
"""

from __future__ import annotations

from attrs import frozen
from sqlglot import exp

from .. import errors
from .fragments import duck, quote
from .kinds import Kinds

GENERATORS = frozenset(
    {
        "explode",
        "explode_outer",
        "posexplode",
        "posexplode_outer",
        "inline",
        "inline_outer",
        "stack",
    }
    | {"json_tuple", "variant_explode", "variant_explode_outer"}
)


@frozen
class Rows:
    """What a generator gives: names for its columns, and DuckDB SQL for each of them."""

    names: tuple[str, ...]
    columns: tuple[str, ...]
    outer: bool = False

    def subquery(self, names: tuple[str, ...] = ()) -> exp.Expr:
        """The rows as a query, under other names if given."""
        given = (*names, *self.names[len(names) :])
        listed = ", ".join(
            f"{column} AS {exp.to_identifier(name, quoted=True).sql('duckdb')}"
            for name, column in zip(given, self.columns, strict=True)
        )
        return duck(f"SELECT {listed}")


def is_generator(node: exp.Expr) -> bool:
    """Whether `node` is a call that makes rows."""
    return isinstance(node, exp.Anonymous) and node.name.lower() in GENERATORS


def rows(node: exp.Anonymous, kinds: Kinds) -> Rows:
    """The rows of the generator `node`, which stands in its query.

    Raises:
      SqlError: of something that has no rows in it.
    """
    name = node.name.lower()
    outer = name.endswith("_outer")
    for each in node.expressions:  # `collection => array(1)`
        if isinstance(each, (exp.Kwarg, exp.PropertyEQ)):
            each.replace(each.expression)
    arguments = node.expressions
    match name.removesuffix("_outer"):
        case "stack":
            return _stack(node)
        case "json_tuple":
            text = arguments[0].sql("duckdb")
            keys = [each.sql("duckdb") for each in arguments[1:]]
            columns = tuple(f"spark_field({text}, {key})" for key in keys)
            return Rows(tuple(f"c{place}" for place in range(len(keys))), columns)
        case "explode" | "posexplode" as kind:
            positions = kind == "posexplode"
            return _explode(arguments[0], kinds, positions=positions, outer=outer)
        case "inline":
            return _inline(arguments[0], kinds, outer=outer)
    raise errors.unsupported(f"the function `{name}`")


def _stack(node: exp.Anonymous) -> Rows:
    count = int(node.expressions[0].name)
    values = [each.sql("duckdb") for each in node.expressions[1:]]
    width = -(-len(values) // count)
    values += ["NULL"] * (count * width - len(values))
    columns = tuple(f"unnest([{', '.join(values[place::width])}])" for place in range(width))
    return Rows(tuple(f"col{place}" for place in range(width)), columns)


def _explode(value: exp.Expr, kinds: Kinds, *, positions: bool, outer: bool) -> Rows:
    text = value.sql("duckdb")
    kind = kinds.of(value)
    if kind is not None and kind.name == "MAP":
        names: tuple[str, ...] = ("key", "value")
        columns: tuple[str, ...] = (f"unnest(map_keys({text}))", f"unnest(map_values({text}))")
        length = f"len(map_keys({text}))"
    else:
        names, columns, length = ("col",), (f"unnest({text})",), f"len({text})"
    if positions:
        names = ("pos", *names)
        columns = (f"unnest(CAST(range({length}) AS INT[]))", *columns)
    return Rows(names, columns, outer)


def _inline(value: exp.Expr, kinds: Kinds, *, outer: bool) -> Rows:
    kind = kinds.of(value)
    if kind is None or not kind.parts or kind.parts[0].name != "STRUCT":
        raise errors.unsupported("`inline` of what is not an array of structs")
    text = value.sql("duckdb")
    names = kind.parts[0].names
    columns = tuple(
        f"unnest(list_transform({text}, lambda r: struct_extract(r, {quote(name)})))"
        for name in names
    )
    return Rows(names, columns, outer)


def in_projections(select: exp.Select, kinds: Kinds) -> None:
    """Moves the generators among a query's columns behind its tables."""
    projections: list[exp.Expr] = []
    changed = False
    for projection in select.expressions:
        inner = projection.this if isinstance(projection, (exp.Alias, exp.Aliases)) else projection
        if not is_generator(inner):
            projections.append(projection)
            continue
        changed = True
        found = rows(inner, kinds)
        names = _names_of(projection)
        table = f"made_{len(projections)}"
        _join(select, found, table)
        given = (*names, *found.names[len(names) :])
        projections += [
            exp.alias_(exp.column(f"c{place}", table=table), name, quoted=True)
            for place, name in enumerate(given)
        ]
    if changed:
        select.set("expressions", projections)


def _names_of(projection: exp.Expr) -> tuple[str, ...]:
    if isinstance(projection, exp.Alias):
        return (projection.alias,)
    if isinstance(projection, exp.Aliases):
        return tuple(each.name for each in projection.expressions)
    return ()


def _join(select: exp.Select, found: Rows, table: str) -> None:
    inside = found.subquery(tuple(f"c{place}" for place in range(len(found.columns))))
    _attach(select, inside, exp.TableAlias(this=exp.to_identifier(table)), outer=found.outer)


def _attach(select: exp.Select, inside: exp.Expr, alias: exp.TableAlias, *, outer: bool) -> None:
    lateral = exp.Lateral(this=exp.Subquery(this=inside), alias=alias)
    if not select.args.get("from_"):
        select.set("from_", exp.From(this=exp.select("1").subquery("nothing")))
    join = (
        exp.Join(this=lateral, side="LEFT", on=exp.true())
        if outer
        else exp.Join(this=lateral, kind="CROSS")
    )
    select.append("joins", join)


def in_views(select: exp.Select, kinds: Kinds) -> None:
    """LATERAL VIEW as a join; a view of columns without names has the generator's."""
    laterals = select.args.get("laterals") or []
    if not laterals:
        return
    select.set("laterals", None)
    for place, lateral in enumerate(laterals):
        call = lateral.this
        select.append("joins", exp.Join(this=lateral, kind="CROSS"))  # where its arguments bind
        if not is_generator(call):
            raise errors.unsupported(f"LATERAL VIEW of `{call.sql('databricks')}`")
        found = rows(call, kinds)
        select.args["joins"].pop()
        alias = lateral.args.get("alias")
        names = tuple(each.name for each in alias.columns) if alias else ()
        name = alias.this.copy() if alias and alias.this else exp.to_identifier(f"view_{place}")
        outer = bool(lateral.args.get("outer")) or found.outer
        _attach(select, found.subquery(names), exp.TableAlias(this=name), outer=outer)


def in_tables(node: exp.Expr, kinds: Kinds) -> exp.Expr:
    """A generator in FROM, by itself or after LATERAL."""
    call = node.this
    if not is_generator(call):
        return node
    found = rows(call, kinds)
    alias = node.args.get("alias")
    names = tuple(each.name for each in alias.columns) if alias else ()
    name = alias.this.copy() if alias and alias.this else exp.to_identifier("made")
    subquery = exp.Subquery(this=found.subquery(names))
    table = exp.TableAlias(this=name)
    if isinstance(node, exp.Lateral):
        return exp.Lateral(this=subquery, alias=table)
    subquery.set("alias", table)
    return subquery
