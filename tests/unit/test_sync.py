"""The merge of baileys_temp.db into messages.db: nothing lost, nothing doubled, whatever breaks."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
import pytest_asyncio
import respx
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backends.go import GoBridge
from backends.operations import BatchReport
from backends.temp_store import PAGE, PAGE_BYTES, TempStore
from errors import Code, WhatsAppError
from fake_bridge import TOKEN, FakeBridge, Seen
from fake_store import Break, FakeStore
from settings import Settings
from sync import Merger
from temp_rows import TempRows, message
from tools.results import MergeReport

ANN, ANN_LID = "15550120@s.whatsapp.net", "250000000000120@lid"
BOB, BOB_LID = "15550121@s.whatsapp.net", "250000000000121@lid"
ROOM = "120363990000000001@g.us"


async def silent(done: float, total: float | None, sentence: str) -> None:
    """Nobody listens."""


async def merge(merger: Merger, seconds: float = 20) -> MergeReport:
    return await merger.merge(seconds=seconds, report=silent)


async def refusal(merger: Merger) -> WhatsAppError:
    with pytest.raises(WhatsAppError) as caught:
        await merge(merger)
    return caught.value


@pytest.fixture
def rows(settings: Settings) -> TempRows:
    return TempRows(settings.baileys_db)


@pytest.fixture
def store(go: FakeBridge) -> FakeStore:
    store = FakeStore()
    store.mount(go)
    return store


Merging = Callable[[int], Merger]


@pytest_asyncio.fixture
async def paged(settings: Settings, store: FakeStore) -> AsyncIterator[Merging]:
    """Makes a merger with pages of so many rows; each is a process of its own."""
    mergers: list[Merger] = []
    async with GoBridge(settings) as go:

        def make(page: int) -> Merger:
            mergers.append(Merger(go, TempStore(settings.baileys_db, page)))
            return mergers[-1]

        yield make
        for merger in mergers:
            await merger.close()


@pytest_asyncio.fixture
async def merger(paged: Merging) -> Merger:
    return paged(PAGE)


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


# What is read


@pytest.mark.parametrize("page", [1, 2, 3, 5, 7, 500])
async def test_rows_of_all_tables_arrive_whatever_the_page(
    paged: Merging, rows: TempRows, store: FakeStore, page: int
) -> None:
    for n in range(20):
        rows.chunk(*every_table(n))
    report = await merge(paged(page))
    holds(store, range(20))
    assert (report.status, report.read, report.inserted, report.watermark) == ("completed", 20, 20, 120)
    assert report.batches == len(store.batches) == -(-120 // page)
    assert all(sum(len(table) for table in _rows(batch)) <= page for batch in store.batches)


def _rows(batch: object) -> list[list[object]]:
    return [value for value in vars(batch).values() if isinstance(value, list)]


async def test_batches_follow_each_other_without_a_gap(paged: Merging, rows: TempRows, store: FakeStore) -> None:
    for n in range(10):
        rows.chunk(*every_table(n))
    await merge(paged(7))
    assert store.taken[0][0] == 0
    assert store.taken[-1][1] == rows.seq
    assert all(here[1] == there[0] for here, there in zip(store.taken, store.taken[1:], strict=False))


async def test_a_message_never_arrives_before_the_address_it_is_known_by(
    paged: Merging, rows: TempRows, store: FakeStore
) -> None:
    for n in range(10):
        rows.chunk(*every_table(n))
    await merge(paged(3))
    seen: set[str] = set()
    for batch in store.batches:
        seen.update(alias.alias for alias in batch.aliases)
        assert {row.chat_jid for row in batch.messages} <= seen


async def test_a_batch_never_has_more_rows_than_the_bridge_takes(
    merger: Merger, rows: TempRows, store: FakeStore
) -> None:
    rows.chunk(*(row for n in range(800) for row in every_table(n)))
    await merge(merger)
    assert len(store.messages) == 800
    assert max(sum(len(table) for table in _rows(batch)) for batch in store.batches) == PAGE


async def test_a_batch_never_outgrows_the_bridges_body_limit(
    merger: Merger, rows: TempRows, store: FakeStore, go: FakeBridge
) -> None:
    long, heavy = "\x01" * 65_536, b"\xff" * 5_000_000
    rows.add("messages", *(message(ROOM, n, long, payload=b"x" * 60_000, sender_jid=ANN) for n in range(60)))
    rows.add("messages", *(message(ROOM, 100 + n, "heavy", payload=heavy, sender_jid=ANN) for n in range(3)))
    report = await merge(merger)
    assert (report.inserted, report.refused) == (63, 0)
    sizes = [int(seen.headers["content-length"]) for seen in go.seen if seen.method == "POST"]
    assert max(sizes) < 16 * 1024 * 1024
    assert sum(sizes) > 2 * PAGE_BYTES


async def test_rows_that_share_a_seq_are_not_parted(paged: Merging, rows: TempRows, store: FakeStore) -> None:
    rows.add("messages", *(message(ROOM, n, "same", sender_jid=ANN) for n in range(10)))
    with closing(sqlite3.connect(rows.path)) as database, database:
        database.execute("UPDATE messages SET seq = 4 WHERE seq BETWEEN 2 AND 8")
    await merge(paged(3))
    assert store.count(ROOM) == 10


async def test_a_run_with_nothing_new_reads_nothing(
    merger: Merger, rows: TempRows, store: FakeStore, go: FakeBridge
) -> None:
    rows.chunk(*every_table(1))
    await merge(merger)
    posts = go.count("POST")
    again = await merge(merger)
    assert (again.status, again.read, again.batches, again.watermark) == ("nothing_new", 0, 0, 6)
    assert go.count("POST") == posts


async def test_an_empty_store_is_nothing_new(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    report = await merge(merger)
    assert (report.status, report.watermark) == ("nothing_new", 0)


async def test_only_what_changed_since_is_read_again(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    for n in range(5):
        rows.chunk(*every_table(n))
    await merge(merger)
    rows.add("messages", message("250000003@lid", 3, "text 3", read=1))
    report = await merge(merger)
    assert (report.status, report.read, report.inserted, report.duplicates) == ("completed", 1, 0, 1)


async def test_values_keep_their_shape_on_the_way(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    rows.add(
        "messages",
        message(
            ROOM,
            1,
            "Grüße 🎉\x00\u202e",
            sender_jid=ANN,
            from_me=1,
            kind="image",
            quoted_id="Q1",
            quoted_sender_jid=BOB,
            forwarded=1,
            starred=0,
            media_mime="image/jpeg",
            media_file_name="a b.jpg",
            media_size=12,
            media_direct_path="/v/t62?x=1&y=2",
            media_key=b"\x00\xff",
            media_sha256=b"\x01",
            media_enc_sha256=b"\x02",
            payload=b"\x0a\x00",
            read=0,
        ),
        message(ROOM, 2, "bare", sender_jid=ANN),
    )
    rows.add("chats", {"jid": ROOM, "kind": "group", "name": "Room", "muted_until": -1, "archived": 0, "pinned": 1})
    await merge(merger)
    full, bare = store.batches[0].messages
    assert full.model_dump(exclude_none=True) == {
        "chat_jid": ROOM,
        "id": "3EB0000000000001",
        "sender_jid": ANN,
        "from_me": True,
        "timestamp": 1_760_000_001,
        "kind": "image",
        "text": "Grüße 🎉\x00\u202e",
        "quoted_id": "Q1",
        "quoted_sender_jid": BOB,
        "forwarded": True,
        "starred": False,
        "media": {
            "mime": "image/jpeg",
            "file_name": "a b.jpg",
            "size": 12,
            "direct_path": "/v/t62?x=1&y=2",
            "media_key": "AP8=",
            "file_sha256": "AQ==",
            "file_enc_sha256": "Ag==",
        },
        "payload": "CgA=",
        "read": False,
    }
    assert (bare.media, bare.read, bare.forwarded) == (None, None, None)
    assert store.chats[ROOM] == {
        "jid": ROOM,
        "kind": "group",
        "name": "Room",
        "archived": False,
        "pinned": True,
        "muted_until": -1,
    }


# What is folded and refused


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


# What breaks


@pytest.mark.parametrize("death", ["before", "after"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_a_run_that_broke_goes_on_at_the_watermark(
    paged: Merging, rows: TempRows, store: FakeStore, death: Break, at: int
) -> None:
    for n in range(4):
        rows.chunk(*every_table(n))
    store.breaks = {at: death}
    merger = paged(6)
    assert (await refusal(merger)).code is Code.BRIDGE_TIMEOUT
    assert store.watermark == 6 * (at if death == "after" else at - 1)
    await merge(merger)
    holds(store, range(4))
    assert store.taken == [(0, 6), (6, 12), (12, 18), (18, 24)]


async def test_what_a_broken_run_did_is_told_by_the_next_report(
    paged: Merging, rows: TempRows, store: FakeStore
) -> None:
    for n in range(4):
        rows.chunk(*every_table(n))
    store.breaks = {3: "before"}
    merger = paged(6)
    await refusal(merger)
    report = await merge(merger)
    assert (report.read, report.inserted, report.batches) == (4, 4, 4)
    assert (await merge(merger)).status == "nothing_new"


async def test_a_run_that_was_cancelled_goes_on_at_the_watermark(
    paged: Merging, rows: TempRows, store: FakeStore, go: FakeBridge
) -> None:
    for n in range(4):
        rows.chunk(*every_table(n))
    second, never = asyncio.Event(), asyncio.Event()

    async def take(seen: Seen) -> BatchReport:
        report = store._batch(seen)
        if len(store.batches) == 2:
            second.set()
            await never.wait()
        return report

    go.on("POST", "/api/history/batches", take)
    merger = paged(6)
    task = asyncio.create_task(merge(merger))
    await second.wait()
    await merger.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.watermark == 12
    store.mount(go)
    await merge(paged(6))
    holds(store, range(4))


async def test_a_caller_that_goes_away_does_not_end_the_merge(
    paged: Merging, rows: TempRows, store: FakeStore, go: FakeBridge
) -> None:
    for n in range(4):
        rows.chunk(*every_table(n))
    first, release = asyncio.Event(), asyncio.Event()

    async def take(seen: Seen) -> BatchReport:
        first.set()
        await release.wait()
        return store._batch(seen)

    go.on("POST", "/api/history/batches", take)
    merger = paged(6)
    task = asyncio.create_task(merge(merger))
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    assert (await merge(merger)).inserted == 4
    assert go.count("GET", "/api/history/watermarks") == 1


async def test_another_file_is_read_from_its_beginning(
    merger: Merger, rows: TempRows, store: FakeStore, settings: Settings
) -> None:
    for n in range(3):
        rows.chunk(*every_table(n))
    await merge(merger)
    rows.remove()
    fresh = TempRows(settings.baileys_db, "another-origin")
    assert (await merge(merger)).watermark == 0
    fresh.chunk(*every_table(7))
    report = await merge(merger)
    assert (report.inserted, report.watermark) == (1, 6)
    assert store.batches[-1].from_seq == 0
    assert store.origin == "another-origin"


async def test_a_watermark_that_another_run_moved_back_is_sync_in_progress(
    paged: Merging, rows: TempRows, store: FakeStore, go: FakeBridge
) -> None:
    for n in range(3):
        rows.chunk(*every_table(n))

    def take(seen: Seen) -> BatchReport:
        if len(store.batches) == 1:
            store.watermark = 0
        return store._batch(seen)

    go.on("POST", "/api/history/batches", take)
    assert (await refusal(paged(6))).code is Code.SYNC_IN_PROGRESS


async def test_another_schema_is_a_mismatch(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    with closing(sqlite3.connect(rows.path)) as database:
        database.execute("PRAGMA user_version = 2")
    error = await refusal(merger)
    assert error.code is Code.DATABASE_SCHEMA_MISMATCH
    assert "schema 2" in error.message
    assert not store.batches


@pytest.mark.parametrize(
    "content",
    [b"this is no database, only words" * 100, b"SQLite format 3\x00" + b"\xff" * 5000],
    ids=["words", "a broken header"],
)
async def test_a_file_that_is_no_database_is_corrupt(
    merger: Merger, settings: Settings, store: FakeStore, content: bytes
) -> None:
    settings.baileys_db.write_bytes(content)
    error = await refusal(merger)
    assert error.code is Code.DATABASE_CORRUPT
    assert "messages.db is untouched" in error.resolution


async def test_pages_that_are_damaged_are_corrupt(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    rows.add("messages", *(message(ANN, n, "x" * 3000) for n in range(200)))
    with closing(sqlite3.connect(rows.path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(rows.path.read_bytes())
    content[len(content) // 3 :] = b"\xa5" * (len(content) - len(content) // 3)
    rows.path.write_bytes(content)
    assert (await refusal(merger)).code is Code.DATABASE_CORRUPT


async def test_a_database_without_our_tables_is_corrupt(merger: Merger, settings: Settings, store: FakeStore) -> None:
    with closing(sqlite3.connect(settings.baileys_db)) as database:
        database.execute("CREATE TABLE meta (key TEXT, value TEXT)")
        database.execute("INSERT INTO meta VALUES ('origin', 'x')")
        database.execute("PRAGMA user_version = 1")
        database.commit()
    assert (await refusal(merger)).code is Code.DATABASE_CORRUPT


async def test_a_database_without_an_origin_is_corrupt(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    with closing(sqlite3.connect(rows.path)) as database, database:
        database.execute("DELETE FROM meta WHERE key = 'origin'")
    assert (await refusal(merger)).code is Code.DATABASE_CORRUPT


async def test_a_missing_file_says_how_it_comes_to_be(merger: Merger, store: FakeStore) -> None:
    error = await refusal(merger)
    assert error.code is Code.DATABASE_SYNC_FAILED
    assert "Start the Baileys bridge" in error.resolution
    assert not merger.has_source


async def test_a_directory_in_the_files_place_is_no_file(merger: Merger, settings: Settings, store: FakeStore) -> None:
    settings.baileys_db.mkdir()
    assert (await refusal(merger)).code is Code.DATABASE_SYNC_FAILED


async def test_a_file_that_may_not_be_read_says_so(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    if os.geteuid() == 0:
        # Modes do not hold root back: a log that cannot be opened stands for a file that cannot be read now.
        (rows.path.parent / f"{rows.path.name}-wal").mkdir()
        assert (await refusal(merger)).code is Code.DATABASE_SYNC_FAILED
        return
    rows.path.chmod(0)
    error = await refusal(merger)
    assert error.code is Code.DATABASE_SYNC_FAILED
    assert "mode" in error.resolution


async def test_the_file_is_never_written(merger: Merger, rows: TempRows, store: FakeStore) -> None:
    rows.chunk(*every_table(1))
    before = rows.path.read_bytes()
    await merge(merger)
    assert rows.path.read_bytes() == before


# Side by side


async def test_two_merges_at_once_are_one(merger: Merger, rows: TempRows, store: FakeStore, go: FakeBridge) -> None:
    for n in range(5):
        rows.chunk(*every_table(n))
    one, other = await asyncio.gather(merge(merger), merge(merger))
    assert one == other
    assert one.inserted == 5
    assert go.count("GET", "/api/history/watermarks") == 1
    assert go.count("POST") == 1


async def test_two_servers_at_once_lose_and_double_nothing(paged: Merging, rows: TempRows, store: FakeStore) -> None:
    for n in range(30):
        rows.chunk(*every_table(n))
    one, other = await asyncio.gather(merge(paged(4)), merge(paged(4)))
    holds(store, range(30))
    assert one.inserted + other.inserted == 30


async def test_a_merge_that_takes_longer_than_the_budget_goes_on_and_is_joined(
    paged: Merging, rows: TempRows, store: FakeStore, go: FakeBridge
) -> None:
    for n in range(4):
        rows.chunk(*every_table(n))
    gate = asyncio.Semaphore(2)

    async def take(seen: Seen) -> BatchReport:
        await gate.acquire()
        return store._batch(seen)

    go.on("POST", "/api/history/batches", take)
    merger = paged(6)
    first = await merge(merger, 0.2)
    assert (first.status, first.inserted, first.watermark) == ("running", 2, 12)
    assert first.note
    assert "sync_history_to_database" in first.note
    gate.release()
    gate.release()
    last = await merge(merger)
    assert (last.status, last.read, last.inserted, last.batches, last.note) == ("completed", 4, 4, 4, None)
    assert go.count("GET", "/api/history/watermarks") == 1
    assert go.count("POST") == 4


async def test_a_merge_that_ended_while_nobody_waited_is_told_to_the_next_caller(
    paged: Merging, rows: TempRows, store: FakeStore
) -> None:
    for n in range(4):
        rows.chunk(*every_table(n))
    merger = paged(6)
    assert (await merge(merger, 0)).status == "running"
    run = merger._run
    assert run is not None
    await asyncio.wait({run})
    rows.chunk(*every_table(4))
    report = await merge(merger)
    assert (report.status, report.inserted, report.batches) == ("completed", 5, 5)
    assert (await merge(merger)).status == "nothing_new"


async def test_a_merge_that_fails_while_nobody_waits_is_in_the_log(
    paged: Merging, rows: TempRows, store: FakeStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    rows.chunk(*every_table(1))
    store.breaks = {1: "before"}
    merger = paged(6)
    assert (await merge(merger, 0)).status == "running"
    run = merger._run
    assert run is not None
    await asyncio.wait({run})
    assert "BRIDGE_TIMEOUT" in caplog.text
    assert (await merge(merger)).inserted == 1


async def test_progress_is_told_while_it_runs(paged: Merging, rows: TempRows, store: FakeStore) -> None:
    for n in range(5):
        rows.chunk(*every_table(n))
    said: list[tuple[float, str]] = []

    async def listen(done: float, total: float | None, sentence: str) -> None:
        assert total is None
        said.append((done, sentence))

    await paged(6).merge(seconds=20, report=listen)
    assert said[-1][0] == 5
    assert "5 new" in said[-1][1]


async def test_a_writer_beside_the_merge_loses_nothing(paged: Merging, rows: TempRows, store: FakeStore) -> None:
    """Chunks are committed between any two statements of the reader."""
    rows.chunk(*every_table(0))
    done = threading.Event()

    def write() -> None:
        for n in range(1, 300):
            rows.chunk(*every_table(n))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    merger = paged(13)
    while not done.is_set():
        await merge(merger)
    writer.join()
    await merge(merger)
    holds(store, range(300))
    assert store.watermark == rows.seq


# Any rows, any page, any kill

IDS = st.integers(0, 5).map(lambda n: f"ID{n}")
PEOPLE = st.sampled_from([(ANN, ANN_LID), (BOB, BOB_LID)])
Entry = tuple[str, dict[str, object]]


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """A row of any table; two spellings of one message agree on what both say."""
    pn, lid = draw(PEOPLE)
    chat = draw(st.sampled_from([pn, lid, ROOM]))
    id_ = draw(IDS)
    match draw(st.sampled_from(["jid_aliases", "contacts", "chats", "messages", "messages", "messages", "untrue"])):
        case "jid_aliases":
            return "jid_aliases", {"alias": lid, "canonical": pn}
        case "contacts":
            return "contacts", {"jid": pn, "push_name": "x"}
        case "chats":
            return "chats", {"jid": chat}
        case "untrue":
            return "messages", message("nowhere", int(id_[2:]), "untrue")
    text = draw(st.sampled_from([None, f"text {id_}"]))
    sender = ANN if chat == ROOM else chat
    return "messages", message(chat, 0, text, id=id_, sender_jid=sender)


def filled(chunks: list[list[Entry]]) -> list[list[Entry]]:
    """As the Baileys bridge writes: a message that comes again keeps the text that it had."""
    texts: dict[object, object] = {}
    for table, row in (entry for chunk in chunks for entry in chunk):
        if table == "messages":
            key = (row["chat_jid"], row["id"])
            row["text"] = texts[key] = texts.get(key) or row["text"]
    return chunks


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    chunks=st.lists(st.lists(entries(), min_size=1, max_size=8), max_size=8).map(filled),
    page=st.integers(1, 12),
    breaks=st.dictionaries(st.integers(1, 12), st.sampled_from(["before", "after"]), max_size=3),
    between=st.integers(0, 8),
)
def test_whatever_is_read_and_wherever_it_is_killed_the_store_holds_the_truth_once(
    chunks: list[list[Entry]], page: int, breaks: dict[int, Break], between: int
) -> None:
    store = FakeStore()
    store.breaks = dict(breaks)

    async def run() -> TempRows:
        with tempfile.TemporaryDirectory() as folder, respx.mock(assert_all_called=False) as router:
            token = Path(folder) / "bridge.token"
            token.write_text(TOKEN, encoding="ascii")
            go = FakeBridge("whatsapp-bridge", 18080)
            go.mount(router)
            store.mount(go)
            rows = TempRows(Path(folder) / "baileys_temp.db")
            settings = Settings(go_url=go.url, token_file=token, baileys_db=rows.path)
            async with GoBridge(settings) as bridge:

                async def settle() -> None:
                    for _ in range(len(breaks) + 1):
                        merger = Merger(bridge, TempStore(rows.path, page))
                        with suppress(WhatsAppError):
                            await merge(merger)

                for chunk in chunks[:between]:
                    rows.chunk(*chunk)
                await settle()
                for chunk in chunks[between:]:
                    rows.chunk(*chunk)
                await settle()
            return rows

    rows = asyncio.run(run())
    said = [row for chunk in chunks for table, row in chunk if table == "messages" and row["text"] != "untrue"]
    aliases = {str(row["alias"]): str(row["canonical"]) for c in chunks for table, row in c if table == "jid_aliases"}
    truth: dict[tuple[str, str], object] = {}
    for row in said:
        key = (aliases.get(str(row["chat_jid"]), str(row["chat_jid"])), str(row["id"]))
        truth[key] = truth.get(key) or row["text"]
    assert {key: kept.text for key, kept in store.messages.items()} == truth
    assert store.watermark == rows.seq or not chunks
    assert store.taken == sorted(set(store.taken))
    assert all(here[1] == there[0] for here, there in zip(store.taken, store.taken[1:], strict=False))
