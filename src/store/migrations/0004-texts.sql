-- Long texts stand once under their hash; a call's row holds short texts whole and of long ones the opening, which
-- ends in "…". Rows from before hold whole texts of any length and no hash, and read the same.

-- `used_until` moves on as newer calls use a text, and the newest row is the one that remains: it expires with the last
-- of them. Small granules, because texts are looked up one by one.
CREATE TABLE IF NOT EXISTS texts (
  project LowCardinality(String),
  hash UInt128,
  used_until DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  text String CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree(used_until) PARTITION BY toYYYYMM(used_until) ORDER BY (project, hash)
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE calls
  ADD COLUMN IF NOT EXISTS prompt_hash UInt128 AFTER answer,
  ADD COLUMN IF NOT EXISTS answer_hash UInt128 AFTER prompt_hash,
  ADD COLUMN IF NOT EXISTS prompt_bytes UInt32 DEFAULT length(prompt) AFTER answer_hash,
  ADD COLUMN IF NOT EXISTS answer_bytes UInt32 DEFAULT length(answer) AFTER prompt_bytes;

-- The lengths of old texts outlive them only when they are written down.
ALTER TABLE calls MATERIALIZE COLUMN prompt_bytes, MATERIALIZE COLUMN answer_bytes;

-- Calls as they were said. They are the side of the joins that is held in memory: texts stream past those that a
-- condition has picked.
CREATE VIEW IF NOT EXISTS calls_with_text AS
SELECT * EXCEPT (prompt, answer, prompt_hash, answer_hash, prompt_text_project, prompt_text_hash, prompt_text,
    answer_text_project, answer_text_hash, answer_text),
  if(empty(prompt_text), prompt, prompt_text) AS prompt,
  if(empty(answer_text), answer, answer_text) AS answer
FROM (SELECT project AS answer_text_project, hash AS answer_text_hash, text AS answer_text FROM texts) AS answers
RIGHT ANY JOIN (
  SELECT * FROM (
    SELECT project AS prompt_text_project, hash AS prompt_text_hash, text AS prompt_text FROM texts) AS prompts
  RIGHT ANY JOIN calls ON prompt_text_project = project AND prompt_text_hash = prompt_hash
) AS asked ON answer_text_project = project AND answer_text_hash = answer_hash;

-- An evaluation that did not run, or that nobody timed, has no latency; it was written as 0.
ALTER TABLE scores MODIFY COLUMN latency_seconds Nullable(Float64);

ALTER TABLE scores UPDATE latency_seconds = NULL WHERE latency_seconds = 0;
