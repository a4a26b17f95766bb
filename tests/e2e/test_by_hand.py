"""Each bridge started in a terminal of its own, as the README says, and ended there by Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cli.demo import WORLD
from cli.stage import emulator_program, whatsapp_program
from settings import HOUSE

SECONDS = 60.0


@asynccontextmanager
async def terminal(folder: str, *words: str) -> AsyncIterator[str]:
    """What the command in that folder says when it is ready. At the end Ctrl-C reaches all that it started."""
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=HOUSE / folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    try:
        async with asyncio.timeout(SECONDS):
            while not (line := (await process.stdout.readline()).decode()).startswith("{"):
                assert process.returncode is None
        yield line
        os.killpg(process.pid, signal.SIGINT)
        async with asyncio.timeout(SECONDS):
            await process.stdout.read()
            await process.wait()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def test_both_bridges_start_by_hand(built: None, tmp_path: Path) -> None:
    emulator = emulator_program(tmp_path, WORLD)
    await emulator.start()
    token = tmp_path / "whatsapp" / "bridge.token"
    # What the README does without: no test may reach WhatsApp, the checkout's stores or the usual ports.
    apart: Sequence[str] = (
        "--listen",
        "127.0.0.1:0",
        "--token-file",
        str(token),
        "--emulator",
        f"ws://{emulator.listen}",
    )
    try:
        async with terminal("whatsapp-bridge", "go", "run", ".", *apart, "--store", str(token.parent)) as said:
            assert json.loads(said)["bridge"] == "whatsapp-bridge"
        start = ("npm", "start", "--", *apart, "--store", str(tmp_path / "baileys"))
        async with terminal("baileys-bridge", *start) as said:
            assert json.loads(said)["bridge"] == "baileys-bridge"
    finally:
        await emulator.stop()
    assert (token.parent / "messages.db").is_file()


async def test_a_bridge_that_is_stopped_while_it_connects_ends_at_once_and_leaves_no_log_behind(
    built: None, tmp_path: Path
) -> None:
    emulator = emulator_program(tmp_path, WORLD)
    await emulator.start()
    bridge = whatsapp_program(tmp_path, emulator.listen)
    try:
        for _ in range(30):  # some stops meet the handshake half-way
            await bridge.start()
            began = time.monotonic()
            await bridge.stop()
            assert time.monotonic() - began < 5
            assert not (tmp_path / "whatsapp" / "messages.db-wal").exists()
    finally:
        await bridge.stop()
        await emulator.stop()
