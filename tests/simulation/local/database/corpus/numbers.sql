-- Numbers, decimals, ANSI arithmetic: https://docs.databricks.com/sql/language-manual/sql-ref-ansi-compliance.html

SELECT 1 a, 1L b, 1S c, 1Y d, 1.0 e, 1.50BD f, 1e3 g, 1D h, 1F i, 2147483648 j, -5 k;
-- a: int | b: bigint | c: smallint | d: tinyint | e: decimal(2,1) | f: decimal(3,2) | g: double | h: double | i: float | j: bigint | k: int
-- [1, 1, 1, 1, "1.0", "1.50", 1000.0, 1.0, 1.0, 2147483648, -5]

SELECT 1 + 1L a, 1 + 1.5 b, 1.5 + 2.25 c, 1.5 * 2.25 d, 1.5 - 0.25 e, 1.5 / 2.25 f, 7 % 3 g, 7.5 % 2 h, -7 % 3 i, 7 / 2 j, 7 div 2 k, 1.5D + 1 l, 1Y + 1S m;
-- a: bigint | b: decimal(3,1) | c: decimal(4,2) | d: decimal(6,3) | e: decimal(4,2) | f: decimal(9,6) | g: int | h: decimal(2,1) | i: int | j: double | k: bigint | l: double | m: smallint
-- [2, "2.5", "3.75", "3.375", "1.25", "0.666667", 1, "1.5", -1, 3.5, 3, 2.5, 2]

SELECT CAST(1.5 AS DECIMAL(10,2)) / CAST(3 AS DECIMAL(5,0)) a, CAST(1 AS DECIMAL(38,10)) * CAST(1 AS DECIMAL(38,10)) b, CAST(10 AS DECIMAL(10,2)) + 1 c, CAST(10 AS DECIMAL(10,2)) * 2L d, 1 / 3.0 e, CAST(1 AS DECIMAL(10,2)) + 1.5D f;
-- a: decimal(16,8) | b: decimal(38,6) | c: decimal(11,2) | d: decimal(12,2) | e: decimal(8,6) | f: double
-- ["0.50000000", "1.000000", "11.00", "20.00", "0.333333", 2.5]

SELECT mod(7, 3) a, mod(-7, 3) b, pmod(-7, 3) c, pmod(-7.5, 2) d, abs(-1.5) e, abs(-3) f, sign(-2.5) g, signum(3) h, negative(1) i, positive(1) j;
-- a: int | b: int | c: int | d: decimal(2,1) | e: decimal(2,1) | f: int | g: double | h: double | i: int | j: int
-- [1, -1, 2, "0.5", "1.5", 3, -1.0, 1.0, -1, 1]

SELECT ceil(2.1) a, ceil(-0.5) b, floor(2.9) c, floor(-0.5D) d, ceiling(5) e, ceil(3.1411, 2) f, floor(3.1411, 2) g;
-- a: decimal(2,0) | b: decimal(1,0) | c: decimal(2,0) | d: bigint | e: bigint | f: decimal(4,2) | g: decimal(4,2)
-- ["3", "0", "2", -1, 5, "3.15", "3.14"]

SELECT round(2.5) a, round(-2.5) b, round(2.567, 2) c, round(25, -1) d, bround(2.5) e, bround(3.5D) f, round(1234.5678D, 2) g, rint(2.5) h, round(5.015, 2) i;
-- a: decimal(2,0) | b: decimal(2,0) | c: decimal(4,2) | d: int | e: decimal(2,0) | f: double | g: double | h: double | i: decimal(4,2)
-- ["3", "-3", "2.57", 30, "2", 4.0, 1234.57, 2.0, "5.02"]

SELECT sqrt(16) a, cbrt(27) b, power(2, 10) c, pow(2, 0.5) d, exp(0) e, ln(1) f, log(10, 100) g, log10(1000) h, log2(8) i, log1p(0) j, expm1(0) k, log(2.718281828459045D) l;
-- a: double | b: double | c: double | d: double | e: double | f: double | g: double | h: double | i: double | j: double | k: double | l: double
-- [4.0, 3.0, 1024.0, 1.41421356237, 1.0, 0.0, 2.0, 3.0, 3.0, 0.0, 0.0, 1.0]

SELECT sin(0), cos(0), tan(0), asin(1), acos(1), atan(1), atan2(1, 1), sinh(0), cosh(0), tanh(0), cot(1), sec(0), csc(1), degrees(pi()), radians(180), e(), pi(), hypot(3, 4);
-- SIN(0): double | COS(0): double | TAN(0): double | ASIN(1): double | ACOS(1): double | ATAN(1): double | ATAN2(1, 1): double | SINH(0): double | COSH(0): double | TANH(0): double | COT(1): double | SEC(0): double | CSC(1): double | DEGREES(PI()): double | RADIANS(180): double | E(): double | PI(): double | HYPOT(3, 4): double
-- [0.0, 1.0, 0.0, 1.57079632679, 0.0, 0.785398163397, 0.785398163397, 0.0, 1.0, 0.0, 0.642092615934, 1.0, 1.18839510578, 180.0, 3.14159265359, 2.71828182846, 3.14159265359, 5.0]

SELECT greatest(1, 2.5, 3) a, least(1, 2L) b, greatest(NULL, 1) c, factorial(5) d, width_bucket(5.3, 0.2, 10.6, 5) e, bit_count(7) f;
-- a: decimal(11,1) | b: bigint | c: int | d: bigint | e: bigint | f: int
-- ["3.0", 1, 1, 120, 3, 3]

SELECT 5 & 3 a, 5 | 3 b, 5 ^ 3 c, ~5 d, shiftleft(2, 1) e, shiftright(4, 1) f, 1 << 4 g, 16 >> 2 h, shiftrightunsigned(4, 1) i, getbit(11, 0) j;
-- a: int | b: int | c: int | d: int | e: int | f: int | g: int | h: int | i: int | j: tinyint
-- [1, 7, 6, -6, 4, 2, 16, 4, 2, 1]

SELECT 1 / 0;
--! DIVIDE_BY_ZERO 22012 "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT 1 % 0;
--! REMAINDER_BY_ZERO 22012 "Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT 1 div 0;
--! DIVIDE_BY_ZERO 22012 "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT 1.0 / 0;
--! DIVIDE_BY_ZERO 22012 "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT 1D / 0;
--! DIVIDE_BY_ZERO 22012 "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT mod(1, 0);
--! REMAINDER_BY_ZERO 22012 "Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT 2147483647 + 1;
--! ARITHMETIC_OVERFLOW 22003 "overflow. Use 'try_add' to tolerate overflow and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT 9223372036854775807L + 1L;
--! ARITHMETIC_OVERFLOW 22003 "overflow. Use 'try_add' to tolerate overflow and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT CAST(128 AS TINYINT);
--! CAST_OVERFLOW 22003 "The value 128 of the type \"INT\" cannot be cast to \"TINYINT\" due to an overflow. Use `try_cast` to tolerate overflow and return NULL instead."

SELECT CAST(1e10D AS INT);
--! CAST_OVERFLOW 22003 "The value 1.0E10D of the type \"DOUBLE\" cannot be cast to \"INT\" due to an overflow. Use `try_cast` to tolerate overflow and return NULL instead."

SELECT CAST(1234.5 AS DECIMAL(4,2));
--! NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION 22003 "1234.5 cannot be represented as Decimal(4, 2). If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error, and return NULL instead."

SELECT CAST('abc' AS INT);
--! CAST_INVALID_INPUT 22018 "The value 'abc' of the type \"STRING\" cannot be cast to \"INT\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT 'abc' + 1;
--! CAST_INVALID_INPUT 22018 "The value 'abc' of the type \"STRING\" cannot be cast to \"BIGINT\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT CAST('1.5' AS INT);
--! CAST_INVALID_INPUT 22018 "The value '1.5' of the type \"STRING\" cannot be cast to \"INT\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT CAST(' 12 ' AS INT) a, CAST('1.5' AS DOUBLE) b, CAST('1e3' AS DOUBLE) c, CAST(1.9 AS INT) d, CAST(-1.9D AS BIGINT) e, CAST(true AS INT) f, CAST('true' AS BOOLEAN) g, CAST(0 AS BOOLEAN) h, CAST('y' AS BOOLEAN) i;
-- a: int | b: double | c: double | d: int | e: bigint | f: int | g: boolean | h: boolean | i: boolean
-- [12, 1.5, 1000.0, 1, -1, 1, true, false, true]

SELECT '12' + 1 a, '1.5' * 2D b, '3' / 2 c, 1 = '1' d, '10' > 9 e, 1 IN ('1', '2') f;
-- a: bigint | b: double | c: double | d: boolean | e: boolean | f: boolean
-- [13, 3.0, 1.5, true, true, true]

SELECT try_add(2147483647, 1) a, try_subtract(-2147483648, 1) b, try_multiply(2147483647, 2) c, try_divide(1, 0) d, try_divide(6, 4) e, try_cast('x' AS INT) f, try_mod(1, 0) g, try_add(1, 2) h;
-- a: int | b: int | c: int | d: double | e: double | f: int | g: int | h: int
-- [null, null, null, null, 1.5, null, null, 3]

SELECT try_divide(1.5, 0.5) a, try_add(DATE'2024-01-01', 1) b, try_element_at(array(1, 2), 5) c, try_element_at(map('a', 1), 'z') d, try_to_timestamp('nope') e;
-- a: decimal(8,6) | b: date | c: int | d: int | e: timestamp
-- ["3.000000", "2024-01-02", null, null, null]

SELECT double('1.5') a, int('3') b, bigint(3.7) c, decimal('1.5') d, float(1.5) e, tinyint(3) f, smallint('4') g, boolean('t') h, binary('a') i, date('2024-01-01') j, timestamp('2024-01-01 10:00:00') k;
-- a: double | b: int | c: bigint | d: decimal(10,0) | e: float | f: tinyint | g: smallint | h: boolean | i: binary | j: date | k: timestamp
-- [1.5, 3, 3, "2", 1.5, 3, 4, true, "0x61", "2024-01-01", "2024-01-01 10:00:00"]

SELECT 1::STRING a, '5'::INT + 1 b, 1.5::DECIMAL(5,2) c, '2024-01-01'::DATE d, NULL::INT e, (1 + 2)::DOUBLE f, 3::bigint::string g;
-- a: string | b: int | c: decimal(5,2) | d: date | e: int | f: double | g: string
-- ["1", 6, "1.50", "2024-01-01", null, 3.0, "3"]

SELECT isnan(double('NaN')) a, nanvl(double('NaN'), 5D) b, double('Infinity') c, double('NaN') = double('NaN') d, double('NaN') > 1D e;
-- a: boolean | b: double | c: double | d: boolean | e: boolean
-- [true, 5.0, "inf", true, true]

SELECT 0.1 + 0.2 a, 0.1D + 0.2D b, 100.00 c, 1.10 d, 3.0 = 3 e, 1e-7D f, 1e20D g, 123456789.123D h, CAST(0.1 AS FLOAT) i;
-- a: decimal(2,1) | b: double | c: decimal(5,2) | d: decimal(3,2) | e: boolean | f: double | g: double | h: double | i: float
-- ["0.3", 0.3, "100.00", "1.10", true, 1e-07, 1e+20, 123456789.123, 0.10000000149]

SELECT sum(x) a, avg(x) b, sum(y) c, avg(y) d, sum(z) e, avg(z) f FROM VALUES (1, 1.50, 1.5D), (2, 2.25, 2.5D) AS t(x, y, z);
-- a: bigint | b: double | c: decimal(13,2) | d: decimal(7,6) | e: double | f: double
-- [3, 1.5, "3.75", "1.875000", 4.0, 2.0]

SELECT avg(d) a, sum(d) b, min(d) c, max(d) e FROM VALUES (CAST(10.25 AS DECIMAL(10,2))), (CAST(10.50 AS DECIMAL(10,2))), (CAST(11.00 AS DECIMAL(10,2))) AS t(d);
-- a: decimal(14,6) | b: decimal(20,2) | c: decimal(10,2) | e: decimal(10,2)
-- ["10.583333", "31.75", "10.25", "11.00"]

SELECT sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x);
--! ARITHMETIC_OVERFLOW 22003 "overflow. Use 'try_add' to tolerate overflow and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT try_sum(x) a, try_avg(y) b FROM VALUES (9223372036854775807L, 1), (1L, 2) AS t(x, y);
-- a: bigint | b: double
-- [null, 1.5]

SELECT sum(d * 2) a, avg(d + 1) b, sum(d) / 3 c, sum(d) / count(*) e, round(avg(d), 1) f FROM VALUES (CAST(10.25 AS DECIMAL(10,2))), (CAST(10.50 AS DECIMAL(10,2))) AS t(d);
-- a: decimal(22,2) | b: decimal(15,6) | c: decimal(24,6) | e: decimal(38,20) | f: decimal(10,1)
-- ["41.50", "11.375000", "6.916667", "10.37500000000000000000", "10.4"]

SELECT round(10.25 / 3, 2) a, CAST(10 AS DECIMAL(10,2)) / 4 b, 10.0 / 4.0 c, 100 * 1.1 d, 1 - 0.1 e, -1.5 f, 5.0 % 1.5 g, 5.5 div 2 h;
-- a: decimal(5,2) | b: decimal(14,6) | c: decimal(9,6) | d: decimal(6,1) | e: decimal(3,1) | f: decimal(2,1) | g: decimal(2,1) | h: bigint
-- ["3.42", "2.500000", "2.500000", "110.0", "0.9", "-1.5", "0.5", 2]

SELECT rand(0) BETWEEN 0 AND 1 a, typeof(rand()) b, typeof(randn()) c, uniform(1, 2, 0) BETWEEN 1 AND 2 d, length(uuid()) e;
-- a: boolean | b: string | c: string | d: boolean | e: int
-- [true, "double", "double", true, 36]

SELECT typeof(1) a, typeof(1.5) b, typeof('a') c, typeof(array(1)) d, typeof(map('a', 1)) e, typeof(named_struct('a', 1)) f, typeof(NULL) g, typeof(current_date()) h, typeof(1L) i, typeof(INTERVAL 1 DAY) j;
-- a: string | b: string | c: string | d: string | e: string | f: string | g: string | h: string | i: string | j: string
-- ["int", "decimal(2,1)", "string", "array<int>", "map<string,int>", "struct<a:int>", "void", "date", "bigint", "interval day"]

SELECT count(*), sum(1), avg(2), max(3) - min(1), 1 + 2 * 3, -(1), NOT true, 1 <> 2, 2 >= 1, 1 BETWEEN 0 AND 2, abs(-1), round(1.5), CAST(1 AS DOUBLE), 7 div 2, 1 IS NULL, 1 IS NOT NULL;
-- count(1): bigint | sum(1): bigint | avg(2): double | (max(3) - min(1)): int | (1 + (2 * 3)): int | (- 1): int | (NOT true): boolean | (NOT (1 = 2)): boolean | (2 >= 1): boolean | between(1, 0, 2): boolean | abs(-1): int | round(1.5, 0): decimal(2,0) | CAST(1 AS DOUBLE): double | (7 div 2): bigint | (1 IS NULL): boolean | (1 IS NOT NULL): boolean
-- [1, 1, 2.0, 2, 7, -1, false, true, true, true, 1, "2", 1.0, 3, false, true]

SELECT ceil(3.1411, -3) a, floor(3.1411, -3) b, ceil(-12.345, 1) c, floor(123.45, -1) d, ceil(5) e, floor(-0.1D) f, ceiling(1234L) g;
-- a: decimal(4,0) | b: decimal(4,0) | c: decimal(4,1) | d: decimal(4,0) | e: bigint | f: bigint | g: bigint
-- ["1000", "0", "-12.3", "120", 5, -1, 1234]

SELECT round(1234, -2) a, round(1234.5D, -2) b, round(1234.56, -2) c, bround(2.5) d, round(2.5) e, round(-2.5D) f, round(123L, -1) g, round(1.005, 2) h, bround(25, -1) i;
-- a: int | b: double | c: decimal(5,0) | d: decimal(2,0) | e: decimal(2,0) | f: double | g: bigint | h: decimal(4,2) | i: int
-- [1200, 1200.0, "1200", "2", "3", -3.0, 120, "1.01", 20]

SELECT log10(100) a, log2(8) b, log(2, 8) c, ln(1) d, exp(0) e, power(2, 10) f, sqrt(2) g, cbrt(27) h, degrees(pi()) i, log1p(0) j;
-- a: double | b: double | c: double | d: double | e: double | f: double | g: double | h: double | i: double | j: double
-- [2.0, 3.0, 3.0, 0.0, 1.0, 1024.0, 1.41421356237, 3.0, 180.0, 0.0]

SELECT bitmap_bucket_number(40000) a, bitmap_bit_position(40000) b, bitmap_count(x'0f0f') c, bit_count(7) d, bit_count(true) e, shiftleft(1, 4) f, 8 >> 1 g, shiftrightunsigned(-1, 28) h, -8 >> 1 i, 1L << 40 j;
-- a: bigint | b: bigint | c: bigint | d: int | e: int | f: int | g: int | h: int | i: int | j: bigint
-- [2, 7231, 8, 3, 1, 16, 4, 15, -4, 1099511627776]

SELECT sum(x) a, avg(x) b, max(x) c, count(x) d, try_sum(x) e FROM VALUES (NULL), (NULL) AS t(x);
-- a: double | b: double | c: void | d: bigint | e: double
-- [null, null, null, 0, null]

SELECT any_value(x) a, any_value(x, true) b, first(x, true) c, last(x, true) d, first_value(x) e, last_value(x) f, first_value(x, true) g, first(x) IGNORE NULLS AS h FROM VALUES (NULL), (5), (7), (NULL) AS t(x);
-- a: int | b: int | c: int | d: int | e: int | f: int | g: int | h: int
-- [null, 5, 5, 7, null, null, 5, 5]

SELECT k, first_value(x, true) OVER (ORDER BY k) a, last_value(x) IGNORE NULLS OVER (ORDER BY k) b, lag(x) IGNORE NULLS OVER (ORDER BY k) c, last(x) OVER (ORDER BY k) d, any_value(x) OVER (ORDER BY k) e, nth_value(x, 2) OVER (ORDER BY k) f FROM VALUES (1, NULL), (2, 5), (3, 7), (4, NULL) AS t(k, x) ORDER BY k;
-- k: int | a: int | b: int | c: int | d: int | e: int | f: int
-- [1, null, null, null, null, null, null]
-- [2, 5, 5, null, 5, null, 5]
-- [3, 5, 7, 5, 7, null, 5]
-- [4, 5, 7, 7, null, null, 5]

SELECT approx_percentile(x, 0.5) a, percentile_approx(x, array(0.5, 0.4, 0.1), 100) b, approx_percentile(x, 0.99) c, percentile(x, 0.4) d, median(x) e, mode(x) f, percentile(x, array(0.25, 0.75)) g FROM VALUES (0), (1), (2), (10) AS t(x);
-- a: int | b: array<int> | c: int | d: double | e: double | f: int | g: array<double>
-- [1, [1, 1, 0], 10, 1.2, 1.5, 0, [0.75, 4.0]]

SELECT mode(x, true) a, mode(x, false) b, mode() WITHIN GROUP (ORDER BY x DESC) c FROM VALUES (3), (3), (1), (1) AS t(x);
-- a: int | b: int | c: int
-- [1, 1, 3]

SELECT median(d) a, percentile_cont(0.5) WITHIN GROUP (ORDER BY d DESC) b, avg(d) c, stddev(d) e, variance(d) f FROM VALUES (1.5), (2.5), (4.0) AS t(d);
-- a: double | b: double | c: decimal(6,5) | e: double | f: double
-- [2.5, 2.5, "2.66667", 1.25830573921, 1.58333333333]

SELECT hash(1) a, hash('a') b, hash(1L, 'x') c, hash(NULL) d, hash(true) f, hash(DATE'2024-01-01') g, hash(1.50) i, hash(CAST(1 AS SMALLINT), CAST(1 AS TINYINT)) j, hash('') k, hash('a longer text, of more than one block') l;
-- a: int | b: int | c: int | d: int | f: int | g: int | i: int | j: int | k: int | l: int
-- [-559580957, 1485273170, -1438117640, 42, -559580957, -456589419, -2056712946, 245521047, 142593372, -749635365]

SELECT xxhash64(1) a, xxhash64('a') b, xxhash64(1L, 'x') c, xxhash64(NULL) d, xxhash64(true) f, xxhash64(DATE'2024-01-01') g, xxhash64(1.50) i, xxhash64('') j, xxhash64('a longer text, of more than thirty-two bytes in all') k;
-- a: bigint | b: bigint | c: bigint | d: bigint | f: bigint | g: bigint | i: bigint | j: bigint | k: bigint
-- [-6698625589789238999, -8582455328737087284, 6158280145716684778, 42, -6698625589789238999, 3242891694566951137, -6873856301616164681, -7444071767201028348, 2758939385344749161]

SELECT hash(x, y) h, xxhash64(x, y) x FROM VALUES ('ä', 1), (NULL, 2), ('b', NULL) AS t(x, y);
-- h: int | x: bigint
-- [-28081441, -6231022750755953536]
-- [1765031574, 8420071140774656230]
-- [1905031361, -6391946315847899181]

SELECT crc32('Spark SQL') a, crc32(x'00ff') b, crc32('') c, crc32(NULL) d;
-- a: bigint | b: bigint | c: bigint | d: bigint
-- [2521631539, 1826356594, 0, null]

SELECT positive(2) a, negative(2) b, -(-2) c, abs(-1.5) d, sign(-2.5) e, signum(3) f, factorial(5) g, hypot(3, 4) h, width_bucket(5.3, 0.2, 10.6, 5) i, conv('ff', 16, 10) j, greatest(1, NULL, 3) k, least(2.5, 1) l;
-- a: int | b: int | c: int | d: decimal(2,1) | e: double | f: double | g: bigint | h: double | i: bigint | j: string | k: int | l: decimal(11,1)
-- [2, -2, 2, "1.5", -1.0, 1.0, 120, 5.0, 3, "255", 3, "1.0"]

SELECT abs(CAST(-2147483648 AS INT));
--! ARITHMETIC_OVERFLOW 22003 "overflow. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error."

SELECT try_add(1, 2) a, try_add(2147483647, 1) b, try_subtract(1, 2) c, try_multiply(2147483647, 2) d, try_divide(1, 0) e, try_mod(5, 0) f, try_add(DATE'2024-01-31', INTERVAL '1' MONTH) g;
-- a: int | b: int | c: int | d: int | e: double | f: int | g: date
-- [3, null, -1, null, null, null, "2024-02-29"]

SELECT d.x a, (1, 'b') b, ('x', d.x) c FROM VALUES (1) AS d(x);
-- a: int | b: struct<col1:int,col2:string> | c: struct<col1:string,x:int>
-- [1, {"col1": 1, "col2": "b"}, {"col1": "x", "x": 1}]

SELECT isnan(CAST('NaN' AS DOUBLE)) a, nanvl(CAST('NaN' AS DOUBLE), 1.0D) b, ifnull(NULL, 2) c, nullif(1, 1) d, nvl(NULL, 'x') e, coalesce(NULL, 1, 2) f, nvl2(NULL, 1, 2) g, equal_null(NULL, NULL) h, zeroifnull(NULL) i, nullifzero(0) j, decode(2, 1, 'a', 2, 'b') k;
-- a: boolean | b: double | c: int | d: int | e: string | f: int | g: int | h: boolean | i: int | j: int | k: string
-- [true, 1.0, 2, null, "x", 1, 2, true, 0, null, "b"]
