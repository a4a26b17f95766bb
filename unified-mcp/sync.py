"""The merge: baileys_temp.db, or an imported file, into messages.db.

The source is read here (read-only), the single source of truth is written by the Go bridge alone, and a
watermark over `seq` joins the two: it moves in the transaction that took the rows, so that a run which was killed at
any moment goes on where the last committed batch ended, and a run with nothing new reads nothing.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from binascii import b2a_base64
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from pydantic import ValidationError

from backends.go import GoBridge
from backends.operations import (
    Alias,
    Batch,
    BatchReport,
    ChatRow,
    CheckpointRow,
    ContactRow,
    MessageRow,
    ReactionRow,
)
from backends.operations import Row as BatchRow
from backends.pages import Page, Row, RowStore
from errors import Code, WhatsAppError
from tools.results import MergeReport

log = logging.getLogger(__name__)

OLDEST = 1_230_768_000
"""2009-01-01: WhatsApp did not exist before."""
TOMORROW = 86_400
SAME_MINUTE = 60
PORTION = 100
"""Rows that are made ready before others have their turn: the answer to the load before waits for them."""
JID = re.compile(r"[0-9A-Za-z._-]{1,100}@(s\.whatsapp\.net|lid|g\.us|newsletter|broadcast|bot|hosted|hosted\.lid)")

Progress = Callable[[float, float | None, str], Awaitable[None]]
"""Told how far long work is: done, of how many (if known), and a sentence."""
R = TypeVar("R", bound=BatchRow)


@dataclass
class Tally:
    """What was merged since the last report that was given."""

    read: int = 0
    inserted: int = 0
    filled: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: int = 0
    batches: int = 0
    watermark: int = 0
    total: int | None = None
    """Of `read`, as far as it is known."""
    chats: set[str] = field(default_factory=set)
    spent: float = 0.0
    """Seconds of the runs that ended."""
    started: float | None = None
    """When the run that goes on began."""

    def add(self, load: Load, report: BatchReport) -> None:
        """Count what became of a load."""
        self.read += load.read
        self.duplicates += load.folded
        self.refused += load.refused
        self.inserted += report.inserted
        self.filled += report.filled
        self.duplicates += report.duplicates
        self.conflicts += report.conflicts
        self.refused += report.refused
        self.chats.update(report.chats_touched)
        self.batches += 1
        self.watermark = max(self.watermark, report.watermark)

    def report(self, *, running: bool) -> MergeReport:
        """The tally as a tool's answer."""
        seconds = self.spent + (time.monotonic() - self.started if self.started is not None else 0)
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


class Merger:
    """Runs merges one at a time: who asks while one runs joins it."""

    def __init__(self, go: GoBridge, store: RowStore) -> None:
        self._go = go
        self._store = store
        self._tally = Tally()
        self._run: asyncio.Task[MergeReport] | None = None

    @property
    def has_source(self) -> bool:
        """Whether there is a file at all: without a Baileys bridge there never is one."""
        return self._store.path.exists()

    async def merge(self, *, seconds: float, report: Progress) -> MergeReport:
        """Merge what waits. After `seconds` the answer says `running`, while the merge goes on by itself.

        What a run did after such an answer, or before it failed, is counted in the next report.
        """
        run = self._run
        if run is None or run.done():
            run = self._run = asyncio.create_task(self._merge(self._tally))
            run.add_done_callback(_note_failure)
        tally = self._tally
        ends = time.monotonic() + seconds
        while not run.done() and (left := ends - time.monotonic()) > 0:
            await asyncio.wait({run}, timeout=min(left, 1.0))
            await report(tally.read, tally.total, f"{tally.read} messages read, {tally.inserted} new")
        if not run.done():
            return tally.report(running=True)
        result = run.result()
        if self._tally is tally:
            self._tally = Tally()
        return result

    async def close(self) -> None:
        """End a merge that runs; the watermark remembers how far it came."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)

    async def _merge(self, tally: Tally) -> MergeReport:
        tally.started = time.monotonic()
        source = self._store.source
        try:
            watermark = await self._go.watermark(source)
            async with self._store.open() as store:
                tally.watermark = watermark.seq if watermark.origin == store.origin else 0
                tally.total = tally.read + await store.waiting(tally.watermark)
                loads = _loads(store.pages(tally.watermark), source, store.origin)
                async with aclosing(_ahead(loads)) as ready:
                    await self._carry(ready, tally)
        finally:
            tally.spent += time.monotonic() - tally.started
            tally.started = None
        return tally.report(running=False)

    async def _carry(self, ready: AsyncGenerator[Load, None], tally: Tally) -> None:
        """Send the loads, each so early that the Go bridge has read it when the one before it is written."""
        sending: list[asyncio.Task[None]] = []
        try:
            async for load in ready:
                before = sending[-1] if sending else None
                sending.append(asyncio.create_task(self._send(load, before, tally)))
                if before is not None:
                    await before
                    sending.remove(before)
            for last in sending:
                await last
        finally:
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)

    async def _send(self, load: Load, before: asyncio.Task[None] | None, tally: Tally) -> None:
        try:
            report = await self._go.take(load.batch)
        except WhatsAppError as error:
            if error.code is not Code.SYNC_IN_PROGRESS or before is None:
                raise
            # It overtook the load before it; nothing was written.
            await before
            report = await self._go.take(load.batch)
        tally.add(load, report)


def _note_failure(run: asyncio.Task[MergeReport]) -> None:
    """A run that fails while nobody waits is said in the log; who asks next runs into the cause, or past it."""
    if not run.cancelled() and (error := run.exception()) is not None:
        log.warning("The merge stopped: %s", error)


@dataclass(frozen=True)
class Load:
    """A page in the authoritative form."""

    batch: Batch
    read: int
    folded: int
    """Rows that were folded into others."""
    refused: int


async def _loads(pages: AsyncGenerator[Page, None], source: str, origin: str) -> AsyncGenerator[Load, None]:
    """The pages, each ready to be sent."""
    async with aclosing(pages):
        async for page in pages:
            yield await _load(page, source, origin, int(time.time()))


async def _ahead(loads: AsyncGenerator[Load, None]) -> AsyncGenerator[Load, None]:
    """The loads, each made while the one before it is being written."""

    async def following() -> Load | None:
        return await anext(loads, None)

    async with aclosing(loads):
        coming = asyncio.create_task(following())
        try:
            while (load := await coming) is not None:
                coming = asyncio.create_task(following())
                yield load
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _load(page: Page, source: str, origin: str, now: int) -> Load:
    """The page in the authoritative form.

    History comes from other people's phones: what cannot be true is left out and counted, and never ends the merge.
    """
    refused = 0

    def valid(model: type[R], table: str, *addresses: str) -> list[R]:
        nonlocal refused
        rows = [_row(model, row, addresses) for row in page.rows.get(table, ())]
        kept = [row for row in rows if row is not None]
        refused += len(rows) - len(kept)
        return kept

    aliases = valid(Alias, "jid_aliases", "alias", "canonical")
    known: list[MessageRow] = []
    for number, row in enumerate(page.rows["messages"]):
        if number % PORTION == 0:
            await asyncio.sleep(0)
        if (message := _message(row, now)) is None:
            refused += 1
        else:
            known.append(message)
    messages = _folded(known, {alias.alias: alias.canonical for alias in aliases})
    batch = Batch(
        source=source,
        origin=origin,
        from_seq=page.from_seq,
        to_seq=page.to_seq,
        aliases=aliases,
        contacts=valid(ContactRow, "contacts", "jid"),
        chats=valid(ChatRow, "chats", "jid"),
        messages=messages,
        reactions=valid(ReactionRow, "reactions", "chat_jid", "sender_jid"),
        checkpoints=valid(CheckpointRow, "sync_checkpoints", "chat_jid"),
    )
    return Load(batch, page.read, len(known) - len(messages), refused)


def _row(model: type[R], row: Row, addresses: tuple[str, ...]) -> R | None:
    if not all(_is_jid(row.get(name)) for name in addresses):
        return None
    try:
        return model.model_validate({name: value for name, value in row.items() if value is not None})
    except ValidationError:
        return None


@lru_cache(maxsize=10_000)
def _is_jid(value: object) -> bool:
    return isinstance(value, str) and JID.fullmatch(value) is not None


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


BYTES = ("media_key", "media_sha256", "media_enc_sha256")


def _message(row: Row, now: int) -> MessageRow | None:
    sent = row.get("timestamp")
    if row["too_long"] or not row.get("id") or not isinstance(sent, int) or not OLDEST <= sent <= now + TOMORROW:
        return None
    values = {name: value for name, value in row.items() if value is not None and name != "too_long"}
    if isinstance(payload := values.get("payload"), bytes):
        values["payload"] = b2a_base64(payload, newline=False).decode()
    if not MEDIA.keys().isdisjoint(values):
        for name in BYTES:
            if isinstance(value := values.get(name), bytes):
                values[name] = b2a_base64(value, newline=False).decode()
        values["media"] = {MEDIA[name]: values.pop(name) for name in MEDIA if name in values}
    return _row(MessageRow, values, ("chat_jid", "sender_jid"))


def _folded(messages: list[MessageRow], canonical: dict[str, str]) -> list[MessageRow]:
    """One row of each message: the phone sends it under both addresses of its chat.

    Rows that contradict stay apart, so that the Go bridge sees and counts the conflict.
    """
    kept: list[MessageRow] = []
    places: dict[tuple[str, str], int] = {}
    for message in messages:
        key = (canonical.get(message.chat_jid, message.chat_jid), message.id)
        place = places.setdefault(key, len(kept))
        if place == len(kept):
            kept.append(message)
        elif _agree(kept[place], message, canonical):
            kept[place] = _filled(kept[place], message)
        else:
            kept.append(message)
    return kept


def _agree(known: MessageRow, other: MessageRow, canonical: dict[str, str]) -> bool:
    senders = {canonical.get(row.sender_jid, row.sender_jid) for row in (known, other)}
    return (
        len(senders) == 1 and known.from_me == other.from_me and abs(known.timestamp - other.timestamp) <= SAME_MINUTE
    )


def _filled(known: MessageRow, other: MessageRow) -> MessageRow:
    """What both spellings of one message know; the first one wins where they differ."""
    gaps = {
        name: value
        for name in MessageRow.model_fields
        if getattr(known, name) is None and (value := getattr(other, name)) is not None
    }
    return known.model_copy(update=gaps)
