import type { Job } from "../store/jobs.js";
import type { Anchor } from "../store/rows.js";
import type { Arrival, ChatArrival } from "./history.js";

/** A request that waits for its answer. */
export interface Waiting {
  job: string;
  /** The addresses that are still to be tried: an empty answer under one is no proof. */
  addresses: string[];
  /** Where it was asked from; unknown for a request of an earlier process. */
  anchor?: Anchor;
  /** How many messages it asked for. */
  asked: number;
  /** What has come so far. */
  answer?: ChatArrival;
  timer?: NodeJS.Timeout;
}

/** What a chunk brought for a job's chat. */
export function told(job: Job, arrival: Arrival): ChatArrival {
  return arrival.chats.get(job.chat_jid ?? "") ?? { messages: 0, inserted: 0, exhausted: false };
}

/** A job with what a chunk brought for it. */
export function counted(job: Job, arrival: Arrival): Job {
  const { inserted, oldest } = told(job, arrival);
  const times = [job.oldest_timestamp, oldest?.timestamp].filter((time) => time !== undefined);
  return {
    ...job,
    messages: job.messages + inserted,
    oldest_timestamp: times.length === 0 ? undefined : Math.min(...times),
  };
}

/** A request with one more part of its answer. */
export function joined(waiting: Waiting, part: ChatArrival): Waiting & { answer: ChatArrival } {
  const { messages = 0, inserted = 0, exhausted = false } = waiting.answer ?? {};
  const answer = {
    messages: messages + part.messages,
    inserted: inserted + part.inserted,
    exhausted: exhausted || part.exhausted,
  };
  return { ...waiting, answer };
}

/** Whether nothing more is to come for a request, as far as its parts tell. */
export function isWhole({ answer, asked }: Waiting & { answer: ChatArrival }, progress: number | undefined): boolean {
  return progress === 100 || answer.exhausted || answer.messages >= asked;
}
