-- The store of BuildRunner.Orchestration. Times are milliseconds since 1970. status: 0 unknown, 1 accepted, 2 running, 3 succeeded, 4 failed, 5 cancelled.
-- remote_id, note and passing_note escape backslashes, and characters that the database cannot store, with a backslash. remote_id_hash is
-- indexed in place of remote_id, which may have any length. place is status, and 10 more while the build holds a slot of its runner, or 20
-- more while it waits in the line.
CREATE TABLE IF NOT EXISTS queue_builds (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  build_key VARCHAR(255) NOT NULL,
  owner_id VARCHAR(255) NOT NULL,
  runner VARCHAR(100) NOT NULL,
  request LONGTEXT NOT NULL,
  status BIGINT NOT NULL,
  remote_id LONGTEXT NULL,
  remote_id_hash BIGINT NULL,
  metadata LONGTEXT NULL,
  note LONGTEXT NULL,
  passing_note LONGTEXT NULL,
  cancel_cause BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  started_at BIGINT NULL,
  ended_at BIGINT NULL,
  deadline BIGINT NOT NULL,
  accepted_at BIGINT NULL,
  attempt BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  tag VARCHAR(255) NULL,
  group_key VARCHAR(255) NULL,
  policy LONGTEXT NULL,
  cancel_reason LONGTEXT NULL,
  history LONGTEXT NULL,
  timeout_of BIGINT NOT NULL,
  settled_at BIGINT NULL,
  line BIGINT NULL,
  slot_since BIGINT NULL,
  place BIGINT NOT NULL,
  held_before BIGINT NOT NULL,
  grace_ends_at BIGINT NULL,
  last_call_ends_at BIGINT NULL,
  trigger_attempted_at BIGINT NULL,
  errors_in_a_row BIGINT NOT NULL,
  missing_since BIGINT NULL,
  not_before BIGINT NULL,
  version BIGINT NOT NULL,
  save_token BIGINT NOT NULL,
  UNIQUE KEY queue_builds_key (build_key),
  KEY queue_builds_remote_id (runner, remote_id_hash, id),
  KEY queue_builds_owner (owner_id, status, id),
  KEY queue_builds_runner (runner, place, id),
  KEY queue_builds_owner_runner (owner_id, runner, status, id),
  KEY queue_builds_status (status, id),
  KEY queue_builds_ended (ended_at, id),
  KEY queue_builds_tag (tag, status, id),
  KEY queue_builds_line (runner, line, owner_id, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- What belongs to no single build, and is saved together with builds.
CREATE TABLE IF NOT EXISTS queue_build_documents (
  name VARCHAR(512) NOT NULL PRIMARY KEY,
  value LONGTEXT NOT NULL,
  version BIGINT NOT NULL,
  save_token BIGINT NOT NULL,
  expires_at BIGINT NULL,
  KEY queue_build_documents_expires (expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
