import { LRUCache } from "lru-cache";
import { Fault } from "../fault.js";
import { type Log, reasonOf } from "../log.js";
import type { Job } from "../store/jobs.js";
import type { Anchor, JobState } from "../store/rows.js";
import type { Store } from "../store/store.js";
import { nowSeconds } from "../time.js";
import { counted, isWhole, joined, told, type Waiting } from "./answer.js";
import type { Arrival } from "./history.js";

/** What the phone is asked with. */
export interface Phone {
  connected(): boolean;
  /**
   * Asks for up to `count` messages of a chat that are older than the anchor; resolves to the request's id as soon as it is
   * sent. The answer comes as a chunk with that id.
   */
  request(address: string, anchor: Anchor, count: number): Promise<string>;
}

export interface Pace {
  /** Messages asked for at once; more than 50 is not recommended by anybody. */
  step: number;
  /** Jobs that ask at the same time; the others are queued. */
  atOnce: number;
  /** How long the phone may take, in milliseconds. */
  answerMs: number;
  /** How long after a part of an answer its next part may come. */
  partMs: number;
  /** The same after a part that brought nothing new. */
  emptyMs: number;
}

export const PACE: Pace = { step: 50, atOnce: 4, answerMs: 20_000, partMs: 300, emptyMs: 1_000 };

export interface Order {
  max: number;
  /** Go on where the last job stopped, and believe it if it found the end. */
  resume: boolean;
  /** The oldest message that the caller knows. */
  anchor?: Anchor;
}

/**
 * The history jobs of single chats. Each asks the phone, 50 messages at a time, for what is older than the oldest message
 * known, until it has brought as many as were ordered, the phone has no older ones, or it stops answering. A job lives in
 * baileys_temp.db: one that a crash or a lost connection cut goes on after the next login.
 */
export class ChatJobs {
  readonly #store: Store;
  readonly #phone: Phone;
  readonly #log: Log;
  readonly #pace: Pace;
  readonly #waiting = new Map<string, Waiting>();
  /** Answers that came before their request's id did, by that id. */
  readonly #early = new LRUCache<string, Arrival[]>({ max: 100 });
  /** The jobs of requests that nobody waits for any more: what still comes for them counts, and moves nothing. */
  readonly #settled = new LRUCache<string, string>({ max: 1000 });

  constructor(store: Store, phone: Phone, log: Log, pace: Pace = PACE) {
    this.#store = store;
    this.#phone = phone;
    this.#log = log;
    this.#pace = pace;
    // What a crash left running waits for the next login.
    store.write(() => {
      for (const job of store.jobs.in("running")) this.#save(cut(job, "the bridge stopped"));
    });
  }

  /** Starts a chat's job, or joins the one that is not over. Throws NO_CHECKPOINT where there is nothing to ask from. */
  start(chat: string, order: Order): Job {
    const known = this.#store.jobs.latest(chat);
    if (known?.state === "queued" || known?.state === "running") return this.#join(known, order);
    if (order.resume && known !== undefined && !isOpen(known) && this.#exhausted(known, chat)) {
      const ended: Job = { ...known, state: "completed", exhausted: true, error: undefined, error_code: undefined };
      this.#store.write(() => this.#save(ended));
      return ended;
    }
    const anchor = order.anchor ?? (known?.state === "paused" ? known.anchor : undefined);
    if (this.#anchor(chat, anchor) === undefined) {
      throw new Fault("NO_CHECKPOINT", undefined, {
        status: 409,
        resolution:
          "Call again with an anchor (the oldest message of the chat that is known), or wait for a first message.",
      });
    }
    const job = this.#store.write(() => {
      const opened: Job =
        known?.state === "paused"
          ? { ...known, state: "queued", error: undefined, error_code: undefined }
          : this.#store.jobs.create({ kind: "chat", chat_jid: chat, state: "queued" });
      opened.anchor = anchor;
      opened.max_messages = Math.max(order.max, opened.messages + 1);
      this.#save(opened);
      return opened;
    });
    this.#next();
    return this.#store.jobs.get(job.job) ?? job;
  }

  /** A second caller who wants more gets more. */
  #join(job: Job, { max }: Order): Job {
    if (max <= (job.max_messages ?? 0)) return job;
    const longer = { ...job, max_messages: max };
    this.#store.write(() => this.#save(longer));
    return longer;
  }

  /** Ends the chat's job: nothing more is asked for, what has arrived stays. Throws NO_ACTIVE_SYNC where none is open. */
  cancel(chat: string): Job {
    const job = this.#store.jobs.latest(chat);
    if (job === undefined || !isOpen(job)) throw new Fault("NO_ACTIVE_SYNC");
    this.#finish(job, { state: "cancelled", error: undefined, error_code: undefined });
    return this.#store.jobs.get(job.job) ?? job;
  }

  /** Ends every open job; how many there were. */
  cancelAll(): number {
    const open = OPEN.flatMap((state) => this.#store.jobs.in(state));
    for (const job of open) this.#finish(job, { state: "cancelled", error: undefined, error_code: undefined });
    return open.length;
  }

  /** After a login: what the connection cut goes on. */
  connected(): void {
    this.#store.write(() => {
      for (const job of this.#store.jobs.in("paused")) {
        if (job.error_code !== "BAILEYS_NOT_CONNECTED") continue;
        this.#save({ ...job, state: "queued", error: undefined, error_code: undefined });
      }
    });
    this.#next();
  }

  disconnected(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    if (!this.#store.open) return;
    this.#store.write(() => {
      for (const state of ["running", "queued"] as const) {
        for (const job of this.#store.jobs.in(state)) this.#save(cut(job, "the connection was lost"));
      }
    });
  }

  /** Takes note of a chunk, in the transaction of its rows. */
  arrived(arrival: Arrival): void {
    if (arrival.session === undefined) return;
    const settled = this.#store.jobs.get(this.#settled.get(arrival.session) ?? "");
    const job = this.#store.jobs.byRequest(arrival.session);
    if (settled !== undefined) this.#save(counted(settled, arrival));
    else if (job !== undefined) this.#take(job, arrival);
    else this.#early.set(arrival.session, [...(this.#early.get(arrival.session) ?? []), arrival]);
  }

  stop(): void {
    this.disconnected();
  }

  #take(before: Job, arrival: Arrival): void {
    const job = counted(before, arrival);
    // A late answer wakes the job that had given up waiting for it.
    if (job.state === "paused") Object.assign(job, { state: "running", error: undefined, error_code: undefined });
    this.#save(job);
    this.#collect(job, arrival);
  }

  /** Lets queued jobs run as far as there is room. */
  #next(): void {
    if (!this.#phone.connected()) return;
    const room = this.#pace.atOnce - this.#store.jobs.in("running").length;
    for (const job of this.#store.jobs.in("queued").slice(0, Math.max(0, room))) {
      job.state = "running";
      job.started_at ??= nowSeconds();
      this.#ask(job, this.#addresses(job.chat_jid ?? ""));
    }
  }

  #ask(job: Job, addresses: string[]): void {
    const anchor = this.#anchor(job.chat_jid ?? "", job.anchor);
    const [address, ...others] = addresses;
    const chat = job.chat_jid;
    if (anchor === undefined || address === undefined || chat === undefined) {
      this.#finish(job, {
        state: "failed",
        error_code: "NO_CHECKPOINT",
        error: "no message is left to ask backwards from",
      });
      return;
    }
    const asked = Math.max(1, Math.min(this.#pace.step, (job.max_messages ?? this.#pace.step) - job.messages));
    if (job.request !== undefined) this.#settled.set(job.request, job.job);
    job.requests += 1;
    job.request = undefined;
    this.#store.write(() => this.#save(job));
    const timer = this.#after(this.#pace.answerMs, () => this.#unanswered(job.job));
    const waiting: Waiting = { job: job.job, addresses: others, anchor, asked, timer };
    this.#waiting.set(job.job, waiting);
    this.#phone.request(address, anchor, asked).then(
      (request) => this.#sent(waiting, request),
      (error) => this.#unsent(waiting, reasonOf(error)),
    );
  }

  #sent(waiting: Waiting, request: string): void {
    if (!this.#store.open) return;
    const early = this.#early.get(request) ?? [];
    this.#early.delete(request);
    this.#store.write(() => {
      const job = this.#current(waiting);
      // A connection that was lost meanwhile has let the job ask anew: what comes for this request counts, no more.
      if (job === undefined) this.#settled.set(request, waiting.job);
      else this.#save({ ...job, request });
      for (const arrival of early) this.arrived(arrival);
    });
  }

  #unsent(waiting: Waiting, reason: string): void {
    const job = this.#store.open ? this.#current(waiting) : undefined;
    if (job === undefined) return;
    this.#log.warn("a request for history could not be sent", { reason });
    this.#finish(job, { state: "paused", error_code: "BAILEYS_NOT_CONNECTED", error: "the request could not be sent" });
  }

  /** The job of a request, as long as it waits for this one. */
  #current(waiting: Waiting): Job | undefined {
    const job = this.#waiting.get(waiting.job) === waiting ? this.#store.jobs.get(waiting.job) : undefined;
    return job?.state === "running" ? job : undefined;
  }

  #unanswered(id: string): void {
    const job = this.#store.jobs.get(id);
    if (job?.state !== "running") return;
    this.#finish(job, {
      state: "paused",
      error_code: "HISTORY_SYNC_TIMEOUT",
      error: "the phone did not answer; it must be online, with WhatsApp running",
    });
  }

  /** Joins the parts of an answer: a phone may cut it into several chunks. */
  #collect(job: Job, arrival: Arrival): void {
    const before = this.#waiting.get(job.job);
    if (before !== undefined) clearTimeout(before.timer);
    const waiting = joined(before ?? { job: job.job, addresses: [], asked: this.#pace.step }, told(job, arrival));
    const { partMs, emptyMs } = this.#pace;
    const wait = isWhole(waiting, arrival.progress) ? 0 : waiting.answer.inserted > 0 ? partMs : emptyMs;
    this.#waiting.set(job.job, { ...waiting, timer: this.#after(wait, () => this.#judge(job.job)) });
  }

  #judge(id: string): void {
    const job = this.#store.jobs.get(id);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (job?.state !== "running" || waiting?.answer === undefined) return;
    const { answer, addresses, anchor } = waiting;
    const chat = job.chat_jid ?? "";
    // An answer that brings only what an earlier one brought is still no end, as long as it led further back.
    const moved = answer.inserted > 0 || this.#anchor(chat, job.anchor)?.id !== anchor?.id;
    if (answer.exhausted || (!moved && addresses.length === 0)) {
      this.#finish(job, { state: "completed", exhausted: true });
    } else if (!moved) {
      this.#ask(job, addresses);
    } else if (job.messages >= (job.max_messages ?? 0)) {
      this.#finish(job, { state: "completed" });
    } else {
      this.#ask(job, this.#addresses(chat));
    }
  }

  #finish(job: Job, end: Partial<Job> & Pick<Job, "state">): void {
    const waiting = this.#waiting.get(job.job);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    this.#waiting.delete(job.job);
    const over = end.state !== "paused";
    if (over && job.request !== undefined) this.#settled.set(job.request, job.job);
    this.#store.write(() => this.#save({ ...job, ...end, ...(over ? { request: undefined } : {}) }));
    this.#next();
  }

  /** The oldest message that the caller or a row knows, or that one knew which was cleared away meanwhile. */
  #anchor(chat: string, given: Anchor | undefined): Anchor | undefined {
    const known = [this.#store.messages.oldest(chat), given, this.#store.checkpoints.anchor(chat)];
    return known.reduce((oldest, one) =>
      oldest === undefined || (one !== undefined && one.timestamp < oldest.timestamp) ? one : oldest,
    );
  }

  /** Whether this job, or one before it, found the end. */
  #exhausted(job: Job, chat: string): boolean {
    return job.exhausted || (this.#store.checkpoints.get(chat)?.exhausted ?? false);
  }

  /** The address under which the phone was seen to keep the chat first, then the person's others. */
  #addresses(chat: string): string[] {
    const seen = this.#store.chats.address(chat);
    return [...new Set([...(seen === undefined ? [] : [seen]), chat, ...this.#store.aliases.of(chat)])];
  }

  #save(job: Job): void {
    this.#store.jobs.save(job);
    if (job.chat_jid === undefined) return;
    this.#store.checkpoints.advance(job.chat_jid, {
      state: job.state,
      exhausted: job.exhausted || undefined,
      error: job.error,
    });
  }

  #after(ms: number, work: () => void): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#store.open) work();
    }, ms);
  }
}

/** In the order in which they are ended: a running one that ends lets a queued one begin. */
const OPEN = ["paused", "queued", "running"] as const satisfies JobState[];

function isOpen(job: Job): boolean {
  return OPEN.some((state) => state === job.state);
}

/** A job whose connection is gone; the next login lets it go on. */
function cut(job: Job, reason: string): Job {
  return { ...job, state: "paused", error_code: "BAILEYS_NOT_CONNECTED", error: reason };
}
