"""Calls about arrays and maps: lambdas, and what depends on which of the two it is.

DuckDB counts a lambda's elements from 1, and has lambdas of one list alone; a map is a list of its
entries here.
See https://docs.databricks.com/sql/language-manual/sql-ref-lambda-functions.html.
"""

from __future__ import annotations

from sqlglot import exp

from . import arguments
from .coercion import spark
from .fragments import duck
from .kinds import Kinds
from .registry import called, renamed
from .sharing import once


def _from_zero(node: exp.Expr) -> exp.Expr:
    """A lambda that counts: Databricks from 0, DuckDB from 1."""
    if isinstance(node, exp.Lambda) and len(node.expressions) > 1:
        place = node.expressions[1].name
        body = node.this.transform(
            lambda each: (
                duck(f"CAST({place} - 1 AS INT)")
                if isinstance(each, (exp.Identifier, exp.Column))
                and each.name == place
                and not isinstance(each.parent, exp.Column)
                else each
            )
        )
        node.set("this", body)
    return node


def _bound(node: exp.Expr, **values: str) -> exp.Expr:
    """A lambda's body, with DuckDB expressions for its parameters."""
    assert isinstance(node, exp.Lambda)
    names = [each.name.lower() for each in node.expressions]
    given = dict(zip(names, values.values(), strict=False))

    def replaced(each: exp.Expr) -> exp.Expr:
        if isinstance(each, exp.Column) and not each.table and each.name.lower() in given:
            return duck(given[each.name.lower()])
        if (
            isinstance(each, exp.Identifier)
            and not isinstance(each.parent, (exp.Column, exp.Dot, exp.Alias, exp.PropertyEQ))
            and each.name.lower() in given
        ):
            return duck(given[each.name.lower()])
        if isinstance(each, exp.Column) and each.table.lower() in given:
            outer = duck(given[each.table.lower()])
            return exp.Anonymous(
                this="struct_extract", expressions=[outer, exp.Literal.string(each.name)]
            )
        return each

    body: exp.Expr = node.this.copy()
    return body.transform(replaced)


def _listed(source: str, body: exp.Expr, name: str) -> exp.Anonymous:
    inside = exp.Lambda(this=body, expressions=[exp.to_identifier(name)])
    listed = duck(source)
    return exp.Anonymous(this="list_transform", expressions=[listed, inside])


@called("transform", "filter")
def _counted(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    node.set("expressions", [_from_zero(each) for each in node.expressions])
    return renamed(f"list_{node.name.lower()}", node)


@called("aggregate", "reduce")
def _aggregate(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    listed, start, merge, *finish = node.expressions
    kind = kinds.of(start)
    begun = start.copy()
    if kind is not None and kind.name in {"INT", "LONG"} and isinstance(start, exp.Literal):
        begun = exp.cast(begun, "INT" if kind.name == "INT" else "BIGINT")
    folded = exp.Anonymous(this="list_reduce", expressions=[listed.copy(), merge.copy(), begun])
    if not finish:
        return folded
    return _bound(finish[0], acc=folded.sql("duckdb"))


@called("zip_with")
def _zip_with(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    one, two, merge = node.expressions
    zipped = f"list_zip({one.sql('duckdb')}, {two.sql('duckdb')})"
    return _listed(zipped, _bound(merge, x="pair[1]", y="pair[2]"), "pair")


@called("map_filter")
def _map_filter(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    entries, test = node.expressions
    inside = exp.Lambda(
        this=_bound(test, k="e.key", v="e.value"), expressions=[exp.to_identifier("e")]
    )
    return spark("map_filter", entries, inside)


@called("transform_values", "transform_keys")
def _map_rows(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    entries, change = node.expressions
    changed = _bound(change, k="e.key", v="e.value")
    kept = duck("e.key" if node.name.lower() == "transform_values" else "e.value")
    pair = [kept, changed] if node.name.lower() == "transform_values" else [changed, kept]
    body = exp.Anonymous(this="row", expressions=pair)
    return spark("map_rows", entries, exp.Lambda(this=body, expressions=[exp.to_identifier("e")]))


@called("map_zip_with")
def _map_zip_with(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    first, second, change = node.expressions
    return duck(
        once(
            first.sql("duckdb"),
            lambda one: once(
                second.sql("duckdb"), lambda two: _zipped_maps(one, two, change).sql("duckdb")
            ),
        )
    )


def _zipped_maps(one: str, two: str, change: exp.Expr) -> exp.Expr:
    body = _bound(change, k="k", v=f"({one})[k]", w=f"({two})[k]")
    keys = f"spark_array_union(map_keys({one}), map_keys({two}))"
    pair = exp.Anonymous(this="row", expressions=[exp.column("k"), body])
    return exp.Anonymous(this="map_from_entries", expressions=[_listed(keys, pair, "k")])


@called("array_sort")
def _array_sort(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    if len(node.expressions) == 1:
        return spark("array_sort", node.expressions[0])
    listed, order = node.expressions[0].sql("duckdb"), node.expressions[1]
    # The rank of an element is the number of those before it; DuckDB sorts by that.
    compared = _bound(order, left="other", right="e.item").sql("duckdb")
    before = f"{compared} < 0 OR ({compared} = 0 AND j < e.place)"
    placed = f"list_transform({listed}, lambda x, i: {{'item': x, 'place': i}})"
    rank = f"len(list_filter({listed}, lambda other, j: {before}))"
    ranked = f"list_transform({placed}, lambda e: {{'rank': {rank}, 'item': e.item}})"
    return duck(f"list_transform(list_sort({ranked}), lambda e: e.item)")


@called("size", "cardinality")
def _size(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    sized = "map_size" if kinds.name(node.expressions[0]) == "MAP" else "list_size"
    return spark(sized, node.expressions[0])


@called("element_at")
def _element_at(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    holder, key = node.expressions
    if kinds.name(holder) == "MAP":
        return exp.Bracket(this=holder.copy(), expressions=[key.copy()], offset=1, safe=True)
    return spark("item_at", holder, key)


@called("reverse")
def _reverse(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    if kinds.name(node.expressions[0]) == "ARRAY":
        return renamed("list_reverse", node)
    return arguments.called(node, kinds)


@called("arrays_zip")
def _arrays_zip(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    names = [
        each.name if isinstance(each, exp.Column) else str(place)
        for place, each in enumerate(node.expressions)
    ]
    fields = ", ".join(
        f"{exp.to_identifier(name, quoted=True).sql('duckdb')} := z[{place}]"
        for place, name in enumerate(names, 1)
    )
    zipped = renamed("list_zip", node).sql("duckdb")
    return _listed(zipped, duck(f"struct_pack({fields})"), "z")


@called("sequence")
def _sequence(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    start, stop, *step = node.expressions
    kind = kinds.name(start)
    if kind in {"DATE", "TIMESTAMP", "TIMESTAMP_NTZ"}:
        stride = step[0].sql("duckdb") if step else "INTERVAL 1 DAY"
        listed = f"generate_series({start.sql('duckdb')}, {stop.sql('duckdb')}, {stride})"
        to = {"DATE": "DATE", "TIMESTAMP": "TIMESTAMPTZ"}.get(kind, "TIMESTAMP")
    else:
        one, two = start.sql("duckdb"), stop.sql("duckdb")
        stride = step[0].sql("duckdb") if step else f"CASE WHEN {one} <= {two} THEN 1 ELSE -1 END"
        listed = f"generate_series({one}, {two}, {stride})"
        to = "BIGINT" if "LONG" in {kind, kinds.name(stop)} else "INT"
    return duck(f"CAST({listed} AS {to}[])")
