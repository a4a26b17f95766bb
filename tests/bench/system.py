"""The system under measurement: the Go bridge with the emulator behind it, and the merge as its command."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.demo import WORLD
from cli.stage import Program, emulator_program, whatsapp_program
from settings import HOUSE, Settings
from tools.results import MergeReport

PROGRAM = (sys.executable, str(HOUSE / "unified-mcp" / "main.py"))
LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class System:
    """A running Go bridge and the folder of its store. Nothing is linked: questions and batches need no link."""

    folder: Path
    bridge: Program

    @property
    def store(self) -> Path:
        """The file that everything ends in."""
        return self.folder / "whatsapp" / "messages.db"

    def environment(self, temp: Path | None = None) -> dict[str, str]:
        """What the orchestrator's processes are started with."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")},
            "WHATSAPP_MCP_GO_URL": f"http://{self.bridge.listen}",
            "WHATSAPP_MCP_MESSAGES_DB": str(self.store),
            "WHATSAPP_MCP_BAILEYS_DB": str(temp or self.folder / "none.db"),
        }

    @property
    def settings(self) -> Settings:
        """The same for this process."""
        return Settings(go_url=f"http://{self.bridge.listen}", messages_db=self.store)


@asynccontextmanager
async def open_system(folder: Path) -> AsyncIterator[System]:
    """Start the emulator and the bridge; the bridge must never look for WhatsApp's servers."""
    shutil.rmtree(folder / "emulator", ignore_errors=True)  # it starts anew, the store goes on
    emulator = emulator_program(folder, WORLD)
    bridge: Program | None = None
    try:
        await emulator.start()
        bridge = whatsapp_program(folder, emulator.listen)
        await bridge.start()
        yield System(folder, bridge)
    finally:
        if bridge is not None:
            await bridge.stop()
        await emulator.stop()


@dataclass(frozen=True)
class Merged:
    """A merge as it was seen from outside."""

    report: MergeReport
    seconds: float
    """Of the command, with its start."""
    wal: int
    """The longest write-ahead log, in bytes."""
    bridge_memory: int
    merge_memory: int
    """The most memory that the processes have held, in bytes."""


async def merge(system: System, temp: Path) -> Merged:
    """Run `whatsapp-mcp sync` to its end and watch it."""
    started = asyncio.get_running_loop().time()
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        "sync",
        "--json",
        env=system.environment(temp),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    talk = asyncio.create_task(process.communicate())
    wal = memory = 0
    log = system.store.with_name(f"{system.store.name}-wal")
    while not talk.done():
        wal = max(wal, log.stat().st_size if log.exists() else 0)
        memory = max(memory, peak_memory(process.pid))
        await asyncio.wait({talk}, timeout=LOOK_SECONDS)
    seconds = asyncio.get_running_loop().time() - started
    out, err = talk.result()
    if process.returncode != 0:
        raise RuntimeError(f"the merge failed: {err.decode()}\n{system.bridge.tail()}")
    report = MergeReport.model_validate(json.loads(out))
    return Merged(report, seconds, wal, peak_memory(system.bridge.pid), memory)


def peak_memory(pid: int | None) -> int:
    """The most memory that a process has held, in bytes; 0 when it is gone or the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
