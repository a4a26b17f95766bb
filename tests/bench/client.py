"""An MCP client over stdio that does no more than the protocol asks for.

The client of the `mcp` package also checks every answer against the tool's schema with a validator in Python, which
alone takes up to 5 ms for a list; desktop clients compile theirs. So the clock here stops when the answer is parsed.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

PROTOCOL = "2025-06-18"


class StdioClient:
    """One line out, one line in."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to, self._back = to, back
        self._number = 0
        told = {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        self._ask("initialize", told)
        self._write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def call(self, tool: str, arguments: Mapping[str, object]) -> dict[str, object]:
        """Call a tool; the answer as it was parsed."""
        return self._ask("tools/call", {"name": tool, "arguments": arguments})

    def _ask(self, method: str, parameters: Mapping[str, object]) -> dict[str, object]:
        self._number += 1
        self._write({"jsonrpc": "2.0", "id": self._number, "method": method, "params": parameters})
        while line := self._back.readline():
            answer = json.loads(line)
            if answer.get("id") == self._number:
                result: dict[str, object] = answer["result"]
                return result
        raise RuntimeError("the server ended")

    def _write(self, message: Mapping[str, object]) -> None:
        self._to.write(json.dumps(message).encode() + b"\n")
        self._to.flush()


@contextmanager
def open_client(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[StdioClient]:
    """Start a server and shake hands with it."""
    process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    try:
        yield StdioClient(process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()
