"""The merge folds what is the same, and refuses what cannot be true."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from fake_store import FakeStore
from merging import ANN, ANN_LID, BOB, ROOM, every_table, holds, merge
from sync import Merger
from temp_rows import TempRows, message


async def test_two_spellings_of_one_message_are_one_row_that_knows_what_both_know(
    merger: Merger, rows: TempRows, store: FakeStore
) -> None:
    rows.add("jid_aliases", {"alias": ANN_LID, "canonical": ANN})
    rows.add("messages", message(ANN_LID, 1, None), message(ANN, 1, "hello", quoted_id="Q"), message(ANN, 2, "other"))
    report = await merge(merger)
    assert (report.read, report.inserted, report.duplicates, report.conflicts) == (3, 2, 1, 0)
    assert len(store.batches[0].messages) == 2
    kept = store.messages[ANN, "3EB0000000000001"]
    assert (kept.text, kept.quoted_id) == ("hello", "Q")


@pytest.mark.parametrize("other", [{"sender_jid": BOB}, {"timestamp": 1_760_000_001 + 61}, {"from_me": 1}])
async def test_rows_that_contradict_are_not_folded_away(
    merger: Merger, rows: TempRows, store: FakeStore, other: dict[str, object]
) -> None:
    rows.add("jid_aliases", {"alias": ANN_LID, "canonical": ANN})
    rows.add("messages", message(ANN_LID, 1, "mine"), message(ANN, 1, "theirs", **other))
    await merge(merger)
    assert [row.text for row in store.batches[0].messages] == ["mine", "theirs"]
    assert store.messages[ANN, "3EB0000000000001"].text == "mine"


async def test_a_conflict_inside_a_page_is_counted(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    rows.add("jid_aliases", {"alias": ANN_LID, "canonical": ANN})
    rows.add("messages", message(ANN_LID, 1, "mine"), message(ANN, 1, "theirs", sender_jid=BOB))
    report = await merge(merger)
    assert (report.read, report.inserted, report.duplicates, report.conflicts) == (2, 1, 0, 1)


async def test_a_minute_is_no_contradiction(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    rows.add("jid_aliases", {"alias": ANN_LID, "canonical": ANN})
    rows.add("messages", message(ANN_LID, 1, "a"), message(ANN, 1, "a", timestamp=1_760_000_061))
    report = await merge(merger)
    assert (report.inserted, report.duplicates, report.conflicts) == (1, 1, 0)


NOW = int(time.time())
UNTRUE = {
    "no JID": message("not a jid", 1, "x"),
    "a chat with a device": message("15550120:7@s.whatsapp.net", 1, "x"),
    "an unknown server": message("15550120@example.com", 1, "x"),
    "a path": message("../../etc@lid", 1, "x"),
    "a line end": message("15550120@lid\n", 1, "x"),
    "an empty chat": message("", 1, "x"),
    "a sender that is none": message(ROOM, 1, "x", sender_jid="me"),
    "bytes for a chat": {**message(ROOM, 1, "x"), "chat_jid": b"15550120@lid"},
    "no id": message(ANN, 1, "x", id=""),
    "the year 2008": message(ANN, 1, "x", timestamp=1_230_767_999),
    "a negative time": message(ANN, 1, "x", timestamp=-1),
    "two days ahead": message(ANN, 1, "x", timestamp=NOW + 2 * 86_400),
    "milliseconds": message(ANN, 1, "x", timestamp=NOW * 1000),
    "a time in words": message(ANN, 1, "x", timestamp="yesterday"),
    "a fraction": message(ANN, 1, "x", timestamp=1_760_000_000.5),
    "a text over 64 KiB": message(ANN, 1, "x" * 65_537),
    "a text over 64 KiB in bytes": message(ANN, 1, "ü" * 32_769),
    "a text of megabytes": message(ANN, 1, "x" * 5_000_000),
    "a payload of megabytes": message(ANN, 1, "x", payload=b"x" * 6_000_001),
    "no kind": message(ANN, 1, "x", kind=""),
    "a kind that never ends": message(ANN, 1, "x", kind="k" * 101),
    "a size below zero": message(ANN, 1, "x", media_size=-1),
    "a flag that is none": message(ANN, 1, "x", forwarded=7),
}


@pytest.mark.parametrize("row", UNTRUE.values(), ids=list(UNTRUE))
async def test_a_row_that_cannot_be_true_is_refused_counted_and_never_fatal(
    merger: Merger, rows: TempRows, store: FakeStore, row: dict[str, object]
) -> None:
    rows.add("messages", message(BOB, 8, "before"), row, message(BOB, 9, "after"))
    report = await merge(merger)
    assert (report.status, report.read, report.inserted, report.refused) == ("completed", 3, 2, 1)
    assert {message.text for message in store.messages.values()} == {"before", "after"}
    assert store.watermark == 3


TRUE = {
    "1 January 2009": message(ANN, 1, "x", timestamp=1_230_768_000),
    "a clock that goes fast": message(ANN, 1, "x", timestamp=NOW + 3600),
    "64 KiB": message(ANN, 1, "x" * 65_536),
    "no text": message(ANN, 1, None),
    "a newsletter": message("120363000000000009@newsletter", 1, "x"),
    "a status": message("status@broadcast", 1, "x", sender_jid=ANN),
    "an old group": message("15550120-1400000000@g.us", 1, "x", sender_jid=ANN),
}


@pytest.mark.parametrize("row", TRUE.values(), ids=list(TRUE))
async def test_a_row_that_can_be_true_is_taken(
    merger: Merger, rows: TempRows, store: FakeStore, row: dict[str, object]
) -> None:
    rows.add("messages", row)
    report = await merge(merger)
    assert (report.inserted, report.refused) == (1, 0)


BAD_ROWS: dict[str, tuple[str, dict[str, object]]] = {
    "alias": ("jid_aliases", {"alias": "nobody", "canonical": ANN}),
    "canonical": ("jid_aliases", {"alias": ANN_LID, "canonical": "nobody"}),
    "contact": ("contacts", {"jid": "nobody", "full_name": "x"}),
    "name": ("contacts", {"jid": ANN, "full_name": "x" * 1001}),
    "chat": ("chats", {"jid": "nobody"}),
    "kind": ("chats", {"jid": ANN, "kind": "cave"}),
    "unread": ("chats", {"jid": ANN, "unread_count": -1}),
    "reaction": ("reactions", {"chat_jid": ANN, "message_id": "A", "sender_jid": "x", "emoji": "x", "timestamp": 1}),
    "emoji": ("reactions", {"chat_jid": ANN, "message_id": "A", "sender_jid": ANN, "emoji": "x" * 101, "timestamp": 1}),
    "checkpoint": (
        "sync_checkpoints",
        {"chat_jid": "x", "messages_synced": 1, "state": "pushed", "exhausted": 0, "updated_at": 1},
    ),
    "synced": (
        "sync_checkpoints",
        {"chat_jid": ANN, "messages_synced": -1, "state": "pushed", "exhausted": 0, "updated_at": 1},
    ),
}


@pytest.mark.parametrize("row", BAD_ROWS.values(), ids=list(BAD_ROWS))
async def test_a_row_of_any_table_that_cannot_be_true_is_refused_and_counted(
    merger: Merger, rows: TempRows, store: FakeStore, row: tuple[str, dict[str, object]]
) -> None:
    rows.chunk(row, *every_table(1))
    report = await merge(merger)
    assert (report.inserted, report.refused) == (1, 1)
    holds(store, range(1, 2))


async def test_text_that_is_no_utf8_does_not_end_the_merge(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    rows.add("messages", message(ANN, 1, "x"), message(ANN, 2, "y"))
    with closing(sqlite3.connect(rows.path)) as database, database:
        database.execute("UPDATE messages SET text = CAST(x'61ff62' AS TEXT) WHERE seq = 1")
    report = await merge(merger)
    assert report.inserted == 2
    assert store.messages[ANN, "3EB0000000000001"].text == "a\ufffdb"
