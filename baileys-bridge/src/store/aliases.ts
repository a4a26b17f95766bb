import type { Database } from "./database.js";
import { isLid, isPn } from "./identity.js";
import type { Mapping } from "./rows.js";
import type { Sequence } from "./sequence.js";

/**
 * Who is who: a LID and the phone-number JID of the same person. The canonical JID is the phone number's where it is
 * known, otherwise the LID.
 */
export class Aliases {
  readonly #db: Database;
  readonly #sequence: Sequence;
  #canonical = new Map<string, string>();

  constructor(db: Database, sequence: Sequence) {
    this.#db = db;
    this.#sequence = sequence;
    this.reload();
  }

  /** Reads the table anew, as after a transaction that came to nothing. */
  reload(): void {
    const rows = this.#db.all<{ alias: string; canonical: string }>("SELECT alias, canonical FROM jid_aliases");
    this.#canonical = new Map(rows.map((row) => [row.alias, row.canonical]));
  }

  /** The canonical form of a bare JID. */
  canonical(jid: string): string {
    return this.#canonical.get(jid) ?? jid;
  }

  /** The other JIDs of a canonical one. */
  of(canonical: string): string[] {
    return this.#db
      .all<{ alias: string }>("SELECT alias FROM jid_aliases WHERE canonical = ? ORDER BY alias", canonical)
      .map((row) => row.alias);
  }

  /** Takes note of a mapping; false when it is known already, or is none. A LID that changes hands follows the newest. */
  put({ lid, pn }: Mapping): boolean {
    if (!isLid(lid) || !isPn(pn) || this.#canonical.get(lid) === pn) return false;
    this.#db.run(
      `INSERT INTO jid_aliases (alias, canonical, seq) VALUES (?, ?, ?)
       ON CONFLICT (alias) DO UPDATE SET canonical = excluded.canonical, seq = excluded.seq`,
      lid,
      pn,
      this.#sequence.next(),
    );
    this.#canonical.set(lid, pn);
    return true;
  }
}
