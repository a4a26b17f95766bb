"""Both bridges under one supervisor: what must be free first, the loop, and how it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from filelock import Timeout

from cli.build import NODE_DIRECTORY
from cli.children import STOP_SECONDS, Child, rotating
from cli.programs import baileys_command, whatsapp_command
from cli.roster import Roster, end_orphans, holder, lock, now
from settings import Settings

GO, BAILEYS = "whatsapp-bridge", "baileys-bridge"
HANDOVER_SECONDS = STOP_SECONDS + 10


class UpError(Exception):
    """One clear line that says what is in the way and what to do."""


@dataclass(frozen=True)
class Plan:
    """Where everything of a supervisor is. `emulator` is HOST:PORT, for tests."""

    settings: Settings
    emulator: str | None = None

    @property
    def folder(self) -> Path:
        """Where the supervisor keeps its lock, its roster and the logs: beside messages.db."""
        return self.settings.messages_db.parent.absolute()

    @property
    def logs(self) -> Path:
        """The folder of the logs."""
        return self.folder / "logs"

    def bridges(self) -> Iterator[tuple[str, Path, str, str]]:
        """Each bridge's name, store, address and the setting of that address."""
        yield GO, self.folder, _address(self.settings.go_url), "WHATSAPP_MCP_GO_URL"
        yield (
            BAILEYS,
            self.settings.baileys_db.parent.absolute(),
            _address(self.settings.baileys_url),
            "WHATSAPP_MCP_BAILEYS_URL",
        )

    def check(self) -> None:
        """Raise `UpError` for a store or a port that another program has."""
        for path, name, setting in (
            (self.settings.messages_db, "messages.db", "WHATSAPP_MCP_MESSAGES_DB"),
            (self.settings.baileys_db, "baileys_temp.db", "WHATSAPP_MCP_BAILEYS_DB"),
        ):
            if path.name != name:
                raise UpError(f"{setting} is {path}; a bridge names its store {name}: end the path with that.")
        for name, store, address, setting in self.bridges():
            other = holder(store)
            if other is not None:
                raise UpError(
                    f"A {name} already runs on {store} (pid {other.pid}, on {other.listen}), and not under `up`. "
                    f"Stop it where it was started (or: kill {other.pid}), then try again."
                )
            _check_port(name, address, setting)


def _address(url: str) -> str:
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    return f"[{host}]:{parts.port}" if ":" in host else f"{host}:{parts.port}"


def _check_port(name: str, address: str, setting: str) -> None:
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        socket.create_server((host.strip("[]"), int(port)), family=family).close()
    except OSError as error:
        raise UpError(
            f"Port {port}, where the {name} is to listen, is in use{_owner(int(port))} ({error.strerror}). "
            f"Stop that program, or set {setting} to http://{host}:OTHER_PORT here and in your client's entry."
        ) from error


def _owner(port: int) -> str:
    """Who listens there, as far as the system tells."""
    with contextlib.suppress(psutil.AccessDenied, psutil.NoSuchProcess):
        for connection in psutil.net_connections("tcp"):
            here = connection.laddr and connection.laddr.port == port
            if here and connection.status == psutil.CONN_LISTEN and connection.pid:
                return f" by {psutil.Process(connection.pid).name()}, pid {connection.pid}"
    return " by a program of another user"


class Supervisor:
    """The loop over both bridges."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._since = now()
        self._log = logging.getLogger("supervisor")
        commands = {GO: (whatsapp_command, None), BAILEYS: (baileys_command, NODE_DIRECTORY)}
        token_file = plan.settings.token_path.absolute()
        self._children: list[Child] = []
        for name, store, address, _ in plan.bridges():
            command, where = commands[name]
            words = command(store, token_file, address, plan.emulator)
            self._children.append(Child(name, words, where, plan.logs / f"{name}.log", self._write))

    def _write(self) -> None:
        entries = tuple(child.entry for child in self._children)
        roster = Roster(pid=os.getpid(), created=psutil.Process().create_time(), since=self._since, bridges=entries)
        roster.write(self._plan.folder)

    async def run(self) -> None:
        """Keep both bridges running until the process is told to stop."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGBREAK", signal.SIGTERM)):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        lives = [asyncio.create_task(child.keep()) for child in self._children]
        await stop.wait()
        self._log.info("stopping")
        await asyncio.gather(*(child.stop() for child in self._children))
        await asyncio.gather(*lives)


def supervise(plan: Plan) -> None:
    """Run in this process until it is told to stop. Raises `UpError` where it may not even start."""
    os.umask(0o077)
    plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = logging.getLogger("supervisor")
    log.setLevel(logging.INFO)
    for handler in (rotating(plan.logs / "supervisor.log"), logging.StreamHandler(sys.stderr)):
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        log.addHandler(handler)
    held = lock(plan.folder)
    try:
        held.acquire()
    except Timeout as error:
        raise UpError(already(plan)) from error
    try:
        for name in end_orphans(plan.folder):
            log.warning("ended the %s that an earlier supervisor had left behind", name)
        plan.check()
        asyncio.run(Supervisor(plan).run())
    except UpError as error:
        log.error("%s", error)
        raise
    finally:
        held.release()


def already(plan: Plan) -> str:
    """That it runs already, and since when."""
    roster = Roster.read(plan.folder)
    who = "" if roster is None else f" (pid {roster.pid}, since {roster.since})"
    return f"It already runs{who}. `whatsapp-mcp status` shows how it is, `whatsapp-mcp down` stops it."


def stop(plan: Plan) -> bool:
    """Stop the supervisor and its bridges, or bridges that one left behind; tells whether anything ran."""
    if not plan.folder.is_dir():
        return False
    try:
        with lock(plan.folder):
            return bool(end_orphans(plan.folder))
    except Timeout:
        roster = Roster.read(plan.folder)
    process = None if roster is None else roster.process
    if process is None:
        raise UpError("A supervisor is just starting or ending; try again in a moment.")
    process.terminate()
    if psutil.wait_procs([process], HANDOVER_SECONDS)[1]:
        process.kill()
    # Where a process cannot be asked to end (Windows) the bridges outlive their supervisor.
    end_orphans(plan.folder)
    return True
