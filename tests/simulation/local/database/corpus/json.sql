-- JSON, CSV and VARIANT: https://docs.databricks.com/sql/language-manual/sql-ref-json-path-expression.html

CREATE TEMP VIEW docs AS SELECT * FROM VALUES (1, '{"a": 1, "b": {"c": [10, 20], "d": "x"}, "e e": true}'), (2, '{"a": "text", "b": null}'), (3, 'broken') AS t(id, doc);
-- ok

SELECT id, get_json_object(doc, '$.a') a, get_json_object(doc, '$.b.c[1]') c, get_json_object(doc, '$.b') b, get_json_object(doc, '$.b.d') d, get_json_object(doc, '$.zz') z FROM docs ORDER BY id;
-- id: int | a: string | c: string | b: string | d: string | z: string
-- [1, "1", "20", "{\"c\":[10,20],\"d\":\"x\"}", "x", null]
-- [2, "text", null, null, null, null]
-- [3, null, null, null, null, null]

SELECT get_json_object('[{"a":1},{"a":2}]', '$[*].a') a, get_json_object('{"a":[1,2]}', '$.a') b, get_json_object('{"a":1.50}', '$.a') c, get_json_object('{"a b":1}', "$['a b']") d;
-- a: string | b: string | c: string | d: string
-- ["[1,2]", "[1,2]", "1.5", "1"]

SELECT from_json('{"a":1, "b":0.8}', 'a INT, b DOUBLE') j;
-- j: struct<a:int,b:double>
-- [{"a": 1, "b": 0.8}]

SELECT from_json('{"a":1, "b":0.8}', 'a INT, b DOUBLE').a a, from_json('{"b":{"c":[1,2]}}', 'STRUCT<b: STRUCT<c: ARRAY<BIGINT>>>').b.c c;
-- a: int | c: array<bigint>
-- [1, [1, 2]]

SELECT from_json('[1, 2, 3]', 'ARRAY<INT>') a, from_json('{"x": 1, "y": 2}', 'MAP<STRING, INT>') m, from_json('[{"n": "a"}, {"n": "b"}]', 'ARRAY<STRUCT<n: STRING>>') s;
-- a: array<int> | m: map<string,int> | s: array<struct<n:string>>
-- [[1, 2, 3], {"x": 1, "y": 2}, [{"n": "a"}, {"n": "b"}]]

SELECT from_json('{"d": "2024-01-02", "t": "2024-01-02 03:04:05", "m": 1.50, "z": true, "o": {"k": 1}}', 'd DATE, t TIMESTAMP, m DECIMAL(10,2), z BOOLEAN, o STRING, missing INT') j;
-- j: struct<d:date,t:timestamp,m:decimal(10,2),z:boolean,o:string,missing:int>
-- [{"d": "2024-01-02", "t": "2024-01-02 03:04:05", "m": "1.50", "z": true, "o": "{\"k\":1}", "missing": null}]

SELECT from_json('{"d": "26/08/2015"}', 'd DATE', map('dateFormat', 'dd/MM/yyyy')) j;
-- j: struct<d:date>
-- [{"d": "2015-08-26"}]

SELECT from_json('broken', 'a INT') a, from_json(NULL, 'a INT') b, from_json('{"a": "x"}', 'a INT') c, from_json('{"a": null}', 'a INT') d;
-- a: struct<a:int> | b: struct<a:int> | c: struct<a:int> | d: struct<a:int>
-- [{"a": null}, null, {"a": null}, {"a": null}]

SELECT id, from_json(doc, 'a STRING, b STRUCT<c: ARRAY<INT>, d: STRING>') j FROM docs ORDER BY id;
-- id: int | j: struct<a:string,b:struct<c:array<int>,d:string>>
-- [1, {"a": "1", "b": {"c": [10, 20], "d": "x"}}]
-- [2, {"a": "text", "b": null}]
-- [3, {"a": null, "b": null}]

SELECT id, j.a, j.b.d FROM (SELECT id, from_json(doc, 'a STRING, b STRUCT<c: ARRAY<INT>, d: STRING>') j FROM docs) ORDER BY id;
-- id: int | a: string | d: string
-- [1, "1", "x"]
-- [2, "text", null]
-- [3, null, null]

SELECT id, explode(from_json(doc, 'b STRUCT<c: ARRAY<INT>>').b.c) c FROM docs;
-- id: int | c: int
-- [1, 10]
-- [1, 20]

SELECT from_json('{"a":1}', schema_of_json('{"a":1}')) j;
-- j: struct<a:bigint>
-- [{"a": 1}]

SELECT to_json(named_struct('a', 1, 'b', 'x')) a, to_json(array(1, 2)) b, to_json(map('k', 1.50)) c, to_json(named_struct('n', NULL, 'd', DATE'2024-01-02')) d, to_json(array(named_struct('a', 1))) e, to_json(named_struct('t', TIMESTAMP'2024-01-02 03:04:05')) f;
-- a: string | b: string | c: string | d: string | e: string | f: string
-- ["{\"a\":1,\"b\":\"x\"}", "[1,2]", "{\"k\":1.50}", "{\"d\":\"2024-01-02\"}", "[{\"a\":1}]", "{\"t\":\"2024-01-02T03:04:05.000Z\"}"]

SELECT schema_of_json('[{"col":0}]') a, schema_of_json('{"a": 1.5, "b": ["x"], "c": {"d": true}}') b;
-- a: string | b: string
-- ["ARRAY<STRUCT<col: BIGINT>>", "STRUCT<a: DOUBLE, b: ARRAY<STRING>, c: STRUCT<d: BOOLEAN>>"]

SELECT json_array_length('[1,2,3]') a, json_object_keys('{"a":1,"b":2}') b, json_array_length('x') c;
-- a: int | b: array<string> | c: int
-- [3, ["a", "b"], null]

SELECT json_tuple('{"a":1, "b":2}', 'a', 'b');
-- c0: string | c1: string
-- ["1", "2"]

SELECT id, x, y FROM docs LATERAL VIEW json_tuple(doc, 'a', 'zz') j AS x, y ORDER BY id;
-- id: int | x: string | y: string
-- [1, "1", null]
-- [2, "text", null]
-- [3, null, null]

-- left out: a function that DuckDB lacks
SELECT from_csv('1, 0.8', 'a INT, b DOUBLE') a, to_csv(named_struct('a', 1, 'b', 'x')) b, schema_of_csv('1,abc') c;
-- a: struct<a:int,b:double> | b: string | c: string
-- [{"a": 1, "b": 0.8}, "1,x", "STRUCT<_c0: INT, _c1: STRING>"]

SELECT from_json('{"a":1}', 'a INTT');
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near 'INTT': extra input 'INTT'."

SELECT to_json(1);
--! DATATYPE_MISMATCH.INVALID_JSON_SCHEMA 42K09 "Cannot resolve \"to_json(1)\" due to data type mismatch: Input schema \"INT\" must be a struct, an array, a map or a variant."

SELECT parse_json('{"a": 1}')::STRING s, typeof(parse_json('1')) t, variant_get(parse_json('{"a": [1, 2]}'), '$.a[1]', 'int') v, try_parse_json('broken') n;
-- s: string | t: string | v: int | n: variant
-- ["{\"a\":1}", "variant", 2, null]

SELECT parse_json('broken');
--! MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION 22023 "Malformed records are detected in record parsing: broken.\nParse Mode: FAILFAST. To process malformed records as null result, try setting the option 'mode' as 'PERMISSIVE'."

SELECT to_json(parse_json('{"b": [1]}')) j;
-- j: string
-- ["{\"b\":[1]}"]

SELECT from_json('{"a":1}', 'a INT'), to_json(struct(1 AS a)), get_json_object('{"a":1}', '$.a');
-- from_json({"a":1}): struct<a:int> | to_json(struct(1 AS a)): string | get_json_object({"a":1}, $.a): string
-- [{"a": 1}, "{\"a\":1}", "1"]

SELECT parse_json('{"a":1,"b":0.8}') a, parse_json('[1, "x"]') b, parse_json('"x"') c, try_parse_json('{') e, parse_json('1') f;
-- a: variant | b: variant | c: variant | e: variant | f: variant
-- ["{\"a\":1,\"b\":0.8}", "[1,\"x\"]", "\"x\"", null, "1"]

SELECT variant_get(parse_json('[1, "hello"]'), '$[1]') a, variant_get(parse_json('{"a": 5}'), '$.a', 'int') b, parse_json('{"a": {"b": [1, 2]}}'):a.b[1]::int c, to_json(parse_json('{"a":1}')) d;
-- a: variant | b: int | c: int | d: string
-- ["\"hello\"", 5, 2, "{\"a\":1}"]

SELECT from_json('{"t":"26/08/2015"}', 't Timestamp', map('timestampFormat', 'dd/MM/yyyy')) a, from_json('{"t":"26/08/2015"}', 't DATE', map('dateFormat', 'dd/MM/yyyy')) b, from_json('{"a":1}', 'a INT', map('mode', 'PERMISSIVE')) c;
-- a: struct<t:timestamp> | b: struct<t:date> | c: struct<a:int>
-- [{"t": "2015-08-26 00:00:00"}, {"t": "2015-08-26"}, {"a": 1}]

SELECT to_json(named_struct('t', TIMESTAMP'2015-08-26 00:00:00'), map('timestampFormat', 'dd/MM/yyyy')) a, to_json(named_struct('d', DATE'2015-08-26'), map('dateFormat', 'dd/MM/yyyy')) b, to_json(named_struct('a', NULL, 'b', 1), map('ignoreNullFields', 'false')) c, to_json(array(named_struct('a', 1))) d, to_json(map('k', named_struct('a', 1.5))) e;
-- a: string | b: string | c: string | d: string | e: string
-- ["{\"t\":\"26/08/2015\"}", "{\"d\":\"26/08/2015\"}", "{\"a\":null,\"b\":1}", "[{\"a\":1}]", "{\"k\":{\"a\":1.5}}"]

SELECT schema_of_json('{"a":1,"b":[0.5],"c":{"d":"x"}}') a, schema_of_json('[{"col":0}]') b, schema_of_json('1') c;
-- a: string | b: string | c: string
-- ["STRUCT<a: BIGINT, b: ARRAY<DOUBLE>, c: STRUCT<d: STRING>>", "ARRAY<STRUCT<col: BIGINT>>", "BIGINT"]

SELECT get_json_object('{"a":{"b":[1,2]}}', '$.a.b[0]') a, get_json_object('{"a":null}', '$.a') b, json_array_length('[1,2]') c, json_object_keys('{"a":1,"b":2}') d, json_tuple('{"a":1}', 'a') e;
-- a: string | b: string | c: int | d: array<string> | e: string
-- ["1", null, 2, ["a", "b"], "1"]
