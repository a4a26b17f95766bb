"""Who answers a call, and who stands in when nobody does: once, and never after something may have been done."""

from __future__ import annotations

import httpx
import pytest
from mcp import Client
from pydantic import JsonValue

from caller import Caller
from errors import Code
from fake_bridge import FakeBridge, Seen, refusing
from hybrid import COMPOSITIONS
from routing import NO_LINK
from tools.catalogue import CATALOGUE
from tools.declaration import GO as GO_ROUTES
from tools.declaration import Backend, Effect, tool
from tools.results import ChatRead, Either
from wire_cases import CASES
from wire_cases.shapes import CHAT, SENT, TEXT, Ask, Case

STOOD_IN = [
    pytest.param(case, id=name.replace(" ", "-"))
    for name, case in CASES.items()
    if CATALOGUE[case.tool].also is not None and "name" not in name and case.tool not in COMPOSITIONS
]
PROFILE = "/api/business/{contact_jid}/profile"


@pytest.fixture
def bridges(go: FakeBridge, baileys: FakeBridge) -> dict[str, FakeBridge]:
    return {"go": go, "baileys": baileys}


def pair(case: Case, bridges: dict[str, FakeBridge]) -> tuple[Ask, FakeBridge, FakeBridge]:
    """The one request of a case, the bridge it goes to, and the one that stands in."""
    (ask,) = case.asks
    other = CATALOGUE[case.tool].also
    assert other is not None
    return ask, bridges[ask.bridge], bridges[other.value]


@pytest.mark.parametrize("case", STOOD_IN)
async def test_the_second_bridge_gets_the_same_request_when_the_first_refuses_the_connection(
    client: Client, bridges: dict[str, FakeBridge], case: Case
) -> None:
    ask, own, other = pair(case, bridges)
    own.down = True
    other.on(ask.method, ask.template, ask.answer)
    result = await client.call_tool(case.tool, case.arguments)
    assert not result.is_error
    assert [(seen.path, seen.query, seen.body) for seen in other.seen] == [(ask.path, ask.query, ask.body)]
    assert result.structured_content == {**ask.answer, "served_by": other.name.split("-")[0].replace("whatsapp", "go")}


@pytest.mark.parametrize("case", STOOD_IN)
async def test_the_second_bridge_is_not_asked_after_the_first_took_the_request(
    client: Client, bridges: dict[str, FakeBridge], case: Case
) -> None:
    def lose(_: Seen) -> httpx.Response:
        raise httpx.ReadTimeout("lost")

    ask, own, other = pair(case, bridges)
    own.on(ask.method, ask.template, lose)
    code, _ = await Caller(client).refused(case.tool, **case.arguments)
    assert code is Code.BRIDGE_TIMEOUT
    assert not other.seen


@pytest.mark.parametrize("code", [code for code in NO_LINK if code is not Code.BRIDGE_UNREACHABLE])
async def test_the_second_bridge_is_asked_after_no_refusal_of_the_first(
    client: Client, go: FakeBridge, baileys: FakeBridge, code: Code
) -> None:
    go.on("POST", TEXT, refusing(code))
    assert (await Caller(client).refused("send_message", recipient=CHAT, message="hello"))[0] is code
    assert not baileys.seen


async def test_a_squatter_on_the_first_port_is_no_reason_to_ask_the_second_bridge(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.token = "00" * 32
    code, _ = await Caller(client).refused("send_message", recipient=CHAT, message="hello")
    assert code is Code.BRIDGE_UNTRUSTED
    assert not baileys.seen


async def test_a_send_keeps_its_key_on_its_way_to_the_second_bridge(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    go.down = True
    baileys.on("POST", TEXT, SENT)
    for _ in range(2):
        await client.call_tool("send_message", {"recipient": CHAT, "message": "hello"})
    first, second = (seen.headers["idempotency-key"] for seen in baileys.seen)
    assert first != second


@pytest.mark.parametrize("code", NO_LINK)
async def test_a_second_bridge_that_has_no_link_leaves_the_first_to_be_mended(
    client: Client, go: FakeBridge, baileys: FakeBridge, code: Code
) -> None:
    go.down = True
    baileys.on("POST", TEXT, refusing(code))
    refused, envelope = await Caller(client).refused("send_message", recipient=CHAT, message="hello")
    assert refused is Code.BRIDGE_UNREACHABLE
    assert "whatsapp-bridge" in str(envelope["resolution"])


@pytest.mark.parametrize("code", [Code.RECIPIENT_UNREACHABLE, Code.WHATSAPP_API_ERROR, Code.TEMPORARILY_BANNED])
async def test_what_the_second_bridge_was_refused_is_told_as_it_is(
    client: Client, go: FakeBridge, baileys: FakeBridge, code: Code
) -> None:
    go.down = True
    baileys.on("POST", TEXT, refusing(code))
    assert (await Caller(client).refused("send_message", recipient=CHAT, message="hello"))[0] is code


async def test_a_second_bridge_that_went_silent_may_have_sent_and_says_so(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    def lose(_: Seen) -> httpx.Response:
        raise httpx.ReadTimeout("lost")

    go.down = True
    baileys.on("POST", TEXT, lose)
    code, _ = await Caller(client).refused("send_message", recipient=CHAT, message="hello")
    assert code is Code.BRIDGE_TIMEOUT
    assert baileys.count("POST") == 1


@pytest.mark.parametrize("name", ["Ann", "Ann 2", "me@home"])
async def test_without_the_go_bridge_a_name_is_refused_before_anything_is_asked(
    client: Client, go: FakeBridge, baileys: FakeBridge, name: str
) -> None:
    go.down = True
    caller = Caller(client)
    for tool_, arguments in (
        ("send_message", {"recipient": name, "message": "hello"}),
        ("block_contact", {"jid": name}),
        ("get_profile_picture_v2", {"jid": name}),
        ("get_business_catalog", {"jid": name}),
    ):
        code, envelope = await caller.refused(tool_, **arguments)
        assert code is Code.BRIDGE_UNREACHABLE, tool_
        assert "phone number or JID" in str(envelope["resolution"])
    assert not baileys.seen


async def test_a_name_is_looked_up_before_the_baileys_bridge_is_asked_and_an_address_is_not(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    profile: dict[str, JsonValue] = {"jid": CHAT, "name": "Ann's Bread"}
    go.on("GET", "/api/resolve/{chat_jid}", {"jid": CHAT, "name": "Ann's Bread", "known": True})
    baileys.on("GET", PROFILE, profile)
    for named in ("Ann's Bread", CHAT, "+1 555 0100", "250000000000100@lid"):
        result = await client.call_tool("get_business_profile", {"jid": named})
        assert result.structured_content == profile
    assert [seen.part(3) for seen in go.seen] == ["Ann's Bread"]
    assert [seen.part(3) for seen in baileys.seen] == [CHAT, CHAT, "+1 555 0100", "250000000000100@lid"]


@pytest.mark.parametrize("code", [Code.AMBIGUOUS_RECIPIENT, Code.CHAT_NOT_FOUND])
async def test_a_name_that_fits_nobody_or_several_never_reaches_the_baileys_bridge(
    client: Client, go: FakeBridge, baileys: FakeBridge, code: Code
) -> None:
    go.on("GET", "/api/resolve/{chat_jid}", refusing(code))
    assert (await Caller(client).refused("get_business_profile", jid="Ann"))[0] is code
    assert not baileys.seen


async def test_without_the_baileys_bridge_a_name_is_looked_up_and_the_go_bridge_answers(
    client: Client, go: FakeBridge, baileys: FakeBridge
) -> None:
    baileys.down = True
    go.on("GET", "/api/resolve/{chat_jid}", {"jid": CHAT, "name": "Ann's Bread", "known": True})
    go.on("GET", PROFILE, {"jid": CHAT})
    result = await client.call_tool("get_business_profile", {"jid": "Ann's Bread"})
    assert result.structured_content == {"jid": CHAT, "served_by": "go"}


def test_what_two_bridges_serve_can_say_which_one_did() -> None:
    for declared in CATALOGUE.values():
        if declared.also is not None:
            assert issubclass(declared.result, Either), declared.name
            assert declared.also is not declared.route.backend
            assert declared.route.backend is not Backend.HYBRID

    async def silent() -> ChatRead:
        """Read."""
        raise NotImplementedError

    with pytest.raises(TypeError, match="which one"):
        tool(GO_ROUTES.get("/x"), effect=Effect.READS, title="x", also=GO_ROUTES)(silent)
