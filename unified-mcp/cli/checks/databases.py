"""Both databases: whose schema they have, and whether they are whole.

messages.db is opened by nobody but the Go bridge (docs/decisions/0014). A running one is asked; a stopped one's program
looks at the file, with the SQLite that wrote it and the lock that keeps a start away meanwhile. Here only the file's
first bytes are read.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from pydantic import ValidationError

from backends.go import GoBridge
from backends.operations import Integrity
from backends.pages import reading
from backends.temp_store import SCHEMA as TEMP_SCHEMA
from cli.build import GO_BRIDGE
from cli.checks.finding import Finding, age, error, fine, note
from errors import Code, WhatsAppError
from settings import HOUSE, Settings

HEADER = 100
MAGIC = b"SQLite format 3\0"
UPGRADE = re.compile(r"(\d+)_.*\.sql")
SECONDS = 30
"""How long a look at the whole file may take, unless more is given; a million messages took 20 on two busy cores."""
START_SECONDS = 10


def check_schemas(settings: Settings) -> Iterator[Finding]:
    """Whether this version can read what is there."""
    upgrades = [
        int(found[1])
        for path in (HOUSE / "whatsapp-bridge" / "store" / "upgrades").glob("*.sql")
        if (found := UPGRADE.fullmatch(path.name))
    ]
    for path, known in ((settings.messages_db, max(upgrades, default=None)), (settings.baileys_db, TEMP_SCHEMA)):
        finding = _schema(path, known)
        if finding is not None:
            yield finding


def _schema(path: Path, known: int | None) -> Finding | None:
    check = f"{path.name} schema"
    try:
        with path.open("rb") as file:
            header = file.read(HEADER)
    except FileNotFoundError:
        return None
    except OSError as problem:
        return error(check, f"{path} cannot be read ({problem.strerror}).", "Make it readable for this user.")
    if len(header) < HEADER or not header.startswith(MAGIC):
        return error(check, f"{path} is damaged or no database.", _restore(path)) if header else None
    found = int.from_bytes(header[60:64], "big")
    if known is None:
        return note(check, f"schema {found}")
    if found > known:
        return error(
            check,
            f"{path} was made by a newer version: it has schema {found}, and this version knows {known}.",
            "Update this checkout, then whatsapp-mcp build.",
        )
    return fine(check, f"schema {found}" + ("" if found == known else f", to be {known} at the bridge's next start"))


def _restore(path: Path) -> str:
    if path.name.startswith("baileys"):
        return "Stop the Baileys bridge, move the file away and start it again: it is temporary and is fetched anew."
    return "Stop the Go bridge, move the file away and restore a backup, or start anew and fetch the history again."


async def check_integrity(settings: Settings, go: GoBridge, seconds: int, *, running: bool) -> AsyncIterator[Finding]:
    """Look at every page of both files, for so long at most."""
    if settings.messages_db.is_file():
        yield _integrity(settings.messages_db, await _messages(settings, go, seconds, running=running))
    if settings.baileys_db.is_file():
        yield _integrity(
            settings.baileys_db, await _temporary(f"{settings.baileys_db.absolute().as_uri()}?mode=ro", seconds)
        )


def _integrity(path: Path, found: Integrity | Finding) -> Finding:
    check = f"{path.name} integrity"
    if isinstance(found, Finding):
        return found
    if found.state == "sound":
        return fine(check, f"sound, seen in {found.seconds:.1f} s")
    if found.state == "damaged":
        return error(check, f"{path} is damaged: {'; '.join(found.problems[:3])}.", _restore(path))
    said = f"Nothing wrong was found within {age(found.seconds)}, and not all was seen."
    return note(check, said, "whatsapp-mcp doctor --deep")


async def _messages(settings: Settings, go: GoBridge, seconds: int, *, running: bool) -> Integrity | Finding:
    check = f"{settings.messages_db.name} integrity"
    if running:
        try:
            return await go.integrity(seconds)
        except WhatsAppError as problem:
            return note(check, f"Not looked at: {problem.message}", problem.resolution)
    if not GO_BRIDGE.is_file():
        return note(check, "Not looked at: the Go bridge, which owns the file, is neither running nor built.")
    process = await asyncio.create_subprocess_exec(
        *(str(GO_BRIDGE), "--store", str(settings.messages_db.parent), "--check", f"{seconds}s"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), seconds + START_SECONDS)
        return Integrity.model_validate_json(out)
    except TimeoutError:
        process.kill()
        await process.wait()
        return note(check, f"Not looked at: the Go bridge's program did not end within {seconds + START_SECONDS} s.")
    except ValidationError:
        said = err.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        return error(check, f"The Go bridge's program could not look at the store: {said[0]}", "Mend what it names.")


async def _temporary(uri: str, seconds: int) -> Integrity:
    loop = asyncio.get_running_loop()
    started = loop.time()
    busy = WhatsAppError(Code.DATABASE_SYNC_FAILED, "cannot be read now")
    damaged = WhatsAppError(Code.DATABASE_CORRUPT, "is damaged or no database")
    try:
        async with reading(uri, busy, damaged) as database:
            asking = asyncio.ensure_future(database.execute_fetchall("PRAGMA integrity_check(10)"))
            done, _ = await asyncio.wait({asking}, timeout=seconds)
            if not done:
                await database.interrupt()
            rows = [str(row[0]) for row in await asking]
    except WhatsAppError as problem:
        cause = problem.__cause__
        unfinished = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
        state, rows = ("unfinished", []) if unfinished else ("damaged", [f"it {problem.message} ({cause})"])
        return Integrity.model_validate({"state": state, "problems": rows, "seconds": loop.time() - started})
    problems = [] if rows == ["ok"] else rows
    return Integrity(state="damaged" if problems else "sound", problems=problems, seconds=loop.time() - started)
