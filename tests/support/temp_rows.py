"""baileys_temp.db as the Baileys bridge would leave it, made from its own schema."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from settings import HOUSE


class TempRows:
    """Writes rows as the Baileys bridge would, under one growing `seq`."""

    def __init__(self, path: Path, origin: str = "test-origin") -> None:
        self.path = path
        self.seq = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")
            database.executescript((HOUSE / "baileys-bridge" / "src" / "store" / "schema.sql").read_text("utf-8"))
            database.execute("PRAGMA user_version = 1")
            database.execute("INSERT OR REPLACE INTO meta VALUES ('origin', ?)", (origin,))
            database.commit()

    def add(self, table: str, *rows: dict[str, object]) -> None:
        """Insert rows in one transaction."""
        self.chunk(*((table, row) for row in rows))

    def chunk(self, *rows: tuple[str, dict[str, object]]) -> None:
        """Insert rows of several tables in one transaction, as a pushed chunk is."""
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute("PRAGMA synchronous = OFF")
            for table, row in rows:
                self.seq += 1
                values = {**row, "seq": self.seq}
                names, marks = ", ".join(values), ", ".join("?" for _ in values)
                database.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", list(values.values()))

    def remove(self) -> None:
        """Delete the file, as somebody might."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)


def message(chat: str, number: int, text: str | None, **more: object) -> dict[str, object]:
    return {
        "chat_jid": chat,
        "id": f"3EB0{number:012X}",
        "sender_jid": chat,
        "from_me": 0,
        "timestamp": 1_760_000_000 + number,
        "kind": "text",
        "text": text,
        **more,
    }
