"""Databricks' functions of strings and binaries as DuckDB macros.

See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html.
"""

MACROS = r"""
length(x VARCHAR) = length(x)::INT
length(x BLOB) = octet_length(x)::INT
char_length(x VARCHAR) = length(x)::INT
char_length(x BLOB) = octet_length(x)::INT
character_length(x VARCHAR) = length(x)::INT
character_length(x BLOB) = octet_length(x)::INT
len(x VARCHAR) = length(x)::INT
len(x BLOB) = octet_length(x)::INT
bit_length(x VARCHAR) = (8 * strlen(x))::INT
bit_length(x BLOB) = (8 * octet_length(x))::INT
octet_length(x VARCHAR) = strlen(x)::INT
octet_length(x BLOB) = octet_length(x)::INT
ascii(x) = ascii(x)::INT
btrim(x) = trim(x)
btrim(x, y) = trim(x, y)
replace(x, y) = replace(x, y, '')
replace(x, y, z) = replace(x, y, z)
space(n) = repeat(' ', n)
lpad(x, n) = lpad(x, n, ' ')
lpad(x, n, y) = lpad(x, n, y)
rpad(x, n) = rpad(x, n, ' ')
rpad(x, n, y) = rpad(x, n, y)
substring(x, p) = substring(x, CASE WHEN p = 0 THEN 1 ELSE p END)
substring(x, p, n) = substring(x, CASE WHEN p = 0 THEN 1 ELSE p END, greatest(n, 0))
overlay(x, y, p) = left(x, p - 1) || y || substring(x, p + length(y))
overlay(x, y, p, n) = left(x, p - 1) || y || substring(x, p + n)
instr(x, y) = instr(x, y)::INT
instr(x, y, p) = spark_nth_place(x, y, p, 1)
instr(x, y, p, n) = spark_nth_place(x, y, p, n)
locate(y, x) = instr(x, y)::INT
locate(y, x, p) = (CASE WHEN p < 1 OR instr(substring(x, p), y) = 0 THEN 0 ELSE
    instr(substring(x, p), y) + p - 1 END)::INT
charindex(y, x) = instr(x, y)::INT
charindex(y, x, p) = (CASE WHEN p < 1 OR instr(substring(x, p), y) = 0 THEN 0 ELSE
    instr(substring(x, p), y) + p - 1 END)::INT
split(x, r) = string_split_regex(x, r)
split(x, r, n) = CASE WHEN n <= 0 THEN string_split_regex(x, r) WHEN n = 1 THEN [x] ELSE
    list_filter(list_append(string_split_regex(x, r)[1:n - 1], CASE WHEN
    len(string_split_regex(x, r)) >= n THEN
    array_to_string(list_transform(list_zip(string_split_regex(x, r)[n:], list_prepend('',
    regexp_extract_all(x, r)[n:])), lambda p: p[2] || p[1]), '') END), lambda p: p IS NOT NULL)
    END
substring_index(x, d, n) = CASE WHEN n > 0 THEN array_to_string(string_split(x, d)[1:n], d) WHEN
    n = 0 THEN '' ELSE array_to_string(string_split(x, d)[n:], d) END
regexp_replace(x, p, y) = regexp_replace(x, p, regexp_replace(y, '\$(\d)', '\\\1', 'g'), 'g')
regexp_extract(x, p) = regexp_extract(x, p, 1)
regexp_extract(x, p, n) = regexp_extract(x, p, n)
regexp_extract_all(x, p) = regexp_extract_all(x, p, 1)
regexp_extract_all(x, p, n) = regexp_extract_all(x, p, n)
regexp_substr(x, p) = CASE WHEN regexp_matches(x, p) THEN regexp_extract(x, p, 0) END
regexp_instr(x, p) = (CASE WHEN regexp_matches(x, p) THEN instr(x, regexp_extract(x, p, 0)) ELSE
    0 END)::INT
regexp_count(x, p) = len(regexp_extract_all(x, p))::INT
regexp_like(x, p) = regexp_matches(x, p)
conv(x, f, t) = (CASE WHEN starts_with(x::VARCHAR, '-') AND t < 0 THEN '-' ELSE '' END) ||
    upper(to_base(list_sum(list_transform(string_split(reverse(upper(trim(x::VARCHAR, '-'))),
    ''), lambda c, i: ((instr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', c) - 1) * pow(f, i -
    1))::HUGEINT))::BIGINT, abs(t)::INT))
base64(x) = to_base64(x)
levenshtein(x, y) = levenshtein(x, y)::INT
levenshtein(x, y, n) = (CASE WHEN levenshtein(x, y) <= n THEN levenshtein(x, y) ELSE -1
    END)::INT
find_in_set(x, y) = coalesce(list_position(string_split(y, ','), x), 0)::INT
format_number(x, d) = format('{:,.' || d || 'f}', x::DOUBLE)
str_to_map(x) = map_from_entries(list_transform(string_split(x, ','), lambda p:
    row(string_split(p, ':')[1], string_split(p, ':')[2])))
str_to_map(x, a) = map_from_entries(list_transform(string_split_regex(x, a), lambda p:
    row(string_split(p, ':')[1], string_split(p, ':')[2])))
str_to_map(x, a, b) = map_from_entries(list_transform(string_split_regex(x, a), lambda p:
    row(string_split_regex(p, b)[1], string_split_regex(p, b)[2])))
url_encode(x) = replace(url_encode(x), '%20', '+')
try_url_decode(x) = TRY(url_decode(replace(x, '+', ' ')))
url_decode(x) = url_decode(replace(x, '+', ' '))
parse_url(u, part) = nullif(CASE part WHEN 'HOST' THEN regexp_extract(u,
    '^[^:/?#]+://(?:[^/?#@]*@)?([^/?#:]*)', 1) WHEN 'PROTOCOL' THEN regexp_extract(u,
    '^([^:/?#]+):', 1) WHEN 'PATH' THEN regexp_extract(u, '^[^:/?#]+://[^/?#]*([^?#]*)', 1) WHEN
    'QUERY' THEN regexp_extract(u, '\?([^#]*)', 1) WHEN 'REF' THEN regexp_extract(u, '#(.*)$',
    1) WHEN 'AUTHORITY' THEN regexp_extract(u, '^[^:/?#]+://([^/?#]*)', 1) WHEN 'USERINFO' THEN
    regexp_extract(u, '^[^:/?#]+://([^/?#@]*)@', 1) WHEN 'FILE' THEN regexp_extract(u,
    '^[^:/?#]+://[^/?#]*([^#]*)', 1) END, '')
try_parse_url(u, part) = CASE WHEN regexp_full_match(u, '\S*') THEN spark_parse_url(u, part) END
try_parse_url(u, part, k) = CASE WHEN regexp_full_match(u, '\S*') THEN spark_parse_url(u,
    part, k) END
parse_url(u, part, k) = nullif(regexp_extract(u, '[?&]' || k || '=([^&#]*)', 1), '')
mask(x) = array_to_string(list_transform(string_split(x, ''), lambda c: spark_masked(c, 'X',
    'x', 'n', NULL)), '')
mask(x, u) = array_to_string(list_transform(string_split(x, ''), lambda c: spark_masked(c, u,
    'x', 'n', NULL)), '')
mask(x, u, l) = array_to_string(list_transform(string_split(x, ''), lambda c: spark_masked(c, u,
    l, 'n', NULL)), '')
mask(x, u, l, d) = array_to_string(list_transform(string_split(x, ''), lambda c: spark_masked(c,
    u, l, d, NULL)), '')
mask(x, u, l, d, o) = array_to_string(list_transform(string_split(x, ''), lambda c:
    spark_masked(c, u, l, d, o)), '')
luhn_check(x) = regexp_full_match(x, '\d+') AND list_sum(list_transform(string_split(reverse(x),
    ''), lambda c, i: CASE WHEN i % 2 = 1 THEN c::INT WHEN c::INT > 4 THEN c::INT * 2 - 9 ELSE
    c::INT * 2 END)) % 10 = 0
to_binary(x) = unhex(x)
to_binary(x, f) = CASE lower(f) WHEN 'hex' THEN unhex(x) WHEN 'utf-8' THEN encode(x) WHEN 'utf8'
    THEN encode(x) WHEN 'base64' THEN from_base64(x) END
try_to_binary(x, f) = TRY(CASE lower(f) WHEN 'hex' THEN unhex(x) WHEN 'utf-8' THEN encode(x)
    WHEN 'utf8' THEN encode(x) WHEN 'base64' THEN from_base64(x) END)
is_valid_utf8(x VARCHAR) = CASE WHEN x IS NOT NULL THEN true END
is_valid_utf8(x BLOB) = CASE WHEN x IS NOT NULL THEN TRY(decode(x)) IS NOT NULL END
validate_utf8(x VARCHAR) = x
validate_utf8(x BLOB) = CASE WHEN x IS NOT NULL THEN coalesce(TRY(decode(x)),
    error('[INVALID_UTF8_STRING] 22029 Invalid UTF8 byte sequence found in string: ' || hex(x) ||
    '.')) END
try_validate_utf8(x VARCHAR) = x
try_validate_utf8(x BLOB) = TRY(decode(x))
make_valid_utf8(x VARCHAR) = x
make_valid_utf8(x BLOB) = CASE WHEN x IS NOT NULL THEN coalesce(TRY(decode(x)),
    error('[UNSUPPORTED_FEATURE.LOCAL_ENGINE] 0A000 The local engine does not mend what is no
    UTF-8.')) END
collation(x) = 'SYSTEM.BUILTIN.UTF8_BINARY'
sha(x) = sha1(x)
sha2(x, n) = CASE WHEN n IN (0, 256) THEN sha256(x) ELSE
    error('[UNSUPPORTED_FEATURE.LOCAL_ENGINE] 0A000 The local engine does not support `sha2` of
    other than 256 bits.') END
encode(x, f) = CASE WHEN lower(f) IN ('utf-8', 'utf8', 'us-ascii') THEN encode(x) ELSE
    error('[UNSUPPORTED_FEATURE.LOCAL_ENGINE] 0A000 The local engine encodes as UTF-8 only.')
    END
contains(x, y) = contains(x, y)
left(x, n) = left(x, greatest(n, 0))
right(x, n) = right(x, greatest(n, 0))
ltrim(x) = ltrim(x, ' ')
ltrim(y, x) = ltrim(x, y)
rtrim(x) = rtrim(x, ' ')
rtrim(y, x) = rtrim(x, y)
quote(x) = '''' || replace(x, '''', '\''') || ''''
startswith(x, y) = starts_with(x, y)
endswith(x, y) = ends_with(x, y)
rlike(x, y) = regexp_matches(x, y)
regexp(x, y) = regexp_matches(x, y)
soundex(x) = CASE WHEN NOT regexp_matches(x, '^[A-Za-z]') THEN x ELSE upper(left(x, 1)) ||
    rpad(left(replace(substring(spark_squeezed(regexp_replace(replace(spark_soundex_codes(x), '7',
    ''), '^', CASE WHEN spark_soundex_codes(x) LIKE '7%' THEN '0' ELSE '' END)), 2), '0', ''), 3),
    3, '0') END
"""

# What the others, and translations, are made of; no caller can name them.
HELPERS = r"""
bytes_startswith(x, y) = starts_with(hex(x), hex(y))
bytes_endswith(x, y) = ends_with(hex(x), hex(y))
bytes_contains(x, y) = regexp_matches(hex(x), '^(..)*' || hex(y))
bytes_left(x, n) = unhex(left(hex(x), greatest(2 * n, 0)))
bytes_substring(x, p) = unhex(substring(hex(x), CASE WHEN p > 0 THEN 2 * p - 1 WHEN p = 0 THEN 1
    ELSE 2 * p END))
bytes_substring(x, p, n) = unhex(substring(hex(x), CASE WHEN p > 0 THEN 2 * p - 1 WHEN p = 0 THEN
    1 ELSE 2 * p END, greatest(2 * n, 0)))
bytes_lpad(x, n) = unhex(lpad(hex(x), 2 * n, '0'))
bytes_lpad(x, n, y) = unhex(lpad(hex(x), 2 * n, hex(y)))
bytes_rpad(x, n) = unhex(rpad(hex(x), 2 * n, '0'))
bytes_rpad(x, n, y) = unhex(rpad(hex(x), 2 * n, hex(y)))
bytes_overlay(x, y, p) = unhex(left(hex(x), 2 * p - 2) || hex(y) || substring(hex(x), 2 * p - 1 +
    strlen(hex(y))))
bytes_overlay(x, y, p, n) = unhex(left(hex(x), 2 * p - 2) || hex(y) || substring(hex(x), 2 * (p +
    n) - 1))
bytes_reverse(x) = unhex(array_to_string(list_reverse(regexp_extract_all(hex(x), '..')), ''))
squeezed(x) = regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    regexp_replace(x, '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+',
    '5', 'g'), '6+', '6', 'g')
soundex_codes(x) = translate(regexp_replace(upper(x), '[^A-Z]', 'A', 'g'),
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230127022455012623017202')
places(x, y) = list_filter(range(1, length(x) + 1), lambda i: substring(x, i, length(y)) = y)
nth_place(x, y, p, n) = CASE WHEN x IS NULL OR y IS NULL THEN NULL WHEN p > 0 THEN
    coalesce(list_filter(spark_places(x, y), lambda i: i >= p)[n], 0) WHEN p < 0 THEN
    coalesce(list_filter(list_reverse(spark_places(x, y)), lambda i: i <= length(x) + p + 1)[n],
    0) ELSE 0 END::INT
elt(a, i) = CASE WHEN i IS NULL THEN NULL WHEN i < 1 OR i > len(a) THEN
    error('[INVALID_ARRAY_INDEX] 22003 The index ' || i || ' is out of bounds. The array has ' ||
    len(a) || ' elements. Use the SQL function `get()` to tolerate accessing element at invalid
    index and return NULL instead.') ELSE a[i::INT] END
masked(c, u, l, d, o) = CASE WHEN regexp_matches(c, '\p{Lu}') THEN coalesce(u, c) WHEN
    regexp_matches(c, '\p{Ll}') THEN coalesce(l, c) WHEN regexp_matches(c, '\d') THEN
    coalesce(d, c) ELSE coalesce(o, c) END
"""
