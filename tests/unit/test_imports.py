"""Other servers' messages.db: read without a trace, understood by its columns, merged by the merge's own rules."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from backends.go import GoBridge
from backends.operations import Batch, BatchReport, BridgeStatus
from backends.pages import PAGE
from errors import Code, WhatsAppError
from fake_bridge import FakeBridge, Seen
from fake_store import FakeStore
from imports import PeerStore, direct_path, moment
from main import main
from peer_rows import LHARRIES, NARROW, SESSION, VERYGOODPLUGINS, WIDER, PeerRows, narrow_message, peer_message
from settings import Settings
from sync import Merger
from temp_rows import TempRows
from tools.results import MergeReport

ANN, ANN_LID, ANN_LID_USER = "15550120@s.whatsapp.net", "250000000000120@lid", "250000000000120"
BOB = "15550121@s.whatsapp.net"
OWN = "15550100@s.whatsapp.net"
ROOM = "120363990000000001@g.us"


async def silent(done: float, total: float | None, sentence: str) -> None:
    """Nobody listens."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "other server?#"


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "messages.db"


@pytest.fixture
def peer(file: Path) -> PeerRows:
    return PeerRows(file)


@pytest.fixture
def session(folder: Path) -> PeerRows:
    return PeerRows(folder / "whatsapp.db", SESSION)


@pytest.fixture
def store(go: FakeBridge) -> FakeStore:
    store = FakeStore()
    store.mount(go)
    return store


Importing = Callable[..., asyncio.Future[MergeReport]]


@pytest_asyncio.fixture
async def take(settings: Settings, store: FakeStore, file: Path) -> AsyncIterator[Importing]:
    """Imports the file once; each run is a process of its own."""
    async with GoBridge(settings) as go:

        def run(own: str | None = OWN, page: int = PAGE, path: Path = file) -> asyncio.Future[MergeReport]:
            return asyncio.ensure_future(Merger(go, PeerStore(path, own, page)).merge(seconds=30, report=silent))

        yield run


async def refusal(run: asyncio.Future[MergeReport]) -> WhatsAppError:
    with pytest.raises(WhatsAppError) as caught:
        await run
    return caught.value


def only(store: FakeStore) -> dict[str, object]:
    (message,) = store.messages.values()
    return message.model_dump(exclude_none=True)


# Times

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(2009, 1, 2), datetime(2100, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - zones are added


def iso(at: datetime) -> str:
    return at.isoformat(sep=" ")


def go_string(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f %z EET m=+0.5")


def zulu(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@given(TIMES, st.sampled_from([iso, go_string, zulu]))
def test_a_time_is_read_back_whatever_its_offset_and_its_spelling(at: datetime, spelling: Callable[..., str]) -> None:
    assert moment(spelling(at)) == int(at.replace(microsecond=0).timestamp())


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.*", fullmatch=True))
def test_a_text_that_is_no_time_is_none_and_no_error(text: str) -> None:
    assert isinstance(moment(text), int | None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-15 10:00:00+02:00", "2024-01-15T08:00:00+00:00"),
        ("2024-01-15 10:00:00.123456789-03:30", "2024-01-15T13:30:00+00:00"),
        ("2024-01-15 10:00:00 +0200 EET", "2024-01-15T08:00:00+00:00"),
        ("2024-01-15 10:00:00.5 +0545 +0545 m=+12.000000001", "2024-01-15T04:15:00+00:00"),
        ("2024-01-15 10:00:00 +0000 UTC", "2024-01-15T10:00:00+00:00"),
        ("2024-01-15T10:00:00Z", "2024-01-15T10:00:00+00:00"),
        ("2024-01-15 10:00:00", "2024-01-15T10:00:00+00:00"),
        # The hour that a clock shows twice.
        ("2024-10-27 02:30:00+02:00", "2024-10-27T00:30:00+00:00"),
        ("2024-10-27 02:30:00+01:00", "2024-10-27T01:30:00+00:00"),
        # An hour that no clock shows there is still a moment.
        ("2024-03-31 02:30:00+01:00", "2024-03-31T01:30:00+00:00"),
    ],
)
def test_a_time_is_taken_by_its_own_offset(text: str, expected: str) -> None:
    assert moment(text) == int(datetime.fromisoformat(expected).timestamp())


@pytest.mark.parametrize(
    "value", [None, "", "yesterday", "2024-02-30 10:00:00+02:00", "2024-01-15 25:00:00Z", 1.5, b"2"]
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert moment(value) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://mmg.whatsapp.net/v/t62.7118-24/1.enc?ccb=11-4&oh=0_A", "/v/t62.7118-24/1.enc?ccb=11-4&oh=0_A"),
        ("https://mmg.whatsapp.net/d/f/a.enc", "/d/f/a.enc"),
        ("https://web.whatsapp.net", None),
        ("https://[", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_direct_path_of_a_url_keeps_its_query(url: str, expected: str | None) -> None:
    assert direct_path(url) == expected


# What a row becomes


async def test_a_text_of_a_direct_chat_becomes_a_message(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    peer.add("chats", {"jid": ANN, "name": "Ann"})
    peer.add("messages", peer_message(ANN, 1, "Grüße 🎉"))
    report = await take()
    assert (report.status, report.read, report.inserted, report.refused) == ("completed", 1, 1, 0)
    assert only(store) == {
        "chat_jid": ANN,
        "id": "3EB0000000000001",
        "sender_jid": ANN,
        "from_me": False,
        "timestamp": int(datetime(2025, 10, 9, 8, 0, 1, tzinfo=UTC).timestamp()),
        "kind": "text",
        "text": "Grüße 🎉",
    }
    assert store.chats[ANN] == {"jid": ANN, "name": "Ann"}
    assert store.contacts == {}


async def test_a_file_keeps_what_it_is_downloaded_by(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    media = {"media_key": b"\x00\xff", "file_sha256": b"\x01", "file_enc_sha256": b"\x02", "file_length": 12}
    url = "https://mmg.whatsapp.net/v/t62/1.enc?ccb=1&oh=2"
    peer.add("messages", peer_message(ANN, 1, "", media_type="document", filename="a b.pdf", url=url, **media))
    await take()
    message = only(store)
    assert message["kind"] == "document"
    assert message["media"] == {
        "file_name": "a b.pdf",
        "size": 12,
        "direct_path": "/v/t62/1.enc?ccb=1&oh=2",
        "media_key": "AP8=",
        "file_sha256": "AQ==",
        "file_enc_sha256": "Ag==",
    }


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [("", "text"), (None, "text"), ("image", "image"), ("ptt", "voice"), ("order", "unsupported:order")],
)
async def test_a_media_type_is_a_kind(
    take: Importing, peer: PeerRows, store: FakeStore, media_type: str | None, kind: str
) -> None:
    peer.add("messages", peer_message(ANN, 1, None, media_type=media_type))
    await take()
    assert only(store)["kind"] == kind
    assert "text" not in only(store)


async def test_keys_that_are_no_bytes_are_left_away(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    row = peer_message(ANN, 1, "x", media_type="image", media_key="not base64!", file_length="many")
    peer.add("messages", row)
    assert (await take()).inserted == 1
    assert "media" not in only(store)


async def test_the_read_state_stays_unknown(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    peer.add("messages", peer_message(ANN, 1, "x"))
    await take()
    assert next(iter(store.messages.values())).read is None


async def test_a_deleted_message_is_revoked_and_a_reply_knows_what_it_quotes(
    take: Importing, file: Path, store: FakeStore
) -> None:
    peer = PeerRows(file, VERYGOODPLUGINS)
    peer.add(
        "messages",
        peer_message(ANN, 1, "gone", deleted_at="2025-10-09 11:00:00+02:00"),
        peer_message(ANN, 2, "gone too", deleted_at="soon"),
        peer_message(ANN, 3, "reply", quoted_message_id="3EB0000000000001"),
    )
    await take()
    gone, too, reply = store.messages.values()
    assert gone.revoked_at == int(datetime(2025, 10, 9, 9, 0, 0, tzinfo=UTC).timestamp())
    assert too.revoked_at == too.timestamp
    assert (reply.revoked_at, reply.quoted_id) == (None, "3EB0000000000001")


async def test_reactions_among_the_messages_become_reactions(take: Importing, file: Path, store: FakeStore) -> None:
    peer = PeerRows(file, VERYGOODPLUGINS)
    target = "3EB0000000000001"
    peer.add(
        "messages",
        peer_message(ROOM, 1, "look", sender="15550120"),
        peer_message(ROOM, 2, "👍", sender="15550121", media_type="reaction", filename=target),
        peer_message(ROOM, 3, "", sender="15550100", is_from_me=1, media_type="reaction", filename=target),
        peer_message(ROOM, 4, "🎉", sender="nobody", media_type="reaction", filename=target),
    )
    report = await take()
    assert (report.read, report.inserted, report.refused) == (4, 1, 1)
    assert store.reactions == {(ROOM, target, BOB): "👍", (ROOM, target, OWN): ""}


async def test_calls_are_left_out_and_counted(file: Path) -> None:
    peer = PeerRows(file, VERYGOODPLUGINS)
    peer.add("calls", {"call_id": "1", "chat_jid": ANN}, {"call_id": "2", "chat_jid": ANN})
    store = PeerStore(file, None)
    async with store.open():
        assert (store.server, store.calls) == ("verygoodplugins", 2)


async def test_columns_that_forks_added_are_used_or_left_alone(take: Importing, file: Path, store: FakeStore) -> None:
    peer = PeerRows(file, WIDER)
    peer.add(
        "messages",
        peer_message(ANN, 1, "x", media_type="image", url="https://mmg.whatsapp.net/a?b", direct_path="/c?d",
                     is_forwarded=1, sender_name="Ann", edit_count=2),
    )  # fmt: skip
    await take()
    message = only(store)
    assert (message["forwarded"], message["media"]) == (True, {"direct_path": "/c?d"})


async def test_a_schema_without_media_and_with_whole_senders_is_taken(
    take: Importing, file: Path, store: FakeStore
) -> None:
    peer = PeerRows(file, NARROW)
    row = narrow_message(ROOM, 1, "x", sender="15550120:7@s.whatsapp.net", timestamp="2025-10-09T08:00:00.000Z")
    peer.add("messages", row)
    await take()
    assert only(store)["sender_jid"] == ANN


# Who is who


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("15550120", ANN),
        ("15550120:3", ANN),
        ("15550120:3@s.whatsapp.net", ANN),
        (ANN_LID_USER, ANN_LID),
        (f"{ANN_LID_USER}:3@lid", ANN_LID),
        # lharries names the group where history named the author elsewhere.
        ("120363990000000001", ROOM),
        (ROOM, ROOM),
        ("", ROOM),
        (None, ROOM),
    ],
)
async def test_a_sender_of_a_group_is_found(
    take: Importing, peer: PeerRows, store: FakeStore, sender: str | None, expected: str
) -> None:
    peer.add("messages", peer_message(ROOM, 1, "x", sender=sender))
    assert (await take()).inserted == 1
    assert only(store)["sender_jid"] == expected


@pytest.mark.parametrize("sender", ["nobody", "1" * 16, "1555@example.com", "٣٣٣٣٣٣٣٣"])
async def test_a_sender_that_is_nobody_is_refused_and_counted(
    take: Importing, peer: PeerRows, store: FakeStore, sender: str
) -> None:
    peer.add("messages", peer_message(ROOM, 1, "x", sender=sender), peer_message(ANN, 2, "y"))
    report = await take()
    assert (report.inserted, report.refused) == (1, 1)


async def test_the_other_person_of_a_direct_chat_is_its_sender_under_whatever_number(
    take: Importing, peer: PeerRows, store: FakeStore
) -> None:
    peer.add("messages", peer_message(ANN, 1, "x", sender=ANN_LID_USER))
    await take()
    assert only(store)["sender_jid"] == ANN


async def test_a_short_lid_is_known_by_the_map_beside_the_file(
    take: Importing, peer: PeerRows, session: PeerRows, store: FakeStore
) -> None:
    session.add("whatsmeow_lid_map", {"lid": "2500000120", "pn": "15550120"})
    peer.add("messages", peer_message(ROOM, 1, "x", sender="2500000120"), peer_message(ROOM, 2, "y", sender="15550120"))
    await take()
    assert store.aliases == {"2500000120@lid": ANN}
    assert [row.sender_jid for row in store.messages.values()] == ["2500000120@lid", ANN]


@pytest.mark.parametrize("known", ["2500000120@lid", "25000000000120@s.whatsapp.net"])
async def test_a_sender_is_who_the_files_chats_know(
    take: Importing, peer: PeerRows, store: FakeStore, known: str
) -> None:
    peer.add("chats", {"jid": known, "name": "Ann"})
    peer.add("messages", peer_message(ROOM, 1, "x", sender=known.partition("@")[0]))
    await take()
    assert only(store)["sender_jid"] == known


async def test_a_person_under_two_addresses_is_one_chat(
    take: Importing, peer: PeerRows, session: PeerRows, store: FakeStore
) -> None:
    session.add("whatsmeow_lid_map", {"lid": ANN_LID_USER, "pn": "15550120"})
    peer.add("messages", peer_message(ANN_LID, 1, "one"), peer_message(ANN, 1, "one"), peer_message(ANN, 2, "two"))
    report = await take()
    assert (report.read, report.inserted, report.duplicates) == (3, 2, 1)
    assert {chat for chat, _ in store.messages} == {ANN}


async def test_names_come_from_the_address_book_beside_the_file(
    take: Importing, peer: PeerRows, session: PeerRows, store: FakeStore
) -> None:
    session.add(
        "whatsmeow_contacts",
        {"our_jid": OWN, "their_jid": ANN, "full_name": "Ann Example", "first_name": "", "push_name": "annie"},
        {"our_jid": OWN, "their_jid": BOB, "full_name": "Bob", "first_name": "Bob"},
    )
    peer.add("messages", peer_message(ANN, 1, "x"))
    await take()
    assert store.contacts == {ANN: {"jid": ANN, "full_name": "Ann Example", "push_name": "annie"}}


@pytest.mark.parametrize(
    "damage", ["DROP TABLE whatsmeow_lid_map", "ALTER TABLE whatsmeow_contacts DROP COLUMN push_name"]
)
async def test_an_older_file_beside_it_gives_what_it_has(
    take: Importing, peer: PeerRows, session: PeerRows, store: FakeStore, damage: str
) -> None:
    session.run(damage)
    peer.add("messages", peer_message(ANN, 1, "x"))
    assert (await take()).inserted == 1


@pytest.mark.parametrize(
    ("jid", "name", "kept"),
    [
        (ANN, "Ann", True),
        (ANN, "15550120", False),
        (ANN, "+1 555-0120", False),
        (ANN, ANN, False),
        (ANN, "  ", False),
        (ANN, None, False),
        (ANN_LID, ANN_LID_USER, False),
        (ROOM, "Room", True),
        (ROOM, "2024", True),
        (ROOM, "120363990000000001", False),
        (ROOM, "Group 120363990000000001", False),
    ],
)
async def test_a_name_that_only_repeats_the_number_is_none(
    take: Importing, peer: PeerRows, store: FakeStore, jid: str, name: str | None, kept: bool
) -> None:
    peer.add("chats", {"jid": jid, "name": name})
    peer.add("messages", peer_message(jid, 1, "x", sender="15550120"))
    await take()
    assert store.chats.get(jid) == ({"jid": jid, "name": name} if kept else None)


async def test_own_messages_are_signed_by_the_account(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    peer.add("messages", peer_message(ANN, 1, "mine", is_from_me=1, sender="250000000000100"))
    await take()
    assert (only(store)["from_me"], only(store)["sender_jid"]) == (True, OWN)


async def test_own_messages_of_nobody_are_refused_before_anything_is_sent(
    take: Importing, peer: PeerRows, store: FakeStore
) -> None:
    peer.add("messages", peer_message(ANN, 1, "theirs"), peer_message(ANN, 2, "mine", is_from_me=1))
    error = await refusal(take(own=None))
    assert error.code is Code.NOT_PAIRED
    assert "--own" in error.resolution
    assert store.batches == []


async def test_a_file_without_own_messages_needs_no_account(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    peer.add("messages", peer_message(ANN, 1, "theirs"))
    assert (await take(own=None)).inserted == 1


# What is read, and when


@pytest.mark.parametrize("page", [1, 7, 500])
async def test_every_row_arrives_once_whatever_the_page(
    take: Importing, peer: PeerRows, store: FakeStore, page: int
) -> None:
    peer.add("messages", *(peer_message(ROOM, n, f"note {n}", sender="15550120") for n in range(20)))
    report = await take(page=page)
    assert (report.read, report.inserted, report.watermark) == (20, 20, 20)
    assert store.count(ROOM) == 20
    assert all(here[1] == there[0] for here, there in zip(store.taken, store.taken[1:], strict=False))
    assert max(len(batch.messages) for batch in store.batches) <= page


async def test_a_second_run_reads_nothing_and_a_later_one_what_came_since(
    take: Importing, peer: PeerRows, store: FakeStore
) -> None:
    peer.add("messages", *(peer_message(ANN, n, "x") for n in range(5)))
    await take()
    again = await take()
    assert (again.status, again.read, again.batches) == ("nothing_new", 0, 0)
    peer.add("messages", peer_message(ANN, 5, "new"), peer_message(ANN, 2, "x"))
    later = await take()
    assert (later.read, later.inserted, later.duplicates) == (2, 1, 1)


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("death", ["before", "after"])
async def test_a_run_that_broke_is_gone_on_with(
    take: Importing, peer: PeerRows, session: PeerRows, store: FakeStore, death: str, at: int
) -> None:
    session.add("whatsmeow_lid_map", {"lid": ANN_LID_USER, "pn": "15550120"})
    peer.add("messages", *(peer_message(ANN_LID, n, "x") for n in range(6)))
    store.breaks = {at: "before" if death == "before" else "after"}
    assert (await refusal(take(page=2))).code is Code.BRIDGE_TIMEOUT
    await take(page=2)
    assert store.taken == [(0, 2), (2, 4), (4, 6)]
    assert store.count(ANN) == 6


async def test_a_batch_never_outgrows_the_bridges_body_limit(
    take: Importing, peer: PeerRows, store: FakeStore, go: FakeBridge
) -> None:
    peer.add("messages", *(peer_message(ANN, n, "\x01" * 65_536) for n in range(50)))
    assert (await take()).inserted == 50
    sizes = [int(seen.headers["content-length"]) for seen in go.seen if seen.method == "POST"]
    assert max(sizes) < 16 * 1024 * 1024
    assert len(sizes) > 1


async def test_another_file_in_the_same_place_is_read_from_its_beginning(
    take: Importing, peer: PeerRows, store: FakeStore
) -> None:
    peer.add("messages", *(peer_message(ANN, n, "x") for n in range(5)))
    await take()
    peer.path.unlink()
    PeerRows(peer.path).add("messages", *(peer_message(BOB, n, "y") for n in range(2)))
    report = await take()
    assert (report.inserted, report.watermark) == (2, 2)
    assert store.batches[-1].from_seq == 0


async def test_files_in_two_places_have_sources_of_their_own(file: Path, folder: Path) -> None:
    sources = {
        PeerStore(path, OWN).source for path in (file, file.with_name("copy.db"), folder / "x" / ".." / file.name)
    }
    assert len(sources) == 2
    assert all(len(source) == len("import:") + 16 for source in sources)


async def test_a_file_that_lost_rows_is_not_taken_for_read(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    peer.add("messages", *(peer_message(ANN, n, "x") for n in range(5)))
    await take()
    peer.run("DELETE FROM messages WHERE rowid > 3")
    error = await refusal(take())
    assert error.code is Code.DATABASE_SYNC_FAILED
    assert "copy" in error.resolution


UNTRUE: dict[str, dict[str, object]] = {
    "no chat": {"chat_jid": "nobody"},
    "no time": {"timestamp": None},
    "the year 1": {"timestamp": "0001-01-01 00:00:00+00:00"},
    "the year 3000": {"timestamp": "3000-01-01 00:00:00+00:00"},
    "a time in words": {"timestamp": "soon"},
    "no id": {"id": ""},
    "a text over 64 KiB": {"content": "ü" * 32_769},
}


@pytest.mark.parametrize("wrong", UNTRUE.values(), ids=list(UNTRUE))
async def test_a_row_that_cannot_be_true_is_refused_counted_and_never_fatal(
    take: Importing, peer: PeerRows, store: FakeStore, wrong: dict[str, object]
) -> None:
    peer.add(
        "messages", peer_message(BOB, 8, "before"), peer_message(ANN, 1, "x") | wrong, peer_message(BOB, 9, "after")
    )
    report = await take()
    assert (report.status, report.read, report.inserted, report.refused) == ("completed", 3, 2, 1)


async def test_text_that_is_no_utf8_does_not_end_the_import(take: Importing, peer: PeerRows, store: FakeStore) -> None:
    peer.add("messages", peer_message(ANN, 1, "x"))
    peer.run("UPDATE messages SET content = CAST(x'61ff62' AS TEXT)")
    await take()
    assert only(store)["text"] == "a\ufffdb"


# The file itself


@pytest.mark.parametrize("schema", [LHARRIES, VERYGOODPLUGINS, WIDER])
async def test_nothing_is_written_into_the_file_or_beside_it(
    take: Importing, file: Path, session: PeerRows, store: FakeStore, schema: str
) -> None:
    peer = PeerRows(file, schema)
    session.run("PRAGMA journal_mode = WAL")
    peer.add("messages", *(peer_message(ANN, n, "x") for n in range(20)))
    before = peer.beside()
    assert set(before) == {"messages.db", "whatsapp.db"}
    assert (await take(page=7)).inserted == 20
    assert peer.beside() == before


async def test_a_file_in_use_is_read_with_what_was_committed_last(
    take: Importing, file: Path, store: FakeStore
) -> None:
    peer = PeerRows(file, WIDER)
    with closing(sqlite3.connect(file)) as using:
        using.execute("PRAGMA wal_autocheckpoint = 0")
        peer.add("messages", peer_message(ANN, 1, "not in the file itself yet"))
        assert (await take()).inserted == 1


async def test_a_file_that_comes_into_use_ends_the_run_and_the_next_goes_on(
    take: Importing, file: Path, store: FakeStore, go: FakeBridge
) -> None:
    peer = PeerRows(file, WIDER)
    peer.add("messages", *(peer_message(ANN, n, "x") for n in range(30)))
    with closing(sqlite3.connect(file)) as using:

        def arrive(seen: Seen) -> BatchReport:
            using.execute("UPDATE chats SET name = name")
            using.commit()
            return store.arrive(Batch.model_validate(seen.body))

        go.on("POST", "/api/history/batches", arrive)
        error = await refusal(take(page=1))
        assert error.code is Code.DATABASE_SYNC_FAILED
        assert 0 < store.watermark < 30
        await take(page=1)
    assert store.count(ANN) == 30


async def test_no_file_is_an_error_that_names_it(take: Importing, store: FakeStore, file: Path, tmp_path: Path) -> None:
    for path in (file, tmp_path):
        error = await refusal(take(path=path))
        assert error.code is Code.FILE_NOT_FOUND
        assert str(path) in error.message


@pytest.mark.parametrize("content", [b"no database", b"x" * 10_000])
async def test_a_file_that_is_no_database_is_an_error_that_names_it(
    take: Importing, store: FakeStore, peer: PeerRows, content: bytes
) -> None:
    peer.overwrite(content)
    error = await refusal(take())
    assert error.code is Code.DATABASE_CORRUPT
    assert str(peer.path) in error.message


async def test_a_damaged_file_beside_it_is_named(
    take: Importing, peer: PeerRows, session: PeerRows, store: FakeStore
) -> None:
    session.overwrite(b"x" * 10_000)
    peer.add("messages", peer_message(ANN, 1, "x"))
    error = await refusal(take())
    assert error.code is Code.DATABASE_CORRUPT
    assert "whatsapp.db" in error.message


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ("", "neither a table chats nor a table messages"),
        ("CREATE TABLE messages (msg_id TEXT, ts INTEGER); CREATE TABLE chats (jid TEXT, kind TEXT, name TEXT);",
         "chats(jid, kind, name) and messages(msg_id, ts)"),
        ("CREATE TABLE notes (id TEXT)", "neither"),
    ],
)  # fmt: skip
async def test_another_schema_is_refused_with_what_was_found(
    take: Importing, store: FakeStore, file: Path, schema: str, found: str
) -> None:
    PeerRows(file, schema)
    error = await refusal(take())
    assert error.code is Code.DATABASE_SCHEMA_MISMATCH
    assert found in error.message


async def test_a_baileys_temp_db_is_no_file_of_another_server(take: Importing, store: FakeStore, file: Path) -> None:
    TempRows(file)
    assert (await refusal(take())).code is Code.DATABASE_SCHEMA_MISMATCH


# The command


@pytest.fixture
def command(settings: Settings, store: FakeStore, go: FakeBridge, monkeypatch: pytest.MonkeyPatch) -> FakeBridge:
    """The environment of a shell in which the Go bridge is not linked."""
    monkeypatch.setenv("WHATSAPP_MCP_GO_URL", settings.go_url)
    monkeypatch.setenv("WHATSAPP_MCP_TOKEN_FILE", str(settings.token_path))
    go.on("GET", "/api/status", status())
    return go


def status(jid: str | None = None) -> BridgeStatus:
    return BridgeStatus(
        bridge="whatsapp-bridge",
        version="0.1.0",
        state="connected" if jid else "not_paired",
        since="2026-01-01T00:00:00Z",
        logged_in=jid is not None,
        jid=jid,
        queue_depth=0,
        messages=0,
        chats=0,
        sqlite_version="3.54.1",
        emulated=True,
    )


def test_the_command_says_in_a_line_what_it_did(
    command: FakeBridge, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    peer = PeerRows(file, VERYGOODPLUGINS)
    peer.add("messages", peer_message(ANN, 1, "x"), peer_message(ROOM, 2, "y", sender="nobody"))
    peer.add("calls", {"call_id": "1", "chat_jid": ANN})
    assert main(["import", "lharries", str(file)]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("2 rows read, 1 new, 0 filled, 0 known, 0 conflicts, 1 refused, in ")
    assert shown.out.endswith("; 1 calls left out\n")
    assert shown.err == ""


def test_the_command_prints_its_report_as_json(
    command: FakeBridge, peer: PeerRows, capsys: pytest.CaptureFixture[str]
) -> None:
    peer.add("messages", peer_message(ANN, 1, "x"))
    assert main(["import", "verygoodplugins", str(peer.path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["status"], report["inserted"], report["server"], report["calls_left_out"]) == (
        "completed",
        1,
        "lharries",
        0,
    )


@pytest.mark.parametrize("linked", [None, OWN])
def test_the_owner_is_who_is_linked_or_who_the_command_says(
    command: FakeBridge, store: FakeStore, peer: PeerRows, linked: str | None
) -> None:
    command.on("GET", "/api/status", status(linked))
    peer.add("messages", peer_message(ANN, 1, "x", is_from_me=1))
    own = [] if linked else ["--own", "+1 (555) 0100"]
    assert main(["import", "lharries", str(peer.path), *own]) == 0
    assert only(store)["sender_jid"] == OWN


def test_another_owner_than_who_is_linked_is_refused(
    command: FakeBridge, peer: PeerRows, capsys: pytest.CaptureFixture[str]
) -> None:
    command.on("GET", "/api/status", status(OWN))
    assert main(["import", "lharries", str(peer.path), "--own", "+15550121"]) == 1
    assert OWN in capsys.readouterr().err


@pytest.mark.parametrize("trouble", ["no file", "no bridge", "no owner"])
def test_what_fails_is_one_line_and_exits_with_1(
    command: FakeBridge, peer: PeerRows, capsys: pytest.CaptureFixture[str], trouble: str
) -> None:
    peer.add("messages", peer_message(ANN, 1, "x", is_from_me=1))
    command.down = trouble == "no bridge"
    path = peer.path.with_name("nowhere.db") if trouble == "no file" else peer.path
    assert main(["import", "lharries", str(path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("whatsapp-mcp import: ")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [[], ["lharries"], ["wacli", "x.db"], ["lharries", "x.db", "--own", "me"], ["lharries", "x.db", "--own", "0"]],
)
def test_a_wrong_call_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["import", *words])
    assert caught.value.code == 2
    assert "usage: whatsapp-mcp import" in capsys.readouterr().err
