"""`whatsapp-mcp doctor` as a process of its own, its findings by their check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from command import command


async def findings(environment: Mapping[str, str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """Its exit code and what it found."""
    done = await command("doctor", "--json", environment=environment)
    return done.code, {row["check"]: row for row in json.loads(done.out)["findings"]}
