"""Who may come in by HTTP: whoever shows the token, which is made at the first start."""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from errors import Code, WhatsAppError
from settings import Settings

VARIABLE = "WHATSAPP_MCP_HTTP_TOKEN"


class Doorkeeper:
    """Lets requests with the token through, compared in constant time, and answers all others with 401."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not self._fits(Headers(scope=scope).get("authorization", "")):
            error = WhatsAppError(
                Code.ACCESS_DENIED,
                "The request did not carry the server's token.",
                resolution="Send the header `Authorization: Bearer TOKEN`.",
            )
            refused = JSONResponse(
                error.envelope(), 401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
            )
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _fits(self, authorization: str) -> bool:
        scheme, _, shown = authorization.partition(" ")
        # Headers are read as Latin-1, so that any text goes back to the bytes that were sent.
        return scheme.lower() == "bearer" and hmac.compare_digest(shown.encode("latin-1"), self._token)


def token_source(settings: Settings) -> str:
    """Where the token stands: the variable or the file."""
    return VARIABLE if settings.http_token is not None else str(settings.http_token_path)


def load_token(settings: Settings) -> str:
    """The token that clients must show.

    Raises ACCESS_DENIED for one that is empty, that cannot be read, or that no header can carry.
    """
    source = token_source(settings)
    # Elsewhere an empty variable is the default; a secret that came out empty is a mistake to hear of.
    if os.environ.get(VARIABLE) == "" and settings.http_token is None:
        raise _denied(VARIABLE, "is empty")
    if settings.http_token is not None:
        token = settings.http_token.get_secret_value().strip()
    else:
        try:
            token = _read_or_make(settings.http_token_path)
        except (OSError, UnicodeDecodeError) as error:
            raise _denied(source, "cannot be read or made") from error
    if not token:
        raise _denied(source, "is empty")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise _denied(source, "has signs that no header can carry")
    return token


def _read_or_make(path: Path) -> str:
    """The file's token. It is made whole and then linked into place, so that nobody ever reads half a token."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{secrets.token_hex(32)}\n")
            with suppress(FileExistsError):
                os.link(beside, path)
        finally:
            Path(beside).unlink()
    path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()


def _denied(source: str, problem: str) -> WhatsAppError:
    return WhatsAppError(
        Code.ACCESS_DENIED,
        f"The token of {source} {problem}.",
        resolution="Put a long random text there, or remove it and one is made.",
    )
