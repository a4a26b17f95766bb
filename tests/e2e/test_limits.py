"""The limits that protect an account, on a bridge that has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp import Client

from backends.go import GoBridge
from caller import Caller
from cli.demo import WORLD
from cli.emulated import Emulated
from cli.stage import Program, Stage, emulator_program, link, until, whatsapp_program
from errors import Code
from server import build_server
from tools.results import ContactAbout, NumberCheck


@pytest.mark.symptom("WhatsApp or the bridge says too much")
async def test_number_checks_are_limited_and_say_how_long_to_wait(built: None, tmp_path: Path) -> None:
    emulator = emulator_program(tmp_path, WORLD)
    await emulator.start()
    try:
        bridge = whatsapp_program(tmp_path, emulator.listen)
        bridge = Program(bridge.name, [*bridge.command, "--number-checks-per-minute", "3"], bridge.folder)
        await bridge.start()
        try:
            await check(Stage(tmp_path, emulator, bridge, bridge, Emulated(emulator.listen)))
        finally:
            await bridge.stop()
    finally:
        await emulator.stop()


async def check(stage: Stage) -> None:
    async with GoBridge(stage.settings) as go:
        await link(go, stage.emulated)
    async with Client(build_server(stage.settings), mode="legacy") as client:
        caller = Caller(client)
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
    await stage.emulated.close()


async def left(caller: Caller, name: str, **argument: str) -> int:
    """How many seconds a look-up has to wait for."""
    code, envelope = await caller.refused(name, **argument)
    assert code is Code.RATE_LIMIT
    details = envelope["details"]
    assert isinstance(details, dict)
    seconds = details["retry_after_s"]
    assert isinstance(seconds, int)
    return seconds
