"""Databricks' functions of JSON as DuckDB macros; those that need a schema are in `schemas`.

See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html.
"""

MACROS = r"""
get_json_object(x, p) = CASE WHEN json_valid(x) THEN nullif(json_extract_string(x, p), 'null')
    END
json_array_length(x) = CASE WHEN json_valid(x) AND json_type(x) = 'ARRAY' THEN
    json_array_length(x)::INT END
json_object_keys(x) = CASE WHEN json_valid(x) AND json_type(x) = 'OBJECT' THEN json_keys(x) END
to_variant_object(x) = to_json(x)::VARIANT
parse_json(x) = CASE WHEN x IS NULL OR json_valid(x) THEN x::JSON::VARIANT ELSE
    error('[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] 22023 Malformed records are detected
    in record parsing: ' || x || '.')::VARIANT END
try_parse_json(x) = CASE WHEN json_valid(x) THEN x::JSON::VARIANT END
"""

# What the others, and translations, are made of; no caller can name them.
HELPERS = r"""
get_json_objects(x, p) = CASE WHEN json_valid(x) THEN nullif(to_json(json_extract(x,
    p))::VARCHAR, '[]') END
field(x, k) = CASE WHEN json_valid(x) THEN json_extract_string(x, '$."' || k || '"') END
variant_text(x) = CASE WHEN json_type(x::JSON) = 'VARCHAR' THEN x::JSON ->> '$' ELSE
    nullif(x::JSON::VARCHAR, 'null') END
"""
