"""Recipients that are allowed: nobody else is written to, whatever a client asks for."""

from __future__ import annotations

from pathlib import Path

from cli.stage import until
from errors import Code
from optioned import stage_with
from tools.results import ChatList, MessageList, SentMessage


async def test_nothing_reaches_anybody_who_is_not_among_the_recipients(built: None, tmp_path: Path) -> None:
    async with stage_with(tmp_path, "--allowed-recipients", "+1 555 0101, 120363990000000001@g.us") as (stage, caller):
        world = await stage.emulated.world()
        bob, zoe = world.contact("Bob Carver"), world.contact("Zoë Müller")
        assert bob.pn == "15550101@s.whatsapp.net"
        await until(
            lambda: caller.ask(ChatList, "list_chats", limit=100),
            lambda seen: {"Bob Carver", "Zoë Müller"} <= {chat.name for chat in seen.chats},
        )
        sent = await caller.ask(SentMessage, "send_message", recipient="Bob Carver", message="for Bob")
        assert sent.status == "sent"
        # The same person by the other address.
        assert (await caller.ask(SentMessage, "send_message", recipient=bob.lid, message="again")).status == "sent"
        said = await until(
            lambda: caller.ask(MessageList, "list_messages", chat_jid=zoe.pn, limit=1, include_context=False),
            lambda seen: bool(seen.messages),
        )
        newest = said.messages[0]
        for name, arguments in (
            ("send_message", {"recipient": "Zoë Müller", "message": "for Zoë"}),
            ("send_message", {"recipient": zoe.lid, "message": "for Zoë"}),
            ("send_location_v2", {"chat_jid": zoe.pn, "latitude": 1.0, "longitude": 2.0}),
            ("forward_message_v2", {"message_id": sent.message_id, "to_chat_jid": zoe.pn}),
            ("react_to_message_v2", {"chat_jid": zoe.pn, "message_id": newest.id, "emoji": "👍"}),
        ):
            code, envelope = await caller.refused(name, **arguments)
            assert code is Code.RECIPIENT_NOT_ALLOWED, (name, envelope)
            assert "WHATSAPP_MCP_ALLOWED_RECIPIENTS" in str(envelope["resolution"])
        # Whoever is allowed still is, and Zoë heard nothing of it all.
        await caller.ask(SentMessage, "send_message", recipient=bob.pn, message="the last")
        await until(
            lambda: stage.emulated.received(bob.name), lambda seen: "the last" in [event.text for event in seen.events]
        )
        heard = (await stage.emulated.received(zoe.name)).events
        assert not [event for event in heard if event.kind != "receipt"]
