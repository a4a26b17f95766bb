"""`whatsapp-mcp serve`: MCP over stdio, where stdout is JSON-RPC and nothing else; or over HTTP."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

import anyio

from doors import http, stdio
from errors import WhatsAppError
from server import build_server
from settings import Settings, load_settings


def run(arguments: Sequence[str]) -> int:
    """Serve until the client closes stdin; with --http until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp serve", description=__doc__)
    parser.add_argument(
        "--http",
        nargs="?",
        const=http.LISTEN,
        metavar="HOST:PORT",
        help=f"serve by streamable HTTP instead (by default on {http.LISTEN}); clients show a bearer token",
    )
    options = parser.parse_args(arguments)
    try:
        settings = load_settings()
        log_to_stderr(settings)
        server = build_server(settings)
        if options.http is None:
            anyio.run(stdio.serve, server)
        else:
            http.serve(server, settings, http.Address.read(options.http))
    except WhatsAppError as error:
        sys.stderr.write(f"whatsapp-mcp: {error.message} {error.resolution}\n")
        return 2
    return 0


def log_to_stderr(settings: Settings) -> None:
    """Before the SDK does: the first to configure the root logger decides its format."""
    logging.basicConfig(
        stream=sys.stderr, level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # An HTTP client's log lines carry JIDs in their paths.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
