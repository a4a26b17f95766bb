"""The page that shows what links the bridges: on loopback, under a path nobody can guess, all of it from here."""

from __future__ import annotations

import hmac
import io
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import segno
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cli.pairing import View, Watch

FOLDER = Path(__file__).parent / "page"
FILES = {
    "": ("index.html", "text/html"),
    "page.css": ("page.css", "text/css"),
    "page.js": ("page.js", "text/javascript"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
BEAT_SECONDS = 10.0


class Gate:
    """Lets in who knows the path, by a loopback name, and from no other page; everybody else finds nothing."""

    def __init__(self, app: ASGIApp, port: int, secret: str) -> None:
        self._app = app
        self._hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        app: ASGIApp = self._app if self._admits(scope) else PlainTextResponse("Not found\n", 404)
        await app(scope, receive, send_hardened)

    def _admits(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        shown = scope["path"].split("/")[1]
        return (
            host in self._hosts
            and origin in (None, f"http://{host}")
            and headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
            and hmac.compare_digest(shown.encode(), self._secret.encode())
        )


def draw(text: str) -> bytes:
    """A QR code as SVG, dark on light with its quiet zone."""
    picture = io.BytesIO()
    segno.make_qr(text, error="l").save(picture, kind="svg", border=4, light="#fff", xmldecl=False, omitsize=True)
    return picture.getvalue()


def shown(view: View) -> dict[str, str | int | bool | None]:
    """What the page is told of a bridge: not the code itself, which it gets as a picture."""
    told = view.model_dump(exclude={"qr", "drawing"})
    return {**told, "scannable": view.qr is not None, "linked": view.linked}


def make_page(watch: Watch, port: int) -> tuple[ASGIApp, str]:
    """The page, and its address with the path that has to be known."""
    secret = secrets.token_urlsafe(32)

    def file(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(_: Request) -> Response:
            return Response((FOLDER / name).read_bytes(), media_type=f"{kind}; charset=utf-8")

        return answer

    async def picture(request: Request) -> Response:
        view = watch.views.get(request.path_params["name"])
        if view is None or view.qr is None:
            return PlainTextResponse("No code is live\n", 404)
        return Response(draw(view.qr), media_type="image/svg+xml")

    async def events(_: Request) -> Response:
        return StreamingResponse(_tell(watch), media_type="text/event-stream")

    async def renew(_: Request) -> Response:
        await watch.renew()
        return Response(status_code=204)

    under = f"/{secret}/"
    routes = [Route(f"{under}{path}", file(*kind)) for path, kind in FILES.items()]
    routes += [
        Route(f"{under}qr/{{name}}.svg", picture),
        Route(f"{under}events", events),
        Route(f"{under}codes", renew, methods=["POST"]),
    ]
    return Gate(Starlette(routes=routes), port, secret), f"http://127.0.0.1:{port}{under}"


async def _tell(watch: Watch) -> AsyncIterator[str]:
    """Server-sent events: the views at each change, and now and then to keep the connection."""
    before: tuple[View, ...] = ()
    told = 0.0
    while True:
        views, done = tuple(watch.views.values()), watch.done
        if views != before or time.monotonic() - told > BEAT_SECONDS:
            before, told = views, time.monotonic()
            yield f"data: {json.dumps({'bridges': [shown(view) for view in views], 'done': done})}\n\n"
        if done:
            return
        await watch.change(BEAT_SECONDS)
