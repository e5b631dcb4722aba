"""The names of Databricks' functions: those that run here, and those that are left out.

A call of any other name is a user's own function, or a mistake; DuckDB's own are nobody's.
See https://docs.databricks.com/sql/language-manual/sql-ref-functions-builtin-alpha.html.
"""

from __future__ import annotations

# sqlglot reads them, and DuckDB computes them, as Databricks does.
_SHARED = """
abs acos acosh approx_count_distinct array asin asinh atan atan2 atanh avg bit_and bit_or bit_xor
bool_and bool_or cast cbrt ceil ceiling char chr coalesce corr cos cosh cot count count_if
covar_pop covar_samp cume_dist current_catalog current_database current_date current_schema
current_timestamp current_user degrees dense_rank div exp extract floor greatest grouping
grouping_id hex identifier if ifnull ilike initcap jaro_winkler_similarity kurtosis lag lcase lead
least like ln lower make_date map map_concat map_from_entries max max_by md5 mean min min_by
named_struct now nth_value ntile nullif nvl percent_rank percentile_cont percentile_disc pi
position pow power radians range rank regr_avgx regr_avgy regr_count regr_intercept regr_r2
regr_slope regr_sxx regr_sxy regr_syy repeat round row_number session_user sha1 sin sinh split_part
sqrt stddev stddev_pop stddev_samp struct sum tan tanh translate trim try_cast ucase unbase64 unhex
upper var_pop var_samp variance
"""
SHARED = frozenset(_SHARED.split())

# Databricks has them, and the embedded workspace has not.
_LEFT_OUT = """
aes_decrypt aes_encrypt approx_top_k approx_top_k_accumulate approx_top_k_combine
approx_top_k_estimate bitmap_and_agg bitmap_construct_agg bitmap_or_agg cloud_files_state
collations collect_union count_min_sketch counter_diff current_metastore
current_oauth_custom_identity_claim current_path current_recipient current_time event_log from_avro
from_base32 from_csv from_protobuf from_xml get_warmup_status histogram_numeric hmac http_request
input_file_block_length input_file_block_start is_account_group_member is_member is_valid_variant
is_variant_null java_method list_secrets localtime make_interval make_time measure
python_worker_logs randstr read_files read_kafka read_kinesis read_pubsub read_pulsar
read_state_metadata read_statestore reflect remote_query schema_of_avro schema_of_csv
schema_of_variant schema_of_variant_agg schema_of_xml secret sentences sql_keywords table_changes
time time_bucket time_diff time_from_micros time_from_millis time_from_seconds time_to_micros
time_to_millis time_to_seconds time_trunc timestamp_nanos to_avro to_base32 to_csv to_protobuf
to_time to_xml try_aes_decrypt try_make_interval try_reflect try_secret try_to_time unix_nanos
vector_search xpath xpath_boolean xpath_double xpath_float xpath_int xpath_long xpath_number
xpath_short xpath_string
"""
LEFT_OUT = frozenset(_LEFT_OUT.split())
# The beginnings of the names of whole families that are left out.
FAMILIES = (
    *("ai_", "h3_", "hll_", "kll_", "st_", "theta_", "try_variant_", "tuple_", "variant_"),
    "vector_",
)


def left_out(name: str) -> bool:
    """Whether Databricks has the function `name`, in small letters, and we have not."""
    return name in LEFT_OUT or name.startswith(FAMILIES)
