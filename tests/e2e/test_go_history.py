"""History without a Baileys bridge: the real whatsmeow asks the emulated phone, by the emulator's own truth."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from mcp import Client

from backends.go import GoBridge
from caller import Caller
from cli.demo import WORLD
from cli.emulated import Emulated
from cli.stage import Stage, link, open_stage, until
from errors import Code
from holding import held
from restart import restart
from server import build_server
from tools.results import (
    ChatHistory,
    CommunityReport,
    HistoryJob,
    HistoryProgress,
    HistoryStatus,
    MergeReport,
    SyncCheckpoints,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alone(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The Go bridge, linked; nothing listens where the Baileys bridge would."""
    async with held(open_stage(tmp_path_factory.mktemp("alone"), WORLD, baileys_runs=False)) as opened:
        async with GoBridge(opened.settings) as go:
            await link(go, opened.emulated)
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(alone: Stage) -> AsyncIterator[Caller]:
    async with held(Client(build_server(alone.settings), mode="legacy")) as client:
        yield Caller(client)


async def over(caller: Caller, chat: str, *states: str) -> ChatHistory:
    """The chat's history once its job has come to one of the states."""
    return await until(
        lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=chat),
        lambda seen: seen.job is not None and seen.job.state in states,
        60,
    )


async def holds_all(caller: Caller, emulated: Emulated, chat: str) -> None:
    """Every message that the phone has, once."""
    ids = await caller.every_id(chat)
    assert sorted(ids) == sorted(message.id for message in await emulated.truth(chat))


async def test_the_push_is_the_go_bridges_job_too(caller: Caller) -> None:
    job = await until(
        lambda: caller.ask(HistoryProgress, "retrieve_full_history", timeout=60),
        lambda seen: seen.state == "completed",
    )
    assert (job.kind, job.served_by, job.progress) == ("account", "go", 100)
    assert job.messages > 0
    status = await caller.ask(HistoryStatus, "get_baileys_sync_status")
    assert (status.served_by, status.state, status.initial.messages) == ("go", "connected", job.messages)


@pytest.mark.symptom("History is missing")
async def test_a_chats_older_messages_are_fetched_to_the_last_without_a_merge(caller: Caller, alone: Stage) -> None:
    chat = (await alone.emulated.world()).group("Lifts & Kit").jid
    before = len(await caller.every_id(chat))
    truth = len(await alone.emulated.truth(chat))
    assert before < truth
    started = await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
    assert started.served_by == "go"
    done = await over(caller, chat, "completed")
    assert (done.served_by, done.exhausted, done.messages) == ("go", True, truth)
    assert done.job is not None
    assert (done.job.messages, done.job.requests or 0) >= (truth - before, 2)
    await holds_all(caller, alone.emulated, chat)
    checkpoints = await caller.ask(SyncCheckpoints, "get_sync_checkpoints", limit=200)
    (told,) = [one for one in checkpoints.checkpoints if one.chat_jid == chat]
    assert (told.state, told.exhausted, told.messages) == ("completed", True, truth)
    merge = await caller.ask(MergeReport, "sync_history_to_database")
    assert (merge.status, merge.read) == ("nothing_new", 0)


async def test_a_phone_that_is_offline_pauses_the_job_and_its_late_answer_completes_it(
    caller: Caller, alone: Stage
) -> None:
    chat = (await alone.emulated.world()).group("Trip to the Lakes").jid
    await alone.emulated.fault("phone_offline")
    try:
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
        paused = await over(caller, chat, "paused")
        assert paused.job is not None
        assert paused.job.error_code == "HISTORY_SYNC_TIMEOUT"
    finally:
        await alone.emulated.fault("phone_offline", on=False)
    assert (await over(caller, chat, "completed")).exhausted
    await holds_all(caller, alone.emulated, chat)


async def test_a_cancelled_job_asks_no_more_and_goes_on_when_it_is_resumed(caller: Caller, alone: Stage) -> None:
    chat = (await alone.emulated.world()).group("Book Club 📚").jid
    await alone.emulated.fault("phone_offline")
    try:
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
        cancelled = await caller.ask(HistoryJob, "cancel_sync", chat_jid=chat)
        assert (cancelled.state, cancelled.served_by) == ("cancelled", "go")
        assert (await caller.refused("cancel_sync", chat_jid=chat))[0] is Code.NO_ACTIVE_SYNC
    finally:
        await alone.emulated.fault("phone_offline", on=False)
    resumed = await caller.ask(HistoryProgress, "resume_sync", chat_jid=chat, max_messages=10_000)
    assert resumed.served_by == "go"
    assert (await over(caller, chat, "completed")).exhausted
    await holds_all(caller, alone.emulated, chat)


async def test_what_was_never_begun_can_neither_be_resumed_nor_cancelled(caller: Caller) -> None:
    code, _ = await caller.refused("resume_sync", chat_jid="+1 555 0196")
    assert code in (Code.CHAT_NOT_FOUND, Code.NO_CHECKPOINT)
    assert (await caller.refused("get_sync_status", chat_jid="+1 555 0196"))[0] is Code.NO_CHECKPOINT
    assert (await caller.refused("cancel_sync", chat_jid="+1 555 0196"))[0] is Code.NO_ACTIVE_SYNC


async def test_a_bridge_that_is_killed_in_the_middle_of_a_job_goes_on_with_it(caller: Caller, alone: Stage) -> None:
    chat = (await alone.emulated.world()).contact("Priya Raman").pn
    await alone.emulated.fault("phone_offline")
    begun = await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
    await over(caller, chat, "running")
    await alone.whatsapp.kill()
    await restart(alone.whatsapp)
    await alone.emulated.fault("phone_offline", on=False)
    done = await over(caller, chat, "completed")
    assert done.job is not None
    assert (done.job.job, done.exhausted) == (begun.job, True)
    await holds_all(caller, alone.emulated, chat)


async def test_the_flagship_fetches_through_the_go_bridge_and_marks(caller: Caller, alone: Stage) -> None:
    report = await caller.ask(
        CommunityReport, "mark_community_as_read_with_history", community_jid="Riverside Neighbours"
    )
    steps = {step.name: step for step in report.steps}
    assert report.status == "completed", report
    assert "through the Go bridge" in steps["fetch"].note
    assert (steps["merge"].outcome, report.messages_merged) == ("skipped", 0)
    assert report.messages_fetched > 0
    for group in report.groups:
        if group.status != "not_joined":
            assert group.history == "complete"
            await holds_all(caller, alone.emulated, group.jid)


async def test_only_the_catalog_needs_the_baileys_bridge_and_says_so(caller: Caller, alone: Stage) -> None:
    code, envelope = await caller.refused("get_business_catalog", jid="Bäckerei Jörg")
    assert code is Code.BRIDGE_UNREACHABLE
    assert "Baileys bridge" in str(envelope["message"])
