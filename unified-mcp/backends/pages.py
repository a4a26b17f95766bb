"""Rows on their way into messages.db: read from a SQLite file that is only looked at, page by page."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import aiosqlite

from errors import WhatsAppError

PAGE = 2000
"""Rows in a page: one transaction of the Go bridge while no live messages come."""
PAGE_BYTES = 7_000_000
"""What a page's JSON may weigh; with the largest row on top it stays under the 16 MiB that the Go bridge takes."""
TEXT_BYTES = 65_536
PASSING = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_AUTH,
}
"""Errors that say nothing about the file's content."""

Row = Mapping[str, object]


@dataclass(frozen=True)
class Page:
    """Every row after `from_seq` up to and with `to_seq`, by the tables of baileys_temp.db."""

    from_seq: int
    to_seq: int
    read: int
    """Message rows that were read for it."""
    rows: Mapping[str, Sequence[Row]]


class OpenRows(Protocol):
    """A file while it is open. Another `origin` is another file: its `seq` is counted anew."""

    @property
    def origin(self) -> str:
        """What tells this file from another one under the same name."""

    async def waiting(self, after: int) -> int:
        """How many message rows the pages will hold, as far as can be said now."""

    def pages(self, after: int) -> AsyncGenerator[Page, None]:
        """Page by page, until nothing is left."""


class RowStore(Protocol):
    """Where rows are taken from."""

    @property
    def path(self) -> Path:
        """The file, whether it is there or not."""

    @property
    def source(self) -> str:
        """Whose watermark the Go bridge keeps for it."""

    def open(self) -> AbstractAsyncContextManager[OpenRows]:
        """Open it for reading."""


@asynccontextmanager
async def reading(uri: str, busy: WhatsAppError, damaged: WhatsAppError) -> AsyncIterator[aiosqlite.Connection]:
    """A connection that only reads. What SQLite refuses is `busy` or `damaged`, by whether the content is to blame."""
    try:
        async with aiosqlite.connect(uri, uri=True, isolation_level=None) as database:
            database.row_factory = aiosqlite.Row
            # Text that is not UTF-8 must not end the merge of all others.
            database.text_factory = partial(str, encoding="utf-8", errors="replace")
            yield database
    except sqlite3.Error as error:
        passing = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in PASSING
        raise (busy if passing else damaged) from error


def page_end(plan: Iterable[tuple[int, int]]) -> int | None:
    """Where a page of rows (`seq`, bytes of JSON) ends: at the last row that fits, or at the first row."""
    end, bytes_ = None, 0
    for seq, weight in plan:
        bytes_ += weight
        if end is not None and bytes_ > PAGE_BYTES:
            break
        end = seq
    return end
