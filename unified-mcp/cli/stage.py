"""A stage for the whole system: the emulator and both bridges as child processes in a folder of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from backends.baileys import BaileysBridge
from backends.bridge import Bridge
from backends.go import GoBridge
from backends.operations import BridgeStatus
from cli.build import EMULATOR, NODE_DIRECTORY
from cli.emulated import Emulated
from cli.programs import baileys_command, whatsapp_command
from settings import Settings

S = TypeVar("S")
READY_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
STOP_SECONDS = 10.0


class StageError(Exception):
    """A part did not come up, with the end of its log."""


@dataclass
class Program:
    """A child process that says on stdout when it listens; its log is a file."""

    name: str
    command: Sequence[str]
    folder: Path
    where: Path | None = None
    listen: str = ""
    _process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """What it wrote to stderr."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it and wait for its ready line."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.where,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")},
            )
        if self._process.stdout is None:
            raise StageError(f"{self.name} has no stdout")
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), READY_SECONDS)
            self.listen = str(json.loads(line)["listen"])
        except (TimeoutError, ValueError, KeyError) as error:
            await self.stop()
            raise StageError(f"{self.name} did not start; the end of its log:\n{self.tail()}") from error

    async def stop(self) -> None:
        """End it in order, or after a while by force."""
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
            await self._process.wait()

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


@dataclass
class Stage:
    """Everything that runs, and how to reach it."""

    folder: Path
    emulator: Program
    whatsapp: Program
    baileys: Program
    emulated: Emulated

    @property
    def settings(self) -> Settings:
        """The settings that point the server at this stage."""
        return Settings.model_validate(
            {k.removeprefix("WHATSAPP_MCP_").lower(): v for k, v in self.environment.items()}
        )

    @property
    def environment(self) -> dict[str, str]:
        """The same as environment variables, as a client's entry carries them."""
        return {
            "WHATSAPP_MCP_GO_URL": f"http://{self.whatsapp.listen}",
            "WHATSAPP_MCP_BAILEYS_URL": f"http://{self.baileys.listen}",
            "WHATSAPP_MCP_MESSAGES_DB": str(self.folder / "whatsapp" / "messages.db"),
            "WHATSAPP_MCP_BAILEYS_DB": str(self.folder / "baileys" / "baileys_temp.db"),
        }

    async def link(self) -> None:
        """Scan both QR codes with the emulated phone, one after the other, and wait until both are connected."""
        async with GoBridge(self.settings) as go, BaileysBridge(self.settings) as baileys:
            for bridge in (go, baileys):
                await link(bridge, self.emulated)

    async def status(self) -> tuple[BridgeStatus, BridgeStatus]:
        """Both bridges' states."""
        async with GoBridge(self.settings) as go, BaileysBridge(self.settings) as baileys:
            return await go.status(), await baileys.status()


async def link(bridge: Bridge, emulated: Emulated) -> None:
    """Scan the bridge's QR code and wait until it is connected."""
    pairing = await until(bridge.pairing, lambda seen: seen.qr is not None or seen.state == "connected")
    if pairing.qr is not None:
        await emulated.scan(pairing.qr)
    await until(bridge.status, lambda seen: seen.state == "connected")


async def until(look: Callable[[], Awaitable[S]], holds: Callable[[S], bool], seconds: float = PATIENCE_SECONDS) -> S:
    """Look again and again until it holds; raises `StageError` with what was seen last."""
    ends = time.monotonic() + seconds
    while not holds(seen := await look()):
        if time.monotonic() > ends:
            raise StageError(f"after {seconds:.0f} s it is still {seen!r}")
        await asyncio.sleep(0.05)
    return seen


def whatsapp_program(folder: Path, emulator: str | None, listen: str = "127.0.0.1:0") -> Program:
    """The Go bridge with its store in the folder."""
    store = folder / "whatsapp"
    return Program("whatsapp-bridge", whatsapp_command(store, store / "bridge.token", listen, emulator), folder)


def baileys_program(folder: Path, emulator: str | None, listen: str = "127.0.0.1:0") -> Program:
    """The Baileys bridge with its store in the folder."""
    token_file = folder / "whatsapp" / "bridge.token"
    command = baileys_command(folder / "baileys", token_file, listen, emulator)
    return Program("baileys-bridge", command, folder, where=NODE_DIRECTORY)


def emulator_program(folder: Path, world: Sequence[str]) -> Program:
    """The emulator; `world` is what its command line says of the world."""
    state = ["--state", str(folder / "emulator")]
    return Program("emulator", [str(EMULATOR), "--listen", "127.0.0.1:0", *state, *world], folder)


NOBODY = "127.0.0.1:9"
"""Where nothing listens: the discard service's port is not used by anything else."""


@asynccontextmanager
async def open_stage(folder: Path, world: Sequence[str], *, baileys_runs: bool = True) -> AsyncIterator[Stage]:
    """Start all three, or all but the Baileys bridge; whatever happens, none of them is left running."""
    async with AsyncExitStack() as stack:
        emulator = emulator_program(folder, world)
        stack.push_async_callback(emulator.stop)
        await emulator.start()
        whatsapp, baileys = whatsapp_program(folder, emulator.listen), baileys_program(folder, emulator.listen)
        baileys.listen = NOBODY
        for program in (whatsapp, baileys) if baileys_runs else (whatsapp,):
            stack.push_async_callback(program.stop)
            await program.start()
        emulated = Emulated(emulator.listen)
        stack.push_async_callback(emulated.close)
        yield Stage(folder, emulator, whatsapp, baileys, emulated)
