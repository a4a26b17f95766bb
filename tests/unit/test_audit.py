"""The audit log: every action that is not a read, and never what was said."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from pathlib import Path

import httpx
import pytest
from mcp import Client

from caller import Caller
from cli.audit import run
from cli.stage import until
from errors import Code
from fake_bridge import FakeBridge, refusing
from safety.audit import Line, read
from safety.subject import CHATS
from settings import Settings
from tools.catalogue import CATALOGUE
from tools.declaration import Effect
from tools.results import ChatList, SentMessage
from wire_cases import CASES
from wire_cases.chats import CHATS as LISTED
from wire_cases.playing import prepare
from wire_cases.shapes import CHAT, SENT, TEXT, Case

ACTIONS = [case for case in CASES.values() if CATALOGUE[case.tool].effect is not Effect.READS]
EACH_ACTION = pytest.mark.parametrize("case", ACTIONS, ids=[str(number) for number in range(len(ACTIONS))])


def lines(settings: Settings) -> list[dict[str, str]]:
    return [
        json.loads(line)
        for path in sorted(settings.audit_path.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


@EACH_ACTION
async def test_an_action_is_written_down_before_and_after_it_without_what_was_said(
    client: Client, go: FakeBridge, baileys: FakeBridge, settings: Settings, case: Case
) -> None:
    prepare(case, {"go": go, "baileys": baileys}, settings)
    result = await client.call_tool(case.tool, case.arguments)
    assert not result.is_error
    begun, ended = lines(settings)
    assert (begun["tool"], begun["effect"], begun["outcome"]) == (case.tool, CATALOGUE[case.tool].effect, "begun")
    assert ended["action"] == begun["action"]
    assert ended["outcome"] not in ("begun", "interrupted")
    told = {str(case.arguments[name]) for name in (*CHATS, "message_id") if name in case.arguments}
    assert not told or begun["chat" if "chat" in begun else "message_id"] in told
    unsaid = {str(value) for value in case.arguments.values() if isinstance(value, str) and value} - told
    unsaid.discard(ended.get("chat_jid", ""))  # which the answer names
    assert not any(value in line.values() for line in (begun, ended) for value in unsaid)
    assert set(begun) | set(ended) <= set(Line.model_fields)


async def test_a_read_is_not_written_down(client: Client, go: FakeBridge, settings: Settings) -> None:
    go.on("GET", "/api/chats", LISTED)
    await Caller(client).ask(ChatList, "list_chats")
    assert not settings.audit_path.exists()


async def test_an_action_that_fails_has_its_error_as_outcome(
    client: Client, go: FakeBridge, settings: Settings
) -> None:
    go.on("POST", TEXT, refusing(Code.RECIPIENT_UNREACHABLE))
    await Caller(client).refused("send_message", recipient="Ann", message="a secret")
    (action,) = read(settings.audit_path)
    assert (action.tool, action.chat, action.outcome) == ("send_message", "Ann", "RECIPIENT_UNREACHABLE")
    assert "secret" not in json.dumps(lines(settings))


async def test_nothing_is_done_that_cannot_be_written_down(client: Client, go: FakeBridge, settings: Settings) -> None:
    go.on("POST", TEXT, SENT)
    settings.audit_path.write_text("a file where the folder belongs")
    code, envelope = await Caller(client).refused("send_message", recipient=CHAT, message="hello")
    assert code is Code.INTERNAL
    assert "WHATSAPP_MCP_AUDIT_FOLDER" in str(envelope["resolution"])
    assert go.count("POST") == 0
    settings.audit_path.unlink()
    assert (await Caller(client).ask(SentMessage, "send_message", recipient=CHAT, message="hello")).status == "sent"


async def test_a_call_that_its_client_cancels_is_seen_as_interrupted(
    client: Client, go: FakeBridge, settings: Settings
) -> None:
    arrived = asyncio.Event()

    async def forever(_: object) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ends this")

    go.on("POST", TEXT, forever)
    call = asyncio.create_task(client.call_tool("send_message", {"recipient": CHAT, "message": "hello"}))
    await asyncio.wait_for(arrived.wait(), 10)
    assert [action.outcome for action in read(settings.audit_path)] == ["begun"]
    call.cancel()

    async def outcome() -> str:
        return read(settings.audit_path)[0].outcome

    assert await until(outcome, lambda seen: seen != "begun", 10) == "interrupted"


async def test_the_log_is_for_this_user_alone(client: Client, go: FakeBridge, settings: Settings) -> None:
    go.on("POST", TEXT, SENT)
    await Caller(client).ask(SentMessage, "send_message", recipient=CHAT, message="hello")
    (file,) = settings.audit_path.iterdir()
    if sys.platform != "win32":
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (settings.audit_path, file)]
        assert modes == [0o700, 0o600]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of four actions, and of what a full disk left of two others."""
    monkeypatch.setenv("WHATSAPP_MCP_AUDIT_FOLDER", str(tmp_path))
    first = {
        "action": "a1",
        "at": "2026-10-31T23:59:59Z",
        "tool": "send_message",
        "effect": "sends",
        "chat": "Bob\x1b[2J",
    }
    second = {"action": "a2", "at": "2026-11-01T00:00:00Z", "tool": "block_contact", "effect": "changes", "chat": CHAT}
    third = {"action": "a3", "at": "2026-11-02T00:00:00Z", "tool": "delete_message_v2", "effect": "destroys"}
    fifth = {"action": "a5", "at": "2026-11-03T00:00:00Z", "tool": "pin_chat", "effect": "changes", "chat": CHAT}
    old = [{**first, "outcome": "begun"}]
    new = [
        {**first, "at": "2026-11-01T00:00:01Z", "outcome": "sent", "chat_jid": CHAT},
        *({**second, "outcome": outcome} for outcome in ("begun", "CONTACT_NOT_FOUND")),
        {**third, "outcome": "begun"},
    ]
    for name, rows in (("2026-10.jsonl", old), ("2026-11.jsonl", new)):
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with (tmp_path / "2026-11.jsonl").open("a") as file:
        file.write('{"action":"a4","at":"2026-' + json.dumps({**fifth, "outcome": "done"}, separators=(",", ":")))
        file.write('\n{"action":"a6","at":"2026-')
    return tmp_path


def test_the_command_shows_each_action_once_with_its_end(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    rows = [line.split("  ")[1:] for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["send_message", "Bob [2J", "sent"],
        ["block_contact", CHAT, "CONTACT_NOT_FOUND"],
        ["delete_message_v2", "-", "begun, and no end is known"],
        ["pin_chat", CHAT, "done"],
    ]


def test_the_last_actions_come_as_json_with_all_that_is_known(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--last", "4", "--json"]) == 0
    first, *_, last, _ = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (first["at"], first["chat_jid"], first["outcome"]) == ("2026-10-31T23:59:59Z", CHAT, "sent")
    assert last["tool"] == "delete_message_v2"


def test_a_log_that_is_not_there_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHATSAPP_MCP_AUDIT_FOLDER", str(tmp_path / "none"))
    assert run([]) == 0
    assert str(tmp_path / "none") in capsys.readouterr().out
