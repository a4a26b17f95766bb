"""The same server by streamable HTTP: on loopback unless told otherwise, and to holders of the token alone."""

from __future__ import annotations

import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from doors.keeper import Doorkeeper, load_token, token_source
from errors import Code, WhatsAppError
from server import CatalogueServer
from settings import Settings

LISTEN = "127.0.0.1:8082"
"""Beside the bridges' own ports."""
PATH = "/mcp"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
GRACE_SECONDS = 3
"""What open streams get to end in when the process is told to stop."""


@dataclass(frozen=True)
class Address:
    """Where to listen. Port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> Address:
        """`HOST:PORT`; a host of IPv6 stands in brackets."""
        try:
            parts = urlsplit(f"//{text}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or port is None or parts.netloc != text or "@" in text:
            raise WhatsAppError(
                Code.INVALID_ARGUMENT,
                f"--http is wrong: {text!r} is not HOST:PORT.",
                details={"argument": "--http"},
                resolution=f"Write it like {LISTEN}, or leave it out.",
            )
        return cls(host, port)

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host == "localhost" or self._ip_is("is_loopback")

    @property
    def everywhere(self) -> bool:
        """Whether it is every address of the machine, of which none is the name that clients use."""
        return self._ip_is("is_unspecified")

    def _ip_is(self, what: str) -> bool:
        try:
            return bool(getattr(ip_address(self.host), what))
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def serve(server: CatalogueServer, settings: Settings, address: Address) -> None:
    """Serve until the process is told to stop.

    Raises INVALID_ARGUMENT or ACCESS_DENIED, before anything listens, where the settings leave the door open.
    """
    token = load_token(settings)
    with closing(listen(address)) as listener:
        bound = Address(address.host, listener.getsockname()[1])
        app = Doorkeeper(
            server.streamable_http_app(
                streamable_http_path=PATH, host=bound.host, transport_security=security(settings, bound)
            ),
            token,
        )
        sys.stderr.write(
            f"whatsapp-mcp: serves http://{bound}{PATH} to those who show the token of {token_source(settings)}\n"
        )
        if not bound.loopback:
            sys.stderr.write("whatsapp-mcp: this is not encrypted; put TLS before it where others share the network\n")
        uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        ).run(sockets=[listener])


def listen(address: Address) -> socket.socket:
    """A socket that holds the address."""
    try:
        return socket.create_server(
            (address.host, address.port), family=socket.AF_INET6 if ":" in address.host else socket.AF_INET
        )
    except OSError as error:
        raise WhatsAppError(
            Code.INVALID_ARGUMENT,
            f"--http is wrong: {address} cannot be listened on: {error.strerror}.",
            details={"argument": "--http"},
            resolution="Stop the program that holds it, or choose another.",
        ) from error


def security(settings: Settings, bound: Address) -> TransportSecuritySettings:
    """Which Host a request may name; any Origin is a web page, and none may call.

    Raises INVALID_ARGUMENT where no name is known by which clients reach the address.
    """
    hosts = [f"{name}:{bound.port}" for name in LOOPBACK_NAMES]
    if not bound.everywhere:
        hosts.append(str(bound))
    elif not settings.http_hosts:
        raise WhatsAppError(
            Code.INVALID_ARGUMENT,
            f"WHATSAPP_MCP_HTTP_HOSTS is missing: {bound} is every address of this machine.",
            details={"setting": "WHATSAPP_MCP_HTTP_HOSTS"},
            resolution="Set it to the HOST:PORT that clients call, or listen on one address.",
        )
    return TransportSecuritySettings(allowed_hosts=[*hosts, *settings.http_hosts], allowed_origins=[])
