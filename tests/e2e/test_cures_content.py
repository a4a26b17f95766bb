"""The cures of TROUBLESHOOTING.md for what is missing, refused or cut; the phone pushes its history when told."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client, MCPError

from browser import read_drawing
from caller import Caller
from cli.demo import WORLD
from cli.ffmpeg import find_ffmpeg
from cli.stage import Stage, open_stage, until
from doctor import findings
from errors import Code
from files import convert, tone
from holding import held
from pair_command import DRAWN, pairing
from restart import restart
from server import build_server
from tools.results import (
    BackendStatus,
    ChatList,
    CommunityReport,
    ContactList,
    HistoryProgress,
    MergeReport,
    MessageList,
    SentMessage,
)

COMMUNITY, FRIEND = "Riverside Neighbours", "Bob Carver"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Both bridges linked, to a phone that has pushed nothing yet but its settings."""
    async with held(open_stage(tmp_path_factory.mktemp("content"), WORLD)) as opened:
        await opened.emulated.push(on_link=True, kind="non_blocking")
        await opened.link()
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(stage: Stage) -> AsyncIterator[Caller]:
    async with held(Client(build_server(stage.settings), mode="legacy")) as client:
        yield Caller(client)


async def collected(caller: Caller) -> None:
    """The phone's history, pushed, received and merged."""
    await until(
        lambda: caller.ask(HistoryProgress, "retrieve_full_history", timeout=60),
        lambda job: job.state == "completed" and job.messages > 0,
    )
    await caller.ask(MergeReport, "sync_history_to_database")


@pytest.mark.symptom("Names are numbers")
async def test_who_is_in_no_address_book_is_a_number_until_the_push_is_complete_and_then_in_older_messages_too(
    stage: Stage, caller: Caller
) -> None:
    kenji = (await stage.emulated.world()).contact("Kenji")
    number = f"+{kenji.pn.partition('@')[0]}"
    said = await stage.emulated.phone_say(kenji.name, "See you at six.")

    async def newest() -> MessageList:
        return await caller.ask(MessageList, "list_messages", chat_jid=kenji.pn, include_context=False)

    listed = await until(newest, lambda page: bool(page.messages), 20)
    assert [message.id for message in listed.messages] == [said.id]
    found = await caller.ask(ContactList, "search_contacts", query=number)
    assert [(one.jid, one.name, one.push_name) for one in found.contacts] == [(kenji.pn, number, None)]
    assert listed.messages[0].chat_name == number
    await stage.emulated.push()
    await collected(caller)
    (one,) = (await caller.ask(ContactList, "search_contacts", query=number)).contacts
    assert (one.jid, one.name) == (kenji.pn, "健二 Kenji")
    (older,) = [message for message in (await newest()).messages if message.id == said.id]
    assert older.chat_name == "健二 Kenji"


@pytest.mark.symptom("Calls are cut after a minute")
async def test_a_call_that_the_client_cut_goes_on_and_with_a_smaller_budget_it_answers_before_and_is_joined(
    stage: Stage, caller: Caller
) -> None:
    await stage.emulated.push()
    await collected(caller)
    await stage.emulated.fault("phone_slow", ms=500)
    call = ("mark_community_as_read_with_history", {"community_jid": COMMUNITY})
    with pytest.raises(MCPError):
        await caller.client.call_tool(*call, read_timeout_seconds=1)
    patient = stage.settings.model_copy(update={"wait_budget": 1.0})
    async with Client(build_server(patient), mode="legacy") as client:
        answered = await client.call_tool(*call, read_timeout_seconds=5)
        report = Caller(client).read(CommunityReport, call[0], answered)
        assert report.status == "running"
        await stage.emulated.fault("phone_slow", on=False)
        done = await until(
            lambda: Caller(client).ask(CommunityReport, call[0], community_jid=COMMUNITY),
            lambda seen: seen.status == "completed",
        )
    assert all(group.history == "complete" for group in done.groups if group.status != "not_joined")


@pytest.mark.symptom("Voice notes are refused")
async def test_without_ffmpeg_only_opus_is_a_voice_note_and_a_path_to_it_mends_that(
    stage: Stage, caller: Caller, tmp_path: Path
) -> None:
    ffmpeg, outbox, env = find_ffmpeg(), stage.settings.messages_db.parent / "media", shutil.which("env")
    assert ffmpeg
    assert env
    wav, opus = outbox / "hello.wav", outbox / "hello.ogg"
    wav.write_bytes(tone(1))
    convert(wav, tmp_path / "hello.opus").replace(opus)
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    plain = [part for part in stage.whatsapp.command if part not in ("--ffmpeg", ffmpeg)]
    with pytest.raises(FileNotFoundError):
        await asyncio.create_subprocess_exec("ffmpeg", "-version", env={"PATH": str(nowhere)})
    stage.whatsapp.command = plain
    await restart(stage.whatsapp, before=(env, f"PATH={nowhere}"))
    await connected(caller)
    code, envelope = await caller.refused("send_voice_note_v2", chat_jid=FRIEND, audio_path=str(wav))
    assert (code, "install ffmpeg" in str(envelope["resolution"]).lower()) == (Code.FFMPEG_MISSING, True)
    assert (await caller.ask(SentMessage, "send_voice_note_v2", chat_jid=FRIEND, audio_path=str(opus))).status == "sent"
    await restart(stage.whatsapp, before=(env, f"WHATSAPP_MCP_FFMPEG={ffmpeg}"))
    await connected(caller)
    assert (await caller.ask(SentMessage, "send_voice_note_v2", chat_jid=FRIEND, audio_path=str(wav))).status == "sent"


async def connected(caller: Caller) -> None:
    await until(
        lambda: caller.ask(BackendStatus, "backend_status"),
        lambda seen: seen.go.state == seen.baileys.state == "connected",
        30,
    )


def spoil(file: Path) -> None:
    """Its first pages stay, so that it is known for a database."""
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))


def away(file: Path) -> None:
    """Move a database away, with what belongs to it."""
    for suffix in ("", "-wal", "-shm"):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(part.with_name(f"damaged-{part.name}"))


@pytest.mark.symptom("The database is damaged")
async def test_damaged_databases_are_found_by_the_doctor_and_moved_away_for_a_backup_or_a_fresh_file(
    stage: Stage, caller: Caller, tmp_path: Path
) -> None:
    await stage.emulated.push()
    await collected(caller)
    before = await caller.ask(ChatList, "list_chats", limit=200)
    here = {**stage.environment, "HOME": str(tmp_path)}
    messages, temporary = stage.settings.messages_db, stage.settings.baileys_db
    backup = tmp_path / "backup.db"
    for program in (stage.whatsapp, stage.baileys):
        await program.stop()
    shutil.copy2(messages, backup)
    for file in (messages, temporary):
        spoil(file)
    code, found = await findings(here)
    assert code == 2
    for file in (messages, temporary):
        finding = found[f"{file.name} integrity"]
        assert (finding["severity"], "move the file away" in finding["cure"]) == ("error", True), finding
    away(temporary)
    away(messages)
    shutil.copy2(backup, messages)
    for program in (stage.whatsapp, stage.baileys):
        await restart(program)
    await connected(caller)
    _, found = await findings(here)
    for file in (messages, temporary):
        assert found[f"{file.name} integrity"]["severity"] == "fine"
    assert await caller.ask(ChatList, "list_chats", limit=200) == before


@pytest.mark.symptom("The database is damaged")
async def test_an_empty_messages_db_is_filled_by_a_merge_or_by_the_push_of_a_new_link(
    stage: Stage, caller: Caller
) -> None:
    await stage.emulated.push(on_link=True)
    await stage.emulated.push()
    await collected(caller)
    chats = await caller.ask(ChatList, "list_chats", limit=200)
    known = {chat.jid for chat in chats.chats if chat.last_message_at}

    async def held_again() -> set[str]:
        listed = await caller.ask(ChatList, "list_chats", limit=200)
        return known & {chat.jid for chat in listed.chats if chat.last_message_at}

    async def start_empty() -> None:
        await stage.whatsapp.stop()
        away(stage.settings.messages_db)
        await restart(stage.whatsapp)
        await connected(caller)
        assert await held_again() == set()

    await start_empty()
    assert (await caller.ask(MergeReport, "sync_history_to_database")).inserted > 0
    assert await held_again() == known
    await start_empty()
    # The link is kept in a file of its own, so the phone has no reason to push again.
    await stage.emulated.unlink(min(companion.device for companion in await stage.emulated.devices()))
    await until(lambda: caller.ask(BackendStatus, "backend_status"), lambda seen: seen.go.state == "logged_out", 30)
    async with pairing(stage.environment, "--terminal") as running:
        (code,) = read_drawing((await running.hear(DRAWN.format(name="whatsapp-bridge")))[1])
        await stage.emulated.scan(code)
        assert await running.end() == 0
    await until(held_again, lambda seen: seen == known, 30)
