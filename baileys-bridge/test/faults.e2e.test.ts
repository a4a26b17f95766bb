import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Bridge } from "./support/bridge.js";
import { Emulator, type World } from "./support/emulator.js";
import { messagesOf } from "./support/rows.js";
import { until } from "./support/until.js";

let emulator: Emulator;
let bridge: Bridge;

before(async () => {
  emulator = await Emulator.start();
  bridge = await Bridge.linked(emulator);
});

after(async () => {
  await bridge?.stop();
  await emulator?.stop();
});

test("a server that restarts is waited for", async () => {
  await emulator.fault("503", { count: 1 });
  await until("the loss", async () => (await bridge.status()).state === "connecting" || undefined);
  assert.match((await bridge.status()).reason ?? "", /^503/);
  await emulator.fault("503", { on: false });
  await bridge.state("connected");
});

test("a cut line is mended, and a job that it cut goes on", async () => {
  const { chats } = await emulator.get<World>("/admin/world");
  const chat = chats.find(({ name }) => name === "Street Talk");
  assert.ok(chat);
  await emulator.fault("phone_slow", { ms: 400 });
  await bridge.fetch(chat.jid);
  await emulator.fault("drop");
  assert.equal((await bridge.job(chat.jid, "paused")).error_code, "BAILEYS_NOT_CONNECTED");
  const job = await bridge.job(chat.jid, "completed");
  assert.deepEqual([job.messages, job.exhausted], [chat.messages - chat.pushed, true]);
  await emulator.fault("phone_slow", { on: false });
});

test("a message that is delivered twice is one", async () => {
  await emulator.fault("duplicate_delivery");
  const { id } = await emulator.post<{ id: string }>("/admin/say", { from: "Bob Carver", text: "once" });
  const last = await emulator.post<{ id: string }>("/admin/say", { from: "Bob Carver", text: "and again" });
  const rows = (wanted: string) =>
    messagesOf(bridge.database, "15550101@s.whatsapp.net").filter((row) => row.id === wanted);
  await until("the messages", () => rows(last.id).length > 0 || undefined);
  assert.deepEqual([rows(id).length, rows(last.id).length], [1, 1]);
  await emulator.fault("duplicate_delivery", { on: false });
});

test("a session that another process took over is left to it", async () => {
  await emulator.fault("440", { count: 1 });
  const status = await bridge.state("replaced");
  assert.match(status.resolution ?? "", /Stop the other program/);
  const { status: code, text } = await bridge.call("POST", "/api/history/chats/15550101", {});
  assert.equal(code, 409);
  assert.match(text, /SESSION_REPLACED/);
  await emulator.fault("440", { on: false });
  await bridge.program.stop();
  await bridge.restart();
  await bridge.state("connected");
});

test("a library that WhatsApp refuses, and an account that it restricts, are told so and do not knock again", async () => {
  for (const [fault, state, resolution] of [
    ["405", "client_outdated", /Update/],
    ["banned", "temporarily_banned", /phone/],
  ] as const) {
    await emulator.fault(fault);
    assert.match((await bridge.state(state)).resolution ?? "", resolution);
    await emulator.fault(fault, { on: false });
    await bridge.program.stop();
    await bridge.restart();
    await bridge.state("connected");
  }
});

test("a link that the phone ended is over: also after a restart, until a new one is asked for, and no message is lost", async () => {
  const { messages } = await bridge.status();
  await emulator.fault("401", { count: 1 });
  await bridge.state("logged_out");
  await emulator.fault("401", { on: false });
  await bridge.program.stop();
  await bridge.restart();
  const status = await bridge.status();
  assert.deepEqual([status.state, status.logged_in], ["logged_out", false]);
  assert.match(status.reason ?? "", /^401/);
  await bridge.post("/api/pairing", {});
  await bridge.link();
  await bridge.settled();
  assert.ok((await bridge.status()).messages >= messages);
});

test("an account that asks for a passkey is told that only the Go bridge can link it", async () => {
  await emulator.fault("passkey");
  const other = await Bridge.start(emulator);
  try {
    const qr = await until("a code", async () => (await other.get<{ qr?: string }>("/api/pairing")).qr);
    // The phone waits for a passkey that never comes; only the companion's side is of interest.
    const scan = emulator.post("/admin/scan", { qr }).catch(() => undefined);
    assert.match((await other.state("passkey_required")).resolution ?? "", /Go bridge/);
    assert.deepEqual(await other.get("/api/pairing"), { state: "passkey_required" });
    await emulator.fault("passkey", { on: false });
    await other.stop();
    await scan;
  } finally {
    await other.stop();
  }
});
