-- AUTOINCREMENT, because SQLite would otherwise give the number of a deleted row to a new one, and the two would be confused.
CREATE TABLE IF NOT EXISTS queue_messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  partition_key TEXT NOT NULL,
  id TEXT NOT NULL,
  payload BLOB NOT NULL,
  headers TEXT NULL,
  visible_after INTEGER NOT NULL DEFAULT 0,
  wake_at INTEGER NULL,
  backing_off INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  deliveries INTEGER NOT NULL DEFAULT 0,
  quarantined INTEGER NOT NULL DEFAULT 0,
  unsettled INTEGER NOT NULL DEFAULT 0,
  published_at INTEGER NOT NULL DEFAULT 0,
  failure_reason TEXT NULL,
  failure_type TEXT NULL,
  failure_attempts INTEGER NULL,
  failure_topic TEXT NULL,
  UNIQUE (topic, partition_key, id)
);

CREATE INDEX IF NOT EXISTS queue_messages_due ON queue_messages (topic, partition_key, visible_after, seq);

-- postponed_to and postpones belong to the message current_seq: when it becomes visible, and how often it was postponed since its own
-- row was written.
CREATE TABLE IF NOT EXISTS queue_partitions (
  topic TEXT NOT NULL,
  partition_key TEXT NOT NULL,
  ready_at INTEGER NOT NULL,
  current_seq INTEGER NULL,
  lease_token INTEGER NULL,
  quarantined INTEGER NOT NULL DEFAULT 0,
  postponed_to INTEGER NULL,
  postpones INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition_key)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS queue_partitions_ready ON queue_partitions (topic, quarantined, ready_at);
