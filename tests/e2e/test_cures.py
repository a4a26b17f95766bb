"""Cures of TROUBLESHOOTING.md around linking, and for clients that cut calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client

from backends.baileys import BaileysBridge
from backends.go import GoBridge
from caller import Caller
from cli.demo import WORLD
from cli.stage import Stage, link, open_stage, until
from errors import Code
from holding import held
from server import build_server
from settings import Settings
from tools.results import BackendStatus, ChatList, CommunityReport


@pytest_asyncio.fixture
async def unlinked(built: None, tmp_path: Path) -> AsyncIterator[Stage]:
    async with held(open_stage(tmp_path, WORLD)) as opened:
        yield opened


@asynccontextmanager
async def calling(settings: Settings) -> AsyncIterator[Caller]:
    async with Client(build_server(settings), mode="legacy") as client:
        yield Caller(client)


@pytest.mark.symptom("Linking waits for a passkey")
async def test_a_passkey_is_said_and_without_it_fresh_codes_link(unlinked: Stage) -> None:
    async with calling(unlinked.settings) as caller, GoBridge(unlinked.settings) as go:
        await unlinked.emulated.fault("passkey")
        shown = await until(go.pairing, lambda seen: seen.qr is not None)
        with pytest.raises(RuntimeError, match="passkey"):
            await unlinked.emulated.scan(str(shown.qr))
        status = await until(
            lambda: caller.ask(BackendStatus, "backend_status"), lambda seen: seen.go.state == "passkey_required", 30
        )
        assert "passkey" in str(status.go.resolution)
        assert (await caller.refused("send_message", recipient="+1 555 0101", message="hello"))[
            0
        ] is Code.PASSKEY_REQUIRED
        await unlinked.emulated.fault("passkey", on=False)
        await go.pair_again()
        await link(go, unlinked.emulated)
        await until(lambda: caller.ask(ChatList, "list_chats"), lambda seen: seen.total > 0)


@pytest.mark.symptom("The phone says that too many devices are linked")
async def test_without_room_for_a_second_device_one_is_enough_and_the_other_waits_until_there_is(
    unlinked: Stage,
) -> None:
    async with calling(unlinked.settings) as caller, GoBridge(unlinked.settings) as go:
        await link(go, unlinked.emulated)
        async with BaileysBridge(unlinked.settings) as baileys:
            shown = await until(baileys.pairing, lambda seen: seen.qr is not None)
            assert shown.qr
            status = await until(
                lambda: caller.ask(BackendStatus, "backend_status"), lambda seen: seen.go.state == "connected"
            )
            assert status.baileys.state == "not_paired"
            await until(lambda: caller.ask(ChatList, "list_chats"), lambda seen: seen.total > 0)
            assert (await caller.refused("get_business_catalog", jid="Bäckerei Jörg"))[0] is Code.NOT_PAIRED
            await link(baileys, unlinked.emulated)
        await until(lambda: caller.ask(BackendStatus, "backend_status"), lambda seen: seen.baileys.state == "connected")


@pytest.mark.symptom("Calls are cut after a minute")
async def test_a_small_budget_answers_before_the_client_cuts_and_the_same_call_joins_the_work(unlinked: Stage) -> None:
    await unlinked.link()
    await unlinked.emulated.fault("phone_slow", ms=1500)
    async with calling(unlinked.settings.model_copy(update={"wait_budget": 1.0})) as caller:

        async def flagship() -> CommunityReport:
            return await caller.ask(
                CommunityReport,
                "mark_community_as_read_with_history",
                community_jid="Riverside Neighbours",
                sync_timeout=60,
            )

        assert (await flagship()).status == "running"
        done = await until(flagship, lambda seen: seen.status == "completed", 60)
        assert all(group.history == "complete" for group in done.groups if group.status != "not_joined")
