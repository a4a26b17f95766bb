import { createHash } from "node:crypto";
import { nowSeconds } from "../time.js";
import { bytes, type Database } from "./database.js";

/** A chunk of history that the phone announced and whose rows are not stored yet. */
export interface Chunk {
  /** SHA-256 of the notification: a chunk that is announced twice is one. */
  chunk: string;
  /** A waE2E.HistorySyncNotification protobuf. */
  notification: Uint8Array;
  attempts: number;
}

/** The chunks that wait. What stands here survives a crash between the phone's announcement and the rows. */
export class Chunks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  get count(): number {
    return this.#db.get<{ n: number }>("SELECT count(*) AS n FROM history_chunks")?.n ?? 0;
  }

  put(notification: Uint8Array): Chunk {
    const chunk = createHash("sha256").update(notification).digest("hex");
    this.#db.run(
      `INSERT INTO history_chunks (chunk, notification, attempts, received_at) VALUES (?, ?, 0, ?)
       ON CONFLICT (chunk) DO NOTHING`,
      chunk,
      notification,
      nowSeconds(),
    );
    return { chunk, notification, attempts: 0 };
  }

  remove(chunk: string): void {
    this.#db.run("DELETE FROM history_chunks WHERE chunk = ?", chunk);
  }

  failed(chunk: string, error: string): void {
    this.#db.run("UPDATE history_chunks SET attempts = attempts + 1, error = ? WHERE chunk = ?", error, chunk);
  }

  waiting(): Chunk[] {
    return this.#db
      .all<{ chunk: string; notification: ArrayBuffer; attempts: number }>(
        "SELECT chunk, notification, attempts FROM history_chunks ORDER BY received_at, chunk",
      )
      .map((row) => ({ ...row, notification: bytes(row.notification) ?? new Uint8Array() }));
  }
}
