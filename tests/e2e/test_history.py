"""History, by the emulator's own truth, message for message."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import until
from errors import Code
from tools.results import ChatHistory, HistoryProgress, MergeReport

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_retrieve_full_history_says_that_the_push_is_complete(caller: Caller) -> None:
    job = await caller.ask(HistoryProgress, "retrieve_full_history", timeout=60)
    assert (job.kind, job.state) == ("account", "completed")
    assert job.messages > 0


async def test_a_chats_older_messages_are_fetched_followed_and_merged_to_the_last(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Lifts & Kit").jid
    truth = [message.id for message in await emulated.truth(chat)]
    before = await caller.every_id(chat)
    assert len(before) < len(truth)

    job = await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
    assert job.kind == "chat"
    status = await until(
        lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=chat),
        lambda seen: seen.job is not None and seen.job.state == "completed",
        60,
    )
    assert status.exhausted
    assert status.job is not None
    assert (status.job.requests or 0) > 1

    merged = await caller.ask(MergeReport, "sync_history_to_database", chat_jid=chat)
    assert merged.inserted >= len(truth) - len(before)
    assert sorted(await caller.every_id(chat)) == sorted(truth)

    again = await caller.ask(MergeReport, "sync_history_to_database")
    assert again.inserted == 0


async def test_a_merge_with_nothing_new_reads_nothing(caller: Caller) -> None:
    await caller.ask(MergeReport, "sync_history_to_database")
    again = await caller.ask(MergeReport, "sync_history_to_database")
    assert (again.status, again.read, again.batches) == ("nothing_new", 0, 0)


async def test_a_chat_that_nobody_knows_has_no_history(caller: Caller) -> None:
    code, _ = await caller.refused("fetch_history", chat_jid="+1 555 0196")
    assert code in (Code.CHAT_NOT_FOUND, Code.NO_CHECKPOINT)
    code, _ = await caller.refused("get_sync_status", chat_jid="+1 555 0196")
    assert code in (Code.CHAT_NOT_FOUND, Code.NO_CHECKPOINT)


async def test_a_phone_that_is_offline_pauses_the_job_and_resuming_completes_it(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Trip to the Lakes").jid
    await emulated.fault("phone_offline")
    try:
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat)
        paused = await until(
            lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=chat),
            lambda seen: seen.job is not None and seen.job.state == "paused",
            60,
        )
        assert paused.job is not None
        assert paused.job.error_code == "HISTORY_SYNC_TIMEOUT"
    finally:
        await emulated.fault("phone_offline", on=False)
    await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, resume=True)
    await until(
        lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=chat),
        lambda seen: seen.job is not None and seen.job.state == "completed",
        60,
    )
