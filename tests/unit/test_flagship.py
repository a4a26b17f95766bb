"""mark_community_as_read_with_history: six steps, true numbers, and a way on when something is missing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from mcp import Client

from backends.operations import Batch, BatchReport
from caller import Caller
from errors import Code, WhatsAppError
from fake_bridge import FakeBridge, Seen, refusing
from fake_community import FakeCommunity, FakeGroup
from fake_history import FakeHistory
from fake_store import FakeStore
from holding import held
from server import build_server
from settings import Settings
from temp_rows import TempRows, message
from tools.results import ChatHistory, CommunityGroups, CommunityReport, GroupOutcome, Step

ROOF = "120363980000000001@g.us"
NAME = "mark_community_as_read_with_history"
STEPS = ["look", "fetch", "wait", "merge", "mark", "report"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flagship.POLL_SECONDS", 0.002)


@pytest.fixture
def history(baileys: FakeBridge, settings: Settings) -> FakeHistory:
    return FakeHistory(baileys, TempRows(settings.baileys_db))


@pytest.fixture
def community(go: FakeBridge) -> FakeCommunity:
    store = FakeStore()
    store.mount(go)
    # No history of its own: what the Baileys bridge cannot do is told as that one told it.
    go.on("GET", "/api/history/chats/{chat_jid}", refusing(Code.NO_CHECKPOINT))
    go.on("POST", "/api/history/chats/{chat_jid}", refusing(Code.WHATSAPP_NOT_CONNECTED))
    return FakeCommunity(go, store, ROOF, "Riverside")


BOTH_ERAS = pytest.mark.parametrize("caller", ["legacy", "auto"], indirect=True)


@pytest_asyncio.fixture
async def caller(settings: Settings, request: pytest.FixtureRequest) -> AsyncIterator[Caller]:
    async with held(Client(build_server(settings), mode=getattr(request, "param", "legacy"))) as client:
        yield Caller(client)


def known(community: FakeCommunity, history: FakeHistory, group: FakeGroup, recent: int, older: int) -> None:
    """messages.db holds the recent messages of a group, the phone has older ones."""
    rows = [message(group.jid, 1_000_000 + n, "new", sender_jid="15550101@s.whatsapp.net") for n in range(recent)]
    for row in rows:
        batch = {"source": "baileys", "origin": "live", "from_seq": 0, "to_seq": 1, "messages": [row]}
        community.store._put(Batch.model_validate(batch).messages[0])
    history.phone[group.jid] = older


async def flagship(caller: Caller, jid: str = ROOF) -> CommunityReport:
    return await caller.ask(CommunityReport, NAME, community_jid=jid)


def steps(report: CommunityReport) -> dict[str, Step]:
    assert [step.name for step in report.steps] == STEPS
    return {step.name: step for step in report.steps}


def outcomes(report: CommunityReport) -> dict[str, str]:
    return {name: step.outcome for name, step in steps(report).items()}


def row(report: CommunityReport, group: FakeGroup) -> GroupOutcome:
    (found,) = (outcome for outcome in report.groups if outcome.jid == group.jid)
    return found


@BOTH_ERAS
async def test_history_is_fetched_merged_and_marked_with_a_row_for_each_group(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    one, two, other = community.group(1), community.group(2), community.group(3, joined=False)
    known(community, history, one, recent=3, older=120)
    known(community, history, two, recent=5, older=10)
    report = await flagship(caller)
    assert outcomes(report) == dict.fromkeys(STEPS, "done")
    assert (report.status, report.next_call, report.community.name) == ("completed", None, "Riverside")
    assert (report.messages_fetched, report.messages_merged, report.messages_marked) == (130, 130, 138)
    first, second, third = (row(report, group) for group in (one, two, other))
    assert (first.messages_before, first.fetched, first.messages_now, first.marked_read) == (3, 120, 123, 123)
    assert (second.messages_before, second.fetched, second.messages_now, second.marked_read) == (5, 10, 15, 15)
    assert (first.status, first.history, first.note) == ("read", "complete", None)
    assert (third.status, third.history, third.marked_read, third.fetched) == ("not_joined", "not_asked", 0, 0)
    assert len(community.receipts) == len(set(community.receipts)) == 138
    assert "2 groups asked for" in steps(report)["fetch"].note
    assert "130 messages from 2 groups" in steps(report)["wait"].note
    assert "138 messages held in 3 groups" in steps(report)["report"].note


async def test_the_phone_is_asked_backwards_from_the_oldest_message_that_is_known(
    caller: Caller, community: FakeCommunity, history: FakeHistory, baileys: FakeBridge
) -> None:
    group = community.group(1)
    known(community, history, group, recent=3, older=1)
    await flagship(caller)
    (asked,) = (seen for seen in baileys.seen if seen.method == "POST")
    assert isinstance(asked.body, dict)
    assert asked.body["anchor"] == {
        "id": f"3EB0{1_000_000:012X}",
        "timestamp": 1_761_000_000,
        "from_me": False,
        "sender_jid": "15550101@s.whatsapp.net",
    }
    assert asked.body["resume"] is True
    assert asked.body["max_messages"] == 1000


async def test_a_second_call_does_nothing_twice(
    caller: Caller, community: FakeCommunity, history: FakeHistory, go: FakeBridge
) -> None:
    for number in (1, 2):
        known(community, history, community.group(number), recent=2, older=70)
    await flagship(caller)
    receipts, posts, batches = list(community.receipts), history.posts(), go.count("POST", "/api/history/batches")
    again = await flagship(caller)
    assert again.status == "completed"
    assert (again.messages_fetched, again.messages_merged, again.messages_marked) == (0, 0, 0)
    assert {group.status for group in again.groups} == {"already_read"}
    assert {group.history for group in again.groups} == {"complete"}
    assert community.receipts == receipts
    assert history.posts() == posts
    assert go.count("POST", "/api/history/batches") == batches
    assert (outcomes(again)["fetch"], outcomes(again)["wait"]) == ("skipped", "skipped")


async def test_a_group_that_gave_a_thousand_messages_is_not_asked_again(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    history.step = 500
    group = community.group(1)
    known(community, history, group, recent=1, older=2500)
    first = await flagship(caller)
    assert (row(first, group).fetched, row(first, group).history, first.status) == (1000, "partial", "completed")
    posts = history.posts()
    second = await flagship(caller)
    assert history.posts() == posts
    assert (row(second, group).fetched, row(second, group).history) == (0, "partial")
    assert "1 fetched before" in steps(second)["fetch"].note


async def test_a_group_that_somebody_fetched_a_little_of_is_fetched_on(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    group = community.group(1)
    known(community, history, group, recent=1, older=90)
    await caller.client.call_tool("fetch_history", {"chat_jid": group.jid, "max_messages": 10})
    for _ in range(3):
        await caller.client.call_tool("get_sync_status", {"chat_jid": group.jid})
    assert history.given[group.jid] == 10
    report = await flagship(caller)
    assert (row(report, group).fetched, row(report, group).messages_now) == (80, 91)
    assert (report.messages_fetched, report.messages_merged) == (80, 90)
    assert row(report, group).history == "complete"


async def test_without_the_baileys_bridge_what_is_there_is_marked_and_the_reason_is_told(
    caller: Caller, community: FakeCommunity, history: FakeHistory, baileys: FakeBridge
) -> None:
    one, two = community.group(1), community.group(2)
    known(community, history, one, recent=3, older=50)
    known(community, history, two, recent=2, older=50)
    baileys.down = True
    report = await flagship(caller)
    assert (outcomes(report)["fetch"], outcomes(report)["wait"], outcomes(report)["mark"]) == (
        "failed",
        "skipped",
        "done",
    )
    assert "Baileys bridge" in steps(report)["fetch"].note
    assert "npm start" in steps(report)["fetch"].note
    assert report.status == "partial"
    assert report.next_call == f"{NAME}(community_jid='{ROOF}')"
    assert (report.messages_fetched, report.messages_merged, report.messages_marked) == (0, 0, 5)
    for group in (one, two):
        assert (row(report, group).status, row(report, group).history) == ("read", "failed")
        assert "Baileys bridge" in (row(report, group).note or "")
    baileys.down = False
    done = await flagship(caller)
    assert (done.status, done.messages_fetched, done.messages_marked) == ("completed", 100, 100)


@pytest.mark.parametrize(
    "code", [Code.NOT_PAIRED, Code.BAILEYS_NOT_CONNECTED, Code.AUTH_EXPIRED, Code.SESSION_REPLACED]
)
async def test_a_baileys_bridge_that_is_not_linked_is_asked_once_not_for_every_group(
    caller: Caller, community: FakeCommunity, history: FakeHistory, baileys: FakeBridge, code: Code
) -> None:
    for number in range(30):
        group = community.group(number)
        known(community, history, group, recent=1, older=1)
        history.refuses[group.jid] = code
    report = await flagship(caller)
    assert (outcomes(report)["fetch"], outcomes(report)["mark"], report.status) == ("failed", "done", "partial")
    assert "30 not asked for: The bridge refused." in steps(report)["fetch"].note
    assert history.posts() <= 4
    assert report.messages_marked == 30


async def test_without_a_baileys_bridge_ever_a_complete_community_is_complete(
    caller: Caller, community: FakeCommunity, history: FakeHistory, baileys: FakeBridge, settings: Settings
) -> None:
    group = community.group(1)
    known(community, history, group, recent=3, older=0)
    community.store.checkpoints[group.jid] = {"exhausted": True}
    history.rows.remove()
    baileys.down = True
    report = await flagship(caller)
    assert (outcomes(report)["fetch"], outcomes(report)["merge"], outcomes(report)["mark"]) == (
        "skipped",
        "skipped",
        "done",
    )
    assert (report.status, row(report, group).history, report.next_call) == ("completed", "complete", None)


async def test_with_the_phone_offline_what_is_there_is_marked_and_the_answer_is_partial(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    group = community.group(1)
    known(community, history, group, recent=4, older=60)
    history.offline = True
    report = await flagship(caller)
    assert (outcomes(report)["fetch"], outcomes(report)["wait"], outcomes(report)["mark"]) == ("done", "partly", "done")
    assert "the phone did not answer within 20 s" in steps(report)["wait"].note
    assert (report.status, report.messages_fetched, report.messages_marked) == ("partial", 0, 4)
    assert row(report, group).note == "the phone did not answer within 20 s"
    assert (row(report, group).history, row(report, group).status) == ("failed", "read")
    assert report.next_call
    history.offline = False
    done = await flagship(caller)
    assert (done.status, done.messages_fetched, done.messages_marked) == ("completed", 60, 60)


async def test_one_group_that_the_phone_answers_late_does_not_hold_the_others(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    one, two = community.group(1), community.group(2)
    known(community, history, one, recent=1, older=60)
    known(community, history, two, recent=1, older=60)
    history.refuses[two.jid] = Code.HISTORY_SYNC_FAILED
    report = await flagship(caller)
    assert (outcomes(report)["fetch"], outcomes(report)["mark"], report.status) == ("partly", "done", "partial")
    assert (row(report, one).fetched, row(report, one).history, row(report, one).note) == (60, "complete", None)
    assert (row(report, two).history, row(report, two).note) == ("failed", "The bridge refused.")
    assert (row(report, two).status, row(report, two).marked_read) == ("read", 1)


async def test_when_the_budget_ends_the_answer_is_running_and_nothing_is_marked(
    community: FakeCommunity, history: FakeHistory, settings: Settings, go: FakeBridge
) -> None:
    slow, fast = community.group(1), community.group(2)
    known(community, history, slow, recent=2, older=500)
    known(community, history, fast, recent=2, older=20)
    history.step = 20
    short = settings.model_copy(update={"wait_budget": 0.05})
    looks = 0

    def stick(seen: Seen) -> ChatHistory:
        nonlocal looks
        looks += 1
        history.stuck = looks > 4
        return history._look(seen)

    history.bridge.on("GET", "/api/history/chats/{chat_jid}", stick)
    async with Client(build_server(short), mode="legacy") as client:
        report = await flagship(Caller(client))
        assert (report.status, outcomes(report)["wait"], outcomes(report)["mark"]) == ("running", "running", "skipped")
        assert go.count("POST", "/api/communities") == 0
        assert (community.receipts, report.messages_marked) == ([], 0)
        assert {group.status for group in report.groups} == {"pending"}
        assert row(report, slow).history == "running"
        assert report.next_call == f"{NAME}(community_jid='{ROOF}')"
        so_far = row(report, slow).fetched
        assert report.messages_fetched == so_far + row(report, fast).fetched
        assert report.messages_merged == report.messages_fetched
        history.stuck, history.step = False, 500
        history.bridge.on("GET", "/api/history/chats/{chat_jid}", history._look)
    async with Client(build_server(settings), mode="legacy") as client:
        done = await flagship(Caller(client))
    assert done.status == "completed"
    assert done.messages_marked == len(set(community.receipts)) == 524
    assert row(done, slow).messages_now == 502
    assert report.messages_merged + done.messages_merged == 520


async def test_a_second_call_joins_the_job_and_counts_what_came_during_it_alone(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    group = community.group(1)
    known(community, history, group, recent=1, older=100)
    history.step = 40
    await caller.client.call_tool("fetch_history", {"chat_jid": group.jid})
    await caller.client.call_tool("get_sync_status", {"chat_jid": group.jid})
    assert history.jobs[group.jid].arrived == 40
    report = await flagship(caller)
    assert len(history.jobs) == 1
    assert row(report, group).messages_now == 101
    assert (row(report, group).fetched, report.messages_fetched) == (100 - 80, 20)
    assert report.messages_merged == 100


async def test_a_baileys_bridge_that_dies_while_it_is_waited_for_ends_the_waiting_not_the_call(
    caller: Caller, community: FakeCommunity, history: FakeHistory, baileys: FakeBridge
) -> None:
    for number in range(6):
        known(community, history, community.group(number), recent=1, older=400)
    history.step = 10
    looks = 0

    def die(seen: Seen) -> ChatHistory:
        nonlocal looks
        looks += 1
        if looks > 20:
            baileys.down = True
            raise httpx.ReadError("the bridge died")
        return history._look(seen)

    baileys.on("GET", "/api/history/chats/{chat_jid}", die)
    report = await flagship(caller)
    assert (outcomes(report)["wait"], outcomes(report)["merge"], outcomes(report)["mark"]) == ("partly", "done", "done")
    assert "baileys-bridge" in steps(report)["wait"].note
    assert report.status == "partial"
    assert report.messages_merged == report.messages_fetched > 0
    assert report.messages_marked == 6 + report.messages_merged
    assert {group.history for group in report.groups} == {"failed"}


async def test_a_group_that_cannot_be_marked_stops_no_other(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    good, bad = community.group(1), community.group(2)
    bad.trouble = Code.WHATSAPP_API_ERROR
    known(community, history, good, recent=2, older=5)
    known(community, history, bad, recent=2, older=5)
    report = await flagship(caller)
    assert (outcomes(report)["mark"], report.status) == ("partly", "partial")
    assert "1 groups failed" in steps(report)["mark"].note
    assert (row(report, good).status, row(report, good).marked_read) == ("read", 7)
    assert (row(report, bad).status, row(report, bad).marked_read, row(report, bad).note) == (
        "failed",
        0,
        "The server refused.",
    )
    assert (report.messages_marked, report.next_call is not None) == (7, True)


async def test_when_marking_fails_as_a_whole_the_history_is_kept_and_every_row_says_why(
    caller: Caller, community: FakeCommunity, history: FakeHistory, go: FakeBridge
) -> None:
    group = community.group(1)
    known(community, history, group, recent=1, older=5)

    def refuse(_: Seen) -> httpx.Response:
        raise WhatsAppError(Code.WHATSAPP_NOT_CONNECTED, "No connection to WhatsApp.")

    go.on("POST", "/api/communities/{community_jid}/read", refuse)
    report = await flagship(caller)
    assert (outcomes(report)["mark"], report.status, report.messages_merged) == ("failed", "partial", 5)
    assert (row(report, group).status, row(report, group).note) == ("failed", "No connection to WhatsApp.")
    assert row(report, group).history == "complete"


async def test_a_merge_that_fails_is_told_and_what_is_there_is_marked(
    caller: Caller, community: FakeCommunity, history: FakeHistory, go: FakeBridge
) -> None:
    group = community.group(1)
    known(community, history, group, recent=2, older=5)

    def refuse(_: Seen) -> httpx.Response:
        raise WhatsAppError(Code.DATABASE_SYNC_FAILED, "The disk is full.")

    go.on("POST", "/api/history/batches", refuse)
    report = await flagship(caller)
    assert (outcomes(report)["merge"], outcomes(report)["mark"], report.status) == ("failed", "done", "partial")
    assert "The disk is full." in steps(report)["merge"].note
    assert (report.messages_fetched, report.messages_merged, report.messages_marked) == (5, 0, 2)
    assert (row(report, group).history, row(report, group).messages_now) == ("partial", 2)


async def test_a_merge_that_takes_longer_than_the_budget_leaves_the_marking_to_the_next_call(
    community: FakeCommunity, history: FakeHistory, settings: Settings, go: FakeBridge
) -> None:
    group = community.group(1)
    known(community, history, group, recent=1, older=5)
    gate = asyncio.Event()

    async def wait(seen: Seen) -> BatchReport:
        await gate.wait()
        return community.store._batch(seen)

    go.on("POST", "/api/history/batches", wait)
    async with Client(build_server(settings.model_copy(update={"wait_budget": 0.2})), mode="legacy") as client:
        report = await flagship(Caller(client))
        assert (report.status, outcomes(report)["merge"], outcomes(report)["mark"]) == ("running", "running", "skipped")
        assert community.marked == []
        gate.set()
        done = await flagship(Caller(client))
    assert (done.status, done.messages_merged, done.messages_marked) == ("completed", 5, 6)


async def test_two_clients_that_call_at_once_share_the_jobs_and_send_every_receipt_once(
    community: FakeCommunity, history: FakeHistory, settings: Settings
) -> None:
    for number in range(3):
        known(community, history, community.group(number), recent=2, older=60)
    async with (
        Client(build_server(settings), mode="legacy") as one,
        Client(build_server(settings), mode="legacy") as two,
    ):
        reports = await asyncio.gather(flagship(Caller(one)), flagship(Caller(two)))
    assert {report.status for report in reports} <= {"completed", "partial"}
    assert len(history.jobs) == 3
    assert sum(report.messages_marked for report in reports) == len(community.receipts) == len(set(community.receipts))
    async with Client(build_server(settings), mode="legacy") as client:
        done = await flagship(Caller(client))
    assert done.status == "completed"
    assert {row.messages_now for row in done.groups} == {62}
    assert len(community.receipts) == len(set(community.receipts)) == 3 * 62


@pytest.mark.parametrize("moment", ["waiting", "merging"])
async def test_a_client_that_leaves_in_mid_call_loses_nothing_and_the_next_one_completes(
    community: FakeCommunity, history: FakeHistory, settings: Settings, go: FakeBridge, moment: str
) -> None:
    group = community.group(1)
    known(community, history, group, recent=1, older=90)
    reached, gate = asyncio.Event(), asyncio.Event()

    def look(seen: Seen) -> ChatHistory:
        if moment == "waiting":
            history.stuck = not gate.is_set()
            reached.set()
        return history._look(seen)

    async def take(seen: Seen) -> BatchReport:
        reached.set()
        await gate.wait()
        return community.store._batch(seen)

    history.bridge.on("GET", "/api/history/chats/{chat_jid}", look)
    go.on("POST", "/api/history/batches", take)
    client = Client(build_server(settings), mode="legacy")
    async with client:
        calling = asyncio.create_task(flagship(Caller(client)))
        await asyncio.wait_for(reached.wait(), 10)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
    assert community.receipts == []
    gate.set()
    history.stuck = False
    async with Client(build_server(settings), mode="legacy") as client:
        done = await flagship(Caller(client))
    assert (done.status, len(history.jobs), row(done, group).messages_now) == ("completed", 1, 91)
    assert len(community.receipts) == len(set(community.receipts)) == 91


async def test_a_group_that_was_not_joined_is_never_touched(
    caller: Caller, community: FakeCommunity, history: FakeHistory, go: FakeBridge, baileys: FakeBridge
) -> None:
    joined, other = community.group(1), community.group(2, joined=False)
    known(community, history, joined, recent=1, older=1)
    known(community, history, other, recent=1, older=1)
    report = await flagship(caller)
    assert row(report, other).status == "not_joined"
    assert community.marked == [joined.jid]
    asked = [seen.path for seen in (*go.seen, *baileys.seen)]
    assert not [path for path in asked if other.jid.split("@")[0] in path]


async def test_a_group_without_any_message_has_nothing_to_ask_from_and_that_is_no_failure(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    empty, full = community.group(1), community.group(2)
    known(community, history, full, recent=1, older=5)
    report = await flagship(caller)
    assert (report.status, report.next_call) == ("completed", None)
    assert "1 without a message to ask from" in steps(report)["fetch"].note
    assert (row(report, empty).history, row(report, empty).status) == ("not_asked", "already_read")
    assert "no message is known" in (row(report, empty).note or "")


@BOTH_ERAS
async def test_a_community_that_is_unknown_is_an_error(
    caller: Caller, community: FakeCommunity, history: FakeHistory, baileys: FakeBridge
) -> None:
    code, _ = await caller.refused(NAME, community_jid="120363989999999999@g.us")
    assert code is Code.COMMUNITY_NOT_FOUND
    assert not baileys.seen


async def test_a_missing_go_bridge_is_an_error(
    caller: Caller, community: FakeCommunity, history: FakeHistory, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.down = True
    code, _ = await caller.refused(NAME, community_jid=ROOF)
    assert code is Code.BRIDGE_UNREACHABLE
    assert not baileys.seen


async def test_a_community_said_by_its_name_is_the_one_with_that_name(
    caller: Caller, community: FakeCommunity, history: FakeHistory, go: FakeBridge
) -> None:
    known(community, history, community.group(1), recent=1, older=1)
    report = await flagship(caller, "Riverside")
    assert (report.status, report.community.jid) == ("completed", ROOF)
    (marked,) = (seen for seen in go.seen if seen.method == "POST" and seen.path.startswith("/api/communities"))
    assert marked.part(3) == ROOF


async def test_a_community_without_groups_is_complete(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    report = await flagship(caller)
    assert (report.status, report.groups) == ("completed", [])


@pytest.mark.parametrize("number", [200, 201, 450])
async def test_a_community_of_hundreds_of_groups_is_read_page_by_page(
    settings: Settings, community: FakeCommunity, history: FakeHistory, go: FakeBridge, number: int
) -> None:
    for n in range(number):
        group = community.group(n)
        known(community, history, group, recent=1, older=0)
        community.store.checkpoints[group.jid] = {"exhausted": True}
    async with Client(build_server(settings), mode="legacy") as client:
        report = await flagship(Caller(client))
    assert (report.status, len(report.groups), report.messages_marked) == ("completed", number, number)
    assert len({group.jid for group in report.groups}) == number
    assert go.count("GET", "/api/communities") == 2 * -(-number // 200)


async def test_a_group_that_moves_between_pages_while_they_are_read_counts_once(
    settings: Settings, community: FakeCommunity, history: FakeHistory, go: FakeBridge
) -> None:
    for n in range(250):
        community.store.checkpoints[community.group(n).jid] = {"exhausted": True}

    def shuffle(seen: Seen) -> CommunityGroups:
        answer = community._page(seen)
        community.groups.insert(0, community.groups.pop())
        return answer

    go.on("GET", "/api/communities/{community_jid}/groups", shuffle)
    async with Client(build_server(settings), mode="legacy") as client:
        report = await flagship(Caller(client))
    assert len({group.jid for group in report.groups}) == len(report.groups)
    assert len(report.groups) >= 249


@BOTH_ERAS
async def test_progress_only_rises_and_says_what_is_done(
    caller: Caller, community: FakeCommunity, history: FakeHistory
) -> None:
    history.step = 7
    for number in range(3):
        known(community, history, community.group(number), recent=1, older=60)
    said: list[tuple[float, float | None, str | None]] = []

    async def listen(progress: float, total: float | None, message: str | None) -> None:
        said.append((progress, total, message))

    result = await caller.client.call_tool(NAME, {"community_jid": ROOF}, progress_callback=listen)
    assert not result.is_error
    values = [done for done, _, _ in said]
    assert values == sorted(set(values))
    assert all(total == 100 and done <= 100 for done, total, _ in said)
    sentences = " | ".join(sentence or "" for _, _, sentence in said)
    assert re.search(r"asking the phone.*messages from 3 groups so far.*merging.*marking", sentences)
