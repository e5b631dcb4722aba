-- Dates, timestamps, intervals: https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html#date-timestamp-and-interval-functions

SELECT DATE'2024-03-05' a, TIMESTAMP'2024-03-05 10:11:12.123' b, TIMESTAMP_NTZ'2024-03-05 10:11:12' c, TIMESTAMP'2024-03-05 10:11:12+02:00' d;
-- a: date | b: timestamp | c: timestamp_ntz | d: timestamp
-- ["2024-03-05", "2024-03-05 10:11:12.123000", "2024-03-05 10:11:12", "2024-03-05 08:11:12"]

SELECT year(d) y, quarter(d) q, month(d) m, day(d) dd, dayofmonth(d) dm, dayofweek(d) dw, dayofyear(d) dy, weekday(d) wd, weekofyear(d) wy, last_day(d) ld, dayname(d) dn, monthname(d) mn FROM VALUES (DATE'2024-03-05') AS t(d);
-- y: int | q: int | m: int | dd: int | dm: int | dw: int | dy: int | wd: int | wy: int | ld: date | dn: string | mn: string
-- [2024, 1, 3, 5, 5, 3, 65, 1, 10, "2024-03-31", "Tue", "Mar"]

SELECT hour(t) h, minute(t) m, second(t) s, extract(YEAR FROM t) y, extract(DOW FROM t) dow, extract(WEEK FROM t) w, extract(SECOND FROM t) es, date_part('month', t) dp, datepart('hour', t) dh, extract(DOY FROM t) doy, extract(QUARTER FROM t) q FROM VALUES (TIMESTAMP'2024-03-05 10:11:12.5') AS v(t);
-- h: int | m: int | s: int | y: int | dow: int | w: int | es: decimal(8,6) | dp: int | dh: int | doy: int | q: int
-- [10, 11, 12, 2024, 3, 10, "12.500000", 3, 10, 65, 1]

SELECT date_add(DATE'2024-02-28', 2) a, date_sub(DATE'2024-03-01', 1) b, datediff(DATE'2024-03-05', DATE'2024-03-01') c, add_months(DATE'2024-01-31', 1) d, months_between(DATE'2024-03-31', DATE'2024-01-15') e, next_day(DATE'2024-03-05', 'MON') f, DATE'2024-01-01' + 5 g, DATE'2024-03-05' - DATE'2024-03-01' h;
-- a: date | b: date | c: int | d: date | e: double | f: date | g: date | h: interval day
-- ["2024-03-01", "2024-02-29", 4, "2024-02-29", 2.51612903, "2024-03-11", "2024-01-06", "4 days, 0:00:00"]

SELECT dateadd(DAY, 2, DATE'2024-02-28') a, dateadd(MONTH, 1, TIMESTAMP'2024-01-31 10:00:00') b, date_diff(HOUR, TIMESTAMP'2024-01-01 00:00:00', TIMESTAMP'2024-01-02 01:30:00') c, datediff(MONTH, DATE'2024-01-15', DATE'2024-03-14') d, timestampadd(MINUTE, 5, TIMESTAMP'2024-01-01 00:00:00') e, timestampdiff(DAY, TIMESTAMP'2024-01-01 12:00:00', TIMESTAMP'2024-01-03 11:00:00') f, datediff(YEAR, DATE'2020-02-01', DATE'2024-01-31') g;
-- a: timestamp | b: timestamp | c: bigint | d: bigint | e: timestamp | f: bigint | g: bigint
-- ["2024-03-01 00:00:00", "2024-02-29 10:00:00", 25, 1, "2024-01-01 00:05:00", 1, 3]

SELECT date_trunc('MONTH', TIMESTAMP'2024-03-05 10:11:12') a, date_trunc('week', DATE'2024-03-06') b, trunc(DATE'2024-03-05', 'YEAR') c, trunc(DATE'2024-03-05', 'MM') d, date_trunc('HOUR', TIMESTAMP'2024-03-05 10:11:12') e, trunc(DATE'2024-05-05', 'Q') f, date_trunc('DD', TIMESTAMP'2024-03-05 10:11:12') g, trunc(DATE'2024-03-06', 'week') h, date_trunc('quarter', DATE'2024-05-05') i;
-- a: timestamp | b: timestamp | c: date | d: date | e: timestamp | f: date | g: timestamp | h: date | i: timestamp
-- ["2024-03-01 00:00:00", "2024-03-04 00:00:00", "2024-01-01", "2024-03-01", "2024-03-05 10:00:00", null, "2024-03-05 00:00:00", "2024-03-04", "2024-04-01 00:00:00"]

SELECT date_format(TIMESTAMP'2024-03-05 10:11:12', 'yyyy-MM-dd HH:mm:ss') a, date_format(DATE'2024-03-05', 'dd/MM/yy') b, date_format(DATE'2024-03-05', 'EEEE, MMMM d') c, date_format(DATE'2024-03-05', 'E MMM') d, date_format(TIMESTAMP'2024-03-05 15:04:05', 'hh:mm a') e, date_format(TIMESTAMP'2024-03-05 15:04:05.123', 'HH:mm:ss.SSS') f, date_format(DATE'2024-03-05', 'D') g, date_format(DATE'2024-03-05', "yyyy-'W'") h, date_format(DATE'2024-03-05', 'yyyyMM') i;
-- a: string | b: string | c: string | d: string | e: string | f: string | g: string | h: string | i: string
-- ["2024-03-05 10:11:12", "05/03/24", "Tuesday, March 5", "Tue Mar", "03:04 PM", "15:04:05.123", "65", "2024-W", "202403"]

SELECT to_date('2024-03-05') a, to_date('05/03/2024', 'dd/MM/yyyy') b, to_timestamp('2024-03-05 10:11:12') c, to_timestamp('05.03.2024 10:11', 'dd.MM.yyyy HH:mm') d, to_date('20240305', 'yyyyMMdd') e, to_timestamp('2024-03-05T10:11:12Z') f, to_date(TIMESTAMP'2024-03-05 23:00:00') g, to_timestamp_ntz('2024-03-05 10:11:12') h;
-- a: date | b: date | c: timestamp | d: timestamp | e: date | f: timestamp | g: date | h: timestamp_ntz
-- ["2024-03-05", "2024-03-05", "2024-03-05 10:11:12", "2024-03-05 10:11:00", "2024-03-05", "2024-03-05 10:11:12", "2024-03-05", "2024-03-05 10:11:12"]

SELECT unix_timestamp(TIMESTAMP'1970-01-02 00:00:00') a, unix_timestamp('2024-03-05', 'yyyy-MM-dd') b, from_unixtime(0) c, from_unixtime(86400, 'yyyy/MM/dd') d, to_unix_timestamp('2024-03-05 00:00:00') e, unix_date(DATE'1970-01-10') f, date_from_unix_date(10) g, unix_millis(TIMESTAMP'1970-01-01 00:00:01') h, unix_micros(TIMESTAMP'1970-01-01 00:00:01') i, unix_seconds(TIMESTAMP'1970-01-01 00:00:01') j;
-- a: bigint | b: bigint | c: string | d: string | e: bigint | f: int | g: date | h: bigint | i: bigint | j: bigint
-- [86400, 1709596800, "1970-01-01 00:00:00", "1970/01/02", 1709596800, 9, "1970-01-11", 1000, 1000000, 1]

SELECT timestamp_seconds(1230219000) a, timestamp_millis(1230219000123) b, timestamp_micros(1230219000123123) c, make_date(2024, 2, 29) d, make_timestamp(2024, 2, 29, 1, 2, 3.5) e, make_timestamp_ntz(2024, 2, 29, 1, 2, 3) f;
-- a: timestamp | b: timestamp | c: timestamp | d: date | e: timestamp | f: timestamp_ntz
-- ["2008-12-25 15:30:00", "2008-12-25 15:30:00.123000", "2008-12-25 15:30:00.123123", "2024-02-29", "2024-02-29 01:02:03.500000", "2024-02-29 01:02:03"]

SELECT from_utc_timestamp(TIMESTAMP'2024-01-01 00:00:00', 'Asia/Seoul') a, to_utc_timestamp(TIMESTAMP'2024-01-01 09:00:00', 'Asia/Seoul') b, convert_timezone('UTC', 'America/New_York', TIMESTAMP_NTZ'2024-01-01 12:00:00') c, current_timezone() d;
-- a: timestamp | b: timestamp | c: timestamp_ntz | d: string
-- ["2024-01-01 09:00:00", "2024-01-01 00:00:00", "2024-01-01 07:00:00", "UTC"]

SELECT DATE'2024-01-31' + INTERVAL 1 MONTH a, TIMESTAMP'2024-01-01 00:00:00' + INTERVAL '1 day 2 hours' b, DATE'2024-03-05' - INTERVAL 1 YEAR c, TIMESTAMP'2024-01-01 00:00:00' - INTERVAL 30 MINUTES d, TIMESTAMP'2024-01-02 00:00:00' - TIMESTAMP'2024-01-01 12:00:00' e, INTERVAL 1 DAY + INTERVAL 2 HOURS f, DATE'2024-01-01' + INTERVAL '2' DAY g, TIMESTAMP'2024-01-01 00:00:00' + INTERVAL '1 02:03:04' DAY TO SECOND h;
-- a: date | b: timestamp | c: date | d: timestamp | e: interval day to second | f: interval day to hour | g: date | h: timestamp
-- ["2024-02-29", "2024-01-02 02:00:00", "2023-03-05", "2023-12-31 23:30:00", "12:00:00", "1 day, 2:00:00", "2024-01-03", "2024-01-02 02:03:04"]

SELECT INTERVAL 3 DAYS a, INTERVAL '10:20' HOUR TO MINUTE b, INTERVAL 90 SECONDS c, 2 * INTERVAL 1 DAY d, make_dt_interval(1, 2, 3, 4.5) e, INTERVAL '1' DAY > INTERVAL '23' HOUR f;
-- a: interval day | b: interval hour to minute | c: interval second | d: interval day to second | e: interval day to second | f: boolean
-- ["3 days, 0:00:00", "10:20:00", "0:01:30", "2 days, 0:00:00", "1 day, 2:03:04.500000", true]

SELECT INTERVAL 14 MONTHS a, INTERVAL '2-3' YEAR TO MONTH b, make_ym_interval(1, 2) c, INTERVAL 1 YEAR d;
-- a: interval month | b: interval year to month | c: interval year to month | d: interval year
-- ["1-2", "2-3", "1-2", "1-0"]

SELECT extract(DAY FROM INTERVAL '3 04:05:06' DAY TO SECOND) a, extract(HOUR FROM INTERVAL '3 04:05:06' DAY TO SECOND) b;
-- a: int | b: tinyint
-- [3, 4]

SELECT CAST('2024-03-05' AS DATE) a, CAST('2024-03' AS DATE) b, CAST('2024-03-05 10:11:12' AS TIMESTAMP) c, CAST(DATE'2024-03-05' AS TIMESTAMP) d, CAST(TIMESTAMP'2024-03-05 10:11:12' AS DATE) e, CAST(TIMESTAMP'2024-03-05 10:11:12' AS STRING) f, CAST(TIMESTAMP'1970-01-01 00:00:10' AS BIGINT) g, CAST(10 AS TIMESTAMP) h, CAST('2024-3-5' AS DATE) i;
-- a: date | b: date | c: timestamp | d: timestamp | e: date | f: string | g: bigint | h: timestamp | i: date
-- ["2024-03-05", "2024-03-01", "2024-03-05 10:11:12", "2024-03-05 00:00:00", "2024-03-05", "2024-03-05 10:11:12", 10, "1970-01-01 00:00:10", "2024-03-05"]

SELECT CAST('2024-13-01' AS DATE);
--! CAST_INVALID_INPUT 22018 "The value '2024-13-01' of the type \"STRING\" cannot be cast to \"DATE\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT CAST('nope' AS TIMESTAMP);
--! CAST_INVALID_INPUT 22018 "The value 'nope' of the type \"STRING\" cannot be cast to \"TIMESTAMP\" because it is malformed. Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead."

SELECT to_date('2024-03-05', 'dd/MM/yyyy');
--! CANNOT_PARSE_TIMESTAMP 22007 "Text '2024-03-05' could not be parsed at index 2. Use `try_to_date` to tolerate invalid input string and return NULL instead."

SELECT make_date(2024, 13, 1);
--! DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION 22023 "Invalid value for MonthOfYear (valid values 1 - 12): 13."

SELECT DATE'2024-02-30';
--! INVALID_TYPED_LITERAL 42604 "The value of the typed literal \"DATE\" is invalid: '2024-02-30'."

SELECT next_day(DATE'2024-03-05', 'xx');
--! ILLEGAL_DAY_OF_WEEK 22009 "Illegal input for day of week: xx."

SELECT try_to_timestamp('nope') a, try_cast('2024-13-01' AS DATE) b, try_to_date('x', 'yyyy') c, try_to_timestamp('2024-03-05', 'yyyy-MM-dd') d;
-- a: timestamp | b: date | c: date | d: timestamp
-- [null, null, null, "2024-03-05 00:00:00"]

SELECT DATE'2024-03-05' > '2024-03-01' a, DATE'2024-03-05' = TIMESTAMP'2024-03-05 00:00:00' b, '2024-03-05' = DATE'2024-03-05' c, DATE'2024-03-05' BETWEEN '2024-01-01' AND '2024-12-31' d;
-- a: boolean | b: boolean | c: boolean | d: boolean
-- [true, true, true, true]

SELECT current_date() = current_date a, now() IS NOT NULL b, current_timestamp() = current_timestamp c, typeof(now()) d, typeof(current_date) e, typeof(localtimestamp()) f, curdate() = current_date() g;
-- a: boolean | b: boolean | c: boolean | d: string | e: string | f: string | g: boolean
-- [true, true, true, "timestamp", "date", "timestamp_ntz", true]

SELECT sequence(DATE'2024-01-01', DATE'2024-01-03') a, sequence(DATE'2024-01-01', DATE'2024-03-01', INTERVAL 1 MONTH) b, sequence(TIMESTAMP'2024-01-01 00:00:00', TIMESTAMP'2024-01-01 02:00:00', INTERVAL 1 HOUR) c;
-- a: array<date> | b: array<date> | c: array<timestamp>
-- [["2024-01-01", "2024-01-02", "2024-01-03"], ["2024-01-01", "2024-02-01", "2024-03-01"], ["2024-01-01 00:00:00", "2024-01-01 01:00:00", "2024-01-01 02:00:00"]]

SELECT window.start s, window.end e, count(*) n FROM VALUES (TIMESTAMP'2024-01-01 00:01:00'), (TIMESTAMP'2024-01-01 00:04:00'), (TIMESTAMP'2024-01-01 00:06:00') AS t(ts) GROUP BY window(ts, '5 minutes') ORDER BY s;
-- s: timestamp | e: timestamp | n: bigint
-- ["2024-01-01 00:00:00", "2024-01-01 00:05:00", 2]
-- ["2024-01-01 00:05:00", "2024-01-01 00:10:00", 1]

SELECT window(ts, '10 minutes', '5 minutes') w, count(*) n FROM VALUES (TIMESTAMP'2024-01-01 00:01:00'), (TIMESTAMP'2024-01-01 00:06:00') AS t(ts) GROUP BY window(ts, '10 minutes', '5 minutes') ORDER BY w.start;
-- w: struct<start:timestamp,end:timestamp> | n: bigint
-- [{"start": "2023-12-31 23:55:00", "end": "2024-01-01 00:05:00"}, 1]
-- [{"start": "2024-01-01 00:00:00", "end": "2024-01-01 00:10:00"}, 2]
-- [{"start": "2024-01-01 00:05:00", "end": "2024-01-01 00:15:00"}, 1]

SELECT user, session_window.start s, session_window.end e, count(*) n FROM VALUES ('a', TIMESTAMP'2024-01-01 00:01:00'), ('a', TIMESTAMP'2024-01-01 00:04:00'), ('a', TIMESTAMP'2024-01-01 00:30:00'), ('b', TIMESTAMP'2024-01-01 00:04:00') AS t(user, ts) GROUP BY user, session_window(ts, '5 minutes') ORDER BY user, s;
-- user: string | s: timestamp | e: timestamp | n: bigint
-- ["a", "2024-01-01 00:01:00", "2024-01-01 00:09:00", 2]
-- ["a", "2024-01-01 00:30:00", "2024-01-01 00:35:00", 1]
-- ["b", "2024-01-01 00:04:00", "2024-01-01 00:09:00", 1]

SELECT year(DATE'2024-01-01'), date_add(DATE'2024-01-01', 1), DATE'2024-01-01', current_date() IS NULL, to_date('2024-01-01'), date_trunc('DAY', TIMESTAMP'2024-01-01 00:00:00'), datediff(DATE'2024-01-02', DATE'2024-01-01'), INTERVAL 1 DAY, extract(YEAR FROM DATE'2024-01-01');
-- year(DATE '2024-01-01'): int | date_add(DATE '2024-01-01', 1): date | DATE '2024-01-01': date | (current_date() IS NULL): boolean | to_date(2024-01-01): date | date_trunc(DAY, TIMESTAMP '2024-01-01 00:00:00'): timestamp | datediff(DATE '2024-01-02', DATE '2024-01-01'): int | INTERVAL '1' DAY: interval day | extract(YEAR FROM DATE '2024-01-01'): int
-- [2024, "2024-01-02", "2024-01-01", false, "2024-01-01", "2024-01-01 00:00:00", 1, "1 day, 0:00:00", 2024]

SELECT add_months('2016-08-31', 1) a, add_months(DATE'2024-02-29', 12) b, add_months(TIMESTAMP'2024-01-31 10:00:00', -2) c, last_day('2024-02-10') d, last_day(TIMESTAMP'2024-01-10 00:00:00') e, next_day('2024-01-10', 'FRIDAY') f;
-- a: date | b: date | c: date | d: date | e: date | f: date
-- ["2016-09-30", "2025-02-28", "2023-11-30", "2024-02-29", "2024-01-31", "2024-01-12"]

SELECT date_part('seconds', INTERVAL 5 HOURS 30 SECONDS 1 MILLISECOND) a, extract(SECONDS FROM INTERVAL '1 02:03:04.5' DAY TO SECOND) b, date_part('days', INTERVAL '3 04:05:06' DAY TO SECOND) c, extract(HOUR FROM INTERVAL '3 04:05:06' DAY TO SECOND) d, extract(MONTH FROM INTERVAL '2-3' YEAR TO MONTH) e, extract(YEAR FROM INTERVAL '2-3' YEAR TO MONTH) f;
-- a: decimal(8,6) | b: decimal(8,6) | c: int | d: tinyint | e: tinyint | f: int
-- ["30.001000", "4.500000", 3, 4, 3, 2]

SELECT date_trunc('HOUR', TIMESTAMP_NTZ'2024-03-05 09:32:05') a, date_trunc('MONTH', DATE'2024-03-05') b, date_trunc('week', '2024-03-05') c, trunc('2024-03-05', 'MM') d, trunc(DATE'2024-03-05', 'quarter') e, date_trunc('nope', DATE'2024-03-05') f;
-- a: timestamp | b: timestamp | c: timestamp | d: date | e: date | f: timestamp
-- ["2024-03-05 09:00:00", "2024-03-01 00:00:00", "2024-03-04 00:00:00", "2024-03-01", "2024-01-01", null]

SELECT months_between('1997-02-28 10:30:00', '1996-10-30', false) a, months_between(DATE'2024-03-31', DATE'2024-02-29') b, months_between('2024-03-15', '2024-01-01', true) c;
-- a: double | b: double | c: double
-- [3.94959677419, 1.0, 2.4516129]

SELECT date_format(DATE'2024-03-05', 'yyyy-MM-dd') a, date_format('2024-03-05 14:05:09', 'HH:mm:ss') b, date_format(TIMESTAMP'2024-03-05 14:05:09.123', 'EEE, d MMM yyyy hh:mm:ss a') c, date_format(TIMESTAMP'2024-03-05 14:05:09.123', "yyyy-MM-dd'T'HH:mm:ss.SSSXXX") d, date_format(DATE'2024-03-05', 'Q') e, date_format(DATE'2024-08-05', 'QQQ') f, date_format(DATE'2024-03-05', 'D') g, date_format(TIMESTAMP'2024-03-05 14:05:09.1', 'S') h, date_format(TIMESTAMP'2024-03-05 14:05:09.129', 'SS') i, date_format(TIMESTAMP'2024-03-05 00:05:09', 'k K') j;
-- a: string | b: string | c: string | d: string | e: string | f: string | g: string | h: string | i: string | j: string
-- ["2024-03-05", "14:05:09", "Tue, 5 Mar 2024 02:05:09 PM", "2024-03-05T14:05:09.123Z", "1", "Q3", "65", "1", "12", "24 0"]

SELECT hour('2024-03-05 14:05:09') a, minute('2024-03-05 14:05:09') b, second(TIMESTAMP'2024-03-05 14:05:09.7') c, hour(DATE'2024-03-05') d, year('2024') e, month('2024-03-05') f, extract(DOW FROM DATE'2024-03-05') g, extract(DAYOFWEEK_ISO FROM DATE'2024-03-05') h, extract(YEAROFWEEK FROM DATE'2024-12-30') i, extract(WEEK FROM DATE'2024-12-30') j, extract(SECOND FROM TIMESTAMP'2024-03-05 14:05:09.7') k, date_part('YEAR', '2024-03-05') l;
-- a: int | b: int | c: int | d: int | e: int | f: int | g: int | h: int | i: int | j: int | k: decimal(8,6) | l: int
-- [14, 5, 9, 0, 2024, 3, 3, 2, 2025, 1, "9.700000", 2024]

SELECT make_date(2024, 2, 29) a, make_timestamp(2024, 2, 29, 12, 30, 15.5) b, make_timestamp(2024, 2, 29, 12, 30, 15.5, 'Europe/Berlin') c, make_timestamp_ltz(2024, 2, 29, 12, 30, 15, 'UTC') d, make_timestamp_ntz(2024, 2, 29, 12, 30, 15) e, try_make_timestamp(2024, 13, 1, 0, 0, 0) f, try_make_timestamp(2024, 1, 1, 23, 59, 60) g, try_make_timestamp_ntz(2024, 1, 1, 1, 1, 1.5) h, try_make_timestamp_ltz(NULL, 1, 1, 1, 1, 1) i;
-- a: date | b: timestamp | c: timestamp | d: timestamp | e: timestamp_ntz | f: timestamp | g: timestamp | h: timestamp_ntz | i: timestamp
-- ["2024-02-29", "2024-02-29 12:30:15.500000", "2024-02-29 11:30:15.500000", "2024-02-29 12:30:15", "2024-02-29 12:30:15", null, "2024-01-02 00:00:00", "2024-01-01 01:01:01.500000", null]

SELECT make_date(2024, 2, 30);
--! DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION 22023 "Invalid date 'FEBRUARY 30'."

SELECT INTERVAL '1-2' YEAR TO MONTH a, INTERVAL '3' MONTH + INTERVAL '1' YEAR b, try_add(INTERVAL 1 YEAR, INTERVAL 2 YEAR) c, try_multiply(INTERVAL 2 YEAR, 3) d, try_divide(INTERVAL 2 MONTH, 2) e, abs(INTERVAL -'1-1' YEAR TO MONTH) f, try_subtract(INTERVAL 2 YEAR, INTERVAL 1 YEAR) h;
-- a: interval year to month | b: interval year to month | c: interval year | d: interval year to month | e: interval year to month | f: interval year to month | h: interval year
-- ["1-2", "1-3", "3-0", "6-0", "0-1", "1-1", "1-0"]

SELECT DATE'2024-01-31' + INTERVAL '1' MONTH a, DATE'2024-01-31' - INTERVAL '1' DAY b, TIMESTAMP'2024-01-31 00:00:00' + INTERVAL '1 02:00:00' DAY TO SECOND c, TIMESTAMP'2024-01-02 00:00:00' - TIMESTAMP'2024-01-01 12:00:00' d, INTERVAL '2' HOUR * 3 e, DATE'2024-01-01' + INTERVAL 2 HOURS f;
-- a: date | b: date | c: timestamp | d: interval day to second | e: interval day to second | f: timestamp
-- ["2024-02-29", "2024-01-30", "2024-02-01 02:00:00", "12:00:00", "6:00:00", "2024-01-01 02:00:00"]

SELECT sum(i) a, max(i) b, min(i) c, avg(i) d FROM VALUES (INTERVAL '1' DAY), (INTERVAL '3' DAY) AS t(i);
-- a: interval day | b: interval day | c: interval day | d: interval day to second
-- ["4 days, 0:00:00", "3 days, 0:00:00", "1 day, 0:00:00", "2 days, 0:00:00"]

SELECT sum(i) a, max(i) b FROM VALUES (INTERVAL '1' YEAR), (INTERVAL '3' YEAR) AS t(i);
-- a: interval year | b: interval year
-- ["4-0", "3-0"]

SELECT a, window.start s, count(*) n FROM VALUES ('x', '2024-01-01 00:00:00'), ('x', '2024-01-01 00:04:30'), ('y', '2024-01-01 00:06:00') AS t(a, b) GROUP BY a, window(b, '5 minutes') ORDER BY a, s;
-- a: string | s: timestamp | n: bigint
-- ["x", "2024-01-01 00:00:00", 2]
-- ["y", "2024-01-01 00:05:00", 1]

SELECT a, session_window.start s, session_window.end e, count(*) n FROM VALUES ('x', '2024-01-01 00:00:00'), ('x', '2024-01-01 00:04:30'), ('x', '2024-01-01 00:20:00') AS t(a, b) GROUP BY a, session_window(b, '5 minutes') ORDER BY a, s;
-- a: string | s: timestamp | e: timestamp | n: bigint
-- ["x", "2024-01-01 00:00:00", "2024-01-01 00:09:30", 2]
-- ["x", "2024-01-01 00:20:00", "2024-01-01 00:25:00", 1]

SELECT unix_timestamp('2024-01-01 00:00:00') a, unix_timestamp('01/02/2024', 'dd/MM/yyyy') b, from_unixtime(0) c, from_unixtime(0, 'yyyy') d, to_date('05.03.2024', 'dd.MM.yyyy') e, to_timestamp('2024-03-05T10:11:12') f, unix_date(DATE'1970-01-10') g, timestamp_seconds(1.5) h, date_from_unix_date(3) i, to_timestamp('20240305', 'yyyyMMdd') j, to_date('20240305', 'yyyyMMdd') k;
-- a: bigint | b: bigint | c: string | d: string | e: date | f: timestamp | g: int | h: timestamp | i: date | j: timestamp | k: date
-- [1704067200, 1706745600, "1970-01-01 00:00:00", "1970", "2024-03-05", "2024-03-05 10:11:12", 9, "1970-01-01 00:00:01.500000", "1970-01-04", "2024-03-05 00:00:00", "2024-03-05"]

SELECT datediff('2024-03-05', '2024-03-01') a, date_diff(MONTH, DATE'2024-01-31', DATE'2024-02-29') b, timestampdiff(HOUR, TIMESTAMP'2024-01-01 00:30:00', TIMESTAMP'2024-01-01 02:00:00') c, dateadd(MONTH, 1, DATE'2024-01-31') d, timestampadd(DAY, 1, TIMESTAMP'2024-01-01 00:00:00') e, date_add('2024-01-01', 1) f, date_sub('2024-01-01', 1) g, dateadd(DATE'2024-01-01', 3) h;
-- a: int | b: bigint | c: bigint | d: timestamp | e: timestamp | f: date | g: date | h: date
-- [4, 0, 1, "2024-02-29 00:00:00", "2024-01-02 00:00:00", "2024-01-02", "2023-12-31", "2024-01-04"]

SELECT CAST(INTERVAL '5' HOUR AS STRING) a, CAST(INTERVAL '1 02:03:04.1234' DAY TO SECOND AS STRING) b, CAST(INTERVAL '3' DAY AS STRING) c, CAST(INTERVAL '1 02' DAY TO HOUR AS STRING) d, CAST(INTERVAL '1.5' SECOND AS STRING) e, CAST(INTERVAL '14' MONTH AS STRING) g, CAST(INTERVAL '2' YEAR AS STRING) h, CAST(INTERVAL '-1 02:03:04' DAY TO SECOND AS STRING) i, CAST(INTERVAL '90' MINUTE AS STRING) j, CAST(INTERVAL '100' HOUR AS STRING) k, CAST(INTERVAL '02:03' MINUTE TO SECOND AS STRING) l, CAST(INTERVAL '-14' MONTH AS STRING) m, CAST(INTERVAL '1 02:03' DAY TO MINUTE AS STRING) n, CAST(INTERVAL '12:30:05' HOUR TO SECOND AS STRING) o, CAST(INTERVAL -'3' DAY AS STRING) p;
-- a: string | b: string | c: string | d: string | e: string | g: string | h: string | i: string | j: string | k: string | l: string | m: string | n: string | o: string | p: string
-- ["INTERVAL '05' HOUR", "INTERVAL '1 02:03:04.1234' DAY TO SECOND", "INTERVAL '3' DAY", "INTERVAL '1 02' DAY TO HOUR", "INTERVAL '01.5' SECOND", "INTERVAL '14' MONTH", "INTERVAL '2' YEAR", "INTERVAL '-1 02:03:04' DAY TO SECOND", "INTERVAL '90' MINUTE", "INTERVAL '100' HOUR", "INTERVAL '02:03' MINUTE TO SECOND", "INTERVAL '-14' MONTH", "INTERVAL '1 02:03' DAY TO MINUTE", "INTERVAL '12:30:05' HOUR TO SECOND", "INTERVAL '-3' DAY"]
