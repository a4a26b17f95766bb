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
