"""Sends, by what the recipient decrypts."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from caller import Caller
from cli.emulated import Emulated, Event, World
from cli.stage import Stage, until
from errors import Code
from tools.results import MessageList, SentMessage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def heard(emulated: Emulated, contact: str, message_id: str) -> Event:
    """The message of that id as the contact decrypted it."""
    seen = await until(
        lambda: emulated.received(contact),
        lambda so_far: any(event.kind == "message" and event.id == message_id for event in so_far.events),
        15,
    )
    return next(event for event in seen.events if event.kind == "message" and event.id == message_id)


@pytest.mark.parametrize("form", ["number", "jid", "lid", "name"])
async def test_send_message_reaches_a_person_named_in_any_form(
    caller: Caller, emulated: Emulated, world: World, form: str
) -> None:
    friend = world.contact("Priya Raman")
    number = "+" + friend.pn.split("@")[0]
    recipient = {"number": f"{number[:2]} {number[2:5]} {number[5:]}", "jid": friend.pn, "lid": friend.lid}
    text = f"hello by {form}"
    sent = await caller.ask(SentMessage, "send_message", recipient=recipient.get(form, friend.name), message=text)
    assert sent.status == "sent"
    assert sent.chat_jid == friend.pn
    assert (await heard(emulated, friend.name, sent.message_id)).text == text


async def test_a_sent_message_is_seen_by_the_phone_the_other_companion_and_the_next_listing(
    caller: Caller, stage: Stage, world: World
) -> None:
    friend = world.contact("Grandma Rose")
    sent = await caller.ask(SentMessage, "send_message", recipient=friend.pn, message="I found the recipe!")
    await until(stage.emulated.phone, lambda phone: any(event.id == sent.message_id for event in phone.events), 15)
    listed = await caller.ask(MessageList, "list_messages", chat_jid=friend.pn, limit=5, include_context=False)
    assert (sent.message_id, True, "You", "I found the recipe!") in [
        (m.id, m.from_me, m.sender_name, m.text) for m in listed.messages
    ]

    async def copied() -> bool:
        uri = f"{(stage.folder / 'baileys' / 'baileys_temp.db').as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            found = database.execute("SELECT text FROM messages WHERE id = ?", (sent.message_id,)).fetchone()
        return bool(found == ("I found the recipe!",))

    await until(copied, bool, 15)


async def test_send_text_message_v2_reaches_every_member_of_a_group(
    caller: Caller, emulated: Emulated, world: World
) -> None:
    room = world.group("Book Club 📚")
    sent = await caller.ask(SentMessage, "send_text_message_v2", chat_jid=room.jid, text="Chapter four, anyone?")
    for member in ("Priya Raman", "林美玲", "Amira حداد"):
        event = await heard(emulated, member, sent.message_id)
        assert (event.text, event.chat) == ("Chapter four, anyone?", room.jid)


async def test_send_text_message_v2_answers_a_message(caller: Caller, emulated: Emulated, world: World) -> None:
    friend = world.contact("Tomás Oliveira")
    said = await emulated.say(friend.name, "Who brings the ball?")
    await until(
        lambda: caller.ask(MessageList, "list_messages", chat_jid=friend.pn, limit=5),
        lambda listed: any(message.id == said.id for message in listed.messages),
        15,
    )
    sent = await caller.ask(
        SentMessage, "send_text_message_v2", chat_jid=friend.pn, text="I do.", quoted_message_id=said.id
    )
    assert (await heard(emulated, friend.name, sent.message_id)).text == "I do."
    listed = await caller.ask(MessageList, "list_messages", chat_jid=friend.pn, limit=5)
    assert [message.quoted_id for message in listed.messages if message.id == sent.message_id] == [said.id]


async def test_a_name_that_fits_several_chats_sends_nothing_and_lists_them(caller: Caller, world: World) -> None:
    code, envelope = await caller.refused("send_message", recipient="Riverside", message="hello")
    assert code is Code.AMBIGUOUS_RECIPIENT
    assert world.community("Riverside Neighbours").name in str(envelope["details"])


async def test_a_number_without_a_device_is_refused_before_anything_is_sent(caller: Caller) -> None:
    code, _ = await caller.refused("send_message", recipient="+1 555 0199", message="hello?")
    assert code is Code.RECIPIENT_UNREACHABLE


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ("nobody@nowhere@s.whatsapp.net", Code.INVALID_JID),
        ("+12", Code.INVALID_PHONE_FORMAT),
        ("Nobody Of That Name", Code.CHAT_NOT_FOUND),
    ],
)
async def test_a_recipient_that_cannot_be_is_refused_with_its_code(caller: Caller, recipient: str, code: Code) -> None:
    assert (await caller.refused("send_message", recipient=recipient, message="hello"))[0] is code


@pytest.mark.parametrize(
    ("tool", "chat", "text"), [("send_message", "recipient", "message"), ("send_text_message_v2", "chat_jid", "text")]
)
async def test_a_text_that_is_too_long_is_refused(
    caller: Caller, world: World, tool: str, chat: str, text: str
) -> None:
    words = {chat: world.contact("Priya Raman").pn, text: "é" * 65_537}
    assert (await caller.refused(tool, **words))[0] is Code.TEXT_TOO_LONG


async def test_an_answer_to_an_unknown_message_is_refused(caller: Caller, world: World) -> None:
    code, _ = await caller.refused(
        "send_text_message_v2", chat_jid=world.contact("Kenji").lid, text="yes", quoted_message_id="3EB0FFFFFFFFFFFF"
    )
    assert code in (Code.MESSAGE_NOT_FOUND, Code.CHAT_NOT_FOUND)
