-- History jobs: what is asked of the phone, and what it pushes by itself.
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

-- A store that was filled by the push before there were jobs has nothing to wait for.
INSERT INTO history_jobs (job, kind, state, progress, messages, oldest_timestamp, started_at, updated_at)
SELECT lower(hex(randomblob(6))), 'account', 'completed', 100, COUNT(*), MIN(key) >> 16, unixepoch(), unixepoch()
FROM message_rows WHERE source & 2 HAVING COUNT(*) > 0;
