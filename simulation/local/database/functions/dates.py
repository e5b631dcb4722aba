"""Databricks' functions of dates and timestamps as DuckDB macros.

See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html.
"""

MACROS = r"""
year(x) = year(x::TIMESTAMP)::INT
quarter(x) = quarter(x::TIMESTAMP)::INT
month(x) = month(x::TIMESTAMP)::INT
day(x) = day(x::TIMESTAMP)::INT
dayofmonth(x) = day(x::TIMESTAMP)::INT
dayofweek(x) = (dayofweek(x::TIMESTAMP) + 1)::INT
dayofyear(x) = dayofyear(x::TIMESTAMP)::INT
weekday(x) = (isodow(x::TIMESTAMP) - 1)::INT
weekofyear(x) = weekofyear(x::TIMESTAMP)::INT
hour(x) = hour(x::TIMESTAMPTZ)::INT
minute(x) = minute(x::TIMESTAMPTZ)::INT
second(x) = second(x::TIMESTAMPTZ)::INT
dayname(x) = left(dayname(x::DATE), 3)
monthname(x) = left(monthname(x::DATE), 3)
add_months(d, n) = (d::DATE + to_months(n::INT))::DATE
last_day(x) = last_day(x::DATE)
next_day(d, n) = CASE list_position(['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'], lower(left(n,
    2))) WHEN NULL THEN NULL ELSE (d::DATE + ((coalesce(list_position(['mo', 'tu', 'we', 'th',
    'fr', 'sa', 'su'], lower(left(n, 2))), error('[ILLEGAL_DAY_OF_WEEK] 22009 Illegal input for
    day of week: ' || n || '.')::INT) - isodow(d::DATE) + 6) % 7 + 1)::INT) END
months_between(a, b) = round(spark_months_apart(a, b), 8)
months_between(a, b, exactly) = CASE WHEN exactly THEN round(spark_months_apart(a, b), 8) ELSE
    spark_months_apart(a, b) END
unix_date(x) = (x::DATE - DATE '1970-01-01')::INT
date_from_unix_date(x) = DATE '1970-01-01' + x::INT
unix_seconds(x) = floor(epoch_us(x::TIMESTAMPTZ) / 1000000)::BIGINT
unix_millis(x) = floor(epoch_us(x::TIMESTAMPTZ) / 1000)::BIGINT
unix_micros(x) = epoch_us(x::TIMESTAMPTZ)
timestamp_seconds(x) = make_timestamptz((x * 1000000::BIGINT)::BIGINT)
timestamp_millis(x) = make_timestamptz((x * 1000::BIGINT)::BIGINT)
timestamp_micros(x) = make_timestamptz(x::BIGINT)
make_timestamp(y, m, d, h, i, s) = spark_moment(y, m, d, h, i, s)::TIMESTAMPTZ
make_timestamp(y, m, d, h, i, s, z) = timezone(z, spark_moment(y, m, d, h, i, s))
make_timestamp_ltz(y, m, d, h, i, s) = spark_moment(y, m, d, h, i, s)::TIMESTAMPTZ
make_timestamp_ltz(y, m, d, h, i, s, z) = timezone(z, spark_moment(y, m, d, h, i, s))
make_timestamp_ntz(y, m, d, h, i, s) = spark_moment(y, m, d, h, i, s)
try_make_timestamp(y, m, d, h, i, s) = spark_moment_or_null(y, m, d, h, i, s)::TIMESTAMPTZ
try_make_timestamp(y, m, d, h, i, s, z) = timezone(z, spark_moment_or_null(y, m, d, h, i, s))
try_make_timestamp_ltz(y, m, d, h, i, s) = spark_moment_or_null(y, m, d, h, i, s)::TIMESTAMPTZ
try_make_timestamp_ltz(y, m, d, h, i, s, z) = timezone(z, spark_moment_or_null(y, m, d, h, i, s))
try_make_timestamp_ntz(y, m, d, h, i, s) = spark_moment_or_null(y, m, d, h, i, s)
from_utc_timestamp(t, z) = timezone(z, t::TIMESTAMPTZ)::TIMESTAMPTZ
to_utc_timestamp(t, z) = timezone(z, t::TIMESTAMP)
convert_timezone(a, b, t) = timezone(b, timezone(a, t::TIMESTAMP))
convert_timezone(b, t) = timezone(b, t::TIMESTAMPTZ)
current_timezone() = CASE current_setting('TimeZone') WHEN 'Etc/UTC' THEN 'UTC' ELSE
    current_setting('TimeZone') END
make_dt_interval(d, h, m, s) = to_days(d) + to_hours(h) + to_minutes(m) + to_seconds(s::DOUBLE)
make_dt_interval(d, h, m) = to_days(d) + to_hours(h) + to_minutes(m)
make_dt_interval(d, h) = to_days(d) + to_hours(h)
make_dt_interval(d) = to_days(d)
make_ym_interval(y, m) = to_years(y) + to_months(m)
make_ym_interval(y) = to_years(y)
make_ym_interval() = to_years(0)
window_time(w) = w."end" - to_microseconds(1)
curdate() = current_date
localtimestamp() = now()::TIMESTAMP
to_timestamp_ltz(x) = x::TIMESTAMPTZ
to_timestamp_ntz(x) = x::TIMESTAMP
unix_timestamp() = epoch(now())::BIGINT
unix_timestamp(x) = epoch(x::TIMESTAMPTZ)::BIGINT
to_unix_timestamp(x) = epoch(x::TIMESTAMPTZ)::BIGINT
"""

# What the others, and translations, are made of; no caller can name them.
HELPERS = r"""
moment(y, m, d, h, i, s) = CASE WHEN s BETWEEN 0 AND 60 THEN make_timestamp(y, m, d, h, i, 0.0) +
    to_microseconds(round(s * 1000000)::BIGINT) WHEN s IS NOT NULL THEN
    error('[DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION] 22023 Invalid value for
    SecondOfMinute (valid values 0 - 59): ' || s || '.') END
moment_or_null(y, m, d, h, i, s) = CASE WHEN s BETWEEN 0 AND 60 THEN TRY(make_timestamp(y, m, d, h,
    i, 0.0)) + to_microseconds(round(s * 1000000)::BIGINT) END
weekday_iso(x) = isodow(x::TIMESTAMP)::INT
year_of_week(x) = isoyear(x::TIMESTAMP)::INT
fraction(t, n) = left(strftime(t, '%f'), n)
offset_seconds(t) = epoch(timezone(current_setting('TimeZone'), t::TIMESTAMPTZ)) - epoch(
    timezone('UTC', t::TIMESTAMPTZ))
zone(t, sep, minutes, zulu) = CASE WHEN zulu AND spark_offset_seconds(t) = 0 THEN 'Z' ELSE CASE
    WHEN spark_offset_seconds(t) < 0 THEN '-' ELSE '+' END || lpad((abs(spark_offset_seconds(t))
    // 3600)::INT::VARCHAR, 2, '0') || CASE WHEN minutes OR spark_offset_seconds(t) % 3600 <> 0
    THEN sep || lpad((abs(spark_offset_seconds(t)) % 3600 // 60)::INT::VARCHAR, 2, '0') ELSE ''
    END END
whole_second(x) = (epoch_us(x::TIMESTAMP) % 60000000 / 1000000.0)::DECIMAL(8, 6)
months_apart(a, b) = CASE WHEN (day(a::TIMESTAMP) = day(b::TIMESTAMP)) OR (a::DATE =
    last_day(a::DATE) AND b::DATE = last_day(b::DATE)) THEN (year(a::TIMESTAMP) -
    year(b::TIMESTAMP)) * 12 + month(a::TIMESTAMP) - month(b::TIMESTAMP) ELSE
    (year(a::TIMESTAMP) - year(b::TIMESTAMP)) * 12 + month(a::TIMESTAMP) - month(b::TIMESTAMP) +
    ((day(a::TIMESTAMP) - day(b::TIMESTAMP)) * 86400 + (epoch(a::TIMESTAMP) % 86400) -
    (epoch(b::TIMESTAMP) % 86400)) / 2678400.0 END::DOUBLE
interval_size(i) = CASE WHEN i < to_seconds(0) THEN -i ELSE i END
month_text(i) = CASE WHEN datepart('year', i) * 12 + datepart('month', i) < 0 THEN '-' ELSE ''
    END || (abs(datepart('year', i) * 12 + datepart('month', i)) // 12) || '-' ||
    (abs(datepart('year', i) * 12 + datepart('month', i)) % 12)
timestamp_text(t) = CASE WHEN epoch_us(t::TIMESTAMP) % 1000000 = 0 THEN strftime(t, '%Y-%m-%d
    %H:%M:%S') ELSE rtrim(strftime(t, '%Y-%m-%d %H:%M:%S.%f'), '0') END
whole_months(a, b) = list_transform([{'months': (year(b) - year(a)) * 12 + month(b) - month(a),
    'rest': (day(b) - day(a)) * 86400000000 + (epoch_us(b) % 86400000000) - (epoch_us(a) %
    86400000000)}], lambda d: d.months + CASE WHEN d.months > 0 AND d.rest < 0 THEN -1 WHEN
    d.months < 0 AND d.rest > 0 THEN 1 ELSE 0 END)[1]::BIGINT
whole_date(x) = CASE WHEN regexp_full_match(trim(x), '\d{4}') THEN trim(x) || '-01-01' WHEN
    regexp_full_match(trim(x), '\d{4}-\d{1,2}') THEN trim(x) || '-01' ELSE x END
time_slot(t, width, slide) = to_timestamp(floor(epoch(t::TIMESTAMPTZ) / epoch(slide)) *
    epoch(slide))
"""
