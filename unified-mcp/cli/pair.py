"""`whatsapp-mcp pair`: link both bridges by a page in the browser, or in the terminal."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import webbrowser
from collections.abc import Sequence

import uvicorn

from backends.baileys import BaileysBridge
from backends.go import GoBridge
from cli.pair_page import make_page
from cli.pairing import View, Watch
from errors import WhatsAppError
from settings import Settings, load_settings

GRACE_SECONDS = 2
"""What the page gets to show that all is done."""
SCAN = "On the phone: WhatsApp, Settings, Linked devices, Link a device"


def say(text: str) -> None:
    """One line for the person who waits for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def in_browser(watch: Watch, *, port: int, browser: bool) -> None:
    """Serve the page until all is done."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        app, address = make_page(watch, listener.getsockname()[1])
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        watching = asyncio.create_task(watch.run())
        say(f"Scan both codes at {address}")
        if browser and not await asyncio.to_thread(webbrowser.open, address):
            say("No browser could be opened: open the address yourself, or use --terminal.")
        await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
            server.should_exit = True
        watching.cancel()
        await serving


async def in_terminal(watch: Watch) -> None:
    """Draw one bridge's code after the other until all is done."""
    watching = asyncio.create_task(watch.run())
    drawn: dict[str, View] = {}
    while not watching.done():
        for view in watch.views.values():
            _draw(view, drawn)
            drawn[view.name] = view
            if not view.linked and view.state != "unreachable":
                break
        await watch.change(0.2)
    watching.result()
    for view in watch.views.values():
        _draw(view, drawn)


def _draw(view: View, drawn: dict[str, View]) -> None:
    before = drawn.get(view.name)
    if view.drawing is not None and (before is None or before.number != view.number):
        say(f"\n{view.title} ({view.name}), until {view.expires_at}. {SCAN}.\n{view.drawing.rstrip(chr(10))}\n")
    if view.code is not None and (before is None or before.code != view.code):
        say(f"\n{view.name}: {SCAN}, Link with phone number instead, and type this code:")
        say(f"{view.code}   (until {view.code_expires_at})")
    if before is None or (before.state, before.note) != (view.state, view.note):
        account = f" as {view.account}" if view.account else ""
        say(f"{view.name}: {view.state}{account}{f'. {view.note}' if view.note else ''}")


async def pair(settings: Settings, *, phone: str | None, terminal: bool, port: int, browser: bool) -> int:
    """Link what is not linked yet."""
    async with GoBridge(settings) as go, BaileysBridge(settings) as baileys:
        answers = await asyncio.gather(go.status(), baileys.status(), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, WhatsAppError):
                raise answer
        reached = [answer for answer in answers if not isinstance(answer, BaseException)]
        if not reached:
            problems = [answer.message for answer in answers if isinstance(answer, WhatsAppError)]
            sys.stderr.write(f"whatsapp-mcp pair: {' '.join(problems)} Start both with `whatsapp-mcp up`.\n")
            return 1
        watch = Watch((go, baileys), phone)
        if not all(answer.logged_in for answer in reached):
            await (in_terminal(watch) if terminal else in_browser(watch, port=port, browser=browser))
        else:
            await watch.look()
    for view in watch.views.values():
        linked = f"linked as {view.account}." if view.linked else f"not linked ({view.state}). {view.note or ''}"
        say(f"{view.name} is {linked}")
    return 0 if all(view.linked for view in watch.views.values()) else 1


def run(arguments: Sequence[str]) -> int:
    """Link both bridges; 0 when both are, 1 when not."""
    parser = argparse.ArgumentParser(prog="whatsapp-mcp pair", description=__doc__)
    parser.add_argument("--terminal", action="store_true", help="draw the codes here instead of in the browser")
    parser.add_argument("--no-browser", action="store_true", help="print the page's address and open nothing")
    parser.add_argument("--port", type=int, default=0, help="where the page is served (default: any free port)")
    parser.add_argument(
        "--phone", metavar="NUMBER", help="also give codes to type on the phone of this number instead of scanning"
    )
    options = parser.parse_args(arguments)
    try:
        return asyncio.run(
            pair(
                load_settings(),
                phone=options.phone,
                terminal=options.terminal,
                port=options.port,
                browser=not options.no_browser,
            )
        )
    except OSError as error:
        sys.stderr.write(f"whatsapp-mcp pair: port {options.port} cannot be listened on: {error.strerror}\n")
    except KeyboardInterrupt:
        return 130
    return 1
