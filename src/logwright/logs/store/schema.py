"""The tables of the store and the numbered steps that lead to them.

Steps only ever go forward and each may run twice: ClickHouse has no transactions
over DDL, so a step that was cut short is simply run again at the next start.

What the design of `logs` buys (measured at 1 million logs, `bench/store`):

- `ORDER BY (project_id, requested_at, id)`: a page of a project, a range of time and a look-up by id (whose time
  stands in it) read a few granules of 1,024 rows.
- Partitions by month, so that retention drops folders instead of rewriting them.
- Text indexes over `lower(request)` and `lower(response)`, built by merges and not by inserts; a substring is then
  answered from the index's dictionary even inside a word. Another over `key=value` of the tags.
- LZ4, and T64 for whole numbers, on what statistics and facets scan: half the time of ZSTD for 15 bytes more a log.
- Blocks of 16 KiB, so that a page whose rows lie apart unpacks little around each.
- The names of a log's tags together as one value out of few: asking for a tag's presence compares a dictionary.
- Block numbers, so that an UPDATE or DELETE of some rows writes a small patch part.
- Merges sync what they wrote before they give up their sources (`fsync`), because this build deletes the sources at
  once; inserts do not, because the journals are kept until a checkpoint has synced them (`ingest.py`).
"""

from __future__ import annotations

from typing import Final, NamedTuple

DATABASE: Final = "logwright"
"""The embedded engine's database; that of a server is named by its address."""
LOGS: Final = "logs"
AMENDMENTS: Final = "amendments"
BODY_INDEXES: Final = "request_text, response_text"
"""The indexes that large inserts leave to the merges: they cost as much as everything else of an insert together."""


class Step(NamedTuple):
    """One migration."""

    number: int
    sentence: str
    statements: tuple[str, ...]


_LOGS: Final = f"""
CREATE TABLE IF NOT EXISTS {LOGS}
(
    id String CODEC(ZSTD(1)),
    project_id LowCardinality(String),
    requested_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at Nullable(DateTime64(6, 'UTC')) CODEC(Delta, ZSTD(1)),
    source LowCardinality(String),
    kind LowCardinality(String),
    provider LowCardinality(String),
    provider_kind LowCardinality(String),
    model LowCardinality(String),
    upstream_model LowCardinality(String),
    completion_id String CODEC(ZSTD(1)),
    status Nullable(UInt16),
    error_kind LowCardinality(String),
    error_message String CODEC(ZSTD(1)),
    stream Bool,
    latency Nullable(Float64) CODEC(ZSTD(1)),
    ttft Nullable(Float64) CODEC(ZSTD(1)),
    input_tokens Nullable(UInt32) CODEC(ZSTD(1)),
    output_tokens Nullable(UInt32) CODEC(ZSTD(1)),
    cached_tokens Nullable(UInt32) CODEC(ZSTD(1)),
    reasoning_tokens Nullable(UInt32) CODEC(ZSTD(1)),
    total_tokens Nullable(UInt32) CODEC(ZSTD(1)),
    cost Nullable(Float64) CODEC(ZSTD(1)),
    price_version LowCardinality(String),
    cache LowCardinality(String),
    key_id LowCardinality(String),
    parent_id String CODEC(ZSTD(1)),
    fallback_index UInt16,
    tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    request_preview String CODEC(ZSTD(1)),
    response_preview String CODEC(ZSTD(1)),
    truncated Bool,
    request String CODEC(ZSTD(1)),
    response String CODEC(ZSTD(1)),
    idempotency_key String CODEC(ZSTD(1)),
    producer LowCardinality(String),
    sequence UInt64 CODEC(Delta, ZSTD(1)),
    tag_pairs Array(String)
        MATERIALIZED arrayMap((name, value) -> concat(name, '=', value), mapKeys(tags), mapValues(tags))
        CODEC(ZSTD(1)),
    INDEX id_bloom id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX completion_bloom completion_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idempotency_bloom idempotency_key TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX latency_range latency TYPE minmax GRANULARITY 1,
    INDEX cost_range cost TYPE minmax GRANULARITY 1,
    INDEX tokens_range total_tokens TYPE minmax GRANULARITY 1,
    INDEX sequence_range sequence TYPE minmax GRANULARITY 1,
    INDEX tag_text tag_pairs TYPE text(tokenizer = 'array'),
    INDEX request_text lower(request) TYPE text(tokenizer = splitByNonAlpha),
    INDEX response_text lower(response) TYPE text(tokenizer = splitByNonAlpha)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(requested_at)
ORDER BY (project_id, requested_at, id)
SETTINGS
    index_granularity = 1024,
    enable_block_number_column = 1,
    enable_block_offset_column = 1,
    min_rows_to_fsync_after_merge = 1,
    min_compressed_bytes_to_fsync_after_merge = 1,
    fsync_part_directory = 1,
    max_suspicious_broken_parts = 1000000,
    max_suspicious_broken_parts_bytes = 1000000000000,
    parts_to_delay_insert = 2000,
    parts_to_throw_insert = 100000,
    text_index_max_memory_usage_before_flush = 134217728
"""

_IMPLICIT: Final = "substring(lower(hex(SHA256(concat(project_id, '\\0', model)))), 1, 21)"
"""`prompts.implicit.implicit_prompt` in SQL, for the rows that are older than the columns; a test compares the two."""

_PROMPTS_AND_TRACES: Final = f"""
ALTER TABLE {LOGS}
    ADD COLUMN IF NOT EXISTS prompt_id LowCardinality(String) DEFAULT concat('pr_', {_IMPLICIT}),
    ADD COLUMN IF NOT EXISTS version_id LowCardinality(String) DEFAULT concat('prv_', {_IMPLICIT}),
    ADD COLUMN IF NOT EXISTS trace_id String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS span_id String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS session_id String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS input_cost Nullable(Float64) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS output_cost Nullable(Float64) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS retries UInt16,
    ADD COLUMN IF NOT EXISTS blobs Array(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS details String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS amended_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    ADD INDEX IF NOT EXISTS trace_bloom trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS session_bloom session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS parent_bloom parent_id TYPE bloom_filter(0.01) GRANULARITY 1
"""

_AMENDMENTS: Final = f"""
CREATE TABLE IF NOT EXISTS {AMENDMENTS}
(
    project_id LowCardinality(String),
    log_id String CODEC(ZSTD(1)),
    at DateTime64(6, 'UTC'),
    by String,
    before String CODEC(ZSTD(1)),
    after String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (project_id, log_id, at, by)
"""

# NUL bytes stand between the names; one that has such a byte itself is written in hexadecimal, after a byte of value 1.
_TAG_NAMES: Final = """if(empty(tags), '', concat('\\0', arrayStringConcat(arraySort(arrayMap(
    name -> if(position(name, '\\0') > 0 OR startsWith(name, '\\x01'), concat('\\x01', hex(name)), toString(name)),
    mapKeys(tags)
)), '\\0'), '\\0'))"""

_LIGHT_SCANS: Final = (
    f"""
ALTER TABLE {LOGS}
    ADD COLUMN IF NOT EXISTS tag_names LowCardinality(String) MATERIALIZED {_TAG_NAMES},
    MODIFY COLUMN tags CODEC(LZ4),
    MODIFY COLUMN latency CODEC(LZ4),
    MODIFY COLUMN ttft CODEC(LZ4),
    MODIFY COLUMN cost CODEC(LZ4),
    MODIFY COLUMN input_cost CODEC(LZ4),
    MODIFY COLUMN output_cost CODEC(LZ4),
    MODIFY COLUMN input_tokens CODEC(T64, LZ4),
    MODIFY COLUMN output_tokens CODEC(T64, LZ4),
    MODIFY COLUMN cached_tokens CODEC(T64, LZ4),
    MODIFY COLUMN reasoning_tokens CODEC(T64, LZ4),
    MODIFY COLUMN total_tokens CODEC(T64, LZ4)
""",
    f"ALTER TABLE {LOGS} MODIFY SETTING min_compress_block_size = 16384",
    f"ALTER TABLE {LOGS} MATERIALIZE COLUMN tag_names SETTINGS mutations_sync = 0",
)

# Each file of each column otherwise gets a buffer of 1 MiB: an insert of 13 MB took 280 to 330 MiB for every month that
# it touched, and two months were too much. So it takes 70 to 110, and as little disk as before.
_SMALL_BUFFERS: Final = f"ALTER TABLE {LOGS} MODIFY SETTING min_columns_to_activate_adaptive_write_buffer = 1"

STEPS: Final = (
    Step(1, "The logs.", (_LOGS,)),
    Step(
        2,
        "Prompts, traces, parts of the cost, media and details of a log; its amendments.",
        (_PROMPTS_AND_TRACES, _AMENDMENTS),
    ),
    Step(3, "Figures and tags that are quicker to scan, and the names of a log's tags as one column.", _LIGHT_SCANS),
    Step(4, "Buffers that grow with what is written.", (_SMALL_BUFFERS,)),
)
"""Every step there has been, in order; a released one is never edited."""

VERSION: Final = STEPS[-1].number
