-- {collation} compares exactly, including trailing blanks, and sorts by code point, regardless of the default of the database.
CREATE TABLE IF NOT EXISTS queue_messages (
  seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  topic VARCHAR(204) NOT NULL,
  partition_key VARCHAR(255) NOT NULL,
  id VARCHAR(255) NOT NULL,
  payload LONGBLOB NOT NULL,
  headers LONGTEXT NULL,
  visible_after BIGINT NOT NULL DEFAULT 0,
  wake_at BIGINT NULL,
  backing_off BOOLEAN NOT NULL DEFAULT FALSE,
  failures INTEGER NOT NULL DEFAULT 0,
  deliveries INTEGER NOT NULL DEFAULT 0,
  quarantined BOOLEAN NOT NULL DEFAULT FALSE,
  unsettled BOOLEAN NOT NULL DEFAULT FALSE,
  published_at BIGINT NOT NULL DEFAULT 0,
  failure_reason VARCHAR(1024) NULL,
  failure_type VARCHAR(512) NULL,
  failure_attempts INTEGER NULL,
  failure_topic VARCHAR(204) NULL,
  UNIQUE KEY queue_messages_identity (topic, partition_key, id),
  KEY queue_messages_due (topic, partition_key, visible_after, seq)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- postponed_to and postpones belong to the message current_seq: when it becomes visible, and how often it was postponed since its own
-- row was written.
CREATE TABLE IF NOT EXISTS queue_partitions (
  topic VARCHAR(204) NOT NULL,
  partition_key VARCHAR(255) NOT NULL,
  ready_at BIGINT NOT NULL,
  current_seq BIGINT NULL,
  lease_token BIGINT NULL,
  quarantined BOOLEAN NOT NULL DEFAULT FALSE,
  postponed_to BIGINT NULL,
  postpones INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition_key),
  KEY queue_partitions_ready (topic, quarantined, ready_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- The node of a Galera cluster that is written to, and when it was last used, in milliseconds since 1970. Empty elsewhere.
CREATE TABLE IF NOT EXISTS queue_writer (
  part VARCHAR(10) NOT NULL PRIMARY KEY,
  node VARCHAR(512) NOT NULL,
  seen_at BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
