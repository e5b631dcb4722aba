"""Types as Databricks names them, from the types of a DuckDB result.

One type has three spellings on Databricks' wires: the API's name (`LONG`), the SQL text (`BIGINT`),
and Spark's JSON (`"long"`), which command results carry in their schema.
See https://docs.databricks.com/sql/language-manual/sql-ref-datatypes.html.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

# DuckDB's id of a type without parts: the API's name, the SQL text, Spark's JSON.
SIMPLE = {
    "boolean": ("BOOLEAN", "BOOLEAN", "boolean"),
    "tinyint": ("BYTE", "TINYINT", "byte"),
    "smallint": ("SHORT", "SMALLINT", "short"),
    "integer": ("INT", "INT", "integer"),
    "bigint": ("LONG", "BIGINT", "long"),
    "utinyint": ("SHORT", "SMALLINT", "short"),
    "usmallint": ("INT", "INT", "integer"),
    "uinteger": ("LONG", "BIGINT", "long"),
    "ubigint": ("DECIMAL", "DECIMAL(20,0)", "decimal(20,0)"),
    # DuckDB sums integers in 128 bits, Spark in 64; what fits is a BIGINT to everybody.
    "hugeint": ("LONG", "BIGINT", "long"),
    "uhugeint": ("DECIMAL", "DECIMAL(38,0)", "decimal(38,0)"),
    "bignum": ("STRING", "STRING", "string"),
    "float": ("FLOAT", "FLOAT", "float"),
    "double": ("DOUBLE", "DOUBLE", "double"),
    "varchar": ("STRING", "STRING", "string"),
    "uuid": ("STRING", "STRING", "string"),
    "enum": ("STRING", "STRING", "string"),
    "time": ("STRING", "STRING", "string"),
    "bit": ("STRING", "STRING", "string"),
    "blob": ("BINARY", "BINARY", "binary"),
    "date": ("DATE", "DATE", "date"),
    "timestamp with time zone": ("TIMESTAMP", "TIMESTAMP", "timestamp"),
    "timestamp": ("TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp_ntz"),
    "timestamp_s": ("TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp_ntz"),
    "timestamp_ms": ("TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp_ntz"),
    "timestamp_ns": ("TIMESTAMP_NTZ", "TIMESTAMP_NTZ", "timestamp_ntz"),
    "interval": ("INTERVAL", "INTERVAL DAY TO SECOND", "interval day to second"),
    "variant": ("VARIANT", "VARIANT", "variant"),
    "sqlnull": ("NULL", "VOID", "void"),
    '"null"': ("NULL", "VOID", "void"),
    "null": ("NULL", "VOID", "void"),
}


@frozen
class SparkType:
    """A type in all three spellings.

    Attributes:
      name: the API's (`LONG`, `ARRAY`).
      text: SQL's (`BIGINT`, `ARRAY<BIGINT>`).
      json: Spark's, as an object (`"long"`, `{"type": "array", ...}`).
      precision, scale: of a DECIMAL.
      parts: the types inside: an array's element, a map's key and value, a struct's fields.
      names: a struct's field names.
    """

    name: str
    text: str
    json: Any
    precision: int | None = None
    scale: int | None = None
    parts: tuple[SparkType, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def simple(self) -> str:
        """As DESCRIBE spells it: `array<struct<a:int>>`."""
        match self.name:
            case "ARRAY":
                return f"array<{self.parts[0].simple}>"
            case "MAP":
                return f"map<{self.parts[0].simple},{self.parts[1].simple}>"
            case "STRUCT":
                pairs = zip(self.names, self.parts, strict=True)
                return f"struct<{','.join(f'{name}:{part.simple}' for name, part in pairs)}>"
        return self.text.lower()


STRING = SparkType("STRING", "STRING", "string")
LONG = SparkType("LONG", "BIGINT", "long")
BOOLEAN = SparkType("BOOLEAN", "BOOLEAN", "boolean")


def spark_type(duck: Any) -> SparkType:
    """The Databricks type of a `DuckDBPyType`; what Databricks lacks is a STRING."""
    match duck.id:
        case "decimal":
            digits = dict(duck.children)
            return decimal(int(str(digits["precision"])), int(str(digits["scale"])))
        case "list" | "array":
            return array(spark_type(duck.children[0][1]))
        case "map":
            (_, key), (_, value) = duck.children
            return mapping(spark_type(key), spark_type(value))
        case "struct":
            return struct({name: spark_type(part) for name, part in duck.children})
        case simple:
            return SparkType(*SIMPLE.get(simple, ("STRING", "STRING", "string")))


def interval(units: str) -> SparkType:
    """INTERVAL of the units `DAY TO SECOND`, `MONTH` and the like."""
    return SparkType("INTERVAL", f"INTERVAL {units}", f"interval {units.lower()}")


def decimal(precision: int, scale: int) -> SparkType:
    """DECIMAL(precision, scale)."""
    digits = f"{precision},{scale}"
    return SparkType("DECIMAL", f"DECIMAL({digits})", f"decimal({digits})", precision, scale)


def array(element: SparkType) -> SparkType:
    """ARRAY<element>."""
    spelled = {"type": "array", "elementType": element.json, "containsNull": True}
    return SparkType("ARRAY", f"ARRAY<{element.text}>", spelled, parts=(element,))


def mapping(key: SparkType, value: SparkType) -> SparkType:
    """MAP<key, value>."""
    spelled = {
        "type": "map",
        "keyType": key.json,
        "valueType": value.json,
        "valueContainsNull": True,
    }
    return SparkType("MAP", f"MAP<{key.text}, {value.text}>", spelled, parts=(key, value))


def struct(fields: dict[str, SparkType]) -> SparkType:
    """STRUCT<name: type, ...>."""
    spelled = {
        "type": "struct",
        "fields": [
            {"name": name, "type": part.json, "nullable": True, "metadata": {}}
            for name, part in fields.items()
        ],
    }
    text = ", ".join(f"{name}: {part.text}" for name, part in fields.items())
    return SparkType(
        "STRUCT", f"STRUCT<{text}>", spelled, parts=tuple(fields.values()), names=tuple(fields)
    )
