"""The entries of Claude Desktop and Cursor: whether what they start is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from pydantic import JsonValue

from cli.checks.finding import Finding, error, fine, note, warning
from cli.clients import CLIENTS, Client, ConfigError, Document, Object
from settings import HOUSE, Settings

KNOWN = {f"WHATSAPP_MCP_{name.upper()}" for name in Settings.model_fields}


def check_clients() -> Iterator[Finding]:
    """Every client's file that is there."""
    found = [client for client in CLIENTS.values() if client.file().exists()]
    if not found:
        yield note(
            "clients",
            "Neither Claude Desktop nor Cursor has a configuration file here.",
            "whatsapp-mcp config claude --write, or cursor; for others whatsapp-mcp config json",
        )
    for client in found:
        yield from _client(client)


def _client(client: Client) -> Iterator[Finding]:
    file = client.file()
    write = f"whatsapp-mcp config {client.word} --write"
    try:
        servers = Document.read(file).servers
    except ConfigError as problem:
        yield error(client.word, f"{client.title} starts no server at all: {problem}", f"Correct {file}.")
        return
    ours = {name: entry for name, entry in servers.items() if _is_ours(name, entry)}
    if not ours:
        yield note(client.word, f"{client.title} has no entry of this server in {file}.", write)
    for name, entry in ours.items():
        problems = list(_entry(client, name, entry if isinstance(entry, dict) else {}, f"{write} --name {name}"))
        yield from problems or [fine(client.word, f"the entry {name!r} in {file}")]


def _is_ours(name: str, entry: JsonValue) -> bool:
    if name == "whatsapp":
        return True
    words = [str(entry.get("command", "")), *_words(entry)] if isinstance(entry, dict) else []
    return any(word.rstrip("/\\").endswith(("unified-mcp", "whatsapp-mcp")) for word in words)


def _words(entry: Object) -> list[str]:
    arguments = entry.get("args", [])
    return [str(word) for word in arguments] if isinstance(arguments, list) else []


def _entry(client: Client, name: str, entry: Object, write: str) -> Iterator[Finding]:
    title = f"{client.title}'s entry {name!r}"
    if "url" in entry and "command" not in entry:
        return
    command = entry.get("command")
    if not isinstance(command, str) or not command:
        yield error(client.word, f"{title} has no command.", write)
        return
    if not Path(command).is_absolute():
        there = shutil.which(command) is not None
        said = f"{title} starts {command!r} by its bare name, and desktop programs do not know the shell's PATH"
        yield (
            warning(client.word, f"{said} (spawn {command} ENOENT).", write)
            if there
            else error(client.word, f"{title} starts {command!r}, which is not on PATH here either.", write)
        )
    elif not os.access(command, os.X_OK) or Path(command).is_dir():
        yield error(client.word, f"{title} starts {command}, which is not there or no program.", write)
    yield from _folder(client, title, _words(entry), write)
    yield from _environment(client, title, entry)


def _folder(client: Client, title: str, words: list[str], write: str) -> Iterator[Finding]:
    given = next((after for word, after in pairwise(words) if word == "--directory"), None)
    given = given or next((word.partition("=")[2] for word in words if word.startswith("--directory=")), None)
    if given is None:
        return
    folder = Path(given)
    if not folder.is_absolute():
        yield error(client.word, f"{title} names the folder {given!r}, which is not absolute.", write)
    elif not (folder / "main.py").is_file():
        yield error(client.word, f"{title} names {folder}, and there is no main.py in it.", write)
    elif folder.resolve() != HOUSE / "unified-mcp" and (HOUSE / "pyproject.toml").is_file():
        yield warning(client.word, f"{title} starts another checkout than this one: {folder}.", write)


def _environment(client: Client, title: str, entry: Object) -> Iterator[Finding]:
    given = entry.get("env", {})
    names = list(given) if isinstance(given, dict) else []
    for name in names:
        if name.startswith("WHATSAPP_MCP_") and name not in KNOWN:
            yield warning(client.word, f"{title} sets {name}, which no setting has.", "Correct or remove it.")
    if "WHATSAPP_MCP_TOKEN" in names:
        yield warning(
            client.word,
            f"{title} holds the bridges' token itself.",
            "Remove WHATSAPP_MCP_TOKEN from it: the server reads the token's file.",
        )
