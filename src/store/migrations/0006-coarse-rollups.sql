-- What the board of a day or a week reads. Filled by the same inserts as the one-minute rollups, so late data corrects both.
-- Whatever columns the one-minute rollups have, these have too. Each table is emptied before it is filled from what is
-- there, so that a migration which was stopped half-way can run again; nothing else may insert meanwhile.

-- By model: nobody asks a day for its copies. Those columns stay empty.
CREATE TABLE IF NOT EXISTS calls_5m AS calls_1m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, minute, component, copy)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

TRUNCATE TABLE calls_5m;

INSERT INTO calls_5m
SELECT * REPLACE ('' AS component, '' AS copy, toStartOfFiveMinutes(minute) AS minute) FROM calls_1m;

CREATE MATERIALIZED VIEW IF NOT EXISTS calls_to_5m TO calls_5m AS
SELECT * REPLACE ('' AS component, '' AS copy, toStartOfFiveMinutes(minute) AS minute) FROM calls_1m;

CREATE TABLE IF NOT EXISTS scores_5m AS scores_1m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, dimension, evaluator, minute, evaluator_version)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

TRUNCATE TABLE scores_5m;

INSERT INTO scores_5m
SELECT * REPLACE ('' AS evaluator_version, toStartOfFiveMinutes(minute) AS minute) FROM scores_1m;

CREATE MATERIALIZED VIEW IF NOT EXISTS scores_to_5m TO scores_5m AS
SELECT * REPLACE ('' AS evaluator_version, toStartOfFiveMinutes(minute) AS minute) FROM scores_1m;

CREATE TABLE IF NOT EXISTS samples_5m (
  series_id UInt64,
  minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  count SimpleAggregateFunction(sum, UInt64),
  sum SimpleAggregateFunction(sum, Float64),
  minimum SimpleAggregateFunction(min, Float64),
  maximum SimpleAggregateFunction(max, Float64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (series_id, minute)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

TRUNCATE TABLE samples_5m;

INSERT INTO samples_5m
SELECT series_id, toStartOfFiveMinutes(minute) AS minute, count, sum, minimum, maximum FROM samples_1m;

CREATE MATERIALIZED VIEW IF NOT EXISTS samples_to_5m TO samples_5m AS
SELECT series_id, toStartOfFiveMinutes(minute) AS minute, count, sum, minimum, maximum FROM samples_1m;

-- One row a sampled call: how it went comes with the call and its verdict with the composite score, which may be days
-- later. So the share of good answers needs no join, and no row of the many calls that were not sampled.
CREATE TABLE IF NOT EXISTS answers (
  project LowCardinality(String),
  model LowCardinality(String),
  minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  call UInt64,
  succeeded SimpleAggregateFunction(max, UInt8),
  ttft_seconds SimpleAggregateFunction(max, Nullable(Float64)),
  total_seconds SimpleAggregateFunction(max, Nullable(Float64)),
  -- The newest verdict: time (epoch ms; 0 = none yet), 1 = good, inclusion probability.
  verdict SimpleAggregateFunction(max, Tuple(Int64, UInt8, Float64))
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, minute, call)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

TRUNCATE TABLE answers;

INSERT INTO answers (project, model, minute, call, succeeded, ttft_seconds, total_seconds)
SELECT project, model, toStartOfMinute(toDateTime(started_at, 'UTC')), cityHash64(call_id),
  outcome = 'success', ttft_seconds, total_seconds
FROM calls WHERE sampled;

INSERT INTO answers (project, model, minute, call, verdict)
SELECT project, model, toStartOfMinute(toDateTime(call_started_at, 'UTC')), cityHash64(call_id),
  (toUnixTimestamp64Milli(scored_at), label = 'good', sampling_probability)
FROM scores WHERE dimension = 'composite' AND outcome = 'scored';

CREATE MATERIALIZED VIEW IF NOT EXISTS calls_to_answers TO answers AS
SELECT project, model, toStartOfMinute(toDateTime(started_at, 'UTC')) AS minute, cityHash64(call_id) AS call,
  outcome = 'success' AS succeeded, ttft_seconds, total_seconds
FROM calls WHERE sampled;

CREATE MATERIALIZED VIEW IF NOT EXISTS scores_to_answers TO answers AS
SELECT project, model, toStartOfMinute(toDateTime(call_started_at, 'UTC')) AS minute, cityHash64(call_id) AS call,
  (toUnixTimestamp64Milli(scored_at), label = 'good', sampling_probability) AS verdict
FROM scores WHERE dimension = 'composite' AND outcome = 'scored';
