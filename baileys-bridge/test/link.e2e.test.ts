import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Bridge, type Job } from "./support/bridge.js";
import { Emulator, type Truth, type World } from "./support/emulator.js";
import { messagesOf, type Row, select } from "./support/rows.js";
import { until } from "./support/until.js";

let emulator: Emulator;
let bridge: Bridge;
let world: World;

before(async () => {
  emulator = await Emulator.start();
  bridge = await Bridge.start(emulator);
  world = await emulator.get<World>("/admin/world");
});

after(async () => {
  await bridge?.stop();
  await emulator?.stop();
});

/** What a row should say of a message, for comparison. */
function expected(truth: Truth): object {
  const revoked = truth.revoked_at !== undefined;
  return {
    id: truth.id,
    timestamp: truth.timestamp,
    from_me: Number(truth.from_me),
    kind: revoked ? "revoked" : truth.kind,
    text: revoked ? null : truth.text || null,
    edited_at: truth.edited_at ?? null,
  };
}

function found({ id, timestamp, from_me, kind, text, edited_at }: Row): object {
  return { id, timestamp, from_me, kind, text, edited_at };
}

const order = (a: Truth, b: Truth) => b.timestamp - a.timestamp || (a.id < b.id ? -1 : 1);

test("before it is linked the code is there as text, as a drawing and as a picture", async () => {
  const pairing = await until("a code", async () => {
    const answer = await bridge.get<{ state: string; qr?: string; expires_at?: string; qr_terminal?: string }>(
      "/api/pairing",
    );
    return answer.qr === undefined ? undefined : answer;
  });
  assert.equal(pairing.state, "not_paired");
  assert.match(pairing.qr ?? "", /^https:\/\/wa\.me\//);
  assert.match(pairing.qr_terminal ?? "", /[▀▄█]/);
  assert.ok(Date.parse(pairing.expires_at ?? "") > Date.now());
  const picture = await bridge.call("GET", "/api/pairing/qr.png");
  assert.deepEqual([picture.status, picture.headers.get("content-type")], [200, "image/png"]);
});

test("after the scan it is connected as the account's companion", async () => {
  await bridge.link();
  const status = await bridge.status();
  assert.deepEqual([status.logged_in, status.jid, status.lid], [true, world.account.pn, world.account.lid]);
  assert.deepEqual(await bridge.get("/api/pairing"), { state: "connected" });
});

test("all that the phone pushes is held, message for message, and nothing else", async () => {
  const job = await bridge.settled();
  let pushed = 0;
  for (const chat of world.chats) {
    const truth = (await emulator.truth(chat.jid)).slice(0, chat.pushed).sort(order);
    const rows = messagesOf(bridge.database, chat.pn ?? chat.jid);
    assert.deepEqual(rows.map(found), truth.map(expected), chat.name);
    assert.equal(rows.filter(({ read }) => read === 0).length, chat.unread, chat.name);
    pushed += truth.length;
  }
  assert.deepEqual([job.messages, job.progress], [pushed, 100]);
  assert.equal((await bridge.status()).messages, pushed);
});

test("people are known by their number and their names, groups by their community", () => {
  const contacts = select<{ jid: string; full_name: string | null; push_name: string }>(
    bridge.database,
    "SELECT * FROM contacts",
  );
  for (const { pn, lid, name, push_name, saved } of world.contacts) {
    const contact = contacts.find(({ jid }) => jid === pn || jid === lid);
    assert.deepEqual([contact?.full_name, contact?.push_name], [saved ? name : null, push_name]);
  }
  const chats = select<{ jid: string; kind: string; name: string; community_jid: string | null }>(
    bridge.database,
    "SELECT * FROM chats",
  );
  for (const { jid, name } of world.communities) {
    assert.deepEqual(
      chats.filter((chat) => chat.jid === jid).map((chat) => [chat.kind, chat.name]),
      [["community", name]],
    );
    assert.ok(
      chats.some(({ community_jid }) => community_jid === jid),
      name,
    );
  }
});

test("older messages of a chat are fetched until the phone has no more", async () => {
  const chat = world.chats.find(({ messages, pushed, jid }) => jid.endsWith("@g.us") && messages > pushed + 100);
  assert.ok(chat);
  const first = await bridge.fetch(chat.jid, { max_messages: 60 });
  assert.equal((await bridge.fetch(chat.jid, { max_messages: 60 })).chat_jid, first.chat_jid);
  const part = await bridge.job(chat.jid, "completed");
  assert.deepEqual([part.messages, part.exhausted], [60, false]);
  await bridge.fetch(chat.jid);
  const job = await until("the end of the chat", async () => {
    const job = await bridge.job(chat.jid, "completed");
    return job.exhausted ? job : undefined;
  });
  assert.equal(job.messages, chat.messages - chat.pushed - 60);
  const rows = messagesOf(bridge.database, chat.jid);
  assert.deepEqual(rows.map(found), (await emulator.truth(chat.jid)).sort(order).map(expected));
  const history = await bridge.get<{ messages: number; exhausted: boolean }>(`/api/history/chats/${chat.jid}`);
  assert.deepEqual([history.messages, history.exhausted], [chat.messages, true]);
});

test("a phone that cuts its answers into many chunks gives the same history", async () => {
  await emulator.post("/admin/history", { kind: "on_demand", chunks: 7 });
  const chat = world.chats.find(({ messages, pushed, name }) => messages > pushed + 100 && name === "Match Day ⚽");
  assert.ok(chat);
  await bridge.fetch(chat.jid);
  assert.equal((await bridge.job(chat.jid, "completed")).messages, chat.messages - chat.pushed);
  await emulator.post("/admin/history", { kind: "on_demand", chunks: 1 });
});

test("a phone that finds nothing older ends the job as exhausted", async () => {
  await emulator.fault("phone_empty");
  const chat = world.chats.find(({ name }) => name === "Lifts & Kit");
  assert.ok(chat);
  await bridge.fetch(chat.jid);
  const job = await bridge.job(chat.jid, "completed");
  assert.deepEqual([job.messages, job.exhausted], [0, true]);
  await emulator.fault("phone_empty", { on: false });
});

test("what is said while it is linked is stored too, by either address, with edits, reactions and revokes", async () => {
  const bob = world.contacts.find(({ saved }) => saved);
  assert.ok(bob);
  const said = await emulator.post<{ id: string }>("/admin/say", { from: bob.name, text: "on my way" });
  const gone = await emulator.post<{ id: string }>("/admin/say", { from: bob.name, text: "wrong chat" });
  const mine = await emulator.post<{ id: string }>("/admin/phone/say", { chat: bob.pn, text: "see you" });
  await emulator.post("/admin/edit", { from: bob.name, id: said.id, text: "on my way now" });
  await emulator.post("/admin/revoke", { from: bob.name, id: gone.id });
  await emulator.post("/admin/react", { from: bob.name, id: mine.id, emoji: "👍" });
  const row = (id: string) => messagesOf(bridge.database, bob.pn).find((message) => message.id === id);
  await until("the edit", () => row(said.id)?.text === "on my way now" || undefined);
  await until("the revoke", () => row(gone.id)?.kind === "revoked" || undefined);
  await until("the reaction", () =>
    select(
      bridge.database,
      "SELECT 1 FROM reactions WHERE message_id = ? AND sender_jid = ? AND emoji = '👍'",
      mine.id,
      bob.pn,
    ).at(0),
  );
  assert.deepEqual([row(mine.id)?.from_me, row(mine.id)?.sender_jid], [1, world.account.pn]);
  assert.equal(row(said.id)?.sender_jid, bob.pn);
});

test("it ends in good order, and comes back by itself with what was said meanwhile", async () => {
  assert.equal(await bridge.program.stop(), 0);
  assert.equal(bridge.program.stdout.trim().split("\n").length, 1);
  const { messages } = {
    messages: select<{ n: number }>(bridge.database, "SELECT count(*) AS n FROM messages")[0]?.n ?? 0,
  };
  const bob = world.contacts[0];
  assert.ok(bob);
  const { id } = await emulator.post<{ id: string }>("/admin/say", { from: bob.name, text: "are you there?" });
  await bridge.restart();
  await bridge.state("connected");
  await until("the message", () => messagesOf(bridge.database, bob.pn).find((row) => row.id === id));
  assert.equal((await bridge.status()).messages, messages + 1);
  assert.equal((await bridge.get<{ initial: Job }>("/api/history/status")).initial.state, "completed");
});

test("folders and files are for their owner alone", () => {
  const home = join(bridge.folder, "auth_info_baileys");
  assert.equal(statSync(bridge.folder).mode & 0o777, 0o700);
  assert.equal(statSync(home).mode & 0o777, 0o700);
  for (const folder of [bridge.folder, home]) {
    for (const entry of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())) {
      assert.equal(statSync(join(folder, entry.name)).mode & 0o777, 0o600, entry.name);
    }
  }
});
