-- What people write every day: a table of orders, and questions about it; the names of columns without an alias.

CREATE TABLE orders (order_id BIGINT, customer STRING, amount DECIMAL(10,2), quantity INT, placed TIMESTAMP, day DATE, tags ARRAY<STRING>, attrs MAP<STRING, STRING>, note STRING);
-- ok

INSERT INTO orders VALUES (1, 'ann', 10.50, 2, TIMESTAMP'2024-01-01 10:00:00', DATE'2024-01-01', array('a', 'b'), map('k', 'v'), NULL), (2, 'bob', 20.00, 1, TIMESTAMP'2024-01-02 11:30:00', DATE'2024-01-02', array('b'), map(), 'gift'), (3, 'ann', 5.25, 3, TIMESTAMP'2024-02-01 09:15:00', DATE'2024-02-01', array(), NULL, 'x,y'), (4, NULL, 7.00, NULL, NULL, NULL, NULL, map('k', 'w', 'z', NULL), '');
-- ok

SELECT customer, sum(amount), avg(amount), count(*), max(placed), min(day) FROM orders GROUP BY customer ORDER BY customer;
-- customer: string | sum(amount): decimal(20,2) | avg(amount): decimal(14,6) | count(1): bigint | max(placed): timestamp | min(day): date
-- [null, "7.00", "7.000000", 1, null, null]
-- ["ann", "15.75", "7.875000", 2, "2024-02-01 09:15:00", "2024-01-01"]
-- ["bob", "20.00", "20.000000", 1, "2024-01-02 11:30:00", "2024-01-02"]

SELECT customer, sum(amount * quantity) total, round(avg(amount), 1) mean, count(DISTINCT day) days FROM orders WHERE customer IS NOT NULL GROUP BY customer HAVING sum(quantity) > 0 ORDER BY total DESC;
-- customer: string | total: decimal(31,2) | mean: decimal(10,1) | days: bigint
-- ["ann", "36.75", "7.9", 2]
-- ["bob", "20.00", "20.0", 1]

SELECT date_trunc('MONTH', placed) m, count(*) n, sum(amount) a FROM orders GROUP BY 1 ORDER BY 1 NULLS LAST;
-- m: timestamp | n: bigint | a: decimal(20,2)
-- ["2024-01-01 00:00:00", 2, "30.50"]
-- ["2024-02-01 00:00:00", 1, "5.25"]
-- [null, 1, "7.00"]

SELECT order_id, lpad(order_id, 6, 0) AS code, concat('#', order_id, '-', customer) label, concat_ws('/', year(day), month(day)) ym FROM orders ORDER BY order_id;
-- order_id: bigint | code: string | label: string | ym: string
-- [1, "000001", "#1-ann", "2024/1"]
-- [2, "000002", "#2-bob", "2024/1"]
-- [3, "000003", "#3-ann", "2024/2"]
-- [4, "000004", null, ""]

SELECT order_id, size(tags), array_contains(tags, 'b'), tags[0] FROM orders WHERE size(tags) > 0 ORDER BY order_id;
-- order_id: bigint | size(tags): int | array_contains(tags, b): boolean | tags[0]: string
-- [1, 2, true, "a"]
-- [2, 1, true, "b"]

SELECT order_id, attrs['k'], map_keys(attrs), element_at(attrs, 'z') FROM orders ORDER BY order_id;
-- order_id: bigint | attrs[k]: string | map_keys(attrs): array<string> | element_at(attrs, z): string
-- [1, "v", ["k"], null]
-- [2, null, [], null]
-- [3, null, null, null]
-- [4, "w", ["k", "z"], null]

SELECT customer, collect_list(order_id) ids, array_join(collect_list(note), '|') notes, concat_ws(',', collect_set(customer)) c FROM orders GROUP BY customer ORDER BY customer;
-- customer: string | ids: array<bigint> | notes: string | c: string
-- [null, [4], "", ""]
-- ["ann", [1, 3], "x,y", "ann"]
-- ["bob", [2], "gift", "bob"]

SELECT order_id, sum(amount) OVER (PARTITION BY customer ORDER BY placed) running, lag(amount, 1, 0) OVER (PARTITION BY customer ORDER BY placed) prev, row_number() OVER (ORDER BY amount DESC) rn, amount / sum(amount) OVER () share FROM orders ORDER BY order_id;
-- order_id: bigint | running: decimal(20,2) | prev: decimal(10,2) | rn: int | share: decimal(33,23)
-- [1, "10.50", "0.00", 2, "0.24561403508771929824561"]
-- [2, "20.00", "0.00", 1, "0.46783625730994152046784"]
-- [3, "15.75", "10.50", 4, "0.12280701754385964912281"]
-- [4, "7.00", "0.00", 3, "0.16374269005847953216374"]

SELECT order_id, t FROM orders LATERAL VIEW OUTER explode(tags) x AS t ORDER BY order_id, t;
-- order_id: bigint | t: string
-- [1, "a"]
-- [1, "b"]
-- [2, "b"]
-- [3, null]
-- [4, null]

SELECT t, count(*) c FROM orders, LATERAL explode(tags) AS e(t) GROUP BY t ORDER BY c DESC, t;
-- t: string | c: bigint
-- ["b", 2]
-- ["a", 1]

SELECT CASE WHEN amount >= 20 THEN 'big' WHEN amount >= 10 THEN 'mid' ELSE 'small' END bucket, count(*) FROM orders GROUP BY bucket ORDER BY bucket;
-- bucket: string | count(1): bigint
-- ["big", 1]
-- ["mid", 1]
-- ["small", 2]

SELECT nvl(customer, 'nobody'), coalesce(note, 'none'), ifnull(quantity, 0) + 1, nullif(note, '') FROM orders ORDER BY order_id;
-- nvl(customer, nobody): string | coalesce(note, none): string | (ifnull(quantity, 0) + 1): int | nullif(note, ): string
-- ["ann", "none", 3, null]
-- ["bob", "gift", 2, "gift"]
-- ["ann", "x,y", 4, "x,y"]
-- ["nobody", "", 1, null]

SELECT day, day + INTERVAL 1 DAY AS next, date_add(day, 7), add_months(day, 1), datediff(DATE'2024-03-01', day), date_format(day, 'yyyy-MM'), dayofweek(day), weekofyear(day), last_day(day), day - DATE'2024-01-01' FROM orders ORDER BY order_id;
-- day: date | next: date | date_add(day, 7): date | add_months(day, 1): date | datediff(DATE '2024-03-01', day): int | date_format(day, yyyy-MM): string | dayofweek(day): int | weekofyear(day): int | last_day(day): date | (day - DATE '2024-01-01'): interval day
-- ["2024-01-01", "2024-01-02", "2024-01-08", "2024-02-01", 60, "2024-01", 2, 1, "2024-01-31", "0:00:00"]
-- ["2024-01-02", "2024-01-03", "2024-01-09", "2024-02-02", 59, "2024-01", 3, 1, "2024-01-31", "1 day, 0:00:00"]
-- ["2024-02-01", "2024-02-02", "2024-02-08", "2024-03-01", 29, "2024-02", 5, 5, "2024-02-29", "31 days, 0:00:00"]
-- [null, null, null, null, null, null, null, null, null, null]

SELECT split(note, ',')[0], substring(customer, 1, 1), upper(customer), initcap(customer), length(note), replace(note, ',', ';'), regexp_extract(note, '([a-z]+)', 1), reverse(customer), instr(customer, 'n') FROM orders ORDER BY order_id;
-- split(note, ,, -1)[0]: string | substring(customer, 1, 1): string | upper(customer): string | initcap(customer): string | length(note): int | replace(note, ,, ;): string | regexp_extract(note, ([a-z]+), 1): string | reverse(customer): string | instr(customer, n): int
-- [null, "a", "ANN", "Ann", null, null, null, "nna", 2]
-- ["gift", "b", "BOB", "Bob", 4, "gift", "gift", "bob", 0]
-- ["x", "a", "ANN", "Ann", 3, "x;y", "x", "nna", 2]
-- ["", null, null, null, 0, "", "", null, null]

SELECT order_id FROM orders WHERE note LIKE '%i%' OR customer RLIKE '^a' OR note IN ('x,y', '') ORDER BY order_id;
-- order_id: bigint
-- [1]
-- [2]
-- [3]
-- [4]

SELECT * FROM (SELECT customer, month(day) m, amount FROM orders) PIVOT (sum(amount) AS s FOR m IN (1 AS jan, 2 AS feb)) ORDER BY customer;
-- customer: string | jan: decimal(20,2) | feb: decimal(20,2)
-- [null, null, null]
-- ["ann", "10.50", "5.25"]
-- ["bob", "20.00", null]

WITH c AS (SELECT customer, sum(amount) total FROM orders GROUP BY customer), r AS (SELECT *, rank() OVER (ORDER BY total DESC) rk FROM c) SELECT customer, total FROM r WHERE rk <= 2 ORDER BY rk;
-- customer: string | total: decimal(20,2)
-- ["bob", "20.00"]
-- ["ann", "15.75"]

SELECT o.order_id, p.customer FROM orders o JOIN orders p ON o.customer = p.customer AND o.order_id < p.order_id;
-- order_id: bigint | customer: string
-- [1, "ann"]

SELECT customer FROM orders WHERE amount > (SELECT avg(amount) FROM orders);
-- customer: string
-- ["bob"]

SELECT customer, grouping(customer) g, sum(amount) FROM orders GROUP BY ROLLUP (customer) ORDER BY g, customer;
-- customer: string | g: tinyint | sum(amount): decimal(20,2)
-- [null, 0, "7.00"]
-- ["ann", 0, "15.75"]
-- ["bob", 0, "20.00"]
-- [null, 1, "42.75"]

SELECT percentile_approx(amount, 0.5), median(amount), stddev(amount), variance(quantity), percentile(quantity, 0.5), mode(customer) FROM orders;
-- percentile_approx(amount, 0.5, 10000): decimal(10,2) | median(amount): double | stddev(amount): double | variance(quantity): double | percentile(quantity, 0.5, 1): double | mode(customer): string
-- ["7.00", 8.75, 6.5808275822, 1.0, 2.0, "ann"]

SELECT to_json(struct(order_id, customer, amount, tags)) j FROM orders ORDER BY order_id;
-- j: string
-- ["{\"order_id\":1,\"customer\":\"ann\",\"amount\":10.50,\"tags\":[\"a\",\"b\"]}"]
-- ["{\"order_id\":2,\"customer\":\"bob\",\"amount\":20.00,\"tags\":[\"b\"]}"]
-- ["{\"order_id\":3,\"customer\":\"ann\",\"amount\":5.25,\"tags\":[]}"]
-- ["{\"order_id\":4,\"amount\":7.00}"]

SELECT to_json(attrs), to_json(tags) FROM orders ORDER BY order_id;
-- to_json(attrs): string | to_json(tags): string
-- ["{\"k\":\"v\"}", "[\"a\",\"b\"]"]
-- ["{}", "[\"b\"]"]
-- [null, "[]"]
-- ["{\"k\":\"w\",\"z\":null}", null]

SELECT transform(tags, t -> upper(t)), filter(tags, t -> t <> 'a'), exists(tags, t -> t = 'a'), aggregate(transform(tags, t -> length(t)), 0, (a, x) -> a + x) FROM orders ORDER BY order_id;
-- transform(tags, lambdafunction(upper(namedlambdavariable()), namedlambdavariable())): array<string> | filter(tags, lambdafunction((NOT (namedlambdavariable() = a)), namedlambdavariable())): array<string> | exists(tags, lambdafunction((namedlambdavariable() = a), namedlambdavariable())): boolean | aggregate(transform(tags, lambdafunction(length(namedlambdavariable()), namedlambdavariable())), 0, lambdafunction((namedlambdavariable() + namedlambdavariable()), namedlambdavariable(), namedlambdavariable()), lambdafunction(namedlambdavariable(), namedlambdavariable())): int
-- [["A", "B"], ["b"], true, 2]
-- [["B"], ["b"], false, 1]
-- [[], [], false, 0]
-- [null, null, null, null]

SELECT order_id, amount, CAST(amount AS INT), CAST(amount AS DOUBLE), CAST(amount AS STRING), CAST(placed AS DATE), CAST(day AS TIMESTAMP), CAST(order_id AS STRING), CAST(quantity AS BOOLEAN) FROM orders ORDER BY order_id;
-- order_id: bigint | amount: decimal(10,2) | amount: int | amount: double | amount: string | placed: date | day: timestamp | order_id: string | quantity: boolean
-- [1, "10.50", 10, 10.5, "10.50", "2024-01-01", "2024-01-01 00:00:00", "1", true]
-- [2, "20.00", 20, 20.0, "20.00", "2024-01-02", "2024-01-02 00:00:00", "2", true]
-- [3, "5.25", 5, 5.25, "5.25", "2024-02-01", "2024-02-01 00:00:00", "3", true]
-- [4, "7.00", 7, 7.0, "7.00", null, null, "4", null]

SELECT amount * 1.1, amount + 1, amount / 3, amount % 3, -amount, quantity / 2, quantity * 0.5D, order_id + quantity, amount * quantity FROM orders ORDER BY order_id;
-- (amount * 1.1): decimal(13,3) | (amount + 1): decimal(11,2) | (amount / 3): decimal(14,6) | (amount % 3): decimal(3,2) | (- amount): decimal(10,2) | (quantity / 2): double | (quantity * 0.5): double | (order_id + quantity): bigint | (amount * quantity): decimal(21,2)
-- ["11.550", "11.50", "3.500000", "1.50", "-10.50", 1.0, 1.0, 3, "21.00"]
-- ["22.000", "21.00", "6.666667", "2.00", "-20.00", 0.5, 0.5, 3, "20.00"]
-- ["5.775", "6.25", "1.750000", "2.25", "-5.25", 1.5, 1.5, 6, "15.75"]
-- ["7.700", "8.00", "2.333333", "1.00", "-7.00", null, null, null, null]

SELECT greatest(amount, 10), least(quantity, 2), abs(-amount), ceil(amount), floor(amount), round(amount), sqrt(quantity), power(quantity, 2), bround(amount, 1), sign(amount) FROM orders ORDER BY order_id;
-- greatest(amount, 10): decimal(12,2) | least(quantity, 2): int | abs((- amount)): decimal(10,2) | CEIL(amount): decimal(9,0) | FLOOR(amount): decimal(9,0) | round(amount, 0): decimal(9,0) | SQRT(quantity): double | POWER(quantity, 2): double | bround(amount, 1): decimal(10,1) | sign(amount): double
-- ["10.50", 2, "10.50", "11", "10", "11", 1.41421356237, 4.0, "10.5", 1.0]
-- ["20.00", 1, "20.00", "20", "20", "20", 1.0, 1.0, "20.0", 1.0]
-- ["10.00", 2, "5.25", "6", "5", "5", 1.73205080757, 9.0, "5.2", 1.0]
-- ["10.00", 2, "7.00", "7", "7", "7", null, null, "7.0", 1.0]

SELECT unix_timestamp(placed), from_unixtime(unix_timestamp(placed)), to_date(placed), hour(placed), date_format(placed, 'HH:mm'), to_timestamp('2024-01-01 00:00:00') < placed FROM orders ORDER BY order_id;
-- unix_timestamp(placed, yyyy-MM-dd HH:mm:ss): bigint | from_unixtime(unix_timestamp(placed, yyyy-MM-dd HH:mm:ss), yyyy-MM-dd HH:mm:ss): string | to_date(placed): date | hour(placed): int | date_format(placed, HH:mm): string | (to_timestamp(2024-01-01 00:00:00) < placed): boolean
-- [1704103200, "2024-01-01 10:00:00", "2024-01-01", 10, "10:00", true]
-- [1704195000, "2024-01-02 11:30:00", "2024-01-02", 11, "11:30", true]
-- [1706778900, "2024-02-01 09:15:00", "2024-02-01", 9, "09:15", true]
-- [null, null, null, null, null, null]

SELECT customer, count_if(amount > 6), bool_and(quantity > 1), any(quantity > 2), count(quantity, note), sum(IF(note IS NULL, 1, 0)) FROM orders GROUP BY customer ORDER BY customer;
-- customer: string | count_if((amount > 6)): bigint | bool_and((quantity > 1)): boolean | any((quantity > 2)): boolean | count(quantity, note): bigint | sum((IF((note IS NULL), 1, 0))): bigint
-- [null, 1, null, null, 0, 0]
-- ["ann", 1, true, true, 1, 1]
-- ["bob", 1, false, false, 1, 0]

SELECT DISTINCT customer FROM orders ORDER BY customer DESC NULLS LAST LIMIT 2;
-- customer: string
-- ["bob"]
-- ["ann"]

SELECT customer FROM orders UNION SELECT 'zed' ORDER BY customer NULLS FIRST;
-- customer: string
-- [null]
-- ["ann"]
-- ["bob"]
-- ["zed"]

SELECT customer FROM orders EXCEPT SELECT 'ann' ORDER BY 1;
-- customer: string
-- [null]
-- ["bob"]

SELECT order_id FROM orders ORDER BY amount DESC LIMIT 2 OFFSET 1;
-- order_id: bigint
-- [1]
-- [4]

SELECT stack(2, 'q', quantity, 'a', CAST(amount AS INT)) AS (k, v) FROM orders WHERE order_id = 1;
-- k: string | v: int
-- ["q", 2]
-- ["a", 10]

SELECT md5(customer), sha2(customer, 256), crc32(customer), hash(customer, quantity), xxhash64(order_id, customer) FROM orders ORDER BY order_id;
-- md5(customer): string | sha2(customer, 256): string | crc32(customer): bigint | hash(customer, quantity): int | xxhash64(order_id, customer): bigint
-- ["7e0d7f8a5d96c24ffcc840f31bce72b2", "49915e0d7d4b402e3017d010bc1c0e83cac6c797d6c16e66340fe3268693a6a1", 3877663347, 437547564, -6091726665629762]
-- ["9f9d51bc70ef21ca5c14f307980a29d8", "81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9", 4123767104, 88134532, -1209982157740799830]
-- ["7e0d7f8a5d96c24ffcc840f31bce72b2", "49915e0d7d4b402e3017d010bc1c0e83cac6c797d6c16e66340fe3268693a6a1", 3877663347, -1291998235, 4656033297155450943]
-- [null, null, null, 42, 404280023041566627]

SELECT named_struct('a', order_id, 'b', tags).b[0] x, struct(order_id, customer).customer y FROM orders WHERE order_id = 1;
-- x: string | y: string
-- ["a", "ann"]

SELECT array_sort(flatten(collect_list(tags))) AS sorted, array_distinct(flatten(collect_list(tags))), sort_array(collect_set(customer), false) FROM orders;
-- sorted: array<string> | array_distinct(flatten(collect_list(tags))): array<string> | sort_array(collect_set(customer), false): array<string>
-- [["a", "b", "b"], ["a", "b"], ["bob", "ann"]]

SELECT map_from_entries(collect_list(struct(order_id, customer))) m FROM orders WHERE customer IS NOT NULL;
-- m: map<bigint,string>
-- [{"1": "ann", "2": "bob", "3": "ann"}]

SELECT window.start, sum(amount) FROM orders WHERE placed IS NOT NULL GROUP BY window(placed, '1 day') ORDER BY 1;
-- start: timestamp | sum(amount): decimal(20,2)
-- ["2024-01-01 00:00:00", "10.50"]
-- ["2024-01-02 00:00:00", "20.00"]
-- ["2024-02-01 00:00:00", "5.25"]

SELECT sequence(1, 5, 2), sequence(DATE'2024-01-01', DATE'2024-01-03'), slice(array(1, 2, 3, 4), 2, 2), array_position(array('a', 'b'), 'b'), arrays_zip(array(1, 2), array('a', 'b')), array_repeat('x', 2), array_union(array(1), array(2)), array_max(array(1, 3)), concat(array(1), array(2));
-- sequence(1, 5, 2): array<int> | sequence(DATE '2024-01-01', DATE '2024-01-03'): array<date> | slice(array(1, 2, 3, 4), 2, 2): array<int> | array_position(array(a, b), b): bigint | arrays_zip(array(1, 2), array(a, b)): array<struct<0:int,1:string>> | array_repeat(x, 2): array<string> | array_union(array(1), array(2)): array<int> | array_max(array(1, 3)): int | concat(array(1), array(2)): array<int>
-- [[1, 3, 5], ["2024-01-01", "2024-01-02", "2024-01-03"], [2, 3], 2, [{"0": 1, "1": "a"}, {"0": 2, "1": "b"}], ["x", "x"], [1, 2], 3, [1, 2]]

SELECT try_cast('12x' AS INT), try_divide(1, 0), try_to_timestamp('nope'), try_element_at(array(1), 3), try_to_number('$5', '$9');
-- TRY_CAST(12x AS INT): int | try_divide(1, 0): double | try_to_timestamp(nope): timestamp | try_element_at(array(1), 3): int | try_to_number($5, $9): decimal(1,0)
-- [null, null, null, null, "5"]

SELECT amount FROM orders WHERE order_id = '1';
-- amount: decimal(10,2)
-- ["10.50"]

SELECT order_id FROM orders WHERE day = '2024-01-01';
-- order_id: bigint
-- [1]

SELECT order_id FROM orders WHERE placed >= '2024-01-02' AND placed < '2024-02-02 00:00:00';
-- order_id: bigint
-- [2]
-- [3]

SELECT order_id FROM orders WHERE day BETWEEN '2024-01-01' AND '2024-01-31' ORDER BY 1;
-- order_id: bigint
-- [1]
-- [2]

SELECT customer || ':' || quantity FROM orders ORDER BY order_id;
-- concat(concat(customer, :), quantity): string
-- ["ann:2"]
-- ["bob:1"]
-- ["ann:3"]
-- [null]

SELECT count(*) FROM orders WHERE placed > current_timestamp() - INTERVAL 10000 DAYS;
-- count(1): bigint
-- [3]

SELECT nope FROM orders;
--! UNRESOLVED_COLUMN.WITH_SUGGESTION 42703 "A column, variable, or function parameter with name `nope` cannot be resolved. Did you mean one of the following? [`note`, `day`, `tags`, `amount`, `attrs`]."

SELECT customer, amount FROM orders GROUP BY customer;
--! MISSING_AGGREGATION 42803 "The non-aggregating expression \"amount\" is based on columns which are not participating in the GROUP BY clause.\nAdd the columns or the expression to the GROUP BY, aggregate the expression, or use \"any_value(amount)\" if you do not care which of the values within a group is returned."

SELECT sum(customer) FROM orders;
--! CAST_INVALID_INPUT 22018 "The value 'ann' of the type \"STRING\" cannot be cast to \"DOUBLE\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT order_id + customer FROM orders WHERE order_id = 1;
--! CAST_INVALID_INPUT 22018 "The value 'ann' of the type \"STRING\" cannot be cast to \"BIGINT\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT amount / 0 FROM orders;
--! DIVIDE_BY_ZERO 22012 "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT o.nope FROM orders o;
--! UNRESOLVED_COLUMN.WITH_SUGGESTION 42703 "A column, variable, or function parameter with name `o`.`nope` cannot be resolved. Did you mean one of the following? [`o`.`note`, `o`.`day`, `o`.`tags`, `o`.`amount`, `o`.`attrs`]."

SELECT upper(customer, 1) FROM orders;
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605 "The `upper` requires 1 parameters but the actual number is 2. Please, refer to 'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix."

INSERT INTO orders VALUES (1);
--! INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS 21S01 "Cannot write to `spark_catalog`.`corpus`.`orders`, the reason is not enough data columns:\nTable columns: `order_id`, `customer`, `amount`, `quantity`, `placed`, `day`, `tags`, `attrs`, `note`.\nData columns: `col1`."

SELECT CAST(quantity AS TINYINT) + CAST(200 AS TINYINT) FROM orders;
--! CAST_OVERFLOW 22003 "The value 200 of the type \"INT\" cannot be cast to \"TINYINT\" due to an overflow. Use `try_cast` to tolerate overflow and return NULL instead."

SELECT 2147483647 + 1;
--! ARITHMETIC_OVERFLOW 22003 "overflow. Use 'try_add' to tolerate overflow and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT date'2024-13-01';
--! INVALID_TYPED_LITERAL 42604 "The value of the typed literal \"DATE\" is invalid: '2024-13-01'."

SELECT element_at(array(1, 2), 0);
--! INVALID_INDEX_OF_ZERO 22003 "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1)."

SELECT struct(1 AS a).b;
--! FIELD_NOT_FOUND 42704 "No such struct field `b` in `a`."

SELECT try_cast(c AS INT), int(n), n::string, CAST(t.n AS STRING), CAST(upper(c) AS STRING), CAST(CAST(n AS STRING) AS INT), CAST(n + 1 AS STRING), CAST(s.a AS STRING) FROM VALUES ('1', 2, struct(1 AS a)) AS t(c, n, s);
-- c: int | n: int | n: string | n: string | CAST(upper(c) AS STRING): string | CAST(CAST(n AS STRING) AS INT): int | CAST((n + 1) AS STRING): string | CAST(s.a AS STRING): string
-- [1, 2, "2", "2", "1", 2, "3", "1"]

SELECT 'a' || 'b' || 'c', c || ':' || n, c || ':' || c, concat(c, ':', n) FROM VALUES ('1', 2) AS t(c, n);
-- concat(concat(a, b), c): string | concat(concat(c, :), n): string | concat(concat(c, :), c): string | concat(c, :, n): string
-- ["abc", "1:2", "1:1", "1:2"]

SELECT row_number() OVER (ORDER BY n), sum(n) OVER (PARTITION BY c ORDER BY n DESC), sum(n) OVER (PARTITION BY c), count(*) OVER (), rank() OVER (PARTITION BY c, n ORDER BY n DESC NULLS LAST), avg(n) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), lag(n) OVER (ORDER BY n), first_value(n) OVER (ORDER BY n), ntile(2) OVER (ORDER BY n), max(n) OVER w FROM VALUES ('1', 2) AS t(c, n) WINDOW w AS (ORDER BY n);
-- row_number() OVER (ORDER BY n ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW): int | sum(n) OVER (PARTITION BY c ORDER BY n DESC NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW): bigint | sum(n) OVER (PARTITION BY c ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING): bigint | count(1) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING): bigint | RANK() OVER (PARTITION BY c, n ORDER BY n DESC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW): int | avg(n) OVER (ORDER BY n ASC NULLS FIRST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW): double | lag(n, 1, NULL) OVER (ORDER BY n ASC NULLS FIRST ROWS BETWEEN -1 FOLLOWING AND -1 FOLLOWING): int | first_value(n) OVER (ORDER BY n ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW): int | ntile(2) OVER (ORDER BY n ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW): int | max(n) OVER (ORDER BY n ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW): int
-- [1, 2, 2, 1, 1, 2.0, null, 2, 1, 2]

SELECT trim(c), ltrim(c), rtrim(c), trim(BOTH '1' FROM c), trim(LEADING FROM c), position('1' IN c), locate('1', c), substr(c, 1), substring(c FROM 1 FOR 1), extract(YEAR FROM DATE'2024-01-01'), c LIKE '1%', c NOT LIKE '2%', n IN (1, 2), n NOT IN (3), n BETWEEN 1 AND 2, NOT true, -n, n <> 1, n != 1, c IS NULL, c IS NOT NULL, n <=> 1 FROM VALUES ('1', 2) AS t(c, n);
-- trim(c): string | ltrim(c): string | rtrim(c): string | TRIM(BOTH 1 FROM c): string | ltrim(c): string | locate(1, c, 1): int | locate(1, c, 1): int | substr(c, 1, 2147483647): string | substring(c, 1, 1): string | extract(YEAR FROM DATE '2024-01-01'): int | c LIKE 1%: boolean | (NOT c LIKE 2%): boolean | (n IN (1, 2)): boolean | (NOT (n IN (3))): boolean | between(n, 1, 2): boolean | (NOT true): boolean | (- n): int | (NOT (n = 1)): boolean | (NOT (n = 1)): boolean | (c IS NULL): boolean | (c IS NOT NULL): boolean | (n <=> 1): boolean
-- ["1", "1", "1", "", "1", 1, 1, "1", "1", 2024, true, true, true, true, true, false, -2, true, true, false, true, false]

SELECT n = 1 AND c = '1' OR n > 3, (n + 1) * 2, n % 2, n / 2, n DIV 2, CASE n WHEN 1 THEN 'a' ELSE 'b' END, IF(n > 1, 'x', 'y'), array(1, n), map('a', n), struct(n, c), named_struct('a', n), array(1, 2)[0], s.a, 2L, 1.5D, 1.5, 3S, 1Y, X'ff', DATE'2024-01-01', TIMESTAMP'2024-01-01 10:00:00', NULL, true, 'x' FROM VALUES ('1', 2, struct(1 AS a)) AS t(c, n, s);
-- (((n = 1) AND (c = 1)) OR (n > 3)): boolean | ((n + 1) * 2): int | (n % 2): int | (n / 2): double | (n div 2): bigint | CASE WHEN (n = 1) THEN a ELSE b END: string | (IF((n > 1), x, y)): string | array(1, n): array<int> | map(a, n): map<string,int> | struct(n, c): struct<n:int,c:string> | named_struct(a, n): struct<a:int> | array(1, 2)[0]: int | a: int | 2: bigint | 1.5: double | 1.5: decimal(2,1) | 3: smallint | 1: tinyint | X'FF': binary | DATE '2024-01-01': date | TIMESTAMP '2024-01-01 10:00:00': timestamp | NULL: void | true: boolean | x: string
-- [false, 6, 0, 1.0, 1, "b", "x", [1, 2], {"a": 2}, {"n": 2, "c": "1"}, {"a": 2}, 1, 1, 2, 1.5, "1.5", 3, 1, "0xff", "2024-01-01", "2024-01-01 10:00:00", null, true, "x"]

SELECT count(*), count(1), count(n), count(DISTINCT n), sum(DISTINCT n), approx_count_distinct(n), collect_list(n), array_agg(n), max(n) - min(n), count(*) FILTER (WHERE n > 1), any_value(n), first(n), percentile(n, 0.5), percentile_cont(0.5) WITHIN GROUP (ORDER BY n), listagg(c, ','), string_agg(c, ','), std(n), every(true), bool_or(true), mean(n), max_by(c, n) FROM VALUES ('1', 2) AS t(c, n);
-- count(1): bigint | count(1): bigint | count(n): bigint | count(DISTINCT n): bigint | sum(DISTINCT n): bigint | approx_count_distinct(n): bigint | collect_list(n): array<int> | collect_list(n): array<int> | (max(n) - min(n)): int | count(1) FILTER (WHERE (n > 1)): bigint | any_value(n): int | first(n): int | percentile(n, 0.5, 1): double | percentile_cont(0.5) WITHIN GROUP (ORDER BY n): double | listagg(c, ,): string | string_agg(c, ,): string | std(n): double | every(true): boolean | bool_or(true): boolean | mean(n): double | max_by(c, n): string
-- [1, 1, 1, 1, 2, 1, [2], [2], 0, 1, 2, 2, 2.0, 2.0, "1", "1", null, true, true, 2.0, "1"]

SELECT current_date() IS NULL, date_add(d, 1), d - d, date_sub(d, 1), datediff(d, d), date_format(d, 'yyyy'), to_date('2024-01-01'), year(d), month(d), dateadd(DAY, 1, d), date_diff(DAY, d, d), timestampadd(HOUR, 1, TIMESTAMP'2024-01-01 10:00:00'), to_timestamp('2024-01-01 10:00:00'), unix_timestamp(d), date_trunc('MONTH', d), trunc(d, 'MM'), last_day(d), add_months(d, 1), months_between(d, d), date_part('YEAR', d), hour(d), weekday(d) FROM VALUES (DATE'2024-01-01') AS t(d);
-- (current_date() IS NULL): boolean | date_add(d, 1): date | (d - d): interval day | date_sub(d, 1): date | datediff(d, d): int | date_format(d, yyyy): string | to_date(2024-01-01): date | year(d): int | month(d): int | timestampadd(DAY, 1, d): timestamp | timestampdiff(DAY, d, d): bigint | timestampadd(HOUR, 1, TIMESTAMP '2024-01-01 10:00:00'): timestamp | to_timestamp(2024-01-01 10:00:00): timestamp | unix_timestamp(d, yyyy-MM-dd HH:mm:ss): bigint | date_trunc(MONTH, d): timestamp | trunc(d, MM): date | last_day(d): date | add_months(d, 1): date | months_between(d, d, true): double | date_part(YEAR, d): int | hour(d): int | weekday(d): int
-- [false, "2024-01-02", "0:00:00", "2023-12-31", 0, "2024", "2024-01-01", 2024, 1, "2024-01-02 00:00:00", 0, "2024-01-01 11:00:00", "2024-01-01 10:00:00", 1704067200, "2024-01-01 00:00:00", "2024-01-01", "2024-01-31", "2024-02-01", 0.0, 2024, 0, 0]
