"""Reading, by the ticks that senders see and the badge that the phone loses."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from pydantic import JsonValue

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import Stage, until
from errors import Code
from tools.results import ChatList, ChatRead, MessageContext, MessagesRead

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ticks(emulated: Emulated, contact: str, message_id: str) -> int:
    """How many read receipts the contact got for the message."""
    events = (await emulated.received(contact)).events
    return sum(
        event.kind == "receipt" and event.receipt_type == "read" and message_id in (event.ids or [event.id or ""])
        for event in events
    )


async def unread(caller: Caller, name: str) -> int:
    listed = await caller.ask(ChatList, "list_chats", query=name, include_last_message=False)
    return listed.chats[0].unread_count


async def test_mark_chat_read_v2_gives_the_sender_blue_ticks_and_takes_the_badge_from_the_phone(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("Amira حداد")
    said = await emulated.say(friend.name, "Did you see the lanterns?")

    async def waiting() -> int:
        return await unread(caller, friend.name)

    await until(waiting, lambda count: count > 0, 15)
    read = await caller.ask(ChatRead, "mark_chat_read_v2", chat_jid=friend.name)
    assert read.messages_marked >= 1
    assert read.receipts_sent >= 1
    assert read.app_state == "marked"
    await until(lambda: ticks(emulated, friend.name, said.id), lambda count: count == 1, 15)
    phone = await until(
        emulated.phone,
        lambda seen: any(marks.read for jid, marks in seen.chats.items() if jid in friend_jids(world)),
        15,
    )
    assert phone.chats
    assert await unread(caller, friend.name) == 0

    again = await caller.ask(ChatRead, "mark_chat_read_v2", chat_jid=friend.name)
    assert (again.messages_marked, again.receipts_sent, again.app_state) == (0, 0, "unchanged")
    assert await ticks(emulated, friend.name, said.id) == 1


def friend_jids(world: World) -> set[str]:
    friend = world.contact("Amira حداد")
    return {friend.pn, friend.lid}


async def test_a_chat_that_nobody_knows_cannot_be_read(caller: Caller) -> None:
    assert (await caller.refused("mark_chat_read_v2", chat_jid="+1 555 0198"))[0] is Code.CHAT_NOT_FOUND


async def hears(caller: Caller, emulated: Emulated, who: str, text: str, chat: str | None = None) -> str:
    """The id of something that a contact said, once it is stored."""
    said = await emulated.say(who, text, chat=chat)
    await until(lambda: caller.knows(said.id), bool, 15)
    return said.id


async def is_read(caller: Caller, message_id: str) -> bool:
    return (await caller.ask(MessageContext, "get_message_context", message_id=message_id)).message.read


async def test_mark_message_read_v2_marks_that_message_alone(caller: Caller, stage: Stage, world: World) -> None:
    friend, emulated = world.contact("Grandma Rose"), stage.emulated
    first = await hears(caller, emulated, friend.name, "One for the lantern")
    second = await hears(caller, emulated, friend.name, "and one for the river")
    before = await unread(caller, friend.name)
    read = await caller.ask(MessagesRead, "mark_message_read_v2", chat_jid=friend.name, message_id=first)
    assert (read.chat_jid, read.messages_marked, read.receipts_sent, read.unknown_ids) == (friend.pn, 1, 1, None)
    await until(lambda: ticks(emulated, friend.name, first), lambda count: count == 1, 15)
    assert await unread(caller, friend.name) == before - 1
    assert (await is_read(caller, first), await is_read(caller, second)) == (True, False)

    again = await caller.ask(MessagesRead, "mark_message_read_v2", chat_jid=friend.name, message_id=first)
    assert (again.messages_marked, again.receipts_sent) == (0, 0)
    assert await ticks(emulated, friend.name, first) == 1
    assert await ticks(emulated, friend.name, second) == 0

    await caller.ask(MessagesRead, "mark_message_read_v2", chat_jid=friend.pn, message_id=second)
    # The phone takes the badge away when the newest message was read.
    await until(
        emulated.phone,
        lambda phone: any(e.kind == "receipt" and second in (e.ids or []) for e in phone.events),
        15,
    )


async def test_mark_as_read_sends_each_author_a_receipt_and_names_what_it_does_not_know(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room = world.group("Book Club 📚")
    bob = await hears(caller, emulated, "Priya Raman", "Page forty, wow", room.jid)
    others = [await hears(caller, emulated, "Amira حداد", f"Page {n}!", room.jid) for n in (41, 42)]
    before = await unread(caller, room.name)
    ids: list[JsonValue] = [bob, *others, "3EB0FFFFFFFFFFFF"]
    read = await caller.ask(MessagesRead, "mark_as_read", chat_jid=room.jid, message_ids=ids)
    assert (read.messages_marked, read.receipts_sent, read.unknown_ids) == (3, 2, ["3EB0FFFFFFFFFFFF"])
    await until(lambda: ticks(emulated, "Priya Raman", bob), lambda count: count == 1, 15)
    for id_ in others:
        await until(partial(ticks, emulated, "Amira حداد", id_), lambda count: count == 1, 15)
        assert await ticks(emulated, "Priya Raman", id_) == 0
    assert await unread(caller, room.name) == before - 3
    again = await caller.ask(MessagesRead, "mark_as_read", chat_jid=room.jid, message_ids=ids)
    assert (again.messages_marked, again.receipts_sent) == (0, 0)


async def test_mark_as_read_marks_what_is_not_stored_where_its_sender_is_given(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room = world.group("Book Club 📚")
    unknown = "3EB0AAAAAAAAAAAA"
    read = await caller.ask(
        MessagesRead, "mark_as_read", chat_jid=room.jid, message_ids=[unknown], sender="Priya Raman"
    )
    assert (read.messages_marked, read.receipts_sent, read.unknown_ids) == (0, 1, [unknown])
    await until(lambda: ticks(emulated, "Priya Raman", unknown), lambda count: count == 1, 15)


async def test_an_own_message_needs_no_receipt(caller: Caller, emulated: Emulated, world: World) -> None:
    friend = world.contact("Priya Raman")
    own = await emulated.phone_say(friend.pn, "Mine is read already.")
    await until(lambda: caller.knows(own.id), bool, 15)
    read = await caller.ask(MessagesRead, "mark_message_read_v2", chat_jid=friend.pn, message_id=own.id)
    assert (read.messages_marked, read.receipts_sent) == (0, 0)


@pytest.mark.parametrize("tool", ["mark_as_read", "mark_message_read_v2"])
async def test_messages_that_nobody_knows_cannot_be_read(caller: Caller, world: World, tool: str) -> None:
    unknown = "3EB0FFFFFFFFFFFF"
    which: dict[str, JsonValue] = {"message_ids": [unknown]} if tool == "mark_as_read" else {"message_id": unknown}
    code, envelope = await caller.refused(tool, chat_jid=world.contact("Priya Raman").pn, **which)
    assert code is Code.MESSAGE_NOT_FOUND
    assert unknown in str(envelope["message"])
    assert (await caller.refused(tool, chat_jid="+1 555 0198", **which))[0] is Code.CHAT_NOT_FOUND


async def test_chats_that_are_marked_read_at_the_same_moment_are_all_marked(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    # At the end: what is said in the second of a mark counts as read, and the other tests talk with the same people.
    friends = world.contacts[:8]
    for friend in friends:
        said = await emulated.say(friend.name, "All at once?")
        await until(partial(caller.knows, said.id, friend.pn), bool, 15)
    read = await asyncio.gather(*(caller.ask(ChatRead, "mark_chat_read_v2", chat_jid=friend.pn) for friend in friends))
    assert [chat.app_state for chat in read] == ["marked"] * len(friends)
