"""One HTTP conversation with one bridge: whom it trusts, what it sends, and what it makes of every answer."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import respx
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from backends.baileys import BaileysBridge
from backends.bridge import Bridge
from backends.go import GoBridge
from backends.health import proof, proves
from backends.operations import ChatQuestion
from errors import REGISTRY, Code, WhatsAppError
from fake_bridge import TOKEN, FakeBridge, Seen, refusing
from fake_listener import FakeListener, free_port, http, proving
from settings import Settings
from tools.catalogue import CATALOGUE
from tools.declaration import Arguments, Backend
from tools.results import ChatRead, SentMessage

STATUS: dict[str, JsonValue] = {
    "bridge": "whatsapp-bridge",
    "version": "0.1.0",
    "state": "connected",
    "since": "2026-11-23T01:40:00Z",
    "logged_in": True,
    "queue_depth": 0,
    "messages": 3,
    "chats": 1,
    "sqlite_version": "3.54.1",
    "emulated": False,
}
SENT = SentMessage(
    status="sent",
    message_id="3EB001",
    chat_jid="15550100@s.whatsapp.net",
    chat_name="Ann",
    timestamp="2026-11-23T01:40:00Z",
)
READ = ChatRead(chat_jid="15550100@s.whatsapp.net", name="Ann", messages_marked=1, receipts_sent=1, app_state="marked")


@pytest_asyncio.fixture
async def bridge(settings: Settings) -> AsyncIterator[GoBridge]:
    async with GoBridge(settings) as bridge:
        yield bridge


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything at every level; at the end the token must not be in it."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    assert TOKEN not in caplog.text


def arguments(name: str, **values: object) -> Arguments:
    return CATALOGUE[name].arguments.model_validate(values)


async def send(bridge: Bridge, key: str | None = "0f0e0d0c-0000-4000-8000-000000000001") -> object:
    tool = CATALOGUE["send_text_message_v2"]
    return await bridge.request(
        tool.operation, arguments(tool.name, chat_jid="15550100@s.whatsapp.net", text="hello"), idempotency_key=key
    )


async def refusal(bridge: Bridge) -> WhatsAppError:
    with pytest.raises(WhatsAppError) as caught:
        await bridge.status()
    assert TOKEN not in caught.value.text()
    assert TOKEN not in repr(caught.value.__cause__)
    return caught.value


# Whom it trusts


async def test_a_bridge_is_asked_for_its_proof_before_it_gets_anything(
    bridge: GoBridge, go: FakeBridge, wire: respx.MockRouter
) -> None:
    go.on("GET", "/api/status", STATUS)
    assert (await bridge.status()).messages == 3
    first, second = (call.request for call in wire.calls)
    assert first.url.path == "/health"
    assert len(first.url.params["nonce"]) == 32
    assert "authorization" not in first.headers
    assert second.headers["authorization"] == f"Bearer {TOKEN}"


async def test_one_proof_serves_the_calls_that_follow_at_once(bridge: GoBridge, go: FakeBridge) -> None:
    go.on("GET", "/api/status", STATUS)
    for _ in range(3):
        await bridge.status()
    assert len(go.asked) == 1


async def test_a_proof_is_good_for_a_few_silent_seconds_only(
    bridge: GoBridge, go: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("backends.bridge.time.monotonic", lambda: now)
    go.on("GET", "/api/status", STATUS)
    await bridge.status()
    now += 4.9
    await bridge.status()
    assert len(go.asked) == 1
    now += 5.1
    await bridge.status()
    assert len(go.asked) == 2


async def test_nonces_are_never_used_twice(bridge: GoBridge, go: FakeBridge) -> None:
    go.token = "00" * 32
    for _ in range(20):
        await refusal(bridge)
    assert len({request.url.params["nonce"] for request in go.asked}) == 20


SQUATTERS = {
    "no proof": {"status": "ok", "bridge": "whatsapp-bridge", "version": "0.1.0"},
    "an empty proof": {"status": "ok", "proof": ""},
    "a proof that is no text": {"status": "ok", "proof": 7},
    "a proof beyond ASCII": {"status": "ok", "proof": "é" * 64},
    "half a surrogate": {"status": "ok", "proof": "\ud800"},
    "a list": [1, 2],
    "nothing": None,
}


@pytest.mark.parametrize("said", SQUATTERS.values(), ids=list(SQUATTERS))
async def test_a_squatter_never_sees_the_token(
    bridge: GoBridge, wire: respx.MockRouter, log: pytest.LogCaptureFixture, said: object
) -> None:
    wire.route().mock(return_value=httpx.Response(200, content=json.dumps(said).encode()))
    for _ in range(2):
        error = await refusal(bridge)
        assert error.code is Code.BRIDGE_UNTRUSTED
        assert "nothing was sent" in error.message
        assert "bridge.token" in error.resolution
    assert [call.request.url.path for call in wire.calls] == ["/health", "/health"]
    assert not [call for call in wire.calls if "authorization" in call.request.headers]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"<html>hello</html>", b"{" * 100_000, b"x" * 1_000_000])
async def test_a_squatter_that_speaks_no_json_never_sees_the_token(
    bridge: GoBridge, wire: respx.MockRouter, content: bytes
) -> None:
    wire.route().mock(return_value=httpx.Response(200, content=content))
    assert (await refusal(bridge)).code is Code.BRIDGE_UNTRUSTED
    assert not [call for call in wire.calls if "authorization" in call.request.headers]


@pytest.mark.parametrize(
    ("token", "name", "port"),
    [
        (TOKEN, "whatsapp-bridge", 18079),
        (TOKEN, "baileys-bridge", 18080),
        ("0" * 64, "whatsapp-bridge", 18080),
    ],
    ids=["wrong port", "proof of the other bridge", "another token"],
)
async def test_a_proof_of_something_else_is_no_proof(
    bridge: GoBridge, wire: respx.MockRouter, token: str, name: str, port: int
) -> None:
    def health(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"proof": proof(token, name, port, request.url.params["nonce"])})

    wire.route().mock(side_effect=health)
    assert (await refusal(bridge)).code is Code.BRIDGE_UNTRUSTED
    assert not [call for call in wire.calls if "authorization" in call.request.headers]


async def test_a_proof_that_was_heard_before_is_no_proof(
    bridge: GoBridge, go: FakeBridge, wire: respx.MockRouter
) -> None:
    go.on("GET", "/api/status", STATUS)
    await bridge.status()
    replayed = go.prove(go.asked[0].url.params["nonce"])
    bridge._trusted_at = None
    wire.clear()
    wire.route().mock(return_value=httpx.Response(200, json=replayed))
    assert (await refusal(bridge)).code is Code.BRIDGE_UNTRUSTED


async def test_a_redirect_is_not_followed(bridge: GoBridge, wire: respx.MockRouter) -> None:
    wire.route().mock(return_value=httpx.Response(307, headers={"Location": "http://127.0.0.1:9/health"}))
    assert (await refusal(bridge)).code is Code.BRIDGE_UNTRUSTED
    assert {call.request.url.port for call in wire.calls} == {18080}


async def test_who_takes_the_port_of_a_dead_bridge_never_sees_the_token(settings: Settings) -> None:
    port = free_port()
    settings = settings.model_copy(update={"go_url": f"http://127.0.0.1:{port}"})
    real = FakeListener(proving(TOKEN, "whatsapp-bridge", port, lambda _: http(STATUS)))
    squatter = FakeListener(lambda _: http(STATUS))
    async with GoBridge(settings) as bridge:
        async with real.listening(port):
            await bridge.status()
            assert real.bytes_heard.count(TOKEN.encode()) == 1
        async with squatter.listening(port):
            assert (await refusal(bridge)).code is Code.BRIDGE_UNTRUSTED
            assert (await refusal(bridge)).code is Code.BRIDGE_UNTRUSTED
        assert squatter.heard
        assert TOKEN.encode() not in squatter.bytes_heard
        assert b"/api/" not in squatter.bytes_heard
        async with real.listening(port):
            await bridge.status()


async def test_a_squatter_that_drips_its_answer_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backends.bridge.PROOF_SECONDS", 0.2)
    port = free_port()
    settings = settings.model_copy(update={"go_url": f"http://127.0.0.1:{port}"})
    squatter = FakeListener(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    async with squatter.listening(port), GoBridge(settings) as bridge:
        assert (await refusal(bridge)).code is Code.BRIDGE_UNREACHABLE
    assert TOKEN.encode() not in squatter.bytes_heard


async def test_calls_side_by_side_go_over_proven_connections_only(settings: Settings) -> None:
    port = free_port()
    settings = settings.model_copy(update={"go_url": f"http://127.0.0.1:{port}"})
    real = FakeListener(proving(TOKEN, "whatsapp-bridge", port, lambda _: http(STATUS)))
    async with real.listening(port), GoBridge(settings) as bridge:
        statuses = await asyncio.gather(*(bridge.status() for _ in range(40)))
    assert len(statuses) == 40
    assert real.bytes_heard.count(TOKEN.encode()) == 40


@given(answer=st.none() | st.text())
def test_any_text_that_is_not_the_proof_is_no_proof(answer: str | None) -> None:
    assert not proves(answer, TOKEN, "whatsapp-bridge", 8080, "ab" * 16)


NONCE = "00112233445566778899aabbccddeeff"


def test_the_proof_is_what_the_contract_says() -> None:
    given_ = proof("0" * 64, "whatsapp-bridge", 8080, NONCE)
    # Reckoned once with `openssl dgst -sha256 -hmac`.
    assert given_ == "a7eef1ef138dbdfc008d788e3aa7849c367200d5ac07aa0d713663c1a47517de"
    assert proves(given_, "0" * 64, "whatsapp-bridge", 8080, NONCE)


# What is missing


@pytest.mark.parametrize(
    ("backend", "name", "command", "lost"),
    [
        (Backend.GO, "Go bridge", "whatsapp-bridge", "what the Baileys bridge can do"),
        (Backend.BAILEYS, "Baileys bridge", "baileys-bridge", "everything but business catalogs"),
    ],
)
async def test_where_nothing_listens_the_error_names_the_bridge_and_how_to_start_it(
    settings: Settings, go: FakeBridge, baileys: FakeBridge, backend: Backend, name: str, command: str, lost: str
) -> None:
    go.down = baileys.down = True
    async with GoBridge(settings) as go_bridge, BaileysBridge(settings) as baileys_bridge:
        error = await refusal(go_bridge if backend is Backend.GO else baileys_bridge)
    assert error.code is Code.BRIDGE_UNREACHABLE
    assert name in error.message
    assert lost in error.message
    assert command in error.resolution
    assert error.details["bridge"] == backend.value


async def test_a_port_that_is_really_free_is_unreachable(settings: Settings) -> None:
    settings = settings.model_copy(update={"go_url": f"http://127.0.0.1:{free_port()}"})
    async with GoBridge(settings) as bridge:
        assert (await refusal(bridge)).code is Code.BRIDGE_UNREACHABLE


async def test_without_a_token_file_no_bridge_was_ever_started(
    bridge: GoBridge, settings: Settings, wire: respx.MockRouter
) -> None:
    settings.token_path.unlink()
    error = await refusal(bridge)
    assert error.code is Code.BRIDGE_UNREACHABLE
    assert "Go bridge" in error.message
    assert str(settings.token_path) in error.message
    assert "whatsapp-bridge" in error.resolution
    assert not wire.calls


async def test_a_token_that_a_bridge_makes_later_is_found_without_a_restart(
    bridge: GoBridge, go: FakeBridge, settings: Settings
) -> None:
    go.on("GET", "/api/status", STATUS)
    settings.token_path.unlink()
    await refusal(bridge)
    settings.token_path.write_text(TOKEN, encoding="ascii")
    assert (await bridge.status()).state == "connected"


async def test_a_token_file_that_cannot_be_read_is_its_own_error(bridge: GoBridge, settings: Settings) -> None:
    settings.token_path.unlink()
    settings.token_path.mkdir()
    assert (await refusal(bridge)).code is Code.ACCESS_DENIED


# What breaks on the way


BREAKS = {
    "no answer in time": httpx.ReadTimeout("read timed out"),
    "the write hangs": httpx.WriteTimeout("write timed out"),
    "the connection is cut": httpx.ReadError("connection reset"),
    "the answer breaks off": httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
}


@pytest.mark.parametrize("failure", BREAKS.values(), ids=list(BREAKS))
async def test_what_may_have_been_carried_out_is_sent_exactly_once(
    bridge: GoBridge, go: FakeBridge, log: pytest.LogCaptureFixture, failure: httpx.HTTPError
) -> None:
    def fail(_: Seen) -> httpx.Response:
        raise failure

    go.on("POST", "/api/messages/text", fail)
    with pytest.raises(WhatsAppError) as caught:
        await send(bridge)
    assert caught.value.code is Code.BRIDGE_TIMEOUT
    assert caught.value.resolution == REGISTRY[Code.BRIDGE_TIMEOUT].cure
    assert str(failure) not in caught.value.text()
    assert TOKEN not in caught.value.text()
    assert go.count("POST") == 1


async def test_a_full_pool_has_sent_nothing_and_says_so(bridge: GoBridge, go: FakeBridge) -> None:
    def fail(_: Seen) -> httpx.Response:
        raise httpx.PoolTimeout("no connection was free")

    go.on("POST", "/api/messages/text", fail)
    with pytest.raises(WhatsAppError) as caught:
        await send(bridge)
    assert caught.value.code is Code.BRIDGE_UNREACHABLE


async def test_an_answer_that_is_cut_on_a_real_socket_was_sent_exactly_once(settings: Settings) -> None:
    port = free_port()
    settings = settings.model_copy(update={"go_url": f"http://127.0.0.1:{port}"})
    broken = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"bridge":'
    for answer in (broken, None):
        talks = 0

        def cut(_: str, answer: bytes | None = answer) -> bytes | None:
            nonlocal talks
            talks += 1
            return answer

        listener = FakeListener(proving(TOKEN, "whatsapp-bridge", port, cut))
        async with listener.listening(port), GoBridge(settings) as bridge:
            with pytest.raises(WhatsAppError) as caught:
                await bridge.request(
                    CATALOGUE["mark_chat_read_v2"].operation,
                    ChatQuestion(chat_jid="15550100@s.whatsapp.net"),
                    seconds=0.3,
                )
        assert caught.value.code is Code.BRIDGE_TIMEOUT
        assert talks == 1


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (httpx.ConnectError("refused"), Code.BRIDGE_UNREACHABLE),
        (httpx.ReadTimeout("slow"), Code.BRIDGE_TIMEOUT),
        (httpx.RemoteProtocolError("cut"), Code.BRIDGE_TIMEOUT),
    ],
)
async def test_after_a_failure_a_new_proof_is_asked_for(
    bridge: GoBridge, go: FakeBridge, failure: httpx.HTTPError, code: Code
) -> None:
    def fail(_: Seen) -> httpx.Response:
        raise failure

    go.on("GET", "/api/status", fail)
    assert (await refusal(bridge)).code is code
    go.on("GET", "/api/status", STATUS)
    await bridge.status()
    assert len(go.asked) == 2


# What it makes of answers


async def test_a_known_error_arrives_as_it_was_said(bridge: GoBridge, go: FakeBridge) -> None:
    def ambiguous(_: Seen) -> httpx.Response:
        raise WhatsAppError(
            Code.AMBIGUOUS_RECIPIENT,
            "Ann fits 2 chats.",
            details={"candidates": [{"jid": "15550100@s.whatsapp.net", "name": "Ann"}], "more": 1},
            resolution="Choose one.",
        )

    go.on("POST", "/api/messages/text", ambiguous)
    with pytest.raises(WhatsAppError) as caught:
        await send(bridge)
    assert caught.value.envelope() == {
        "success": False,
        "error_code": "AMBIGUOUS_RECIPIENT",
        "message": "Ann fits 2 chats.",
        "details": {"candidates": [{"jid": "15550100@s.whatsapp.net", "name": "Ann"}], "more": 1},
        "resolution": "Choose one.",
        "help": "TROUBLESHOOTING.md#ambiguous_recipient",
    }


async def test_an_unknown_code_is_an_internal_error_with_the_bridges_words(bridge: GoBridge, go: FakeBridge) -> None:
    body = {"success": False, "error_code": "FROM_THE_FUTURE", "message": "Something new.", "resolution": "Update."}
    go.on("GET", "/api/status", lambda _: httpx.Response(418, json=body))
    error = await refusal(bridge)
    assert (error.code, error.message, error.resolution) == (Code.INTERNAL, "Something new.", "Update.")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, text="<html>stack trace at secret.go:12</html>"),
        httpx.Response(502, content=b"\xff\xfe"),
        httpx.Response(404, json=["secret"]),
        httpx.Response(500, json={"error": "secret"}),
        httpx.Response(500, json={"error_code": 7, "message": "secret"}),
        httpx.Response(204),
        httpx.Response(301, headers={"Location": "http://127.0.0.1:9/secret"}),
    ],
    ids=["html", "bytes", "list", "other shape", "code that is no text", "no content", "redirect"],
)
async def test_an_error_that_is_no_envelope_is_internal_with_its_status_alone(
    bridge: GoBridge, go: FakeBridge, answer: httpx.Response
) -> None:
    go.on("GET", "/api/status", lambda _: answer)
    error = await refusal(bridge)
    assert error.code is Code.INTERNAL
    assert str(answer.status_code) in error.message
    assert "secret" not in error.text()


async def test_an_envelope_with_only_a_code_gets_the_registrys_words(bridge: GoBridge, go: FakeBridge) -> None:
    go.on("GET", "/api/status", lambda _: httpx.Response(409, json={"error_code": "NOT_PAIRED", "details": "none"}))
    error = await refusal(bridge)
    entry = REGISTRY[Code.NOT_PAIRED]
    assert (error.code, error.message, error.resolution) == (Code.NOT_PAIRED, entry.meaning, entry.cure)
    assert error.details == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"state": "s3cret-value"}', "bridge"),
        (json.dumps({**STATUS, "state": "s3cret-value"}).encode(), "state"),
        (json.dumps({**STATUS, "queue_depth": "s3cret-value"}).encode(), "queue_depth"),
        (b"[]", ""),
        (b"s3cret-value", ""),
    ],
)
async def test_an_answer_of_another_shape_names_the_field_and_never_the_value(
    bridge: GoBridge, go: FakeBridge, log: pytest.LogCaptureFixture, body: bytes, field: str
) -> None:
    go.on("GET", "/api/status", lambda _: httpx.Response(200, content=body))
    error = await refusal(bridge)
    assert error.code is Code.INTERNAL
    assert error.details["field"] == field
    assert "s3cret-value" not in error.text()
    assert "s3cret-value" not in repr(error.__cause__)
    assert "s3cret-value" not in log.text


async def test_fields_that_are_new_are_overlooked(bridge: GoBridge, go: FakeBridge) -> None:
    go.on("GET", "/api/status", lambda _: httpx.Response(200, json={**STATUS, "brand_new": [1]}))
    assert (await bridge.status()).chats == 1


async def test_a_refused_token_is_said_and_not_repeated(bridge: GoBridge, go: FakeBridge) -> None:
    go.on("GET", "/api/status", refusing(Code.ACCESS_DENIED))
    assert (await refusal(bridge)).code is Code.ACCESS_DENIED
    assert go.count("GET") == 1


# What it sends


@pytest.mark.parametrize(
    ("chat", "raw"),
    [
        ("15550100@s.whatsapp.net", "15550100%40s.whatsapp.net"),
        ("+1 555 0100", "%2B1%20555%200100"),
        ("a/b?c#d%e&f", "a%2Fb%3Fc%23d%25e%26f"),
        ("../../health", "..%2F..%2Fhealth"),
        ("Grüße 🎉", "Gr%C3%BC%C3%9Fe%20%F0%9F%8E%89"),
        ("{chat_jid}", "%7Bchat_jid%7D"),
    ],
)
async def test_an_address_in_a_path_is_encoded(bridge: GoBridge, go: FakeBridge, chat: str, raw: str) -> None:
    go.on("POST", "/api/chats/{chat_jid}/read", READ)
    await bridge.request(CATALOGUE["mark_chat_read_v2"].operation, arguments("mark_chat_read_v2", chat_jid=chat))
    assert go.seen[-1].path == f"/api/chats/{raw}/read"
    assert go.seen[-1].part(3) == chat
    assert go.seen[-1].body == {}


@pytest.mark.parametrize("chat", [".", ".."])
async def test_an_address_that_would_climb_out_of_its_path_is_refused(
    bridge: GoBridge, wire: respx.MockRouter, go: FakeBridge, chat: str
) -> None:
    with pytest.raises(WhatsAppError) as caught:
        await bridge.request(CATALOGUE["mark_chat_read_v2"].operation, arguments("mark_chat_read_v2", chat_jid=chat))
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.details == {"argument": "chat_jid"}
    assert not go.seen


@given(chat=st.text(min_size=1, max_size=40).filter(lambda text: text not in (".", "..") and text.isprintable()))
def test_any_address_arrives_as_it_was_given(chat: str) -> None:
    async def ask() -> str:
        with tempfile.TemporaryDirectory() as folder, respx.mock(assert_all_called=False) as router:
            token = Path(folder) / "bridge.token"
            token.write_text(TOKEN, encoding="ascii")
            go = FakeBridge("whatsapp-bridge", 18080)
            go.mount(router)
            go.on("POST", "/api/chats/{chat_jid}/read", READ)
            settings = Settings(go_url=go.url, token_file=token)
            async with GoBridge(settings) as bridge:
                await bridge.request(CATALOGUE["mark_chat_read_v2"].operation, ChatQuestion(chat_jid=chat))
            return go.seen[-1].part(3)

    assert asyncio.run(ask()) == chat


async def test_only_what_is_given_a_key_carries_one(bridge: GoBridge, go: FakeBridge) -> None:
    go.on("POST", "/api/messages/text", SENT)
    go.on("GET", "/api/status", STATUS)
    await send(bridge, "0f0e0d0c-0000-4000-8000-000000000001")
    await bridge.status()
    assert [seen.headers.get("idempotency-key") for seen in go.seen] == ["0f0e0d0c-0000-4000-8000-000000000001", None]


async def test_nothing_of_the_hosts_proxy_settings_is_used(
    settings: Settings, go: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    go.on("GET", "/api/status", STATUS)
    async with GoBridge(settings) as bridge:
        assert (await bridge.status()).state == "connected"
