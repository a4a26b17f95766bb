"""The whole system, once for all end-to-end tests: emulator, both bridges linked, an MCP client over stdio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from caller import Caller
from cli.demo import WORLD, connect
from cli.emulated import Emulated, World
from cli.stage import Stage, open_stage, until
from holding import held
from tools.results import HistoryProgress, MergeReport


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Both bridges linked to the demo's world, its pushed history arrived in both."""
    folder: Path = tmp_path_factory.mktemp("stage")
    async with held(open_stage(folder, WORLD)) as opened:
        await opened.link()
        yield opened


@pytest.fixture(scope="session")
def emulated(stage: Stage) -> Emulated:
    return stage.emulated


@pytest.fixture(scope="session")
def outbox(stage: Stage) -> Path:
    """A folder that files may be sent from."""
    return stage.folder / "whatsapp" / "media"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(stage: Stage) -> World:
    return await stage.emulated.world()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def caller(stage: Stage) -> AsyncIterator[Caller]:
    """A client on the very command of the Claude Desktop entry, with the pushed history merged."""
    async with held(connect(stage)) as client:
        calls = Caller(client)
        await until(
            lambda: calls.ask(HistoryProgress, "retrieve_full_history", timeout=60),
            lambda job: job.state == "completed",
        )
        await calls.ask(MergeReport, "sync_history_to_database")
        yield calls
