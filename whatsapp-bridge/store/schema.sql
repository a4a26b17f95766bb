-- The schema of messages.db. Fresh stores are made from this file; a store made earlier is brought to it by upgrades/.
-- Times are INTEGER seconds since 1970, UTC. JIDs carry no device.
--
-- People and chats have a number (jids.key) in the tables that grow, and a text where they are few: a LID that turns
-- out to be a phone number is renamed in one row, and indexes stay a third of the size. The views messages, reactions
-- and message_edits show the same rows with JIDs.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Rows are never deleted. After a LID and a phone number became one, the number that lost keeps its row under the
-- alias, so that old senders still resolve.
CREATE TABLE jids (
  key INTEGER PRIMARY KEY,
  jid TEXT NOT NULL UNIQUE
);

CREATE TABLE jid_aliases (
  alias     TEXT PRIMARY KEY,
  canonical TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX jid_aliases_canonical ON jid_aliases (canonical);

-- NULL is unknown. folded holds "\n", the folded name, "\n". phone_unread is the count that the phone gave with its
-- history, unread_count what is shown. last_message_at is 0 while there is no message. joined is 0 for groups of a
-- community that the account is not in.
CREATE TABLE chats (
  jid             TEXT PRIMARY KEY,
  kind            TEXT NOT NULL,
  name            TEXT,
  folded          TEXT NOT NULL DEFAULT '',
  community_jid   TEXT,
  announcement    INTEGER,
  joined          INTEGER,
  archived        INTEGER,
  pinned          INTEGER,
  muted_until     INTEGER,
  unread_count    INTEGER NOT NULL DEFAULT 0,
  phone_unread    INTEGER,
  last_message_at INTEGER NOT NULL DEFAULT 0,
  last_read_at    INTEGER
) WITHOUT ROWID;
CREATE INDEX chats_active ON chats (last_message_at, jid);
CREATE INDEX chats_community ON chats (community_jid) WHERE community_jid IS NOT NULL;

-- folded holds the folded name that is shown, then all other names and the number, each between "\n".
CREATE TABLE contacts (
  jid           TEXT PRIMARY KEY,
  phone         TEXT,
  alias         TEXT,
  full_name     TEXT,
  first_name    TEXT,
  push_name     TEXT,
  business_name TEXT,
  about         TEXT,
  blocked       INTEGER,
  folded        TEXT NOT NULL DEFAULT '',
  updated_at    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- key is timestamp * 65536 + a running number within the second: the order of rows is the order of time, which makes
-- every list and every search a walk from its end (docs/decisions/0005-time-ordered-keys.md).
-- source has bits: 1 seen live, 2 pushed to this bridge as history, 4 taken in a batch (sync, import), 8 pushed after an
-- absence although it is older than that.
-- unread: 1 unread and seen live, 2 unread by the phone's count, 3 unread as its source says, 0 not, -1 read as its
-- source says. read_at is set where a receipt named the message; chats.last_read_at covers the others.
CREATE TABLE message_rows (
  key             INTEGER PRIMARY KEY,
  chat            INTEGER NOT NULL REFERENCES jids (key),
  id              TEXT NOT NULL,
  sender          INTEGER NOT NULL REFERENCES jids (key),
  from_me         INTEGER NOT NULL,
  source          INTEGER NOT NULL,
  unread          INTEGER NOT NULL DEFAULT 0,
  kind            TEXT NOT NULL,
  text            TEXT,
  payload         BLOB,
  quoted_id       TEXT,
  quoted_sender   INTEGER REFERENCES jids (key),
  forwarded       INTEGER,
  starred         INTEGER,
  edited_at       INTEGER,
  revoked_at      INTEGER,
  read_at         INTEGER,
  mime            TEXT,
  file_name       TEXT,
  size            INTEGER,
  direct_path     TEXT,
  media_key       BLOB,
  file_sha256     BLOB,
  file_enc_sha256 BLOB,
  duration_s      INTEGER,
  local_path      TEXT
);
-- The end of an id, which finds a message as well and takes a fifth of the room. That there is one row for an id is seen
-- to by the one statement that inserts (rows.go).
CREATE INDEX message_rows_id ON message_rows (chat, substr(id, -5));
CREATE INDEX message_rows_chat ON message_rows (chat);
CREATE INDEX message_rows_unread ON message_rows (chat) WHERE unread > 0;

CREATE VIEW messages AS
SELECT m.key, c.jid AS chat_jid, m.id, COALESCE(sa.canonical, s.jid) AS sender_jid, m.from_me, m.key >> 16 AS timestamp,
  m.kind, m.text, m.quoted_id, COALESCE(qa.canonical, q.jid) AS quoted_sender_jid, m.forwarded, m.edited_at,
  m.revoked_at, m.starred, m.mime, m.file_name, m.size, m.direct_path, m.media_key, m.file_sha256,
  m.file_enc_sha256, m.duration_s, m.local_path, m.payload,
  CASE WHEN m.source & 3 THEN 'go' ELSE 'baileys' END AS source, m.read_at, m.unread > 0 AS unread
FROM message_rows m
JOIN jids c ON c.key = m.chat
JOIN jids s ON s.key = m.sender
LEFT JOIN jid_aliases sa ON sa.alias = s.jid
LEFT JOIN jids q ON q.key = m.quoted_sender
LEFT JOIN jid_aliases qa ON qa.alias = q.jid;

-- Who wrote in which group, under every number that was used.
CREATE TABLE authors (
  sender    INTEGER NOT NULL REFERENCES jids (key),
  group_key INTEGER NOT NULL REFERENCES jids (key),
  PRIMARY KEY (sender, group_key)
) WITHOUT ROWID;

-- A reaction may come before its message. An empty emoji is one that was taken back: it stays, so that an older event
-- that comes later does not bring it up again. at_ms is milliseconds.
CREATE TABLE reaction_rows (
  chat       INTEGER NOT NULL REFERENCES jids (key),
  message_id TEXT NOT NULL,
  sender     INTEGER NOT NULL REFERENCES jids (key),
  emoji      TEXT NOT NULL,
  at_ms      INTEGER NOT NULL,
  PRIMARY KEY (chat, message_id, sender)
) WITHOUT ROWID;
CREATE INDEX reaction_rows_sender ON reaction_rows (sender);

CREATE VIEW reactions AS
SELECT c.jid AS chat_jid, r.message_id, COALESCE(a.canonical, s.jid) AS sender_jid, r.emoji, r.at_ms / 1000 AS timestamp
FROM reaction_rows r
JOIN jids c ON c.key = r.chat
JOIN jids s ON s.key = r.sender
LEFT JOIN jid_aliases a ON a.alias = s.jid;

-- Every text that an edited message has had: edited_ms 0 is the first. An edit may come before its message.
CREATE TABLE edit_rows (
  chat       INTEGER NOT NULL REFERENCES jids (key),
  message_id TEXT NOT NULL,
  edited_ms  INTEGER NOT NULL,
  sender     INTEGER NOT NULL REFERENCES jids (key),
  text       TEXT NOT NULL,
  PRIMARY KEY (chat, message_id, edited_ms, sender)
) WITHOUT ROWID;
CREATE INDEX edit_rows_sender ON edit_rows (sender);

CREATE VIEW message_edits AS
SELECT c.jid AS chat_jid, e.message_id, e.edited_ms / 1000 AS edited_at, COALESCE(a.canonical, s.jid) AS sender_jid, e.text
FROM edit_rows e
JOIN jids c ON c.key = e.chat
JOIN jids s ON s.key = e.sender
LEFT JOIN jid_aliases a ON a.alias = s.jid;

-- Events that wait for their message: edit (its text waits in edit_rows), revoke, read, star. at is seconds, and 0 or 1
-- for star. told is a read receipt that was sent, or was about to be, for a message that is still unread.
CREATE TABLE pending (
  chat       INTEGER NOT NULL REFERENCES jids (key),
  message_id TEXT NOT NULL,
  kind       TEXT NOT NULL,
  sender     INTEGER NOT NULL REFERENCES jids (key),
  at         INTEGER NOT NULL,
  PRIMARY KEY (chat, message_id, kind, sender)
) WITHOUT ROWID;
CREATE INDEX pending_sender ON pending (sender);

-- How far own messages came with each reader; the earliest time that was told.
CREATE TABLE receipts (
  chat         INTEGER NOT NULL REFERENCES jids (key),
  message_id   TEXT NOT NULL,
  reader       INTEGER NOT NULL REFERENCES jids (key),
  delivered_at INTEGER,
  read_at      INTEGER,
  played_at    INTEGER,
  PRIMARY KEY (chat, message_id, reader)
) WITHOUT ROWID;

CREATE TABLE group_members (
  group_jid  TEXT NOT NULL,
  member_jid TEXT NOT NULL,
  role       TEXT NOT NULL,
  PRIMARY KEY (group_jid, member_jid)
) WITHOUT ROWID;
CREATE INDEX group_members_member ON group_members (member_jid);

CREATE TABLE sync_checkpoints (
  chat_jid          TEXT PRIMARY KEY,
  oldest_id         TEXT,
  oldest_timestamp  INTEGER,
  oldest_sender_jid TEXT,
  messages_synced   INTEGER NOT NULL DEFAULT 0,
  state             TEXT NOT NULL,
  exhausted         INTEGER NOT NULL DEFAULT 0,
  error             TEXT,
  updated_at        INTEGER NOT NULL
) WITHOUT ROWID;

-- When the account did not know this device: WhatsApp's servers kept nothing for it. ended_at is NULL while it lasts.
CREATE TABLE absences (
  began_at INTEGER PRIMARY KEY,
  ended_at INTEGER
) WITHOUT ROWID;
-- A request for history: kind is account (what the phone pushes by itself) or chat. state is queued, running, paused,
-- completed, failed or cancelled. messages counts what arrived and was new. anchor is the caller's oldest message as JSON,
-- request the id of the request that was sent last.
CREATE TABLE history_jobs (
  number           INTEGER PRIMARY KEY,
  job              TEXT NOT NULL UNIQUE,
  kind             TEXT NOT NULL,
  chat_jid         TEXT,
  state            TEXT NOT NULL,
  progress         INTEGER,
  messages         INTEGER NOT NULL DEFAULT 0,
  requests         INTEGER NOT NULL DEFAULT 0,
  oldest_timestamp INTEGER,
  max_messages     INTEGER,
  exhausted        INTEGER NOT NULL DEFAULT 0,
  error_code       TEXT,
  error            TEXT,
  started_at       INTEGER,
  updated_at       INTEGER NOT NULL,
  anchor           TEXT,
  request          TEXT
);
CREATE INDEX history_jobs_chat ON history_jobs (chat_jid);
CREATE INDEX history_jobs_request ON history_jobs (request) WHERE request IS NOT NULL;

-- fingerprint tells another request under the same key; sent_at is NULL until the outcome is known.
CREATE TABLE sends (
  idempotency_key TEXT PRIMARY KEY,
  fingerprint     TEXT NOT NULL,
  chat_jid        TEXT NOT NULL,
  message_id      TEXT NOT NULL,
  status          TEXT NOT NULL,
  sent_at         INTEGER,
  reserved_at     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE watermarks (
  source TEXT PRIMARY KEY,
  origin TEXT NOT NULL,
  seq    INTEGER NOT NULL
) WITHOUT ROWID;

-- terms is the text, folded by fold.go, which also cuts it into words, and then what questions filter by (index.go): chat,
-- sender and kind of media. The tokenizer only splits at spaces. Every message has a row here, text or not.
CREATE VIRTUAL TABLE messages_fts USING fts5 (terms, content = '', contentless_delete = 1, tokenize = 'ascii');
