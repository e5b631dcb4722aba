-- Strings: https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html#string-and-binary-functions

SELECT upper('añ') u, lower('ÀB') l, initcap('hello big world') i, length('héllo') n, char_length('ab ') c, reverse('abc') r;
-- u: string | l: string | i: string | n: int | c: int | r: string
-- ["AÑ", "àb", "Hello Big World", 5, 3, "cba"]

SELECT concat('a', 'b', 'c'), 'a' || 'b' || NULL AS n, concat_ws('-', 'a', NULL, 'b') w, concat_ws(',', array('x', NULL, 'y'), 'z') v;
-- concat(a, b, c): string | n: string | w: string | v: string
-- ["abc", null, "a-b", "x,y,z"]

SELECT substring('Spark SQL', 5) a, substring('Spark SQL', -3) b, substr('Spark SQL', 5, 1) c, substring('abc' FROM 2 FOR 1) d, left('abc', 2) e, right('abc', 2) f, substring('abc', 0, 2) g;
-- a: string | b: string | c: string | d: string | e: string | f: string | g: string
-- ["k SQL", "SQL", "k", "b", "ab", "bc", "ab"]

SELECT trim('  a '), ltrim('  a '), rtrim('  a '), trim(BOTH 'x' FROM 'xxaxx') b, trim(LEADING 'x' FROM 'xxax') l, trim(TRAILING FROM 'a  ') t, btrim('xyax', 'xy') bt;
-- trim(  a ): string | ltrim(  a ): string | rtrim(  a ): string | b: string | l: string | t: string | bt: string
-- ["a", "a ", "  a", "a", "ax", "a", "a"]

SELECT lpad('hi', 5, '?!') a, rpad('hi', 5, '?!') b, lpad('hello', 3, 'x') c, lpad('hi', 4) d;
-- a: string | b: string | c: string | d: string
-- ["?!?hi", "hi?!?", "hel", "  hi"]

SELECT repeat('ab', 3) a, space(2) b, replace('abcabc', 'b', 'z') c, replace('abcabc', 'b') d, translate('AaBbCc', 'abc', '12') e, overlay('Spark SQL' PLACING '_' FROM 6) f;
-- a: string | b: string | c: string | d: string | e: string | f: string
-- ["ababab", "  ", "azcazc", "acac", "A1B2C", "Spark_SQL"]

SELECT instr('SparkSQL', 'SQL') a, locate('a', 'banana') b, locate('a', 'banana', 3) c, position('n' IN 'banana') d, position('z', 'banana') e;
-- a: int | b: int | c: int | d: int | e: int
-- [6, 2, 4, 3, 0]

SELECT split('a,b,,c', ',') a, split('oneAtwoBthree', '[AB]') b, split('a,b,c', ',', 2) c, split_part('a.b.c', '.', 2) d, split_part('a.b.c', '.', -1) e;
-- a: array<string> | b: array<string> | c: array<string> | d: string | e: string
-- [["a", "b", "", "c"], ["one", "two", "three"], ["a", "b,c"], "b", "c"]

SELECT substring_index('www.apache.org', '.', 2) a, substring_index('www.apache.org', '.', -2) b, substring_index('abc', '.', 1) c;
-- a: string | b: string | c: string
-- ["www.apache", "apache.org", "abc"]

SELECT regexp_replace('100-200', '(\\d+)', 'num') a, regexp_extract('100-200', '(\\d+)-(\\d+)', 2) b, regexp_extract('abc', '(\\d+)') c, regexp_extract_all('1a2b', '\\d', 0) d, regexp_count('a1b2', '\\d') e, regexp_substr('a1b2', '\\d') f, regexp_instr('ab1', '\\d') g;
-- a: string | b: string | c: string | d: array<string> | e: int | f: string | g: int
-- ["num-num", "200", "", ["1", "2"], 2, "1", 3]

SELECT regexp_replace('John Smith', r'(\w+) (\w+)', '$2 $1') a, r'\d' b, regexp_like('abc', '^a') c, 'abc' RLIKE 'b' d, 'abc' REGEXP 'z' e;
-- a: string | b: string | c: boolean | d: boolean | e: boolean
-- ["Smith John", "\\d", true, true, false]

SELECT 'Spark' LIKE 'S%k' a, 'spark' ILIKE 'SP_RK' b, 'a_b' LIKE 'a\\_b' c, 'abc' NOT LIKE 'b%' d, 'abc' LIKE ANY ('x%', 'a%') e, 'abc' LIKE ALL ('a%', '%c') f;
-- a: boolean | b: boolean | c: boolean | d: boolean | e: boolean | f: boolean
-- [true, true, true, true, true, true]

SELECT startswith('Spark', 'Sp') a, endswith('Spark', 'rk') b, contains('Spark', 'par') c;
-- a: boolean | b: boolean | c: boolean
-- [true, true, true]

SELECT ascii('A') a, chr(65) b, char(66) c, bin(13) d, hex(17) e, hex('Spark') f, unhex('537061') g, conv('100', 2, 10) h, conv(-10, 16, -10) i;
-- a: int | b: string | c: string | d: string | e: string | f: string | g: binary | h: string | i: string
-- [65, "A", "B", "1101", "11", "537061726B", "0x537061", "4", "-16"]

SELECT base64('Spark') a, cast(unbase64('U3Bhcms=') AS STRING) b, encode('abc', 'utf-8') c, decode(encode('abc', 'utf-8'), 'utf-8') d;
-- a: string | b: string | c: binary | d: string
-- ["U3Bhcms=", "Spark", "0x616263", "abc"]

SELECT md5('Spark') a, sha1('Spark') b, sha2('Spark', 256) c, sha('Spark') d;
-- a: string | b: string | c: string | d: string
-- ["8cde774d6f7333752ed72cacddb05126", "85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c", "529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b", "85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c"]

SELECT hash('Spark') h;
-- h: int
-- [228093765]

SELECT xxhash64('Spark') x;
-- x: bigint
-- [-4294468057691064905]

SELECT crc32('Spark') c;
-- c: bigint
-- [1557323817]

SELECT soundex('Miller') s;
-- s: string
-- ["M460"]

-- left out: a function that DuckDB lacks
SELECT sentences('Hi there! Bye.') s;
-- s: array<array<string>>
-- [[["Hi", "there"], ["Bye"]]]

SELECT format_string('%d %s %05.2f', 1, 'a', 3.14159D) a, printf('%s', 'x') b, format_number(12332.123456D, 4) c, format_number(5, 0) d;
-- a: string | b: string | c: string | d: string
-- ["1 a 03.14", "x", "12,332.1235", "5"]

SELECT levenshtein('kitten', 'sitting') a, find_in_set('ab', 'abc,b,ab,c,def') c, elt(2, 'a', 'b') d;
-- a: int | c: int | d: string
-- [3, 3, "b"]

SELECT to_char(454, '999') a, to_char(1234.5, '9,999.99') b, to_number('454.00', '000.00') c, to_varchar(78.12, '$99.99') d, try_to_number('x', '999') e;
-- a: string | b: string | c: decimal(5,2) | d: string | e: decimal(3,0)
-- ["454", "1,234.50", "454.00", "$78.12", null]

SELECT str_to_map('a:1,b:2') a, str_to_map('a=1;b=2', ';', '=') b;
-- a: map<string,string> | b: map<string,string>
-- [{"a": "1", "b": "2"}, {"a": "1", "b": "2"}]

SELECT url_encode('https://a b') a, url_decode('a%20b') b, parse_url('http://spark.apache.org/path?query=1', 'HOST') c, parse_url('http://spark.apache.org/path?query=1', 'QUERY', 'query') d;
-- a: string | b: string | c: string | d: string
-- ["https%3A%2F%2Fa+b", "a b", "spark.apache.org", "1"]

SELECT bit_length('abc') a, octet_length('é') b, length(X'1C7') c, X'41' d, encode('é', 'UTF-8') = unhex('C3A9') e;
-- a: int | b: int | c: int | d: binary | e: boolean
-- [24, 2, 2, "0x41", true]

SELECT mask('AbCD123-@$#') a, mask('AbCD', 'Q', 'q') b, isnull(luhn_check('8112189876')) c, luhn_check('79927398713') d;
-- a: string | b: string | c: boolean | d: boolean
-- ["XxXXnnn-@$#", "QqQQ", false, true]

SELECT decode(2, 1, 'Southlake', 2, 'San Francisco', 'Other') a, decode(6, 1, 'x') b;
-- a: string | b: string
-- ["San Francisco", null]

SELECT ucase('a') a, lcase('A') b, character_length('abc') c, len('abc') d, to_binary('414243', 'hex') e, is_valid_utf8('a') f, collation('a') g;
-- a: string | b: string | c: int | d: int | e: binary | f: boolean | g: string
-- ["A", "a", 3, 3, "0x414243", true, "SYSTEM.BUILTIN.UTF8_BINARY"]

SELECT "double quoted" AS d, 'it''s' AS s, 'it\'s' AS e, 'a' 'b' AS joined, 'tab\there' AS t, '\u0041' AS u;
-- d: string | s: string | e: string | joined: string | t: string | u: string
-- ["double quoted", "it's", "it's", "ab", "tab\there", "A"]

SELECT upper(NULL), 'a' = 'A' AS eq, 'a' < 'b' AS lt, 'a' <=> NULL AS ns;
-- upper(NULL): string | eq: boolean | lt: boolean | ns: boolean
-- [null, false, true, false]

SELECT upper();
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605 "The `upper` requires 1 parameters but the actual number is 0. Please, refer to 'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix."

SELECT length('a', 'b');
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605 "The `length` requires 1 parameters but the actual number is 2. Please, refer to 'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix."

SELECT nosuchfunction('a');
--! UNRESOLVED_ROUTINE 42883 "Cannot resolve routine `nosuchfunction` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`corpus`]."

SELECT substring_index('a');
--! WRONG_NUM_ARGS.WITHOUT_SUGGESTION 42605 "The `substring_index` requires 3 parameters but the actual number is 1. Please, refer to 'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix."

SELECT concat('a', 1) AS a, 'n' || 2.50 AS b, concat(DATE'2024-01-02', true) AS c;
-- a: string | b: string | c: string
-- ["a1", "n2.50", "2024-01-02true"]

SELECT string(1.5) a, string(true) b, string(DATE'2024-01-02') c, string(1.0e10D) d, string(array(1, NULL)) e, string(map('a', 1)) f, string(named_struct('x', 1, 'y', 'z')) g;
-- a: string | b: string | c: string | d: string | e: string | f: string | g: string
-- ["1.5", "true", "2024-01-02", "1.0E10", "[1, null]", "{a -> 1}", "{1, z}"]

SELECT length(upper('x')), trim('a ') || 'b', 'x' LIKE 'y', coalesce('a', 'b'), CASE WHEN true THEN 'a' END, 'a' IN ('a', 'b');
-- length(upper(x)): int | concat(trim(a ), b): string | x LIKE y: boolean | coalesce(a, b): string | CASE WHEN true THEN a END: string | (a IN (a, b)): boolean
-- [1, "ab", false, "a", "a", true]

SELECT upper(n) a, lower(n) b, length(n) c, trim(n) d, concat_ws('-', n, n) e, repeat(n, 2) f, initcap(n) g, translate(n, '1', '2') h, split_part(n, '2', 1) i, ltrim(n) j, rtrim(n) k FROM VALUES (123) AS t(n);
-- a: string | b: string | c: int | d: string | e: string | f: string | g: string | h: string | i: string | j: string | k: string
-- ["123", "123", 3, "123", "123-123", "123123", "123", "223", "1", "123", "123"]

SELECT lpad(n, 5, '0') a, rpad(n, 5, 0) b, substring(n, 1, 2) c, replace(n, 2, 3) d, split(n, '2') e, instr(n, 2) f, n LIKE '1%' g, n RLIKE '^1' h, left(n, 2) i, right(n, 2) j FROM VALUES (123) AS t(n);
-- a: string | b: string | c: string | d: string | e: array<string> | f: int | g: boolean | h: boolean | i: string | j: string
-- ["00123", "12300", "12", "133", ["1", "3"], 2, true, true, "12", "23"]

SELECT substring(d, 1, 4) a, concat_ws('-', d, 1.5D) b, length(d) c, upper(1e10D) e, left(d, 7) f, d LIKE '2024%' g, startswith(d, '2024') h, regexp_replace(d, '-', '/') i FROM VALUES (DATE'2024-01-05') AS t(d);
-- a: string | b: string | c: int | e: string | f: string | g: boolean | h: boolean | i: string
-- ["2024", "2024-01-05-1.5", 10, "1.0E10", "2024-01", true, true, "2024/01/05"]

SELECT reverse(123) a, ascii(7) b, locate(2, 123) c, substring_index(1.2, '.', 1) d, levenshtein(10, 11) e, regexp_extract(123, '(2)', 1) f, regexp_like(123, '2') g, find_in_set(1, '2,1') h, overlay(12345 PLACING 9 FROM 2) i, btrim(5) j, contains(123, 2) k, endswith(true, 'e') l;
-- a: string | b: int | c: int | d: string | e: int | f: string | g: boolean | h: int | i: string | j: string | k: boolean | l: boolean
-- ["321", 55, 2, "1", 1, "2", true, 2, "19345", "5", true, true]

SELECT md5('a') a, sha1(x'61') b, sha2('a', 256) c, base64('a') d, md5(x'61') e, crc32('a') f;
-- a: string | b: string | c: string | d: string | e: string | f: bigint
-- ["0cc175b9c0f1b6a831c399e269772661", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "YQ==", "0cc175b9c0f1b6a831c399e269772661", 3904355907]

SELECT concat_ws(',', array('a', 'b'), 'c', NULL, array('d', NULL)) a, concat_ws(',') b, concat_ws(NULL, 'a') c, concat_ws('/', array('x')) d;
-- a: string | b: string | c: string | d: string
-- ["a,b,c,d", "", null, "x"]

SELECT startswith(x'6162', x'61') a, endswith(x'6162', x'62') b, contains(x'6162', x'6162') c, contains(x'1B2A', x'B2') d, startswith('a', NULL) e, contains(NULL, 'a') f;
-- a: boolean | b: boolean | c: boolean | d: boolean | e: boolean | f: boolean
-- [true, true, true, false, null, null]

SELECT left(x'616263', 2) a, right(x'616263', 2) b, substring(x'616263', 2) c, substring(x'616263', -2, 1) d, lpad(x'61', 3) e, rpad(x'61', 3, x'6263') f, reverse(x'6162') g, overlay(x'616263' PLACING x'00' FROM 2) h, char_length(x'6162') i, btrim(x'206120') j;
-- a: binary | b: string | c: binary | d: binary | e: binary | f: binary | g: binary | h: binary | i: int | j: string
-- ["0x6162", "bc", "0x6263", "0x62", "0x000061", "0x616263", "0x6261", "0x610063", 2, "a"]

SELECT instr('abcabc', 'c') a, elt(1, 'x', 2) b, elt(2, 'x', 2) c, elt(NULL, 'x') d, chr(65) e, char(97) f, hex(255) g, hex('a') h, unhex('61') i, bin(13) j, bin(13.7D) k;
-- a: int | b: string | c: string | d: string | e: string | f: string | g: string | h: string | i: binary | j: string | k: string
-- [3, "x", "2", null, "A", "a", "FF", "61", "0x61", "1101", "1101"]

SELECT elt(3, 'x', 'y');
--! INVALID_ARRAY_INDEX 22003 "The index 3 is out of bounds. The array has 2 elements. Use the SQL function `get()` to tolerate accessing element at invalid index and return NULL instead."

SELECT listagg(c) a, string_agg(c, '+') b, listagg(DISTINCT c, ',') WITHIN GROUP (ORDER BY c) d, string_agg(c) WITHIN GROUP (ORDER BY c DESC) e FROM VALUES ('b'), ('a'), (NULL), ('a') AS t(c);
-- a: string | b: string | d: string | e: string
-- ["baa", "b+a+a", "a,b", "baa"]

SELECT quote('it\'s') a, is_valid_utf8(x'ff') b, is_valid_utf8('a') c, validate_utf8('a') d, try_validate_utf8(x'ff') e, make_valid_utf8(x'61') f;
-- a: string | b: boolean | c: boolean | d: string | e: string | f: string
-- ["'it\\'s'", false, true, "a", null, "a"]

SELECT format_number(12332.1, 2) a, format_number(0.5, 0) b, format_number(1234567, 0) c, format_number(12332.126, '#,###.##') d, format_number(5, '000.0') e;
-- a: string | b: string | c: string | d: string | e: string
-- ["12,332.10", "0", "1,234,567", "12,332.13", "005.0"]

SELECT 'a\\b' LIKE 'a\\\\b' a, 'a%b' LIKE 'a\\%b' b, 'a/%b' LIKE 'a/%b' ESCAPE '/' c, 'axb' LIKE 'a_b' d;
-- a: boolean | b: boolean | c: boolean | d: boolean
-- [true, true, false, true]

SELECT 'abc' LIKE 'a\\bc';
--! INVALID_FORMAT.ESC_IN_THE_MIDDLE 42601 "The format is invalid: 'a\\\\bc'. The escape character is not allowed to precede 'b'."

SELECT 'abc' LIKE 'abc\\';
--! INVALID_FORMAT.ESC_AT_THE_END 42601 "The format is invalid: 'abc\\\\'. The escape character is not allowed to end with."

SELECT regexp('abc', 'b') a, 'abc' REGEXP '^a' b, regexp_count('aXbX', 'X') c, 'abc' RLIKE 'c$' d;
-- a: boolean | b: boolean | c: int | d: boolean
-- [true, true, 2, true]

-- wording: DuckDB does not say which function it was
SELECT rlike('a', '(');
--! INVALID_PARAMETER_VALUE.PATTERN 22023 "The value of parameter(s) `regexp` in `rlike` is invalid: '('."

SELECT soundex('Robert') a, soundex('Ashcraft') b, soundex('Tymczak') c, soundex('') d, soundex('42') e, soundex('Pfister') f;
-- a: string | b: string | c: string | d: string | e: string | f: string
-- ["R163", "A261", "T522", "", "42", "P236"]

SELECT try_parse_url('https://example.com/a?b=1', 'HOST') a, try_url_decode('a%20b') b, url_decode('a%2Fb') c, parse_url('https://example.com/a?b=1&c=2', 'QUERY', 'c') d;
-- a: string | b: string | c: string | d: string
-- ["example.com", "a b", "a/b", "2"]

SELECT to_char(-1234.5, '9,999.9S') a, to_char(1234.5, '$9,999.99') b, to_char(12, '99999') c, to_char(0.5, '0.99') d, to_char(-7, 'MI99') e, to_char(-7, '99PR') f, to_char(12, '000') g;
-- a: string | b: string | c: string | d: string | e: string | f: string | g: string
-- ["1,234.5-", "$1,234.50", "   12", "0.50", " -7", " <7>", "012"]

SELECT to_number('1,234.5-', '9,999.9S') a, to_number('$12.50', '$99.99') b, to_number('-12', 'S99') c, try_to_number('x', '99') d, to_number('<7>', '9PR') e;
-- a: decimal(5,1) | b: decimal(4,2) | c: decimal(2,0) | d: decimal(2,0) | e: decimal(1,0)
-- ["-1234.5", "12.50", "-12", null, "-7"]

SELECT to_number('abc', '999');
--! INVALID_FORMAT.MISMATCH_INPUT 42601 "The format is invalid: 999. The input \"STRING\" abc does not match the format."

SELECT to_varchar(x'6162', 'hex') a, to_char(x'6162', 'base64') b, to_char(DATE'2024-03-05', 'dd/MM/yyyy') c, to_char(x'6162', 'utf-8') d;
-- a: string | b: string | c: string | d: string
-- ["6162", "YWI=", "05/03/2024", "ab"]

SELECT collation('a') a, 'A' COLLATE UTF8_LCASE = 'a' b, collation('x' COLLATE UTF8_LCASE) c;
-- a: string | b: boolean | c: string
-- ["SYSTEM.BUILTIN.UTF8_BINARY", true, "SYSTEM.BUILTIN.UTF8_LCASE"]

-- left out: DuckDB cannot take a DOUBLE apart into its bits
SELECT hash(1.5D) a, xxhash64(1.5D) b;
-- a: int | b: bigint
-- [1290763749, 7738255526519901366]

-- left out: nor fold an array of values
SELECT hash(array(1, 2)) a;
-- a: int
-- [-222940379]
