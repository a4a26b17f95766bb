"""The limits that protect an account, on a bridge that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from caller import Caller
from cli.stage import until
from errors import Code
from optioned import stage_with
from tools.results import ChatList, ContactAbout, NumberCheck, SentMessage


@pytest.mark.symptom("WhatsApp or the bridge says too much")
async def test_number_checks_are_limited_and_say_how_long_to_wait(built: None, tmp_path: Path) -> None:
    async with stage_with(tmp_path, "--number-checks-per-minute", "3") as (_, caller):
        assert (await caller.refused("check_is_on_whatsapp", phone="Bob"))[0] is Code.INVALID_PHONE_FORMAT
        for phone in ("+1 555 0101", "+1 555 0195"):
            await caller.ask(NumberCheck, "check_is_on_whatsapp", phone=phone)
        # Whoever was never seen counts as a number, and whom the account knows does not.
        code, _ = await caller.refused("get_contact_status_v2", jid="+1 555 0194")
        assert code is Code.CONTACT_NOT_FOUND
        for name, argument in (
            ("check_is_on_whatsapp", {"phone": "+1 555 0101"}),
            ("get_contact_status_v2", {"jid": "+1 555 0194"}),
            ("get_profile_picture_v2", {"jid": "+1 555 0194"}),
        ):
            wait = await left(caller, name, **argument)
            assert 0 < wait <= 60
        # Waiting is what mends it.
        await until(lambda: left(caller, "check_is_on_whatsapp", phone="+1 555 0101"), lambda seen: seen < wait, 5)
        await caller.ask(ContactAbout, "get_contact_status_v2", jid="Bob Carver")


async def test_sends_in_haste_are_refused_before_they_leave_and_changes_are_not(built: None, tmp_path: Path) -> None:
    async with stage_with(tmp_path, "--sends-per-minute", "2") as (stage, caller):
        friend = (await stage.emulated.world()).contact("Bob Carver")
        sent = [
            await caller.ask(SentMessage, "send_message", recipient=friend.pn, message=text) for text in ("one", "two")
        ]
        for name, arguments in (
            ("send_message", {"recipient": friend.pn, "message": "three"}),
            ("forward_message_v2", {"message_id": sent[0].message_id, "to_chat_jid": friend.pn}),
        ):
            assert 0 < await left(caller, name, **arguments) <= 60
        edited = {"message_id": sent[1].message_id, "new_text": "second"}
        await caller.ask(SentMessage, "edit_message_v2", chat_jid=friend.pn, **edited)
        heard = await until(
            lambda: stage.emulated.received(friend.name), lambda seen: "second" in [event.text for event in seen.events]
        )
        assert [event.text for event in heard.events if event.text in ("one", "two", "three")] == ["one", "two"]


async def test_few_people_are_written_to_for_the_first_time_and_all_the_others_as_ever(
    built: None, tmp_path: Path
) -> None:
    async with stage_with(tmp_path, "--first-contacts-per-hour", "1") as (stage, caller):
        world = await stage.emulated.world()
        listed = await until(
            lambda: caller.ask(ChatList, "list_chats", limit=100),
            lambda seen: "Bob Carver" in [chat.name for chat in seen.chats],
        )
        met = {chat.jid for chat in listed.chats if chat.last_message_at}
        strangers = [person for person in world.contacts if not {person.pn, person.lid} & met]
        first, second, *_ = strangers

        async def write(jid: str) -> SentMessage:
            return await caller.ask(SentMessage, "send_message", recipient=jid, message="Hello!")

        assert (await write(first.pn)).status == "sent"
        assert 3_500 < await left(caller, "send_message", recipient=second.pn, message="Hello!") <= 3_600
        for known in (first.pn, first.lid, world.contact("Bob Carver").pn, world.group("Family 🏡").jid):
            assert (await write(known)).status == "sent"


async def left(caller: Caller, name: str, **argument: str) -> int:
    """How many seconds a look-up has to wait for."""
    code, envelope = await caller.refused(name, **argument)
    assert code is Code.RATE_LIMIT
    details = envelope["details"]
    assert isinstance(details, dict)
    seconds = details["retry_after_s"]
    assert isinstance(seconds, int)
    return seconds
