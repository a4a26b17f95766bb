"""A bridge as a child process that is kept running, its log in files that rotate."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

import psutil

from cli.roster import ChildState, Entry, now

FIRST_DELAY = 0.5
LONGEST_DELAY = 60.0
STEADY_SECONDS = 60.0
"""A bridge that ran so long did not fail at its start, and comes back after the first delay again."""
STOP_SECONDS = 10.0
USAGE = 2
"""The exit code of a bridge that was started wrongly: starting it again would end the same way."""
LOG_BYTES, LOG_FILES = 5_000_000, 4
LINE_BYTES = 1 << 20


def rotating(path: Path) -> RotatingFileHandler:
    """A log file of 5 MB and the four before it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")


class Child:
    """One bridge. `changed` is called whenever its entry is another one."""

    def __init__(
        self, name: str, command: Sequence[str], where: Path | None, log: Path, changed: Callable[[], None]
    ) -> None:
        self.entry = Entry(name=name, state="starting", since=now(), log=log)
        self._command = command
        self._where = where
        self._changed = changed
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._said = logging.getLogger(f"supervisor.{name}")
        self._log = rotating(log)
        self._last_line = ""

    async def keep(self) -> None:
        """Start it, and start it again whenever it ends, until `stop` is called."""
        delay = FIRST_DELAY
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                code = await self._live()
            except OSError as error:
                self._become("failed", reason=f"it cannot be started: {error}")
                self._said.error("cannot be started: %s", error)
                await self._stopping.wait()
                break
            if self._stopping.is_set():
                break
            if code == USAGE:
                self._become("failed", exit_code=code, reason=self._last_line)
                self._said.error("was started wrongly and stays down: %s", self._last_line)
                await self._stopping.wait()
                break
            if time.monotonic() - started > STEADY_SECONDS:
                delay = FIRST_DELAY
            self._become("waiting", exit_code=code, reason=self._last_line, restarts=self.entry.restarts + 1)
            self._said.warning("ended with code %s, is started again in %.1f s: %s", code, delay, self._last_line)
            try:
                await asyncio.wait_for(self._stopping.wait(), delay)
            except TimeoutError:
                delay = min(delay * 2, LONGEST_DELAY)
        self._become("stopped")
        self._log.close()

    async def stop(self) -> None:
        """End it in order, or after a while by force."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()

    async def _live(self) -> int:
        """One life, from start to end; gives the exit code."""
        self._last_line = ""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._where,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            limit=LINE_BYTES,
        )
        self._process = process
        self._become("starting", pid=process.pid, created=_created(process.pid))
        self._said.info("started, pid %d", process.pid)
        if process.stdout is None or process.stderr is None:
            raise OSError("the child has no pipes")
        await asyncio.gather(self._hear(process.stdout), self._keep_log(process.stderr))
        return await process.wait()

    async def _hear(self, stdout: asyncio.StreamReader) -> None:
        """Wait for the line that says where it listens, and let the rest go."""
        async for line in stdout:
            if line.startswith(b'{"ready":true'):
                self._become("running", listen=str(json.loads(line)["listen"]))
                self._said.info("listens on %s", self.entry.listen)

    async def _keep_log(self, stderr: asyncio.StreamReader) -> None:
        rest = b""
        while block := await stderr.read(65536):
            *lines, rest = (rest + block).split(b"\n")
            if len(rest) > LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._write(line)
        if rest:
            self._write(rest)

    def _write(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self._log.emit(logging.LogRecord(self.entry.name, logging.INFO, "", 0, "%s", (text,), None))
        self._last_line = text.strip() or self._last_line

    def _become(self, state: ChildState, **changes: str | float | None) -> None:
        kept = {"pid": None, "created": None, "listen": None} if state not in {"starting", "running"} else {}
        since = self.entry.since if state == self.entry.state else now()
        self.entry = self.entry.model_copy(update={**kept, **changes, "state": state, "since": since})
        self._changed()


def _created(pid: int) -> float | None:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:  # it ended at once
        return None
