import type { Aliases } from "./aliases.js";
import type { Database } from "./database.js";
import type { Outcome, ReactionRow } from "./rows.js";
import type { Sequence } from "./sequence.js";

/** One person's reaction to a message, the latest of it; empty when it was taken back. */
export class Reactions {
  readonly #db: Database;
  readonly #sequence: Sequence;
  readonly #aliases: Aliases;

  constructor(db: Database, sequence: Sequence, aliases: Aliases) {
    this.#db = db;
    this.#sequence = sequence;
    this.#aliases = aliases;
  }

  put(reaction: ReactionRow): Outcome {
    const stored = this.#db.run(
      `INSERT INTO reactions (chat_jid, message_id, sender_jid, emoji, timestamp, seq) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (chat_jid, message_id, sender_jid) DO UPDATE SET emoji = excluded.emoji,
         timestamp = excluded.timestamp, seq = excluded.seq
       WHERE excluded.timestamp > reactions.timestamp`,
      this.#aliases.canonical(reaction.chat_jid),
      reaction.message_id,
      this.#aliases.canonical(reaction.sender_jid),
      reaction.emoji,
      reaction.timestamp,
      this.#sequence.next(),
    );
    return stored > 0 ? "inserted" : "duplicate";
  }

  move(from: string, to: string): void {
    const rows = this.#db.all<ReactionRow>(
      `SELECT * FROM reactions WHERE chat_jid = ?
       UNION ALL SELECT * FROM reactions WHERE sender_jid = ? AND substr(sender_jid, -4) = '@lid' AND chat_jid <> ?`,
      from,
      from,
      from,
    );
    for (const row of rows) {
      this.#db.run(
        "DELETE FROM reactions WHERE chat_jid = ? AND message_id = ? AND sender_jid = ?",
        row.chat_jid,
        row.message_id,
        row.sender_jid,
      );
      const chat = row.chat_jid === from ? to : row.chat_jid;
      const sender = row.sender_jid === from ? to : row.sender_jid;
      this.put({ ...row, chat_jid: chat, sender_jid: sender });
    }
  }
}
