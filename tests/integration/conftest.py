"""The real Go bridge, unpaired, with a real baileys_temp.db beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from cli.demo import WORLD
from cli.stage import Program, emulator_program, whatsapp_program
from settings import Settings
from temp_rows import TempRows


@pytest.fixture
def temp_rows(tmp_path: Path) -> TempRows:
    return TempRows(tmp_path / "baileys" / "baileys_temp.db")


@pytest_asyncio.fixture
async def go_bridge(built: None, tmp_path: Path) -> AsyncIterator[Program]:
    emulator = emulator_program(tmp_path, WORLD)
    await emulator.start()
    program = whatsapp_program(tmp_path, emulator.listen)
    try:
        await program.start()
        yield program
    finally:
        await program.stop()
        await emulator.stop()


@pytest.fixture
def unpaired_settings(go_bridge: Program, temp_rows: TempRows, tmp_path: Path) -> Settings:
    return Settings(
        go_url=f"http://{go_bridge.listen}",
        messages_db=tmp_path / "whatsapp" / "messages.db",
        baileys_db=temp_rows.path,
    )
