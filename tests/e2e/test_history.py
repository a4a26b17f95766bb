"""History, by the emulator's own truth, message for message."""

from __future__ import annotations

import asyncio

import pytest

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import until
from errors import Code
from tools.results import (
    ChatHistory,
    ChatList,
    HistoryJob,
    HistoryProgress,
    HistoryReach,
    HistoryStatus,
    MergeReport,
    SyncCheckpoints,
    TempCleared,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_retrieve_full_history_says_that_the_push_is_complete(caller: Caller) -> None:
    job = await caller.ask(HistoryProgress, "retrieve_full_history", timeout=60)
    assert (job.kind, job.state) == ("account", "completed")
    assert job.messages > 0


@pytest.mark.symptom("History is missing")
async def test_a_chats_older_messages_are_fetched_followed_and_merged_to_the_last(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Lifts & Kit").jid
    truth = [message.id for message in await emulated.truth(chat)]
    before = await caller.every_id(chat)
    assert len(before) < len(truth)
    assert await reach(caller, chat) == (len(before), False)

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

    assert await reach(caller, chat) == (len(truth), True)

    again = await caller.ask(MergeReport, "sync_history_to_database")
    assert again.inserted == 0


async def reach(caller: Caller, chat: str) -> tuple[int, bool]:
    """How many messages of the chat are held, and whether the phone has nothing older."""
    listed = await caller.ask(SyncCheckpoints, "get_sync_checkpoints", limit=200)
    (told,) = [checkpoint for checkpoint in listed.checkpoints if checkpoint.chat_jid == chat]
    return told.messages, told.exhausted is True


async def test_a_merge_with_nothing_new_reads_nothing(caller: Caller) -> None:
    await caller.ask(MergeReport, "sync_history_to_database")
    again = await caller.ask(MergeReport, "sync_history_to_database")
    assert (again.status, again.read, again.batches) == ("nothing_new", 0, 0)


async def test_a_chat_that_nobody_knows_has_no_history(caller: Caller) -> None:
    code, _ = await caller.refused("fetch_history", chat_jid="+1 555 0196")
    assert code in (Code.CHAT_NOT_FOUND, Code.NO_CHECKPOINT)
    code, _ = await caller.refused("get_sync_status", chat_jid="+1 555 0196")
    assert code in (Code.CHAT_NOT_FOUND, Code.NO_CHECKPOINT)


@pytest.mark.symptom("A history job is paused or never ends")
async def test_a_phone_that_is_offline_pauses_the_job_and_resuming_completes_it(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Football Announcements").jid
    await emulated.fault("phone_offline")
    try:
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat)
        paused = await until(
            lambda: caller.ask(HistoryReach, "get_sync_status", chat_jid=chat),
            lambda seen: seen.job is not None and seen.job.state == "paused",
            60,
        )
        assert paused.job is not None
        assert [(gap.reason, gap.mend) for gap in paused.gaps] == [("fetch_stopped", "resume_sync")]
        assert paused.job.error_code == "HISTORY_SYNC_TIMEOUT"
    finally:
        await emulated.fault("phone_offline", on=False)
    await caller.ask(HistoryProgress, "resume_sync", chat_jid=chat)
    await until(
        lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=chat),
        lambda seen: seen.job is not None and seen.job.state == "completed",
        60,
    )


async def test_a_phone_that_answers_after_a_while_is_waited_for(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Trip to the Lakes").jid
    await emulated.fault("phone_slow", ms=700)
    try:
        job = await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=50)
        assert job.state in ("queued", "running")
        done = await over(caller, chat, "completed")
    finally:
        await emulated.fault("phone_slow", on=False)
    assert done.job is not None
    assert (done.job.error, done.job.error_code) == (None, None)


async def test_a_phone_that_answers_with_nothing_ends_the_job_and_asking_anew_brings_what_there_is(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Match Day ⚽").jid
    before = await caller.ask(HistoryReach, "get_sync_status", chat_jid=chat)
    assert (before.job, before.can_ask_more) == (None, True)
    await emulated.fault("phone_empty")
    try:
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
        empty = await over(caller, chat, "completed")
    finally:
        await emulated.fault("phone_empty", on=False)
    assert empty.job is not None
    assert (empty.job.messages, empty.job.exhausted) == (0, True)

    # Two clients that ask at once share one job, and merges that run while it brings messages lose and double nothing.
    first, second = await asyncio.gather(
        *(caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000) for _ in range(2))
    )
    assert first.job == second.job
    merged = 0
    while (done := await job_of(caller, chat)).state != "completed":
        merged += (await caller.ask(MergeReport, "sync_history_to_database")).inserted
    merged += (await caller.ask(MergeReport, "sync_history_to_database")).inserted
    held = await caller.every_id(chat)
    assert sorted(held) == sorted(message.id for message in await emulated.truth(chat))
    assert merged >= done.messages > 50
    after = await caller.ask(HistoryReach, "get_sync_status", chat_jid=chat)
    assert after.held is not None
    assert (after.held.messages, after.exhausted, after.can_ask_more, after.gaps) == (len(held), True, False, [])


async def job_of(caller: Caller, chat: str) -> HistoryJob:
    job = (await caller.ask(ChatHistory, "get_sync_status", chat_jid=chat)).job
    assert job is not None
    return job


async def over(caller: Caller, chat: str, *states: str) -> ChatHistory:
    """The chat's history once its job has come to one of the states."""
    return await until(
        lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=chat),
        lambda seen: seen.job is not None and seen.job.state in states,
        60,
    )


async def test_a_cancelled_job_asks_no_more_and_goes_on_when_it_is_resumed(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Book Club 📚").jid
    await emulated.fault("phone_offline")
    try:
        await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
        cancelled = await caller.ask(HistoryJob, "cancel_sync", chat_jid=chat)
        assert cancelled.state == "cancelled"
        assert (await caller.refused("cancel_sync", chat_jid=chat))[0] is Code.NO_ACTIVE_SYNC
    finally:
        await emulated.fault("phone_offline", on=False)
    seen = await caller.ask(HistoryReach, "get_sync_status", chat_jid=chat)
    assert seen.job is not None
    assert seen.job.state == "cancelled"
    await caller.ask(HistoryProgress, "resume_sync", chat_jid=chat, max_messages=10_000)
    assert (await over(caller, chat, "completed")).exhausted
    await caller.ask(MergeReport, "sync_history_to_database")
    held = await caller.every_id(chat)
    assert {message.id for message in await emulated.truth(chat)} <= set(held)
    assert len(held) == len(set(held))


async def test_what_was_never_begun_can_neither_be_resumed_nor_cancelled(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    code, _ = await caller.refused("resume_sync", chat_jid="+1 555 0196")
    assert code in (Code.CHAT_NOT_FOUND, Code.NO_CHECKPOINT)
    assert (await caller.refused("cancel_sync", chat_jid="+1 555 0196"))[0] is Code.NO_ACTIVE_SYNC
    # One live message is nothing that was begun.
    friend = world.contact("Marta")
    said = await emulated.say(friend.name, "my first message")
    await until(
        lambda: caller.ask(ChatHistory, "get_sync_status", chat_jid=friend.pn), lambda seen: seen.messages > 0, 20
    )
    code, envelope = await caller.refused("resume_sync", chat_jid=friend.pn)
    assert (code, "fetch_history" in str(envelope["resolution"])) == (Code.NO_CHECKPOINT, True)
    assert await caller.knows(said.id)


async def test_checkpoints_tell_how_far_back_each_chat_reaches(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    chat = world.group("Lifts & Kit").jid
    await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
    await over(caller, chat, "completed")
    await caller.ask(MergeReport, "sync_history_to_database")
    pages = [await caller.ask(SyncCheckpoints, "get_sync_checkpoints", limit=3)]
    while (cursor := pages[-1].next_cursor) is not None:
        pages.append(await caller.ask(SyncCheckpoints, "get_sync_checkpoints", limit=3, cursor=cursor))
    every = [checkpoint for page in pages for checkpoint in page.checkpoints]
    assert len({checkpoint.chat_jid for checkpoint in every}) == len(every) == pages[0].total
    (told,) = [checkpoint for checkpoint in every if checkpoint.chat_jid == chat]
    assert (told.messages, told.exhausted, told.chat_name) == (len(await caller.every_id(chat)), True, "Lifts & Kit")
    assert told.oldest_at is not None
    assert told.newest_at is not None
    assert told.oldest_at < told.newest_at
    assert (told.can_ask_more, told.gaps) == (False, [])
    # Chats whose history nobody asked for are there too, with what came by itself.
    listed = {checkpoint.chat_jid for checkpoint in every}
    chats = await caller.ask(ChatList, "list_chats", limit=200)
    assert {chat.jid for chat in chats.chats if chat.last_message_at} <= listed
    assert any(checkpoint.can_ask_more for checkpoint in every)


async def test_clearing_loses_nothing_and_a_merge_after_it_misses_nothing(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    await caller.ask(MergeReport, "sync_history_to_database")
    before = await caller.ask(HistoryStatus, "get_baileys_sync_status")
    cleared = await caller.ask(TempCleared, "clear_temp_storage")
    assert cleared.messages_removed == before.rows - cleared.messages_kept
    assert (await caller.ask(TempCleared, "clear_temp_storage")).messages_removed == 0
    chat = world.group("Lifts & Kit").jid
    await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
    await over(caller, chat, "completed")
    later = await caller.ask(HistoryStatus, "get_baileys_sync_status")
    said = await emulated.say("Priya Raman", "after the clearing")
    await until(lambda: caller.ask(HistoryStatus, "get_baileys_sync_status"), lambda seen: seen.rows > later.rows, 20)
    merged = await caller.ask(MergeReport, "sync_history_to_database")
    # What the Go bridge heard too is known; that the row was read shows that no number was used twice.
    assert merged.read >= 1
    assert merged.conflicts == 0
    assert (await caller.every_id(world.contact("Priya Raman").pn)).count(said.id) == 1
    held = await caller.every_id(chat)
    assert {message.id for message in await emulated.truth(chat)} <= set(held)
    assert len(held) == len(set(held))


async def test_a_wipe_is_refused_while_rows_wait_and_loses_nothing_that_is_merged(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("Priya Raman")
    known = await caller.ask(HistoryStatus, "get_baileys_sync_status")
    said = await emulated.say(friend.name, "not merged yet")
    await until(
        lambda: caller.ask(HistoryStatus, "get_baileys_sync_status"),
        lambda seen: seen.last_seq > known.last_seq and seen.rows > 0,
        20,
    )
    code, envelope = await caller.refused("clear_baileys_temp_data")
    assert code is Code.UNSYNCED_ROWS
    assert "sync_history_to_database" in str(envelope["resolution"])
    wiped = await caller.ask(TempCleared, "clear_baileys_temp_data", force=True)
    assert wiped.messages_removed > 0
    after = await caller.ask(HistoryStatus, "get_baileys_sync_status")
    assert (after.rows, after.jobs) == (0, [])
    assert after.last_seq >= known.last_seq
    # What came live stands in messages.db by the Go bridge.
    assert (await caller.every_id(friend.pn)).count(said.id) == 1
    # The phone can be asked again, from what messages.db knows.
    chat = world.group("Lifts & Kit").jid
    await caller.ask(HistoryProgress, "fetch_history", chat_jid=chat, max_messages=10_000)
    assert (await over(caller, chat, "completed")).exhausted
    await caller.ask(MergeReport, "sync_history_to_database")
