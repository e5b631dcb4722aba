"""Databricks' functions of arrays, maps and structs as DuckDB macros.

A function takes a lambda as a macro's argument; those that count from 0 have it changed before.
See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html.
"""

MACROS = r"""
get(a, i) = CASE WHEN i < 0 THEN NULL ELSE a[i + 1] END
array_size(a) = len(a)::INT
array_contains(a, x) = CASE WHEN list_contains(a, x) THEN true WHEN len(list_filter(a, lambda e:
    e IS NULL)) > 0 OR x IS NULL THEN NULL ELSE a IS NOT NULL AND false END
array_position(a, x) = CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE coalesce(list_position(a,
    x), 0)::BIGINT END
array_remove(a, x) = list_filter(a, lambda e: e <> x OR e IS NULL)
array_distinct(a) = list_filter(a, lambda e, i: CASE WHEN e IS NULL THEN len(list_filter(a[1:i],
    lambda f: f IS NULL)) = 1 ELSE list_position(a, e) = i END)
array_union(a, b) = spark_array_distinct(list_concat(a, b))
array_intersect(a, b) = spark_array_distinct(list_filter(a, lambda e: list_contains(b, e) OR (e
    IS NULL AND len(list_filter(b, lambda f: f IS NULL)) > 0)))
array_except(a, b) = spark_array_distinct(list_filter(a, lambda e: NOT list_contains(b, e) AND
    NOT (e IS NULL AND len(list_filter(b, lambda f: f IS NULL)) > 0)))
arrays_overlap(a, b) = CASE WHEN list_has_any(a, b) THEN true WHEN len(list_filter(a, lambda e:
    e IS NULL)) + len(list_filter(b, lambda e: e IS NULL)) > 0 THEN NULL ELSE a IS NOT NULL AND
    b IS NOT NULL AND false END
array_repeat(x, n) = list_transform(range(n), lambda i: x)
array_append(a, x) = CASE WHEN a IS NOT NULL THEN list_append(a, x) END
array_prepend(a, x) = CASE WHEN a IS NOT NULL THEN list_prepend(x, a) END
array_insert(a, p, x) = CASE WHEN p > 0 THEN list_concat(list_append(list_resize(a[1:p - 1], p -
    1), x), a[p:]) ELSE list_concat(list_append(a[1:len(a) + p + 1], x), a[len(a) + p + 2:]) END
array_compact(a) = list_filter(a, lambda e: e IS NOT NULL)
array_sort(a) = list_sort(a, 'ASC', 'NULLS LAST')
sort_array(a) = list_sort(a, 'ASC', 'NULLS FIRST')
sort_array(a, up) = CASE WHEN up THEN list_sort(a, 'ASC', 'NULLS FIRST') ELSE list_sort(a,
    'DESC', 'NULLS LAST') END
array_max(a) = list_max(a)
array_min(a) = list_min(a)
array_join(a, d) = array_to_string(list_filter(a, lambda e: e IS NOT NULL), d)
array_join(a, d, n) = array_to_string(list_transform(a, lambda e: coalesce(e::VARCHAR, n)), d)
slice(a, s, n) = CASE WHEN s = 0 THEN error('[INVALID_PARAMETER_VALUE.START] 22023 The value of
    parameter(s) `start` in `slice` is invalid: Expects a positive or a negative value for
    `start`, but got 0.') WHEN s > 0 THEN a[s:s + n - 1] WHEN s < -len(a) THEN a[1:0] ELSE
    a[len(a) + s + 1:len(a) + s + n] END
shuffle(a) = list_transform(list_sort(list_transform(a, lambda x: {'at': random(), 'item': x})),
    lambda e: e.item)
shuffle(a, seed) = list_transform(list_sort(list_transform(a, lambda x, i: {'at':
    md5((seed + i)::VARCHAR), 'item': x})), lambda e: e.item)
flatten(a) = flatten(a)
transform(a, f) = list_transform(a, f)
filter(a, f) = list_filter(a, f)
exists(a, f) = CASE WHEN a IS NULL THEN NULL WHEN len(a) = 0 THEN false WHEN
    list_bool_or(list_transform(a, f)) THEN true WHEN len(list_filter(list_transform(a, f),
    lambda e: e IS NULL)) > 0 THEN NULL ELSE false END
any_match(a, f) = spark_exists(a, f)
forall(a, f) = CASE WHEN a IS NULL THEN NULL WHEN len(a) = 0 THEN true WHEN NOT
    list_bool_and(list_transform(a, f)) THEN false WHEN len(list_filter(list_transform(a, f),
    lambda e: e IS NULL)) > 0 THEN NULL ELSE true END
aggregate(a, z, f) = list_reduce(a, f, z)
reduce(a, z, f) = list_reduce(a, f, z)
map_keys(m) = map_keys(m)
map_values(m) = map_values(m)
map_contains_key(m, k) = list_contains(map_keys(m), k)
map_from_arrays(k, v) = map(k, v)
map_entries(m) = map_entries(m)
map_filter(m, f) = map_from_entries(list_filter(map_entries(m), f))
try_element_at(a, i) = a[i]
"""

# What the others, and translations, are made of; no caller can name them.
HELPERS = r"""
item(a, i) = CASE WHEN i < 0 OR i >= len(a) THEN error('[INVALID_ARRAY_INDEX] 22003 The index '
    || i || ' is out of bounds. The array has ' || len(a) || ' elements. Use the SQL function
    `get()` to tolerate accessing element at invalid index and return NULL instead.') ELSE a[i +
    1] END
item_at(a, i) = CASE WHEN i = 0 THEN error('[INVALID_INDEX_OF_ZERO] 22003 The index 0 is
    invalid. An index shall be either < 0 or > 0 (the first element has index 1).') WHEN abs(i)
    > len(a) THEN error('[INVALID_ARRAY_INDEX_IN_ELEMENT_AT] 22003 The index ' || i || ' is out
    of bounds. The array has ' || len(a) || ' elements. Use `try_element_at` to tolerate
    accessing element at invalid index and return NULL instead.') ELSE a[i] END
list_size(a) = len(a)::INT
map_size(m) = len(map_keys(m))::INT
list_reverse(a) = list_reverse(a)
map_rows(m, f) = map_from_entries(list_transform(map_entries(m), f))
"""
