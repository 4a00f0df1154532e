-- The store of BuildRunner.Orchestration. Times are milliseconds since 1970. status: 0 unknown, 1 accepted, 2 running, 3 succeeded, 4 failed, 5 cancelled.
-- remote_id, note and passing_note escape backslashes, and characters that the database cannot store, with a backslash. remote_id_hash is
-- indexed in place of remote_id, which may have any length. place is status, and 10 more while the build holds a slot of its runner, or 20
-- more while it waits in the line.
CREATE TABLE IF NOT EXISTS queue_builds (
  id TEXT NOT NULL PRIMARY KEY,
  build_key TEXT NOT NULL UNIQUE,
  owner_id TEXT NOT NULL,
  runner TEXT NOT NULL,
  request TEXT NOT NULL,
  status INTEGER NOT NULL,
  remote_id TEXT NULL,
  remote_id_hash INTEGER NULL,
  metadata TEXT NULL,
  note TEXT NULL,
  passing_note TEXT NULL,
  cancel_cause INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  started_at INTEGER NULL,
  ended_at INTEGER NULL,
  deadline INTEGER NOT NULL,
  accepted_at INTEGER NULL,
  attempt INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  tag TEXT NULL,
  group_key TEXT NULL,
  policy TEXT NULL,
  cancel_reason TEXT NULL,
  history TEXT NULL,
  timeout_of INTEGER NOT NULL,
  settled_at INTEGER NULL,
  line INTEGER NULL,
  slot_since INTEGER NULL,
  place INTEGER NOT NULL,
  held_before INTEGER NOT NULL,
  grace_ends_at INTEGER NULL,
  last_call_ends_at INTEGER NULL,
  trigger_attempted_at INTEGER NULL,
  errors_in_a_row INTEGER NOT NULL,
  missing_since INTEGER NULL,
  not_before INTEGER NULL,
  version INTEGER NOT NULL,
  save_token INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS queue_builds_remote_id ON queue_builds (runner, remote_id_hash, id) WHERE remote_id_hash IS NOT NULL;

CREATE INDEX IF NOT EXISTS queue_builds_owner ON queue_builds (owner_id, status, id);

CREATE INDEX IF NOT EXISTS queue_builds_runner ON queue_builds (runner, place, id);

CREATE INDEX IF NOT EXISTS queue_builds_owner_runner ON queue_builds (owner_id, runner, status, id);

CREATE INDEX IF NOT EXISTS queue_builds_status ON queue_builds (status, id);

CREATE INDEX IF NOT EXISTS queue_builds_ended ON queue_builds (ended_at, id);

CREATE INDEX IF NOT EXISTS queue_builds_tag ON queue_builds (tag, status, id) WHERE tag IS NOT NULL;

CREATE INDEX IF NOT EXISTS queue_builds_line ON queue_builds (runner, line, owner_id, id) WHERE line IS NOT NULL;

-- What belongs to no single build, and is saved together with builds.
CREATE TABLE IF NOT EXISTS queue_build_documents (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  version INTEGER NOT NULL,
  save_token INTEGER NOT NULL,
  expires_at INTEGER NULL
);

CREATE INDEX IF NOT EXISTS queue_build_documents_expires ON queue_build_documents (expires_at) WHERE expires_at IS NOT NULL;
