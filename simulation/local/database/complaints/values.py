"""Values that cannot be computed, read or cast."""

from __future__ import annotations

import calendar
import re

from ..errors import SqlError, unsupported
from ..values import double_text
from .rules import rule

ANSI_HINT = ' If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error'


@rule(r"^\[(?P<kind>[A-Z_.]+)\] (?P<state>[0-9A-Z]{5}) (?P<sentence>.*)")
def _(found: re.Match[str], place: str) -> SqlError:
    # Our own macros raise it.
    return SqlError(found["kind"], found["sentence"], found["state"], place)


@rule(r"^Division by zero in expression \(.* % ")
def _(_found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "REMAINDER_BY_ZERO",
        "Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead."
        f"{ANSI_HINT}.",
        "22012",
        place,
    )


@rule(r"Could not convert string '(?P<value>.*)' to (?P<type>\w+)")
def _(found: re.Match[str], place: str) -> SqlError:
    return _bad_cast(found["value"], found["type"], place)


@rule(
    r"(?:invalid (?P<type>date|timestamp|time) field format"
    r"|(?P<also>timestamp|date) field value out of range): "
    r"\"(?P<value>[^\"]*)\""
)
def _(found: re.Match[str], place: str) -> SqlError:
    return _bad_cast(found["value"], (found["type"] or found["also"]).upper(), place)


# DuckDB's physical names where they are not Databricks' own.
_CAST_TYPES = {
    "INT8": "TINYINT",
    "INT16": "SMALLINT",
    "INT32": "INT",
    "INT64": "BIGINT",
    "BOOL": "BOOLEAN",
}


def _bad_cast(value: str, kind: str, place: str) -> SqlError:
    kind = _CAST_TYPES.get(kind, kind)
    return SqlError(
        "CAST_INVALID_INPUT",
        f'The value \'{value}\' of the type "STRING" cannot be cast to "{kind}" because it is '
        "malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` "
        "to tolerate malformed input and return NULL instead.",
        "22018",
        place,
    )


@rule(r"\[DIVIDE_BY_ZERO\]|^Division by zero")
def _(_found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "DIVIDE_BY_ZERO",
        "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead."
        f"{ANSI_HINT}.",
        "22012",
        place,
    )


@rule(
    r"^Type (?P<from>\w+) with value (?P<value>\S+) can't be cast because the value is out of "
    r"range "
    r"for the destination type (?P<to>\w+)"
)
def _(found: re.Match[str], place: str) -> SqlError:
    if found["from"] == "INT128":  # a sum's
        return _overflow("add", place)
    start, end = (_CAST_TYPES.get(found[key], found[key]) for key in ("from", "to"))
    value = found["value"] + {"BIGINT": "L", "TINYINT": "Y", "SMALLINT": "S"}.get(start, "")
    if start in {"DOUBLE", "FLOAT"}:
        value = double_text(float(value)) + start[0]
    return SqlError(
        "CAST_OVERFLOW",
        f'The value {value} of the type "{start}" cannot be cast to "{end}" due to an overflow. '
        "Use `try_cast` to tolerate overflow and return NULL instead.",
        "22003",
        place,
    )


@rule(r"^Casting value \"(?P<value>[^\"]*)\" to type DECIMAL\((?P<to>[\d,]+)\) failed")
def _(found: re.Match[str], place: str) -> SqlError:
    precision, scale = found["to"].split(",")
    return SqlError(
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        f"{found['value']} cannot be represented as Decimal({precision}, {scale}).{ANSI_HINT}, and "
        "return NULL instead.",
        "22003",
        place,
    )


OPERATIONS = {"addition": "add", "subtraction": "subtract", "multiplication": "multiply"}


@rule(r"^Overflow on (?:abs|-)")
def _(_found: re.Match[str], place: str) -> SqlError:
    return SqlError("ARITHMETIC_OVERFLOW", f"overflow.{ANSI_HINT}.", "22003", place)


@rule(
    r"^(?:missing [\])]|invalid (?:escape|character|UTF-8|named)|no argument for repetition|"
    r"bad repetition|unexpected \)|trailing \\)[^:]*(?:: (?P<pattern>.*))?"
)
def _(found: re.Match[str], place: str) -> SqlError:
    # Which function it was, DuckDB does not say.
    return SqlError(
        "INVALID_PARAMETER_VALUE.PATTERN",
        f"The value of parameter(s) `regexp` is invalid: '{found['pattern'] or ''}'.",
        "22023",
        place,
    )


@rule(r"^invalid perl operator: (?P<sign>\S+)")
def _(found: re.Match[str], _place: str) -> SqlError:
    return unsupported(f"the regular expressions' {found['sign']}")


@rule(r"[Oo]verflow in (?P<operation>\w+)|Overflow on|out of range for the destination type")
def _(found: re.Match[str], place: str) -> SqlError:
    return _overflow(OPERATIONS.get(found["operation"] or "", "add"), place)


def _overflow(operation: str, place: str) -> SqlError:
    sentence = f"overflow. Use 'try_{operation}' to tolerate overflow and return NULL instead."
    return SqlError("ARITHMETIC_OVERFLOW", f"{sentence}{ANSI_HINT}.", "22003", place)


@rule(r"^Map keys must be unique")
def _(_found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "DUPLICATED_MAP_KEY",
        "Duplicate map key was found, please check the input data.\nIf you want to remove the "
        'duplicated keys, you can set "spark.sql.mapKeyDedupPolicy" to "LAST_WIN" so that the key '
        "inserted at last takes precedence.",
        "23505",
        place,
    )


@rule(
    r"^Could not parse string \"(?P<value>[^\"]*)\" according to format "
    r"specifier[^\n]*\n[^\n]*\n(?P<to>\s*)\^"
)
def _(found: re.Match[str], place: str) -> SqlError:
    return SqlError(
        "CANNOT_PARSE_TIMESTAMP",
        f"Text '{found['value']}' could not be parsed at index {len(found['to'])}. Use "
        "`try_to_date` to tolerate invalid input string and return NULL instead.",
        "22007",
        place,
    )


MONTHS, DAYS = 12, 31


@rule(r"^Date out of range: (?P<year>-?\d+)-(?P<month>\d+)-(?P<day>\d+)")
def _(found: re.Match[str], place: str) -> SqlError:
    if not 1 <= int(found["month"]) <= MONTHS:
        told = f"MonthOfYear (valid values 1 - 12): {found['month']}"
    elif 1 <= int(found["day"]) <= DAYS:
        month = calendar.month_name[int(found["month"])]
        if found["month"] == "2" and found["day"] == "29":
            sentence = f"Invalid date 'February 29' as '{found['year']}' is not a leap year."
        else:
            sentence = f"Invalid date '{month.upper()} {found['day']}'."
        return SqlError("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", sentence, "22023", place)
    else:
        told = f"DayOfMonth (valid values 1 - 28/31): {found['day']}"
    return SqlError(
        "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
        f"Invalid value for {told}.",
        "22023",
        place,
    )


@rule(r"^More than one row returned by a subquery")
def _(_found: re.Match[str], place: str) -> SqlError:
    sentence = "More than one row returned by a subquery used as an expression."
    return SqlError("SCALAR_SUBQUERY_TOO_MANY_ROWS", sentence, "21000", place)
