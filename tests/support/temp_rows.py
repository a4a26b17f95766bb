"""baileys_temp.db as the Baileys bridge would leave it, made from its own schema."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from settings import HOUSE


class TempRows:
    """Writes rows as the Baileys bridge would, under one growing `seq`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seq = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript((HOUSE / "baileys-bridge" / "src" / "store" / "schema.sql").read_text("utf-8"))
            database.execute("PRAGMA user_version = 1")
            database.execute("INSERT OR REPLACE INTO meta VALUES ('origin', 'test-origin')")
            database.commit()

    def add(self, table: str, *rows: dict[str, object]) -> None:
        """Insert rows in one transaction."""
        with closing(sqlite3.connect(self.path)) as database, database:
            for row in rows:
                self._seq += 1
                values = {**row, "seq": self._seq}
                names, marks = ", ".join(values), ", ".join("?" for _ in values)
                database.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", list(values.values()))


def message(chat: str, number: int, text: str, **more: object) -> dict[str, object]:
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
