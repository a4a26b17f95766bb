"""What happens while the bridges are connected stands in messages.db."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import Emulated, World
from cli.stage import until
from tools.results import MessageHit, MessageList

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def newest(caller: Caller, chat: str) -> MessageHit:
    listed = await caller.ask(MessageList, "list_messages", chat_jid=chat, limit=1, include_context=False)
    return listed.messages[0]


async def stored(caller: Caller, chat: str, message_id: str) -> MessageHit:
    listed = await until(
        lambda: caller.ask(MessageList, "list_messages", chat_jid=chat, limit=3, include_context=False),
        lambda seen: message_id in [message.id for message in seen.messages],
        15,
    )
    return next(message for message in listed.messages if message.id == message_id)


async def test_a_message_from_a_contact_is_seen_in_the_next_listing(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("林美玲")
    said = await emulated.say(friend.name, "燈籠做好了")
    message = await stored(caller, friend.pn, said.id)
    assert (message.text, message.sender_name, message.from_me, message.read) == ("燈籠做好了", "林美玲", False, False)
    found = await caller.ask(MessageList, "query_synced_messages", content="燈籠")
    assert said.id in [hit.id for hit in found.messages]


async def test_a_message_in_a_group_has_its_sender(caller: Caller, emulated: Emulated, world: World) -> None:
    room = world.group("Trip to the Lakes")
    said = await emulated.say("Priya Raman", "The cabin is booked.", chat=room.jid)
    message = await stored(caller, room.jid, said.id)
    assert (message.sender_name, message.sender_jid) == ("Priya Raman", world.contact("Priya Raman").pn)


async def test_what_the_phone_sends_is_an_own_message(caller: Caller, emulated: Emulated, world: World) -> None:
    friend = world.contact("Bäckerei Jörg")
    said = await emulated.phone_say(friend.pn, "Two rye loaves, please.")
    message = await stored(caller, friend.pn, said.id)
    assert (message.from_me, message.sender_name, message.text) == (True, "You", "Two rye loaves, please.")


async def test_an_edit_a_reaction_and_a_revoke_settle_on_their_message(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend = world.contact("Zoë Müller")
    said = await emulated.say(friend.name, "See you at sevn")
    await stored(caller, friend.pn, said.id)
    await emulated.act("edit", friend.name, said.id, text="See you at seven")
    edited = await until(lambda: newest(caller, friend.pn), lambda message: message.edited_at is not None, 15)
    assert (edited.id, edited.text) == (said.id, "See you at seven")
    await emulated.act("react", friend.name, said.id, emoji="🌻")
    reacted = await until(lambda: newest(caller, friend.pn), lambda message: bool(message.reactions), 15)
    assert [(r.emoji, r.sender_name) for r in reacted.reactions or []] == [("🌻", friend.name)]
    await emulated.act("revoke", friend.name, said.id)
    revoked = await until(lambda: newest(caller, friend.pn), lambda message: message.revoked_at is not None, 15)
    assert (revoked.id, revoked.text) == (said.id, None)


async def test_a_person_known_by_lid_alone_is_one_chat_with_a_name(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    stranger = world.contact("Pete")
    said = await emulated.say(stranger.name, "Is the ladder back?")
    message = await stored(caller, stranger.lid, said.id)
    assert message.sender_name == "Pete 🚲"
