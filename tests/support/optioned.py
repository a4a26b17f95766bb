"""A stage whose Go bridge is started with options of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mcp import Client

from backends.go import GoBridge
from caller import Caller
from cli.demo import WORLD
from cli.emulated import Emulated
from cli.stage import Program, Stage, emulator_program, link, whatsapp_program
from server import build_server


@asynccontextmanager
async def stage_with(folder: Path, *options: str) -> AsyncIterator[tuple[Stage, Caller]]:
    """A linked Go bridge with these options, and a client."""
    emulator = emulator_program(folder, WORLD)
    await emulator.start()
    try:
        bridge = whatsapp_program(folder, emulator.listen)
        bridge = Program(bridge.name, [*bridge.command, *options], bridge.folder)
        await bridge.start()
        try:
            stage = Stage(folder, emulator, bridge, bridge, Emulated(emulator.listen))
            async with GoBridge(stage.settings) as go:
                await link(go, stage.emulated)
            async with Client(build_server(stage.settings), mode="legacy") as client:
                yield stage, Caller(client)
            await stage.emulated.close()
        finally:
            await bridge.stop()
    finally:
        await emulator.stop()
