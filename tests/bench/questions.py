"""The questions of the table: through the whole way of an MCP client, and to the Go bridge alone."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from client import StdioClient, open_client
from figures import Times
from system import PROGRAM, System
from tools.catalogue import CATALOGUE
from tools.declaration import wire_values
from world import ABSENT, RARE, World

WARM_UP, CALLS = 30, 200
MIDDLE = 250
"""The chat of this rank stands for all that are not the biggest."""
Arguments = dict[str, str | int | bool]


@dataclass(frozen=True)
class Question:
    """A call and how long it may take, in milliseconds."""

    name: str
    tool: str
    arguments: Arguments
    at_most: float


@dataclass(frozen=True)
class Answered:
    """A question's times through the whole way, and of the Go bridge alone."""

    question: Question
    whole: Times
    alone: Times


def questions(world: World, message: str) -> list[Question]:
    """Each row of the table; `message` is the id of one in the biggest chat."""
    biggest, middle = world.chats[0].jid, world.chats[MIDDLE].jid
    plain: Arguments = {"limit": 20, "include_context": False}
    near: Arguments = {"limit": 20, "include_context": True, "context_before": 1, "context_after": 1}
    found: Arguments = {"limit": 20}
    return [
        Question("list_chats, 20 with last message", "list_chats", {"limit": 20, "include_last_message": True}, 6),
        Question("list_messages of a chat, 20", "list_messages", {"chat_jid": middle, **plain}, 6),
        Question("list_messages of the biggest chat, 20", "list_messages", {"chat_jid": biggest, **plain}, 6),
        Question("the same of a chat with context 1+1", "list_messages", {"chat_jid": middle, **near}, 8),
        Question("the same of the biggest chat with context 1+1", "list_messages", {"chat_jid": biggest, **near}, 8),
        Question("query, rare word", "query_synced_messages", {"content": RARE, **found}, 8),
        Question("query, common word", "query_synced_messages", {"content": world.common, **found}, 8),
        Question("query, absent word", "query_synced_messages", {"content": ABSENT, **found}, 8),
        Question(
            "query, rare word in one chat", "query_synced_messages", {"content": RARE, "chat_jid": biggest, **found}, 8
        ),
        Question("get_message_context 5+5", "get_message_context", {"message_id": message, "before": 5, "after": 5}, 6),
        Question("get_last_interaction", "get_last_interaction", {"jid": middle}, 6),
    ]


def ask_all(system: System, world: World) -> tuple[Times, list[Answered]]:
    """The times of a call that does nothing, and of every question."""
    direct = Direct(system)
    asked = questions(world, direct.newest_id(world.chats[0].jid))
    with open_client(PROGRAM, system.environment()) as client:
        # Refused before anything is asked of a bridge.
        nothing = _timed(client, "list_chats", {"nothing": True}, refused=True)
        whole = [_timed(client, question.tool, question.arguments) for question in asked]
    alone = [direct.timed(question) for question in asked]
    return nothing, [Answered(*three) for three in zip(asked, whole, alone, strict=True)]


def _timed(client: StdioClient, tool: str, arguments: Arguments, *, refused: bool = False) -> Times:
    times = []
    for _ in range(WARM_UP + CALLS):
        started = time.perf_counter()
        result = client.call(tool, arguments)
        times.append((time.perf_counter() - started) * 1000)
        if bool(result.get("isError")) is not refused:
            raise RuntimeError(f"{tool} {arguments} answered {result}")
    return Times(tuple(times[WARM_UP:]))


class Direct:
    """The same requests to the Go bridge over one kept connection, without the orchestrator."""

    def __init__(self, system: System) -> None:
        host, _, port = system.bridge.listen.rpartition(":")
        self._connection = http.client.HTTPConnection(host, int(port))
        token = system.settings.read_token()
        self._headers = {"Authorization": f"Bearer {token}"}

    def newest_id(self, chat: str) -> str:
        """The id of a message of the chat."""
        question = Question("", "list_messages", {"chat_jid": chat, "limit": 50, "include_context": False}, 0)
        return str(json.loads(self._get(target(question)))["messages"][-1]["id"])

    def timed(self, question: Question) -> Times:
        """The question's times."""
        times = []
        for _ in range(WARM_UP + CALLS):
            started = time.perf_counter()
            self._get(target(question))
            times.append((time.perf_counter() - started) * 1000)
        return Times(tuple(times[WARM_UP:]))

    def _get(self, path: str) -> bytes:
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != http.client.OK:
            raise RuntimeError(f"{path} answered {response.status} {body.decode()}")
        return body


def target(question: Question) -> str:
    """Path and query that the orchestrator sends for the question."""
    tool = CATALOGUE[question.tool]
    values = wire_values(tool.arguments.model_validate(question.arguments))
    path = tool.route.path
    for name in tool.route.placeholders:
        path = path.replace(f"{{{name}}}", quote(str(values.pop(name)), safe=""))
    return f"{path}?{urlencode({name: _text(value) for name, value in values.items()})}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
