"""The merge of baileys_temp.db into messages.db: what is read, in which pages, and what happens side by side."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest
import respx
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backends.go import GoBridge
from backends.operations import BatchReport
from backends.pages import PAGE, PAGE_BYTES
from backends.temp_store import TempStore
from errors import WhatsAppError
from fake_bridge import TOKEN, FakeBridge, Seen
from fake_store import Break, FakeStore
from merging import ANN, ANN_LID, BOB, BOB_LID, ROOM, Merging, every_table, holds, merge
from settings import Settings
from sync import Merger
from temp_rows import TempRows, message


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
    said: list[tuple[float, float | None, str]] = []

    async def listen(done: float, total: float | None, sentence: str) -> None:
        said.append((done, total, sentence))

    await paged(6).merge(seconds=20, report=listen)
    assert said[-1][:2] == (5, 5)
    assert "5 new" in said[-1][2]
    rows.chunk(*every_table(5))
    await paged(6).merge(seconds=20, report=listen)
    assert said[-1][:2] == (1, 1)


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
