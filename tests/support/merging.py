"""What the tests of the merge share: people, chunks of rows, and a merge that is waited for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from errors import WhatsAppError
from fake_store import FakeStore
from sync import Merger
from temp_rows import message
from tools.results import MergeReport

ANN, ANN_LID = "15550120@s.whatsapp.net", "250000000000120@lid"
BOB, BOB_LID = "15550121@s.whatsapp.net", "250000000000121@lid"
ROOM = "120363990000000001@g.us"


Merging = Callable[[int], Merger]


async def silent(done: float, total: float | None, sentence: str) -> None:
    """Nobody listens."""


async def merge(merger: Merger, seconds: float = 20) -> MergeReport:
    return await merger.merge(seconds=seconds, report=silent)


async def refusal(merger: Merger) -> WhatsAppError:
    with pytest.raises(WhatsAppError) as caught:
        await merge(merger)
    return caught.value


def every_table(n: int) -> tuple[tuple[str, dict[str, object]], ...]:
    """One chunk with a row in each table."""
    jid, lid = f"1555010{n}@s.whatsapp.net", f"25000000{n}@lid"
    return (
        ("jid_aliases", {"alias": lid, "canonical": jid}),
        ("contacts", {"jid": jid, "full_name": f"Person {n}"}),
        ("chats", {"jid": jid, "kind": "direct", "unread_count": n, "muted_until": -1, "archived": 1, "pinned": 0}),
        ("messages", message(lid, n, f"text {n}")),
        (
            "reactions",
            {"chat_jid": lid, "message_id": f"3EB0{n:012X}", "sender_jid": jid, "emoji": "👍", "timestamp": 1},
        ),
        (
            "sync_checkpoints",
            {"chat_jid": jid, "messages_synced": n, "state": "pushed", "exhausted": 1, "updated_at": 1},
        ),
    )


def holds(store: FakeStore, numbers: range) -> None:
    """The store holds each chunk of `every_table`, once."""
    assert store.aliases == {f"25000000{n}@lid": f"1555010{n}@s.whatsapp.net" for n in numbers}
    jids = {f"1555010{n}@s.whatsapp.net" for n in numbers}
    assert set(store.contacts) == set(store.chats) == set(store.checkpoints) == jids
    assert {chat for chat, _ in store.messages} == {chat for chat, _, _ in store.reactions} == jids
    assert len(store.messages) == len(store.reactions) == len(numbers)
