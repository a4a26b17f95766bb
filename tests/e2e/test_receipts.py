"""Reading, by the ticks that senders see and the badge that the phone loses."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import until
from errors import Code
from tools.results import ChatList, ChatRead

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
