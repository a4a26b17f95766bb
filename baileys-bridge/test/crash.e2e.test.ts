import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Bridge } from "./support/bridge.js";
import { Emulator, type World } from "./support/emulator.js";
import { select } from "./support/rows.js";
import { until } from "./support/until.js";

let emulator: Emulator;
let world: World;

before(async () => {
  emulator = await Emulator.start("--chats", "40", "--messages", "12000", "--seed", "7");
  world = await emulator.get<World>("/admin/world");
});

after(() => emulator?.stop());

function ids(path: string): string[] {
  return select<{ key: string }>(path, "SELECT chat_jid || ' ' || id AS key FROM messages ORDER BY 1").map(
    ({ key }) => key,
  );
}

async function truth(): Promise<string[]> {
  const all: string[] = [];
  for (const { jid, pn, pushed } of world.chats) {
    for (const { id } of (await emulator.truth(jid)).slice(0, pushed)) all.push(`${pn ?? jid} ${id}`);
  }
  return all.sort();
}

test("history comes whole from the media host, in many chunks", async () => {
  const bridge = await Bridge.linked(emulator);
  await emulator.post("/admin/history", { chunks: 20, external: true });
  await until("every chunk", async () => (await bridge.status()).queue_depth === 0 || undefined);
  assert.deepEqual(ids(bridge.database), await truth());
  await bridge.stop();
});

test("a bridge that is killed again and again while history comes loses no message and doubles none", async () => {
  const bridge = await Bridge.start(emulator);
  const qr = await until("a code", async () => (await bridge.get<{ qr?: string }>("/api/pairing")).qr);
  const scanned = emulator.post("/admin/scan", { qr });
  const wanted = await truth();
  const count = () => select<{ n: number }>(bridge.database, "SELECT count(*) AS n FROM messages")[0]?.n ?? 0;
  for (const part of [0.01, 0.3, 0.6]) {
    await until("a part of the history", () => count() >= wanted.length * part || undefined);
    await bridge.program.stop("SIGKILL");
    assert.ok(count() < wanted.length, "it was killed too late to prove anything");
    await bridge.restart();
  }
  await scanned;
  await until("all of the history", () => count() >= wanted.length || undefined, 20_000);
  assert.deepEqual(ids(bridge.database), wanted);
  await bridge.stop();
});
