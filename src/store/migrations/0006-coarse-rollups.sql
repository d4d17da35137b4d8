-- What the board of a day or a week reads. Filled by the same inserts as the one-minute rollups, so late data corrects all.
-- Whatever columns the one-minute rollups have, these have too. Each table is emptied before it is filled from what is
-- there, so that a migration which was stopped half-way can run again; nothing else may insert meanwhile.
--
-- A range of minutes is read in whole granules, and rows with sketches are dear to read: granules are small.

CREATE TABLE IF NOT EXISTS calls_1m_fine AS calls_1m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, component, copy, minute)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;

TRUNCATE TABLE calls_1m_fine;

INSERT INTO calls_1m_fine SELECT * FROM calls_1m;

EXCHANGE TABLES calls_1m AND calls_1m_fine;

DROP TABLE calls_1m_fine;

CREATE TABLE IF NOT EXISTS scores_1m_fine AS scores_1m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute)
ORDER BY (project, model, dimension, evaluator, evaluator_version, minute)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 256;

TRUNCATE TABLE scores_1m_fine;

INSERT INTO scores_1m_fine SELECT * FROM scores_1m;

EXCHANGE TABLES scores_1m AND scores_1m_fine;

DROP TABLE scores_1m_fine;

CREATE TABLE IF NOT EXISTS samples_1m_fine AS samples_1m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (series_id, minute)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 512;

TRUNCATE TABLE samples_1m_fine;

INSERT INTO samples_1m_fine SELECT * FROM samples_1m;

EXCHANGE TABLES samples_1m AND samples_1m_fine;

DROP TABLE samples_1m_fine;

-- By model: nobody asks a day for its copies. Those columns stay empty.
CREATE TABLE IF NOT EXISTS calls_5m AS calls_1m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, minute, component, copy)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 128;

TRUNCATE TABLE calls_5m;

INSERT INTO calls_5m
SELECT * REPLACE ('' AS component, '' AS copy, toStartOfFiveMinutes(minute) AS minute) FROM calls_1m;

CREATE MATERIALIZED VIEW IF NOT EXISTS calls_to_5m TO calls_5m AS
SELECT * REPLACE ('' AS component, '' AS copy, toStartOfFiveMinutes(minute) AS minute) FROM calls_1m;

CREATE TABLE IF NOT EXISTS calls_30m AS calls_5m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, minute, component, copy)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 128;

TRUNCATE TABLE calls_30m;

INSERT INTO calls_30m SELECT * REPLACE (toStartOfInterval(minute, INTERVAL 30 MINUTE) AS minute) FROM calls_5m;

CREATE MATERIALIZED VIEW IF NOT EXISTS calls_to_30m TO calls_30m AS
SELECT * REPLACE (toStartOfInterval(minute, INTERVAL 30 MINUTE) AS minute) FROM calls_5m;

CREATE TABLE IF NOT EXISTS scores_5m AS scores_1m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute)
ORDER BY (project, model, dimension, evaluator, minute, evaluator_version)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 128;

TRUNCATE TABLE scores_5m;

INSERT INTO scores_5m
SELECT * REPLACE (toStartOfFiveMinutes(minute) AS minute) FROM scores_1m;

CREATE MATERIALIZED VIEW IF NOT EXISTS scores_to_5m TO scores_5m AS
SELECT * REPLACE (toStartOfFiveMinutes(minute) AS minute) FROM scores_1m;

CREATE TABLE IF NOT EXISTS scores_30m AS scores_5m
ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute)
ORDER BY (project, model, dimension, evaluator, minute, evaluator_version)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 128;

TRUNCATE TABLE scores_30m;

INSERT INTO scores_30m SELECT * REPLACE (toStartOfInterval(minute, INTERVAL 30 MINUTE) AS minute) FROM scores_5m;

CREATE MATERIALIZED VIEW IF NOT EXISTS scores_to_30m TO scores_30m AS
SELECT * REPLACE (toStartOfInterval(minute, INTERVAL 30 MINUTE) AS minute) FROM scores_5m;

-- Readings are plain numbers: five minutes serve a week too.
CREATE TABLE IF NOT EXISTS samples_5m (
  series_id UInt64,
  minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  count SimpleAggregateFunction(sum, UInt64),
  sum SimpleAggregateFunction(sum, Float64),
  minimum SimpleAggregateFunction(min, Float64),
  maximum SimpleAggregateFunction(max, Float64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (series_id, minute)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 512;

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
  -- The newest verdict: twice its time (epoch ms), one more if good; 0 = none yet.
  verdict SimpleAggregateFunction(max, UInt64),
  -- Inclusion probability, as its scores say.
  probability SimpleAggregateFunction(max, Float64)
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(minute) ORDER BY (project, model, minute, call)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

TRUNCATE TABLE answers;

INSERT INTO answers (project, model, minute, call, succeeded, ttft_seconds, total_seconds)
SELECT project, model, toStartOfMinute(toDateTime(started_at, 'UTC')), cityHash64(call_id),
  outcome = 'success', ttft_seconds, total_seconds
FROM calls WHERE sampled;

INSERT INTO answers (project, model, minute, call, verdict, probability)
SELECT project, model, toStartOfMinute(toDateTime(call_started_at, 'UTC')), cityHash64(call_id),
  2 * toUnixTimestamp64Milli(scored_at) + (label = 'good'), sampling_probability
FROM scores WHERE dimension = 'composite' AND outcome = 'scored';

CREATE MATERIALIZED VIEW IF NOT EXISTS calls_to_answers TO answers AS
SELECT project, model, toStartOfMinute(toDateTime(started_at, 'UTC')) AS minute, cityHash64(call_id) AS call,
  outcome = 'success' AS succeeded, ttft_seconds, total_seconds
FROM calls WHERE sampled;

CREATE MATERIALIZED VIEW IF NOT EXISTS scores_to_answers TO answers AS
SELECT project, model, toStartOfMinute(toDateTime(call_started_at, 'UTC')) AS minute, cityHash64(call_id) AS call,
  2 * toUnixTimestamp64Milli(scored_at) + (label = 'good') AS verdict, sampling_probability AS probability
FROM scores WHERE dimension = 'composite' AND outcome = 'scored';
