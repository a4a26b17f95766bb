import type { Aliases } from "./aliases.js";
import type { Manner } from "./contacts.js";
import { type Database, flag, truth } from "./database.js";
import type { ChatRow } from "./rows.js";
import type { Sequence } from "./sequence.js";

const FIELDS = [
  "kind",
  "name",
  "community_jid",
  "unread_count",
  "archived",
  "pinned",
  "muted_until",
  "last_read_at",
] as const satisfies readonly (keyof ChatRow)[];

interface Columns {
  jid: string;
  kind: string | null;
  name: string | null;
  community_jid: string | null;
  unread_count: number | null;
  archived: number | null;
  pinned: number | null;
  muted_until: number | null;
  last_read_at: number | null;
}

/** The chats as the phone described them, and the address under which it keeps each. */
export class Chats {
  readonly #db: Database;
  readonly #sequence: Sequence;
  readonly #aliases: Aliases;

  constructor(db: Database, sequence: Sequence, aliases: Aliases) {
    this.#db = db;
    this.#sequence = sequence;
    this.#aliases = aliases;
  }

  get count(): number {
    return this.#db.get<{ n: number }>("SELECT count(*) AS n FROM chats")?.n ?? 0;
  }

  get(jid: string): ChatRow | undefined {
    const row = this.#db.get<Columns>("SELECT * FROM chats WHERE jid = ?", jid);
    return row === undefined ? undefined : rowOf(row);
  }

  put(chat: ChatRow, manner: Manner): void {
    const jid = this.#aliases.canonical(chat.jid);
    const known = this.#db.get<Columns>("SELECT * FROM chats WHERE jid = ?", jid);
    const told = columnsOf(chat);
    const values = FIELDS.map((field) => {
      const old = known?.[field] ?? null;
      return manner === "fill" ? (old ?? told[field]) : (told[field] ?? old);
    });
    if (known !== undefined && values.every((value, index) => value === known[FIELDS[index] ?? "kind"])) return;
    this.#db.run(
      `INSERT INTO chats (jid, ${FIELDS.join(", ")}, seq) VALUES (?, ${FIELDS.map(() => "?").join(", ")}, ?)
       ON CONFLICT (jid) DO UPDATE SET ${FIELDS.map((field) => `${field} = excluded.${field}`).join(", ")}, seq = excluded.seq`,
      jid,
      ...values,
      this.#sequence.next(),
    );
  }

  /** The JID that the phone itself uses for a chat, where it has been seen. */
  address(jid: string): string | undefined {
    return this.#db.get<{ address: string }>("SELECT address FROM phone_addresses WHERE chat_jid = ?", jid)?.address;
  }

  setAddress(jid: string, address: string): void {
    this.#db.run(
      `INSERT INTO phone_addresses (chat_jid, address) VALUES (?, ?)
       ON CONFLICT (chat_jid) DO UPDATE SET address = excluded.address WHERE address <> excluded.address`,
      this.#aliases.canonical(jid),
      address,
    );
  }

  move(from: string, to: string): void {
    const address = this.address(from);
    if (address !== undefined) {
      this.#db.run("DELETE FROM phone_addresses WHERE chat_jid = ?", from);
      this.setAddress(to, address);
    }
    const row = this.get(from);
    if (row === undefined) return;
    this.#db.run("DELETE FROM chats WHERE jid = ?", from);
    this.put({ ...row, jid: to }, "fill");
  }
}

function columnsOf(chat: ChatRow): Columns {
  return {
    jid: chat.jid,
    kind: chat.kind ?? null,
    name: chat.name || null,
    community_jid: chat.community_jid ?? null,
    unread_count: chat.unread_count ?? null,
    archived: flag(chat.archived),
    pinned: flag(chat.pinned),
    muted_until: chat.muted_until ?? null,
    last_read_at: chat.last_read_at ?? null,
  };
}

function rowOf(row: Columns): ChatRow {
  return {
    jid: row.jid,
    kind: row.kind ?? undefined,
    name: row.name ?? undefined,
    community_jid: row.community_jid ?? undefined,
    unread_count: row.unread_count ?? undefined,
    archived: truth(row.archived),
    pinned: truth(row.pinned),
    muted_until: row.muted_until ?? undefined,
    last_read_at: row.last_read_at ?? undefined,
  };
}
