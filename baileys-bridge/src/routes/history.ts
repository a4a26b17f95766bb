import { Fault } from "../fault.js";
import { addressOf, bareJid } from "../store/identity.js";
import type { Job } from "../store/jobs.js";
import type { Anchor } from "../store/rows.js";
import { rfc3339 } from "../time.js";
import { mappingOf } from "../whatsapp/convert.js";
import type { State } from "../whatsapp/state.js";
import type { Bridge, Call } from "./bridge.js";

interface HistoryJob {
  job: string;
  kind: "account" | "chat";
  chat_jid?: string;
  state: string;
  progress?: number;
  messages: number;
  requests?: number;
  oldest_at?: string;
  exhausted: boolean;
  error_code?: string;
  error?: string;
  started_at?: string;
  updated_at: string;
}

interface HistoryStatus {
  state: State;
  initial: HistoryJob;
  /** Message rows held. */
  rows: number;
  last_seq: number;
  origin: string;
  jobs: HistoryJob[];
  temp_db_bytes: number;
}

interface ChatHistory {
  chat_jid: string;
  job?: HistoryJob;
  messages: number;
  oldest_at?: string;
  newest_at?: string;
  exhausted: boolean;
}

interface Cleared {
  messages_removed: number;
  reactions_removed: number;
  /** Rows that messages.db has not taken yet. */
  messages_kept: number;
  reactions_kept: number;
  jobs_cancelled: number;
}

/** How far messages.db has read: every row of this `origin` up to and with this `seq`. */
interface Merged {
  origin?: string;
  merged_seq: number;
}

interface Order {
  max_messages?: number;
  resume?: boolean;
  anchor?: Anchor;
  aliases?: string[];
}

const MOST_JOBS = 50;

/** All history jobs, and how much waits to be merged. */
export function historyStatus({ client, store }: Bridge): HistoryStatus {
  return {
    state: client.condition.state,
    initial: show(client.account.job),
    rows: store.messages.count,
    last_seq: store.lastSeq,
    origin: store.origin,
    jobs: store.jobs.list(MOST_JOBS).map(show),
    temp_db_bytes: store.bytes,
  };
}

/** The account's job: what the phone pushes once after linking. Complete, it is told as it is, connected or not. */
export function retrieveAll({ client }: Bridge): HistoryJob {
  if (client.account.job.state !== "completed") {
    client.requireConnected();
    client.resumeAccount();
  }
  return show(client.account.job);
}

/** Starts a chat's job or joins it; it goes on by itself. */
export function fetchChat(
  { client, store }: Bridge,
  { params, body }: Call<{ chat_jid: string }, unknown, Order>,
): HistoryJob {
  const address = addressOf(params.chat_jid);
  client.requireConnected();
  store.write(() => learnAliases(address, body.aliases ?? [], (mapping) => store.learn(mapping)));
  const { max_messages: max = 1000, resume = false, anchor } = body;
  return show(client.jobs.start(store.aliases.canonical(address), { max, resume, anchor }));
}

/** Ends a chat's job; what has arrived stays. */
export function cancelChat({ client, store }: Bridge, { params }: Call<{ chat_jid: string }>): HistoryJob {
  return show(client.jobs.cancel(store.aliases.canonical(addressOf(params.chat_jid))));
}

/** Removes the messages and reactions that messages.db holds, and nothing else. */
export function clearMerged({ store }: Bridge, { body }: Call<unknown, unknown, Merged>): Cleared {
  const seq = readUpTo(store, body);
  const removed = store.drop(seq);
  const kept = store.waiting(seq);
  return {
    messages_removed: removed.messages,
    reactions_removed: removed.reactions,
    messages_kept: kept.messages,
    reactions_kept: kept.reactions,
    jobs_cancelled: 0,
  };
}

/**
 * Removes every row and every checkpoint, and ends the chats' jobs. Unless forced it throws SYNC_IN_PROGRESS while the phone
 * pushes history, and UNSYNCED_ROWS while rows wait.
 */
export function wipe(
  { client, store }: Bridge,
  { body }: Call<unknown, unknown, Merged & { force: boolean }>,
): Cleared {
  if (!body.force && client.account.job.state === "running") {
    throw new Fault("SYNC_IN_PROGRESS", "The phone is still pushing the account's history.", {
      resolution: "Wait for retrieve_full_history to say that it is completed, or use force.",
    });
  }
  const waiting = store.waiting(readUpTo(store, body));
  if (!body.force && waiting.messages + waiting.reactions > 0) {
    throw new Fault(
      "UNSYNCED_ROWS",
      `${waiting.messages} messages and ${waiting.reactions} reactions wait to be merged.`,
      {
        details: { messages: waiting.messages, reactions: waiting.reactions },
      },
    );
  }
  const held = store.waiting(0);
  const cancelled = client.jobs.cancelAll();
  store.wipe();
  return {
    messages_removed: held.messages,
    reactions_removed: held.reactions,
    messages_kept: 0,
    reactions_kept: 0,
    jobs_cancelled: cancelled,
  };
}

/** Numbers of another file say nothing of this one. */
function readUpTo(store: Bridge["store"], { origin, merged_seq }: Merged): number {
  return origin === store.origin ? merged_seq : 0;
}

/** How far back a chat's history reaches here, and how its job stands. */
export function historyOfChat({ store }: Bridge, { params }: Call<{ chat_jid: string }>): ChatHistory {
  const chat = store.aliases.canonical(addressOf(params.chat_jid));
  const job = store.jobs.latest(chat);
  const checkpoint = store.checkpoints.get(chat);
  const span = store.messages.span(chat);
  if (job === undefined && checkpoint === undefined && span.messages === 0) {
    throw new Fault("NO_CHECKPOINT", "Nothing of this chat is known here.", {
      resolution: "Call fetch_history for the chat first.",
    });
  }
  return {
    chat_jid: chat,
    job: job && show(job),
    messages: span.messages,
    oldest_at: time(span.oldest),
    newest_at: time(span.newest),
    exhausted: checkpoint?.exhausted ?? false,
  };
}

/** The caller may know the chat's other JID before the phone has told it. */
function learnAliases(address: string, aliases: string[], learn: (mapping: { lid: string; pn: string }) => void): void {
  for (const alias of aliases) {
    const other = bareJid(alias);
    if (other === undefined) {
      throw new Fault("INVALID_JID", undefined, {
        details: { argument: "aliases", problem: "holds a text that is no JID" },
      });
    }
    const mapping = mappingOf(address, other);
    if (mapping !== undefined) learn(mapping);
  }
}

function show(job: Job): HistoryJob {
  return {
    job: job.job,
    kind: job.kind,
    chat_jid: job.chat_jid,
    state: job.state,
    progress: job.state === "completed" && job.kind === "account" ? 100 : job.progress,
    messages: job.messages,
    requests: job.kind === "chat" ? job.requests : undefined,
    oldest_at: time(job.oldest_timestamp),
    exhausted: job.exhausted,
    error_code: job.error_code,
    error: job.error,
    started_at: time(job.started_at),
    updated_at: rfc3339(job.updated_at),
  };
}

function time(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : rfc3339(seconds);
}
