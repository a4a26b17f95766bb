import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "#bridge/store/store.js";
import { AccountJob } from "#bridge/whatsapp/account.js";
import { proto } from "#bridge/whatsapp/baileys.js";
import type { Arrival } from "#bridge/whatsapp/history.js";
import { BOB, GROUP, withStore } from "./support/store.js";
import { until } from "./support/until.js";

const { INITIAL_BOOTSTRAP, RECENT, FULL, PUSH_NAME, ON_DEMAND } = proto.HistorySync.HistorySyncType;
const PATIENCE = { endedMs: 30, recentMs: 60, stalledMs: 120 };

function arrival(kind: number, progress: number | undefined, inserted = 0): Arrival {
  const chats = new Map([
    [BOB.pn, { messages: inserted, inserted, exhausted: false, oldest: { id: "A", timestamp: 5, from_me: true } }],
  ]);
  return { kind, progress, chats, messages: inserted, inserted, refused: 0 };
}

function withJob(
  work: (account: AccountJob, store: Store, come: (one: Arrival) => void) => Promise<void>,
): Promise<void> {
  return withStore(async (store) => {
    const account = new AccountJob(store, PATIENCE);
    try {
      await work(account, store, (one) => store.write(() => account.arrived(one)));
    } finally {
      account.stop();
    }
  });
}

const push = (store: Store, state: "pushing" | "pushed") =>
  store.write(() => store.checkpoints.advance(GROUP, { state }));

test("the account's job waits from the beginning, and counts what comes", () =>
  withJob(async (account, store, come) => {
    assert.equal(account.job.state, "queued");
    push(store, "pushing");
    come(arrival(INITIAL_BOOTSTRAP, 100, 20));
    come(arrival(RECENT, 40, 30));
    const { state, messages, progress, oldest_timestamp } = account.job;
    assert.deepEqual([state, messages, progress, oldest_timestamp], ["running", 50, 40, 5]);
  }));

test("it is complete when the oldest kind is", () =>
  withJob(async (account, store, come) => {
    push(store, "pushing");
    come(arrival(RECENT, 100, 30));
    assert.equal(account.job.state, "running");
    come(arrival(FULL, 100, 30));
    assert.deepEqual([account.job.state, account.job.progress], ["completed", 100]);
  }));

test("a small account, which has no older kinds, is complete a while after its last chat ended", () =>
  withJob(async (account, store, come) => {
    push(store, "pushed");
    come(arrival(INITIAL_BOOTSTRAP, 50, 3));
    come(arrival(PUSH_NAME, 100));
    assert.equal(account.job.state, "running");
    come(arrival(INITIAL_BOOTSTRAP, 100, 3));
    await until("the end", () => account.job.state === "completed" || undefined);
  }));

test("a push that stops half-way is paused, and goes on with the next chunk", () =>
  withJob(async (account, store, come) => {
    push(store, "pushing");
    come(arrival(RECENT, 40, 30));
    await until("the pause", () => account.job.state === "paused" || undefined);
    assert.equal(account.job.error_code, "HISTORY_SYNC_TIMEOUT");
    come(arrival(FULL, 100, 30));
    assert.deepEqual([account.job.state, account.job.error_code], ["completed", undefined]);
  }));

test("a chunk that comes late or twice does not open again what is complete", () =>
  withJob(async (account, store, come) => {
    push(store, "pushed");
    come(arrival(FULL, 100, 30));
    come(arrival(RECENT, 40, 0));
    assert.equal(account.job.state, "completed");
  }));

test("answers on demand are not the account's", () =>
  withJob(async (account, _store, come) => {
    come({ ...arrival(ON_DEMAND, 100, 50), session: "request" });
    assert.deepEqual([account.job.state, account.job.messages], ["queued", 0]);
  }));

test("a lost connection pauses it until the next login", () =>
  withJob(async (account, store, come) => {
    push(store, "pushing");
    come(arrival(RECENT, 40, 30));
    account.pause("BAILEYS_NOT_CONNECTED", "the connection was lost");
    assert.equal(account.job.state, "paused");
    account.resume();
    assert.equal(account.job.state, "running");
  }));
