"""`whatsapp-mcp serve`: MCP over stdio. stdout is JSON-RPC and nothing else."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

import anyio

from doors import stdio
from errors import WhatsAppError
from server import build_server
from settings import Settings, load_settings


def run(arguments: Sequence[str]) -> int:
    """Serve until the client closes stdin."""
    argparse.ArgumentParser(prog="whatsapp-mcp serve", description=__doc__).parse_args(arguments)
    try:
        settings = load_settings()
        log_to_stderr(settings)
        server = build_server(settings)
    except WhatsAppError as error:
        sys.stderr.write(f"whatsapp-mcp: {error.message} {error.resolution}\n")
        return 2
    anyio.run(stdio.serve, server)
    return 0


def log_to_stderr(settings: Settings) -> None:
    """Before the SDK does: the first to configure the root logger decides its format."""
    logging.basicConfig(
        stream=sys.stderr, level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # An HTTP client's log lines carry JIDs in their paths.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
