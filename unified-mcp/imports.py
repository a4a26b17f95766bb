"""messages.db of another server, as the merge reads it.

That is lharries/whatsapp-mcp, verygoodplugins/whatsapp-mcp, and forks of them which only added columns.

`seq` is the rowid: a row that is written again with `INSERT OR REPLACE` gets a new one, and is read again. The source
of the batches is the file's path, and their origin its oldest row. So whatever is not certainly the same file is read
from its beginning, which the rules of the merge make harmless; who wants a file read anew imports a copy of it.

What these files do not say stays unknown. The read state is not given: no badge appears, and a count that the phone
gives keeps its say. A chat's name goes to the chat, where every name of the person goes before it. History that
lharries stored may lack the author of a group's message and name the group instead; so does the row that is made of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiosqlite

from backends.pages import PAGE, TEXT_BYTES, Page, Row, page_end
from backends.peer_files import People, bare, columns, is_person, looking, people_beside, rows, text, wal
from errors import Code, WhatsAppError

NEEDED = ("id", "chat_jid", "sender", "content", "timestamp", "is_from_me")
"""The columns of `messages` that all of them have."""
OPTIONAL = (
    "media_type",
    "filename",
    "url",
    "media_key",
    "file_sha256",
    "file_enc_sha256",
    "file_length",
    "direct_path",
    "quoted_message_id",
    "is_forwarded",
    "deleted_at",
)
"""What later versions and forks have. Other columns are left alone."""
SIZE = "ifnull(length(CAST(content AS BLOB)), 0)"
SELECT = (
    # What is too long is not even read.
    f"SELECT rowid AS seq, {SIZE} > {TEXT_BYTES} AS too_long, "  # noqa: S608 - names of ours
    f"CASE WHEN {SIZE} <= {TEXT_BYTES} THEN content END AS text, "
    "{columns} FROM messages WHERE rowid > ? ORDER BY rowid LIMIT ?"
)
KINDS = ("image", "video", "audio", "voice", "document", "sticker", "contact", "location", "poll", "system")
MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?"
    r"(?:Z| UTC| ?([+-])(\d\d):?([0-5]\d)(?: [A-Za-z0-9+-]{1,6})?)?(?: m=[+-][\d.]+)?",
    re.ASCII,
)
"""As these servers' drivers write a time; `+0200 EET m=+0.1` is Go's own form."""


def moment(value: object) -> int | None:
    """Seconds since 1970 of a stored time, by its own offset; without one it is UTC, as SQLite's functions have it."""
    if isinstance(value, int):
        return value
    match = MOMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, clock, sign, hours, minutes = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)
    except ValueError:
        return None
    offset = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return int(local.timestamp()) - (-offset if sign == "-" else offset)


def direct_path(url: str) -> str | None:
    """The path of a media URL with its query, verbatim: without the query the media servers answer 403."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.path in ("", "/"):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class PeerStore:
    """The file, whether it is there or not. `own` is the account's JID, which signs its messages."""

    def __init__(self, path: Path, own: str | None, page: int = PAGE) -> None:
        self.path = path
        self.source = f"import:{_digest(path.resolve())[:16]}"
        self.server = "unknown"
        """Whose schema it has, known once it was opened."""
        self.calls = 0
        """Rows of calls, which messages.db has no place for."""
        self._own = own
        self._page = page

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenPeerStore]:
        """Open it for reading, with the whatsapp.db that may lie beside it.

        Raises `FILE_NOT_FOUND`, `DATABASE_SCHEMA_MISMATCH` for another schema, `NOT_PAIRED` when it holds own messages
        and nobody knows whose they are; here and for every page `DATABASE_CORRUPT` and `DATABASE_SYNC_FAILED`.
        """
        if not self.path.is_file():
            raise WhatsAppError(
                Code.FILE_NOT_FOUND,
                f"There is no file {self.path}.",
                resolution="Name the other server's messages.db; it lies in the folder store of its bridge.",
            )
        async with looking(self.path) as database:
            select = SELECT.format(columns=", ".join(await self._columns(database)))
            if self._own is None and await rows(database, "SELECT 1 FROM messages WHERE is_from_me LIMIT 1"):
                raise WhatsAppError(
                    Code.NOT_PAIRED,
                    f"{self.path} holds messages that its owner sent, and the Go bridge is not linked: nobody knows "
                    "whose they are.",
                    resolution="Link the Go bridge first, or say the owner's number: --own +15550100.",
                )
            people = await people_beside(self.path)
            for row in await rows(database, "SELECT jid, name FROM chats"):
                people.chats[bare(text(row["jid"]))] = text(row["name"])
            oldest = await rows(database, "SELECT rowid AS seq, chat_jid, id FROM messages ORDER BY rowid LIMIT 1")
            origin = _digest(*(value for row in oldest for value in row.values()))
            yield OpenPeerStore(self.path, database, origin, select, Reader(people, self._own), self._page)

    async def _columns(self, database: aiosqlite.Connection) -> list[str]:
        """What is selected of `messages`; the columns that are there tell whose file it is."""
        tables = {name: await columns(database, name) for name in ("chats", "messages", "calls")}
        if not tables["messages"].issuperset(NEEDED) or not tables["chats"].issuperset(("jid", "name")):
            found = [f"{name}({', '.join(sorted(known))})" for name, known in tables.items() if known]
            raise WhatsAppError(
                Code.DATABASE_SCHEMA_MISMATCH,
                f"{self.path} is no messages.db of lharries/whatsapp-mcp or verygoodplugins/whatsapp-mcp: it has "
                f"{' and '.join(found) or 'neither a table chats nor a table messages'}.",
                resolution=f"Name a file that has chats(jid, name) and messages({', '.join(NEEDED)}).",
            )
        self.server = "verygoodplugins" if "deleted_at" in tables["messages"] else "lharries"
        if tables["calls"]:
            self.calls = _number((await rows(database, "SELECT count(*) AS n FROM calls"))[0]["n"])
        known = [name if name in tables["messages"] else f"NULL AS {name}" for name in (*NEEDED, *OPTIONAL)]
        known.remove("content")
        return known


class OpenPeerStore:
    """The file while it is open."""

    def __init__(
        self, path: Path, database: aiosqlite.Connection, origin: str, select: str, reader: Reader, page: int
    ) -> None:
        self.origin = origin
        self._path = path
        self._still = not wal(path).exists()
        self._database = database
        self._select = select
        self._reader = reader
        self._page = page

    async def waiting(self, after: int) -> int:
        """How many rows lie behind."""
        (found,) = await rows(self._database, "SELECT count(*) AS waiting FROM messages WHERE rowid > ?", after)
        return _number(found["waiting"])

    async def pages(self, after: int) -> AsyncGenerator[Page, None]:
        """Page by page in the order of the rowid, until nothing is left."""
        newest = await rows(self._database, "SELECT max(rowid) AS seq FROM messages")
        if after > _number(newest[0]["seq"]):
            raise WhatsAppError(
                Code.DATABASE_SYNC_FAILED,
                f"{self._path} ends before what was imported from it: rows were deleted, or it was restored.",
                resolution="To read it from its beginning, import a copy of it; nothing is doubled.",
            )
        while found := await rows(self._database, self._select, after, self._page):
            if self._still and wal(self._path).exists():
                raise WhatsAppError(
                    Code.DATABASE_SYNC_FAILED,
                    f"{self._path} came into use while it was read.",
                    resolution="Stop the other server and import again; it goes on where it stopped.",
                )
            end = page_end((_number(row["seq"]), _weight(row)) for row in found)
            taken = [row for row in found if end is not None and _number(row["seq"]) <= end]
            to_seq = _number(taken[-1]["seq"])
            yield Page(after, to_seq, len(taken), self._reader.tables(taken))
            after = to_seq


class Reader:
    """Turns the file's rows into those of baileys_temp.db. People are told of with their first row of a run."""

    def __init__(self, people: People, own: str | None) -> None:
        self._people = people
        self._own = own
        self._told: set[str] = set()

    def tables(self, found: Sequence[Row]) -> dict[str, list[Row]]:
        """Messages and reactions, and who the people and chats in them are."""
        tables: dict[str, list[Row]] = {name: [] for name in ("messages", "reactions")}
        tables |= {name: [] for name in ("jid_aliases", "contacts", "chats")}
        for row in found:
            chat = bare(text(row["chat_jid"]))
            sender = self._sender(row, chat)
            if row["media_type"] == "reaction":
                tables["reactions"].append(_reaction(row, chat, sender))
            else:
                tables["messages"].append(_message(row, chat, sender))
            for jid in (chat, sender):
                if jid is not None and jid not in self._told:
                    self._told.add(jid)
                    self._tell(jid, tables)
        return tables

    def _tell(self, jid: str, tables: dict[str, list[Row]]) -> None:
        people = self._people
        lid, pn = people.lids.get(jid, jid), people.pns.get(jid, jid)
        if lid != pn:
            tables["jid_aliases"].append({"alias": lid, "canonical": pn})
        tables["contacts"] += [people.names[form] for form in dict.fromkeys((lid, pn)) if form in people.names]
        if name := _chat_name(jid, people.chats.get(jid, "")):
            tables["chats"].append({"jid": jid, "name": name})

    def _sender(self, row: Row, chat: str) -> str | None:
        """Who wrote it: stored as a bare user part, by some as a JID. In a direct chat it is the other person."""
        sender = text(row["sender"])
        if row["is_from_me"]:
            return self._own
        if is_person(chat) or sender in ("", chat, chat.partition("@")[0]):
            return chat
        return bare(sender) if "@" in sender else self._people.person(sender.partition(":")[0])


def _reaction(row: Row, chat: str, sender: str | None) -> Row:
    """A reaction, which verygoodplugins keeps as a message: its text the emoji, its file name the message meant."""
    return {
        "chat_jid": chat,
        "message_id": row["filename"],
        "sender_jid": sender,
        "emoji": text(row["text"]),
        "timestamp": moment(row["timestamp"]),
    }


def _message(row: Row, chat: str, sender: str | None) -> Row:
    sent, deleted = moment(row["timestamp"]), moment(row["deleted_at"])
    return {
        "too_long": row["too_long"],
        "chat_jid": chat,
        "id": row["id"],
        "sender_jid": sender,
        "from_me": bool(row["is_from_me"]),
        "timestamp": sent,
        "kind": _kind(text(row["media_type"])),
        "text": row["text"],
        "quoted_id": text(row["quoted_message_id"]) or None,
        "forwarded": bool(row["is_forwarded"]) or None,
        # That it was deleted is certain, also where the time of it cannot be read.
        "revoked_at": None if row["deleted_at"] is None else max(sent or 0, deleted or 0),
        "media_file_name": text(row["filename"]) or None,
        "media_size": _number(row["file_length"]) or None,
        "media_direct_path": text(row["direct_path"]) or direct_path(text(row["url"])),
        "media_key": _bytes(row["media_key"]),
        "media_sha256": _bytes(row["file_sha256"]),
        "media_enc_sha256": _bytes(row["file_enc_sha256"]),
    }


def _kind(media_type: str) -> str:
    if media_type in KINDS:
        return media_type
    return {"": "text", "ptt": "voice"}.get(media_type, f"unsupported:{media_type}"[:100])


def _chat_name(jid: str, name: str) -> str | None:
    """The name, unless it only repeats the number, which lharries stores for ever where it knew none at first."""
    user = jid.partition("@")[0]
    if name.strip() in ("", user, jid, f"Group {user}"):
        return None
    if is_person(jid) and re.fullmatch(r"[\s\d+().-]+", name):
        return None
    return name


def _digest(*values: object) -> str:
    return hashlib.sha256("\0".join(map(str, values)).encode(errors="surrogateescape")).hexdigest()


def _weight(row: Row) -> int:
    """Bytes of a row's JSON at most: a control character takes six."""
    return 2000 + sum(6 * len(value) for value in row.values() if isinstance(value, str | bytes))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) and value else None
