import { randomBytes } from "node:crypto";
import { nowSeconds } from "../time.js";
import type { Database } from "./database.js";
import type { Anchor, JobState } from "./rows.js";

/** A request for history, of the whole account (what the phone pushes) or of one chat. */
export interface Job {
  job: string;
  kind: "account" | "chat";
  chat_jid?: string;
  state: JobState;
  /** Percent, where the phone tells it. */
  progress?: number;
  /** Messages that arrived for it and were new. */
  messages: number;
  requests: number;
  oldest_timestamp?: number;
  max_messages?: number;
  exhausted: boolean;
  error_code?: string;
  error?: string;
  started_at?: number;
  updated_at: number;
  /** The caller's oldest message, which may be older than every row here. */
  anchor?: Anchor;
  /** The id of the request that waits for its answer; the phone repeats it in the answer. */
  request?: string;
}

interface Columns {
  job: string;
  kind: "account" | "chat";
  chat_jid: string | null;
  state: JobState;
  progress: number | null;
  messages: number;
  requests: number;
  oldest_timestamp: number | null;
  max_messages: number | null;
  exhausted: number;
  error_code: string | null;
  error: string | null;
  started_at: number | null;
  updated_at: number;
  anchor: string | null;
  request: string | null;
}

/** The jobs table. Jobs outlive the process; who runs them is in whatsapp/. */
export class Jobs {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  create(job: Pick<Job, "kind" | "state"> & Partial<Job>): Job {
    const made: Job = {
      messages: 0,
      requests: 0,
      exhausted: false,
      ...job,
      job: randomBytes(6).toString("hex"),
      updated_at: nowSeconds(),
    };
    this.save(made);
    return made;
  }

  /** Writes the job as it is now. */
  save(job: Job): void {
    job.updated_at = nowSeconds();
    this.#db.run(
      `INSERT INTO jobs (job, kind, chat_jid, state, progress, messages, requests, oldest_timestamp,
         max_messages, exhausted, error_code, error, started_at, updated_at, anchor, request)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (job) DO UPDATE SET
         (chat_jid, state, progress, messages, requests, oldest_timestamp, max_messages, exhausted, error_code, error,
          started_at, updated_at, anchor, request) =
         (excluded.chat_jid, excluded.state, excluded.progress, excluded.messages, excluded.requests,
          excluded.oldest_timestamp, excluded.max_messages, excluded.exhausted, excluded.error_code, excluded.error,
          excluded.started_at, excluded.updated_at, excluded.anchor, excluded.request)`,
      job.job,
      job.kind,
      job.chat_jid ?? null,
      job.state,
      job.progress ?? null,
      job.messages,
      job.requests,
      job.oldest_timestamp ?? null,
      job.max_messages ?? null,
      Number(job.exhausted),
      job.error_code ?? null,
      job.error ?? null,
      job.started_at ?? null,
      job.updated_at,
      job.anchor === undefined ? null : JSON.stringify(job.anchor),
      job.request ?? null,
    );
  }

  /** The account's job; there is one as soon as the store is made. */
  account(): Job {
    const row = this.#db.get<Columns>("SELECT * FROM jobs WHERE kind = 'account' ORDER BY rowid DESC LIMIT 1");
    return row === undefined ? this.create({ kind: "account", state: "queued" }) : jobOf(row);
  }

  get(job: string): Job | undefined {
    const row = this.#db.get<Columns>("SELECT * FROM jobs WHERE job = ?", job);
    return row === undefined ? undefined : jobOf(row);
  }

  /** The job of a chat that was made last, whatever its state; one that is not over comes first. */
  latest(chat: string): Job | undefined {
    const row = this.#db.get<Columns>(
      `SELECT * FROM jobs WHERE chat_jid = ?
       ORDER BY state IN ('queued', 'running', 'paused') DESC, rowid DESC LIMIT 1`,
      chat,
    );
    return row === undefined ? undefined : jobOf(row);
  }

  /** The job that waits for the answer to a request. */
  byRequest(request: string): Job | undefined {
    const row = this.#db.get<Columns>(
      "SELECT * FROM jobs WHERE request = ? AND state IN ('running', 'paused') LIMIT 1",
      request,
    );
    return row === undefined ? undefined : jobOf(row);
  }

  /** How many chats' jobs are in each state; of each chat its last one counts. */
  counts(): Readonly<Record<JobState, number>> {
    const rows = this.#db.all<{ state: JobState; n: number }>(
      `SELECT state, count(*) AS n FROM jobs WHERE rowid IN
         (SELECT max(rowid) FROM jobs WHERE kind = 'chat' GROUP BY chat_jid) GROUP BY state`,
    );
    const counts = { queued: 0, running: 0, paused: 0, completed: 0, failed: 0, cancelled: 0 };
    for (const { state, n } of rows) counts[state] = n;
    return counts;
  }

  in(state: JobState): Job[] {
    return this.#db
      .all<Columns>("SELECT * FROM jobs WHERE kind = 'chat' AND state = ? ORDER BY rowid", state)
      .map(jobOf);
  }

  /** At most `limit` jobs of chats: those that are not over first, the latest first. */
  list(limit: number): Job[] {
    return this.#db
      .all<Columns>(
        `SELECT * FROM jobs WHERE kind = 'chat'
         ORDER BY state IN ('queued', 'running', 'paused') DESC, updated_at DESC, rowid DESC LIMIT ?`,
        limit,
      )
      .map(jobOf);
  }

  move(from: string, to: string): void {
    this.#db.run("UPDATE jobs SET chat_jid = ? WHERE chat_jid = ?", to, from);
  }
}

function jobOf(row: Columns): Job {
  return {
    job: row.job,
    kind: row.kind,
    chat_jid: row.chat_jid ?? undefined,
    state: row.state,
    progress: row.progress ?? undefined,
    messages: row.messages,
    requests: row.requests,
    oldest_timestamp: row.oldest_timestamp ?? undefined,
    max_messages: row.max_messages ?? undefined,
    exhausted: row.exhausted !== 0,
    error_code: row.error_code ?? undefined,
    error: row.error ?? undefined,
    started_at: row.started_at ?? undefined,
    updated_at: row.updated_at,
    anchor: row.anchor === null ? undefined : (JSON.parse(row.anchor) as Anchor),
    request: row.request ?? undefined,
  };
}
