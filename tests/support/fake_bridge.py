"""A bridge as the orchestrator sees it: a proof of identity, the token, and what a test lets it answer.

Every request that carries the token is checked against the bridge's openapi.json, and so is every answer: a fake that
drifts from the contract fails its test.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import unquote

import httpx
import respx
from pydantic import BaseModel, JsonValue

from backends.health import proof
from contract import Contract
from errors import REGISTRY, Code, WhatsAppError

TOKEN = "5e" * 32
Name = Literal["whatsapp-bridge", "baileys-bridge"]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived; `path` is as it stood on the wire."""

    method: str
    path: str
    query: dict[str, str]
    body: JsonValue
    headers: httpx.Headers

    def part(self, number: int) -> str:
        """A segment of the path, decoded: `/api/chats/{chat_jid}/read` has its chat at 3."""
        return unquote(self.path.split("/")[number])


Answer = httpx.Response | BaseModel | dict[str, JsonValue]
Reply = Callable[[Seen], Answer | Awaitable[Answer]]


@cache
def contract(name: Name) -> Contract:
    return Contract(name)


class FakeBridge:
    """Stands on the port; `seen` are the requests with the token, `asked` the questions for a proof."""

    def __init__(self, name: Name, port: int, token: str = TOKEN) -> None:
        self.name: Name = name
        self.url = f"http://127.0.0.1:{port}"
        self.token = token
        self.port = port
        self.down = False
        self.seen: list[Seen] = []
        self.asked: list[httpx.Request] = []
        self.breaches: list[AssertionError] = []
        """What broke the contract. The server's last wall would hide it; a fixture raises it."""
        self._replies: dict[tuple[str, str], Reply] = {}

    def mount(self, router: respx.Router) -> None:
        """Take the port."""
        router.route(scheme="http", host="127.0.0.1", port=self.port).mock(side_effect=self._handle)

    def on(
        self, method: Literal["GET", "POST"], template: str, reply: Reply | BaseModel | dict[str, JsonValue]
    ) -> None:
        """Answer an operation of the contract; a WhatsAppError that is raised becomes its envelope."""
        self._replies[method, template] = reply if callable(reply) else lambda _: reply

    def count(self, method: str, path: str = "") -> int:
        """How many requests of this kind arrived."""
        return sum(seen.method == method and seen.path.startswith(path) for seen in self.seen)

    def prove(self, nonce: str | None) -> dict[str, JsonValue]:
        """The answer of /health."""
        sign: dict[str, JsonValue] = {"status": "ok", "bridge": self.name, "version": "0.1.0"}
        return sign if nonce is None else {**sign, "proof": proof(self.token, self.name, self.port, nonce)}

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._answer(request)
        except AssertionError as error:
            self.breaches.append(error)
            raise

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        if request.url.path == "/health":
            assert "authorization" not in request.headers
            self.asked.append(request)
            return httpx.Response(200, json=self.prove(request.url.params.get("nonce")))
        assert request.headers["authorization"] == f"Bearer {self.token}"
        seen = Seen(
            request.method,
            request.url.raw_path.decode().partition("?")[0],
            dict(request.url.params),
            json.loads(request.content) if request.content else None,
            request.headers,
        )
        self.seen.append(seen)
        template = contract(self.name).request(seen.method, seen.path, seen.query, seen.headers, seen.body)
        try:
            said = self._replies[seen.method, template](seen)
            answer = await said if inspect.isawaitable(said) else said
        except WhatsAppError as error:
            return refused(error)
        if isinstance(answer, httpx.Response):
            return answer
        content = answer.model_dump(mode="json", exclude_none=True) if isinstance(answer, BaseModel) else answer
        contract(self.name).answer(seen.method, seen.path, 200, content)
        return httpx.Response(200, json=content)


def refused(error: WhatsAppError) -> httpx.Response:
    """The error as a bridge sends it: where to read on is the server's to say."""
    said = {name: value for name, value in error.envelope().items() if name != "help"}
    return httpx.Response(REGISTRY[error.code].status, json=said)


def refusing(code: Code, message: str | None = None) -> Reply:
    """A reply that is always this error."""

    def reply(_: Seen) -> Answer:
        raise WhatsAppError(code, message)

    return reply
