-- Tables, views, functions, variables: https://docs.databricks.com/sql/language-manual/index.html#ddl-statements
-- What needs Delta or Unity Catalog stands in `databricks.sql`.

CREATE TABLE t (id INT, name STRING, price DECIMAL(10,2)) USING parquet;
-- ok

INSERT INTO t VALUES (1, 'a', 1.50), (2, 'b', NULL);
-- ok

SELECT * FROM t ORDER BY id;
-- id: int | name: string | price: decimal(10,2)
-- [1, "a", "1.50"]
-- [2, "b", null]

INSERT INTO t (id, name) VALUES (3, 'c');
-- ok

INSERT INTO t BY NAME SELECT 'd' AS name, 4 AS id;
-- ok

INSERT INTO t SELECT 5, 'e', 2;
-- ok

SELECT * FROM t ORDER BY id;
-- id: int | name: string | price: decimal(10,2)
-- [1, "a", "1.50"]
-- [2, "b", null]
-- [3, "c", null]
-- [4, "d", null]
-- [5, "e", "2.00"]

CREATE TABLE t (id INT) USING parquet;
--! TABLE_OR_VIEW_ALREADY_EXISTS 42P07 "Cannot create table or view `spark_catalog`.`corpus`.`t` because it already exists.\nChoose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects."

CREATE TABLE IF NOT EXISTS t (id INT) USING parquet;
-- ok

INSERT INTO t VALUES (1);
--! INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS 21S01 "Cannot write to `spark_catalog`.`corpus`.`t`, the reason is not enough data columns:\nTable columns: `id`, `name`, `price`.\nData columns: `col1`."

INSERT INTO t VALUES (1, 'a', 2, 3);
--! INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS 21S01 "Cannot write to `spark_catalog`.`corpus`.`t`, the reason is too many data columns:\nTable columns: `id`, `name`, `price`.\nData columns: `col1`, `col2`, `col3`, `col4`."

INSERT INTO t (id, nope) VALUES (1, 2);
--! UNRESOLVED_COLUMN.WITH_SUGGESTION 42703 "A column, variable, or function parameter with name `nope` cannot be resolved. Did you mean one of the following? [`id`, `name`, `price`]."

INSERT INTO nope VALUES (1);
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `nope` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

CREATE TABLE c USING parquet AS SELECT id, upper(name) AS u FROM t WHERE id < 3;
-- ok

SELECT * FROM c ORDER BY id;
-- id: int | u: string
-- [1, "A"]
-- [2, "B"]

INSERT OVERWRITE c VALUES (9, 'Z');
-- ok

INSERT OVERWRITE TABLE c SELECT 8, 'Y';
-- ok

SELECT * FROM c;
-- id: int | u: string
-- [8, "Y"]

TRUNCATE TABLE c;
-- ok

SELECT count(*) FROM c;
-- count(1): bigint
-- [0]

CREATE OR REPLACE TEMP VIEW v AS SELECT id * 2 AS twice FROM t;
-- ok

SELECT max(twice) m FROM v;
-- m: int
-- [10]

CREATE TEMP VIEW v AS SELECT 1;
--! TEMP_TABLE_OR_VIEW_ALREADY_EXISTS 42P07 "Cannot create the temporary view `v` because it already exists.\nChoose a different name, drop or replace the existing view."

CREATE VIEW w (a COMMENT 'first', b) COMMENT 'a view' AS SELECT id, name FROM t;
-- ok

SELECT * FROM w ORDER BY a LIMIT 1;
-- a: int | b: string
-- [1, "a"]

CREATE VIEW w AS SELECT 1;
--! TABLE_OR_VIEW_ALREADY_EXISTS 42P07 "Cannot create table or view `spark_catalog`.`corpus`.`w` because it already exists.\nChoose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects."

CREATE OR REPLACE VIEW w AS SELECT 1 AS one;
-- ok

SELECT * FROM w;
-- one: int
-- [1]

DROP VIEW w;
-- ok

DROP VIEW w;
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `spark_catalog`.`corpus`.`w` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

DROP VIEW IF EXISTS w;
-- ok

DROP TABLE nope;
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `spark_catalog`.`corpus`.`nope` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

DROP TABLE IF EXISTS nope;
-- ok

DESCRIBE t;
-- col_name: string | data_type: string | comment: string
-- ["id", "int", null]
-- ["name", "string", null]
-- ["price", "decimal(10,2)", null]

DESCRIBE TABLE t;
-- col_name: string | data_type: string | comment: string
-- ["id", "int", null]
-- ["name", "string", null]
-- ["price", "decimal(10,2)", null]

DESC t;
-- col_name: string | data_type: string | comment: string
-- ["id", "int", null]
-- ["name", "string", null]
-- ["price", "decimal(10,2)", null]

DESCRIBE QUERY SELECT 1 AS a, array(named_struct('x', 1)) AS b;
-- col_name: string | data_type: string | comment: string
-- ["a", "int", null]
-- ["b", "array<struct<x:int>>", null]

-- databricks: https://docs.databricks.com/sql/language-manual/sql-ref-syntax-aux-show-tables.html
SHOW TABLES LIKE 't';
-- database: string | tableName: string | isTemporary: boolean
-- ["corpus", "t", false]

SHOW COLUMNS IN t;
-- col_name: string
-- ["id"]
-- ["name"]
-- ["price"]

DESCRIBE nope;
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `nope` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

ALTER TABLE t ADD COLUMNS (extra STRING COMMENT 'more');
-- ok

DESCRIBE t;
-- col_name: string | data_type: string | comment: string
-- ["id", "int", null]
-- ["name", "string", null]
-- ["price", "decimal(10,2)", null]
-- ["extra", "string", "more"]

ALTER TABLE t ADD COLUMN extra STRING;
--! COLUMN_ALREADY_EXISTS 42711 "The column `extra` already exists. Choose another name or rename the existing column."

ALTER TABLE t RENAME TO t2;
-- ok

SELECT count(*) n FROM t2;
-- n: bigint
-- [5]

SELECT * FROM t;
--! TABLE_OR_VIEW_NOT_FOUND 42P01 "The table or view `t` cannot be found. Verify the spelling and correctness of the schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`].\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS."

CREATE FUNCTION plus_one(x INT) RETURNS INT RETURN x + 1;
-- ok

SELECT plus_one(2) a, plus_one(plus_one(2)) b;
-- a: int | b: int
-- [3, 4]

SELECT plus_one(1, 2);
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605 "The `spark_catalog`.`corpus`.`plus_one` requires 1 parameters but the actual number is 2. Please, refer to 'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix."

CREATE FUNCTION plus_one(x INT) RETURNS INT RETURN x + 2;
--! ROUTINE_ALREADY_EXISTS 42723 "Cannot create the routine `corpus`.`plus_one` because a routine of that name already exists.\nChoose a different name, drop or replace the existing routine, or add the IF NOT EXISTS clause to tolerate a pre-existing routine."

CREATE OR REPLACE FUNCTION plus_one(x INT DEFAULT 10) RETURNS BIGINT COMMENT 'adds' RETURN x + 1;
-- ok

SELECT plus_one() a, plus_one(1) b, plus_one(x => 5) c;
-- a: bigint | b: bigint | c: bigint
-- [11, 2, 6]

CREATE OR REPLACE TEMPORARY FUNCTION pairs(n INT) RETURNS TABLE (a INT, b STRING) RETURN SELECT n, 'x' UNION ALL SELECT n + 1, 'y';
-- ok

SELECT * FROM pairs(1) ORDER BY a;
-- a: int | b: string
-- [1, "x"]
-- [2, "y"]

SELECT sum(t.a) s FROM pairs(5) t;
-- s: bigint
-- [11]

DROP FUNCTION plus_one;
-- ok

DROP FUNCTION plus_one;
--! ROUTINE_NOT_FOUND 42883 "The routine `corpus`.`plus_one` cannot be found. Verify the spelling and correctness of the schema and catalog.\nIf you did not qualify the name with a schema and catalog, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP ... IF EXISTS."

SELECT plus_one(1);
--! UNRESOLVED_ROUTINE 42883 "Cannot resolve routine `plus_one` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`]."

CREATE TEMPORARY FUNCTION dept_size(d STRING) RETURNS BIGINT RETURN SELECT count(*) FROM t2 WHERE name = d;
-- ok

SELECT dept_size('a') n;
-- n: bigint
-- [1]

DECLARE VARIABLE x INT DEFAULT 5;
-- ok

SELECT x + 1 AS y;
-- y: int
-- [6]

SET VAR x = 7;
-- ok

SELECT x, session.x AS sx;
-- x: int | sx: int
-- [7, 7]

DECLARE OR REPLACE VARIABLE s = 'text';
-- ok

SELECT s;
-- s: string
-- ["text"]

SET VAR (x, s) = (SELECT 1, 'other');
-- ok

SELECT x, s;
-- x: int | s: string
-- [1, "other"]

SET VAR x = 'abc';
--! CAST_INVALID_INPUT 22018 "The value 'abc' of the type \"STRING\" cannot be cast to \"INT\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SET VAR nosuch = 1;
--! UNRESOLVED_VARIABLE 42883 "Cannot resolve variable `nosuch` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`]."

DECLARE VARIABLE x INT;
--! VARIABLE_ALREADY_EXISTS 42723 "Cannot create the variable `system`.`session`.`x` because it already exists.\nChoose a different name, or drop or replace the existing variable."

DROP TEMPORARY VARIABLE x;
-- ok

SELECT x;
--! UNRESOLVED_COLUMN.WITHOUT_SUGGESTION 42703 "A column, variable, or function parameter with name `x` cannot be resolved."

EXECUTE IMMEDIATE 'SELECT 1 AS a';
-- a: int
-- [1]

EXECUTE IMMEDIATE 'SELECT ? + ? AS a' USING 1, 2;
-- a: int
-- [3]

EXECUTE IMMEDIATE 'SELECT :p AS a' USING 3 AS p;
-- a: int
-- [3]

DECLARE VARIABLE total INT;
-- ok

EXECUTE IMMEDIATE 'SELECT count(*) FROM t2' INTO total;
-- ok

SELECT total > 0 AS found;
-- found: boolean
-- [true]

SELECT * FROM IDENTIFIER('t2') ORDER BY id LIMIT 1;
-- id: int | name: string | price: decimal(10,2) | extra: string
-- [1, "a", "1.50", null]

SELECT IDENTIFIER('upper')('a') AS u, IDENTIFIER('id') AS i FROM t2 ORDER BY i LIMIT 1;
-- u: string | i: int
-- ["A", 1]

CREATE TABLE g (id INT NOT NULL, kind STRING DEFAULT 'none', n INT DEFAULT 1 + 1) USING parquet;
-- ok

INSERT INTO g (id) VALUES (1);
-- ok

INSERT INTO g VALUES (2, DEFAULT, 5);
-- ok

SELECT * FROM g ORDER BY id;
-- id: int | kind: string | n: int
-- [1, "none", 2]
-- [2, "none", 5]

CREATE TABLE p (id INT, day DATE) USING parquet PARTITIONED BY (day);
-- ok

INSERT INTO p VALUES (1, DATE'2024-01-01'), (2, DATE'2024-01-02');
-- ok

INSERT INTO p PARTITION (day = DATE'2024-01-03') VALUES (3);
-- ok

SELECT * FROM p ORDER BY id;
-- id: int | day: date
-- [1, "2024-01-01"]
-- [2, "2024-01-02"]
-- [3, "2024-01-03"]

INSERT OVERWRITE p PARTITION (day = DATE'2024-01-03') VALUES (4);
-- ok

SELECT * FROM p ORDER BY id;
-- id: int | day: date
-- [1, "2024-01-01"]
-- [2, "2024-01-02"]
-- [4, "2024-01-03"]

CREATE TABLE l LIKE t2;
-- ok

SELECT count(*) n FROM l;
-- n: bigint
-- [0]

CREATE SCHEMA extra_schema COMMENT 'for more';
-- ok

CREATE SCHEMA extra_schema;
--! SCHEMA_ALREADY_EXISTS 42P06 "Cannot create schema `extra_schema` because it already exists.\nChoose a different name, drop the existing schema, or add the IF NOT EXISTS clause to tolerate pre-existing schema."

CREATE TABLE extra_schema.x USING parquet AS SELECT 1 AS a;
-- ok

SELECT * FROM extra_schema.x;
-- a: int
-- [1]

DROP SCHEMA extra_schema;
--! SCHEMA_NOT_EMPTY 2BP01 "Cannot drop a schema `extra_schema` because it contains objects.\nUse DROP SCHEMA ... CASCADE to drop the schema and all its objects."

DROP SCHEMA extra_schema CASCADE;
-- ok

USE nosuchschema;
--! SCHEMA_NOT_FOUND 42704 "The schema `spark_catalog`.`nosuchschema` cannot be found. Verify the spelling and correctness of the schema and catalog.\nIf you did not qualify the name with a catalog, verify the current_schema() output, or qualify the name with the correct catalog.\nTo tolerate the error on drop use DROP SCHEMA IF EXISTS."

SHOW TABLES IN nosuchschema;
--! SCHEMA_NOT_FOUND 42704 "The schema `spark_catalog`.`nosuchschema` cannot be found. Verify the spelling and correctness of the schema and catalog.\nIf you did not qualify the name with a catalog, verify the current_schema() output, or qualify the name with the correct catalog.\nTo tolerate the error on drop use DROP SCHEMA IF EXISTS."

SELECT DISTINCT count(*) OVER () c FROM t2;
-- c: bigint
-- [5]

CACHE TABLE t2;
-- ok

REFRESH TABLE t2;
-- ok

SHOW FUNCTIONS LIKE 'dept_size';
-- function: string
-- ["dept_size"]

COMMENT ON TABLE t2 IS 'renamed';
-- ok

CREATE TABLE bad (id NOSUCHTYPE) USING parquet;
--! UNSUPPORTED_DATATYPE 0A000 "Unsupported data type \"NOSUCHTYPE\"."

CREATE TABLE bad (id INT, id STRING) USING parquet;
--! COLUMN_ALREADY_EXISTS 42711 "The column `id` already exists. Choose another name or rename the existing column."

CREATE TABLE bad2 (id INT;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near end of input."

DROP TABLE t2, c;
--! PARSE_SYNTAX_ERROR 42601 "Syntax error at or near ','."
