"""What is done to a message that exists, by what everybody else sees of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

import pytest
from pydantic import JsonValue

from caller import Caller, keyed
from cli.emulated import Emulated, Event, World
from cli.stage import Stage, until
from errors import Code
from tools.results import MessageContext, MessageList, SentMessage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def said(caller: Caller, emulated: Emulated, who: str, text: str, chat: str | None = None) -> str:
    """The id of something that a contact said, once it is stored."""
    message = await emulated.say(who, text, chat=chat)
    await until(lambda: caller.knows(message.id), bool, 15)
    return message.id


async def look(caller: Caller, message_id: str, chat: str) -> MessageContext:
    return await caller.ask(MessageContext, "get_message_context", message_id=message_id, chat_jid=chat)


async def change(emulated: Emulated, contact: str, kind: str, target: str, text: str | None) -> Event:
    """The change of that message as the contact decrypted it."""

    def fits(event: Event) -> bool:
        return (event.kind, event.target, event.text) == (kind, target, text)

    seen = await until(lambda: emulated.received(contact), lambda heard: any(map(fits, heard.events)), 15)
    return next(event for event in seen.events if fits(event))


async def on_phone(emulated: Emulated, kind: str, target: str | None, text: str | None) -> None:
    """The phone saw the same change as a copy."""
    await until(
        emulated.phone,
        lambda phone: any((e.type, e.target, e.text) == (kind, target, text) for e in phone.events),
        15,
    )


async def other_companion(stage: Stage, question: str, *values: str) -> None:
    """The other companion stored what the question finds."""

    async def found() -> bool:
        uri = f"{(stage.folder / 'baileys' / 'baileys_temp.db').as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            return database.execute(question, values).fetchone() is not None

    await until(found, bool, 15)


async def later_second() -> None:
    """The other companion keeps the time of a reaction in seconds: two in one second have no order there."""
    started = int(time.time())

    async def now() -> int:
        return int(time.time())

    await until(now, lambda second: second > started, 5)


async def sent(caller: Caller, chat: str, text: str) -> str:
    return (await caller.ask(SentMessage, "send_message", recipient=chat, message=text)).message_id


async def test_react_to_message_v2_is_seen_by_everybody_and_taken_back(
    caller: Caller, stage: Stage, world: World
) -> None:
    friend, emulated = world.contact("Priya Raman"), stage.emulated
    id_ = await said(caller, emulated, friend.name, "The form is in.")
    for emoji in ("🎉", "❤️"):
        done = await caller.ask(SentMessage, "react_to_message_v2", chat_jid=friend.name, message_id=id_, emoji=emoji)
        assert (done.status, done.message_id, done.chat_jid) == ("sent", id_, friend.pn)
        event = await change(emulated, friend.name, "reaction", id_, emoji)
        assert event.author == friend.lid
        await on_phone(emulated, "reaction", id_, emoji)
        await other_companion(stage, "SELECT 1 FROM reactions WHERE message_id = ? AND emoji = ?", id_, emoji)
        seen = (await look(caller, id_, friend.pn)).message.reactions or []
        assert [(reaction.emoji, reaction.sender_name) for reaction in seen] == [(emoji, "You")]
        await later_second()
    await caller.ask(SentMessage, "react_to_message_v2", chat_jid=friend.pn, message_id=id_, emoji="")
    await change(emulated, friend.name, "reaction", id_, None)
    await other_companion(stage, "SELECT 1 FROM reactions WHERE message_id = ? AND emoji = ''", id_)
    assert not (await look(caller, id_, friend.pn)).message.reactions


async def test_react_to_message_v2_in_a_group_names_the_author(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room, author = world.group("Trip to the Lakes"), world.contact("Tomás Oliveira")
    id_ = await said(caller, emulated, author.name, "I bring the tent.", room.jid)
    await caller.ask(SentMessage, "react_to_message_v2", chat_jid=room.name, message_id=id_, emoji="⛺")
    for member in ("Bob Carver", author.name):
        event = await change(emulated, member, "reaction", id_, "⛺")
        assert (event.author, event.chat) == (author.lid, room.jid)


async def test_react_to_message_v2_is_encrypted_once_more_in_an_announcement_group(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room, author = world.group("Football Announcements"), world.contact("Tomás Oliveira")
    live = await said(caller, emulated, author.name, "The pitch is dry again.", room.jid)
    listed = await caller.ask(MessageList, "query_synced_messages", chat_jid=room.jid, content="church asked nicely")
    for id_ in (live, listed.messages[0].id):
        await caller.ask(SentMessage, "react_to_message_v2", chat_jid=room.jid, message_id=id_, emoji="⚽")
        for member in ("Bob Carver", author.name):
            assert (await change(emulated, member, "reaction", id_, "⚽")).author == author.lid
        await on_phone(emulated, "reaction", id_, "⚽")
        seen = (await look(caller, id_, room.jid)).message.reactions or []
        assert [(reaction.emoji, reaction.sender_name) for reaction in seen] == [("⚽", "You")]


async def test_edit_message_v2_changes_the_text_everywhere(caller: Caller, stage: Stage, world: World) -> None:
    friend, emulated = world.contact("Priya Raman"), stage.emulated
    id_ = await sent(caller, friend.pn, "See you at sevn")
    done = await caller.ask(SentMessage, "edit_message_v2", message_id=id_, new_text="See you at seven")
    assert (done.status, done.message_id) == ("sent", id_)
    assert (await change(emulated, friend.name, "edit", id_, "See you at seven")).author is None
    await on_phone(emulated, "edit", id_, "See you at seven")
    await other_companion(stage, "SELECT 1 FROM messages WHERE id = ? AND text = ?", id_, "See you at seven")
    message = (await look(caller, id_, friend.pn)).message
    assert message.text == "See you at seven"
    assert message.edited_at
    found = await caller.ask(MessageList, "query_synced_messages", chat_jid=friend.pn, content="sevn")
    assert found.messages == []


async def test_delete_message_v2_takes_an_own_message_back_everywhere(
    caller: Caller, stage: Stage, world: World
) -> None:
    friend, emulated = world.contact("Priya Raman"), stage.emulated
    id_ = await sent(caller, friend.pn, "wrong chat, sorry")
    done = await caller.ask(SentMessage, "delete_message_v2", message_id=id_, chat_jid=friend.name)
    assert (done.status, done.message_id) == ("sent", id_)
    assert (await change(emulated, friend.name, "revoke", id_, None)).author is None
    await on_phone(emulated, "revoke", id_, None)
    await other_companion(stage, "SELECT 1 FROM messages WHERE id = ? AND revoked_at IS NOT NULL", id_)
    message = (await look(caller, id_, friend.pn)).message
    assert (message.kind, message.text) == ("revoked", None)
    for tool, more in CHANGES:
        code, envelope = await caller.refused(tool, message_id=id_, **more(friend.pn))
        assert code is Code.INVALID_ARGUMENT
        assert "deleted" in str(envelope["message"])


def reacting(chat: str) -> dict[str, JsonValue]:
    return {"chat_jid": chat, "emoji": "👍"}


def editing(_: str) -> dict[str, JsonValue]:
    return {"new_text": "other words"}


def deleting(_: str) -> dict[str, JsonValue]:
    return {}


def forwarding(chat: str) -> dict[str, JsonValue]:
    return {"to_chat_jid": chat}


CHANGES = (
    ("react_to_message_v2", reacting),
    ("edit_message_v2", editing),
    ("delete_message_v2", deleting),
    ("forward_message_v2", forwarding),
)


async def test_delete_message_v2_takes_back_what_others_said_where_the_account_is_admin(
    caller: Caller, stage: Stage, world: World
) -> None:
    room, author = world.group("Trip to the Lakes"), world.contact("Tomás Oliveira")
    id_ = await said(caller, stage.emulated, author.name, "Buy cheap watches", room.jid)
    await caller.ask(SentMessage, "delete_message_v2", message_id=id_)
    for member in ("Bob Carver", author.name):
        event = await change(stage.emulated, member, "revoke", id_, None)
        assert (event.author, event.sender and event.sender.split(":")[0]) == (author.lid, own_lid(world))
    await other_companion(stage, "SELECT 1 FROM messages WHERE id = ? AND revoked_at IS NOT NULL", id_)
    assert (await look(caller, id_, room.jid)).message.kind == "revoked"


def own_lid(world: World) -> str:
    return world.account.lid.split("@")[0]


async def test_what_others_said_cannot_be_edited_or_deleted(caller: Caller, emulated: Emulated, world: World) -> None:
    friend, room = world.contact("Priya Raman"), world.group("Book Club 📚")
    direct = await said(caller, emulated, friend.name, "Mine.")
    shared = await said(caller, emulated, friend.name, "Mine too.", room.jid)
    for id_ in (direct, shared):
        for tool, more in (("edit_message_v2", {"new_text": "Ours."}), ("delete_message_v2", {})):
            assert (await caller.refused(tool, message_id=id_, **more))[0] is Code.NOT_OWN_MESSAGE
    revoked = [e for e in (await emulated.received(friend.name)).events if e.target in (direct, shared)]
    assert revoked == []


async def test_an_old_message_cannot_be_edited(caller: Caller, world: World) -> None:
    friend = world.contact("Bob Carver")
    old = await caller.ask(MessageList, "query_synced_messages", chat_jid=friend.pn, sender="me", content="Deal")
    code, _ = await caller.refused("edit_message_v2", message_id=old.messages[-1].id, new_text="No deal")
    assert code is Code.EDIT_WINDOW_CLOSED


async def test_an_edit_that_is_too_long_is_refused(caller: Caller, world: World) -> None:
    id_ = await sent(caller, world.contact("Priya Raman").pn, "short")
    assert (await caller.refused("edit_message_v2", message_id=id_, new_text="é" * 65_537))[0] is Code.TEXT_TOO_LONG


@pytest.mark.parametrize("emoji", ["like", ":+1:", "👍👍"])
async def test_what_is_no_emoji_is_no_reaction(caller: Caller, world: World, emoji: str) -> None:
    id_ = await sent(caller, world.contact("Priya Raman").pn, "react to this")
    code, envelope = await caller.refused("react_to_message_v2", chat_jid="Priya Raman", message_id=id_, emoji=emoji)
    assert code is Code.INVALID_ARGUMENT
    assert envelope["details"] == {
        "argument": "emoji",
        "problem": "must be one emoji such as 👍, or empty to take the reaction back",
    }


async def heard(emulated: Emulated, contact: str, message_id: str) -> Event:
    seen = await until(
        lambda: emulated.received(contact), lambda so_far: message_id in [e.id for e in so_far.events], 15
    )
    return next(event for event in seen.events if event.id == message_id)


async def test_forward_message_v2_counts_the_steps_from_chat_to_chat(
    caller: Caller, stage: Stage, world: World
) -> None:
    friend, other, room = world.contact("Priya Raman"), world.contact("Grandma Rose"), world.group("Book Club 📚")
    id_ = await said(caller, stage.emulated, friend.name, "The library opens at nine.")
    for step, (chat, reader) in enumerate(((other.name, other.name), (room.jid, "Amira حداد")), 1):
        done = await caller.ask(SentMessage, "forward_message_v2", message_id=id_, to_chat_jid=chat)
        assert done.message_id != id_
        event = await heard(stage.emulated, reader, done.message_id)
        assert (event.text, event.forwarded, event.forwarding_score) == ("The library opens at nine.", True, step)
        copy = (await look(caller, done.message_id, done.chat_jid)).message
        assert (copy.text, copy.from_me, copy.forwarded, copy.quoted_id) == (event.text, True, True, None)
        await other_companion(stage, "SELECT 1 FROM messages WHERE id = ? AND forwarded = 1", done.message_id)
        id_ = done.message_id
        await on_phone(stage.emulated, "message", None, event.text)


async def test_forward_message_v2_forwards_a_picture_out_of_the_history(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room, friend = world.group("Street Talk"), world.contact("Grandma Rose")
    found = await caller.ask(MessageList, "query_synced_messages", chat_jid=room.jid, media_type="image")
    picture = next(message for message in found.messages if message.text == "Exhibit A")
    done = await caller.ask(
        SentMessage,
        "forward_message_v2",
        message_id=picture.id,
        to_chat_jid=friend.pn,
        from_chat_jid="Street Talk",
    )
    event = await heard(emulated, friend.name, done.message_id)
    assert (event.type, event.text, event.forwarded) == ("image", "Exhibit A", True)


async def test_an_edited_message_is_forwarded_as_it_reads_now(caller: Caller, emulated: Emulated, world: World) -> None:
    friend, other = world.contact("Priya Raman"), world.contact("Grandma Rose")
    id_ = await sent(caller, friend.pn, "The cake is a li")
    await caller.ask(SentMessage, "edit_message_v2", message_id=id_, new_text="The cake is a lemon cake")
    done = await caller.ask(SentMessage, "forward_message_v2", message_id=id_, to_chat_jid=other.pn)
    assert (await heard(emulated, other.name, done.message_id)).text == "The cake is a lemon cake"


@pytest.mark.parametrize(("tool", "more"), CHANGES, ids=[tool for tool, _ in CHANGES])
async def test_a_message_that_is_not_stored_cannot_be_changed(
    caller: Caller, world: World, tool: str, more: Callable[[str], dict[str, JsonValue]]
) -> None:
    code, _ = await caller.refused(tool, message_id="3EB0FFFFFFFFFFFF", **more(world.contact("Priya Raman").pn))
    assert code is Code.MESSAGE_NOT_FOUND


async def test_an_id_that_stands_in_two_chats_is_settled_by_the_chat(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend, other = world.contact("Priya Raman"), world.contact("Grandma Rose")
    twice = "3EB0C0FFEE00C0FFEE00"
    for who in (friend, other):
        await emulated.say(who.name, f"from {who.name}", id_=twice)
    for who in (friend, other):
        await until(partial(caller.knows, twice, who.pn), bool, 15)
    code, envelope = await caller.refused("forward_message_v2", message_id=twice, to_chat_jid=other.pn)
    assert code is Code.AMBIGUOUS_MESSAGE
    details = envelope["details"]
    assert isinstance(details, dict)
    chats = details["chats"]
    assert isinstance(chats, list)
    assert {chat["jid"] for chat in chats if isinstance(chat, dict)} == {friend.pn, other.pn}
    done = await caller.ask(
        SentMessage, "forward_message_v2", message_id=twice, to_chat_jid=other.pn, from_chat_jid=friend.name
    )
    assert (await heard(emulated, other.name, done.message_id)).text == f"from {friend.name}"


# Once


async def test_the_same_call_under_the_same_key_is_one_message(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    friend, meta = world.contact("Priya Raman"), keyed("11111111-2222-4333-8444-555555555555")
    call: dict[str, JsonValue] = {"recipient": friend.pn, "message": "exactly once"}
    answers = [
        caller.read(SentMessage, "send_message", await caller.client.call_tool("send_message", call, meta=meta))
        for _ in range(3)
    ]
    assert len({answer.message_id for answer in answers}) == 1
    other = await caller.client.call_tool("send_message", {**call, "message": "exactly twice"}, meta=meta)
    assert other.is_error
    assert "was used for another request" in str(other.content)
    # What is sent after it arrives after it: whatever was sent twice would be there by then.
    await heard(emulated, friend.name, await sent(caller, friend.pn, "afterwards"))
    texts = [event.text for event in (await emulated.received(friend.name)).events]
    assert (texts.count("exactly once"), texts.count("exactly twice")) == (1, 0)


async def test_a_repeated_deletion_answers_as_the_first_did(caller: Caller, emulated: Emulated, world: World) -> None:
    friend, meta = world.contact("Priya Raman"), keyed("22222222-2222-4333-8444-555555555555")
    id_ = await sent(caller, friend.pn, "deleted once")
    answers = [
        caller.read(
            SentMessage,
            "delete_message_v2",
            await caller.client.call_tool("delete_message_v2", {"message_id": id_}, meta=meta),
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    await heard(emulated, friend.name, await sent(caller, friend.pn, "after the deletion"))
    events = (await emulated.received(friend.name)).events
    assert [event.kind for event in events if event.target == id_] == ["revoke"]
    forward = {"message_id": id_, "to_chat_jid": friend.pn}
    assert (await caller.client.call_tool("forward_message_v2", forward, meta=meta)).is_error
