import type { Database } from "./database.js";

/** What is held of a file that is read up to some `seq`, and what lies behind it. */
export interface Held {
  messages: number;
  reactions: number;
}

/** Everything that is told of chats and people; who the account's own device is lies elsewhere. */
const TOLD = [
  "messages",
  "reactions",
  "contacts",
  "chats",
  "jid_aliases",
  "sync_checkpoints",
  "pending_changes",
  "history_chunks",
  "phone_addresses",
] as const;

/** Makes room in baileys_temp.db. `seq` goes on where it was: a reader's watermark stays true. */
export class Clearing {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The rows that a reader which has everything up to `seq` has not seen. */
  waiting(seq: number): Held {
    const count = (table: "messages" | "reactions") =>
      this.#db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table} WHERE seq > ?`, seq)?.n ?? 0;
    return { messages: count("messages"), reactions: count("reactions") };
  }

  /** Removes what was said up to `seq`. Who is who, and how far each chat was brought, stays: later rows rest on it. */
  drop(seq: number): Held {
    return {
      messages: this.#db.run("DELETE FROM messages WHERE seq <= ?", seq),
      reactions: this.#db.run("DELETE FROM reactions WHERE seq <= ?", seq),
    };
  }

  /** Removes every row, checkpoints and ended jobs too. */
  wipe(): void {
    for (const table of TOLD) this.#db.run(`DELETE FROM ${table}`);
    this.#db.run("DELETE FROM jobs WHERE kind = 'chat'");
  }
}
