"""`whatsapp-mcp config claude|cursor|json`: the entry that starts this server, and with --write into the file."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.clients import CLIENTS, SERVERS, Client, ConfigError, Document
from cli.entry import Entry, entry, find_uv
from settings import HOUSE, Settings, load_settings

NAME = re.compile(r"[A-Za-z0-9_-]{1,25}")
"""Cursor takes 60 characters of server and tool together, and the longest tool has 35."""
LEFT_OUT = ("token", "http_token", "http_token_file", "http_hosts")
"""Secrets stay in their files, and a client that starts the server by stdio needs nothing of HTTP."""


def settings_here() -> dict[str, str]:
    """The settings that this shell has, as an entry carries them: paths are absolute."""
    load_settings()
    here: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        variable = f"WHATSAPP_MCP_{name.upper()}"
        value = os.environ.get(variable)
        if value and name not in LEFT_OUT:
            is_path = field.annotation in (Path, Path | None)
            here[variable] = str(Path(value).absolute()) if is_path else value
    return here


def this_entry() -> Entry:
    """This machine's entry. Raises `ConfigError` where nothing could be started by it."""
    if (HOUSE / "pyproject.toml").is_file() and find_uv() is None:
        raise ConfigError("uv is not found: install it (https://docs.astral.sh/uv/), then call again.")
    return entry(settings_here())


def write(client: Client, file: Path, name: str, wanted: Entry) -> str:
    """Put the entry into the client's file; gives what was done as a sentence. Raises `ConfigError`."""
    before = Document.read(file)
    after = before.with_server(name, wanted.server())
    if after.data == before.data:
        return f"The entry {name!r} stands in {file} already: nothing was changed."
    backup = after.write()
    kept = "" if backup is None else f" What was there before: {backup}."
    return f"The entry {name!r} stands in {file} now.{kept} Quit {client.title} completely and open it again."


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be 1 to 25 letters, digits, - and _")
    return text


def run(arguments: Sequence[str]) -> int:
    """Print the entry, or write it; 1 with one clear line when that fails."""
    parser = argparse.ArgumentParser(
        prog="whatsapp-mcp config",
        description="The entry that a client starts this server by, with this machine's absolute paths and the "
        "WHATSAPP_MCP_ settings of this shell (its tokens left out). --write merges it into the client's file: other "
        "servers and unknown keys stay, and what was there before lies beside it.",
    )
    parser.add_argument("client", choices=(*CLIENTS, "json"), help="json only prints, for any other client")
    parser.add_argument("--write", action="store_true", help="write it into the client's file")
    parser.add_argument("--file", metavar="PATH", type=Path, help="the client's file, where it lies elsewhere")
    parser.add_argument("--name", metavar="NAME", type=_name, default="whatsapp", help="the server's name there")
    options = parser.parse_args(arguments)
    if options.client == "json" and (options.write or options.file):
        parser.error("json only prints: --write and --file need a client")
    try:
        wanted = this_entry()
        if options.client == "json":
            sys.stdout.write(f"{wanted.text(options.name)}\n")
            return 0
        client = CLIENTS[options.client]
        file = (options.file or client.file()).absolute()
        if options.write:
            sys.stdout.write(f"{write(client, file, options.name, wanted)}\n")
        else:
            sys.stdout.write(f"{wanted.text(options.name)}\n")
            sys.stderr.write(f"This belongs under {SERVERS} in {file}; --write puts it there.\n")
    except ConfigError as error:
        sys.stderr.write(f"whatsapp-mcp config: {error}\n")
        return 1
    return 0
