import { bytes, type Database } from "./database.js";
import type { Change } from "./rows.js";

/** Edits and revokes that came before their message. */
export class PendingChanges {
  readonly #db: Database;
  #any = false;

  constructor(db: Database) {
    this.#db = db;
    this.recount();
  }

  recount(): void {
    this.#any = this.#db.get("SELECT 1 FROM pending_changes LIMIT 1") !== undefined;
  }

  /** Keeps a change; of several edits the latest. */
  put(change: Change): void {
    this.#any = true;
    this.#db.run(
      `INSERT INTO pending_changes (chat_jid, id, change, sender_jid, timestamp, kind, text, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (chat_jid, id, change) DO UPDATE SET sender_jid = excluded.sender_jid,
         timestamp = excluded.timestamp, kind = excluded.kind, text = excluded.text, payload = excluded.payload
       WHERE excluded.timestamp > pending_changes.timestamp`,
      change.chat_jid,
      change.id,
      change.change,
      change.sender_jid,
      change.timestamp,
      change.kind ?? null,
      change.text ?? null,
      change.payload ?? null,
    );
  }

  /** Takes out what waits for a message. */
  take(chat: string, id: string): Change[] {
    if (!this.#any) return [];
    const rows = this.#db.all<Columns>("SELECT * FROM pending_changes WHERE chat_jid = ? AND id = ?", chat, id);
    if (rows.length > 0) this.#db.run("DELETE FROM pending_changes WHERE chat_jid = ? AND id = ?", chat, id);
    return rows.map(changeOf);
  }

  /** Moves what waits under one chat or sender to another; `apply` gets each change of a moved chat. */
  move(from: string, to: string, apply: (change: Change) => void): void {
    if (!this.#any) return;
    this.#db.run("UPDATE pending_changes SET sender_jid = ? WHERE sender_jid = ?", to, from);
    const rows = this.#db.all<Columns>("SELECT * FROM pending_changes WHERE chat_jid = ?", from);
    this.#db.run("DELETE FROM pending_changes WHERE chat_jid = ?", from);
    for (const row of rows) apply({ ...changeOf(row), chat_jid: to });
  }
}

interface Columns {
  chat_jid: string;
  id: string;
  change: "edit" | "revoke";
  sender_jid: string;
  timestamp: number;
  kind: string | null;
  text: string | null;
  payload: ArrayBuffer | null;
}

function changeOf(row: Columns): Change {
  return {
    chat_jid: row.chat_jid,
    id: row.id,
    change: row.change,
    sender_jid: row.sender_jid,
    timestamp: row.timestamp,
    kind: row.kind ?? undefined,
    text: row.text ?? undefined,
    payload: bytes(row.payload),
  };
}
