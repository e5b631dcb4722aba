-- Arrays, maps, structs, lambdas: https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html#array-functions

CREATE TEMP VIEW nested AS SELECT * FROM VALUES (1, array('a', 'b'), map('x', 1, 'y', 2), named_struct('city', 'Oslo', 'zip', 150)), (2, array(), map(), named_struct('city', 'Bern', 'zip', 3000)), (3, NULL, NULL, NULL) AS t(id, tags, attrs, addr);
-- ok

SELECT * FROM nested ORDER BY id;
-- id: int | tags: array<string> | attrs: map<string,int> | addr: struct<city:string,zip:int>
-- [1, ["a", "b"], {"x": 1, "y": 2}, {"city": "Oslo", "zip": 150}]
-- [2, [], {}, {"city": "Bern", "zip": 3000}]
-- [3, null, null, null]

SELECT id, tags[0] t, attrs['x'] x, addr.city c, size(tags) n, cardinality(attrs) m FROM nested WHERE id = 1;
-- id: int | t: string | x: int | c: string | n: int | m: int
-- [1, "a", 1, "Oslo", 2, 2]

SELECT array(1, 2)[5];
--! INVALID_ARRAY_INDEX 22003 "The index 5 is out of bounds. The array has 2 elements. Use the SQL function `get()` to tolerate accessing element at invalid index and return NULL instead."

SELECT map('a', 1)['z'] a;
-- a: int
-- [null]

SELECT element_at(array(1, 2), 5);
--! INVALID_ARRAY_INDEX_IN_ELEMENT_AT 22003 "The index 5 is out of bounds. The array has 2 elements. Use `try_element_at` to tolerate accessing element at invalid index and return NULL instead."

SELECT element_at(array(1, 2), 0);
--! INVALID_INDEX_OF_ZERO 22003 "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1)."

SELECT element_at(array(1, 2, 3), -1) a, element_at(map('a', 1), 'a') b, element_at(map('a', 1), 'z') c, get(array(1, 2), 5) d, get(array(1, 2), 0) e, array_size(array(1, 2)) f, size(NULL) g, size(map('a', 1)) h;
-- a: int | b: int | c: int | d: int | e: int | f: int | g: int | h: int
-- [3, 1, null, null, 1, 2, null, 1]

SELECT array(1, 2.5) a, array() b, array(NULL, 1) c, array('5', 1) d, array(array(1), array(2)) e, array(named_struct('a', 1)) f;
-- a: array<decimal(11,1)> | b: array<void> | c: array<int> | d: array<bigint> | e: array<array<int>> | f: array<struct<a:int>>
-- [["1.0", "2.5"], [], [null, 1], [5, 1], [[1], [2]], [{"a": 1}]]

SELECT array_contains(array(1, 2), 2) a, array_contains(array(1, NULL), 3) b, array_position(array('a', 'b'), 'b') c, array_position(array('a'), 'z') d, array_remove(array(1, 2, 1), 1) e, array_distinct(array(1, 2, 1)) f, array_append(array(1), 2) g, array_prepend(array(1), 0) h, array_insert(array(1, 3), 2, 2) i;
-- a: boolean | b: boolean | c: bigint | d: bigint | e: array<int> | f: array<int> | g: array<int> | h: array<int> | i: array<int>
-- [true, null, 2, 0, [2], [1, 2], [1, 2], [0, 1], [1, 2, 3]]

SELECT array_union(array(1, 2), array(2, 3)) a, array_intersect(array(1, 2), array(2, 3)) b, array_except(array(1, 2), array(2)) c, arrays_overlap(array(1, 2), array(2)) d, concat(array(1), array(2, 3)) e, flatten(array(array(1), array(2, 3))) f, array_repeat('x', 3) g, array_compact(array(1, NULL, 2)) h;
-- a: array<int> | b: array<int> | c: array<int> | d: boolean | e: array<int> | f: array<int> | g: array<string> | h: array<int>
-- [[1, 2, 3], [2], [1], true, [1, 2, 3], [1, 2, 3], ["x", "x", "x"], [1, 2]]

SELECT array_sort(array(3, 1, NULL, 2)) a, sort_array(array(3, 1, NULL, 2)) b, sort_array(array(3, 1, 2), false) c, array_sort(array('bb', 'a', 'ccc'), (l, r) -> length(l) - length(r)) d, reverse(array(1, 2, 3)) e, array_max(array(1, 3, 2)) f, array_min(array(1, NULL, 2)) g, slice(array(1, 2, 3, 4), 2, 2) h, slice(array(1, 2, 3), -2, 2) i, array_join(array('a', NULL, 'b'), ',') j, array_join(array('a', NULL, 'b'), ',', '?') k;
-- a: array<int> | b: array<int> | c: array<int> | d: array<string> | e: array<int> | f: int | g: int | h: array<int> | i: array<int> | j: string | k: string
-- [[1, 2, 3, null], [null, 1, 2, 3], [3, 2, 1], ["a", "bb", "ccc"], [3, 2, 1], 3, 1, [2, 3], [2, 3], "a,b", "a,?,b"]

SELECT sequence(1, 5) a, sequence(5, 1) b, sequence(1, 10, 3) c, shuffle(array(1)) d, arrays_zip(array(1, 2), array('a', 'b')) e;
-- a: array<int> | b: array<int> | c: array<int> | d: array<int> | e: array<struct<0:int,1:string>>
-- [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 4, 7, 10], [1], [{"0": 1, "1": "a"}, {"0": 2, "1": "b"}]]

SELECT transform(array(1, 2), x -> x + 1) a, transform(array('a', 'b'), (x, i) -> concat(x, i)) b, filter(array(1, 2, 3), x -> x % 2 = 1) c, filter(array('a', 'b'), (x, i) -> i > 0) d, exists(array(1, 2), x -> x > 1) e, exists(array(1, NULL), x -> x > 1) f, forall(array(1, 2), x -> x > 0) g;
-- a: array<int> | b: array<string> | c: array<int> | d: array<string> | e: boolean | f: boolean | g: boolean
-- [[2, 3], ["a0", "b1"], [1, 3], ["b"], true, null, true]

SELECT aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x) a, aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x, acc -> acc * 10) b, reduce(array('a', 'b'), '', (acc, x) -> acc || x) c, aggregate(array(1, 2), CAST(0 AS DOUBLE), (acc, x) -> acc + x) d;
-- a: int | b: int | c: string | d: double
-- [6, 60, "ab", 3.0]

SELECT zip_with(array(1, 2), array('a', 'b'), (x, y) -> concat(x, y)) a, zip_with(array(1, 2, 3), array(10, 20), (x, y) -> x + y) b;
-- a: array<string> | b: array<int>
-- [["1a", "2b"], [11, 22, null]]

SELECT map('a', 1, 'b', 2) a, map_from_arrays(array('a', 'b'), array(1, 2)) b, map_from_entries(array(struct('a', 1), struct('b', 2))) c, map_keys(map('a', 1)) d, map_values(map('a', 1)) e, map_entries(map('a', 1)) f, map_concat(map('a', 1), map('b', 2)) g, map_contains_key(map('a', 1), 'a') h;
-- a: map<string,int> | b: map<string,int> | c: map<string,int> | d: array<string> | e: array<int> | f: array<struct<key:string,value:int>> | g: map<string,int> | h: boolean
-- [{"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 2}, ["a"], [1], [{"key": "a", "value": 1}], {"a": 1, "b": 2}, true]

SELECT map_filter(map('a', 1, 'b', 2), (k, v) -> v > 1) a, transform_values(map('a', 1), (k, v) -> v + 1) b, transform_keys(map('a', 1), (k, v) -> upper(k)) c, map_zip_with(map('a', 1, 'b', 2), map('a', 10, 'c', 3), (k, v1, v2) -> concat(k, coalesce(v1, 0), coalesce(v2, 0))) d;
-- a: map<string,int> | b: map<string,int> | c: map<string,int> | d: map<string,string>
-- [{"b": 2}, {"a": 2}, {"A": 1}, {"a": "a110", "b": "b20", "c": "c03"}]

-- wording: DuckDB does not tell the key
SELECT map('a', 1, 'a', 2);
--! DUPLICATED_MAP_KEY 23505 "Duplicate map key a was found, please check the input data.\nIf you want to remove the duplicated keys, you can set \"spark.sql.mapKeyDedupPolicy\" to \"LAST_WIN\" so that the key inserted at last takes precedence."

SELECT struct(1, 'a') a, named_struct('x', 1, 'y', 2.5) b, struct(1 AS p, 'q' AS q) c, named_struct('a', named_struct('b', 5)).a.b d, struct(id, addr) e FROM nested WHERE id = 1;
-- a: struct<col1:int,col2:string> | b: struct<x:int,y:decimal(2,1)> | c: struct<p:int,q:string> | d: int | e: struct<id:int,addr:struct<city:string,zip:int>>
-- [{"col1": 1, "col2": "a"}, {"x": 1, "y": "2.5"}, {"p": 1, "q": "q"}, 5, {"id": 1, "addr": {"city": "Oslo", "zip": 150}}]

SELECT addr.* FROM nested WHERE id = 1;
-- city: string | zip: int
-- ["Oslo", 150]

-- wording: DuckDB names the likely field alone
SELECT addr.nope FROM nested;
--! FIELD_NOT_FOUND 42704 "No such struct field `nope` in `city`, `zip`."

-- wording: DuckDB does not tell the type
SELECT id.x FROM nested;
--! INVALID_EXTRACT_BASE_FIELD_TYPE 42000 "Can't extract a value from \"id\". Need a complex type [STRUCT, ARRAY, MAP] but got \"INT\"."

SELECT explode(array(10, 20));
-- col: int
-- [10]
-- [20]

SELECT explode(map('a', 1, 'b', 2));
-- key: string | value: int
-- ["a", 1]
-- ["b", 2]

SELECT id, explode(tags) AS tag FROM nested ORDER BY id, tag;
-- id: int | tag: string
-- [1, "a"]
-- [1, "b"]

SELECT id, explode_outer(tags) AS tag FROM nested ORDER BY id, tag;
-- id: int | tag: string
-- [1, "a"]
-- [1, "b"]
-- [2, null]
-- [3, null]

SELECT posexplode(array('a', 'b'));
-- pos: int | col: string
-- [0, "a"]
-- [1, "b"]

SELECT id, posexplode(tags) AS (p, v) FROM nested ORDER BY id, p;
-- id: int | p: int | v: string
-- [1, 0, "a"]
-- [1, 1, "b"]

SELECT id, pos, col FROM nested LATERAL VIEW posexplode(tags) p ORDER BY id, pos;
-- id: int | pos: int | col: string
-- [1, 0, "a"]
-- [1, 1, "b"]

SELECT id, tag FROM nested LATERAL VIEW explode(tags) t AS tag ORDER BY id, tag;
-- id: int | tag: string
-- [1, "a"]
-- [1, "b"]

SELECT id, tag FROM nested LATERAL VIEW OUTER explode(tags) t AS tag ORDER BY id, tag;
-- id: int | tag: string
-- [1, "a"]
-- [1, "b"]
-- [2, null]
-- [3, null]

SELECT id, k, v FROM nested LATERAL VIEW explode(attrs) m AS k, v ORDER BY id, k;
-- id: int | k: string | v: int
-- [1, "x", 1]
-- [1, "y", 2]

SELECT id, tag, k FROM nested LATERAL VIEW explode(tags) t AS tag LATERAL VIEW explode(attrs) m AS k, v ORDER BY id, tag, k;
-- id: int | tag: string | k: string
-- [1, "a", "x"]
-- [1, "a", "y"]
-- [1, "b", "x"]
-- [1, "b", "y"]

SELECT * FROM explode(array(1, 2)) AS t(x);
-- x: int
-- [1]
-- [2]

SELECT id, t.tag FROM nested, LATERAL explode(tags) AS t(tag) ORDER BY id, tag;
-- id: int | tag: string
-- [1, "a"]
-- [1, "b"]

SELECT n.id, u.x FROM nested n, LATERAL (SELECT n.id * 10 AS x) u ORDER BY id;
-- id: int | x: int
-- [1, 10]
-- [2, 20]
-- [3, 30]

SELECT inline(array(struct(1 AS a, 'x' AS b), struct(2 AS a, 'y' AS b)));
-- a: int | b: string
-- [1, "x"]
-- [2, "y"]

SELECT * FROM inline(array(named_struct('a', 1, 'b', 'x')));
-- a: int | b: string
-- [1, "x"]

SELECT stack(2, 1, 'a', 2, 'b');
-- col0: int | col1: string
-- [1, "a"]
-- [2, "b"]

SELECT stack(2, 1, 'a', 2, 'b') AS (n, s);
-- n: int | s: string
-- [1, "a"]
-- [2, "b"]

SELECT id, s.n, s.v FROM nested LATERAL VIEW stack(2, 'one', 1, 'two', 2) s AS n, v WHERE id = 1 ORDER BY v;
-- id: int | n: string | v: int
-- [1, "one", 1]
-- [1, "two", 2]

SELECT inline_outer(NULL::array<struct<a: int>>) ;
-- a: int
-- [null]

SELECT filter(tags, t -> t != 'a') f, transform(tags, t -> upper(t)) u, size(filter(tags, t -> t = 'a')) n FROM nested WHERE id = 1;
-- f: array<string> | u: array<string> | n: int
-- [["b"], ["A", "B"], 1]

SELECT array_agg(x) a, collect_list(x) b, array_sort(collect_set(x)) c, array_distinct(collect_list(y)) d FROM VALUES (1, 'a'), (2, 'a') AS t(x, y);
-- a: array<int> | b: array<int> | c: array<int> | d: array<string>
-- [[1, 2], [1, 2], [1, 2], ["a"]]

SELECT array(1, 2) = array(1, 2) a, named_struct('a', 1) = named_struct('a', 1) b, array(1, 2) < array(1, 3) c, array(1, 2) IN (array(1, 2)) d;
-- a: boolean | b: boolean | c: boolean | d: boolean
-- [true, true, true, true]

SELECT CAST(array(1, 2) AS ARRAY<STRING>) a, CAST(named_struct('a', 1) AS STRUCT<b: BIGINT>) b, CAST(map('a', 1) AS MAP<STRING, DOUBLE>) c, array(1, 2)::ARRAY<BIGINT> d;
-- a: array<string> | b: struct<b:bigint> | c: map<string,double> | d: array<bigint>
-- [["1", "2"], {"b": 1}, {"a": 1.0}, [1, 2]]

SELECT array(1, 2), map('a', 1), struct(1), named_struct('a', 1), array(1)[0], transform(array(1), x -> x + 1), size(array(1)), array_contains(array(1), 1), element_at(map('a', 1), 'a'), explode(array(1));
-- array(1, 2): array<int> | map(a, 1): map<string,int> | struct(1): struct<col1:int> | named_struct(a, 1): struct<a:int> | array(1)[0]: int | transform(array(1), lambdafunction((namedlambdavariable() + 1), namedlambdavariable())): array<int> | size(array(1)): int | array_contains(array(1), 1): boolean | element_at(map(a, 1), a): int | col: int
-- [[1, 2], {"a": 1}, {"col1": 1}, {"a": 1}, 1, [2], 1, true, 1, 1]

SELECT transform(array(1), x -> y);
--! UNRESOLVED_COLUMN.WITHOUT_SUGGESTION 42703 "A column, variable, or function parameter with name `y` cannot be resolved."

-- wording: DuckDB does not tell which argument
SELECT array_contains(1, 1);
--! DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09 "Cannot resolve \"array_contains(1, 1)\" due to data type mismatch: The first parameter requires the \"ARRAY\" type, however \"1\" has the type \"INT\"."

SELECT slice(array(1, 2), 0, 1);
--! INVALID_PARAMETER_VALUE.START 22023 "The value of parameter(s) `start` in `slice` is invalid: Expects a positive or a negative value for `start`, but got 0."

SELECT array_append(CAST(NULL AS ARRAY<INT>), 2) a, array_prepend(CAST(NULL AS ARRAY<INT>), 2) b, array_append(array(1), NULL) c, array_prepend(array(1), 0) d, array_compact(array(1, NULL)) e, array_insert(array(1, 3), 2, 2) f;
-- a: array<int> | b: array<int> | c: array<int> | d: array<int> | e: array<int> | f: array<int>
-- [null, null, [1, null], [0, 1], [1], [1, 2, 3]]

SELECT zip_with(array(1, 2), array('a', 'b'), (x, y) -> (y, x)) a, zip_with(array(1, 2), array(3), (x, y) -> x + y) b, transform_keys(map('a', 1), (k, v) -> concat(k, v)) c, transform_values(map('a', 1), (k, v) -> v + 1) d, map_filter(map('a', 1, 'b', 2), (k, v) -> v > 1) e, map_zip_with(map('a', 1), map('a', 2), (k, x, y) -> x + y) f;
-- a: array<struct<y:string,x:int>> | b: array<int> | c: map<string,int> | d: map<string,int> | e: map<string,int> | f: map<string,int>
-- [[{"y": "a", "x": 1}, {"y": "b", "x": 2}], [4, null], {"a1": 1}, {"a": 2}, {"b": 2}, {"a": 3}]

SELECT collect_set(x) a, array_agg(x) b, collect_list(DISTINCT x) c FROM VALUES (2), (2), (2) AS t(x);
-- a: array<int> | b: array<int> | c: array<int>
-- [[2], [2, 2, 2], [2]]

SELECT size(shuffle(array(1, 2, 3))) a, array_sort(shuffle(array(1, 2, 3))) b, size(NULL) c, size(array()) d, size(map('a', 1)) e, cardinality(array(1, 2)) f;
-- a: int | b: array<int> | c: int | d: int | e: int | f: int
-- [3, [1, 2, 3], null, 0, 1, 2]

SELECT posexplode(collection => array(10, 20));
-- pos: int | col: int
-- [0, 10]
-- [1, 20]

SELECT explode(collection => array(10, 20)) x;
-- x: int
-- [10]
-- [20]

SELECT inline(array(struct(1, 'a'), struct(2, 'b')));
-- col1: int | col2: string
-- [1, "a"]
-- [2, "b"]

SELECT inline(input => array(struct(1, 'a'), struct(2, 'b')));
-- col1: int | col2: string
-- [1, "a"]
-- [2, "b"]

SELECT stack(2, 1, 'a', 2, 'b') AS (x, y);
-- x: int | y: string
-- [1, "a"]
-- [2, "b"]

SELECT map('a', 1)['a'] a, map('a', 1)['b'] b, array(1, 2)[0] c, element_at(array(1, 2), -1) d, element_at(map('a', 1), 'b') e, try_element_at(array(1), 5) f, get(array(1), 5) g;
-- a: int | b: int | c: int | d: int | e: int | f: int | g: int
-- [1, null, 1, 2, null, null, null]
