"""The entry that Claude Desktop and Cursor start the server by."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from settings import HOUSE


@dataclass(frozen=True)
class Entry:
    """A command with absolute paths, since desktop programs know neither the shell's PATH nor its folder."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def text(self) -> str:
        """The JSON that goes into claude_desktop_config.json or ~/.cursor/mcp.json."""
        server: dict[str, object] = {"command": self.command, "args": list(self.arguments)}
        if self.environment:
            server["env"] = dict(self.environment)
        return json.dumps({"mcpServers": {"whatsapp": server}}, indent=2)


def entry(environment: Mapping[str, str] | None = None) -> Entry:
    """This machine's entry; `environment` holds the settings that differ from their defaults."""
    # `uv run` tells its own path in UV, also where uv is on no PATH.
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    return Entry(uv, ("--directory", str(HOUSE / "unified-mcp"), "run", "main.py"), dict(environment or {}))
