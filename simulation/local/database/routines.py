"""SQL functions of the user's own: DuckDB macros with Databricks' types around them.

See https://docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-sql-function.html.
"""

from __future__ import annotations

from sqlglot import exp

from . import errors


def create(tree: exp.Create) -> str:
    """The macro that CREATE FUNCTION defines.

    Raises:
      SqlError: it is a function in another language than SQL.
    """
    properties = tree.args["properties"].expressions if tree.args.get("properties") else []
    returned: exp.Expr | None = None
    temporary = False
    for each in properties:
        match each:
            case exp.LanguageProperty() if each.this.name.upper() != "SQL":
                raise errors.unsupported(f"functions in {each.this.name.capitalize()}")
            case exp.ReturnsProperty():
                returned = each.this
            case exp.TemporaryProperty():
                temporary = True
    if isinstance(tree.expression, exp.Heredoc):
        raise errors.unsupported("functions in other languages than SQL")
    words = ["CREATE", *(["OR REPLACE"] if tree.args.get("replace") else [])]
    words += [*(["TEMP"] if temporary else []), "MACRO"]
    words += ["IF NOT EXISTS"] if tree.args.get("exists") else []
    function = tree.this
    body = _body(
        tree, {column.name.lower(): column.args.get("kind") for column in function.expressions}
    )
    name = function.this.copy()
    if temporary:
        name.set("db", None)
        name.set("catalog", None)
    parameters = ", ".join(_parameter(column) for column in function.expressions)
    told = _told(body, returned)
    return f"{' '.join(words)} {name.sql('duckdb')}({parameters}) AS {told}"


def _body(tree: exp.Create, kinds: dict[str, exp.Expr | None]) -> exp.Expr:
    """What the function returns, with each parameter of its type."""
    body: exp.Expr = tree.expression
    body = (body.this if isinstance(body, exp.Return) else body).copy()

    def typed(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column) or node.table or node.name.lower() not in kinds:
            return node
        kind = kinds[node.name.lower()]
        return exp.cast(node.copy(), kind.copy()) if isinstance(kind, exp.DataType) else node

    tables = {each.name.lower() for each in body.find_all(exp.Column) if each.table}
    return body if tables & set(kinds) else body.transform(typed)


def _parameter(column: exp.Expr) -> str:
    name = column.this.sql("duckdb")
    default = column.find(exp.DefaultColumnConstraint)
    return f"{name} := {default.this.sql('duckdb')}" if default is not None else name


def _told(body: exp.Expr, returned: exp.Expr | None) -> str:
    written = body.sql("duckdb")
    if isinstance(returned, exp.Schema):
        names = ", ".join(column.this.sql("duckdb") for column in returned.expressions)
        columns = ", ".join(
            f"CAST({column.this.sql('duckdb')} AS {column.args['kind'].sql('duckdb')}) AS "
            f"{column.this.sql('duckdb')}"
            for column in returned.expressions
        )
        return f"TABLE SELECT {columns} FROM ({written}) AS returned({names})"
    if isinstance(body, exp.Query) and returned is None:
        return f"TABLE {written}"
    kind = returned.sql("duckdb") if isinstance(returned, exp.DataType) else ""
    return f"CAST(({written}) AS {kind})" if kind else f"({written})"


def drop(tree: exp.Drop) -> str:
    """What drops a function, of rows or of a value: DuckDB wants to know which."""
    name = tree.args["tables"][0] if tree.args.get("tables") else tree.this
    exists = "IF EXISTS " if tree.args.get("exists") else ""
    return f"DROP MACRO {exists}{name.sql('duckdb')}"
