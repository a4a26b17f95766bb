import type { Aliases } from "./aliases.js";
import type { Database } from "./database.js";
import type { ContactRow } from "./rows.js";
import type { Sequence } from "./sequence.js";

const NAMES = ["full_name", "first_name", "push_name", "business_name"] as const;

/** Whether a telling fills gaps only (history, which may be old) or also replaces (what the phone says now). */
export type Manner = "fill" | "replace";

type Columns = { jid: string } & { [name in (typeof NAMES)[number]]: string | null };

/** What people are called. */
export class Contacts {
  readonly #db: Database;
  readonly #sequence: Sequence;
  readonly #aliases: Aliases;

  constructor(db: Database, sequence: Sequence, aliases: Aliases) {
    this.#db = db;
    this.#sequence = sequence;
    this.#aliases = aliases;
  }

  put(contact: ContactRow, manner: Manner): void {
    const jid = this.#aliases.canonical(contact.jid);
    const known = this.#db.get<Columns>("SELECT * FROM contacts WHERE jid = ?", jid);
    const names = NAMES.map((name) => {
      const told = contact[name] || null;
      const old = known?.[name] ?? null;
      return manner === "fill" ? (old ?? told) : (told ?? old);
    });
    if (names.every((name, index) => name === (known?.[NAMES[index] ?? "full_name"] ?? null))) return;
    this.#db.run(
      `INSERT INTO contacts (jid, ${NAMES.join(", ")}, seq) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (jid) DO UPDATE SET ${NAMES.map((name) => `${name} = excluded.${name}`).join(", ")}, seq = excluded.seq`,
      jid,
      ...names,
      this.#sequence.next(),
    );
  }

  /** The name that is shown: the address book's, or else what they call themselves. */
  name(jid: string): string | undefined {
    const row = this.#db.get<Columns>("SELECT * FROM contacts WHERE jid = ?", jid);
    return row?.full_name ?? row?.business_name ?? row?.push_name ?? undefined;
  }

  move(from: string, to: string): void {
    const row = this.#db.get<Columns>("SELECT * FROM contacts WHERE jid = ?", from);
    if (row === undefined) return;
    this.#db.run("DELETE FROM contacts WHERE jid = ?", from);
    const names = Object.fromEntries(NAMES.map((name) => [name, row[name] ?? undefined]));
    this.put({ jid: to, ...names }, "fill");
  }
}
