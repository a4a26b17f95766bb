"""The entry that Claude Desktop and Cursor start the server by."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from settings import HOUSE


@dataclass(frozen=True)
class Entry:
    """A command with absolute paths, since desktop programs know neither the shell's PATH nor its folder."""

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def server(self) -> dict[str, JsonValue]:
        """The server as it stands under its name."""
        server: dict[str, JsonValue] = {"command": self.command, "args": list(self.arguments)}
        if self.environment:
            server["env"] = dict(self.environment)
        return server

    def text(self, name: str = "whatsapp") -> str:
        """The JSON that goes into claude_desktop_config.json or ~/.cursor/mcp.json."""
        return json.dumps({"mcpServers": {name: self.server()}}, indent=2)


def find_uv() -> str | None:
    """Where uv is. A link that a package manager keeps is better than the file of one version that it leads to."""
    # `uv run` tells its own path in UV, also where uv is on no PATH.
    running, known = os.environ.get("UV"), shutil.which("uv")
    if running and known and Path(running).resolve() != Path(known).resolve():
        known = running
    found = known or running
    return None if found is None else str(Path(found).absolute())


def entry(environment: Mapping[str, str] | None = None) -> Entry:
    """This machine's entry; `environment` holds the settings that differ from their defaults."""
    given = dict(environment or {})
    if (HOUSE / "unified-mcp" / "main.py").is_file():
        return Entry(find_uv() or "uv", ("--directory", str(HOUSE / "unified-mcp"), "run", "main.py"), given)
    # An installed package, which has a script beside its interpreter.
    script = Path(sys.executable).with_name(f"whatsapp-mcp{Path(sys.executable).suffix}")
    return Entry(str(script), (), given) if script.is_file() else Entry(sys.executable, ("-m", "main"), given)
