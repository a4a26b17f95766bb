"""`whatsapp-mcp pair` while it runs: what it says is heard, and its codes are read off the drawing."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from daily import MAIN

DRAWN = r"\({name}\), until .*Link a device\.\n([ ▀▄█\n]+)\n\n"
"""A code in the terminal, by the bridge that it is for."""


@dataclass
class Command:
    """The command while it runs, and what it has said so far."""

    process: asyncio.subprocess.Process
    said: str = ""
    _over: set[str] = field(default_factory=set)

    async def hear(self, pattern: str) -> re.Match[str]:
        """Wait until it has said something new of that kind."""
        assert self.process.stdout
        while True:
            for match in re.finditer(pattern, self.said):
                if match[0] not in self._over:
                    self._over.add(match[0])
                    return match
            line = await asyncio.wait_for(self.process.stdout.readline(), 30)
            assert line, f"it ended, having said:\n{self.said}"
            self.said += line.decode()

    async def end(self) -> int:
        assert self.process.stdout
        self.said += (await asyncio.wait_for(self.process.stdout.read(), 30)).decode()
        return await self.process.wait()


@asynccontextmanager
async def pairing(environment: Mapping[str, str], *words: str) -> AsyncIterator[Command]:
    """The command on the bridges that the environment names; the machine's own settings play no part."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, MAIN, "pair", *words, env={**kept, **environment}, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Command(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
