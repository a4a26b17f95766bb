"""The entry: `uv --directory /abs/unified-mcp run main.py` serves MCP over stdio; with a word it is the CLI."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence

from errors import WhatsAppError

COMMANDS = {
    "serve": "Serve MCP over stdio (what Claude Desktop and Cursor start; also without a word); --http [HOST:PORT].",
    "up": "Start both bridges in the background and keep them running.",
    "down": "Stop them.",
    "status": "Say how the bridges and their links are; --json.",
    "pair": "Link both bridges: QR codes and pairing codes in the browser, or with --terminal.",
    "service": "Start the bridges whenever this user's session does: install, uninstall, status.",
    "demo": "Show the whole system on an emulated WhatsApp; needs no phone.",
    "sync": "Merge fetched history into messages.db.",
    "import": "Take over the messages.db of lharries/whatsapp-mcp or verygoodplugins/whatsapp-mcp.",
    "build": "Build both bridges and the emulator.",
    "doctor": "Look for what is wrong on this machine, and say what mends it; --json.",
    "config": "Print the entry for claude, cursor or json; --write puts it into the client's file.",
    "stats": "A picture of what is stored, in the terminal; --html PATH makes a page of it.",
    "audit": "Say what clients did with the account, never what was said; --last N, --json.",
    "docs": "Draw what is drawn from the catalogue; --check only compares.",
}

MODULES = {"import": "importing"}
"""Commands whose word cannot be the name of a module."""


def usage() -> str:
    """What can be said after `whatsapp-mcp`."""
    rows = "\n".join(f"  {name:<9}{text}" for name, text in COMMANDS.items())
    return f"usage: whatsapp-mcp [COMMAND] [--help]\n\n{rows}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; each is a module of `cli`, imported only when called.

    Returns the exit code. What a command does not answer itself is one line that says what to do, and 1.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words.pop(0) if words and not words[0].startswith("-") else "serve"
    if name == "serve" and words[:1] in (["-h"], ["--help"]):
        sys.stdout.write(usage())
        return 0
    if name not in COMMANDS:
        sys.stderr.write(f"whatsapp-mcp: there is no command {name!r}\n\n{usage()}")
        return 2
    # Imports make much and free nothing: a collection amidst them only costs the client its wait.
    gc.disable()
    run = importlib.import_module(f"cli.{MODULES.get(name, name)}").run
    gc.enable()
    try:
        return int(run(words))
    except WhatsAppError as error:
        sys.stderr.write(f"whatsapp-mcp {name}: {error.message} {error.resolution}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
