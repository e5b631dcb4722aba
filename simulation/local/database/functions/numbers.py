"""Databricks' functions of numbers, and its conditions, as DuckDB macros.

ANSI mode: a division by zero is an error, where DuckDB makes it infinite or NULL.
See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html.
"""

MACROS = r"""
positive(x) = x
negative(x) = -x
sign(x) = sign(x)::DOUBLE
signum(x) = sign(x)::DOUBLE
rint(x) = round_even(x, 0)::DOUBLE
bround(x) = round_even(x, 0)
bround(x, d) = round_even(x, d)
hypot(a, b) = sqrt(a * a + b * b)
e() = exp(1)
log1p(x) = ln(1 + x)
expm1(x) = exp(x) - 1
sec(x) = 1 / cos(x)
csc(x) = 1 / sin(x)
log(x) = ln(x)
log10(x) = log10(x)
log2(x) = log2(x)
log(b, x) = ln(x) / ln(b)
factorial(x) = CASE WHEN x BETWEEN 0 AND 20 THEN factorial(x::INT)::BIGINT END
bin(x BIGINT) = bin(x)
bin(x DOUBLE) = bin(trunc(x)::BIGINT)
bit_count(x) = bit_count(x)::INT
bit_count(x BOOLEAN) = x::INT
bitmap_count(x) = bit_count(x::BIT)::BIGINT
bitmap_bucket_number(x) = (CASE WHEN x > 0 THEN (x - 1) // 32768 + 1 ELSE x // 32768 END)::BIGINT
bitmap_bit_position(x) = (CASE WHEN x > 0 THEN (x - 1) % 32768 ELSE -x % 32768 END)::BIGINT
width_bucket(x, a, b, n) = (CASE WHEN x < least(a, b) THEN (CASE WHEN a < b THEN 0 ELSE n + 1
    END) WHEN x >= greatest(a, b) THEN (CASE WHEN a < b THEN n + 1 ELSE 0 END) ELSE floor(n * (x
    - a)::DOUBLE / (b - a)::DOUBLE) + 1 END)::BIGINT
shiftleft(x, n) = x << n
shiftright(x, n) = x >> n
shiftrightunsigned(x INTEGER, n) = CASE WHEN x >= 0 THEN x >> n ELSE (((x::BIGINT + 4294967296) >>
    n)) END::INT
shiftrightunsigned(x BIGINT, n) = CASE WHEN x >= 0 THEN x >> n ELSE ((x::HUGEINT +
    18446744073709551616) >> n) END::BIGINT
getbit(x, p) = ((x::BIGINT >> p) & 1)::TINYINT
bit_get(x, p) = ((x::BIGINT >> p) & 1)::TINYINT
try_mod(a, b) = TRY(a % b)
rand() = random()
rand(seed) = random()
random() = random()
random(seed) = random()
randn() = sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())
randn(seed) = sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())
uniform(a, b) = a + floor(random() * (b - a))::INT
uniform(a, b, seed) = a + floor(random() * (b - a))::INT
uuid() = gen_random_uuid()::VARCHAR
isnan(x) = coalesce(isnan(x::DOUBLE), false)
nanvl(x, y) = CASE WHEN isnan(x) THEN y ELSE x END
isnull(x) = x IS NULL
isnotnull(x) = x IS NOT NULL
zeroifnull(x) = coalesce(x, 0)
nullifzero(x) = nullif(x, 0)
equal_null(x, y) = x IS NOT DISTINCT FROM y
nvl2(x, y, z) = CASE WHEN x IS NOT NULL THEN y ELSE z END
raise_error(x) = error('[USER_RAISED_EXCEPTION] P0001 ' || x)
assert_true(x) = CASE WHEN x THEN NULL ELSE error('[USER_RAISED_EXCEPTION] P0001 ''' || x || '''
    is not true!') END
assert_true(x, y) = CASE WHEN x THEN NULL ELSE error('[USER_RAISED_EXCEPTION] P0001 ' || y) END
every(x) = bool_and(x)
std(x) = stddev(x)
skewness(x) = (avg(x::DOUBLE ** 3) - 3 * avg(x) * avg(x::DOUBLE ** 2) + 2 * avg(x) ** 3) /
    stddev_pop(x) ** 3
monotonically_increasing_id() = row_number() OVER () - 1
spark_partition_id() = 0
input_file_name() = ''
version() = '4.0.0 0000000000000000000000000000000000000000'
"""

# What the others, and translations, are made of; no caller can name them.
HELPERS = r"""
divisor(x) = CASE WHEN x = 0 THEN error('[DIVIDE_BY_ZERO]') ELSE x END
integral(x, kind) = CASE WHEN regexp_full_match(trim(x), '[+-]?\d+') THEN trim(x) ELSE
    error('[CAST_INVALID_INPUT] 22018 The value ''' || x || ''' of the type "STRING" cannot be
    cast to "' || kind || '" because it is malformed. Correct the value as per the syntax, or
    change its target type. Use `try_cast` to tolerate malformed input and return NULL
    instead.') END
integral_or_null(x) = CASE WHEN regexp_full_match(trim(x), '[+-]?\d+') THEN trim(x) END
double_text(x) = CASE WHEN x IS NULL THEN NULL WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE
    WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END WHEN x = 0 OR (abs(x) >= 0.001 AND abs(x) <
    10000000) THEN x::VARCHAR ELSE
    regexp_replace(regexp_replace(regexp_replace(format('{:.15e}', x::DOUBLE),
    '^(-?\d\.\d+?)0*e', '\1E'), 'E\+?(-?)0*(\d)', 'E\1\2'), '^(-?\d)E', '\1.0E') END
whole(x) = replace(x::VARCHAR, '.', '')::HUGEINT
half_up(n, d) = ((2 * abs(n) + abs(d)) // (2 * abs(d))) * sign(n) * sign(d)
placed(n, s) = CASE WHEN n < 0 THEN '-' ELSE '' END || (abs(n) // (10::HUGEINT **
    s)::HUGEINT)::VARCHAR || '.' || lpad((abs(n) % (10::HUGEINT ** s)::HUGEINT)::VARCHAR, s,
    '0')
decimal_quotient(a, b, k, s) = CASE WHEN b = 0 THEN error('[DIVIDE_BY_ZERO]') ELSE CASE WHEN
    abs(spark_whole(a)::DOUBLE) * 10.0 ** k < 4e37 THEN
    spark_placed(spark_half_up(spark_whole(a) * rpad('1', k + 1, '0')::HUGEINT, spark_whole(b)),
    s) ELSE (a::DOUBLE / b::DOUBLE)::DECIMAL(38, 12)::VARCHAR END END
bool_some(x) = bool_or(x)
"""
