-- Latencies of the rollups as histograms of OpenTelemetry's base-2 exponential buckets, scale 5: bucket i counts values in
-- (2^(i/32), 2^((i+1)/32)], bucket -32768 those that are 0. Any parts merge exactly; a quantile is off by 1.083 % at most.
-- Both rollups are made anew beside the old ones, which stand until the new ones are whole: a migration that was stopped
-- begins again. Raw rows and rollups are kept equally long, so nearly all of it comes from raw rows; a minute whose raw rows
-- are gone keeps its counts and has no latency.

DROP VIEW IF EXISTS calls_to_1m;

DROP TABLE IF EXISTS calls_1m_next;

CREATE TABLE calls_1m_next (
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
  ttft SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1)),
  tpot SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1)),
  queue SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1)),
  total SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, component, copy, minute)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO calls_1m_next (project, model, component, copy, minute, calls, successes, rejected, cancelled, errors, sampled,
  prompt_tokens, completion_tokens, ttft, tpot, queue, total)
SELECT project, model, component, copy, toStartOfMinute(toDateTime(started_at, 'UTC')) AS minute,
  count() AS calls,
  countIf(outcome = 'success') AS successes,
  countIf(outcome = 'rejected') AS rejected,
  countIf(outcome = 'client_cancelled') AS cancelled,
  countIf(outcome IN ('timeout', 'upstream_error', 'truncated')) AS errors,
  countIf(sampled) AS sampled,
  sum(ifNull(calls.prompt_tokens, 0)) AS prompt_tokens,
  sum(ifNull(calls.completion_tokens, 0)) AS completion_tokens,
  sumMapIf(map(toInt16(if(ifNull(ttft_seconds, 0) > 1e-9, ceil(log2(ifNull(ttft_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), isNotNull(ttft_seconds)) AS ttft,
  sumMapIf(map(toInt16(if(ifNull(tpot_seconds, 0) > 1e-9, ceil(log2(ifNull(tpot_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), isNotNull(tpot_seconds)) AS tpot,
  sumMapIf(map(toInt16(if(ifNull(queue_seconds, 0) > 1e-9, ceil(log2(ifNull(queue_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), isNotNull(queue_seconds)) AS queue,
  sumMap(map(toInt16(if(total_seconds > 1e-9, ceil(log2(total_seconds) * 32) - 1, -32768)), toUInt64(1))) AS total
FROM calls GROUP BY project, model, minute, component, copy
SETTINGS optimize_aggregation_in_order = 1, max_bytes_before_external_group_by = 1000000000;

INSERT INTO calls_1m_next (project, model, component, copy, minute, calls, successes, rejected, cancelled, errors, sampled,
  prompt_tokens, completion_tokens)
SELECT project, model, component, copy, minute, calls, successes, rejected, cancelled, errors, sampled,
  prompt_tokens, completion_tokens
FROM calls_1m WHERE (project, model, component, copy, minute) NOT IN (
  SELECT project, model, component, copy, minute FROM calls_1m_next);

EXCHANGE TABLES calls_1m AND calls_1m_next;

DROP TABLE calls_1m_next;

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
  sumMapIf(map(toInt16(if(ifNull(ttft_seconds, 0) > 1e-9, ceil(log2(ifNull(ttft_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), isNotNull(ttft_seconds)) AS ttft,
  sumMapIf(map(toInt16(if(ifNull(tpot_seconds, 0) > 1e-9, ceil(log2(ifNull(tpot_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), isNotNull(tpot_seconds)) AS tpot,
  sumMapIf(map(toInt16(if(ifNull(queue_seconds, 0) > 1e-9, ceil(log2(ifNull(queue_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), isNotNull(queue_seconds)) AS queue,
  sumMap(map(toInt16(if(total_seconds > 1e-9, ceil(log2(total_seconds) * 32) - 1, -32768)), toUInt64(1))) AS total
FROM calls GROUP BY project, model, minute, component, copy;

DROP VIEW IF EXISTS scores_to_1m;

DROP TABLE IF EXISTS scores_1m_next;

CREATE TABLE scores_1m_next (
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
  latency SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1)),
  lag SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute)
ORDER BY (project, model, dimension, evaluator, evaluator_version, minute)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO scores_1m_next (project, model, dimension, evaluator, evaluator_version, minute, scored, skipped, failed, dropped,
  weight, weight_squared, weighted_value, weighted_value_squared, weight_squared_value, weight_squared_value_squared, cost_usd,
  latency, lag)
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
  sumMapIf(map(toInt16(if(ifNull(latency_seconds, 0) > 1e-9, ceil(log2(ifNull(latency_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), outcome IN ('scored', 'failed') AND ifNull(latency_seconds, 0) > 0) AS latency,
  sumMapIf(map(toInt16(if(lag_seconds > 1e-9, ceil(log2(lag_seconds) * 32) - 1, -32768)), toUInt64(1)), outcome IN ('scored', 'failed')) AS lag
FROM scores GROUP BY project, model, dimension, minute, evaluator, evaluator_version
SETTINGS optimize_aggregation_in_order = 1, max_bytes_before_external_group_by = 1000000000;

INSERT INTO scores_1m_next (project, model, dimension, evaluator, evaluator_version, minute, scored, skipped, failed, dropped,
  weight, weight_squared, weighted_value, weighted_value_squared, weight_squared_value, weight_squared_value_squared, cost_usd)
SELECT project, model, dimension, evaluator, evaluator_version, minute, scored, skipped, failed, dropped,
  weight, weight_squared, weighted_value, weighted_value_squared, weight_squared_value, weight_squared_value_squared, cost_usd
FROM scores_1m WHERE (project, model, dimension, evaluator, evaluator_version, minute) NOT IN (
  SELECT project, model, dimension, evaluator, evaluator_version, minute FROM scores_1m_next);

EXCHANGE TABLES scores_1m AND scores_1m_next;

DROP TABLE scores_1m_next;

-- Latency and lag are those of evaluations that ran: a skipped or dropped one took no time and says nothing.
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
  sumMapIf(map(toInt16(if(ifNull(latency_seconds, 0) > 1e-9, ceil(log2(ifNull(latency_seconds, 0)) * 32) - 1, -32768)), toUInt64(1)), outcome IN ('scored', 'failed') AND ifNull(latency_seconds, 0) > 0) AS latency,
  sumMapIf(map(toInt16(if(lag_seconds > 1e-9, ceil(log2(lag_seconds) * 32) - 1, -32768)), toUInt64(1)), outcome IN ('scored', 'failed')) AS lag
FROM scores GROUP BY project, model, dimension, minute, evaluator, evaluator_version;
