"""What messages.db holds, as `whatsapp-mcp stats` shows it: asked of the Go bridge, which owns the store."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from backends.go import GoBridge
from settings import Settings
from tools import history, queries
from tools.results import ChatCount, MessageStatistics, MonthCount, SyncCheckpoint, SyncCheckpoints

STATISTICS = queries.get_message_statistics.answering(MessageStatistics)
CHECKPOINTS = history.get_sync_checkpoints.answering(SyncCheckpoints)
COUNT_SECONDS = 120.0
"""Counting passes every message once: about a second for a million."""


@dataclass(frozen=True)
class Picture:
    """What is shown: counts, and how far back each chat's history reaches, as far as that is known."""

    counts: MessageStatistics
    checkpoints: list[SyncCheckpoint]
    at: datetime

    @property
    def complete(self) -> int:
        """Chats whose phone has nothing older."""
        return sum(checkpoint.exhausted for checkpoint in self.checkpoints)

    def coverage(self, chat: ChatCount) -> SyncCheckpoint | None:
        """How far back a chat's history reaches."""
        return next((known for known in self.checkpoints if known.chat_jid == chat.chat_jid), None)


async def look(settings: Settings) -> Picture:
    """Ask the Go bridge, which owns the store."""
    async with GoBridge(settings) as go:
        counts = await go.request(STATISTICS, STATISTICS.arguments(), seconds=COUNT_SECONDS)
        checkpoints: list[SyncCheckpoint] = []
        cursor: str | None = None
        while True:
            asked = {"limit": 200} if cursor is None else {"limit": 200, "cursor": cursor}
            page = await go.request(CHECKPOINTS, CHECKPOINTS.arguments.model_validate(asked))
            checkpoints += page.checkpoints
            cursor = page.next_cursor
            if cursor is None:
                return Picture(counts, checkpoints, datetime.now(UTC))


def clean(name: str) -> str:
    """A name that others chose, without what moves a cursor, changes a direction or breaks a line."""
    kinds = {letter: unicodedata.category(letter) for letter in name}
    shown = (" " if kinds[letter] == "Cc" or kinds[letter][0] == "Z" else letter for letter in name)
    return "".join(letter for letter in shown if letter == " " or kinds[letter][0] != "C").strip()


def every_month(months: Sequence[MonthCount]) -> list[MonthCount]:
    """The months with those between them that have no messages."""
    if not months:
        return []
    counts = {month.month: month.messages for month in months}
    year, number = map(int, months[0].month.split("-"))
    shown: list[MonthCount] = []
    while not shown or shown[-1].month < months[-1].month:
        name = f"{year:04}-{number:02}"
        shown.append(MonthCount(month=name, messages=counts.get(name, 0)))
        year, number = (year + 1, 1) if number == len("JFMAMJJASOND") else (year, number + 1)
    return shown


def reach(picture: Picture, chat: ChatCount) -> str:
    """How far back a chat's history reaches, in a few words."""
    known = picture.coverage(chat)
    if known is None:
        return "never fetched"
    since = f"since {known.oldest_at[:10]}" if known.oldest_at else "nothing held"
    return f"{since}, complete" if known.exhausted else f"{since}, the phone may have more"


def headline(picture: Picture) -> list[str]:
    """The figures that stand above everything."""
    counts = picture.counts
    span = (
        f"{counts.first_at[:10]} to {counts.last_at[:10]}" if counts.first_at and counts.last_at else "no messages yet"
    )
    return [
        f"{counts.messages:,} messages in {counts.chats:,} chats, {counts.from_me:,} of them your own",
        f"{counts.people:,} people, {span}",
        f"history was fetched or pushed for {len(picture.checkpoints):,} chats; {picture.complete:,} are complete",
    ]
