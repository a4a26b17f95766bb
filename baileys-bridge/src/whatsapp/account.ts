import type { Job } from "../store/jobs.js";
import type { Store } from "../store/store.js";
import { nowSeconds } from "../time.js";
import { proto } from "./baileys.js";
import type { Arrival } from "./history.js";

const { INITIAL_BOOTSTRAP, RECENT, FULL } = proto.HistorySync.HistorySyncType;

/** The kinds whose progress tells of messages; PUSH_NAME and the like come in between. */
const JUDGED: ReadonlySet<number> = new Set([INITIAL_BOOTSTRAP, RECENT, FULL]);

/** How long nothing may come before the push counts as ended, or as stalled, in milliseconds. */
export interface Patience {
  /** Every chat has had its last chunk; other kinds may follow. */
  endedMs: number;
  /** The recent messages are complete; older ones may follow. */
  recentMs: number;
  /** Neither: WhatsApp Web too gives up after two minutes (Baileys Defaults, HISTORY_SYNC_PAUSED_TIMEOUT_MS). */
  stalledMs: number;
}

export const PATIENCE: Patience = { endedMs: 3_000, recentMs: 10_000, stalledMs: 120_000 };

/**
 * The account's history job: what the phone pushes once after linking. Nothing can be asked for here; the job tells what
 * came. It is complete when the phone has marked the end of every chat, or all of its oldest kind (FULL) is there;
 * `isLatest` tells nothing (Baileys#1075), and only RECENT and FULL have a progress that means anything.
 */
export class AccountJob {
  readonly #store: Store;
  readonly #patience: Patience;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, patience: Patience = PATIENCE) {
    this.#store = store;
    this.#patience = patience;
  }

  get job(): Job {
    return this.#store.jobs.account();
  }

  /** Takes note of a chunk; in the transaction of its rows. Answers on demand belong to the jobs of their chats. */
  arrived(arrival: Arrival): void {
    if (arrival.session !== undefined || arrival.kind === proto.HistorySync.HistorySyncType.ON_DEMAND) return;
    const job = this.job;
    job.started_at ??= nowSeconds();
    job.messages += arrival.inserted;
    for (const { oldest } of arrival.chats.values()) {
      if (oldest !== undefined) job.oldest_timestamp = Math.min(job.oldest_timestamp ?? Infinity, oldest.timestamp);
    }
    if (arrival.kind === RECENT || arrival.kind === FULL) job.progress = arrival.progress ?? job.progress;
    if (JUDGED.has(arrival.kind)) this.#judge(job, arrival.kind, arrival.progress);
    this.#store.jobs.save(job);
  }

  /** Starts to wait for the phone, as after a login or when somebody asks for the history. */
  resume(): Job {
    const job = this.job;
    if (job.state === "completed") return job;
    job.state = job.started_at === undefined ? "queued" : "running";
    job.error = undefined;
    job.error_code = undefined;
    this.#store.write(() => this.#store.jobs.save(job));
    this.#wait(this.#patience.stalledMs, false);
    return job;
  }

  /** The connection is gone: what comes, comes after the next login. */
  pause(code: string, reason: string): void {
    clearTimeout(this.#timer);
    const job = this.job;
    if (job.state === "running" || job.state === "queued") this.#end(job, "paused", code, reason);
  }

  fail(reason: string): void {
    this.#end(this.job, "failed", "HISTORY_SYNC_FAILED", reason);
  }

  /** Forgets what was told of a link that is over. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#store.write(() => this.#store.jobs.create({ kind: "account", state: "queued" }));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #judge(job: Job, kind: number, progress: number | undefined): void {
    const ended = this.#store.checkpoints.pushing === 0;
    // A chunk that comes late, or twice, does not open again what is complete.
    if (job.state === "completed" && ended) return;
    const complete = progress === 100 && kind !== INITIAL_BOOTSTRAP && (kind === FULL || ended);
    job.error = undefined;
    job.error_code = undefined;
    job.state = complete ? "completed" : "running";
    if (complete) {
      job.progress = 100;
      clearTimeout(this.#timer);
      return;
    }
    const { endedMs, recentMs, stalledMs } = this.#patience;
    if (progress !== undefined && progress < 100) this.#wait(stalledMs, false);
    else if (ended) this.#wait(endedMs, true);
    else if (kind === RECENT) this.#wait(recentMs, true);
    else this.#wait(stalledMs, false);
  }

  #wait(ms: number, complete: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const job = this.job;
      if (job.state !== "running" && job.state !== "queued") return;
      if (complete) this.#end(job, "completed");
      else this.#end(job, "paused", "HISTORY_SYNC_TIMEOUT", "the phone has sent nothing for a while");
    }, ms);
  }

  #end(job: Job, state: Job["state"], code?: string, reason?: string): void {
    if (state === "completed") job.progress = 100;
    job.state = state;
    job.error_code = code;
    job.error = reason;
    this.#store.write(() => this.#store.jobs.save(job));
  }
}
