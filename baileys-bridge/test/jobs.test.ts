import assert from "node:assert/strict";
import { test } from "node:test";
import { openLog } from "#bridge/log.js";
import type { Store } from "#bridge/store/store.js";
import { ChatJobs, type Pace } from "#bridge/whatsapp/jobs.js";
import { FakePhone } from "./support/phone.js";
import { BOB, message, withStore } from "./support/store.js";
import { until } from "./support/until.js";

const PACE: Pace = { step: 50, atOnce: 2, answerMs: 150, partMs: 20, emptyMs: 40 };
const NEWEST = 1_790_000_000;
const ORDER = { max: 1000, resume: false };

function withPhone(
  held: number,
  work: (phone: FakePhone, jobs: ChatJobs, store: Store) => Promise<void>,
): Promise<void> {
  return withStore(async (store) => {
    const phone = new FakePhone(store, BOB.pn, held, NEWEST);
    const jobs = new ChatJobs(store, phone, openLog("silent"), PACE);
    phone.answers(jobs);
    try {
      await work(phone, jobs, store);
    } finally {
      jobs.stop();
    }
  });
}

function state(store: Store, ...states: string[]) {
  return until(`a job that is ${states}`, () => {
    const job = store.jobs.latest(BOB.pn);
    return job !== undefined && states.includes(job.state) ? job : undefined;
  });
}

test("a job asks fifty at a time until the phone has no more, and says so", () =>
  withPhone(130, async (phone, jobs, store) => {
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, ORDER);
    const job = await state(store, "completed");
    assert.deepEqual([job.messages, job.exhausted, job.oldest_timestamp], [129, true, phone.oldest]);
    assert.deepEqual(
      phone.requests.map(({ count }) => count),
      [50, 50, 50, 50],
    );
    assert.equal(store.checkpoints.get(BOB.pn)?.exhausted, true);
  }));

test("a job stops at as many messages as were ordered, and asks for no more", () =>
  withPhone(500, async (phone, jobs, store) => {
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, { max: 120, resume: false });
    const job = await state(store, "completed");
    assert.deepEqual([job.messages, job.exhausted], [120, false]);
    assert.deepEqual(
      phone.requests.map(({ count }) => count),
      [50, 50, 20],
    );
  }));

test("the older of the caller's oldest message and our own is asked from", () =>
  withPhone(500, async (phone, jobs, store) => {
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    const anchor = { id: "M", timestamp: NEWEST - 100, from_me: true };
    jobs.start(BOB.pn, { max: 50, resume: false, anchor });
    await state(store, "completed");
    assert.equal(phone.requests[0]?.anchor.timestamp, NEWEST - 100);
    jobs.start(BOB.pn, { max: 50, resume: false, anchor });
    await until("a second round", () => phone.requests.length > 1 || undefined);
    assert.equal(phone.requests[1]?.anchor.timestamp, NEWEST - 150);
  }));

test("without any message to ask from there is no job", () =>
  withPhone(10, async (_phone, jobs, store) => {
    assert.throws(() => jobs.start(BOB.pn, ORDER), { code: "NO_CHECKPOINT", status: 409 });
    assert.equal(store.jobs.latest(BOB.pn), undefined);
  }));

test("a second call joins the running job", () =>
  withPhone(10, async (phone, jobs, store) => {
    phone.manner = "late";
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    const first = jobs.start(BOB.pn, { max: 10, resume: false });
    const second = jobs.start(BOB.pn, ORDER);
    assert.deepEqual([second.job, second.max_messages], [first.job, 1000]);
    assert.equal(phone.requests.length, 1);
  }));

test("a phone that does not answer pauses the job, and its late answer wakes it", () =>
  withPhone(60, async (phone, jobs, store) => {
    phone.manner = "late";
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, ORDER);
    assert.equal((await state(store, "paused")).error_code, "HISTORY_SYNC_TIMEOUT");
    phone.manner = { chunks: 1 };
    phone.release();
    const job = await state(store, "completed");
    assert.deepEqual([job.messages, job.exhausted, job.error_code], [59, true, undefined]);
  }));

test("a paused job goes on when it is called again, with what it has counted", () =>
  withPhone(200, async (phone, jobs, store) => {
    phone.manner = "silent";
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    const first = jobs.start(BOB.pn, ORDER);
    await state(store, "paused");
    phone.manner = { chunks: 1 };
    assert.equal(jobs.start(BOB.pn, ORDER).job, first.job);
    assert.equal((await state(store, "completed")).messages, 199);
  }));

test("an answer in many small chunks is one answer", () =>
  withPhone(130, async (phone, jobs, store) => {
    phone.manner = { chunks: 7 };
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, ORDER);
    const job = await state(store, "completed");
    assert.deepEqual([job.messages, job.exhausted, phone.requests.length], [129, true, 4]);
  }));

test("an empty answer under one address is no proof: the person's other one is asked too", () =>
  withPhone(60, async (phone, jobs, store) => {
    store.write(() => {
      store.learn(BOB);
      store.messages.put(message({ timestamp: NEWEST }));
      store.chats.setAddress(BOB.pn, BOB.lid);
    });
    jobs.start(BOB.pn, ORDER);
    const job = await state(store, "completed");
    assert.deepEqual([job.messages, job.exhausted], [59, true]);
    assert.deepEqual(
      phone.requests.slice(0, 2).map(({ address }) => address),
      [BOB.lid, BOB.pn],
    );
  }));

test("a lost connection pauses the job, and the next login lets it go on", () =>
  withPhone(60, async (phone, jobs, store) => {
    phone.manner = "silent";
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, ORDER);
    phone.online = false;
    jobs.disconnected();
    assert.equal((await state(store, "paused")).error_code, "BAILEYS_NOT_CONNECTED");
    Object.assign(phone, { online: true, manner: { chunks: 1 } });
    jobs.connected();
    assert.equal((await state(store, "completed")).messages, 59);
  }));

test("what a crash left running is paused at the start and goes on after the login", () =>
  withStore(async (store) => {
    store.write(() => {
      store.messages.put(message({ timestamp: NEWEST }));
      store.jobs.create({
        kind: "chat",
        chat_jid: BOB.pn,
        state: "running",
        max_messages: 1000,
        messages: 5,
        request: "old",
      });
    });
    const phone = new FakePhone(store, BOB.pn, 60, NEWEST);
    const jobs = new ChatJobs(store, phone, openLog("silent"), PACE);
    phone.answers(jobs);
    assert.equal(store.jobs.latest(BOB.pn)?.state, "paused");
    jobs.connected();
    assert.equal((await state(store, "completed")).messages, 64);
    jobs.stop();
  }));

test("only so many jobs ask at once, and the others take their turn", () =>
  withPhone(10, async (phone, jobs, store) => {
    phone.manner = "late";
    const chats = ["15550101", "15550102", "15550103"].map((user) => `${user}@s.whatsapp.net`);
    store.write(() =>
      chats.map((chat) => store.messages.put(message({ chat_jid: chat, sender_jid: chat, timestamp: NEWEST }))),
    );
    for (const chat of chats) jobs.start(chat, ORDER);
    assert.deepEqual(
      chats.map((chat) => store.jobs.latest(chat)?.state),
      ["running", "running", "queued"],
    );
    phone.manner = { chunks: 1 };
    phone.release();
    for (const chat of chats) {
      await until(`${chat} to end`, () => store.jobs.latest(chat)?.state === "completed" || undefined);
    }
  }));

test("whoever resumes believes a job that found the end; whoever asks anew does not", () =>
  withPhone(10, async (phone, jobs, store) => {
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    const first = jobs.start(BOB.pn, ORDER);
    await state(store, "completed");
    const asked = phone.requests.length;
    assert.equal(jobs.start(BOB.pn, { max: 1000, resume: true }).job, first.job);
    assert.equal(phone.requests.length, asked);
    assert.notEqual(jobs.start(BOB.pn, ORDER).job, first.job);
    assert.equal(phone.requests.length, asked + 1);
  }));

test("an answer to a request from before a lost connection counts, and is not taken for the end of the chat", () =>
  withPhone(130, async (phone, jobs, store) => {
    phone.manner = "late";
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, ORDER);
    await until("the request", () => store.jobs.latest(BOB.pn)?.request);
    phone.online = false;
    jobs.disconnected();
    phone.online = true;
    jobs.connected();
    await until("the second request", () => store.jobs.latest(BOB.pn)?.request === "request-2" || undefined);
    phone.manner = { chunks: 1 };
    phone.release();
    const job = await state(store, "completed");
    assert.deepEqual([job.messages, job.exhausted, job.oldest_timestamp], [129, true, phone.oldest]);
  }));

test("the job that was made last is the chat's latest, also where two end within one second", () =>
  withPhone(0, async (_phone, _jobs, store) => {
    const made = store.write(() =>
      Array.from({ length: 20 }, () => store.jobs.create({ kind: "chat", chat_jid: BOB.pn, state: "completed" })),
    );
    const [first, last] = [made[0], made.at(-1)];
    assert.ok(first);
    store.write(() => store.jobs.save({ ...first, messages: 1 }));
    assert.equal(store.jobs.latest(BOB.pn)?.job, last?.job);
  }));

test("a cancelled job asks no more, frees its place, and cannot be cancelled twice", () =>
  withPhone(500, async (phone, jobs, store) => {
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    phone.manner = "silent";
    jobs.start(BOB.pn, ORDER);
    assert.equal(jobs.cancel(BOB.pn).state, "cancelled");
    assert.throws(() => jobs.cancel(BOB.pn), { code: "NO_ACTIVE_SYNC" });
    assert.equal(store.checkpoints.get(BOB.pn)?.state, "cancelled");
    phone.manner = { chunks: 1 };
    jobs.start(BOB.pn, { max: 60, resume: true });
    const job = await state(store, "completed");
    assert.equal(job.messages, 60);
  }));

test("a job is cancelled in every state in which it is open, and in no other", () =>
  withPhone(500, async (phone, jobs, store) => {
    const chats = ["15550101", "15550102", "15550103"].map((user) => `${user}@s.whatsapp.net`);
    const [running, other, queued] = chats as [string, string, string];
    store.write(() =>
      chats.map((chat) => store.messages.put(message({ chat_jid: chat, sender_jid: chat, timestamp: NEWEST }))),
    );
    phone.manner = "silent";
    for (const chat of chats) jobs.start(chat, ORDER);
    assert.deepEqual([store.jobs.latest(queued)?.state, jobs.cancel(queued).state], ["queued", "cancelled"]);
    assert.deepEqual([store.jobs.latest(running)?.state, jobs.cancel(running).state], ["running", "cancelled"]);
    await until("a pause", () => store.jobs.latest(other)?.state === "paused" || undefined);
    assert.equal(jobs.cancel(other).state, "cancelled");
    assert.deepEqual([store.jobs.counts().cancelled, store.jobs.counts().running], [3, 0]);
    for (const state of ["cancelled", "completed", "failed"] as const) {
      store.write(() => store.jobs.create({ kind: "chat", chat_jid: running, state }));
      assert.throws(() => jobs.cancel(running), { code: "NO_ACTIVE_SYNC" });
      assert.equal(store.jobs.latest(running)?.state, state);
    }
    // What was cancelled goes on when it is resumed, from where it was.
    phone.manner = { chunks: 1 };
    jobs.start(BOB.pn, { max: 60, resume: true });
    assert.equal((await state(store, "completed")).messages, 60);
  }));

test("a chat whose rows were cleared away is asked from where it was brought to", () =>
  withPhone(200, async (phone, jobs, store) => {
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, { max: 60, resume: false });
    const first = await state(store, "completed");
    const before = phone.requests.length;
    assert.ok(store.drop(store.lastSeq).messages >= 60);
    assert.equal(store.messages.count, 0);
    jobs.start(BOB.pn, { max: 60, resume: true });
    await state(store, "completed");
    assert.equal(phone.requests[before]?.anchor.timestamp, first.oldest_timestamp);
  }));

test("a cancelled job of a chat whose end was found before is completed by resuming it, without asking", () =>
  withPhone(60, async (phone, jobs, store) => {
    store.write(() => store.messages.put(message({ timestamp: NEWEST })));
    jobs.start(BOB.pn, ORDER);
    await state(store, "completed");
    phone.manner = "silent";
    jobs.start(BOB.pn, ORDER);
    jobs.cancel(BOB.pn);
    const before = phone.requests.length;
    const resumed = jobs.start(BOB.pn, { max: 1000, resume: true });
    assert.deepEqual([resumed.state, resumed.exhausted], ["completed", true]);
    assert.equal(store.jobs.latest(BOB.pn)?.state, "completed");
    assert.equal(phone.requests.length, before);
  }));
