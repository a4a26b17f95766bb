"""Confirmation through the real bridge: the first message to somebody waits, and no other."""

from __future__ import annotations

import pytest
from mcp import Client

from caller import Caller
from cli.stage import Stage, until
from errors import Code
from server import build_server
from tools.results import SentMessage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_first_message_to_somebody_waits_and_no_other(stage: Stage) -> None:
    friend = (await stage.emulated.world()).contact("Sven")
    settings = stage.settings.model_copy(update={"confirm": "first_contact"})
    said = {"recipient": friend.pn, "message": "Is the boat still for sale?"}
    async with Client(build_server(settings), mode="legacy") as client:
        caller = Caller(client)
        code, envelope = await caller.refused("send_message", **said)
        assert code is Code.CONFIRMATION_REQUIRED
        details = envelope["details"]
        assert isinstance(details, dict)
        assert friend.pn in str(details["preview"])
        heard = (await stage.emulated.received(friend.name)).events
        assert said["message"] not in [event.text for event in heard]
        first = await caller.ask(SentMessage, "send_message", **said, confirmation=details["confirmation"])
        assert first.status == "sent"
        await until(lambda: caller.knows(first.message_id), bool, 15)
        assert (await caller.ask(SentMessage, "send_message", recipient=friend.pn, message="Hello?")).status == "sent"
