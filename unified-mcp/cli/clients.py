"""The configuration files of MCP clients: where they lie, and how a server's entry gets into one."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

Object = dict[str, JsonValue]
SERVERS = "mcpServers"
BOM = "\ufeff"


class ConfigError(Exception):
    """What is in the way, and what to do about it, in one line."""


@dataclass(frozen=True)
class Client:
    """A program that starts MCP servers from a file."""

    word: str
    title: str

    def files(self, system: str, environment: Mapping[str, str], home: Path) -> list[Path]:
        """Where its file may lie, the likeliest first. `system` is as in `sys.platform`."""
        if self.word == "cursor":
            return [home / ".cursor" / "mcp.json"]
        return [folder / "Claude" / "claude_desktop_config.json" for folder in _claude(system, environment, home)]

    def file(self) -> Path:
        """Its file on this machine: the one that is there, else the one whose folder is there, else the likeliest."""
        files = self.files(sys.platform, os.environ, Path.home())
        there = [path for path in files if path.exists()] or [path for path in files if path.parent.is_dir()]
        return (there or files)[0]


def _claude(system: str, environment: Mapping[str, str], home: Path) -> list[Path]:
    if system == "darwin":
        return [home / "Library" / "Application Support"]
    if system != "win32":
        return [Path(environment.get("XDG_CONFIG_HOME") or home / ".config")]
    # What the Microsoft Store installs sees a roaming folder of its own.
    local = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    store = sorted((local / "Packages").glob("Claude_*/LocalCache/Roaming"))
    return [*store, Path(environment.get("APPDATA") or home / "AppData" / "Roaming")]


CLIENTS = {client.word: client for client in (Client("claude", "Claude Desktop"), Client("cursor", "Cursor"))}


@dataclass(frozen=True)
class Document:
    """A file as it was read. What of its form a reader sees is kept: indent, line ends, byte order mark."""

    path: Path
    """The file itself; a link leads to it."""
    bytes_: bytes | None
    """None where there is no file yet."""
    data: Object

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read it; an empty file is an empty object. Raises `ConfigError` for what cannot be read as an object."""
        try:
            real = path.resolve()
            content = real.read_bytes()
        except FileNotFoundError:
            return cls(real, None, {})
        except (OSError, RuntimeError) as error:
            raise ConfigError(f"{path} cannot be read ({_reason(error)}): make it a readable file.") from error
        try:
            text = content.decode("utf-8").removeprefix(BOM)
            data = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number) if text.strip() else {}
        except json.JSONDecodeError as error:
            raise ConfigError(
                f"{path} is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg}); it was left as it "
                "is. Correct it there (comments and trailing commas are no JSON), then call again."
            ) from error
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{path} is not valid JSON ({_reason(error)}); it was left as it is.") from error
        if not isinstance(data, dict):
            raise ConfigError(f"{path} holds no JSON object; it was left as it is.")
        return cls(real, content, data)

    @property
    def servers(self) -> Object:
        """The servers by name. Raises `ConfigError` where they are none."""
        servers = self.data.get(SERVERS, {})
        if not isinstance(servers, dict):
            raise ConfigError(f"{SERVERS} in {self.path} is no JSON object; it was left as it is.")
        return servers

    def with_server(self, name: str, entry: Object) -> Document:
        """The document with the entry. What an entry of this name holds besides, its environment too, stays."""
        known = self.servers.get(name, {})
        if not isinstance(known, dict):
            raise ConfigError(f"The entry {name!r} in {self.path} is no JSON object; it was left as it is.")
        # An entry of a server over HTTP becomes one that is started.
        remote = ("url", "type", "headers") if "url" in known else ()
        merged = {**{key: value for key, value in known.items() if key not in remote}, **entry}
        given, more = known.get("env"), entry.get("env")
        if isinstance(given, dict):
            merged["env"] = {**given, **(more if isinstance(more, dict) else {})}
        return Document(self.path, self.bytes_, {**self.data, SERVERS: {**self.servers, name: merged}})

    def text(self) -> bytes:
        """As it is written."""
        before = "" if self.bytes_ is None else self.bytes_.decode("utf-8")
        found = re.search(r"^([ \t]+)\S", before, re.MULTILINE)
        drawn = json.dumps(self.data, indent=found[1] if found else 2, ensure_ascii=False) + "\n"
        if "\r\n" in before:
            drawn = drawn.replace("\n", "\r\n")
        mark = BOM if before.startswith(BOM) else ""
        try:
            return (mark + drawn).encode()
        except UnicodeEncodeError:  # half of a character, which only an escape can write
            return (mark + json.dumps(self.data, indent=2) + "\n").encode()

    def write(self) -> Path | None:
        """Put it in place at once, its mode kept; gives where the old content lies. Raises `ConfigError`."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            backup = self._back_up()
            self._replace()
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be written ({_reason(error)}).") from error
        return backup

    def _back_up(self) -> Path | None:
        if self.bytes_ is None:
            return None
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        backup = self.path.with_name(f"{self.path.name}.backup-{stamp}")
        shutil.copy2(self.path, backup)
        if backup.read_bytes() != self.bytes_:
            backup.unlink()
            raise ConfigError(f"{self.path} was changed by another program meanwhile: call again.")
        return backup

    def _replace(self) -> None:
        # Its environment may carry secrets, so what is new is its owner's alone.
        mode = 0o600 if self.bytes_ is None else stat.S_IMODE(self.path.stat().st_mode)
        handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.text())
                file.flush()
                os.fsync(file.fileno())
            Path(draft).chmod(mode)
            Path(draft).replace(self.path)
        except BaseException:
            with suppress(OSError):
                Path(draft).unlink()
            raise


def _object(pairs: list[tuple[str, JsonValue]]) -> Object:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice in one object, and one of the two would be lost")
    return made


def _no_number(text: str) -> JsonValue:
    raise ValueError(f"{text} is no number in JSON")


def _reason(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
