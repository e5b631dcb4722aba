"""Names that lead nowhere, to two things, or to something that is there already."""

from __future__ import annotations

import re

from ..errors import (
    SqlError,
    already_exists,
    catalog_not_found,
    column_not_found,
    file_not_found,
    quoted,
    routine_not_found,
    schema_not_found,
    table_not_found,
)
from .rules import rule


@rule(r"^(?:Table|View) with name \"?(?P<name>[^ ]+?)\"? does not exist")
def _(found: re.Match[str], place: str) -> SqlError:
    return table_not_found(found["name"], place)


@rule(r"Referenced table \"(?P<name>[^\"]+)\" not found")
def _(found: re.Match[str], place: str) -> SqlError:
    return column_not_found(found["name"], [], place)


@rule(
    r"^(?:Referenced (?:update )?column|Values list|Table|Column) \"(?P<owner>[^\"]*)\" "
    r"(?:(?:was )?not found (?:in|because)|does not have a column (?:named|with name) "
    r"\"(?P<name>[^\"]+)\"|referenced that exists in the SELECT clause)"
    r".*?(?:(?:Candidate bindings:|Did you mean:?) (?P<near>[^\n]+))?$"
)
def _(found: re.Match[str], place: str) -> SqlError:
    near = re.findall(r"\"([^\"]+)\"", found["near"] or "")
    names = [each.rpartition(".")[2] for each in near]
    return column_not_found(found["name"] or found["owner"], names, place)


@rule(
    r"Function with name \"?(?P<name>[\w.]+)\"? does not exist"
    r"|function \"?(?P<also>[\w.]+)\"? does not exist"
)
def _(found: re.Match[str], place: str) -> SqlError:
    return routine_not_found(found["name"] or found["also"], place=place)


@rule(
    r"^(?:Table|View|Type) with name \"?(?P<name>[^ ]+?)\"? already exists"
    r"|^Table \"(?P<also>[^\"]+)\" already"
)
def _(found: re.Match[str], _place: str) -> SqlError:
    return already_exists("TABLE_OR_VIEW", found["name"] or found["also"])


@rule(r"^Schema with name \"?(?P<name>[^ ]+?)\"? already exists")
def _(found: re.Match[str], _place: str) -> SqlError:
    return already_exists("SCHEMA", found["name"])


@rule(r"^(?:Schema with name|schema) \"?(?P<name>[^ ]+?)\"? (?:does not exist|not found)")
def _(found: re.Match[str], _place: str) -> SqlError:
    return schema_not_found(found["name"])


@rule(r"^Catalog \"(?P<name>[^\"]+)\" does not exist")
def _(found: re.Match[str], _place: str) -> SqlError:
    return catalog_not_found(found["name"])


@rule(r"Could not find key \"(?P<field>[^\"]+)\" in struct\s+Candidate Entries: (?P<near>[^\n]+)")
def _(found: re.Match[str], place: str) -> SqlError:
    near = ", ".join(f"`{name}`" for name in re.findall(r"\"([^\"]+)\"", found["near"]))
    return SqlError(
        "FIELD_NOT_FOUND", f"No such struct field `{found['field']}` in {near}.", "42704", place
    )


@rule(r"Cannot extract field '(?P<field>[^']+)' from expression \"(?P<of>[^\"]+)\"")
def _(found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "INVALID_EXTRACT_BASE_FIELD_TYPE",
        f'Can\'t extract a value from "{found["of"]}". Need a complex type [STRUCT, ARRAY, MAP].',
        "42000",
        place,
    )


@rule(r"^Column with name \"?(?P<column>[^ \"]+)\"? already exists")
def _(found: re.Match[str], _place: str) -> SqlError:
    return SqlError(
        "COLUMN_ALREADY_EXISTS",
        f"The column {quoted(found['column'])} already exists. Choose another name or rename the "
        "existing column.",
        "42711",
    )


@rule(r"column \"(?P<name>[^\"]+)\" must appear in the GROUP BY clause")
def _(found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "MISSING_AGGREGATION",
        f'The non-aggregating expression "{found["name"]}" is based on columns which are not '
        "participating in the GROUP BY clause.\nAdd the columns or the expression to the GROUP BY, "
        f'aggregate the expression, or use "any_value({found["name"]})" if you do not care which '
        "of the values within a group is returned.",
        "42803",
        place,
    )


@rule(r"^Ambiguous reference to table \"(?P<name>[^\"]+)\"")
def _(found: re.Match[str], place: str) -> SqlError:
    name = quoted(found["name"])
    sentence = f"Reference {name} is ambiguous, could be: [{name}, {name}]."
    return SqlError("AMBIGUOUS_REFERENCE", sentence, "42704", place)


@rule(r"[Aa]mbiguous reference to column name \"(?P<name>[^\"]+)\"(?P<rest>.*)")
def _(found: re.Match[str], place: str) -> SqlError:
    found_hints = re.findall(r"[\"']([^\"' ]+\.[^\"' ]+)[\"']", found["rest"])
    hints = ", ".join(quoted(hint) for hint in found_hints)
    return SqlError(
        "AMBIGUOUS_REFERENCE",
        f"Reference {quoted(found['name'])} is ambiguous, could be: [{hints}].",
        "42704",
        place,
    )


@rule(
    r"^(?:Macro Function|Table Macro Function|Table Macro) with name \"(?P<name>[^\"]+)\" already "
    r"exists"
)
def _(found: re.Match[str], _place: str) -> SqlError:
    return SqlError(
        "ROUTINE_ALREADY_EXISTS",
        f"Cannot create the routine {quoted(found['name'])} because a routine of that name already "
        "exists.\nChoose a different name, drop or replace the existing routine, or add the IF NOT "
        "EXISTS clause to tolerate a pre-existing routine.",
        "42723",
    )


@rule(
    r"^Macro \"?(?P<name>\w+)\(\) does not support the supplied arguments.*Candidate "
    r"macros:\s+\w+\((?P<takes>[^)]*)\)"
)
def _(found: re.Match[str], place: str) -> SqlError:
    takes = [each for each in found["takes"].split(",") if each.strip()]
    return SqlError(
        "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
        f"The {quoted(found['name'].removeprefix('spark_'))} requires {len(takes)} parameters but "
        "the "
        "actual number is another.",
        "42605",
        place,
    )


@rule(
    r"table \"?(?P<name>[^ \"]+)\"? has (?P<has>\d+) columns but (?P<got>\d+) values were supplied"
)
def _(found: re.Match[str], _place: str) -> SqlError:
    few = int(found["got"]) < int(found["has"])
    return SqlError(
        f"INSERT_COLUMN_ARITY_MISMATCH.{'NOT_ENOUGH' if few else 'TOO_MANY'}_DATA_COLUMNS",
        f"Cannot write to {quoted(found['name'])}, the reason is "
        f"{'not enough' if few else 'too many'} "
        f"data columns:\nTable columns: {found['has']}.\nData columns: {found['got']}.",
        "21S01",
    )


@rule(r"NOT NULL constraint failed: (?P<name>\S+)")
def _(found: re.Match[str], _place: str) -> SqlError:
    return SqlError(
        "DELTA_NOT_NULL_CONSTRAINT_VIOLATED",
        f"NOT NULL constraint violated for column: {found['name'].rpartition('.')[2]}.",
        "23502",
    )


@rule(r"No files found that match the pattern \"(?P<path>[^\"]+)\"")
def _(found: re.Match[str], _place: str) -> SqlError:
    return file_not_found(found["path"])


@rule(r"[Cc]onflict")
def _(_found: re.Match[str], _place: str) -> SqlError:
    return SqlError(
        "DELTA_CONCURRENT_WRITE",
        "ConcurrentWriteException: A concurrent transaction has written new data since the current "
        "transaction read the table. Please try the operation again.",
        "2D521",
    )
