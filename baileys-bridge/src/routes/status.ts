import { rfc3339 } from "../time.js";
import type { State } from "../whatsapp/state.js";
import { BRIDGE, type Bridge } from "./bridge.js";

interface BridgeStatus {
  bridge: string;
  version: string;
  state: State;
  since: string;
  logged_in: boolean;
  jid?: string;
  lid?: string;
  push_name?: string;
  reason?: string;
  resolution?: string;
  last_event_at?: string;
  /** The server's time of the newest message that came live in a direct chat or group. */
  last_message_at?: string;
  last_stored_at?: string;
  /** Why the last event could not be stored, while nothing was stored since. */
  not_stored?: string;
  /** History jobs of chats that are not completed, by state. */
  jobs: { queued: number; running: number; paused: number; failed: number };
  /** Chunks of history that were announced and are not stored yet. */
  queue_depth: number;
  messages: number;
  chats: number;
  sqlite_version: string;
  emulated: boolean;
}

/** The bridge's state with what the person can do about it, and whether anything still comes in. */
export function status({ client, store, version }: Bridge): BridgeStatus {
  const { state, since, reason, resolution } = client.condition;
  const { jid, lid, name } = client.me;
  const { lastEventAt, lastMessageAt, notStored } = client.activity;
  const { queued, running, paused, failed } = store.jobs.counts();
  return {
    bridge: BRIDGE,
    version,
    state,
    since: rfc3339(since),
    logged_in: client.loggedIn,
    jid,
    lid,
    push_name: name,
    reason,
    resolution,
    last_event_at: time(lastEventAt),
    last_message_at: time(lastMessageAt),
    not_stored: notStored,
    jobs: { queued, running, paused, failed },
    last_stored_at: time(store.lastStoredAt),
    queue_depth: store.chunks.count,
    messages: store.messages.count,
    chats: store.chats.count,
    sqlite_version: store.sqliteVersion,
    emulated: client.emulated,
  };
}

function time(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : rfc3339(seconds);
}
