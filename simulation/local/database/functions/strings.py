"""Databricks' functions of strings and binaries as DuckDB macros.

See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin.html.
"""

MACROS = r"""
length(x VARCHAR) = length(x)::INT
length(x BLOB) = octet_length(x)::INT
char_length(x) = length(x)::INT
character_length(x) = length(x)::INT
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
url_decode(x) = url_decode(replace(x, '+', ' '))
parse_url(u, part) = nullif(CASE part WHEN 'HOST' THEN regexp_extract(u,
    '^[^:/?#]+://(?:[^/?#@]*@)?([^/?#:]*)', 1) WHEN 'PROTOCOL' THEN regexp_extract(u,
    '^([^:/?#]+):', 1) WHEN 'PATH' THEN regexp_extract(u, '^[^:/?#]+://[^/?#]*([^?#]*)', 1) WHEN
    'QUERY' THEN regexp_extract(u, '\?([^#]*)', 1) WHEN 'REF' THEN regexp_extract(u, '#(.*)$',
    1) WHEN 'AUTHORITY' THEN regexp_extract(u, '^[^:/?#]+://([^/?#]*)', 1) WHEN 'USERINFO' THEN
    regexp_extract(u, '^[^:/?#]+://([^/?#@]*)@', 1) WHEN 'FILE' THEN regexp_extract(u,
    '^[^:/?#]+://[^/?#]*([^#]*)', 1) END, '')
parse_url(u, part, k) = nullif(regexp_extract(u, '[?&]' || k || '=([^&#]*)', 1), '')
masked(c, u, l, d, o) = CASE WHEN regexp_matches(c, '\p{Lu}') THEN coalesce(u, c) WHEN
    regexp_matches(c, '\p{Ll}') THEN coalesce(l, c) WHEN regexp_matches(c, '\d') THEN
    coalesce(d, c) ELSE coalesce(o, c) END
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
is_valid_utf8(x) = x IS NOT NULL
collation(x) = 'SYSTEM.BUILTIN.UTF8_BINARY'
sha(x) = sha1(x)
sha2(x, n) = CASE WHEN n IN (0, 256) THEN sha256(x) ELSE
    error('[UNSUPPORTED_FEATURE.LOCAL_ENGINE] 0A000 The local engine does not support `sha2` of
    other than 256 bits.') END
encode(x, f) = CASE WHEN lower(f) IN ('utf-8', 'utf8', 'us-ascii') THEN encode(x) ELSE
    error('[UNSUPPORTED_FEATURE.LOCAL_ENGINE] 0A000 The local engine encodes as UTF-8 only.')
    END
startswith(x, y) = starts_with(x, y)
endswith(x, y) = ends_with(x, y)
rlike(x, y) = regexp_matches(x, y)
"""
