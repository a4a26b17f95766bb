"""The files of another server: opened so that nothing of them changes, and who is who in them.

whatsapp.db is whatsmeow's own file beside messages.db; of it only names and the LIDs of phone numbers are read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite

from backends.pages import Row, reading
from errors import Code, WhatsAppError

PN, LID = "s.whatsapp.net", "lid"
LONGEST_PN, LONGEST_LID = 13, 15
"""Digits. Longer phone numbers exist on paper; nearly all LIDs have 14 or 15."""
WAL_MODE = b"\x02\x02"
NAMES = ("full_name", "first_name", "push_name", "business_name")


@dataclass(frozen=True)
class People:
    """Who is who: by whatsapp.db, and by the chats of messages.db."""

    pns: dict[str, str] = field(default_factory=dict)
    """The phone-number JID of a LID."""
    lids: dict[str, str] = field(default_factory=dict)
    """The LID of a phone-number JID."""
    names: dict[str, Row] = field(default_factory=dict)
    """What whatsmeow knows of a person by name."""
    chats: dict[str, str] = field(default_factory=dict)
    """The name of a chat, which may be none."""

    def person(self, user: str) -> str | None:
        """The JID of a bare user part, which may be that of a LID or of a phone number; None when of neither."""
        if not (user.isascii() and user.isdecimal() and len(user) <= LONGEST_LID):
            return None
        lid, pn = f"{user}@{LID}", f"{user}@{PN}"
        if self._knows(lid) != self._knows(pn):
            return lid if self._knows(lid) else pn
        return lid if len(user) > LONGEST_PN else pn

    def _knows(self, jid: str) -> bool:
        return any(jid in known for known in (self.pns, self.lids, self.names, self.chats))


async def people_beside(path: Path) -> People:
    """What whatsapp.db beside the file says, if there is one."""
    people, beside = People(), path.with_name("whatsapp.db")
    if not _there(beside):
        return people
    async with looking(beside) as database:
        if await columns(database, "whatsmeow_lid_map") >= {"lid", "pn"}:
            for row in await rows(database, "SELECT lid, pn FROM whatsmeow_lid_map"):
                lid, pn = f"{text(row['lid'])}@{LID}", f"{text(row['pn'])}@{PN}"
                people.pns[lid], people.lids[pn] = pn, lid
        if await columns(database, "whatsmeow_contacts") >= {"their_jid", *NAMES}:
            for row in await rows(database, f"SELECT their_jid, {', '.join(NAMES)} FROM whatsmeow_contacts"):  # noqa: S608
                jid = bare(text(row["their_jid"]))
                people.names[jid] = {"jid": jid, **{name: text(row[name]) or None for name in NAMES}}
    return people


@asynccontextmanager
async def looking(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """Open a file so that nothing of it changes. Raises `DATABASE_CORRUPT` and `DATABASE_SYNC_FAILED`."""
    busy = WhatsAppError(
        Code.DATABASE_SYNC_FAILED,
        f"{path} cannot be read now.",
        resolution="Stop the other server, check the modes of the file and its folder, and import again.",
    )
    damaged = WhatsAppError(
        Code.DATABASE_CORRUPT,
        f"{path} is damaged or no SQLite database.",
        resolution="Name the other server's messages.db. Without whatsapp.db beside it names and LIDs are not known.",
    )
    try:
        uri = _uri(path)
    except OSError as error:
        raise busy from error
    async with reading(uri, busy, damaged) as database:
        yield database


def _there(path: Path) -> bool:
    return path.is_file()


def _uri(path: Path) -> str:
    with path.open("rb") as file:
        wal_mode = file.read(20)[18:] == WAL_MODE
    # Of a file in WAL mode that nobody uses, SQLite would leave two files beside it unless nothing can change.
    still = "&immutable=1" if wal_mode and not wal(path).exists() else ""
    return f"{path.resolve().as_uri()}?mode=ro{still}"


def wal(path: Path) -> Path:
    """Where SQLite keeps what was not yet written into the file; it is there while a file in WAL mode is in use."""
    return path.with_name(f"{path.name}-wal")


async def rows(database: aiosqlite.Connection, sql: str, *values: int) -> list[Row]:
    """What a question answers."""
    return [dict(row) for row in await database.execute_fetchall(sql, values)]


async def columns(database: aiosqlite.Connection, table: str) -> set[str]:
    """The columns of a table; none when there is no such table."""
    found = await database.execute_fetchall("SELECT name FROM pragma_table_info(?)", (table,))
    return {str(row["name"]) for row in found}


def bare(jid: str) -> str:
    """A JID without its device and agent."""
    user, _, server = jid.partition("@")
    return f"{user.partition(':')[0].partition('.')[0]}@{server}" if server in (PN, LID) else jid


def is_person(jid: str) -> bool:
    """Whether it is a person's JID, of either form."""
    return jid.partition("@")[2] in (PN, LID)


def text(value: object) -> str:
    """A stored text; nothing for what is none."""
    return value if isinstance(value, str) else ""
