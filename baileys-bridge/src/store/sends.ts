import { nowSeconds } from "../time.js";
import type { Database } from "./database.js";

/** A message that was to be sent, by the key of the request for it. */
export interface Send {
  key: string;
  /** Tells another request under the same key. */
  fingerprint: string;
  chat_jid: string;
  message_id: string;
  /** Pending is what a crash leaves: the message may have gone out. */
  status: "pending" | "sent" | "unacknowledged";
  /** Seconds; when it was written down, until its fate is known. */
  sent_at: number;
}

/**
 * The sends table: what makes a repeated request answer with the first result. No reader of baileys_temp.db looks at it, so
 * it comes to stores that were made without it, and the schema's version stays.
 */
const TABLE = `CREATE TABLE IF NOT EXISTS sends (
  key         TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  chat_jid    TEXT NOT NULL,
  message_id  TEXT NOT NULL,
  status      TEXT NOT NULL,
  sent_at     INTEGER NOT NULL
) WITHOUT ROWID`;

/** Longer than any caller repeats a request. */
const KEPT_SECONDS = 30 * 24 * 3600;

export class Sends {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    db.exec(TABLE);
    db.run("DELETE FROM sends WHERE sent_at < ?", nowSeconds() - KEPT_SECONDS);
  }

  get(key: string): Send | undefined {
    const row = this.#db.get<Send>("SELECT * FROM sends WHERE key = ?", key);
    if (row === undefined) return undefined;
    // The driver adds fields of its own to a row.
    const { fingerprint, chat_jid, message_id, status, sent_at } = row;
    return { key, fingerprint, chat_jid, message_id, status, sent_at };
  }

  put(send: Send): void {
    this.#db.run(
      `INSERT INTO sends (key, fingerprint, chat_jid, message_id, status, sent_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET status = excluded.status, sent_at = excluded.sent_at`,
      send.key,
      send.fingerprint,
      send.chat_jid,
      send.message_id,
      send.status,
      send.sent_at,
    );
  }

  /** Frees the key of a message that certainly did not go out. */
  forget(key: string): void {
    this.#db.run("DELETE FROM sends WHERE key = ?", key);
  }
}
