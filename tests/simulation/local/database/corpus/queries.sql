-- Queries: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-qry-select.html

CREATE TEMP VIEW emp AS SELECT * FROM VALUES (1, 'Ada', 'eng', CAST(120.00 AS DECIMAL(10,2)), DATE'2020-01-15', NULL), (2, 'Ben', 'eng', CAST(95.50 AS DECIMAL(10,2)), DATE'2021-03-01', 1), (3, 'Cleo', 'ops', CAST(80.00 AS DECIMAL(10,2)), DATE'2019-07-30', 1), (4, 'Dan', 'ops', CAST(80.00 AS DECIMAL(10,2)), DATE'2022-11-11', 3), (5, 'Eve', NULL, NULL, DATE'2023-05-05', 3) AS t(id, name, dept, salary, hired, boss);
-- ok

CREATE TEMP VIEW sales AS SELECT * FROM VALUES (2023, 'Q1', 'north', 10), (2023, 'Q2', 'north', 20), (2023, 'Q1', 'south', 5), (2024, 'Q1', 'north', 7), (2024, 'Q2', 'south', 8) AS t(year, quarter, region, amount);
-- ok

SELECT * FROM emp ORDER BY id;
-- id: int | name: string | dept: string | salary: decimal(10,2) | hired: date | boss: int
-- [1, "Ada", "eng", "120.00", "2020-01-15", null]
-- [2, "Ben", "eng", "95.50", "2021-03-01", 1]
-- [3, "Cleo", "ops", "80.00", "2019-07-30", 1]
-- [4, "Dan", "ops", "80.00", "2022-11-11", 3]
-- [5, "Eve", null, null, "2023-05-05", 3]

SELECT dept, count(*) n, avg(salary) s, sum(salary) t FROM emp GROUP BY dept ORDER BY dept;
-- dept: string | n: bigint | s: decimal(14,6) | t: decimal(20,2)
-- [null, 1, null, null]
-- ["eng", 2, "107.750000", "215.50"]
-- ["ops", 2, "80.000000", "160.00"]

SELECT dept, count(*) FROM emp GROUP BY dept HAVING count(*) > 1 ORDER BY 1;
-- dept: string | count(1): bigint
-- ["eng", 2]
-- ["ops", 2]

SELECT dept, count(*) AS n FROM emp GROUP BY ALL ORDER BY ALL;
-- dept: string | n: bigint
-- [null, 1]
-- ["eng", 2]
-- ["ops", 2]

SELECT dept AS d, max(salary) FROM emp GROUP BY d ORDER BY d NULLS LAST;
-- d: string | max(salary): decimal(10,2)
-- ["eng", "120.00"]
-- ["ops", "80.00"]
-- [null, null]

SELECT dept, name FROM emp ORDER BY ALL DESC;
-- dept: string | name: string
-- ["ops", "Dan"]
-- ["ops", "Cleo"]
-- ["eng", "Ben"]
-- ["eng", "Ada"]
-- [null, "Eve"]

SELECT dept FROM emp ORDER BY dept;
-- dept: string
-- [null]
-- ["eng"]
-- ["eng"]
-- ["ops"]
-- ["ops"]

SELECT dept FROM emp ORDER BY dept DESC, name;
-- dept: string
-- ["ops"]
-- ["ops"]
-- ["eng"]
-- ["eng"]
-- [null]

SELECT DISTINCT dept FROM emp ORDER BY dept;
-- dept: string
-- [null]
-- ["eng"]
-- ["ops"]

SELECT * EXCEPT (salary, hired, boss) FROM emp WHERE id < 3 ORDER BY id;
-- id: int | name: string | dept: string
-- [1, "Ada", "eng"]
-- [2, "Ben", "eng"]

SELECT e.* EXCEPT (e.salary, e.hired), b.name AS boss_name FROM emp e LEFT JOIN emp b ON e.boss = b.id ORDER BY e.id;
-- id: int | name: string | dept: string | boss: int | boss_name: string
-- [1, "Ada", "eng", null, null]
-- [2, "Ben", "eng", 1, "Ada"]
-- [3, "Cleo", "ops", 1, "Ada"]
-- [4, "Dan", "ops", 3, "Cleo"]
-- [5, "Eve", null, 3, "Cleo"]

SELECT id + 1 AS a, a * 2 AS b, b - a AS c FROM emp ORDER BY id LIMIT 2;
-- a: int | b: int | c: int
-- [2, 4, 2]
-- [3, 6, 3]

SELECT name FROM emp ORDER BY id LIMIT 2 OFFSET 1;
-- name: string
-- ["Ben"]
-- ["Cleo"]

SELECT count(*) a, count(dept) b, count(DISTINCT dept) c, count_if(salary > 90) d, count(DISTINCT dept, boss) e, approx_count_distinct(dept) f FROM emp;
-- a: bigint | b: bigint | c: bigint | d: bigint | e: bigint | f: bigint
-- [5, 4, 2, 2, 3, 2]

SELECT sum(salary) FILTER (WHERE dept = 'eng') a, count(*) FILTER (WHERE salary IS NULL) b, any_value(dept) IS NOT NULL c, first(name) d, last(name, true) e FROM emp;
-- a: decimal(20,2) | b: bigint | c: boolean | d: string | e: string
-- ["215.50", 1, true, "Ada", "Eve"]

SELECT min_by(name, hired) a, max_by(name, salary) b, bool_and(id > 0) c, bool_or(id > 4) d, every(id > 0) e, some(id > 9) f, any(id = 1) g, mode(boss) IN (1, 3) h FROM emp;
-- a: string | b: string | c: boolean | d: boolean | e: boolean | f: boolean | g: boolean | h: boolean
-- ["Cleo", "Ada", true, true, true, false, true, true]

SELECT stddev(id) a, stddev_pop(id) b, variance(id) c, var_pop(id) d, corr(id, boss) e, covar_pop(id, id) f, covar_samp(id, id) g, skewness(id) h, kurtosis(id) i, regr_slope(id, id) j, std(id) k FROM emp;
-- a: double | b: double | c: double | d: double | e: double | f: double | g: double | h: double | i: double | j: double | k: double
-- [1.58113883008, 1.41421356237, 2.5, 2.0, 0.894427191, 2.0, 2.5, 0.0, -1.3, 1.0, 1.58113883008]

SELECT percentile(id, 0.5) a, percentile_approx(id, 0.5) b, median(salary) c, percentile_cont(0.25) WITHIN GROUP (ORDER BY id) d, percentile_disc(0.5) WITHIN GROUP (ORDER BY id) e, percentile(id, array(0.25, 0.75)) f, approx_percentile(id, array(0.5), 100) g FROM emp;
-- a: double | b: int | c: double | d: double | e: double | f: array<double> | g: array<int>
-- [3.0, 3, 87.75, 2.0, 3.0, [2.0, 4.0], [3]]

SELECT listagg(name, ',') WITHIN GROUP (ORDER BY id) a, string_agg(name, '|') WITHIN GROUP (ORDER BY id DESC) b, array_join(collect_list(name), ';') c FROM emp;
-- a: string | b: string | c: string
-- ["Ada,Ben,Cleo,Dan,Eve", "Eve|Dan|Cleo|Ben|Ada", "Ada;Ben;Cleo;Dan;Eve"]

SELECT bit_and(id) a, bit_or(id) b, bit_xor(id) c FROM emp;
-- a: int | b: int | c: int
-- [0, 7, 1]

SELECT year, quarter, sum(amount) s FROM sales GROUP BY ROLLUP (year, quarter) ORDER BY year, quarter;
-- year: int | quarter: string | s: bigint
-- [null, null, 50]
-- [2023, null, 35]
-- [2023, "Q1", 15]
-- [2023, "Q2", 20]
-- [2024, null, 15]
-- [2024, "Q1", 7]
-- [2024, "Q2", 8]

SELECT year, region, sum(amount) s, grouping(region) g, grouping_id() i FROM sales GROUP BY CUBE (year, region) ORDER BY year, region;
-- year: int | region: string | s: bigint | g: tinyint | i: bigint
-- [null, null, 50, 1, 3]
-- [null, "north", 37, 0, 2]
-- [null, "south", 13, 0, 2]
-- [2023, null, 35, 1, 1]
-- [2023, "north", 30, 0, 0]
-- [2023, "south", 5, 0, 0]
-- [2024, null, 15, 1, 1]
-- [2024, "north", 7, 0, 0]
-- [2024, "south", 8, 0, 0]

SELECT year, region, sum(amount) s FROM sales GROUP BY GROUPING SETS ((year), (region), ()) ORDER BY year, region;
-- year: int | region: string | s: bigint
-- [null, null, 50]
-- [null, "north", 37]
-- [null, "south", 13]
-- [2023, null, 35]
-- [2024, null, 15]

SELECT year, region, sum(amount) s FROM sales GROUP BY year, region WITH ROLLUP ORDER BY year, region;
-- year: int | region: string | s: bigint
-- [null, null, 50]
-- [2023, null, 35]
-- [2023, "north", 30]
-- [2023, "south", 5]
-- [2024, null, 15]
-- [2024, "north", 7]
-- [2024, "south", 8]

SELECT * FROM (SELECT year, quarter, amount FROM sales) PIVOT (sum(amount) FOR quarter IN ('Q1', 'Q2')) ORDER BY year;
-- year: int | Q1: bigint | Q2: bigint
-- [2023, 15, 20]
-- [2024, 7, 8]

SELECT * FROM (SELECT year, quarter, amount FROM sales) PIVOT (sum(amount) AS s, max(amount) AS m FOR quarter IN ('Q1' AS a, 'Q2' AS b)) ORDER BY year;
-- year: int | a_s: bigint | a_m: int | b_s: bigint | b_m: int
-- [2023, 15, 10, 20, 20]
-- [2024, 7, 7, 8, 8]

SELECT * FROM sales PIVOT (sum(amount) FOR (quarter, region) IN (('Q1', 'north') AS q1n, ('Q2', 'south') AS q2s)) ORDER BY year;
-- year: int | q1n: bigint | q2s: bigint
-- [2023, 10, null]
-- [2024, 7, 8]

SELECT * FROM (SELECT 1 AS id, 10 AS a, 20 AS b) UNPIVOT (v FOR k IN (a, b)) ORDER BY k;
-- id: int | k: string | v: int
-- [1, "a", 10]
-- [1, "b", 20]

SELECT * FROM (SELECT 1 AS id, 10 AS a, CAST(NULL AS INT) AS b) UNPIVOT INCLUDE NULLS (v FOR k IN (a AS first, b AS second)) ORDER BY k;
-- id: int | k: string | v: int
-- [1, "first", 10]
-- [1, "second", null]

SELECT name, row_number() OVER (PARTITION BY dept ORDER BY salary DESC, id) rn, rank() OVER (PARTITION BY dept ORDER BY salary DESC) rk, dense_rank() OVER (ORDER BY salary DESC) dr, ntile(2) OVER (ORDER BY id) nt, percent_rank() OVER (ORDER BY id) pr, cume_dist() OVER (ORDER BY id) cd FROM emp ORDER BY id;
-- name: string | rn: int | rk: int | dr: int | nt: int | pr: double | cd: double
-- ["Ada", 1, 1, 1, 1, 0.0, 0.2]
-- ["Ben", 2, 2, 2, 1, 0.25, 0.4]
-- ["Cleo", 1, 1, 3, 1, 0.5, 0.6]
-- ["Dan", 2, 1, 3, 2, 0.75, 0.8]
-- ["Eve", 1, 1, 4, 2, 1.0, 1.0]

SELECT id, lag(id) OVER (ORDER BY id) a, lead(id, 2, 0) OVER (ORDER BY id) b, first_value(name) OVER (ORDER BY id) c, last_value(name) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) d, nth_value(name, 2) OVER (ORDER BY id) e, lag(boss) IGNORE NULLS OVER (ORDER BY id) f FROM emp ORDER BY id;
-- id: int | a: int | b: int | c: string | d: string | e: string | f: int
-- [1, null, 3, "Ada", "Eve", null, null]
-- [2, 1, 4, "Ada", "Eve", "Ben", null]
-- [3, 2, 5, "Ada", "Eve", "Ben", 1]
-- [4, 3, 0, "Ada", "Eve", "Ben", 1]
-- [5, 4, 0, "Ada", "Eve", "Ben", 3]

SELECT id, sum(id) OVER (ORDER BY id) a, avg(salary) OVER (PARTITION BY dept) b, sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) c, count(*) OVER () d, sum(salary) OVER w e FROM emp WINDOW w AS (PARTITION BY dept ORDER BY id) ORDER BY id;
-- id: int | a: bigint | b: decimal(14,6) | c: bigint | d: bigint | e: decimal(20,2)
-- [1, 1, "107.750000", 1, 5, "120.00"]
-- [2, 3, "107.750000", 3, 5, "215.50"]
-- [3, 6, "80.000000", 5, 5, "80.00"]
-- [4, 10, "80.000000", 7, 5, "160.00"]
-- [5, 15, null, 9, 5, null]

SELECT id, sum(id) OVER (ORDER BY hired RANGE BETWEEN INTERVAL 1 YEAR PRECEDING AND CURRENT ROW) s FROM emp ORDER BY id;
-- id: int | s: bigint
-- [1, 4]
-- [2, 2]
-- [3, 3]
-- [4, 4]
-- [5, 9]

SELECT name, salary FROM emp QUALIFY row_number() OVER (PARTITION BY dept ORDER BY salary DESC, id) = 1 ORDER BY name;
-- name: string | salary: decimal(10,2)
-- ["Ada", "120.00"]
-- ["Cleo", "80.00"]
-- ["Eve", null]

SELECT name, rank() OVER (ORDER BY salary DESC) AS r FROM emp QUALIFY r = 1;
-- name: string | r: int
-- ["Ada", 1]

SELECT e.name, b.name AS boss FROM emp e JOIN emp b ON e.boss = b.id ORDER BY e.id;
-- name: string | boss: string
-- ["Ben", "Ada"]
-- ["Cleo", "Ada"]
-- ["Dan", "Cleo"]
-- ["Eve", "Cleo"]

SELECT name FROM emp e LEFT SEMI JOIN (SELECT 1 AS boss) x ON e.boss = x.boss ORDER BY name;
-- name: string
-- ["Ben"]
-- ["Cleo"]

SELECT name FROM emp e LEFT ANTI JOIN (SELECT 1 AS boss) x ON e.boss = x.boss ORDER BY name;
-- name: string
-- ["Ada"]
-- ["Dan"]
-- ["Eve"]

SELECT * FROM (SELECT 1 a, 2 b) x JOIN (SELECT 1 a, 3 c) y USING (a);
-- a: int | b: int | c: int
-- [1, 2, 3]

SELECT * FROM (SELECT 1 a, 2 b) x NATURAL JOIN (SELECT 1 a, 3 c) y;
-- a: int | b: int | c: int
-- [1, 2, 3]

SELECT * FROM (SELECT 1 a) x FULL OUTER JOIN (SELECT 2 a) y ON x.a = y.a ORDER BY x.a;
-- a: int | a: int
-- [null, 2]
-- [1, null]

SELECT * FROM (SELECT 1 a) x CROSS JOIN (SELECT 2 b) y;
-- a: int | b: int
-- [1, 2]

SELECT 1 a UNION SELECT 1 UNION ALL SELECT 2 ORDER BY a;
-- a: int
-- [1]
-- [2]

SELECT * FROM VALUES (1), (2), (2) t(a) EXCEPT SELECT 1;
-- a: int
-- [2]

SELECT * FROM VALUES (1), (2), (2) t(a) EXCEPT ALL SELECT 2;
-- a: int
-- [1]
-- [2]

SELECT * FROM VALUES (1), (2) t(a) INTERSECT SELECT 2;
-- a: int
-- [2]

SELECT * FROM VALUES (1), (2) t(a) MINUS SELECT 2;
-- a: int
-- [1]

SELECT 1 a, 'x' b UNION ALL SELECT 2.5, 'y' ORDER BY a;
-- a: decimal(11,1) | b: string
-- ["1.0", "x"]
-- ["2.5", "y"]

SELECT 1, 2 UNION SELECT 1;
--! NUM_COLUMNS_MISMATCH 42826 "UNION can only be performed on inputs with the same number of columns, but the first input has 2 columns and the second input has 1 columns."

WITH t AS (SELECT 1 AS x), u(y) AS (SELECT x + 1 FROM t) SELECT * FROM t, u;
-- x: int | y: int
-- [1, 2]

WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) s FROM r;
-- s: bigint
-- [15]

SELECT name FROM emp WHERE salary = (SELECT max(salary) FROM emp);
-- name: string
-- ["Ada"]

SELECT name FROM emp WHERE id IN (SELECT boss FROM emp) ORDER BY id;
-- name: string
-- ["Ada"]
-- ["Cleo"]

SELECT name FROM emp e WHERE EXISTS (SELECT 1 FROM emp b WHERE b.boss = e.id) ORDER BY id;
-- name: string
-- ["Ada"]
-- ["Cleo"]

SELECT name, (SELECT count(*) FROM emp b WHERE b.boss = e.id) n FROM emp e ORDER BY id;
-- name: string | n: bigint
-- ["Ada", 2]
-- ["Ben", 0]
-- ["Cleo", 2]
-- ["Dan", 0]
-- ["Eve", 0]

SELECT (SELECT id FROM emp);
--! SCALAR_SUBQUERY_TOO_MANY_ROWS 21000 "More than one row returned by a subquery used as an expression."

FROM emp SELECT name WHERE id = 1;
-- name: string
-- ["Ada"]

FROM sales |> WHERE year = 2023 |> AGGREGATE sum(amount) AS s GROUP BY region |> ORDER BY region;
-- region: string | s: bigint
-- ["north", 30]
-- ["south", 5]

VALUES (1, 'a'), (2, 'b');
-- col1: int | col2: string
-- [1, "a"]
-- [2, "b"]

TABLE emp;
-- id: int | name: string | dept: string | salary: decimal(10,2) | hired: date | boss: int
-- [1, "Ada", "eng", "120.00", "2020-01-15", null]
-- [2, "Ben", "eng", "95.50", "2021-03-01", 1]
-- [3, "Cleo", "ops", "80.00", "2019-07-30", 1]
-- [4, "Dan", "ops", "80.00", "2022-11-11", 3]
-- [5, "Eve", null, null, "2023-05-05", 3]

SELECT CASE dept WHEN 'eng' THEN 1 WHEN 'ops' THEN 2 ELSE 0 END c, if(salary > 90, 'high', 'low') i, nvl(dept, '?') n, nvl2(dept, 'y', 'n') n2, ifnull(dept, '-') f, nullif(dept, 'eng') z, coalesce(dept, name) k, equal_null(dept, NULL) e, zeroifnull(salary) zz FROM emp ORDER BY id;
-- c: int | i: string | n: string | n2: string | f: string | z: string | k: string | e: boolean | zz: decimal(12,2)
-- [1, "high", "eng", "y", "eng", null, "eng", false, "120.00"]
-- [1, "high", "eng", "y", "eng", null, "eng", false, "95.50"]
-- [2, "low", "ops", "y", "ops", "ops", "ops", false, "80.00"]
-- [2, "low", "ops", "y", "ops", "ops", "ops", false, "80.00"]
-- [0, "low", "?", "n", "-", null, "Eve", true, "0.00"]

SELECT dept IS DISTINCT FROM 'eng' a, dept <=> NULL b, NOT dept = 'eng' c, salary BETWEEN 80 AND 100 d, dept IN ('eng', NULL) e FROM emp ORDER BY id;
-- a: boolean | b: boolean | c: boolean | d: boolean | e: boolean
-- [false, false, false, false, true]
-- [false, false, false, true, true]
-- [true, false, true, true, null]
-- [true, false, true, true, null]
-- [true, true, null, null, null]

SELECT salry FROM emp;
--! UNRESOLVED_COLUMN.WITH_SUGGESTION 42703 "A column, variable, or function parameter with name `salry` cannot be resolved. Did you mean one of the following? [`salary`, `id`, `name`, `boss`, `dept`]."

SELECT e.salry FROM emp e;
--! UNRESOLVED_COLUMN.WITH_SUGGESTION 42703 "A column, variable, or function parameter with name `e`.`salry` cannot be resolved. Did you mean one of the following? [`e`.`salary`, `e`.`id`, `e`.`name`, `e`.`boss`, `e`.`dept`]."

SELECT emp.id FROM emp e;
--! UNRESOLVED_COLUMN.WITH_SUGGESTION 42703 "A column, variable, or function parameter with name `emp`.`id` cannot be resolved. Did you mean one of the following? [`e`.`id`, `e`.`dept`, `e`.`hired`, `e`.`boss`, `e`.`name`]."

SELECT * FROM nope;
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `nope` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

SELECT * FROM nope.nada;
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `nope`.`nada` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

SELECT name, count(*) FROM emp;
--! MISSING_GROUP_BY 42803 "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using OVER clauses."

SELECT name FROM emp GROUP BY dept;
--! MISSING_AGGREGATION 42803 "The non-aggregating expression \"name\" is based on columns which are not participating in the GROUP BY clause.\nAdd the columns or the expression to the GROUP BY, aggregate the expression, or use \"any_value(name)\" if you do not care which of the values within a group is returned."

SELECT dept FROM emp WHERE count(*) > 1;
--! INVALID_WHERE_CONDITION 42903 "The WHERE condition \"(count(1) > 1)\" contains invalid expressions: count(1).\nRewrite the query to avoid window functions, aggregate functions, and generator functions in the WHERE clause."

SELECT id FROM emp a JOIN emp b ON a.id = b.boss;
--! AMBIGUOUS_REFERENCE 42704 "Reference `id` is ambiguous, could be: [`a`.`id`, `b`.`id`]."

SELECT a.id FROM emp a JOIN emp a ON true;
--! AMBIGUOUS_REFERENCE 42704 "Reference `a`.`id` is ambiguous, could be: [`a`.`id`, `a`.`id`]."

SELECT id FROM emp ORDER BY 5;
--! ORDER_BY_POS_OUT_OF_RANGE 42805 "ORDER BY position 5 is not in select list (valid range is [1, 1])."

SELECT id FROM emp GROUP BY 7;
--! GROUP_BY_POS_OUT_OF_RANGE 42805 "GROUP BY position 7 is not in select list (valid range is [1, 1])."

SELECT * FROM emp WHERE id = 'x';
--! CAST_INVALID_INPUT 22018 "The value 'x' of the type \"STRING\" cannot be cast to \"BIGINT\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT * FROM emp WHERE name;
--! DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN 42K09 "Cannot resolve \"name\" due to data type mismatch: Filter expression \"name\" of type \"STRING\" is not a boolean."

SELECT 1 + array(1);
--! DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09 "Cannot resolve \"(1 + array(1))\" due to data type mismatch: the left and right operands of the binary operator have incompatible types (\"INT\" and \"ARRAY<INT>\")."

SELECT true + 1;
--! DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES 42K09 "Cannot resolve \"(true + 1)\" due to data type mismatch: the left and right operands of the binary operator have incompatible types (\"BOOLEAN\" and \"INT\")."

SELECT if(1, 2, 3);
--! DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE 42K09 "Cannot resolve \"(IF(1, 2, 3))\" due to data type mismatch: The first parameter requires the \"BOOLEAN\" type, however \"1\" has the type \"INT\"."

SELECT sum(name) FROM emp;
--! CAST_INVALID_INPUT 22018 "The value 'Ada' of the type \"STRING\" cannot be cast to \"DOUBLE\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT id FROM emp LIMIT -1;
--! INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE 42K0E "The limit like expression \"-1\" is invalid. The limit expression must be equal to or greater than 0, but got -1."

SELECT raise_error('my message');
--! USER_RAISED_EXCEPTION P0001 "my message"

SELECT assert_true(1 > 2, 'no');
--! USER_RAISED_EXCEPTION P0001 "no"

SELECT * FORM emp;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near 'emp': extra input 'emp'."

SELEC 1;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near 'SELEC'."

SELECT (1;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near end of input."

SELECT 'abc;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near '''."

SELECT id name dept FROM emp;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near 'dept'."

SELECT row_number() FROM emp;
--! WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE 42601 "Window function \"row_number()\" requires an OVER clause."

SELECT sum(sum(id)) FROM emp;
--! NESTED_AGGREGATE_FUNCTION 42607 "It is not allowed to use an aggregate function in the argument of another aggregate function. Please use the inner aggregate function in a sub-query."

SELECT id FROM emp UNION SELECT name, id FROM emp;
--! NUM_COLUMNS_MISMATCH 42826 "UNION can only be performed on inputs with the same number of columns, but the first input has 1 columns and the second input has 2 columns."

SELECT * FROM range(3);
-- id: bigint
-- [0]
-- [1]
-- [2]

SELECT * FROM range(1, 7, 2) AS r(x);
-- x: bigint
-- [1]
-- [3]
-- [5]

SELECT id FROM emp TABLESAMPLE (100 PERCENT) ORDER BY id;
-- id: int
-- [1]
-- [2]
-- [3]
-- [4]
-- [5]

SELECT monotonically_increasing_id() >= 0 a, spark_partition_id() >= 0 b, input_file_name() c FROM emp LIMIT 1;
-- a: boolean | b: boolean | c: string
-- [true, true, ""]

SELECT /*+ BROADCAST(b) */ count(*) n FROM emp a JOIN emp b ON a.id = b.boss;
-- n: bigint
-- [4]

SELECT id, name FROM emp WHERE name LIKE 'A%' OR (dept = 'ops' AND NOT salary > 90) ORDER BY id DESC NULLS LAST;
-- id: int | name: string
-- [4, "Dan"]
-- [3, "Cleo"]
-- [1, "Ada"]

SELECT `id`, `name` AS `the name` FROM `emp` WHERE `id` = 1;
-- id: int | the name: string
-- [1, "Ada"]

SELECT ID, Name FROM EMP WHERE Id = 1;
-- ID: int | Name: string
-- [1, "Ada"]

SELECT max(struct(salary, name)).name AS richest FROM emp WHERE salary IS NOT NULL;
-- richest: string
-- ["Ada"]

SELECT dept, collect_list(struct(id, name)) AS people FROM emp WHERE dept = 'eng' GROUP BY dept;
-- dept: string | people: array<struct<id:int,name:string>>
-- ["eng", [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Ben"}]]

-- left out: a function that DuckDB lacks
SELECT histogram_numeric(id, 2) IS NOT NULL a, count_min_sketch(id, 0.5d, 0.5d, 1) IS NOT NULL b FROM emp;
-- a: boolean | b: boolean
-- [true, true]

SELECT name FROM emp SORT BY name;
-- name: string
-- ["Ada"]
-- ["Ben"]
-- ["Cleo"]
-- ["Dan"]
-- ["Eve"]

SELECT e.name, count(*) OVER (PARTITION BY e.dept) AS c, e.salary / sum(e.salary) OVER () AS share FROM emp e WHERE salary IS NOT NULL ORDER BY e.id;
-- name: string | c: bigint | share: decimal(33,23)
-- ["Ada", 2, "0.31957390146471371504660"]
-- ["Ben", 2, "0.25432756324900133155792"]
-- ["Cleo", 2, "0.21304926764314247669774"]
-- ["Dan", 2, "0.21304926764314247669774"]

SELECT date_trunc('year', hired) y, count(*) FROM emp GROUP BY date_trunc('year', hired) ORDER BY y;
-- y: timestamp | count(1): bigint
-- ["2019-01-01 00:00:00", 1]
-- ["2020-01-01 00:00:00", 1]
-- ["2021-01-01 00:00:00", 1]
-- ["2022-01-01 00:00:00", 1]
-- ["2023-01-01 00:00:00", 1]

SELECT dept, sum(salary) FROM emp GROUP BY 1 ORDER BY 2 DESC;
-- dept: string | sum(salary): decimal(20,2)
-- ["eng", "215.50"]
-- ["ops", "160.00"]
-- [null, null]

SELECT upper(dept) AS d, avg(salary) AS m FROM emp WHERE dept IS NOT NULL GROUP BY upper(dept) ORDER BY m DESC;
-- d: string | m: decimal(14,6)
-- ["ENG", "107.750000"]
-- ["OPS", "80.000000"]

SELECT * FROM emp e JOIN (SELECT dept, max(salary) AS top FROM emp GROUP BY dept) m ON e.dept = m.dept AND e.salary = m.top ORDER BY e.id;
-- id: int | name: string | dept: string | salary: decimal(10,2) | hired: date | boss: int | dept: string | top: decimal(10,2)
-- [1, "Ada", "eng", "120.00", "2020-01-15", null, "eng", "120.00"]
-- [3, "Cleo", "ops", "80.00", "2019-07-30", 1, "ops", "80.00"]
-- [4, "Dan", "ops", "80.00", "2022-11-11", 3, "ops", "80.00"]

SELECT name, max(salary) OVER (PARTITION BY dept) - salary AS gap FROM emp ORDER BY id;
-- name: string | gap: decimal(11,2)
-- ["Ada", "0.00"]
-- ["Ben", "24.50"]
-- ["Cleo", "0.00"]
-- ["Dan", "0.00"]
-- ["Eve", null]

SELECT 1 AS `a b`, 2 AS A, 'x' AS `c``d`;
-- a b: int | A: int | c`d: string
-- [1, 2, "x"]

SELECT nope(1);
--! UNRESOLVED_ROUTINE 42883 "Cannot resolve routine `nope` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`]."

SELECT list_value(1);
--! UNRESOLVED_ROUTINE 42883 "Cannot resolve routine `list_value` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`]."

SELECT strftime(DATE'2024-01-01', '%Y');
--! UNRESOLVED_ROUTINE 42883 "Cannot resolve routine `strftime` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`]."

SELECT * FROM read_csv('/etc/hostname');
--! UNRESOLVABLE_TABLE_VALUED_FUNCTION 42883 "Could not resolve `read_csv` to a table-valued function.\nPlease make sure that `read_csv` is defined as a table-valued function and that all required parameters are provided correctly.\nIf `read_csv` is not defined, please create the table-valued function before using it.\nFor more information about defining table-valued functions, please refer to the Apache Spark documentation."

SELECT CAST(array(1) AS INT);
--! DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION 42K09 "Cannot resolve \"CAST(array(1) AS INT)\" due to data type mismatch: cannot cast \"ARRAY<INT>\" to \"INT\"."

SELECT CAST(TRUE AS DATE);
--! DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION 42K09 "Cannot resolve \"CAST(true AS DATE)\" due to data type mismatch: cannot cast \"BOOLEAN\" to \"DATE\"."

SELECT 1 +;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near end of input."

SELEC 1;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near 'SELEC'."

SELECT * FROM nowhere_at_all;
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `nowhere_at_all` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

SELECT x FROM VALUES (1) AS t(y);
--! UNRESOLVED_COLUMN.WITH_SUGGESTION 42703 "A column, variable, or function parameter with name `x` cannot be resolved. Did you mean one of the following? [`y`]."

SELECT 1 / 0;
--! DIVIDE_BY_ZERO 22012 "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT CAST('x' AS INT);
--! CAST_INVALID_INPUT 22018 "The value 'x' of the type \"STRING\" cannot be cast to \"INT\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT array(1)[5];
--! INVALID_ARRAY_INDEX 22003 "The index 5 is out of bounds. The array has 1 elements. Use the SQL function `get()` to tolerate accessing element at invalid index and return NULL instead."

SELECT user() = current_user() a, version() IS NOT NULL b, current_timezone() c, typeof(now()) d, typeof(current_date) e, typeof(localtimestamp()) f;
-- a: boolean | b: boolean | c: string | d: string | e: string | f: string
-- [true, true, "UTC", "timestamp", "date", "timestamp_ntz"]
