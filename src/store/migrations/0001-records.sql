-- One table a record. Column names are the record's field names in snake_case; `...Ms` times are DateTime64(3).
-- A segment of the spool is one insert under its own deduplication token, so loading it twice adds nothing.

CREATE TABLE IF NOT EXISTS series (
  project LowCardinality(String),
  series_id UInt64,
  namespace LowCardinality(String),
  metric LowCardinality(String),
  dimensions Map(LowCardinality(String), String),
  unit LowCardinality(String),
  kind LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (project, namespace, metric, series_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS samples (
  series_id UInt64,
  time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  value Float64 CODEC(Gorilla, ZSTD(1)),
  state Enum8('present' = 0, 'absent' = 1, 'stale' = 2, 'sentinel' = 3)
) ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (series_id, time)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS calls (
  project LowCardinality(String),
  call_id String,
  trace_id String,
  span_id String,
  started_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  model LowCardinality(String),
  component LowCardinality(String),
  copy LowCardinality(String),
  route LowCardinality(String),
  tenant LowCardinality(String),
  operation LowCardinality(String),
  streaming Bool,
  status UInt16,
  outcome LowCardinality(String),
  error_type LowCardinality(String),
  error_message String CODEC(ZSTD(1)),
  finish_reason LowCardinality(String),
  queue_seconds Nullable(Float64),
  ttft_seconds Nullable(Float64),
  tpot_seconds Nullable(Float64),
  total_seconds Float64,
  prompt_tokens Nullable(UInt32),
  cached_tokens Nullable(UInt32),
  completion_tokens Nullable(UInt32),
  usage_source LowCardinality(String),
  model_version LowCardinality(String),
  engine_version LowCardinality(String),
  prompt_template LowCardinality(String),
  prompt_version LowCardinality(String),
  sampling_probability Float64,
  sampled Bool,
  prompt String CODEC(ZSTD(3)),
  answer String CODEC(ZSTD(3)),
  attributes Map(LowCardinality(String), String) CODEC(ZSTD(3)),
  machine_gpu_ids Array(LowCardinality(String)),
  machine_requests_running Nullable(Float64),
  machine_requests_waiting Nullable(Float64),
  machine_kv_cache_usage Nullable(Float64),
  machine_gpu_duty Nullable(Float64),
  machine_gpu_temperature_celsius Nullable(Float64),
  INDEX call_id_index call_id TYPE bloom_filter(0.01) GRANULARITY 4
) ENGINE = MergeTree PARTITION BY toYYYYMM(started_at) ORDER BY (project, model, started_at, call_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS scores (
  project LowCardinality(String),
  call_id String,
  model LowCardinality(String),
  component LowCardinality(String),
  call_started_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  scored_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  evaluator LowCardinality(String),
  evaluator_version LowCardinality(String),
  dimension LowCardinality(String),
  value Nullable(Float64),
  label LowCardinality(String),
  reason String CODEC(ZSTD(3)),
  outcome LowCardinality(String),
  latency_seconds Float64,
  lag_seconds Float64,
  cost_usd Float64,
  sampling_probability Float64,
  INDEX call_id_index call_id TYPE bloom_filter(0.01) GRANULARITY 4
) ENGINE = MergeTree PARTITION BY toYYYYMM(call_started_at) ORDER BY (project, model, dimension, call_started_at, call_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS labels (
  project LowCardinality(String),
  call_id String,
  model LowCardinality(String),
  reviewer LowCardinality(String),
  question LowCardinality(String),
  labelled_at DateTime64(3, 'UTC'),
  value Float64,
  comment String,
  draw LowCardinality(String),
  draw_probability Float64
) ENGINE = ReplacingMergeTree(labelled_at) ORDER BY (project, model, question, call_id, reviewer)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS events (
  project LowCardinality(String),
  event_id String,
  time DateTime64(3, 'UTC'),
  kind LowCardinality(String),
  model LowCardinality(String),
  title String,
  detail String,
  attributes Map(LowCardinality(String), String)
) ENGINE = ReplacingMergeTree ORDER BY (project, time, event_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS findings (
  project LowCardinality(String),
  finding_id String,
  found_at DateTime64(3, 'UTC'),
  kind LowCardinality(String),
  model LowCardinality(String),
  severity LowCardinality(String),
  summary String,
  from DateTime64(3, 'UTC'),
  to DateTime64(3, 'UTC'),
  evidence String
) ENGINE = ReplacingMergeTree(found_at) ORDER BY (project, kind, model, finding_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS ledger (
  project LowCardinality(String),
  minute DateTime64(3, 'UTC'),
  node LowCardinality(String),
  owner LowCardinality(String),
  model LowCardinality(String),
  component LowCardinality(String),
  gpus Float64,
  cost_usd Float64,
  idle_cost_usd Nullable(Float64),
  price_source String,
  price_date LowCardinality(String)
) ENGINE = ReplacingMergeTree ORDER BY (project, minute, node, owner, model, component)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS alerts (
  project LowCardinality(String),
  alert_id String,
  rule LowCardinality(String),
  model LowCardinality(String),
  severity LowCardinality(String),
  state LowCardinality(String),
  started_at DateTime64(3, 'UTC'),
  changed_at DateTime64(3, 'UTC'),
  summary String,
  readings String
) ENGINE = MergeTree ORDER BY (project, rule, model, changed_at)
SETTINGS non_replicated_deduplication_window = 10000;
