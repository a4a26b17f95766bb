"""The merge goes on at its watermark, whatever broke, and says by a code what did."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing

import pytest

from backends.operations import Batch, BatchReport
from errors import Code, WhatsAppError
from fake_bridge import FakeBridge, Seen
from fake_store import Break, FakeStore
from merging import ANN, Merging, every_table, holds, merge, refusal
from settings import Settings
from sync import Merger
from temp_rows import TempRows, message


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


async def test_a_load_that_overtook_the_one_before_it_is_sent_again(
    paged: Merging, rows: TempRows, store: FakeStore, go: FakeBridge
) -> None:
    for n in range(4):
        rows.chunk(*every_table(n))
    early: list[int] = []

    def take(seen: Seen) -> BatchReport:
        batch = Batch.model_validate(seen.body)
        if batch.from_seq == 6 and not early:
            early.append(batch.from_seq)
            raise WhatsAppError(Code.SYNC_IN_PROGRESS, details={"watermark": 0})
        return store.arrive(batch)

    go.on("POST", "/api/history/batches", take)
    report = await merge(paged(6))
    assert early == [6]
    assert (report.inserted, report.watermark) == (4, 24)
    assert store.taken == [(0, 6), (6, 12), (12, 18), (18, 24)]


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
