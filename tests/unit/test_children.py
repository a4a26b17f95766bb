"""A child that is kept running: what ends it for good, what brings it back, and where its log goes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from cli import stage
from cli.children import LOG_BYTES, Child
from cli.roster import Entry

READY = (
    """import json, sys; print(json.dumps({"ready": True, "listen": "127.0.0.1:9"}).replace(" ", ""), flush=True)\n"""
)


@asynccontextmanager
async def keeping(folder: Path, *command: str) -> AsyncIterator[tuple[Child, list[Entry]]]:
    """The child while it is kept, and every entry it has had."""
    seen: list[Entry] = []
    child = Child("bridge", command, None, folder / "logs" / "bridge.log", lambda: seen.append(child.entry))
    life = asyncio.create_task(child.keep())
    try:
        yield child, seen
    finally:
        await child.stop()
        await asyncio.wait_for(life, 15)
    assert child.entry.state == "stopped"


async def until(holds: Callable[[], bool]) -> None:
    async def look() -> bool:
        return holds()

    await stage.until(look, bool, 20)


async def test_what_ends_is_started_again_with_its_last_words_kept(tmp_path: Path) -> None:
    program = "import sys; sys.stderr.write('no room\\n\\n'); sys.exit(1)"
    async with keeping(tmp_path, sys.executable, "-c", program) as (child, seen):
        await until(lambda: child.entry.restarts >= 2)
    ended = [entry for entry in seen if entry.state == "waiting"]
    assert [(entry.exit_code, entry.reason, entry.pid) for entry in ended[:2]] == [(1, "no room", None)] * 2
    assert (tmp_path / "logs" / "bridge.log").read_text(encoding="utf-8").startswith("no room\n")


async def test_what_was_started_wrongly_stays_down(tmp_path: Path) -> None:
    program = "import sys; sys.stderr.write('--listen is refused\\n'); sys.exit(2)"
    async with keeping(tmp_path, sys.executable, "-c", program) as (child, _):
        await until(lambda: child.entry.state == "failed")
        assert (child.entry.exit_code, child.entry.reason, child.entry.restarts) == (2, "--listen is refused", 0)


async def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    async with keeping(tmp_path, str(tmp_path / "node")) as (child, _):
        await until(lambda: child.entry.state == "failed")
        assert child.entry.reason is not None
        assert str(tmp_path / "node") in child.entry.reason


async def test_it_runs_once_it_says_where_it_listens(tmp_path: Path) -> None:
    async with keeping(tmp_path, sys.executable, "-c", f"{READY}sys.stdin.read(); import time; time.sleep(60)") as (
        child,
        seen,
    ):
        await until(lambda: child.entry.state == "running")
        assert child.entry.listen == "127.0.0.1:9"
        assert child.entry.pid is not None
        assert child.entry.created is not None
    assert [entry.state for entry in seen] == ["starting", "running", "stopped"]


async def test_a_long_log_goes_on_in_a_new_file(tmp_path: Path) -> None:
    program = f"{READY}[sys.stderr.write('x' * 999 + '\\n') for _ in range(12_000)]; import time; time.sleep(60)"
    log = tmp_path / "logs" / "bridge.log"
    async with keeping(tmp_path, sys.executable, "-c", program):
        await until(lambda: log.with_name("bridge.log.2").is_file())
    sizes = [path.stat().st_size for path in log.parent.iterdir()]
    assert sum(sizes) <= 12_000_000
    assert max(sizes) <= LOG_BYTES
