"""Every tool, through an MCP client, against faked bridges: what goes over the wire and what comes home."""

from __future__ import annotations

import json
import logging
import uuid

import httpx
import jsonschema
import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent
from pydantic import JsonValue

from caller import Caller, keyed, unfenced
from errors import REGISTRY, Code, WhatsAppError
from fake_bridge import TOKEN, FakeBridge, Seen, refusing
from server import IDEMPOTENCY_KEY
from settings import Settings
from tools.catalogue import CATALOGUE
from tools.declaration import Backend, Effect
from tools.results import BackendStatus
from tools.schema import lean_schema, listed_arguments, listed_result
from wire_cases import CASES
from wire_cases.chats import CHATS
from wire_cases.playing import prepare
from wire_cases.shapes import CHAT, ELSEWHERE, NOW, SENT, TEXT, Case

EVERY_CASE = pytest.mark.parametrize("case", CASES.values(), ids=[name.replace(" ", "-") for name in CASES])
FIRST_CASES = [next(case for case in CASES.values() if case.tool == name) for name in CATALOGUE]
EVERY_TOOL = pytest.mark.parametrize("case", FIRST_CASES, ids=list(CATALOGUE))
BOTH_ERAS = pytest.mark.parametrize("client", ["legacy", "auto"], indirect=True)


@pytest.fixture
def bridges(go: FakeBridge, baileys: FakeBridge) -> dict[str, FakeBridge]:
    return {"go": go, "baileys": baileys}


def text(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


def without_nulls(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return all(without_nulls(inner) for inner in value.values())
    if isinstance(value, list):
        return all(without_nulls(inner) for inner in value)
    return value is not None


def test_the_table_has_every_tool() -> None:
    assert {case.tool for case in CASES.values()} == set(CATALOGUE)
    for case in CASES.values():
        route = CATALOGUE[case.tool].route
        if route.backend is not Backend.HYBRID:
            assert (route.backend.value, route.method, route.path) in {
                (ask.bridge, ask.method, ask.template) for ask in case.asks
            }


@EVERY_CASE
@BOTH_ERAS
async def test_a_call_sends_what_the_contract_says_and_answers_as_typed(
    client: Client, bridges: dict[str, FakeBridge], settings: Settings, case: Case
) -> None:
    prepare(case, bridges, settings)
    result = await client.call_tool(case.tool, case.arguments)
    assert not result.is_error, text(result)

    for name, bridge in bridges.items():
        expected = [ask for ask in case.asks if ask.bridge == name]
        sent = [(seen.method, seen.path, seen.query, seen.body) for seen in bridge.seen]
        assert sent == [(ask.method, ask.path, ask.query, ask.body) for ask in expected]

    structured = result.structured_content
    assert json.loads(unfenced(text(result))) == structured
    assert without_nulls(structured)
    schema = lean_schema(CATALOGUE[case.tool].result, mode="output")
    jsonschema.validate(structured, schema)
    CATALOGUE[case.tool].result.model_validate(structured)
    if case.answer is not ELSEWHERE:
        assert structured == (case.asks[0].answer if case.answer is None else case.answer)


@BOTH_ERAS
async def test_the_catalogue_is_listed_with_both_schemas_and_all_hints(client: Client) -> None:
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == list(CATALOGUE)
    for tool in tools:
        declared = CATALOGUE[tool.name]
        assert tool.input_schema == listed_arguments(declared.arguments)
        assert tool.output_schema == listed_result(declared.result)
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (declared.effect is Effect.READS)


# Sends


async def test_each_send_carries_a_fresh_key_and_nothing_else_does(
    client: Client, bridges: dict[str, FakeBridge], settings: Settings
) -> None:
    for case in FIRST_CASES:
        prepare(case, bridges, settings) if case.tool != "sync_history_to_database" else None
    keys: list[str] = []
    for _ in range(2):
        for case in FIRST_CASES:
            tool = CATALOGUE[case.tool]
            if tool.route.backend is Backend.HYBRID:
                continue
            before = {name: len(bridge.seen) for name, bridge in bridges.items()}
            await client.call_tool(case.tool, case.arguments)
            requests = [seen for name, bridge in bridges.items() for seen in bridge.seen[before[name] :]]
            carried = [seen.headers["idempotency-key"] for seen in requests if "idempotency-key" in seen.headers]
            assert len(carried) == (1 if tool.goes_out_once else 0), case.tool
            keys += carried
    assert len(keys) == len(set(keys)) == 2 * sum(tool.goes_out_once for tool in CATALOGUE.values())
    assert all(uuid.UUID(key).version == 4 for key in keys)


def test_what_reaches_others_goes_out_once() -> None:
    once = {tool.name for tool in CATALOGUE.values() if tool.goes_out_once}
    assert {tool.name for tool in CATALOGUE.values() if tool.effect is Effect.SENDS} <= once
    assert "delete_message_v2" in once


async def test_a_client_may_give_a_key_of_its_own(client: Client, go: FakeBridge) -> None:
    go.on("POST", TEXT, SENT)
    for tool, arguments in (
        ("send_message", {"recipient": CHAT, "message": "hello"}),
        ("send_text_message_v2", {"chat_jid": CHAT, "text": "hello"}),
    ):
        await client.call_tool(tool, arguments, meta=keyed("order-4711"))
    assert [seen.headers["idempotency-key"] for seen in go.seen] == ["order-4711"] * 2


@pytest.mark.parametrize("key", ["short", "x" * 129, "with spaces in it", 12345678, ["11111111"]])
async def test_a_key_that_is_none_is_refused_and_nothing_is_sent(client: Client, go: FakeBridge, key: object) -> None:
    result = await client.call_tool("send_message", {"recipient": CHAT, "message": "hello"}, meta=keyed(key))
    envelope = check_refusal(result)
    assert envelope["error_code"] == Code.INVALID_ARGUMENT
    assert IDEMPOTENCY_KEY in str(envelope["message"])
    assert not go.seen


async def test_a_send_that_was_not_acknowledged_is_an_answer_and_no_error(client: Client, go: FakeBridge) -> None:
    go.on("POST", TEXT, {**SENT, "status": "unacknowledged"})
    result = await client.call_tool("send_message", {"recipient": CHAT, "message": "hello"})
    assert not result.is_error
    assert result.structured_content
    assert result.structured_content["status"] == "unacknowledged"


GOING_OUT = [case for case in FIRST_CASES if CATALOGUE[case.tool].goes_out_once]


@pytest.mark.parametrize("failure", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError])
@pytest.mark.parametrize("case", GOING_OUT, ids=[case.tool for case in GOING_OUT])
async def test_what_goes_out_goes_out_once_when_its_answer_is_lost(
    client: Client, go: FakeBridge, baileys: FakeBridge, case: Case, failure: type[httpx.TransportError]
) -> None:
    def lose(_: Seen) -> httpx.Response:
        raise failure("lost")

    (ask,) = case.asks
    go.on("POST", ask.template, lose)
    code, envelope = await Caller(client).refused(case.tool, **case.arguments)
    assert code is Code.BRIDGE_TIMEOUT
    assert "list_messages" in str(envelope["resolution"])
    assert (go.count("POST"), len(baileys.seen)) == (1, 0)


# Errors


def check_refusal(result: CallToolResult) -> dict[str, JsonValue]:
    assert result.is_error
    assert result.structured_content is None
    envelope: dict[str, JsonValue] = json.loads(text(result))
    assert list(envelope) == ["success", "error_code", "message", "details", "resolution", "help"]
    assert envelope["success"] is False
    assert envelope["message"]
    assert envelope["resolution"]
    assert envelope["help"] == f"TROUBLESHOOTING.md#{str(envelope['error_code']).lower()}"
    assert "Traceback" not in text(result)
    assert TOKEN not in text(result)
    return envelope


@EVERY_TOOL
@BOTH_ERAS
async def test_a_tool_without_bridges_says_which_is_missing_and_how_to_start_it(
    client: Client, bridges: dict[str, FakeBridge], case: Case
) -> None:
    for bridge in bridges.values():
        bridge.down = True
    result = await client.call_tool(case.tool, case.arguments)
    if case.tool == "backend_status":
        status = BackendStatus.model_validate(result.structured_content)
        assert (status.go.state, status.baileys.state) == ("unreachable", "unreachable")
        assert status.go.resolution
        assert "go run" in status.go.resolution
        return
    envelope = check_refusal(result)
    assert envelope["error_code"] == "BRIDGE_UNREACHABLE"
    route = CATALOGUE[case.tool].route
    missing = "baileys-bridge" if route.backend is Backend.BAILEYS else "whatsapp-bridge"
    assert missing in str(envelope["resolution"])


@EVERY_TOOL
async def test_a_bridges_error_reaches_the_client_whole(
    client: Client, bridges: dict[str, FakeBridge], settings: Settings, case: Case
) -> None:
    def refuse(_: Seen) -> httpx.Response:
        raise WhatsAppError(Code.TEMPORARILY_BANNED, "Wait until noon.", details={"until": NOW}, resolution="Wait.")

    if case.tool == "backend_status":
        return
    prepare(case, bridges, settings)
    for ask in case.asks:
        bridges[ask.bridge].on(ask.method, ask.template, refuse)
    envelope = check_refusal(await client.call_tool(case.tool, case.arguments))
    assert envelope == {
        "success": False,
        "error_code": "TEMPORARILY_BANNED",
        "message": "Wait until noon.",
        "details": {"until": NOW},
        "resolution": "Wait.",
        "help": "TROUBLESHOOTING.md#temporarily_banned",
    }


async def test_every_code_reaches_the_client_with_words_and_a_cure(client: Client, go: FakeBridge) -> None:
    for code, entry in REGISTRY.items():
        go.on("GET", "/api/chats", refusing(code))
        envelope = check_refusal(await client.call_tool("list_chats", {}))
        assert envelope["error_code"] == code
        assert (envelope["message"], envelope["resolution"]) == (entry.meaning, entry.cure)


@BOTH_ERAS
async def test_a_wrong_argument_is_refused_before_anything_is_sent(
    client: Client, bridges: dict[str, FakeBridge]
) -> None:
    wrong: dict[str, dict[str, JsonValue]] = {
        "send_message": {"recipient": CHAT},
        "send_text_message_v2": {"chat_jid": CHAT, "text": ""},
        "send_media_message_v2": {"chat_jid": CHAT, "media_path": "/tmp/a", "media_type": "hologram"},
        "send_location_v2": {"chat_jid": CHAT, "latitude": "north", "longitude": 0},
        "list_chats": {"colour": "red"},
        "get_message_context": {"message_id": "no id!"},
        "fetch_history": {"chat_jid": ""},
        "query_synced_messages": {"after_time": "yesterday"},
    }
    for name, arguments in wrong.items():
        envelope = check_refusal(await client.call_tool(name, arguments))
        assert envelope["error_code"] == "INVALID_ARGUMENT", name
    assert not any(bridge.seen or bridge.asked for bridge in bridges.values())


@BOTH_ERAS
async def test_what_breaks_in_a_composition_is_internal_without_its_text(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: object) -> None:
        raise ValueError("s3cret text of a message")

    monkeypatch.setattr("server.COMPOSITIONS", {"backend_status": broken})
    caplog.set_level(logging.INFO)
    envelope = check_refusal(await client.call_tool("backend_status", {}))
    assert envelope["error_code"] == "INTERNAL"
    assert "s3cret" not in json.dumps(envelope)
    assert "s3cret" not in caplog.text
    assert "ValueError" in caplog.text


@BOTH_ERAS
async def test_the_server_goes_on_after_an_error(client: Client, go: FakeBridge) -> None:
    go.on("GET", "/api/chats", lambda _: httpx.Response(500, text="boom"))
    check_refusal(await client.call_tool("list_chats", {}))
    go.on("GET", "/api/chats", CHATS)
    assert not (await client.call_tool("list_chats", {})).is_error
