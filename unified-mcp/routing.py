"""Who answers which call: the routing table, drawn from the catalogue, and the router that follows it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from backends.bridge import Bridge
from tools.catalogue import CATALOGUE
from tools.declaration import Arguments, Backend, Route, Tool
from tools.results import Result

ROUTES: Mapping[str, Route] = {name: tool.route for name, tool in CATALOGUE.items()}
"""The routing table: for each tool the bridge, the method and the path."""


class Router:
    """Carries plain calls to the bridge that the table names."""

    def __init__(self, bridges: Mapping[Backend, Bridge]) -> None:
        self._bridges = bridges

    async def call(self, tool: Tool, arguments: Arguments, key: str | None = None) -> Result:
        """Carry out one call, once.

        What goes out to others carries a key by which the bridge knows a repetition: the client's, or a fresh one.
        """
        bridge = self._bridges[tool.route.backend]
        once = (key or str(uuid.uuid4())) if tool.goes_out_once else None
        return await bridge.request(tool.operation, arguments, idempotency_key=once)
