"""baileys_temp.db as the merge reads it: read-only, page by page in the order of `seq`.

The Baileys bridge writes while this reads. Where a page ends is found by one statement over all tables, before any row
is read: a chunk that is committed meanwhile lies behind that end, and so does a row that changes, since it gets a new
`seq`. Nothing that lies before the end can appear later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite

from backends.pages import PAGE, TEXT_BYTES, Page, Row, page_end, reading
from errors import Code, WhatsAppError

SCHEMA = 1
"""The `user_version` that this reader understands."""
PAYLOAD_BYTES = 6_000_000
"""8,000,000 characters in base64."""
TEXT_SIZE = "ifnull(length(CAST(text AS BLOB)), 0)"
"""Of text, `length` counts characters up to the first NUL."""
PAYLOAD_SIZE = "ifnull(length(payload), 0)"

TABLES: Mapping[str, str] = {
    "jid_aliases": "alias, canonical",
    "contacts": "jid, full_name, first_name, push_name, business_name",
    "chats": "jid, kind, name, community_jid, unread_count, archived, pinned, muted_until, last_read_at",
    # What is too long is not even read.
    "messages": f"{TEXT_SIZE} > {TEXT_BYTES} OR {PAYLOAD_SIZE} > {PAYLOAD_BYTES} AS too_long, "
    f"CASE WHEN {TEXT_SIZE} <= {TEXT_BYTES} THEN text END AS text, "
    f"CASE WHEN {PAYLOAD_SIZE} <= {PAYLOAD_BYTES} THEN payload END AS payload, "
    "chat_jid, id, sender_jid, from_me, timestamp, kind, quoted_id, quoted_sender_jid, forwarded, edited_at, "
    "revoked_at, starred, media_mime, media_file_name, media_size, media_direct_path, media_key, media_sha256, "
    "media_enc_sha256, media_duration_s, read",
    "reactions": "chat_jid, message_id, sender_jid, emoji, timestamp",
    "sync_checkpoints": "chat_jid, oldest_id, oldest_timestamp, oldest_sender_jid, messages_synced, state, exhausted, "
    "error",
}
"""What is read of each table."""
WEIGHTS = {
    "messages": f"2000 + min(6 * {TEXT_SIZE}, 6 * {TEXT_BYTES}) + min({PAYLOAD_SIZE}, {PAYLOAD_BYTES}) * 4 / 3",
}
"""Bytes of a row's JSON at most; other rows are small. A control character takes six bytes."""
NEXT = "SELECT * FROM (SELECT seq, {weight} AS weight FROM {table} WHERE seq > :after ORDER BY seq LIMIT :page)"
PLAN = "{} ORDER BY seq LIMIT :page".format(
    " UNION ALL ".join(NEXT.format(table=table, weight=WEIGHTS.get(table, "1000")) for table in TABLES)
)
"""The next rows over all tables: where a page ends."""


class TempStore:
    """The file, whether it is there or not."""

    source = "baileys"

    def __init__(self, path: Path, page: int = PAGE) -> None:
        self.path = path
        self._page = page

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenTempStore]:
        """Open it for reading.

        Raises `DATABASE_SYNC_FAILED` when it is missing or cannot be read now, `DATABASE_SCHEMA_MISMATCH` when another
        version made it, `DATABASE_CORRUPT` when it is damaged: here and for every page.
        """
        if not self.path.is_file():
            raise WhatsAppError(
                Code.DATABASE_SYNC_FAILED,
                f"There is no {self.path.name} at {self.path}.",
                resolution="Start the Baileys bridge once, or set WHATSAPP_MCP_BAILEYS_DB to its file.",
            )
        busy = WhatsAppError(
            Code.DATABASE_SYNC_FAILED,
            f"{self.path.name} cannot be read now.",
            resolution="Check the file's mode and that its folder is writable; then call again.",
        )
        async with reading(f"{self.path.resolve().as_uri()}?mode=ro", busy, self._corrupt()) as database:
            await self._check(database)
            origin = await _one(database, "SELECT value FROM meta WHERE key = 'origin'")
            if not isinstance(origin, str):
                raise self._corrupt()
            yield OpenTempStore(database, origin, self._page)

    async def _check(self, database: aiosqlite.Connection) -> None:
        version = await _one(database, "PRAGMA user_version")
        if version != SCHEMA:
            raise WhatsAppError(
                Code.DATABASE_SCHEMA_MISMATCH,
                f"{self.path.name} has schema {version}; this version reads schema {SCHEMA}.",
                resolution="Update, so that the Baileys bridge and this server are of one version.",
            )

    def _corrupt(self) -> WhatsAppError:
        return WhatsAppError(
            Code.DATABASE_CORRUPT,
            f"{self.path.name} is damaged or not a database of the Baileys bridge.",
            resolution=f"Stop the Baileys bridge, move {self.path.name} away and start it again: it is temporary and "
            "is fetched anew; messages.db is untouched.",
        )


class OpenTempStore:
    """The file while it is open; its `origin` is made with the file."""

    def __init__(self, database: aiosqlite.Connection, origin: str, page: int) -> None:
        self._database = database
        self.origin = origin
        self._page = page

    async def waiting(self, after: int) -> int:
        """How many message rows lie behind."""
        found = await self._database.execute_fetchall("SELECT count(*) FROM messages WHERE seq > ?", (after,))
        return int(next(iter(found))[0])

    async def pages(self, after: int) -> AsyncGenerator[Page, None]:
        """Page by page, until nothing is left."""
        while (page := await self._read(after)) is not None:
            yield page
            after = page.to_seq

    async def _read(self, after: int) -> Page | None:
        database = self._database
        plan = await database.execute_fetchall(PLAN, {"after": after, "page": self._page})
        to_seq = page_end((row["seq"], row["weight"]) for row in plan)
        rows: dict[str, list[Row]] = {}
        if to_seq is not None:
            for table, columns in TABLES.items():
                sql = f"SELECT {columns} FROM {table} WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608 - as above
                rows[table] = _known(await database.execute_fetchall(sql, (after, to_seq)))
        return None if to_seq is None else Page(after, to_seq, len(rows["messages"]), rows)


def _known(found: Iterable[sqlite3.Row]) -> list[Row]:
    """Rows without what is not known."""
    rows = list(found)
    names = rows[0].keys() if rows else []
    return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows]


async def _one(database: aiosqlite.Connection, sql: str) -> object:
    async with database.execute(sql) as cursor:
        row = await cursor.fetchone()
    return None if row is None else row[0]
