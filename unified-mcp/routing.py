"""Who answers which call: the routing table, drawn from the catalogue, and the router that follows it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import TypeVar

from backends.bridge import Bridge
from backends.operations import RESOLVE, ChatQuestion
from errors import Code, WhatsAppError
from tools.catalogue import CATALOGUE
from tools.declaration import Arguments, Backend, Route, Tool, sent_as
from tools.results import Result

A = TypeVar("A", bound=Arguments)

ROUTES: Mapping[str, Route] = {name: tool.route for name, tool in CATALOGUE.items()}
"""The routing table: for each tool the bridge, the method and the path."""

ADDRESSES = ("chat_jid", "contact_jid")
"""The names under which a chat or a person travels."""
ADDRESS = re.compile(r"\s*([\d.:_-]+@[a-z.]+|[+\d\s().\u2013-]+)\s*")
"""What both bridges read: a JID or a number. Everything else is a name."""
NO_LINK = (
    Code.BRIDGE_UNREACHABLE,
    Code.BRIDGE_UNTRUSTED,
    Code.NOT_PAIRED,
    Code.AUTH_EXPIRED,
    Code.PASSKEY_REQUIRED,
    Code.SESSION_REPLACED,
    Code.CLIENT_OUTDATED,
    Code.BAILEYS_NOT_CONNECTED,
    Code.WHATSAPP_NOT_CONNECTED,
)
"""Why a bridge that stands in may be of no help; then it is the first one that must be mended."""


class Router:
    """Carries plain calls to the bridge that the table names, or to the one that stands in for it."""

    def __init__(self, bridges: Mapping[Backend, Bridge]) -> None:
        self._bridges = bridges

    async def call(self, tool: Tool, arguments: Arguments, key: str | None = None) -> Result:
        """Carry out one call, once.

        What goes out to others carries a key by which a bridge knows a repetition: the client's, or a fresh one.
        Only `BRIDGE_UNREACHABLE` says for certain that nothing was sent: then, and never after anything else, the
        other bridge is asked.
        """
        if tool.route.backend is Backend.BAILEYS:
            arguments = await addressed(self._bridges[Backend.GO], arguments)
        once = (key or str(uuid.uuid4())) if tool.goes_out_once else None
        try:
            return await self._bridges[tool.route.backend].request(tool.operation, arguments, idempotency_key=once)
        except WhatsAppError as error:
            if tool.also is None or error.code is not Code.BRIDGE_UNREACHABLE:
                raise
            missing = error
        if tool.also is Backend.BAILEYS and _name_in(arguments):
            raise _without_names(missing)
        try:
            answer = await self._bridges[tool.also].request(tool.operation, arguments, idempotency_key=once)
        except WhatsAppError as error:
            raise (missing if error.code in NO_LINK else error) from None
        return answer.model_copy(update={"served_by": tool.also.value})


async def addressed(go: Bridge, arguments: A) -> A:
    """The arguments as the Baileys bridge reads them: a name is looked up by the Go bridge first."""
    named = _name_in(arguments)
    if named is None:
        return arguments
    field, text = named
    try:
        found = await go.request(RESOLVE, ChatQuestion(chat_jid=text))
    except WhatsAppError as error:
        raise (_without_names(error) if error.code is Code.BRIDGE_UNREACHABLE else error) from None
    return arguments.model_copy(update={field: found.jid})


def _name_in(arguments: Arguments) -> tuple[str, str] | None:
    """The argument that names a chat or person in words, with its value."""
    for name, field in type(arguments).model_fields.items():
        value = getattr(arguments, name)
        if sent_as(name, field).name in ADDRESSES and isinstance(value, str) and not ADDRESS.fullmatch(value):
            return name, value
    return None


def _without_names(error: WhatsAppError) -> WhatsAppError:
    return WhatsAppError(
        error.code,
        f"{error.message} Names are looked up by it.",
        details=error.details,
        resolution=f"{error.resolution} Or give the phone number or JID: the Baileys bridge can do this by itself.",
    )
