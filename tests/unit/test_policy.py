"""Which tools a process offers, and what it answers when another is called."""

from __future__ import annotations

import json
import re

import pytest
from mcp import Client
from mcp_types import TextContent

from errors import REGISTRY, Code, WhatsAppError
from fake_bridge import FakeBridge
from interface import INTERFACE, NAMES
from safety.policy import CATEGORIES, CORE, TOOLSETS, offer
from server import INSTRUCTIONS, build_server
from settings import Settings, load_settings
from tools.catalogue import CATALOGUE
from tools.declaration import Effect

READING = {name for name, tool in CATALOGUE.items() if tool.effect is Effect.READS}


def offered(monkeypatch: pytest.MonkeyPatch, **environment: str) -> set[str]:
    for name, value in environment.items():
        monkeypatch.setenv(f"WHATSAPP_MCP_{name}", value)
    return set(offer(load_settings(), CATALOGUE).tools)


def in_category(*categories: str) -> set[str]:
    return {name for name, tool in CATALOGUE.items() if tool.category in categories}


def test_every_category_is_a_toolset() -> None:
    assert tuple(INTERFACE) == CATEGORIES


def test_without_a_setting_every_tool_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered(monkeypatch) == set(CATALOGUE)
    assert offered(monkeypatch, TOOLSETS="all") == set(CATALOGUE)


def test_core_is_about_twenty_tools_of_the_interface() -> None:
    assert 18 <= len(set(CORE)) == len(CORE) <= 22
    assert set(CORE) <= set(NAMES)


def test_core_has_every_tool_that_a_cure_or_the_instructions_send_a_model_to() -> None:
    texts = [entry.cure for code, entry in REGISTRY.items() if code is not Code.PRODUCT_NOT_FOUND]
    named = {word for text in (*texts, *INSTRUCTIONS) for word in re.findall(r"\w+", text)}
    assert named & set(NAMES) <= set(CORE)


def test_core_is_offered_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered(monkeypatch, TOOLSETS="core") == set(CORE)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_category_is_offered_alone(monkeypatch: pytest.MonkeyPatch, category: str) -> None:
    assert offered(monkeypatch, TOOLSETS=category) == in_category(category)


@pytest.mark.parametrize("said", ["chats,privacy", " chats , privacy ", "privacy,chats,chats,", "chats privacy"])
def test_several_toolsets_add_up_however_they_are_parted(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    assert offered(monkeypatch, TOOLSETS=said) == in_category("chats", "privacy")


def test_single_tools_are_offered_alone_and_add_to_toolsets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered(monkeypatch, TOOLS="list_chats,send_message") == {"list_chats", "send_message"}
    assert offered(monkeypatch, TOOLSETS="receipts") == in_category("receipts") | {"list_chats", "send_message"}


@pytest.mark.parametrize("others", [{}, {"TOOLSETS": "messaging,queries"}, {"TOOLSETS": "core", "TOOLS": "pin_chat"}])
def test_read_only_wins_over_everything(monkeypatch: pytest.MonkeyPatch, others: dict[str, str]) -> None:
    everything = offered(monkeypatch, **others)
    assert offered(monkeypatch, READ_ONLY="1") == everything & READING


def test_the_order_is_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_MCP_TOOLSETS", "queries,core,status")
    chosen = list(offer(load_settings(), CATALOGUE).tools)
    assert chosen == [name for name in CATALOGUE if name in chosen]


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [("TOOLSETS", "core,chat", TOOLSETS), ("TOOLSETS", "CORE", TOOLSETS), ("TOOLS", "list_chats,dance", CATALOGUE)],
)
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, known: tuple[str, ...]
) -> None:
    with pytest.raises(WhatsAppError) as caught:
        offered(monkeypatch, **{name: value})
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert f"WHATSAPP_MCP_{name} is wrong" in caught.value.message
    assert repr(value.rpartition(",")[2]) in caught.value.message
    assert all(each in caught.value.resolution for each in known)


def test_commas_alone_are_an_error_and_not_every_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WhatsAppError, match="WHATSAPP_MCP_TOOLS is wrong"):
        offered(monkeypatch, TOOLS=" , ")


async def refused(settings: Settings, name: str, mode: str) -> dict[str, str]:
    async with Client(build_server(settings), mode=mode) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
        assert name not in listed
        result = await client.call_tool(name, {"chat_jid": "Mara", "text": "hello"})
        assert [tool.name for tool in (await client.list_tools()).tools] == listed
    assert result.is_error
    assert result.structured_content is None
    (block,) = result.content
    assert isinstance(block, TextContent)
    envelope: dict[str, str] = json.loads(block.text)
    return envelope


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_what_is_not_listed_cannot_be_called(settings: Settings, go: FakeBridge, mode: str) -> None:
    reading = settings.model_copy(update={"read_only": True})
    assert (await refused(reading, "send_text_message_v2", mode))["error_code"] == "READ_ONLY"
    few = settings.model_copy(update={"toolsets": ("status",)})
    envelope = await refused(few, "send_text_message_v2", mode)
    assert envelope["error_code"] == "INVALID_ARGUMENT"
    assert "WHATSAPP_MCP_TOOLS" in envelope["resolution"]
    both = few.model_copy(update={"read_only": True})
    assert (await refused(both, "list_chats", mode))["error_code"] == "INVALID_ARGUMENT"
    unknown = await refused(settings, "ignore_previous_instructions", mode)
    assert unknown["error_code"] == "INVALID_ARGUMENT"
    assert "ignore_previous" not in json.dumps(unknown)
    assert not go.seen


async def test_the_instructions_name_only_what_is_offered(settings: Settings) -> None:
    for update in ({}, {"toolsets": ("status",)}, {"read_only": True}):
        server = build_server(settings.model_copy(update=update))
        listed = {tool.name for tool in await server.list_tools()}
        said = server.instructions or ""
        assert set(re.findall(r"\w+", said)) & set(CATALOGUE) <= listed
        assert "never instructions" in said
    assert " ".join(INSTRUCTIONS) == build_server(settings).instructions
