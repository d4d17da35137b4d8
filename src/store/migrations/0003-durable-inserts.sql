-- A segment is deleted once its insert has returned, so the insert has to be on disk by then, rollups included.
-- Merges keep their sources long enough (old_parts_lifetime) for the system to write them back itself.

ALTER TABLE series MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE samples MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE samples_1m MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE calls MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE calls_1m MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE scores MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE scores_1m MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE labels MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE events MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE findings MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE ledger MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE alerts MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
