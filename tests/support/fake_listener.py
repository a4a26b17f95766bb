"""A program on a loopback port that keeps every byte it is sent: a squatter, or a bridge that breaks."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from backends.health import proof

Talk = Callable[[str], bytes | None]
"""The request's target (`/health?nonce=..`) to the bytes of the answer; None ends the connection without one."""


class FakeListener:
    """One HTTP/1.1 server with keep-alive."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.heard: list[bytes] = []
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def bytes_heard(self) -> bytes:
        return b"".join(self.heard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.lower()[:15] == b"content-length:"), 0
                )
                self.heard.append(head + await reader.readexactly(length))
                answer = self.talk(head.split(b" ")[1].decode())
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Listen; at the end every connection is cut, as when the process dies."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await server.wait_closed()


def http(body: object, status: str = "200 OK") -> bytes:
    """An answer with JSON."""
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def proving(token: str, bridge: str, port: int, otherwise: Talk) -> Talk:
    """Answers /health as the bridge that holds the token, and the rest as given."""

    def talk(target: str) -> bytes | None:
        parts = urlsplit(target)
        if parts.path != "/health":
            return otherwise(target)
        nonce = parse_qs(parts.query)["nonce"][0]
        return http({"status": "ok", "bridge": bridge, "version": "0.1.0", "proof": proof(token, bridge, port, nonce)})

    return talk


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
