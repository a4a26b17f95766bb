"""SIGKILL in the middle of a merge with live traffic: nothing that was acknowledged is lost, nothing is doubled.

A few moments in every run; `make soak` sets KILLS=50.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from mcp import Client

from backends.go import GoBridge
from caller import Caller
from cli.demo import WORLD
from cli.emulated import Emulated
from cli.stage import Program, emulator_program, link, until, whatsapp_program
from server import build_server
from settings import HOUSE, Settings
from temp_rows import TempRows, message
from tools.results import MergeReport

KILLS = int(os.environ.get("KILLS", "5"))
ROWS = 6000
ROOM = "120363990000000001@g.us"
SPEAKER = "Bob Carver"

pytestmark = pytest.mark.timeout(120 + 30 * KILLS)


class House:
    """A linked Go bridge that is killed and started again on its port, and a temp store that grows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = TempRows(folder / "baileys" / "baileys_temp.db")
        self.emulator = emulator_program(folder, WORLD)
        self.bridge = Program("none", [], folder)
        self.said: list[str] = []
        self.written = 0

    @property
    def settings(self) -> Settings:
        return Settings(
            go_url=f"http://{self.bridge.listen}",
            messages_db=self.folder / "whatsapp" / "messages.db",
            baileys_db=self.rows.path,
        )

    async def start(self) -> None:
        listen = self.bridge.listen or "127.0.0.1:0"
        self.bridge = whatsapp_program(self.folder, self.emulator.listen, listen)
        await self.bridge.start()

    def grow(self) -> None:
        """More history: half of what comes is known already, as the phone repeats itself."""
        fresh = range(self.written, self.written + ROWS)
        again = range(max(0, self.written - ROWS // 2), self.written)
        sender = "15550140@s.whatsapp.net"
        self.rows.add("messages", *(message(ROOM, n, f"line {n}", sender_jid=sender) for n in (*again, *fresh)))
        self.written += ROWS

    async def talk(self, emulated: Emulated) -> None:
        """A contact speaks until the task is cancelled."""
        while True:
            number = len(self.said)
            self.said.append((await emulated.say(SPEAKER, f"live {number}")).id)
            await asyncio.sleep(0.01)


async def merge_in_a_process(settings: Settings) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "WHATSAPP_MCP_GO_URL": settings.go_url,
        "WHATSAPP_MCP_MESSAGES_DB": str(settings.messages_db),
        "WHATSAPP_MCP_BAILEYS_DB": str(settings.baileys_db),
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(HOUSE / "unified-mcp" / "main.py"),
        "sync",
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def kill_one(house: House, draw: random.Random, emulated: Emulated) -> None:
    """Kill the bridge or the merge at a random moment of a merge with live traffic, and start what was killed again."""
    house.grow()
    talking = asyncio.create_task(house.talk(emulated))
    merging = await merge_in_a_process(house.settings)
    await asyncio.sleep(draw.uniform(0.4, 2.4))
    if draw.random() < 0.5:
        await house.bridge.kill()
        await merging.wait()
        assert sound(house.folder) == ["ok"]
        await house.start()
    else:
        with suppress(ProcessLookupError):
            merging.kill()
        await merging.wait()
    talking.cancel()
    with suppress(asyncio.CancelledError):
        await talking


async def test_what_was_acknowledged_survives_a_kill_at_any_moment_exactly_once(built: None, tmp_path: Path) -> None:
    house, draw = House(tmp_path), random.Random(20261123)
    await house.emulator.start()
    emulated = Emulated(house.emulator.listen)
    try:
        await house.start()
        async with GoBridge(house.settings) as go:
            await link(go, emulated)
        for _ in range(KILLS):
            await kill_one(house, draw, emulated)
        friend = (await emulated.world()).contact(SPEAKER)
        async with Client(build_server(house.settings), mode="legacy") as client:
            caller = Caller(client)
            merged = await until(
                lambda: caller.ask(MergeReport, "sync_history_to_database"), lambda seen: seen.status != "running"
            )
            assert merged.conflicts == 0
            expected = {f"3EB0{number:012X}" for number in range(house.written)}
            stored = await caller.every_id(ROOM)
            assert len(stored) == len(set(stored))
            assert set(stored) == expected
            said = set(house.said)
            heard = await until(lambda: caller.every_id(friend.pn), lambda seen: said <= set(seen), 60)
            assert len(heard) == len(set(heard))
            assert (await caller.ask(MergeReport, "sync_history_to_database")).status == "nothing_new"
        await house.bridge.stop()
        assert sound(tmp_path) == ["ok"]
    finally:
        await house.bridge.stop()
        await emulated.close()
        await house.emulator.stop()


def sound(folder: Path) -> list[str]:
    """What SQLite says of a copy of the store."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for suffix in ("", "-wal"):
        source = folder / "whatsapp" / f"messages.db{suffix}"
        if source.exists():
            shutil.copy(source, copy / source.name)
    with closing(sqlite3.connect(copy / "messages.db")) as database:
        return [str(row[0]) for row in database.execute("PRAGMA integrity_check")]
