"""The merge: baileys_temp.db into messages.db.

The temporary store is read here (read-only), the single source of truth is written by the Go bridge alone, and a
watermark over `seq` joins the two: it moves in the transaction that took the rows, so that a run which was killed at
any moment goes on where the last committed batch ended, and a run with nothing new reads nothing.
"""

from __future__ import annotations

import asyncio
import base64
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite

from backends.go import GoBridge
from backends.operations import (
    Alias,
    Batch,
    BatchReport,
    ChatRow,
    CheckpointRow,
    ContactRow,
    MediaRow,
    MessageRow,
    ReactionRow,
)
from errors import Code, WhatsAppError
from tools.results import MergeReport

SCHEMA = 1
"""The `user_version` of baileys_temp.db that this reader understands."""
PAGE = 500
"""Rows of each table in a batch: about one short transaction of the Go bridge."""
AHEAD = 2
"""Batches read while one is being written."""

OLDEST = 1_230_768_000
"""2009-01-01: WhatsApp did not exist before."""
TOMORROW = 86_400
TEXT_BYTES = 65_536
JID = re.compile(r"[0-9A-Za-z._-]{1,100}@(s\.whatsapp\.net|lid|g\.us|newsletter|broadcast|bot|hosted|hosted\.lid)")

Progress = Callable[[float, float | None, str], Awaitable[None]]
"""Told how far long work is: done, of how many (if known), and a sentence."""


@dataclass
class Tally:
    """What a merge has done so far."""

    read: int = 0
    inserted: int = 0
    filled: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: int = 0
    batches: int = 0
    watermark: int = 0
    chats: set[str] = field(default_factory=set)
    started: float = field(default_factory=time.monotonic)

    def add(self, report: BatchReport) -> None:
        """Count one batch."""
        self.inserted += report.inserted
        self.filled += report.filled
        self.duplicates += report.duplicates
        self.conflicts += report.conflicts
        self.refused += report.refused
        self.chats.update(report.chats_touched)
        self.batches += 1
        self.watermark = report.watermark

    def report(self, *, running: bool) -> MergeReport:
        """The tally as a tool's answer."""
        seconds = time.monotonic() - self.started
        done = "nothing_new" if self.batches == 0 else "completed"
        return MergeReport(
            status="running" if running else done,
            read=self.read,
            inserted=self.inserted,
            filled=self.filled,
            duplicates=self.duplicates,
            conflicts=self.conflicts,
            refused=self.refused,
            chats_touched=len(self.chats),
            batches=self.batches,
            watermark=self.watermark,
            seconds=round(seconds, 3),
            rows_per_second=round(self.read / seconds) if seconds > 0 else 0,
            note="Still merging: call sync_history_to_database again to follow." if running else None,
        )


@dataclass(frozen=True)
class PageRead:
    """One batch as read, with what was left out of it."""

    batch: Batch
    read: int
    folded: int
    refused: int


class TempStore:
    """baileys_temp.db, opened read-only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def pages(self, origin_seq: Callable[[str], int]) -> AsyncIterator[PageRead]:
        """All rows behind the watermark, page by page in the order of `seq`.

        `origin_seq` tells for the file's origin where to begin. Raises `DATABASE_SCHEMA_MISMATCH`,
        `DATABASE_CORRUPT` or `DATABASE_SYNC_FAILED`.
        """
        if not self._path.is_file():
            raise WhatsAppError(
                Code.DATABASE_SYNC_FAILED,
                f"There is no {self._path.name} at {self._path}.",
                resolution="Start the Baileys bridge once, or set WHATSAPP_MCP_BAILEYS_DB to its file.",
            )
        try:
            async with aiosqlite.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True) as database:
                database.row_factory = aiosqlite.Row
                await self._check(database)
                origin = await _one(database, "SELECT value FROM meta WHERE key = 'origin'")
                if not isinstance(origin, str):
                    raise _corrupt(self._path)
                reached = origin_seq(origin)
                while (page := await _page(database, origin, reached)) is not None:
                    yield page
                    reached = page.batch.to_seq
        except sqlite3.OperationalError as error:
            raise WhatsAppError(
                Code.DATABASE_SYNC_FAILED,
                f"{self._path.name} cannot be read now.",
                resolution="Check the file's mode and that its folder is writable; then call again.",
            ) from error
        except sqlite3.DatabaseError as error:
            raise _corrupt(self._path) from error

    async def _check(self, database: aiosqlite.Connection) -> None:
        version = await _one(database, "PRAGMA user_version")
        if version != SCHEMA:
            raise WhatsAppError(
                Code.DATABASE_SCHEMA_MISMATCH,
                f"{self._path.name} has schema {version}; this version reads schema {SCHEMA}.",
                resolution="Update, so that the Baileys bridge and this server are of one version.",
            )


class Merger:
    """Runs merges one at a time: who asks while one runs joins it."""

    def __init__(self, go: GoBridge, path: Path) -> None:
        self._go = go
        self._store = TempStore(path)
        self._tally = Tally()
        self._run: asyncio.Task[MergeReport] | None = None

    async def merge(self, *, seconds: float, report: Progress) -> MergeReport:
        """Merge what waits. After `seconds` the answer says `running`, while the merge goes on by itself."""
        run = self._run
        if run is None or run.done():
            self._tally = Tally()
            run = self._run = asyncio.create_task(self._merge(self._tally))
        ends = time.monotonic() + seconds
        while not run.done() and (left := ends - time.monotonic()) > 0:
            await asyncio.wait({run}, timeout=min(left, 1.0))
            await report(self._tally.read, None, f"{self._tally.read} rows read, {self._tally.inserted} new")
        return run.result() if run.done() else self._tally.report(running=True)

    async def close(self) -> None:
        """End a merge that runs; the watermark remembers how far it came."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)

    async def _merge(self, tally: Tally) -> MergeReport:
        watermark = await self._go.watermark()
        tally.watermark = watermark.seq
        waiting: asyncio.Queue[PageRead | None] = asyncio.Queue(AHEAD)

        async def read() -> None:
            def begin(origin: str) -> int:
                return watermark.seq if watermark.origin == origin else 0

            async for page in self._store.pages(begin):
                await waiting.put(page)
            await waiting.put(None)

        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            group.create_task(self._write(waiting, tally))
        return tally.report(running=False)

    async def _write(self, waiting: asyncio.Queue[PageRead | None], tally: Tally) -> None:
        while (page := await waiting.get()) is not None:
            tally.add(await self._go.take(page.batch))
            tally.read += page.read
            tally.refused += page.refused
            tally.duplicates += page.folded


def _corrupt(path: Path) -> WhatsAppError:
    return WhatsAppError(
        Code.DATABASE_CORRUPT,
        f"{path.name} is damaged or not a database of the Baileys bridge.",
        resolution=f"Stop the Baileys bridge, move {path.name} away and start it again: it is temporary and is "
        "fetched anew; messages.db is untouched.",
    )


async def _one(database: aiosqlite.Connection, sql: str) -> object:
    async with database.execute(sql) as cursor:
        row = await cursor.fetchone()
    return None if row is None else row[0]


TABLES = {
    "jid_aliases": "alias, canonical",
    "contacts": "jid, full_name, first_name, push_name, business_name",
    "chats": "jid, kind, name, community_jid, unread_count, archived, pinned, muted_until, last_read_at",
    "messages": "chat_jid, id, sender_jid, from_me, timestamp, kind, text, quoted_id, quoted_sender_jid, forwarded, "
    "edited_at, revoked_at, starred, media_mime, media_file_name, media_size, media_direct_path, media_key, "
    "media_sha256, media_enc_sha256, media_duration_s, payload, read",
    "reactions": "chat_jid, message_id, sender_jid, emoji, timestamp",
    "sync_checkpoints": "chat_jid, oldest_id, oldest_timestamp, oldest_sender_jid, messages_synced, state, exhausted",
}


async def _page(database: aiosqlite.Connection, origin: str, reached: int) -> PageRead | None:
    found: dict[str, list[aiosqlite.Row]] = {}
    for table, columns in TABLES.items():
        sql = f"SELECT {columns}, seq FROM {table} WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - names are ours
        async with database.execute(sql, (reached, PAGE)) as cursor:
            found[table] = list(await cursor.fetchall())
    if not any(found.values()):
        return None
    full = [rows[-1]["seq"] for rows in found.values() if len(rows) == PAGE]
    to_seq = min(full) if full else max(rows[-1]["seq"] for rows in found.values() if rows)
    taken = {table: [row for row in rows if row["seq"] <= to_seq] for table, rows in found.items()}
    return _transform(taken, origin, reached, to_seq)


def _transform(rows: dict[str, list[aiosqlite.Row]], origin: str, from_seq: int, to_seq: int) -> PageRead:
    now = int(time.time())
    canonical = {row["alias"]: row["canonical"] for row in rows["jid_aliases"]}
    messages: dict[tuple[str, str], MessageRow] = {}
    folded = refused = 0
    for row in rows["messages"]:
        message = _message(row, now)
        if message is None:
            refused += 1
            continue
        key = (canonical.get(message.chat_jid, message.chat_jid), message.id)
        known = messages.get(key)
        folded += known is not None
        messages[key] = message if known is None else _filled(known, message)
    batch = Batch(
        source="baileys",
        origin=origin,
        from_seq=from_seq,
        to_seq=to_seq,
        aliases=[
            Alias(alias=row["alias"], canonical=row["canonical"])
            for row in rows["jid_aliases"]
            if JID.fullmatch(row["alias"]) and JID.fullmatch(row["canonical"])
        ],
        contacts=[ContactRow.model_validate(_values(row)) for row in rows["contacts"] if JID.fullmatch(row["jid"])],
        chats=[ChatRow.model_validate(_values(row)) for row in rows["chats"] if JID.fullmatch(row["jid"])],
        messages=list(messages.values()),
        reactions=[
            ReactionRow.model_validate(_values(row))
            for row in rows["reactions"]
            if JID.fullmatch(row["chat_jid"]) and JID.fullmatch(row["sender_jid"])
        ],
        checkpoints=[
            CheckpointRow.model_validate(_values(row))
            for row in rows["sync_checkpoints"]
            if JID.fullmatch(row["chat_jid"])
        ],
    )
    return PageRead(batch, len(rows["messages"]), folded, refused)


def _values(row: aiosqlite.Row) -> dict[str, object]:
    return {name: row[name] for name in row.keys() if name != "seq" and row[name] is not None}  # noqa: SIM118


MEDIA = {
    "media_mime": "mime",
    "media_file_name": "file_name",
    "media_size": "size",
    "media_direct_path": "direct_path",
    "media_key": "media_key",
    "media_sha256": "file_sha256",
    "media_enc_sha256": "file_enc_sha256",
    "media_duration_s": "duration_s",
}


def _message(row: aiosqlite.Row, now: int) -> MessageRow | None:
    """The row in the authoritative form, or None for what cannot be true: history comes from other people's phones."""
    text = row["text"]
    if (
        not JID.fullmatch(row["chat_jid"])
        or not JID.fullmatch(row["sender_jid"])
        or not row["id"]
        or not OLDEST <= row["timestamp"] <= now + TOMORROW
        or (text is not None and len(text.encode(errors="replace")) > TEXT_BYTES)
    ):
        return None
    values = _values(row)
    media = {MEDIA[name]: _plain(values.pop(name)) for name in MEDIA if name in values}
    payload = values.pop("payload", None)
    return MessageRow.model_validate(
        {
            **values,
            "media": MediaRow.model_validate(media) if media else None,
            "payload": None if payload is None else _plain(payload),
        }
    )


def _plain(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _filled(known: MessageRow, other: MessageRow) -> MessageRow:
    """What both spellings of one message know; the first one wins where they differ."""
    gaps = {
        name: value
        for name in MessageRow.model_fields
        if getattr(known, name) is None and (value := getattr(other, name)) is not None
    }
    return known.model_copy(update=gaps)
