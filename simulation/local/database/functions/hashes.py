"""Databricks' hashes, `crc32`, `hash` (Murmur3) and `xxhash64`, as DuckDB macros.

A value becomes words, which are folded into a state that begins with what came before: a call of
several values folds one after the other.  Numbers are unsigned and cut to their width by a mask;
`list_transform([x], ...)[1]` names an `x` that is needed more than once.
See https://docs.databricks.com/sql/language-manual/functions/xxhash64.html.
"""

from __future__ import annotations

CRC_POLYNOMIAL = 0xEDB88320


def _crc_table() -> str:
    """The CRC of each byte."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ CRC_POLYNOMIAL * (byte & 1)  # noqa: PLW2901 (it is shifted out)
        table.append(str(byte))
    return ", ".join(table)


MACROS = r"""
crc32(x BLOB) = spark_crc(x)
crc32(x VARCHAR) = spark_crc(encode(x))
"""

HELPERS = rf"""
bytes(x) = list_transform(range(octet_length(x)), lambda i: ('0x' || substring(hex(x), 2 * i + 1,
    2))::BIGINT)
crc(x) = xor(list_reduce(spark_bytes(x), lambda c, b: xor(c >> 8, ([{_crc_table()}]::BIGINT[])[
    (xor(c, b) & 255) + 1]), 4294967295::BIGINT), 4294967295)
low(x) = (x & 4294967295::UBIGINT)
unsigned(x) = ((x::HUGEINT + 18446744073709551616) % 18446744073709551616)::UBIGINT
signed_int(x) = (CASE WHEN x >= 2147483648 THEN x::HUGEINT - 4294967296 ELSE x::HUGEINT END)::INT
signed_long(x) = (CASE WHEN x >= 9223372036854775808 THEN x::HUGEINT -
    18446744073709551616::HUGEINT ELSE x::HUGEINT END)::BIGINT
word(bytes, p, n) = list_reduce(list_transform(range(n), lambda j: bytes[p + j]::UHUGEINT << (8 *
    j)::UHUGEINT), lambda a, b: a + b)::UBIGINT
murmur_word(k) = spark_low(list_transform([spark_low(k * 3432918353::UBIGINT)], lambda w:
    spark_low((w << 15) | (w >> 17)))[1] * 461845907::UBIGINT)
murmur_fold(words, seed) = list_reduce(words, lambda h, k: list_transform([xor(h,
    spark_murmur_word(k))], lambda w: spark_low(spark_low((w << 13) | (w >> 19)) * 5::UBIGINT +
    3864292196::UBIGINT))[1], seed)
murmur_end(h, n) = list_transform(list_transform(list_transform([xor(h, n::UBIGINT)], lambda a:
    spark_low(xor(a, a >> 16) * 2246822507::UBIGINT)), lambda b: spark_low(xor(b, b >> 13) *
    3266489909::UBIGINT)), lambda c: xor(c, c >> 16))[1]
hash_int(x, seed) = CASE WHEN x IS NULL THEN seed ELSE
    spark_murmur_end(spark_murmur_fold([spark_low(spark_unsigned(x))], seed), 4) END
hash_long(x, seed) = CASE WHEN x IS NULL THEN seed ELSE
    spark_murmur_end(spark_murmur_fold([spark_low(spark_unsigned(x)), spark_unsigned(x) >> 32],
    seed), 8) END
hash_bytes(x, seed) = CASE WHEN x IS NULL THEN seed ELSE list_transform([spark_bytes(x)], lambda b:
    spark_murmur_end(spark_murmur_fold(list_concat(list_transform(range(len(b) // 4), lambda i:
    spark_word(b, 4 * i + 1, 4)), list_transform(b[len(b) // 4 * 4 + 1:], lambda v: (CASE WHEN v >
    127 THEN v + 4294967040 ELSE v END)::UBIGINT)), seed), len(b)))[1] END
cut(x) = (x & 18446744073709551615::UHUGEINT)
times(a, b) = spark_cut(a::UHUGEINT * b::UHUGEINT)
turned(x, n) = spark_cut((x << n::UHUGEINT) | (x >> (64 - n)::UHUGEINT))
xx_turn(x, n) = list_transform([x], lambda w: spark_turned(w, n))[1]
xx_word(k) = spark_times(spark_xx_turn(spark_times(k, 14029467366897019727), 31),
    11400714785074694791)
xx_longs(words, seed) = list_reduce(words, lambda h, k:
    spark_cut(spark_times(spark_xx_turn(xor(h, spark_xx_word(k)), 27), 11400714785074694791) +
    9650029242287828579::UHUGEINT), seed)
xx_ints(words, seed) = list_reduce(words, lambda h, k: spark_cut(spark_times(spark_xx_turn(xor(h,
    spark_times(k, 11400714785074694791)), 23), 14029467366897019727) +
    1609587929392839161::UHUGEINT), seed)
xx_singles(words, seed) = list_reduce(words, lambda h, k: spark_times(spark_xx_turn(xor(h,
    spark_times(k, 2870177450012600261)), 11), 11400714785074694791), seed)
xx_end(h) = list_transform(list_transform(list_transform([h], lambda a: spark_times(xor(a, a >>
    33::UHUGEINT), 14029467366897019727)), lambda b: spark_times(xor(b, b >>
    29::UHUGEINT), 1609587929392839161)), lambda c: xor(c, c >> 32::UHUGEINT))[1]
xx_start(seed, n) = spark_cut(seed + 2870177450012600261::UHUGEINT + n::UHUGEINT)
xx_int(x, seed) = CASE WHEN x IS NULL THEN seed ELSE
    spark_xx_end(spark_xx_ints([spark_low(spark_unsigned(x))::UHUGEINT], spark_xx_start(seed, 4)))
    END
xx_long(x, seed) = CASE WHEN x IS NULL THEN seed ELSE
    spark_xx_end(spark_xx_longs([spark_unsigned(x)::UHUGEINT], spark_xx_start(seed, 8))) END
xx_lane(b, p, start) = list_reduce(list_transform(range(len(b) // 32), lambda i: spark_word(b, 32
    * i + p, 8)::UHUGEINT), lambda v, k: spark_times(spark_xx_turn(spark_cut(v + spark_times(k,
    14029467366897019727)), 31), 11400714785074694791), start)
xx_merge(h, lane) = spark_cut(spark_times(xor(h, spark_xx_word(lane)), 11400714785074694791) +
    9650029242287828579::UHUGEINT)
xx_lanes(b, seed) = list_transform([[spark_xx_lane(b, 1, spark_cut(seed +
    6983438078262162902::UHUGEINT)), spark_xx_lane(b, 9, spark_cut(seed +
    14029467366897019727::UHUGEINT)), spark_xx_lane(b, 17, seed), spark_xx_lane(b, 25,
    spark_cut(seed + 7046029288634856825::UHUGEINT))]], lambda v:
    spark_xx_merge(spark_xx_merge(spark_xx_merge(spark_xx_merge(spark_cut(spark_turned(v[1], 1) +
    spark_turned(v[2], 7) + spark_turned(v[3], 12) + spark_turned(v[4], 18)), v[1]), v[2]), v[3]),
    v[4]))[1]
xx_tail(b, p, h) = list_transform([p + (len(b) - p) // 8 * 8], lambda m: spark_xx_end(
    spark_xx_singles(list_transform(b[m + (len(b) - m) // 4 * 4 + 1:], lambda v: v::UHUGEINT),
    spark_xx_ints(list_transform(range((len(b) - m) // 4), lambda i: spark_word(b, m + 1,
    4)::UHUGEINT), spark_xx_longs(list_transform(range((len(b) - p) // 8), lambda i: spark_word(b,
    p + 8 * i + 1, 8)::UHUGEINT), h)))))[1]
xx_bytes(x, seed) = CASE WHEN x IS NULL THEN seed ELSE list_transform([spark_bytes(x)], lambda b:
    spark_xx_tail(b, len(b) // 32 * 32, spark_cut(len(b)::UHUGEINT + CASE WHEN len(b) >= 32 THEN
    spark_xx_lanes(b, seed) ELSE spark_cut(seed + 2870177450012600261::UHUGEINT) END)))[1] END
"""
