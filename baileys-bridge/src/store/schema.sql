-- baileys_temp.db: what the phone told this companion, until the merge has carried it into messages.db.
-- Read by the orchestrator with whatever SQLite its Python has (3.40 and later), so nothing newer stands here.
-- Times are seconds since the epoch, UTC. JIDs are without device. `seq` grows with every row written or changed,
-- over all tables: a reader that has everything up to n asks for seq > n.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE jid_aliases (
  alias     TEXT PRIMARY KEY,
  canonical TEXT NOT NULL,
  seq       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX jid_aliases_seq ON jid_aliases (seq);

CREATE TABLE contacts (
  jid           TEXT PRIMARY KEY,
  full_name     TEXT,
  first_name    TEXT,
  push_name     TEXT,
  business_name TEXT,
  seq           INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX contacts_seq ON contacts (seq);

CREATE TABLE chats (
  jid           TEXT PRIMARY KEY,
  kind          TEXT,
  name          TEXT,
  community_jid TEXT,
  unread_count  INTEGER,
  archived      INTEGER,
  pinned        INTEGER,
  muted_until   INTEGER, -- -1: for ever
  last_read_at  INTEGER,
  seq           INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX chats_seq ON chats (seq);

CREATE TABLE messages (
  chat_jid          TEXT NOT NULL,
  id                TEXT NOT NULL,
  sender_jid        TEXT NOT NULL,
  from_me           INTEGER NOT NULL,
  timestamp         INTEGER NOT NULL,
  kind              TEXT NOT NULL,
  text              TEXT,
  quoted_id         TEXT,
  quoted_sender_jid TEXT,
  forwarded         INTEGER,
  edited_at         INTEGER,
  revoked_at        INTEGER,
  starred           INTEGER,
  media_mime        TEXT,
  media_file_name   TEXT,
  media_size        INTEGER,
  media_direct_path TEXT, -- verbatim, query and all
  media_key         BLOB,
  media_sha256      BLOB,
  media_enc_sha256  BLOB,
  media_duration_s  INTEGER,
  payload           BLOB, -- a waE2E.Message protobuf
  read              INTEGER, -- NULL: not told
  seq               INTEGER NOT NULL,
  PRIMARY KEY (chat_jid, id)
);
CREATE INDEX messages_seq ON messages (seq);
CREATE INDEX messages_chat_time ON messages (chat_jid, timestamp, id);
CREATE INDEX messages_unread ON messages (chat_jid, timestamp, id) WHERE read = 0;
-- Only senders that are known by LID alone can still move to another address.
CREATE INDEX messages_lid_sender ON messages (sender_jid) WHERE substr(sender_jid, -4) = '@lid';
CREATE INDEX messages_lid_quoted ON messages (quoted_sender_jid) WHERE substr(quoted_sender_jid, -4) = '@lid';

CREATE TABLE reactions (
  chat_jid   TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sender_jid TEXT NOT NULL,
  emoji      TEXT NOT NULL, -- empty: taken back
  timestamp  INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  PRIMARY KEY (chat_jid, message_id, sender_jid)
) WITHOUT ROWID;
CREATE INDEX reactions_seq ON reactions (seq);
CREATE INDEX reactions_lid_sender ON reactions (sender_jid) WHERE substr(sender_jid, -4) = '@lid';

CREATE TABLE sync_checkpoints (
  chat_jid          TEXT PRIMARY KEY,
  oldest_id         TEXT,
  oldest_timestamp  INTEGER,
  oldest_sender_jid TEXT,
  oldest_from_me    INTEGER,
  messages_synced   INTEGER NOT NULL,
  state             TEXT NOT NULL, -- pushing, pushed, or the state of the chat's last job
  exhausted         INTEGER NOT NULL,
  error             TEXT,
  updated_at        INTEGER NOT NULL,
  seq               INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sync_checkpoints_seq ON sync_checkpoints (seq);
CREATE INDEX sync_checkpoints_state ON sync_checkpoints (state);

-- Jobs are numbered as they are made (rowid): two of one second are told apart by it.
CREATE TABLE jobs (
  job              TEXT PRIMARY KEY,
  kind             TEXT NOT NULL, -- account, chat
  chat_jid         TEXT,
  state            TEXT NOT NULL, -- queued, running, paused, completed, failed, cancelled
  progress         INTEGER,
  messages         INTEGER NOT NULL,
  requests         INTEGER NOT NULL,
  oldest_timestamp INTEGER,
  max_messages     INTEGER,
  exhausted        INTEGER NOT NULL,
  error_code       TEXT,
  error            TEXT,
  started_at       INTEGER,
  updated_at       INTEGER NOT NULL,
  anchor           TEXT, -- JSON: the caller's oldest message, where it is older than every row here
  request          TEXT  -- the id of the request that waits for its answer
);
CREATE INDEX jobs_chat ON jobs (chat_jid, updated_at);
CREATE INDEX jobs_state ON jobs (state, updated_at);

-- Edits and revokes whose message has not arrived yet: chunks come in any order.
CREATE TABLE pending_changes (
  chat_jid   TEXT NOT NULL,
  id         TEXT NOT NULL,
  change     TEXT NOT NULL, -- edit, revoke
  sender_jid TEXT NOT NULL,
  timestamp  INTEGER NOT NULL,
  kind       TEXT,
  text       TEXT,
  payload    BLOB,
  PRIMARY KEY (chat_jid, id, change)
) WITHOUT ROWID;

-- Chunks that the phone announced and whose rows are not stored yet. A row comes before the acknowledgement of its
-- message and goes in the transaction that stores the chunk's rows.
CREATE TABLE history_chunks (
  chunk        TEXT PRIMARY KEY, -- SHA-256 of the notification
  notification BLOB NOT NULL, -- a waE2E.HistorySyncNotification protobuf
  attempts     INTEGER NOT NULL,
  error        TEXT,
  received_at  INTEGER NOT NULL
);

-- The address under which the phone keeps a chat, which a request to it must name.
CREATE TABLE phone_addresses (
  chat_jid TEXT PRIMARY KEY,
  address  TEXT NOT NULL
) WITHOUT ROWID;
