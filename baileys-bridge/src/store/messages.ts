import type { Aliases } from "./aliases.js";
import { bytes, type Database, flag, truth, type Value } from "./database.js";
import { changed, merge } from "./merge.js";
import type { PendingChanges } from "./pending.js";
import type { Anchor, Change, MessageRow, Outcome } from "./rows.js";
import type { Sequence } from "./sequence.js";

const COLUMNS = [
  "chat_jid",
  "id",
  "sender_jid",
  "from_me",
  "timestamp",
  "kind",
  "text",
  "quoted_id",
  "quoted_sender_jid",
  "forwarded",
  "edited_at",
  "revoked_at",
  "starred",
  "media_mime",
  "media_file_name",
  "media_size",
  "media_direct_path",
  "media_key",
  "media_sha256",
  "media_enc_sha256",
  "media_duration_s",
  "payload",
  "read",
  "seq",
] as const;

const INSERT = `INSERT INTO messages (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})`;
const REPLACE = `UPDATE messages SET ${COLUMNS.slice(2)
  .map((column) => `${column} = ?`)
  .join(", ")} WHERE chat_jid = ? AND id = ?`;

/** The messages table: one row for each canonical chat and id, whatever number of chunks tell of it. */
export class Messages {
  readonly #db: Database;
  readonly #sequence: Sequence;
  readonly #aliases: Aliases;
  readonly #pending: PendingChanges;
  #count = 0;

  constructor(db: Database, sequence: Sequence, aliases: Aliases, pending: PendingChanges) {
    this.#db = db;
    this.#sequence = sequence;
    this.#aliases = aliases;
    this.#pending = pending;
    this.recount();
  }

  /** The number of rows; kept beside the table, because counting a million takes long enough to be felt in a status. */
  get count(): number {
    return this.#count;
  }

  recount(): void {
    this.#count = this.#db.get<{ n: number }>("SELECT count(*) AS n FROM messages")?.n ?? 0;
  }

  /** Stores a message, or what it tells beyond the stored one. */
  put(message: MessageRow): Outcome {
    const row = this.#canonical(message);
    if (this.#db.run(`${INSERT} ON CONFLICT (chat_jid, id) DO NOTHING`, ...this.#values(row)) > 0) {
      this.#count += 1;
      for (const change of this.#pending.take(row.chat_jid, row.id)) this.change(change);
      return "inserted";
    }
    const known = this.get(row.chat_jid, row.id);
    const merged = known === undefined ? undefined : merge(known, row);
    if (merged === undefined) return "duplicate";
    this.#replace(merged);
    return "filled";
  }

  /** Applies an edit or a revoke, or keeps it until its message comes. */
  change(told: Change): Outcome {
    const change = {
      ...told,
      chat_jid: this.#aliases.canonical(told.chat_jid),
      sender_jid: this.#aliases.canonical(told.sender_jid),
    };
    const known = this.get(change.chat_jid, change.id);
    if (known === undefined) {
      this.#pending.put(change);
      return "duplicate";
    }
    const row = changed(known, change);
    if (row === undefined) return "duplicate";
    this.#replace(row);
    return "filled";
  }

  get(chat: string, id: string): MessageRow | undefined {
    const columns = this.#db.get<Columns>("SELECT * FROM messages WHERE chat_jid = ? AND id = ?", chat, id);
    return columns === undefined ? undefined : rowOf(columns);
  }

  /** The oldest message of a chat, of any kind: the place to ask backwards from. */
  oldest(chat: string): Anchor | undefined {
    const row = this.#db.get<{ id: string; timestamp: number; from_me: number; sender_jid: string }>(
      "SELECT id, timestamp, from_me, sender_jid FROM messages WHERE chat_jid = ? ORDER BY timestamp, id LIMIT 1",
      chat,
    );
    return row === undefined
      ? undefined
      : { id: row.id, timestamp: row.timestamp, from_me: row.from_me !== 0, sender_jid: row.sender_jid };
  }

  /** How many messages of a chat are held, and from when to when, in seconds. */
  span(chat: string): { messages: number; oldest?: number; newest?: number } {
    const row = this.#db.get<{ n: number; oldest: number | null; newest: number | null }>(
      "SELECT count(*) AS n, min(timestamp) AS oldest, max(timestamp) AS newest FROM messages WHERE chat_jid = ?",
      chat,
    );
    return { messages: row?.n ?? 0, oldest: row?.oldest ?? undefined, newest: row?.newest ?? undefined };
  }

  /**
   * Settles what is read in a chat of which the phone counts `unread` messages: the newest so many incoming ones are not.
   * Rows whose `read` is NULL came live, after the phone counted, and are left alone.
   */
  settleRead(chat: string, unread: number): void {
    const edge =
      unread <= 0
        ? { timestamp: Number.MAX_SAFE_INTEGER, id: "" }
        : this.#db.get<{ timestamp: number; id: string }>(
            `SELECT timestamp, id FROM messages
             WHERE chat_jid = ? AND from_me = 0 AND read IS NOT NULL AND kind <> 'system'
             ORDER BY timestamp DESC, id DESC LIMIT 1 OFFSET ?`,
            chat,
            unread - 1,
          );
    if (edge === undefined) return;
    const settled = this.#db.all<{ id: string }>(
      "SELECT id FROM messages WHERE chat_jid = ? AND read = 0 AND (timestamp, id) < (?, ?)",
      chat,
      edge.timestamp,
      edge.id,
    );
    for (const { id } of settled) {
      this.#db.run(
        "UPDATE messages SET read = 1, seq = ? WHERE chat_jid = ? AND id = ?",
        this.#sequence.next(),
        chat,
        id,
      );
    }
  }

  /** Moves everything under one JID to another: chats with the rows of both, senders and quoted senders. */
  move(from: string, to: string): void {
    for (const columns of this.#db.all<Columns>("SELECT * FROM messages WHERE chat_jid = ?", from)) {
      this.#db.run("DELETE FROM messages WHERE chat_jid = ? AND id = ?", from, columns.id);
      this.#count -= 1;
      this.put({ ...rowOf(columns), chat_jid: to });
    }
    this.#rename("sender_jid", from, to);
    this.#rename("quoted_sender_jid", from, to);
  }

  #rename(column: "sender_jid" | "quoted_sender_jid", from: string, to: string): void {
    const rows = this.#db.all<{ chat_jid: string; id: string }>(
      `SELECT chat_jid, id FROM messages WHERE ${column} = ? AND substr(${column}, -4) = '@lid'`,
      from,
    );
    for (const { chat_jid, id } of rows) {
      const seq = this.#sequence.next();
      this.#db.run(`UPDATE messages SET ${column} = ?, seq = ? WHERE chat_jid = ? AND id = ?`, to, seq, chat_jid, id);
    }
  }

  #replace(row: MessageRow): void {
    this.#db.run(REPLACE, ...this.#values(row).slice(2), row.chat_jid, row.id);
  }

  #canonical(row: MessageRow): MessageRow {
    return {
      ...row,
      chat_jid: this.#aliases.canonical(row.chat_jid),
      sender_jid: this.#aliases.canonical(row.sender_jid),
      quoted_sender_jid: row.quoted_sender_jid && this.#aliases.canonical(row.quoted_sender_jid),
    };
  }

  #values(row: MessageRow): Value[] {
    return [
      row.chat_jid,
      row.id,
      row.sender_jid,
      Number(row.from_me),
      row.timestamp,
      row.kind,
      row.text ?? null,
      row.quoted_id ?? null,
      row.quoted_sender_jid ?? null,
      flag(row.forwarded),
      row.edited_at ?? null,
      row.revoked_at ?? null,
      flag(row.starred),
      row.media?.mime ?? null,
      row.media?.file_name ?? null,
      row.media?.size ?? null,
      row.media?.direct_path ?? null,
      row.media?.key ?? null,
      row.media?.sha256 ?? null,
      row.media?.enc_sha256 ?? null,
      row.media?.duration_s ?? null,
      row.payload ?? null,
      flag(row.read),
      this.#sequence.next(),
    ];
  }
}

interface Columns {
  chat_jid: string;
  id: string;
  sender_jid: string;
  from_me: number;
  timestamp: number;
  kind: string;
  text: string | null;
  quoted_id: string | null;
  quoted_sender_jid: string | null;
  forwarded: number | null;
  edited_at: number | null;
  revoked_at: number | null;
  starred: number | null;
  media_mime: string | null;
  media_file_name: string | null;
  media_size: number | null;
  media_direct_path: string | null;
  media_key: ArrayBuffer | null;
  media_sha256: ArrayBuffer | null;
  media_enc_sha256: ArrayBuffer | null;
  media_duration_s: number | null;
  payload: ArrayBuffer | null;
  read: number | null;
}

function rowOf(columns: Columns): MessageRow {
  const media = {
    mime: columns.media_mime ?? undefined,
    file_name: columns.media_file_name ?? undefined,
    size: columns.media_size ?? undefined,
    direct_path: columns.media_direct_path ?? undefined,
    key: bytes(columns.media_key),
    sha256: bytes(columns.media_sha256),
    enc_sha256: bytes(columns.media_enc_sha256),
    duration_s: columns.media_duration_s ?? undefined,
  };
  return {
    chat_jid: columns.chat_jid,
    id: columns.id,
    sender_jid: columns.sender_jid,
    from_me: columns.from_me !== 0,
    timestamp: columns.timestamp,
    kind: columns.kind,
    text: columns.text ?? undefined,
    quoted_id: columns.quoted_id ?? undefined,
    quoted_sender_jid: columns.quoted_sender_jid ?? undefined,
    forwarded: truth(columns.forwarded),
    edited_at: columns.edited_at ?? undefined,
    revoked_at: columns.revoked_at ?? undefined,
    starred: truth(columns.starred),
    media: Object.values(media).some((value) => value !== undefined) ? media : undefined,
    payload: bytes(columns.payload),
    read: truth(columns.read),
  };
}
