"""The command line as a process of its own, as a person types it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from settings import HOUSE

SECONDS = 60.0


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


async def command(*words: str, environment: Mapping[str, str]) -> Done:
    """Run `whatsapp-mcp WORDS`; the machine's own settings play no part."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_MCP_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HOUSE / "unified-mcp" / "main.py"), *words),
        env={**kept, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), SECONDS)
    return Done(process.returncode or 0, out.decode(), err.decode())
