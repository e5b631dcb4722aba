"""What a statement adds to a failure: whole names, and what a name belongs to."""

from __future__ import annotations

import re

from sqlglot import exp

from ..errors import SqlError, already_exists, quoted, table_not_found


def retold(
    said: SqlError,
    statement: exp.Expr | None,
    owner: exp.Expr | None,
    place: str,
    at: tuple[str, str],
) -> SqlError:
    """`said`, with what the statement knows: whole names, and what a name belongs to."""
    whole = _whole_name(statement, at)
    match said.error_class:
        case "TABLE_OR_VIEW_NOT_FOUND":
            if isinstance(statement, exp.Drop) and whole:
                return table_not_found(whole, place)
            if isinstance(owner, exp.Table):
                return table_not_found(".".join(part.name for part in owner.parts), place)
        case "TABLE_OR_VIEW_ALREADY_EXISTS" if isinstance(statement, exp.Create) and whole:
            if statement.find(exp.TemporaryProperty):
                name = whole.rpartition(".")[2]
                return SqlError(
                    "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
                    f"Cannot create the temporary view {quoted(name)} because it already exists.\n"
                    "Choose a different name, drop or replace the existing view.",
                    "42P07",
                )
            return already_exists("TABLE_OR_VIEW", whole)
        case "AMBIGUOUS_REFERENCE" if statement is not None:
            return _ambiguous(said, statement, place)
        case "WRONG_NUM_ARGS.WITHOUT_SUGGESTION" if statement is not None:
            return _arity(said, statement, place, at)
        case kind if kind.startswith("INSERT_COLUMN_ARITY_MISMATCH") and whole:
            sentence = re.sub(
                r"^Cannot write to \S+,", f"Cannot write to {quoted(whole)},", said.sentence
            )
            return SqlError(said.error_class, sentence, said.sql_state)
        case "ROUTINE_ALREADY_EXISTS" if isinstance(statement, exp.Create):
            name = quoted(whole.partition(".")[2])
            sentence = re.sub(r"routine `[^`]*` because", f"routine {name} because", said.sentence)
            return SqlError(said.error_class, sentence, said.sql_state)
        case "UNRESOLVED_ROUTINE" if isinstance(statement, exp.Drop):
            return SqlError(
                "ROUTINE_NOT_FOUND",
                f"The routine {quoted(whole.partition('.')[2])} cannot be found. Verify the "
                "spelling "
                "and correctness of the schema and catalog.\nIf you did not qualify the name with "
                "a "
                "schema and catalog, verify the current_schema() output, or qualify the name with "
                "the "
                "correct schema and catalog.\nTo tolerate the error on drop use DROP FUNCTION IF "
                "EXISTS.",
                "42883",
            )
        case "UNRESOLVED_ROUTINE" if at[0]:
            here = f"`system`.`session`, {quoted('.'.join(at))}]"
            sentence = said.sentence.replace("`system`.`session`]", here)
            return SqlError(said.error_class, sentence, said.sql_state, place)
        case "MISSING_AGGREGATION" if isinstance(statement, exp.Select) and not statement.args.get(
            "group"
        ):
            return SqlError(
                "MISSING_GROUP_BY",
                "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the "
                "window functions using OVER clauses.",
                "42803",
                place,
            )
    return said


def _ambiguous(said: SqlError, statement: exp.Expr, place: str) -> SqlError:
    """A table that is there twice: the column that was asked of it."""
    name = said.sentence.split("`")[1]
    for column in statement.find_all(exp.Column):
        if column.table.lower() == name.lower():
            whole = quoted(f"{column.table}.{column.name}")
            sentence = f"Reference {whole} is ambiguous, could be: [{whole}, {whole}]."
            return SqlError(said.error_class, sentence, said.sql_state, place)
    return said


def _arity(said: SqlError, statement: exp.Expr, place: str, at: tuple[str, str]) -> SqlError:
    """How many arguments a function of the user's own was given."""
    name = said.sentence.split("`")[1]
    for call in statement.find_all(exp.Anonymous):
        if call.name.lower() == name.lower():
            sentence = said.sentence.replace(f"`{name}`", quoted(".".join([*at, name])))
            return SqlError(
                said.error_class,
                sentence.replace("is another", f"is {len(call.expressions)}"),
                said.sql_state,
                place,
            )
    return said


def _whole_name(statement: exp.Expr | None, at: tuple[str, str]) -> str:
    """Catalog, schema and name of what a statement makes, drops or fills."""
    if not isinstance(statement, (exp.Create, exp.Drop, exp.Insert)):
        return ""
    target = statement.this or next(iter(statement.args.get("tables") or ()), None)
    while target is not None and not isinstance(target, exp.Table):
        target = target.this
    if target is None:
        return ""
    return ".".join([target.catalog or at[0], target.db or at[1], target.name])
