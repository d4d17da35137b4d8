-- One-minute rollups, filled by the same insert that fills the raw table (and deduplicated with it).

CREATE TABLE IF NOT EXISTS samples_1m (
  series_id UInt64,
  minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  count SimpleAggregateFunction(sum, UInt64),
  sum SimpleAggregateFunction(sum, Float64),
  minimum SimpleAggregateFunction(min, Float64),
  maximum SimpleAggregateFunction(max, Float64),
  last AggregateFunction(argMax, Float64, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (series_id, minute)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS samples_to_1m TO samples_1m AS
SELECT series_id, toStartOfMinute(toDateTime(time, 'UTC')) AS minute, count() AS count, sum(value) AS sum,
  min(value) AS minimum, max(value) AS maximum, argMaxState(value, time) AS last
FROM samples WHERE state = 'present' GROUP BY series_id, minute;

CREATE TABLE IF NOT EXISTS calls_1m (
  project LowCardinality(String),
  model LowCardinality(String),
  component LowCardinality(String),
  copy LowCardinality(String),
  minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  calls SimpleAggregateFunction(sum, UInt64),
  successes SimpleAggregateFunction(sum, UInt64),
  rejected SimpleAggregateFunction(sum, UInt64),
  cancelled SimpleAggregateFunction(sum, UInt64),
  errors SimpleAggregateFunction(sum, UInt64),
  sampled SimpleAggregateFunction(sum, UInt64),
  prompt_tokens SimpleAggregateFunction(sum, UInt64),
  completion_tokens SimpleAggregateFunction(sum, UInt64),
  ttft AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Nullable(Float64)),
  tpot AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Nullable(Float64)),
  queue AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Nullable(Float64)),
  total AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, component, copy, minute)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS calls_to_1m TO calls_1m AS
SELECT project, model, component, copy, toStartOfMinute(toDateTime(started_at, 'UTC')) AS minute,
  count() AS calls,
  countIf(outcome = 'success') AS successes,
  countIf(outcome = 'rejected') AS rejected,
  countIf(outcome = 'client_cancelled') AS cancelled,
  countIf(outcome IN ('timeout', 'upstream_error', 'truncated')) AS errors,
  countIf(sampled) AS sampled,
  sum(ifNull(calls.prompt_tokens, 0)) AS prompt_tokens,
  sum(ifNull(calls.completion_tokens, 0)) AS completion_tokens,
  quantilesDDState(0.01, 0.5, 0.95, 0.99)(ttft_seconds) AS ttft,
  quantilesDDState(0.01, 0.5, 0.95, 0.99)(tpot_seconds) AS tpot,
  quantilesDDState(0.01, 0.5, 0.95, 0.99)(queue_seconds) AS queue,
  quantilesDDState(0.01, 0.5, 0.95, 0.99)(total_seconds) AS total
FROM calls GROUP BY project, model, component, copy, minute;

-- Sums with inclusion weights w = 1/p, enough for the Hajek mean, its exact variance and the effective n.
-- Latency and lag are those of evaluations that ran: a skipped one took no time and says nothing.
CREATE TABLE IF NOT EXISTS scores_1m (
  project LowCardinality(String),
  model LowCardinality(String),
  dimension LowCardinality(String),
  evaluator LowCardinality(String),
  evaluator_version LowCardinality(String),
  minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  scored SimpleAggregateFunction(sum, UInt64),
  skipped SimpleAggregateFunction(sum, UInt64),
  failed SimpleAggregateFunction(sum, UInt64),
  dropped SimpleAggregateFunction(sum, UInt64),
  weight SimpleAggregateFunction(sum, Float64),
  weight_squared SimpleAggregateFunction(sum, Float64),
  weighted_value SimpleAggregateFunction(sum, Float64),
  weighted_value_squared SimpleAggregateFunction(sum, Float64),
  weight_squared_value SimpleAggregateFunction(sum, Float64),
  weight_squared_value_squared SimpleAggregateFunction(sum, Float64),
  cost_usd SimpleAggregateFunction(sum, Float64),
  latency AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64),
  lag AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute)
ORDER BY (project, model, dimension, evaluator, evaluator_version, minute)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS scores_to_1m TO scores_1m AS
SELECT project, model, dimension, evaluator, evaluator_version,
  toStartOfMinute(toDateTime(call_started_at, 'UTC')) AS minute,
  countIf(outcome = 'scored') AS scored,
  countIf(outcome = 'skipped') AS skipped,
  countIf(outcome = 'failed') AS failed,
  countIf(outcome = 'dropped') AS dropped,
  sumIf(1 / sampling_probability, outcome = 'scored') AS weight,
  sumIf(1 / (sampling_probability * sampling_probability), outcome = 'scored') AS weight_squared,
  sumIf(ifNull(value, 0) / sampling_probability, outcome = 'scored') AS weighted_value,
  sumIf(ifNull(value, 0) * ifNull(value, 0) / sampling_probability, outcome = 'scored') AS weighted_value_squared,
  sumIf(ifNull(value, 0) / (sampling_probability * sampling_probability), outcome = 'scored') AS weight_squared_value,
  sumIf(ifNull(value, 0) * ifNull(value, 0) / (sampling_probability * sampling_probability), outcome = 'scored') AS weight_squared_value_squared,
  sum(scores.cost_usd) AS cost_usd,
  -- A skipped or dropped evaluation took no time; counting it would make the evaluators look faster than they are.
  quantilesDDStateIf(0.01, 0.5, 0.95, 0.99)(latency_seconds, outcome IN ('scored', 'failed')) AS latency,
  quantilesDDStateIf(0.01, 0.5, 0.95, 0.99)(lag_seconds, outcome IN ('scored', 'failed')) AS lag
FROM scores GROUP BY project, model, dimension, evaluator, evaluator_version, minute;
