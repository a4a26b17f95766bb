"""The receiving end of the merge, by the contract's rules: watermark, origin, duplicates, conflicts.

Insert or fill, never replace; a batch is taken whole or not at all, and its watermark moves with it.
"""

from __future__ import annotations

from typing import Literal

import httpx
from pydantic import JsonValue

from backends.operations import Batch, BatchReport, MessageRow, Watermark
from errors import Code, WhatsAppError
from fake_bridge import FakeBridge, Seen

Break = Literal["before", "after"]
"""Whether a bridge dies before it has committed a batch, or after it and before it has answered."""


class FakeStore:
    """messages.db as far as the merge can see it."""

    def __init__(self) -> None:
        self.origin: str | None = None
        self.watermark = 0
        self.aliases: dict[str, str] = {}
        self.contacts: dict[str, dict[str, JsonValue]] = {}
        self.chats: dict[str, dict[str, JsonValue]] = {}
        self.messages: dict[tuple[str, str], MessageRow] = {}
        self.reactions: dict[tuple[str, str, str], str] = {}
        self.checkpoints: dict[str, dict[str, JsonValue]] = {}
        self.batches: list[Batch] = []
        self.taken: list[tuple[int, int]] = []
        self.breaks: dict[int, Break] = {}

    def mount(self, go: FakeBridge) -> None:
        """Stand behind the Go bridge's routes."""
        go.on("GET", "/api/history/watermarks/{source}", lambda _: self.state())
        go.on("POST", "/api/history/batches", self._batch)

    def state(self) -> Watermark:
        return Watermark(source="baileys", seq=self.watermark, origin=self.origin)

    def _batch(self, seen: Seen) -> BatchReport:
        return self.arrive(Batch.model_validate(seen.body))

    def arrive(self, batch: Batch) -> BatchReport:
        """A batch arrives; `breaks` says at which arrival the bridge dies."""
        self.batches.append(batch)
        death = self.breaks.pop(len(self.batches), None)
        if death == "before":
            raise httpx.ReadError("the bridge died")
        report = self.take(batch)
        if death == "after":
            raise httpx.ReadTimeout("the bridge died")
        return report

    def take(self, batch: Batch) -> BatchReport:
        """One transaction."""
        if sum(len(rows) for rows in _tables(batch)) > 2000:
            raise WhatsAppError(Code.INVALID_ARGUMENT, "A batch has at most 2000 rows.")
        if batch.origin != self.origin:
            self.origin, self.watermark = batch.origin, 0
        if batch.from_seq > self.watermark:
            raise WhatsAppError(Code.SYNC_IN_PROGRESS, details={"watermark": self.watermark})
        if batch.to_seq <= self.watermark:
            return self._report(duplicates=len(batch.messages))
        self.taken.append((batch.from_seq, batch.to_seq))
        for alias in batch.aliases:
            self._learn(alias.alias, alias.canonical)
        for contact in batch.contacts:
            _fill(self.contacts.setdefault(self._canonical(contact.jid), {}), contact.model_dump(exclude_none=True))
        for chat in batch.chats:
            _fill(self.chats.setdefault(self._canonical(chat.jid), {}), chat.model_dump(exclude_none=True))
        counts = {"inserted": 0, "filled": 0, "duplicates": 0, "conflicts": 0}
        for message in batch.messages:
            counts[self._put(message)] += 1
        for reaction in batch.reactions:
            key = (self._canonical(reaction.chat_jid), reaction.message_id, self._canonical(reaction.sender_jid))
            self.reactions.setdefault(key, reaction.emoji)
        for checkpoint in batch.checkpoints:
            self.checkpoints[self._canonical(checkpoint.chat_jid)] = checkpoint.model_dump(exclude_none=True)
        self.watermark = batch.to_seq
        touched = frozenset(self._canonical(message.chat_jid) for message in batch.messages)
        return self._report(touched, **counts)

    def keep(self, rows: list[dict[str, object]]) -> None:
        """Messages that come from nowhere else."""
        for row in rows:
            self._put(MessageRow.model_validate(row))

    def count(self, chat: str) -> int:
        """Messages held of a chat."""
        return sum(key[0] == self._canonical(chat) for key in self.messages)

    def _canonical(self, jid: str) -> str:
        return self.aliases.get(jid, jid)

    def _learn(self, alias: str, canonical: str) -> None:
        self.aliases[alias] = canonical
        for chat, id_ in [key for key in self.messages if key[0] == alias]:
            self._put(self.messages.pop((chat, id_)))

    def _put(self, message: MessageRow) -> Literal["inserted", "filled", "duplicates", "conflicts"]:
        key = (self._canonical(message.chat_jid), message.id)
        known = self.messages.get(key)
        if known is None:
            self.messages[key] = message
            return "inserted"
        same = self._canonical(known.sender_jid) == self._canonical(message.sender_jid)
        if not same or abs(known.timestamp - message.timestamp) > 60:
            return "conflicts"
        gaps = {
            name: value
            for name in ("text", "quoted_id", "media", "payload")
            if getattr(known, name) is None and (value := getattr(message, name)) is not None
        }
        self.messages[key] = known.model_copy(update=gaps)
        return "filled" if gaps else "duplicates"

    def _report(self, touched: frozenset[str] = frozenset(), **counts: int) -> BatchReport:
        given = {"inserted": 0, "filled": 0, "duplicates": 0, "conflicts": 0, **counts}
        return BatchReport(**given, refused=0, chats_touched=sorted(touched), watermark=self.watermark)


def _tables(batch: Batch) -> tuple[list[object], ...]:
    return (
        [*batch.aliases],
        [*batch.contacts],
        [*batch.chats],
        [*batch.messages],
        [*batch.reactions],
        [*batch.checkpoints],
    )


def _fill(known: dict[str, JsonValue], more: dict[str, JsonValue]) -> None:
    for name, value in more.items():
        known.setdefault(name, value)
