"""Confirmation: nothing goes out before the person has agreed, where that is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult
from pydantic import JsonValue

from caller import Caller
from errors import Code
from fake_bridge import FakeBridge, refusing
from safety.audit import read
from safety.confirmation import GOOD_SECONDS, MOST, WORD
from server import build_server
from settings import Settings
from tools.catalogue import CATALOGUE
from tools.declaration import Effect
from tools.results import ChatMarks, SentMessage
from wire_cases import CASES
from wire_cases.playing import prepare
from wire_cases.shapes import CHAT, NOW, SENT, TEXT

SAID = {"recipient": "Ann", "message": "hello"}
KNOWN = {"chat": {"jid": CHAT, "name": "Ann", "kind": "direct", "unread_count": 0, "last_message_at": NOW}}
STRANGER = {"chat": {"jid": CHAT, "name": "Ann", "kind": "direct", "unread_count": 0}}
GROUP = {"chat": {"jid": CHAT, "name": "Ann", "kind": "group", "unread_count": 0}}
Answering = Callable[[str], ElicitResult]


@pytest.fixture(autouse=True)
def there(go: FakeBridge) -> None:
    go.on("POST", TEXT, SENT)
    go.on("GET", "/api/resolve/{chat_jid}", {"jid": CHAT, "name": "Ann Example", "known": True})


@asynccontextmanager
async def client_of(
    settings: Settings, confirm: str, answer: Answering | None = None, mode: str = "legacy"
) -> AsyncIterator[Caller]:
    """A client of a server that asks for confirmations; with an answer it can ask the person."""

    async def asked(context: Any, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        assert answer is not None
        return answer(params.message)

    chosen = settings.model_copy(update={"confirm": confirm})
    async with Client(
        build_server(chosen), mode=mode, elicitation_callback=None if answer is None else asked
    ) as client:
        yield Caller(client)


def yes(_: str) -> ElicitResult:
    return ElicitResult(action="accept", content={"agree": True})


async def number_of(caller: Caller, name: str = "send_message", **arguments: str) -> str:
    code, envelope = await caller.refused(name, **(arguments or SAID))
    assert code is Code.CONFIRMATION_REQUIRED
    details = envelope["details"]
    assert isinstance(details, dict)
    assert "Show the preview" in str(envelope["resolution"])
    return str(details[WORD])


async def test_without_the_setting_nothing_waits_and_no_tool_speaks_of_it(client: Client, go: FakeBridge) -> None:
    assert (await Caller(client).ask(SentMessage, "send_message", **SAID)).status == "sent"
    assert not [tool.name for tool in (await client.list_tools()).tools if WORD in tool.input_schema["properties"]]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_client_that_cannot_ask_gets_a_preview_and_a_number_for_one_call(
    settings: Settings, go: FakeBridge, mode: str
) -> None:
    async with client_of(settings, "always", mode=mode) as caller:
        _, envelope = await caller.refused("send_message", **SAID)
        details = envelope["details"]
        assert isinstance(details, dict)
        assert details["preview"] == {"tool": "send_message", "for": f"Ann Example ({CHAT})", "arguments": SAID}
        assert go.count("POST") == 0
        assert (await caller.ask(SentMessage, "send_message", **SAID, confirmation=str(details[WORD]))).status == "sent"
        # The bridge hears nothing of it, and the number is used up.
        assert [seen.body for seen in go.seen if seen.method == "POST"] == [{"chat_jid": "Ann", "text": "hello"}]
        await caller.refused("send_message", **SAID, confirmation=str(details[WORD]))
        assert go.count("POST") == 1


@pytest.mark.parametrize("changed", [{"message": "hello!"}, {"recipient": "Bob"}])
async def test_a_number_is_good_for_the_call_that_was_shown_and_no_other(
    settings: Settings, go: FakeBridge, changed: dict[str, str]
) -> None:
    async with client_of(settings, "always") as caller:
        number = await number_of(caller)
        code, envelope = await caller.refused("send_message", **{**SAID, **changed}, confirmation=number)
        assert code is Code.CONFIRMATION_REQUIRED
        assert "belongs to no preview" in str(envelope["message"])
        await caller.refused("send_message", **SAID, confirmation=number)
        made_up: list[JsonValue] = ["", "0", None, 5, ["a"]]
        for wrong in made_up:
            await caller.refused("send_message", **SAID, confirmation=wrong)
        assert go.count("POST") == 0


async def test_a_number_is_forgotten_after_ten_minutes_and_behind_a_hundred_others(
    settings: Settings, go: FakeBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("safety.confirmation.Confirmations.__init__.__defaults__", (lambda: now[0],))
    async with client_of(settings, "always") as caller:
        late = await number_of(caller)
        now[0] += GOOD_SECONDS
        await caller.refused("send_message", **SAID, confirmation=late)
        first = await number_of(caller)
        for _ in range(MOST):
            last = await number_of(caller)
        await caller.refused("send_message", **SAID, confirmation=first)
        assert go.count("POST") == 0
        assert (await caller.ask(SentMessage, "send_message", **SAID, confirmation=last)).status == "sent"


async def test_a_client_that_can_ask_shows_the_person_who_is_meant_and_every_word(
    settings: Settings, go: FakeBridge
) -> None:
    questions: list[str] = []

    def noted(question: str) -> ElicitResult:
        questions.append(question)
        return yes(question)

    async with client_of(settings, "always", noted) as caller:
        assert (await caller.ask(SentMessage, "send_message", **SAID)).status == "sent"
    assert questions == [f"Send a text message?\nFor: Ann Example ({CHAT})\nrecipient: Ann\nmessage: hello"]


@pytest.mark.parametrize(
    "answer",
    [
        ElicitResult(action="decline"),
        ElicitResult(action="cancel"),
        ElicitResult(action="accept", content={"agree": False}),
        ElicitResult(action="accept", content={"agree": "perhaps"}),
        ElicitResult(action="accept"),
    ],
    ids=["declined", "cancelled", "unticked", "nonsense", "nothing"],
)
async def test_whatever_is_not_a_clear_yes_is_a_no(settings: Settings, go: FakeBridge, answer: ElicitResult) -> None:
    async with client_of(settings, "always", lambda _: answer) as caller:
        code, envelope = await caller.refused("send_message", **SAID)
    assert code is Code.CONFIRMATION_REQUIRED
    assert "did not agree" in str(envelope["message"])
    assert go.count("POST") == 0
    assert [action.outcome for action in read(settings.audit_path)] == ["CONFIRMATION_REQUIRED"]


@pytest.mark.parametrize(("known", "waits"), [(KNOWN, False), (GROUP, False), (STRANGER, True)])
async def test_for_first_contacts_alone_only_who_was_never_written_with_waits(
    settings: Settings, go: FakeBridge, known: dict[str, Any], waits: bool
) -> None:
    go.on("GET", "/api/chats/{chat_jid}", known)
    async with client_of(settings, "first_contact") as caller:
        if waits:
            await number_of(caller)
        else:
            assert (await caller.ask(SentMessage, "send_message", **SAID)).status == "sent"
    assert go.count("POST") == (0 if waits else 1)


async def test_who_is_not_known_or_cannot_be_looked_up_is_a_first_contact(settings: Settings, go: FakeBridge) -> None:
    go.on("GET", "/api/chats/{chat_jid}", refusing(Code.CHAT_NOT_FOUND))
    async with client_of(settings, "first_contact") as caller:
        await number_of(caller)
        go.down = True
        await number_of(caller, recipient="+1 555 0100", message="hello")


async def test_a_name_that_fits_several_is_refused_before_anybody_is_asked(settings: Settings, go: FakeBridge) -> None:
    go.on("GET", "/api/resolve/{chat_jid}", refusing(Code.AMBIGUOUS_RECIPIENT))
    async with client_of(settings, "always", yes) as caller:
        assert (await caller.refused("send_message", **SAID))[0] is Code.AMBIGUOUS_RECIPIENT


async def test_a_deletion_waits_and_a_change_that_reaches_nobody_does_not(settings: Settings, go: FakeBridge) -> None:
    prepare(CASES["archive_chat"], {"go": go}, settings)
    async with client_of(settings, "always") as caller:
        await number_of(caller, "delete_message_v2", message_id="3EB0A1")
        await caller.ask(ChatMarks, "archive_chat", chat_jid=CHAT)
        tools = {tool.name: tool for tool in (await caller.client.list_tools()).tools}
    waiting = {name for name, tool in tools.items() if WORD in tool.input_schema["properties"]}
    assert waiting == {name for name, tool in CATALOGUE.items() if tool.effect in (Effect.SENDS, Effect.DESTROYS)}
    assert not [name for name, tool in CATALOGUE.items() if WORD in tool.arguments.model_fields]
