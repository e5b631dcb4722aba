"""Numbers written and read by a picture: `to_char(n, '$9,999.99')`, `format_number(n, '#,###.0')`.

See https://docs.databricks.com/sql/language-manual/functions/to_char.html.
"""

from __future__ import annotations

import re

from sqlglot import exp

from .. import errors
from .fragments import duck, quote
from .kinds import Kinds
from .registry import CALLS, called
from .sharing import once

PICTURE = re.compile(
    r"(?P<before>MI|S)?(?P<money>[$L])?(?P<whole>[09,G]*)(?:[.D](?P<part>[09]*))?"
    r"(?P<after>MI|S|PR)?",
    re.IGNORECASE,
)
DECIMAL_FORMAT = re.compile(r"(?P<whole>[#,]*[0,]*)(?:\.(?P<least>0*)(?P<most>#*))?")
BINARY_FORMATS = {"hex": "hex({})", "base64": "to_base64({})", "utf-8": "decode({})"}


@called("to_char", "to_varchar")
def _to_char(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    value, form = node.expressions
    kind = kinds.name(value)
    if kind == "BINARY" and form.name.lower() in BINARY_FORMATS:
        return duck(BINARY_FORMATS[form.name.lower()].format(value.sql("duckdb")))
    if kind in {"DATE", "TIMESTAMP", "TIMESTAMP_NTZ"}:
        return CALLS["date_format"](node, kinds)
    found = PICTURE.fullmatch(form.name)
    if found is None:
        raise errors.unsupported(f"the number format `{form.name}`")
    scale = len(found["part"] or "")
    number = f"CAST({value.sql('duckdb')} AS DECIMAL(38, {scale}))"
    return duck(once(number, lambda told: _pictured(told, found)))


def _pictured(number: str, found: re.Match[str]) -> str:
    """DuckDB SQL that writes `number` by the picture that was `found`."""
    whole, scale = found["whole"] or "", len(found["part"] or "")
    separated = "," if re.search("[,G]", whole, re.IGNORECASE) else ""
    told = f"format('{{:{separated}.{scale}f}}', CAST(abs({number}) AS DOUBLE))"
    zero = re.search("0", whole)
    width = len(whole) + (scale + 1 if scale else 0)
    if zero is not None:
        least = len(whole) - zero.start() + (scale + 1 if scale else 0)
        told = f"lpad({told}, CAST(greatest({least}, length({told})) AS INT), '0')"
    told = f"'$' || {told}" if found["money"] else told
    signed = _signed(told, number, (found["before"] or "").upper(), (found["after"] or "").upper())
    width += bool(found["money"])
    width += {"PR": 2, "S": 1, "MI": 1}.get((found["before"] or found["after"] or "").upper(), 0)
    if (found["after"] or "").upper() in {"S", "MI"}:
        return signed
    return f"lpad({signed}, CAST(greatest({width}, length({signed})) AS INT), ' ')"


def _signed(told: str, number: str, before: str, after: str) -> str:
    sign = f"CASE WHEN {number} < 0 THEN '-' ELSE '{{}}' END"
    if after == "PR":
        return f"CASE WHEN {number} < 0 THEN '<' || {told} || '>' ELSE {told} END"
    plus = {"S": "+", "MI": " "}.get(before or after, "")
    if after:
        return f"{told} || {sign.format(plus)}"
    return f"{sign.format('' if before == 'MI' else plus)} || {told}"


@called("to_number", "try_to_number")
def _to_number(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value, form = node.expressions
    found = PICTURE.fullmatch(form.name)
    if found is None:
        raise errors.unsupported(f"the number format `{form.name}`")
    scale = len(found["part"] or "")
    digits = len(re.findall("[09]", found["whole"] or "")) + scale
    read = once(value.sql("duckdb"), lambda text: _read(text, found, form.name, node.name))
    return duck(f"CAST({read} AS DECIMAL({digits}, {scale}))")


def _read(text: str, found: re.Match[str], form: str, name: str) -> str:
    """DuckDB SQL that reads the number in `text` by the picture that was `found`."""
    scale = len(found["part"] or "")
    digits = len(re.findall("[09]", found["whole"] or "")) + scale
    plain = f"regexp_replace({text}, '[,$<>+-]', '', 'g')"
    minus = f"CASE WHEN {text} LIKE '%-%' OR {text} LIKE '<%' THEN '-' ELSE '' END"
    read = f"TRY_CAST({minus} || {plain} AS DECIMAL({digits}, {scale}))"
    if name.lower().startswith("try"):
        return read
    bad = (
        f"'[INVALID_FORMAT.MISMATCH_INPUT] 42601 The format is invalid: ' || {quote(form)} || "
        f"'. The input \"STRING\" ' || {text} || ' does not match the format.'"
    )
    return f"CASE WHEN {text} IS NULL THEN NULL ELSE coalesce({read}, error({bad})) END"


@called("format_number")
def _format_number(node: exp.Anonymous, kinds: Kinds) -> exp.Expr:
    del kinds
    value, form = node.expressions
    number = f"CAST({value.sql('duckdb')} AS DOUBLE)"
    if not (isinstance(form, exp.Literal) and form.is_string):
        return duck(f"format('{{:,.' || ({form.sql('duckdb')}) || 'f}}', {number})")
    found = DECIMAL_FORMAT.fullmatch(form.name)
    if found is None:
        raise errors.unsupported(f"the number format `{form.name}`")
    least, most = len(found["least"] or ""), len(found["most"] or "")
    separated = "," if "," in found["whole"] else ""
    told = f"format('{{:{separated}.{least + most}f}}', {number})"
    if most:
        told = (
            f"regexp_replace({told}, '\\.?0{{0,{most}}}$', '')"
            if not least
            else (f"regexp_replace({told}, '0{{0,{most}}}$', '')")
        )
    zeros = found["whole"].count("0") + (least + most + 1 if least else 0)
    return duck(f"lpad({told}, CAST(greatest({zeros}, length({told})) AS INT), '0')")
