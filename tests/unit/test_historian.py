"""History without the Baileys bridge: the Go bridge does the work, and the answer says so."""

from __future__ import annotations

import httpx
import pytest
from mcp import Client
from pydantic import JsonValue

from caller import Caller
from errors import Code
from fake_bridge import FakeBridge, Seen, refusing
from fake_community import FakeCommunity
from fake_history import FakeGoHistory
from fake_store import FakeStore
from historian import UNLINKED
from settings import Settings
from temp_rows import TempRows, message
from tools.results import (
    ChatHistory,
    CommunityReport,
    HistoryJob,
    HistoryProgress,
    HistoryStatus,
    MergeReport,
)
from wire_cases.history import CHAT_CHECKPOINT, CHAT_HISTORY, CHAT_JOB, CHECKPOINT
from wire_cases.shapes import ACCOUNT, ANCHOR, CHAT, HISTORY, JOB, ROOF

CANCEL = f"{CHAT_JOB}/cancel"
LATER = "2026-11-23T02:40:00Z"
WAYS = pytest.mark.parametrize("code", UNLINKED)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("house.POLL_SECONDS", 0.002)
    monkeypatch.setattr("flagship.POLL_SECONDS", 0.002)


@pytest.fixture
def store(go: FakeBridge) -> FakeStore:
    store = FakeStore()
    store.mount(go)
    return store


@pytest.fixture
def history(go: FakeBridge, baileys: FakeBridge, store: FakeStore) -> FakeGoHistory:
    """The Go bridge's own jobs; nothing listens where the Baileys bridge would."""
    baileys.down = True
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    go.on("GET", CHAT_CHECKPOINT, CHECKPOINT)
    return FakeGoHistory(go, store)


def unlink(baileys: FakeBridge, code: Code) -> None:
    """The Baileys bridge is away, or runs and has no link."""
    baileys.down = code is Code.BRIDGE_UNREACHABLE
    for method, template in (("POST", "/api/history"), ("POST", CHAT_JOB)):
        baileys.on(method, template, refusing(code))  # type: ignore[arg-type]
    baileys.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    baileys.on("POST", CANCEL, refusing(Code.NO_ACTIVE_SYNC))


@WAYS
async def test_whatever_keeps_the_baileys_bridge_from_the_phone_the_go_bridge_is_asked_and_named(
    client: Client, baileys: FakeBridge, history: FakeGoHistory, code: Code
) -> None:
    unlink(baileys, code)
    history.phone[CHAT] = 70
    history.account = HistoryJob.model_validate(ACCOUNT)
    caller = Caller(client)
    whole = await caller.ask(HistoryProgress, "retrieve_full_history")
    assert (whole.state, whole.served_by) == ("completed", "go")
    assert "messages.db already" in (whole.note or "")
    job = await caller.ask(HistoryProgress, "fetch_history", chat_jid=CHAT)
    assert (job.state, job.served_by) == ("running", "go")
    seen = [await caller.ask(ChatHistory, "get_sync_status", chat_jid=CHAT) for _ in range(2)]
    assert [(one.messages, one.served_by) for one in seen] == [(50, "go"), (70, "go")]
    assert seen[-1].exhausted
    again = await caller.ask(HistoryProgress, "resume_sync", chat_jid=CHAT)
    assert again.served_by == "go"
    ended = await caller.ask(HistoryJob, "cancel_sync", chat_jid=CHAT)
    assert (ended.state, ended.served_by) == ("cancelled", "go")
    assert (await caller.refused("cancel_sync", chat_jid=CHAT))[0] is Code.NO_ACTIVE_SYNC


async def test_the_go_bridge_gets_the_request_that_the_baileys_bridge_would_have_got(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    unlink(baileys, Code.NOT_PAIRED)
    go.on("POST", CHAT_JOB, JOB)
    await Caller(client).ask(HistoryProgress, "fetch_history", chat_jid=CHAT, max_messages=70)
    assert go.seen[-1].body == baileys.seen[-1].body
    assert go.seen[-1].path == baileys.seen[-1].path


async def test_waiting_for_the_push_follows_the_bridge_that_began(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    baileys.down = True
    go.on("POST", "/api/history", {**ACCOUNT, "state": "running", "progress": 10})
    go.on("GET", "/api/history/status", HISTORY)
    said = await Caller(client).ask(HistoryProgress, "retrieve_full_history")
    assert (said.state, said.served_by) == ("completed", "go")


async def test_without_the_baileys_bridge_the_go_bridge_tells_of_its_own_jobs(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    baileys.down = True
    go.on("GET", "/api/history/status", {**HISTORY, "rows": 0})
    said = await Caller(client).ask(HistoryStatus, "get_baileys_sync_status")
    assert (said.served_by, len(said.jobs)) == ("go", 1)


@pytest.mark.parametrize("code", [Code.BAILEYS_NOT_CONNECTED, Code.TEMPORARILY_BANNED, Code.NO_CHECKPOINT])
async def test_a_linked_baileys_bridge_is_left_its_job_whatever_it_meets(
    client: Client, go: FakeBridge, baileys: FakeBridge, code: Code
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    baileys.on("POST", CHAT_JOB, refusing(code))
    assert (await Caller(client).refused("fetch_history", chat_jid=CHAT))[0] is code
    assert go.count("POST") == 0


async def test_after_the_baileys_bridge_took_the_request_the_go_bridge_is_not_asked(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    def lose(_: Seen) -> httpx.Response:
        raise httpx.ReadTimeout("lost")

    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    go.on("GET", CHAT_CHECKPOINT, CHECKPOINT)
    for method, template in (("POST", CHAT_JOB), ("GET", CHAT_JOB), ("POST", CANCEL)):
        baileys.on(method, template, lose)  # type: ignore[arg-type]
    caller = Caller(client)
    for tool in ("fetch_history", "get_sync_status", "cancel_sync", "resume_sync"):
        assert (await caller.refused(tool, chat_jid=CHAT))[0] is Code.BRIDGE_TIMEOUT
    assert {seen.path.split("/")[3] for seen in go.seen} == {"anchors", "checkpoints"}


async def test_when_neither_bridge_has_a_link_the_first_is_the_one_to_be_mended(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", ANCHOR)
    unlink(baileys, Code.PASSKEY_REQUIRED)
    go.on("POST", CHAT_JOB, refusing(Code.NOT_PAIRED))
    assert (await Caller(client).refused("fetch_history", chat_jid=CHAT))[0] is Code.PASSKEY_REQUIRED


async def test_a_job_that_is_open_in_the_go_bridge_goes_on_there(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.on("GET", "/api/history/anchors/{chat_jid}", {**ANCHOR, "open_job": True})
    go.on("POST", CHAT_JOB, JOB)
    said = await Caller(client).ask(HistoryProgress, "fetch_history", chat_jid=CHAT)
    assert said.served_by == "go"
    assert not baileys.seen
    go.on("POST", CHAT_JOB, refusing(Code.WHATSAPP_NOT_CONNECTED))
    baileys.on("POST", CHAT_JOB, JOB)
    said = await Caller(client).ask(HistoryProgress, "fetch_history", chat_jid=CHAT)
    assert said.served_by is None


@pytest.mark.parametrize(
    ("own", "other", "served_by"),
    [
        ({"state": "completed"}, {"state": "completed", "updated_at": LATER}, "go"),
        ({"state": "completed", "updated_at": LATER}, {"state": "completed"}, None),
        ({"state": "paused", "updated_at": LATER}, {"state": "running"}, "go"),
        ({"state": "running"}, {"state": "running", "updated_at": LATER}, None),
    ],
)
async def test_of_two_jobs_of_a_chat_the_one_that_runs_or_came_last_is_told(
    client: Client,
    go: FakeBridge,
    baileys: FakeBridge,
    own: dict[str, JsonValue],
    other: dict[str, JsonValue],
    served_by: str | None,
) -> None:
    baileys.on("GET", CHAT_JOB, {**CHAT_HISTORY, "job": {**JOB, **own}})
    go.on("GET", CHAT_JOB, {**CHAT_HISTORY, "job": {**JOB, **other}})
    go.on("GET", CHAT_CHECKPOINT, CHECKPOINT)
    assert (await Caller(client).ask(ChatHistory, "get_sync_status", chat_jid=CHAT)).served_by == served_by


async def test_cancelling_ends_the_jobs_of_both_bridges(client: Client, go: FakeBridge, baileys: FakeBridge) -> None:
    baileys.on("POST", CANCEL, {**JOB, "state": "cancelled"})
    go.on("POST", CANCEL, {**JOB, "state": "cancelled"})
    assert (await Caller(client).ask(HistoryJob, "cancel_sync", chat_jid=CHAT)).served_by is None
    assert (baileys.count("POST"), go.count("POST")) == (1, 1)
    go.down = True
    assert (await Caller(client).ask(HistoryJob, "cancel_sync", chat_jid=CHAT)).state == "cancelled"


async def test_without_the_go_bridge_the_baileys_bridge_says_what_it_knows(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.down = True
    baileys.on("GET", CHAT_JOB, {**CHAT_HISTORY, "job": {**JOB, "state": "completed"}})
    assert (await Caller(client).ask(ChatHistory, "get_sync_status", chat_jid=CHAT)).served_by is None
    baileys.on("GET", CHAT_JOB, refusing(Code.NO_CHECKPOINT))
    assert (await Caller(client).refused("get_sync_status", chat_jid=CHAT))[0] is Code.NO_CHECKPOINT


async def test_a_name_is_looked_up_before_a_job_is_followed_or_cancelled(
    client: Client, go: FakeBridge, history: FakeGoHistory
) -> None:
    go.on("GET", "/api/resolve/{chat_jid}", {"jid": CHAT, "name": "Ann", "known": True})
    history.phone[CHAT] = 500
    caller = Caller(client)
    await caller.ask(HistoryProgress, "fetch_history", chat_jid="Ann")
    assert (await caller.ask(ChatHistory, "get_sync_status", chat_jid="Ann")).chat_jid == CHAT
    assert (await caller.ask(HistoryJob, "cancel_sync", chat_jid="Ann")).chat_jid == CHAT


async def test_without_the_baileys_bridge_and_its_store_nothing_waits_to_be_merged(
    client: Client, go: FakeBridge, history: FakeGoHistory
) -> None:
    report = await Caller(client).ask(MergeReport, "sync_history_to_database")
    assert (report.status, report.read) == ("nothing_new", 0)
    assert "the Go bridge" in (report.note or "")


async def test_what_an_earlier_baileys_bridge_left_is_merged_without_it(
    client: Client, history: FakeGoHistory, store: FakeStore, settings: Settings
) -> None:
    TempRows(settings.baileys_db).add("messages", message(CHAT, 1, "hello"))
    assert (await Caller(client).ask(MergeReport, "sync_history_to_database")).inserted == 1


async def test_the_flagship_fetches_through_the_go_bridge_and_needs_no_merge(
    client: Client, go: FakeBridge, baileys: FakeBridge, store: FakeStore
) -> None:
    baileys.down = True
    community, history = FakeCommunity(go, store, ROOF, "Riverside"), FakeGoHistory(go, store)
    groups = [community.group(number) for number in (1, 2)]
    for group in groups:
        store.keep([message(group.jid, 1_000_000, "new", sender_jid="15550101@s.whatsapp.net")])
        history.phone[group.jid] = 120
    caller = Caller(client)
    report = await caller.ask(CommunityReport, "mark_community_as_read_with_history", community_jid=ROOF)
    steps = {step.name: step for step in report.steps}
    assert report.status == "completed"
    assert {name: step.outcome for name, step in steps.items()} == {
        **dict.fromkeys(("look", "fetch", "wait", "mark", "report"), "done"),
        "merge": "skipped",
    }
    assert "2 through the Go bridge" in steps["fetch"].note
    assert "messages.db itself" in steps["merge"].note
    assert (report.messages_fetched, report.messages_merged, report.messages_marked) == (240, 0, 242)
    assert {(row.history, row.messages_now) for row in report.groups} == {("complete", 121)}
    again = await caller.ask(CommunityReport, "mark_community_as_read_with_history", community_jid=ROOF)
    assert (again.status, again.messages_fetched) == ("completed", 0)


async def test_the_catalog_needs_the_baileys_bridge_and_says_so(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    baileys.down = True
    for tool, more in (("get_business_catalog", {}), ("get_product_details", {"product_id": "p1"})):
        code, envelope = await Caller(client).refused(tool, jid=CHAT, **more)
        assert code is Code.BRIDGE_UNREACHABLE
        assert "business catalogs" in str(envelope["message"])
        assert "npm start" in str(envelope["resolution"])
