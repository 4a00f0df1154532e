-- The store of BuildRunner.Orchestration. Times are milliseconds since 1970. status: 0 unknown, 1 accepted, 2 running, 3 succeeded, 4 failed, 5 cancelled.
-- remote_id, note and passing_note escape backslashes, and characters that the database cannot store, with a backslash. remote_id_hash is
-- indexed in place of remote_id, which may have any length. place is status, and 10 more while the build holds a slot of its runner, or 20
-- more while it waits in the line.
CREATE TABLE IF NOT EXISTS queue_builds (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  build_key TEXT COLLATE "C" NOT NULL UNIQUE,
  owner_id TEXT COLLATE "C" NOT NULL,
  runner TEXT COLLATE "C" NOT NULL,
  request TEXT NOT NULL,
  status BIGINT NOT NULL,
  remote_id TEXT COLLATE "C" NULL,
  remote_id_hash BIGINT NULL,
  metadata TEXT NULL,
  note TEXT NULL,
  passing_note TEXT NULL,
  cancel_cause BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  started_at BIGINT NULL,
  ended_at BIGINT NULL,
  deadline BIGINT NOT NULL,
  accepted_at BIGINT NULL,
  attempt BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  tag TEXT COLLATE "C" NULL,
  group_key TEXT COLLATE "C" NULL,
  policy TEXT NULL,
  cancel_reason TEXT NULL,
  history TEXT NULL,
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
  save_token BIGINT NOT NULL
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
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  version BIGINT NOT NULL,
  save_token BIGINT NOT NULL,
  expires_at BIGINT NULL
);

CREATE INDEX IF NOT EXISTS queue_build_documents_expires ON queue_build_documents (expires_at) WHERE expires_at IS NOT NULL;
