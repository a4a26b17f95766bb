"""Which tools a process offers: chosen once at its start, since a client may keep the list for as long as it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from errors import Code, WhatsAppError
from settings import Settings
from tools.declaration import Effect, Tool

CATEGORIES = (
    "status",
    "messaging",
    "receipts",
    "contacts",
    "chats",
    "communities",
    "history",
    "queries",
    "privacy",
    "business",
    "newsletters",
)
"""The toolsets that are shelves of the catalogue."""

CORE = (
    "backend_status",
    "send_text_message_v2",
    "send_media_message_v2",
    "send_voice_note_v2",
    "react_to_message_v2",
    "edit_message_v2",
    "delete_message_v2",
    "download_media_v2",
    "mark_chat_read_v2",
    "search_contacts",
    "list_chats",
    "get_chat",
    "list_communities",
    "mark_community_as_read_with_history",
    "fetch_history",
    "get_sync_status",
    "sync_history_to_database",
    "list_messages",
    "query_synced_messages",
    "get_message_context",
)
"""The toolset `core`: what a day with WhatsApp needs, and every tool that an error's cure sends a model to."""

TOOLSETS = ("all", "core", *CATEGORIES)
"""What `WHATSAPP_MCP_TOOLSETS` may name."""


@dataclass(frozen=True)
class Offer:
    """The tools that are listed, in the catalogue's order. No other can be called."""

    tools: Mapping[str, Tool]
    catalogue: Mapping[str, Tool]
    read_only: bool = False

    def refusal(self, name: str) -> WhatsAppError:
        """Why a tool that is not offered is not carried out."""
        left_out = self.catalogue.get(name)
        if left_out is None:
            # The name is not repeated: it is whatever a client sent.
            return WhatsAppError(
                Code.INVALID_ARGUMENT,
                "There is no tool of this name.",
                details={"argument": "name"},
                resolution="Call a tool that tools/list names.",
            )
        if self.read_only and left_out.effect is not Effect.READS:
            return WhatsAppError(
                Code.READ_ONLY,
                f"{name} is not offered: the server runs read-only.",
                resolution="Start it without WHATSAPP_MCP_READ_ONLY.",
            )
        return WhatsAppError(
            Code.INVALID_ARGUMENT,
            f"{name} is not offered: the server was started with other tools.",
            details={"argument": "name"},
            resolution="Use a listed tool, or add it to WHATSAPP_MCP_TOOLS and start the server again.",
        )


def offer(settings: Settings, catalogue: Mapping[str, Tool]) -> Offer:
    """Choose what the settings ask for.

    Toolsets and single tools add up, and without either it is all tools; of these the reading ones alone where the
    server is read-only. Raises INVALID_ARGUMENT for a name that is not known, with those that are.
    """
    _check("TOOLSETS", settings.toolsets, TOOLSETS)
    _check("TOOLS", settings.tools, tuple(catalogue))
    wanted = set(settings.tools)
    for toolset in settings.toolsets or (() if settings.tools else ("all",)):
        wanted.update(_members(toolset, catalogue))
    return Offer(
        {
            name: tool
            for name, tool in catalogue.items()
            if name in wanted and (tool.effect is Effect.READS or not settings.read_only)
        },
        catalogue,
        settings.read_only,
    )


def _members(toolset: str, catalogue: Mapping[str, Tool]) -> Iterable[str]:
    if toolset == "core":
        return CORE
    return (name for name, tool in catalogue.items() if toolset in ("all", tool.category))


def _check(setting: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise WhatsAppError(
            Code.INVALID_ARGUMENT,
            f"WHATSAPP_MCP_{setting} is wrong: it names {unknown[0]!r}, which is not known.",
            details={"setting": f"WHATSAPP_MCP_{setting}"},
            resolution=f"Known are: {', '.join(known)}.",
        )
