"""Archive, pin and mute, by what the phone's app state, the other companion and messages.db say."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from caller import Caller
from cli.emulated import ChatMarks as PhoneMarks
from cli.emulated import Emulated, World
from cli.stage import Stage, until
from errors import Code
from tools.results import Chat, ChatList, ChatMarks, OneChat

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRIEND = "林美玲"
FOR_EVER = "9999-12-31T23:59:59Z"


async def chat_of(caller: Caller, name: str) -> Chat:
    return (await caller.ask(OneChat, "get_chat", chat_jid=name, include_last_message=False)).chat


async def phone_shows(emulated: Emulated, jid: str, holds: Callable[[PhoneMarks], bool]) -> PhoneMarks:
    async def look() -> PhoneMarks:
        return (await emulated.phone()).chats.get(jid, PhoneMarks())

    return await until(look, holds, 15)


async def companion_has(stage: Stage, jids: set[str], column: str, value: int) -> None:
    """Wait until the Baileys bridge, which is the other companion, has heard of it too."""

    async def look() -> set[int | None]:
        with closing(sqlite3.connect(f"file:{stage.folder}/baileys/baileys_temp.db?mode=ro", uri=True)) as db:
            rows = db.execute(f"SELECT jid, {column} FROM chats").fetchall()
        return {row[1] for row in rows if row[0] in jids}

    await until(look, lambda values: value in values, 15)


async def sent(emulated: Emulated) -> dict[str, int]:
    """The versions of the app state's collections: each patch moves one on."""
    return (await emulated.phone()).collections


async def test_archive_chat_and_unarchive_chat_move_a_chat_on_every_device(
    stage: Stage, caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact(FRIEND)
    jids = {friend.pn, friend.lid}
    assert (await caller.ask(ChatMarks, "pin_chat", chat_jid=friend.name)).pinned
    done = await caller.ask(ChatMarks, "archive_chat", chat_jid=friend.name)
    assert (done.status, done.chat_jid, done.name) == ("changed", friend.pn, friend.name)
    assert (done.archived, done.pinned) == (True, False)
    chat = await chat_of(caller, friend.pn)
    assert (chat.archived, chat.pinned) == (True, None)
    await phone_shows(emulated, friend.lid, lambda seen: seen.archived is True and seen.pinned is False)
    await companion_has(stage, jids, "archived", 1)
    archive = await caller.ask(ChatList, "list_chats_v2", archived=True, limit=200)
    assert friend.pn in [chat.jid for chat in archive.chats]

    before = await sent(emulated)
    assert (await caller.ask(ChatMarks, "archive_chat", chat_jid=friend.lid)).status == "unchanged"
    assert await sent(emulated) == before
    code, envelope = await caller.refused("pin_chat", chat_jid=friend.pn)
    assert code is Code.INVALID_ARGUMENT
    assert "unarchive_chat" in str(envelope["resolution"])

    back = await caller.ask(ChatMarks, "unarchive_chat", chat_jid=friend.pn)
    assert (back.status, back.archived) == ("changed", False)
    await phone_shows(emulated, friend.lid, lambda seen: seen.archived is False)
    await companion_has(stage, jids, "archived", 0)
    assert (await chat_of(caller, friend.pn)).archived is None
    assert (await caller.ask(ChatMarks, "unarchive_chat", chat_jid=friend.pn)).status == "unchanged"


async def test_pin_chat_stops_at_three_and_unpin_chat_makes_room(
    stage: Stage, caller: Caller, emulated: Emulated, world: World
) -> None:
    first, second, third = (world.contact(name) for name in ("Bob Carver", "Priya Raman", "Tomás Oliveira"))
    family = world.group("Family 🏡")
    assert (await chat_of(caller, family.jid)).pinned
    for friend in (first, second):
        pinned = await caller.ask(ChatMarks, "pin_chat", chat_jid=friend.name)
        assert (pinned.status, pinned.pinned) == ("changed", True)
        await phone_shows(emulated, friend.lid, lambda seen: seen.pinned is True)
        await companion_has(stage, {friend.pn, friend.lid}, "pinned", 1)
    before = await sent(emulated)
    assert (await caller.ask(ChatMarks, "pin_chat", chat_jid=first.pn)).status == "unchanged"
    code, envelope = await caller.refused("pin_chat", chat_jid=third.name)
    assert code is Code.MAX_PINS_REACHED
    assert "unpin_chat" in str(envelope["resolution"])
    details = envelope["details"]
    assert isinstance(details, dict)
    chats = details["chats"]
    assert isinstance(chats, list)
    assert {chat["jid"] for chat in chats if isinstance(chat, dict)} == {family.jid, first.pn, second.pn}
    assert await sent(emulated) == before
    for friend in (first, second):
        free = await caller.ask(ChatMarks, "unpin_chat", chat_jid=friend.lid)
        assert (free.status, free.pinned) == ("changed", False)
        await phone_shows(emulated, friend.lid, lambda seen: seen.pinned is False)
        await companion_has(stage, {friend.pn, friend.lid}, "pinned", 0)
        assert (await chat_of(caller, friend.pn)).pinned is None
    assert (await caller.ask(ChatMarks, "unpin_chat", chat_jid=first.pn)).status == "unchanged"


async def test_mute_chat_for_a_while_and_for_ever_and_unmute_chat(
    stage: Stage, caller: Caller, emulated: Emulated, world: World
) -> None:
    room = world.group("Book Club 📚")
    begun = datetime.now(UTC)
    hours = await caller.ask(ChatMarks, "mute_chat", chat_jid=room.name, duration_seconds=8 * 3600)
    assert hours.status == "changed"
    assert hours.muted_until
    until_then = datetime.fromisoformat(hours.muted_until)
    assert timedelta(hours=8) - timedelta(seconds=2) < until_then - begun < timedelta(hours=8, minutes=1)
    await phone_shows(emulated, room.jid, lambda seen: seen.muted_until == int(until_then.timestamp()))
    await companion_has(stage, {room.jid}, "muted_until", int(until_then.timestamp()))
    assert (await chat_of(caller, room.jid)).muted_until == hours.muted_until
    before = await sent(emulated)
    again = await caller.ask(ChatMarks, "mute_chat", chat_jid=room.jid, duration_seconds=8 * 3600)
    assert (again.status, again.muted_until) == ("unchanged", hours.muted_until)
    assert await sent(emulated) == before

    assert (await caller.ask(ChatMarks, "mute_chat", chat_jid=room.jid)).muted_until == FOR_EVER
    await phone_shows(emulated, room.jid, lambda seen: seen.muted_until == -1)
    await companion_has(stage, {room.jid}, "muted_until", -1)
    assert (await caller.ask(ChatMarks, "mute_chat", chat_jid=room.jid)).status == "unchanged"

    loud = await caller.ask(ChatMarks, "unmute_chat", chat_jid=room.jid)
    assert (loud.status, loud.muted_until) == ("changed", None)
    await phone_shows(emulated, room.jid, lambda seen: seen.muted_until == 0)
    await companion_has(stage, {room.jid}, "muted_until", 0)
    assert (await chat_of(caller, room.jid)).muted_until is None
    assert (await caller.ask(ChatMarks, "unmute_chat", chat_jid=room.jid)).status == "unchanged"


async def test_what_the_phone_archives_pins_and_mutes_stands_in_messages_db(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("Amira حداد")
    end = int((datetime.now(UTC) + timedelta(days=7)).timestamp())
    await emulated.phone_mark(friend.lid, pinned=True, muted_until=end)
    seen = await until(lambda: chat_of(caller, friend.pn), lambda chat: bool(chat.pinned and chat.muted_until), 15)
    assert datetime.fromisoformat(seen.muted_until or "").timestamp() == end
    await emulated.phone_mark(friend.lid, archived=True, muted_until=0)
    await until(
        lambda: chat_of(caller, friend.pn),
        lambda chat: bool(chat.archived) and not chat.pinned and not chat.muted_until,
        15,
    )
    assert (await caller.ask(ChatMarks, "archive_chat", chat_jid=friend.pn)).status == "unchanged"
    await emulated.phone_mark(friend.lid, archived=False)
    await until(lambda: chat_of(caller, friend.pn), lambda chat: not chat.archived, 15)


async def test_what_phone_and_bridge_mark_at_the_same_moment_is_not_lost(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend, room = world.contact("Bäckerei Jörg"), world.group("Lifts & Kit")
    for round_ in range(8):
        on = round_ % 2 == 0
        await asyncio.gather(
            emulated.phone_mark(room.jid, archived=on),
            caller.ask(ChatMarks, "archive_chat" if on else "unarchive_chat", chat_jid=friend.pn),
        )
    await phone_shows(emulated, friend.lid, lambda seen: seen.archived is False)
    await phone_shows(emulated, room.jid, lambda seen: seen.archived is False)
    for jid in (friend.pn, room.jid):
        await until(lambda jid=jid: chat_of(caller, jid), lambda chat: not chat.archived, 15)  # type: ignore[misc]


@pytest.mark.parametrize(
    "name", ["archive_chat", "unarchive_chat", "pin_chat", "unpin_chat", "mute_chat", "unmute_chat"]
)
async def test_a_mark_needs_a_chat_that_is_known_and_is_a_conversation(caller: Caller, world: World, name: str) -> None:
    assert (await caller.refused(name, chat_jid="+1 555 0196"))[0] is Code.CHAT_NOT_FOUND
    assert (await caller.refused(name, chat_jid="announcements"))[0] is Code.AMBIGUOUS_RECIPIENT
    code, envelope = await caller.refused(name, chat_jid=world.community("Sunday Football").jid)
    assert code is Code.INVALID_ARGUMENT
    assert "community" in str(envelope["message"])
