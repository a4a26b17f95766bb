"""The cures of TROUBLESHOOTING.md for a link that does not come or does not last, on a phone that links two devices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from mcp import Client

from backends.baileys import BaileysBridge
from backends.bridge import Bridge
from backends.go import GoBridge
from browser import read_drawing
from caller import Caller
from cli.demo import WORLD
from cli.emulated import Fault
from cli.stage import Stage, link, open_stage, until, whatsapp_program
from command import command
from errors import Code
from holding import held
from pair_command import DRAWN, pairing
from restart import restart
from server import build_server
from tools.results import BackendStatus, ChatList, HistoryProgress, SentMessage

GO, BAILEYS = "whatsapp-bridge", "baileys-bridge"
FRIEND = "+1 555 0101"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Both bridges, not linked; the phone takes two devices and no more."""
    async with held(open_stage(tmp_path_factory.mktemp("linking"), (*WORLD, "--devices", "2"))) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(stage: Stage) -> AsyncIterator[Caller]:
    async with held(Client(build_server(stage.settings), mode="legacy")) as client:
        yield Caller(client)


async def states(caller: Caller, go: str, baileys: str) -> BackendStatus:
    """What `backend_status` says once both bridges have come there."""
    return await until(
        lambda: caller.ask(BackendStatus, "backend_status"),
        lambda seen: (seen.go.state, seen.baileys.state) == (go, baileys),
        40,
    )


async def pair(stage: Stage, *names: str) -> None:
    """`whatsapp-mcp pair --terminal`, and the phone before its drawings; it is left when these bridges are linked."""
    async with pairing(stage.environment, "--terminal") as running:
        for name in names:
            drawing = await running.hear(DRAWN.format(name=name))
            (code,) = read_drawing(drawing[1])
            await stage.emulated.scan(code)
            await running.hear(rf"{name}: connected as ")


@pytest_asyncio.fixture(loop_scope="module")
async def linked(stage: Stage, caller: Caller) -> Stage:
    """The same with both linked, whatever the test before left."""
    now = await caller.ask(BackendStatus, "backend_status")
    if (now.go.state, now.baileys.state) != ("connected", "connected"):
        for companion in await stage.emulated.devices():
            await stage.emulated.unlink(companion.device)
        await pair(stage, GO, BAILEYS)
        await states(caller, "connected", "connected")
    return stage


@pytest.mark.symptom("No QR code appears")
async def test_codes_that_nobody_saw_are_shown_by_pair(stage: Stage) -> None:
    waiting = await command("status", environment=stage.environment)
    assert (waiting.code, waiting.out.count("not_paired")) == (1, 2)
    for program in (stage.whatsapp, stage.baileys):
        assert not {"█", "▄", "▀"} & set(program.log.read_text(encoding="utf-8"))
    await pair(stage, GO, BAILEYS)
    assert (await command("status", environment=stage.environment)).code == 0


@pytest.mark.symptom("The link has ended")
async def test_devices_that_the_phone_removed_are_linked_again_and_the_stored_messages_stay(
    linked: Stage, caller: Caller
) -> None:
    await until(lambda: caller.ask(HistoryProgress, "retrieve_full_history"), lambda job: job.state == "completed")
    before = await caller.ask(ChatList, "list_chats", limit=200)
    for companion in await linked.emulated.devices():
        await linked.emulated.unlink(companion.device)
    await states(caller, "logged_out", "logged_out")
    assert await linked.emulated.devices() == []
    assert (await caller.refused("send_message", recipient=FRIEND, message="hello"))[0] is Code.AUTH_EXPIRED
    await pair(linked, GO, BAILEYS)
    await states(caller, "connected", "connected")
    after = await caller.ask(ChatList, "list_chats", limit=200)
    assert {chat.jid for chat in before.chats} <= {chat.jid for chat in after.chats}
    assert (await caller.ask(SentMessage, "send_message", recipient=FRIEND, message="hello")).status == "sent"


@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        pytest.param(
            "405",
            "client_outdated",
            Code.CLIENT_OUTDATED,
            marks=pytest.mark.symptom("WhatsApp refuses the version"),
            id="outdated",
        ),
        pytest.param(
            "banned",
            "temporarily_banned",
            Code.TEMPORARILY_BANNED,
            marks=pytest.mark.symptom("WhatsApp or the bridge says too much"),
            id="banned",
        ),
    ],
)
async def test_what_whatsapp_refuses_stays_away_until_it_is_mended_and_the_bridge_started_again(
    linked: Stage, caller: Caller, fault: Fault, state: str, code: Code
) -> None:
    await linked.emulated.fault(fault)
    refused = await states(caller, state, state)
    assert "start this bridge again" in str(refused.go.resolution) or "Update" in str(refused.go.resolution)
    assert (await caller.refused("send_message", recipient=FRIEND, message="hello"))[0] is code
    # An update is a program that is taken again; a ban is one that is over. Neither bridge looks by itself.
    await linked.emulated.fault(fault, on=False)
    await states(caller, state, state)
    for program in (linked.whatsapp, linked.baileys):
        await restart(program)
    await states(caller, "connected", "connected")
    assert (await caller.ask(SentMessage, "send_message", recipient=FRIEND, message="hello")).status == "sent"


@pytest.mark.symptom("The phone says that too many devices are linked")
async def test_a_device_too_many_goes_on_showing_codes_until_another_was_removed(linked: Stage) -> None:
    third = whatsapp_program(linked.folder / "third", linked.emulator.listen)
    await third.start()
    try:
        elsewhere = replace(linked, folder=linked.folder / "third", whatsapp=third).settings
        async with GoBridge(elsewhere) as go, Client(build_server(elsewhere), mode="legacy") as client:
            with pytest.raises(RuntimeError, match="too many devices are linked"):
                await linked.emulated.scan(await shown(go))
            devices = await linked.emulated.devices()
            assert len(devices) == 2
            assert (await Caller(client).ask(BackendStatus, "backend_status")).go.state == "not_paired"
            await linked.emulated.unlink(devices[-1].device)
            await link(go, linked.emulated)
            assert (await Caller(client).ask(BackendStatus, "backend_status")).go.state == "connected"
    finally:
        await third.stop()


async def shown(bridge: Bridge) -> str:
    """The code that the bridge shows."""
    pairing = await until(bridge.pairing, lambda seen: seen.qr is not None)
    assert pairing.qr is not None
    return pairing.qr


@pytest.mark.symptom("Linking waits for a passkey")
async def test_a_passkey_that_no_bridge_can_give_is_named_and_the_go_bridge_alone_is_enough(
    stage: Stage, caller: Caller
) -> None:
    for companion in await stage.emulated.devices():
        await stage.emulated.unlink(companion.device)
    await stage.emulated.fault("passkey")
    async with GoBridge(stage.settings) as go, BaileysBridge(stage.settings) as baileys:
        await until(go.status, lambda seen: seen.state != "connected")
        for bridge in (go, baileys):
            await bridge.pair_again()
            with pytest.raises(RuntimeError, match="passkey"):
                await stage.emulated.scan(await shown(bridge))
    status = await states(caller, "passkey_required", "passkey_required")
    assert "without a passkey" in str(status.go.resolution)
    assert (await caller.refused("send_message", recipient=FRIEND, message="hello"))[0] is Code.PASSKEY_REQUIRED
    await stage.emulated.fault("passkey", on=False)
    await pair(stage, GO)
    await states(caller, "connected", "not_paired")
    assert (await caller.ask(HistoryProgress, "retrieve_full_history")).served_by == "go"
    assert (await caller.ask(SentMessage, "send_message", recipient=FRIEND, message="hello")).status == "sent"
