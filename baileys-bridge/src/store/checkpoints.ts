import { nowSeconds } from "../time.js";
import type { Aliases } from "./aliases.js";
import type { Database } from "./database.js";
import type { Anchor, JobState } from "./rows.js";
import type { Sequence } from "./sequence.js";

/** pushing and pushed: what the phone sends by itself has begun, and has ended, for this chat. */
export type CheckpointState = JobState | "pushing" | "pushed";

export interface Checkpoint {
  chat_jid: string;
  oldest_id?: string;
  oldest_timestamp?: number;
  oldest_sender_jid?: string;
  oldest_from_me?: boolean;
  messages_synced: number;
  state: CheckpointState;
  /** The phone said that it holds nothing older. */
  exhausted: boolean;
  error?: string;
  updated_at: number;
}

/** What a chunk or a job adds to a checkpoint. */
export interface Step {
  oldest?: Anchor;
  /** Messages that were new. */
  messages?: number;
  state?: CheckpointState;
  exhausted?: boolean;
  error?: string;
}

interface Columns {
  chat_jid: string;
  oldest_id: string | null;
  oldest_timestamp: number | null;
  oldest_sender_jid: string | null;
  oldest_from_me: number | null;
  messages_synced: number;
  state: CheckpointState;
  exhausted: number;
  error: string | null;
  updated_at: number;
}

/** How far back each chat's history was brought. */
export class Checkpoints {
  readonly #db: Database;
  readonly #sequence: Sequence;
  readonly #aliases: Aliases;

  constructor(db: Database, sequence: Sequence, aliases: Aliases) {
    this.#db = db;
    this.#sequence = sequence;
    this.#aliases = aliases;
  }

  get(chat: string): Checkpoint | undefined {
    const row = this.#db.get<Columns>("SELECT * FROM sync_checkpoints WHERE chat_jid = ?", chat);
    if (row === undefined) return undefined;
    return {
      chat_jid: row.chat_jid,
      oldest_id: row.oldest_id ?? undefined,
      oldest_timestamp: row.oldest_timestamp ?? undefined,
      oldest_sender_jid: row.oldest_sender_jid ?? undefined,
      oldest_from_me: row.oldest_from_me === null ? undefined : row.oldest_from_me !== 0,
      messages_synced: row.messages_synced,
      state: row.state,
      exhausted: row.exhausted !== 0,
      error: row.error ?? undefined,
      updated_at: row.updated_at,
    };
  }

  /** The oldest message that was ever brought of a chat, where enough of it is known to ask from. */
  anchor(chat: string): Anchor | undefined {
    const known = this.get(chat);
    if (known?.oldest_id === undefined || known.oldest_timestamp === undefined) return undefined;
    return {
      id: known.oldest_id,
      timestamp: known.oldest_timestamp,
      from_me: known.oldest_from_me ?? false,
      sender_jid: known.oldest_sender_jid ?? chat,
    };
  }

  /** How many chats the phone has begun to push and not ended. */
  get pushing(): number {
    return this.#db.get<{ n: number }>("SELECT count(*) AS n FROM sync_checkpoints WHERE state = 'pushing'")?.n ?? 0;
  }

  advance(jid: string, step: Step): void {
    const chat = this.#aliases.canonical(jid);
    const known = this.get(chat);
    const older =
      step.oldest !== undefined &&
      (known?.oldest_timestamp === undefined || step.oldest.timestamp < known.oldest_timestamp);
    this.#write({
      chat_jid: chat,
      oldest_id: older ? step.oldest?.id : known?.oldest_id,
      oldest_timestamp: older ? step.oldest?.timestamp : known?.oldest_timestamp,
      oldest_sender_jid: older ? step.oldest?.sender_jid : known?.oldest_sender_jid,
      oldest_from_me: older ? step.oldest?.from_me : known?.oldest_from_me,
      messages_synced: (known?.messages_synced ?? 0) + (step.messages ?? 0),
      state: step.state ?? known?.state ?? "pushing",
      exhausted: step.exhausted ?? known?.exhausted ?? false,
      error: step.error,
      updated_at: nowSeconds(),
    });
  }

  move(from: string, to: string): void {
    const row = this.get(from);
    if (row !== undefined) {
      this.#db.run("DELETE FROM sync_checkpoints WHERE chat_jid = ?", from);
      const other = this.get(to);
      this.#write({
        ...(other === undefined || (row.oldest_timestamp ?? Infinity) < (other.oldest_timestamp ?? Infinity)
          ? row
          : other),
        chat_jid: to,
        messages_synced: row.messages_synced + (other?.messages_synced ?? 0),
        exhausted: row.exhausted || (other?.exhausted ?? false),
      });
    }
  }

  #write(row: Checkpoint): void {
    this.#db.run(
      `INSERT OR REPLACE INTO sync_checkpoints (chat_jid, oldest_id, oldest_timestamp, oldest_sender_jid, oldest_from_me,
         messages_synced, state, exhausted, error, updated_at, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.chat_jid,
      row.oldest_id ?? null,
      row.oldest_timestamp ?? null,
      row.oldest_sender_jid === undefined ? null : this.#aliases.canonical(row.oldest_sender_jid),
      row.oldest_from_me === undefined ? null : Number(row.oldest_from_me),
      row.messages_synced,
      row.state,
      Number(row.exhausted),
      row.error ?? null,
      row.updated_at,
      this.#sequence.next(),
    );
  }
}
