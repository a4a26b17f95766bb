"""One HTTP conversation with one bridge: trust, request, answer, error."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel, JsonValue, ValidationError

from backends.health import fresh_nonce, proves
from backends.operations import (
    PAIR_AGAIN,
    PAIR_BY_CODE,
    PAIRING,
    STATUS,
    BridgeStatus,
    Nothing,
    Pairing,
    PairingCode,
    PhoneQuestion,
)
from errors import Code, Detail, WhatsAppError
from settings import Settings
from tools.declaration import Arguments, Backend, Operation, wire_json, wire_values

R = TypeVar("R", bound=BaseModel)

TRUST_SECONDS = 5.0
"""How long a proof is good for while the bridge is silent; a connection that idles longer is closed."""
PROOF_SECONDS = 5.0
PROOF_BYTES = 4096
ATTEMPTS = 8
"""How often a proof is asked for when other calls take the proven connections."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 40.0
"""Longer than the 30 s that a bridge waits for WhatsApp's acknowledgement."""


class _Unproven(Exception):  # noqa: N818 - a turn in the conversation, never an error
    """The request needs a connection that has proved nothing yet; nothing was sent."""


async def _stay_on_proven_connections(event: str, _: object) -> None:
    """What carries the token never opens a connection: whoever has the port by now would get it."""
    if event == "connection.connect_tcp.started":
        raise _Unproven


class Bridge:
    """A bridge behind one long-lived client (a new client costs 22 ms a call).

    Every connection begins with the proof. A squatter can take the port only after the bridge died, and a dead bridge
    ends its connections.
    """

    def __init__(self, backend: Backend, settings: Settings) -> None:
        self.backend = backend
        self.name = "whatsapp-bridge" if backend is Backend.GO else "baileys-bridge"
        self.url = settings.go_url if backend is Backend.GO else settings.baileys_url
        self._settings = settings
        self._trusted_at: float | None = None
        self._client = httpx.AsyncClient(
            base_url=self.url,
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=16, keepalive_expiry=TRUST_SECONDS),
            # Bridges speak plain HTTP on loopback: loading the host's certificates would cost each start 15 ms.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,
            follow_redirects=False,
        )
        self._base = httpx.URL(self.url)
        self._port = self._base.port or 80

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def status(self) -> BridgeStatus:
        """The bridge's state."""
        return await self.request(STATUS[self.backend], Nothing())

    async def pairing(self) -> Pairing:
        """The code to link with, while there is one."""
        return await self.request(PAIRING[self.backend], Nothing())

    async def pair_again(self) -> Pairing:
        """Ask for fresh codes after a link ended; stored messages stay."""
        return await self.request(PAIR_AGAIN[self.backend], Nothing())

    async def pair_by_code(self, phone: str) -> PairingCode:
        """A code to type on the phone of that number. It is the last one asked for that counts."""
        return await self.request(PAIR_BY_CODE[self.backend], PhoneQuestion(phone=phone))

    async def request(
        self,
        operation: Operation[R],
        arguments: Arguments,
        *,
        idempotency_key: str | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> R:
        """Carry one operation out.

        Nothing is ever sent twice: a failure before the bridge took the request is `BRIDGE_UNREACHABLE`, one after
        it is `BRIDGE_TIMEOUT`, and only the caller may know whether to ask again.
        """
        token = self._settings.read_token()
        if token is None:
            raise unreachable(self.backend, self.url, f"There is no token at {self._settings.token_path} either.")
        reads, placeholders = operation.route.method == "GET", operation.route.placeholders
        # A batch is large, and is turned into JSON once.
        values = wire_values(arguments) if reads or placeholders else {}
        path = operation.route.path
        for name in placeholders:
            path = path.replace(f"{{{name}}}", _segment(name, str(values.pop(name))))
        headers = {"Authorization": f"Bearer {token}"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        if not reads:
            headers["Content-Type"] = "application/json"
        if reads and values:
            path = f"{path}?{urlencode({name: _query(value) for name, value in values.items()}, quote_via=quote)}"
        # Not by the client, which would merge and parse the address three times over.
        request = httpx.Request(
            operation.route.method,
            self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + path.encode("ascii")),
            content=None if reads else wire_json(arguments, placeholders),
            headers=headers,
            extensions={
                "timeout": httpx.Timeout(seconds, connect=CONNECT_SECONDS).as_dict(),
                "trace": _stay_on_proven_connections,
            },
        )
        response = await self._send(request, token)
        if response.status_code != httpx.codes.OK:
            raise self._refusal(response)
        return self._answer(response, operation.result)

    async def _send(self, request: httpx.Request, token: str) -> httpx.Response:
        for _ in range(ATTEMPTS):
            await self._prove(token)
            try:
                response = await self._client.send(request)
            except _Unproven:
                self._trusted_at = None
                continue
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                self._trusted_at = None
                raise unreachable(self.backend, self.url) from error
            except httpx.TimeoutException as error:
                self._trusted_at = None
                raise WhatsAppError(
                    Code.BRIDGE_TIMEOUT, f"The {self.name} at {self.url} took the request and did not answer in time."
                ) from error
            except httpx.HTTPError as error:
                self._trusted_at = None
                raise WhatsAppError(
                    Code.BRIDGE_TIMEOUT, f"The {self.name} at {self.url} ended the connection before it answered."
                ) from error
            self._trusted_at = time.monotonic()
            return response
        raise unreachable(self.backend, self.url, "It proved itself, and ended each connection at once.")

    async def _prove(self, token: str) -> None:
        if self._trusted_at is not None and time.monotonic() - self._trusted_at < TRUST_SECONDS:
            return
        nonce = fresh_nonce()
        try:
            async with (
                asyncio.timeout(PROOF_SECONDS),
                self._client.stream("GET", "/health", params={"nonce": nonce}) as response,
            ):
                given = _proof_in(await _beginning(response))
                proven = proves(given, token, self.name, self._port, nonce)
                if not proven and (connection := response.extensions.get("network_stream")) is not None:
                    await connection.aclose()
        except (httpx.HTTPError, TimeoutError) as error:
            self._trusted_at = None
            raise unreachable(self.backend, self.url) from error
        if not proven:
            self._trusted_at = None
            raise WhatsAppError(
                Code.BRIDGE_UNTRUSTED,
                f"What answers at {self.url} is not the {self.name} of this token; nothing was sent to it.",
                details={"url": self.url},
                resolution=f"Stop the program that holds the port, or check that the {self.name} and this server use "
                f"the same token file ({self._settings.token_path}).",
            )
        self._trusted_at = time.monotonic()

    def _refusal(self, response: httpx.Response) -> WhatsAppError:
        try:
            body: JsonValue = response.json()
        except ValueError:
            body = None
        if isinstance(body, dict) and isinstance(body.get("error_code"), str):
            try:
                code = Code(str(body["error_code"]))
            except ValueError:
                code = Code.INTERNAL
            details = body.get("details")
            return WhatsAppError(
                code,
                str(body.get("message") or "") or None,
                details={name: _detail(value) for name, value in details.items()}
                if isinstance(details, dict)
                else None,
                resolution=str(body.get("resolution") or "") or None,
            )
        return WhatsAppError(
            Code.INTERNAL, f"The {self.name} answered with HTTP status {response.status_code} and no error of its own."
        )

    def _answer(self, response: httpx.Response, model: type[R]) -> R:
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise WhatsAppError(
                Code.INTERNAL,
                f"The answer of the {self.name} has another shape than this version expects.",
                details={"field": ".".join(str(part) for part in first["loc"])},
                resolution="Update, so that bridge and server are of one version, then start both again.",
            ) from None  # the library's error repeats values


def unreachable(backend: Backend, url: str, more: str = "") -> WhatsAppError:
    """The error for a bridge that does not answer, with the command that starts it."""
    if backend is Backend.GO:
        name, command = "Go bridge", "cd whatsapp-bridge && go run ."
        lost = "Without it stored messages cannot be read, and only what the Baileys bridge can do works."
    else:
        name, command = "Baileys bridge", "cd baileys-bridge && npm start"
        lost = "Without it everything but business catalogs works; history comes through the Go bridge."
    return WhatsAppError(
        Code.BRIDGE_UNREACHABLE,
        " ".join(filter(None, (f"The {name} does not answer at {url}.", more, lost))),
        details={"bridge": str(backend), "url": url},
        resolution=(
            f"Start it (`whatsapp-mcp up`, or by hand `{command}`), then call again; "
            "backend_status shows when it is there."
        ),
    )


async def _beginning(response: httpx.Response) -> bytes:
    """The answer, or as much of it as a proof could need: a squatter may send without end."""
    content = b""
    async for chunk in response.aiter_bytes(PROOF_BYTES):
        content += chunk
        if len(content) > PROOF_BYTES:
            break
    return content


def _proof_in(content: bytes) -> str | None:
    try:
        answer: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        return None
    given = answer.get("proof") if isinstance(answer, dict) else None
    return given if isinstance(given, str) else None


def _segment(name: str, value: str) -> str:
    """A value as a part of a path. A lone `.` or `..` would be resolved away, and lead to another operation."""
    if value in (".", ".."):
        raise WhatsAppError(
            Code.INVALID_ARGUMENT,
            f"{name} must not be {value!r}.",
            details={"argument": name},
            resolution="Use a JID, a phone number or another name.",
        )
    return quote(value, safe="")


def _query(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _detail(value: JsonValue) -> Detail:
    return value
