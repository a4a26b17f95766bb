"""Both real bridges, not linked to anything: what a contract needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from cli.demo import WORLD
from cli.stage import Stage, open_stage
from holding import held


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def unpaired(built: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The bridges beside an emulator, so that not even the QR code asks WhatsApp; nobody scans it."""
    folder: Path = tmp_path_factory.mktemp("unpaired")
    async with held(open_stage(folder, WORLD)) as stage:
        yield stage


@pytest.fixture(scope="session")
def token(unpaired: Stage) -> str:
    token = unpaired.settings.read_token()
    assert token is not None
    return token
