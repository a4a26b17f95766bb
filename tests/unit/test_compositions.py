"""The composed tools: what they say, how they wait, and what they tell meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from mcp import Client
from pydantic import JsonValue

from backends.operations import BridgeStatus
from caller import Caller
from diagnosis import diagnose
from errors import Code
from fake_bridge import FakeBridge, refusing
from fake_community import FakeCommunity
from fake_history import FakeHistory
from fake_store import FakeStore
from server import build_server
from settings import Settings
from temp_rows import TempRows, message
from tools.results import BackendStatus, HistoryGap, HistoryJob, HistoryProgress, HistoryReach, MergeReport
from wire_cases.history import CHAT_CHECKPOINT, CHAT_HISTORY, CHAT_JOB, CHECKPOINT, LATER
from wire_cases.shapes import ACCOUNT, ANCHOR, CHAT, HISTORY, JOB, NOW, ROOF
from wire_cases.status import STATUS

BOTH_ERAS = pytest.mark.parametrize("client", ["legacy", "auto"], indirect=True)


# What composed tools say


async def status(client: Client) -> BackendStatus:
    return await Caller(client).ask(BackendStatus, "backend_status")


@pytest.mark.parametrize(
    ("go_state", "baileys_state", "words"),
    [
        ("connected", "connected", "everything works"),
        ("connected", "not_paired", "all but reading business catalogs works, and history comes through the Go bridge"),
        ("not_paired", "connected", "stored messages can be read, nothing can be sent"),
        ("logged_out", "logged_out", "stored messages can be read, nothing can be sent"),
        ("temporarily_banned", "connected", "temporarily banned"),
    ],
)
async def test_backend_status_says_in_a_sentence_what_works(
    client: Client, go: FakeBridge, baileys: FakeBridge, go_state: str, baileys_state: str, words: str
) -> None:
    go.on("GET", "/api/status", {**STATUS, "state": go_state, "reason": "a reason", "resolution": "a cure"})
    baileys.on("GET", "/api/status", {**STATUS, "bridge": "baileys-bridge", "state": baileys_state})
    said = await status(client)
    assert words in said.summary
    assert (said.go.state, said.go.reason, said.go.resolution) == (go_state, "a reason", "a cure")


async def test_backend_status_tells_a_squatter_and_a_broken_bridge_from_a_missing_one(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.token = "00" * 32
    baileys.on("GET", "/api/status", refusing(Code.INTERNAL, "It broke."))
    said = await status(client)
    assert (said.go.state, said.baileys.state) == ("untrusted", "failed")
    assert said.baileys.reason == "It broke."
    assert "nothing sent" in said.summary


async def test_backend_status_says_what_the_baileys_bridge_does_alone(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.down = True
    baileys.on("GET", "/api/status", {**STATUS, "bridge": "baileys-bridge"})
    assert "stands in for texts" in (await status(client)).summary
    baileys.down = True
    assert "nothing sent" in (await status(client)).summary


def told(**more: str | int) -> BridgeStatus:
    return BridgeStatus.model_validate({**STATUS, "last_event_at": None, "since": stamp(0), **more})


def stamp(second: int) -> str:
    return datetime.fromtimestamp(1_790_000_000 + second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("own", "other", "now", "health"),
    [
        ({"last_event_at": stamp(500)}, {"last_message_at": stamp(500)}, 900, "fine"),
        ({"last_event_at": stamp(495)}, {"last_message_at": stamp(500)}, 900, "fine"),
        ({"last_event_at": stamp(100)}, {"last_message_at": stamp(500)}, 900, "silent"),
        # What the other one got before this one was connected waits for it no more.
        ({"since": stamp(600)}, {"last_message_at": stamp(500)}, 900, "fine"),
        # The server's clock is ahead of this machine's.
        ({"last_event_at": stamp(100), "last_message_at": stamp(500)}, {"last_message_at": stamp(500)}, 105, "fine"),
        ({"last_event_at": stamp(100)}, {}, 100 + 12 * 3600, "fine"),
        ({"last_event_at": stamp(100)}, {}, 101 + 12 * 3600, "quiet"),
        ({"queue_depth": 3, "last_event_at": stamp(100), "last_stored_at": stamp(90)}, {}, 150, "fine"),
        ({"queue_depth": 3, "last_event_at": stamp(100), "last_stored_at": stamp(90)}, {}, 200, "stuck"),
        ({"queue_depth": 3, "last_event_at": stamp(100), "last_stored_at": stamp(199)}, {}, 200, "fine"),
        ({"not_stored": "the disk is full", "last_event_at": stamp(100)}, {}, 101, "stuck"),
        ({"state": "connecting"}, {"last_message_at": stamp(500)}, 900, "down"),
    ],
)
def test_a_connected_bridge_is_fine_only_if_it_gets_and_stores_what_there_is(
    own: dict[str, str | int], other: dict[str, str | int], now: int, health: str
) -> None:
    found = diagnose(told(**own), told(bridge="baileys-bridge", **other), 1_790_000_000 + now)
    assert found.health == health
    assert (found.resolution is None) == (health in ("fine", "down"))


async def test_backend_status_says_which_bridge_is_silent_and_what_mends_it(
    client: Client, go: FakeBridge, baileys: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hybrid.AGAIN_SECONDS", 0)
    heard = {**STATUS, "last_event_at": stamp(500), "last_message_at": stamp(500), "since": stamp(0)}
    go.on("GET", "/api/status", {**heard, "last_event_at": stamp(100), "last_message_at": stamp(100)})
    baileys.on("GET", "/api/status", {**heard, "bridge": "baileys-bridge"})
    said = await status(client)
    assert (said.go.state, said.go.health) == ("connected", "silent")
    assert said.baileys.health != "silent"
    assert "Go bridge is connected but silent" in said.summary
    assert "Restart" in (said.go.resolution or "")
    assert said.go.last_event_age_s is not None


async def test_a_message_that_is_still_on_its_way_to_one_bridge_makes_it_not_silent(
    client: Client, go: FakeBridge, baileys: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hybrid.AGAIN_SECONDS", 0)
    heard = {**STATUS, "last_event_at": stamp(500), "last_message_at": stamp(500), "since": stamp(0)}
    late = iter([{**heard, "last_event_at": stamp(100), "last_message_at": stamp(100)}, heard])
    go.on("GET", "/api/status", lambda _: next(late))
    baileys.on("GET", "/api/status", {**heard, "bridge": "baileys-bridge"})
    assert (await status(client)).go.health == "quiet"
    assert go.count("GET", "/api/status") == 2


async def test_fetch_history_asks_without_an_anchor_when_the_go_bridge_is_away(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.down = True
    baileys.on("POST", CHAT_JOB, JOB)
    await Caller(client).ask(HistoryProgress, "fetch_history", chat_jid=CHAT)
    assert baileys.seen[0].body == {"max_messages": 1000, "resume": False}


async def test_fetch_history_under_another_address_asks_for_the_canonical_chat(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    baileys.on("POST", CHAT_JOB, JOB)
    await Caller(client).ask(HistoryProgress, "fetch_history", chat_jid="Ann")
    assert (go.seen[0].part(4), baileys.seen[0].part(4)) == ("Ann", CHAT)


async def test_fetch_history_of_an_unknown_name_is_refused_before_the_phone_is_asked(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", refusing(Code.CHAT_NOT_FOUND))
    code, _ = await Caller(client).refused("fetch_history", chat_jid="Nobody")
    assert code is Code.CHAT_NOT_FOUND
    assert not baileys.seen


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "get_sync_status"),
        ("running", "get_sync_status"),
        ("paused", "phone"),
        ("completed", "sync_history_to_database"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
    ],
)
async def test_a_job_in_any_state_says_what_to_do_next(
    client: Client, go: FakeBridge, baileys: FakeBridge, state: str, words: str
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    baileys.on("POST", CHAT_JOB, {**JOB, "state": state})
    said = await Caller(client).ask(HistoryProgress, "fetch_history", chat_jid=CHAT)
    assert words in (said.note or "")


async def test_a_chat_that_only_the_merge_brings_does_not_stop_the_merge(
    client: Client, go: FakeBridge, settings: Settings
) -> None:
    TempRows(settings.baileys_db).add("messages", message(CHAT, 1, "hello"))
    store = FakeStore()
    store.mount(go)
    FakeCommunity(go, store, ROOF, "Riverside")
    report = await Caller(client).ask(MergeReport, "sync_history_to_database", chat_jid=CHAT)
    assert (report.inserted, report.note) == (1, f"messages.db holds 1 messages of {CHAT}.")


async def test_a_chat_that_nobody_knows_is_told_after_the_merge(
    client: Client, go: FakeBridge, settings: Settings
) -> None:
    TempRows(settings.baileys_db).add("messages", message(CHAT, 1, "hello"))
    store = FakeStore()
    store.mount(go)
    FakeCommunity(go, store, ROOF, "Riverside")
    report = await Caller(client).ask(MergeReport, "sync_history_to_database", chat_jid="15550177@s.whatsapp.net")
    assert report.inserted == 1
    assert "knows no chat" in (report.note or "")


async def test_an_ambiguous_chat_stops_the_merge_before_it_begins(client: Client, go: FakeBridge) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", refusing(Code.AMBIGUOUS_RECIPIENT))
    code, _ = await Caller(client).refused("sync_history_to_database", chat_jid="Ann")
    assert code is Code.AMBIGUOUS_RECIPIENT
    assert go.count("POST") == 0


@BOTH_ERAS
@pytest.mark.parametrize(
    ("content", "code"),
    [(None, Code.DATABASE_SYNC_FAILED), (b"no database" * 99, Code.DATABASE_CORRUPT)],
    ids=["missing", "corrupt"],
)
async def test_a_merge_that_cannot_read_says_so_by_its_code(
    client: Client, go: FakeBridge, baileys: FakeBridge, settings: Settings, content: bytes | None, code: Code
) -> None:
    FakeStore().mount(go)
    baileys.on("GET", "/api/status", {**STATUS, "bridge": "baileys-bridge"})
    if content is not None:
        settings.baileys_db.write_bytes(content)
    assert (await Caller(client).refused("sync_history_to_database"))[0] is code


# How far back a chat's history reaches


async def reach(client: Client, chat: str = CHAT) -> HistoryReach:
    return await Caller(client).ask(HistoryReach, "get_sync_status", chat_jid=chat)


async def test_get_sync_status_tells_what_messages_db_holds_also_where_nothing_was_fetched(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", CHAT_CHECKPOINT, CHECKPOINT)
    go.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    baileys.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    told = await reach(client, "Ann")
    assert (told.chat_jid, told.job, told.messages, told.can_ask_more, told.gaps) == (CHAT, None, 0, True, [])
    assert told.held is not None
    assert (told.held.messages, told.held.oldest_at, told.held.newest_at) == (3, LATER, LATER)
    assert (go.seen[0].part(4), baileys.seen[0].part(4)) == ("Ann", CHAT)


@pytest.mark.parametrize("state", ["paused", "failed", "cancelled"])
async def test_a_job_that_was_stopped_leaves_a_gap_that_resuming_mends(
    client: Client, go: FakeBridge, baileys: FakeBridge, state: str
) -> None:
    stale: JsonValue = {"before": LATER, "reason": "fetch_stopped", "mend": "resume_sync"}
    away: JsonValue = {"after": NOW, "before": LATER, "reason": "not_linked"}
    go.on("GET", CHAT_CHECKPOINT, {**CHECKPOINT, "gaps": [away, stale]})
    job = {**JOB, "state": state, "oldest_at": "2020-01-01T00:00:00Z"}
    go.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    baileys.on("GET", CHAT_JOB, {"chat_jid": CHAT, "job": job, "messages": 0, "exhausted": False})
    assert (await reach(client)).gaps == [
        HistoryGap(after=NOW, before=LATER, reason="not_linked"),
        HistoryGap(before="2020-01-01T00:00:00Z", reason="fetch_stopped", mend="resume_sync"),
    ]
    baileys.on("GET", CHAT_JOB, {"chat_jid": CHAT, "job": job, "messages": 0, "exhausted": True})
    told = await reach(client)
    assert ([gap.reason for gap in told.gaps], told.can_ask_more) == (["not_linked"], False)


async def test_what_waits_to_be_merged_is_a_gap_that_the_merge_mends(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    lost: JsonValue = {"after": NOW, "before": LATER, "reason": "not_held", "mend": "sync_history_to_database"}
    go.on("GET", CHAT_CHECKPOINT, {**CHECKPOINT, "gaps": [lost]})
    go.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    baileys.on("GET", CHAT_JOB, {**CHAT_HISTORY, "job": {**JOB, "state": "completed"}})
    (gap,) = (await reach(client)).gaps
    assert gap == HistoryGap(after=NOW, before=LATER, reason="not_merged", mend="sync_history_to_database")
    baileys.on("GET", CHAT_JOB, {"chat_jid": CHAT, "messages": 0, "exhausted": False})
    (gap,) = (await reach(client)).gaps
    assert gap.reason == "not_held"


async def test_without_the_go_bridge_get_sync_status_tells_what_the_baileys_bridge_knows(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.down = True
    baileys.on("GET", CHAT_JOB, {**CHAT_HISTORY, "job": {**JOB, "state": "paused"}})
    told = await reach(client)
    assert (told.held, told.can_ask_more) == (None, True)
    assert [(gap.before, gap.mend) for gap in told.gaps] == [(NOW, "resume_sync")]
    code, _ = await Caller(client).refused("get_sync_status", chat_jid="Ann")
    assert code is Code.BRIDGE_UNREACHABLE


async def test_a_chat_of_which_nobody_knows_anything_has_no_status(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    baileys.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    go.on("GET", CHAT_CHECKPOINT, refusing(Code.CHAT_NOT_FOUND))
    assert (await Caller(client).refused("get_sync_status", chat_jid=CHAT))[0] is Code.NO_CHECKPOINT
    assert (await Caller(client).refused("get_sync_status", chat_jid="Nobody"))[0] is Code.CHAT_NOT_FOUND
    go.on("GET", CHAT_CHECKPOINT, {**CHECKPOINT, "messages": 0, "can_ask_more": False})
    assert (await Caller(client).refused("get_sync_status", chat_jid=CHAT))[0] is Code.NO_CHECKPOINT


async def test_messages_that_merely_came_are_no_job_to_resume(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    go.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    baileys.on("GET", CHAT_JOB, {"chat_jid": CHAT, "messages": 1, "oldest_at": NOW, "exhausted": False})
    code, envelope = await Caller(client).refused("resume_sync", chat_jid=CHAT)
    assert code is Code.NO_CHECKPOINT
    assert "fetch_history" in str(envelope["resolution"])
    assert baileys.count("POST") == 0


# Progress and waiting


class Listener:
    """Keeps the progress that a client was told."""

    def __init__(self) -> None:
        self.said: list[tuple[float, float | None, str | None]] = []

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        self.said.append((progress, total, message))

    def rises(self) -> bool:
        values = [progress for progress, _, _ in self.said]
        return len(values) > 0 and values == sorted(set(values))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("house.POLL_SECONDS", 0.002)


def account(**more: JsonValue) -> HistoryJob:
    return HistoryJob.model_validate({**ACCOUNT, **more})


@BOTH_ERAS
async def test_retrieve_full_history_waits_tells_progress_and_asks_only_once_to_start(
    client: Client, baileys: FakeBridge, quick: None
) -> None:
    steps = iter([*(account(state="running", progress=n, messages=n) for n in (10, 10, 40, 90)), account()])
    baileys.on("POST", "/api/history", account(state="queued", progress=0, messages=0))
    baileys.on(
        "GET",
        "/api/history/status",
        lambda _: httpx.Response(200, json={**HISTORY, "initial": next(steps).model_dump(exclude_none=True)}),
    )
    listener = Listener()
    result = await client.call_tool("retrieve_full_history", {}, progress_callback=listener)
    done = HistoryProgress.model_validate(result.structured_content)
    assert (done.state, done.progress) == ("completed", 100)
    assert baileys.count("POST") == 1
    assert listener.rises()
    assert "40 messages have arrived" in [said for _, _, said in listener.said]


async def test_retrieve_full_history_gives_back_when_the_budget_ends_and_the_job_goes_on(
    settings: Settings, baileys: FakeBridge, quick: None
) -> None:
    running = account(state="running", progress=30)
    baileys.on("POST", "/api/history", running)
    baileys.on(
        "GET",
        "/api/history/status",
        lambda _: httpx.Response(200, json={**HISTORY, "initial": running.model_dump(exclude_none=True)}),
    )
    short = settings.model_copy(update={"wait_budget": 0.05})
    async with Client(build_server(short), mode="legacy") as client:
        said = await Caller(client).ask(HistoryProgress, "retrieve_full_history", timeout=3600)
    assert said.state == "running"
    assert "retrieve_full_history again" in (said.note or "")


async def test_retrieve_full_history_does_not_wait_when_told_so(client: Client, baileys: FakeBridge) -> None:
    baileys.on("POST", "/api/history", account(state="running", progress=30))
    said = await Caller(client).ask(HistoryProgress, "retrieve_full_history", wait_for_completion=False)
    assert (said.state, len(baileys.seen)) == ("running", 1)


@BOTH_ERAS
async def test_sync_history_to_database_tells_progress(client: Client, go: FakeBridge, settings: Settings) -> None:
    TempRows(settings.baileys_db).add("messages", *(message(CHAT, n, "x") for n in range(20)))
    store = FakeStore()
    store.mount(go)
    listener = Listener()
    result = await client.call_tool("sync_history_to_database", {}, progress_callback=listener)
    assert not result.is_error
    assert listener.rises()
    assert listener.said[-1][2] == "20 messages read, 20 new"


async def test_get_sync_status_follows_a_job_to_its_end(
    client: Client, go: FakeBridge, baileys: FakeBridge, settings: Settings
) -> None:
    history = FakeHistory(baileys, TempRows(settings.baileys_db))
    history.phone[CHAT] = 120
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    go.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    go.on("GET", CHAT_CHECKPOINT, CHECKPOINT)
    caller = Caller(client)
    await caller.ask(HistoryProgress, "fetch_history", chat_jid=CHAT)
    seen = [await caller.ask(HistoryReach, "get_sync_status", chat_jid=CHAT) for _ in range(3)]
    assert [one.messages for one in seen] == [50, 100, 120]
    assert (seen[-1].exhausted, seen[-1].job is not None and seen[-1].job.state) == (True, "completed")
