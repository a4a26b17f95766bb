"""messages.db and whatsapp.db as other servers leave them, made from statements of our own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

LHARRIES = """
CREATE TABLE chats (jid TEXT PRIMARY KEY, name TEXT, last_message_time TIMESTAMP);
CREATE TABLE messages (id TEXT, chat_jid TEXT, sender TEXT, content TEXT, timestamp TIMESTAMP, is_from_me BOOLEAN,
  media_type TEXT, filename TEXT, url TEXT, media_key BLOB, file_sha256 BLOB, file_enc_sha256 BLOB,
  file_length INTEGER, PRIMARY KEY (id, chat_jid), FOREIGN KEY (chat_jid) REFERENCES chats (jid));
"""
VERYGOODPLUGINS = (
    LHARRIES
    + """
ALTER TABLE chats ADD COLUMN ephemeral_expiration INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN last_read_time TIMESTAMP;
ALTER TABLE messages ADD COLUMN deleted_at TIMESTAMP;
ALTER TABLE messages ADD COLUMN quoted_message_id TEXT;
CREATE TABLE calls (call_id TEXT, chat_jid TEXT, from_jid TEXT, timestamp TIMESTAMP, PRIMARY KEY (call_id, chat_jid));
CREATE INDEX idx_messages_chat_jid ON messages (chat_jid);
"""
)
WIDER = (
    VERYGOODPLUGINS
    + """
ALTER TABLE messages ADD COLUMN direct_path TEXT;
ALTER TABLE messages ADD COLUMN is_forwarded BOOLEAN;
ALTER TABLE messages ADD COLUMN sender_name TEXT;
ALTER TABLE messages ADD COLUMN edit_count INTEGER DEFAULT 0;
CREATE TABLE contact_nicknames (jid TEXT PRIMARY KEY, nickname TEXT);
PRAGMA journal_mode = WAL;
"""
)
NARROW = """
CREATE TABLE chats (jid TEXT PRIMARY KEY, name TEXT, last_message_time TIMESTAMP);
CREATE TABLE messages (id TEXT, chat_jid TEXT, sender TEXT, content TEXT, timestamp TEXT, is_from_me INTEGER,
  PRIMARY KEY (id, chat_jid));
"""
SESSION = """
CREATE TABLE whatsmeow_lid_map (lid TEXT PRIMARY KEY, pn TEXT UNIQUE NOT NULL);
CREATE TABLE whatsmeow_contacts (our_jid TEXT, their_jid TEXT, first_name TEXT, full_name TEXT, push_name TEXT,
  business_name TEXT, PRIMARY KEY (our_jid, their_jid));
"""


class PeerRows:
    """A file of another server."""

    def __init__(self, path: Path, schema: str = LHARRIES) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.executescript(schema)

    def add(self, table: str, *rows: dict[str, object]) -> None:
        """Write rows as these servers do: one that is there already is written anew."""
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute("PRAGMA synchronous = OFF")
            for row in rows:
                names, marks = ", ".join(row), ", ".join("?" for _ in row)
                database.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", list(row.values()))

    def run(self, sql: str) -> None:
        """Change the file in another way."""
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute(sql)

    def overwrite(self, content: bytes) -> None:
        """Damage the file."""
        self.path.write_bytes(content)

    def beside(self) -> dict[str, bytes]:
        """Every file of the folder with its bytes."""
        return {file.name: file.read_bytes() for file in sorted(self.path.parent.iterdir())}


def peer_message(chat: str, number: int, content: str | None, **more: object) -> dict[str, object]:
    return {
        "id": f"3EB0{number:012X}",
        "chat_jid": chat,
        "sender": chat.partition("@")[0],
        "content": content,
        "timestamp": f"2025-10-09 {10 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}+02:00",
        "is_from_me": 0,
        "media_type": "",
        "filename": "",
        "url": "",
        "media_key": None,
        "file_length": 0,
        **more,
    }


def narrow_message(chat: str, number: int, content: str | None, **more: object) -> dict[str, object]:
    """A row of a schema without media."""
    whole = peer_message(chat, number, content)
    return {name: whole[name] for name in ("id", "chat_jid", "sender", "content", "timestamp", "is_from_me")} | more
