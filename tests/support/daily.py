"""The commands of every day as a person gives them, on bridges beside an emulator."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cli.demo import WORLD
from cli.emulated import Emulated
from cli.roster import Entry, Roster
from cli.stage import emulator_program
from cli.status import Report
from fake_listener import free_port
from settings import HOUSE, Settings

MAIN = str(HOUSE / "unified-mcp" / "main.py")
S = TypeVar("S")


@dataclass
class Daily:
    """A machine with stores and ports of its own."""

    folder: Path
    emulated: Emulated
    environment: dict[str, str]

    @property
    def store(self) -> Path:
        return self.folder / "whatsapp"

    @property
    def settings(self) -> Settings:
        prefix = "WHATSAPP_MCP_"
        given = {name.removeprefix(prefix).lower(): text for name, text in self.environment.items() if prefix in name}
        return Settings.model_validate(given)

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, MAIN, *words]
        env = {**self.environment, **environment}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=90, check=False)

    def up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("up", "--emulator", self.emulated.listen, **environment)

    def report(self) -> Report:
        return Report.model_validate_json(self.run("status", "--json").stdout)

    def roster(self) -> Roster:
        roster = Roster.read(self.store)
        assert roster is not None
        return roster

    def entry(self, name: str) -> Entry:
        return next(entry for entry in self.roster().bridges if entry.name == name)


def until(look: Callable[[], S], holds: Callable[[S], bool], seconds: float = 30) -> S:
    """Look again until it holds."""
    ends = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < ends, seen
        time.sleep(0.02)
    return seen


@asynccontextmanager
async def machine(folder: Path) -> AsyncIterator[Daily]:
    """An emulator of its own; whatever happens, nothing is left running."""
    emulator = emulator_program(folder, WORLD)
    await emulator.start()
    emulated = Emulated(emulator.listen)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    here = Daily(
        folder,
        emulated,
        {
            **kept,
            "WHATSAPP_MCP_GO_URL": f"http://127.0.0.1:{free_port()}",
            "WHATSAPP_MCP_BAILEYS_URL": f"http://127.0.0.1:{free_port()}",
            "WHATSAPP_MCP_MESSAGES_DB": str(folder / "whatsapp" / "messages.db"),
            "WHATSAPP_MCP_BAILEYS_DB": str(folder / "baileys" / "baileys_temp.db"),
        },
    )
    try:
        yield here
    finally:
        here.run("down")
        await emulated.close()
        await emulator.stop()
