"""Confirmation: what goes out to others waits until the person has agreed.

A client that can ask the person does so, with the elicitation of MCP. For any other the call is refused with a preview
and a number that is good for one call, so that the model has something to show first (docs/decisions/0021).
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, Field, JsonValue

from errors import AWAY, Code, WhatsAppError
from safety.subject import subject
from settings import Confirm
from tools.declaration import Arguments, Effect, Tool
from tools.results import Chat

log = logging.getLogger(__name__)

WORD = "confirmation"
"""The argument by which a call says that the person has agreed; no tool has one of this name."""
SCHEMA: dict[str, JsonValue] = {
    "type": "string",
    "description": "The number of the preview that the person has agreed to. Leave it out until then.",
}
GOOD_SECONDS = 600.0
MOST = 100
"""Previews that are kept; the oldest is forgotten first."""


class Named(Protocol):
    """Who or what is meant."""

    @property
    def jid(self) -> str:
        """The canonical address."""
        ...

    @property
    def name(self) -> str:
        """The name that is shown."""
        ...


class Chats(Protocol):
    """What the store knows of chats."""

    async def resolve(self, text: str) -> Named:
        """Who is meant by a number, a JID or a name."""
        ...

    async def chat(self, text: str) -> Chat:
        """A conversation; raises CHAT_NOT_FOUND for an unknown one."""
        ...


class Agreement(BaseModel):
    """What a client asks the person."""

    agree: bool = Field(description="Carry it out")


@dataclass(frozen=True)
class Preview:
    """A call that waits for its confirmation, until a moment of the clock."""

    call: str
    ends: float


class Confirmations:
    """The calls of one process that wait for their confirmation."""

    def __init__(self, mode: Confirm, clock: Callable[[], float] = time.monotonic) -> None:
        self._mode: Confirm = mode
        self._clock = clock
        self._previews: dict[str, Preview] = {}

    def asked_of(self, tool: Tool) -> bool:
        """Whether calls of a tool may have to be confirmed."""
        return self._mode != "never" and tool.effect in (Effect.SENDS, Effect.DESTROYS)

    async def settle(
        self, tool: Tool, arguments: Arguments, confirmation: object, context: Context[Any, Any], chats: Chats
    ) -> None:
        """Return where a call that is asked for may be carried out.

        Raises CONFIRMATION_REQUIRED where the person has to be asked first, or did not agree, and what the store says
        of a chat that cannot be found.
        """
        if confirmation is not None:
            if self._confirmed(_call(tool, arguments), confirmation):
                return
            raise await self._preview(
                tool, arguments, chats, "The confirmation belongs to no preview of this very call."
            )
        if self._mode == "first_contact" and not await _is_first(arguments, chats):
            return
        if not _can_ask(context):
            raise await self._preview(tool, arguments, chats, f"{tool.name} waits until the person agrees.")
        if not await _agrees(context, await _question(tool, arguments, chats)):
            raise WhatsAppError(
                Code.CONFIRMATION_REQUIRED,
                "The person did not agree, so nothing was done.",
                resolution="Do not call it again unasked: the person says what shall be done instead.",
            )

    def _confirmed(self, call: str, confirmation: object) -> bool:
        preview = self._previews.pop(str(confirmation), None)
        return preview is not None and preview.call == call and self._clock() < preview.ends

    async def _preview(self, tool: Tool, arguments: Arguments, chats: Chats, message: str) -> WhatsAppError:
        meant = await _meant(arguments, chats)
        number = secrets.token_hex(4)
        self._previews[number] = Preview(_call(tool, arguments), self._clock() + GOOD_SECONDS)
        while len(self._previews) > MOST:
            del self._previews[next(iter(self._previews))]
        return WhatsAppError(
            Code.CONFIRMATION_REQUIRED,
            f"{message} Nothing was done.",
            details={"preview": {"tool": tool.name, "for": meant, "arguments": _said(arguments)}, WORD: number},
            resolution="Show the preview to the person. Only when they agree, call the tool again with the same "
            f"arguments and {WORD}; it is good for one call within ten minutes.",
        )


def _call(tool: Tool, arguments: Arguments) -> str:
    return json.dumps([tool.name, arguments.model_dump(mode="json")], sort_keys=True)


def _said(arguments: Arguments) -> dict[str, JsonValue]:
    return arguments.model_dump(mode="json", exclude_none=True)


def _can_ask(context: Context[Any, Any]) -> bool:
    """Whether the client shows forms to the person, and can be asked for one in the middle of a call."""
    capabilities = context.client_capabilities
    asks = capabilities.elicitation if capabilities is not None else None
    forms = asks is not None and (asks.form is not None or asks.url is None)
    return forms and bool(context.session.can_send_request)


async def _agrees(context: Context[Any, Any], question: str) -> bool:
    """Ask the person. Whatever is not a clear yes is a no."""
    try:
        answer = await context.elicit(question, Agreement)
    except (MCPError, ValueError) as error:
        log.warning("the client did not ask the person: %s", type(error).__name__)
        return False
    return answer.action == "accept" and answer.data.agree


async def _question(tool: Tool, arguments: Arguments, chats: Chats) -> str:
    """What the person is asked: the tool, who is really meant, and every argument."""
    meant = await _meant(arguments, chats)
    lines = [f"{tool.title}?", *([] if meant is None else [f"For: {meant}"])]
    lines += [f"{name}: {value}" for name, value in _said(arguments).items()]
    return "\n".join(lines)


async def _meant(arguments: Arguments, chats: Chats) -> str | None:
    """Who is meant, by name and address; as the client named them while the store cannot be asked."""
    named = subject(arguments)
    if named is None:
        return None
    try:
        found = await chats.resolve(named)
    except WhatsAppError as error:
        if error.code not in AWAY:
            raise
        return named
    return f"{found.name} ({found.jid})"


async def _is_first(arguments: Arguments, chats: Chats) -> bool:
    """Whether somebody is written to of whom no message is stored. What nobody knows is as good as yes."""
    named = subject(arguments)
    if named is None:
        return False  # it is about a message that is there
    try:
        chat = await chats.chat(named)
    except WhatsAppError as error:
        if error.code in (Code.CHAT_NOT_FOUND, *AWAY):
            return True
        raise
    return chat.kind == "direct" and chat.last_message_at is None
