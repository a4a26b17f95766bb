"""Both bridges: who has their ports, whether they hold the token, what version they are, and how their link stands."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
from pydantic import BaseModel, JsonValue, ValidationError

from backends.baileys import BaileysBridge
from backends.bridge import Bridge, unreachable
from backends.go import GoBridge
from backends.operations import BridgeStatus
from cli.build import GO_BRIDGE, NODE_STAMP, go_stamp
from cli.checks.finding import Finding, Severity, age, error, fine, moment, note, warning
from errors import AWAY, WhatsAppError
from settings import Settings
from tools import chats
from tools.declaration import Backend
from tools.results import ChatList
from version import VERSION

CHATS = chats.list_chats.answering(ChatList)
SILENT = 24 * 3600.0
"""A connected account hears something within a day: its own phone at least."""
SKEW = 60.0
"""Seconds that clocks may differ by before it matters."""
KNOCK_SECONDS = 2.0
ANSWER_BYTES = 4096
LINKS: dict[str, Severity] = {"connected": "fine", "connecting": "warning"}


class Holder(BaseModel):
    """What bridge.lock says of the bridge that holds the store."""

    pid: int
    listen: str
    started_at: datetime


class BridgeCheck:
    """The checks of one bridge; `status` is what it said, once it was reached."""

    def __init__(self, bridge: Bridge, settings: Settings) -> None:
        self.bridge = bridge
        self.status: BridgeStatus | None = None
        self._settings = settings
        self._go = bridge.backend is Backend.GO
        self._variable = "WHATSAPP_MCP_GO_URL" if self._go else "WHATSAPP_MCP_BAILEYS_URL"
        self._store = (settings.messages_db if self._go else settings.baileys_db).parent

    async def run(self) -> AsyncIterator[Finding]:
        """Port, identity, version, link, last events and clock."""
        name, url = self.bridge.name, self.bridge.url
        try:
            self.status = status = await self.bridge.status()
        except WhatsAppError as problem:
            yield await self._missing(problem)
            return
        yield fine(name, f"runs at {url} and holds the token")
        if status.emulated:
            yield note(name, "EMULATED: it speaks to a WhatsApp server on this machine, not to WhatsApp.")
        if status.version != VERSION:
            cure = "whatsapp-mcp build, then start the bridge again"
            yield warning(f"{name} version", f"It is {status.version}, and this is {VERSION}.", cure)
        holder = _holder(self._store)
        stamp = go_stamp(GO_BRIDGE) if self._go else NODE_STAMP
        if holder and stamp.is_file() and holder.started_at.timestamp() < stamp.stat().st_mtime:
            started = age(time.time() - holder.started_at.timestamp())
            yield warning(
                f"{name} version",
                f"It was started {started} ago (pid {holder.pid}), before the last build.",
                "Stop it and start it again.",
            )
        yield self._link(status)
        yield self._events(status)
        yield await self._clock()

    async def _missing(self, problem: WhatsAppError) -> Finding:
        name, url = self.bridge.name, self.bridge.url
        if problem.code not in AWAY:
            return error(name, problem.message, problem.resolution)
        if not await _listens(self.bridge.url.removeprefix("http://")):
            return await self._stopped()
        said = await _health(self.bridge.url)
        if said is not None and said.get("bridge") == name:
            return error(
                f"{name} port",
                f"What listens at {url} says it is the {name}, and does not hold the token of "
                f"{self._settings.token_path}: it is the bridge of another store, or no bridge.",
                "Stop it and start this store's bridge; or point WHATSAPP_MCP_MESSAGES_DB (or "
                "WHATSAPP_MCP_TOKEN_FILE) at its store.",
            )
        return error(
            f"{name} port",
            f"Another program has the port of {url}: the bridge cannot start there.",
            f"Stop it ({_who_listens(url)} tells which), or start the bridge with --listen 127.0.0.1:OTHER and set "
            f"{self._variable}.",
        )

    async def _stopped(self) -> Finding:
        name, url = self.bridge.name, self.bridge.url
        holder = _holder(self._store)
        if holder is not None and await self._is_ours(holder.listen):
            return error(
                name,
                f"It runs (pid {holder.pid}) and listens at {holder.listen}, and the settings look for it at {url}.",
                f"Set {self._variable}=http://{holder.listen}, in the client's entry too.",
            )
        start = unreachable(self.bridge.backend, url).resolution
        if self._go:
            return error(name, f"It is not running: nothing listens at {url}.", start)
        if not self._settings.baileys_db.exists():
            return note(name, "It was never started here. Only business catalogs need it.", start)
        return warning(name, f"It is not running: nothing listens at {url}. Only business catalogs need it.", start)

    async def _is_ours(self, listen: str) -> bool:
        """Whether the bridge at this address holds the token too."""
        try:
            settings = Settings.model_validate(
                {**self._settings.model_dump(), ("go_url" if self._go else "baileys_url"): f"http://{listen}"}
            )
            async with GoBridge(settings) if self._go else BaileysBridge(settings) as bridge:
                await bridge.status()
        except (WhatsAppError, ValidationError):
            return False
        return True

    def _link(self, status: BridgeStatus) -> Finding:
        check, words = f"{self.bridge.name} link", status.state.replace("_", " ")
        if status.state == "connected":
            return fine(check, f"linked{_own(status.jid)} and connected")
        reason = f": {status.reason}" if status.reason else ""
        resolution = status.resolution or "Wait a little; then look at the bridge's log."
        # Without the second bridge nearly everything works.
        severity = LINKS.get(status.state, "error" if self._go else "warning")
        return Finding(check=check, severity=severity, message=f"It is {words}{reason}", cure=resolution)

    def _events(self, status: BridgeStatus) -> Finding:
        check = f"{self.bridge.name} events"
        now = datetime.now(UTC)
        event, stored, since = moment(status.last_event_at), moment(status.last_stored_at), moment(status.since)
        said = f"{status.messages} messages in {status.chats} chats"
        said += "" if event is None else f"; last heard of WhatsApp {age((now - event).total_seconds())} ago"
        said += "" if stored is None else f"; last stored {age((now - stored).total_seconds())} ago"
        heard = event or since
        if status.state == "connected" and heard is not None and (now - heard).total_seconds() > SILENT:
            cure = "Look whether the phone is online; then start the bridge again."
            return warning(check, f"It is connected and hears nothing: {said}.", cure)
        return fine(check, said)

    async def _clock(self) -> Finding:
        """Against the bridge's own clock, and against the newest message, whose time is WhatsApp's."""
        check = f"{self.bridge.name} clock"
        cure = "Let the system set its clock by the network; encryption needs it too."
        date = await _date(self.bridge.url)
        apart = None if date is None else (datetime.now(UTC) - date).total_seconds()
        if apart is not None and abs(apart) > SKEW:
            return warning(check, f"The bridge's clock and this one are {age(abs(apart))} apart.", cure)
        if self._go:
            listed = await self.bridge.request(
                CHATS, CHATS.arguments.model_validate({"limit": 1, "include_last_message": False})
            )
            newest = moment(listed.chats[0].last_message_at) if listed.chats else None
            ahead = 0.0 if newest is None else (newest - datetime.now(UTC)).total_seconds()
            if ahead > SKEW:
                said = f"The newest message is {age(ahead)} in the future: this machine's clock is behind."
                return warning(check, said, cure)
        return fine(check, "agrees with the bridge's, and no message is of the future")


def _own(jid: str | None) -> str:
    """Whose account it is, by the last four digits."""
    digits = (jid or "").partition("@")[0]
    return f" to the number that ends in {digits[-4:]}," if len(digits) > len("0000") else ""


def _holder(store: Path) -> Holder | None:
    """Who holds the store, or held it last: the lock itself ends with its process, its text does not."""
    try:
        return Holder.model_validate_json((store / "bridge.lock").read_bytes())
    except (OSError, ValidationError):
        return None


async def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        opening = asyncio.open_connection(host.strip("[]"), int(port))
        _, writer = await asyncio.wait_for(opening, KNOCK_SECONDS)
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    return True


async def _ask_health(url: str) -> tuple[httpx.Headers, bytes] | None:
    """The answer of whoever is there; nothing that is secret goes to it."""
    try:
        async with (
            asyncio.timeout(KNOCK_SECONDS),
            httpx.AsyncClient(trust_env=False, follow_redirects=False) as client,
            client.stream("GET", f"{url}/health") as response,
        ):
            content = b""
            async for chunk in response.aiter_bytes(ANSWER_BYTES):
                content += chunk
                if len(content) > ANSWER_BYTES:
                    break
            return response.headers, content
    except (httpx.HTTPError, TimeoutError):
        return None


async def _health(url: str) -> dict[str, JsonValue] | None:
    answer = await _ask_health(url)
    try:
        said: JsonValue = None if answer is None else json.loads(answer[1])
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


async def _date(url: str) -> datetime | None:
    answer = await _ask_health(url)
    try:
        found = None if answer is None else parsedate_to_datetime(answer[0].get("date", ""))
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _who_listens(url: str) -> str:
    """The command that tells who has the port."""
    port = url.rpartition(":")[2]
    return f"netstat -ano | findstr :{port}" if os.name == "nt" else f"lsof -nP -iTCP:{port} -sTCP:LISTEN"
