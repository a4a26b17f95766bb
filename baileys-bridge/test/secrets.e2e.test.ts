import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Bridge } from "./support/bridge.js";
import { Emulator } from "./support/emulator.js";
import { messagesOf, select } from "./support/rows.js";
import { until } from "./support/until.js";

/** Every run of base64 in the auth state that is long enough to be a key, in the forms in which a log could hold it. */
function keysOf(bridge: Bridge): Set<string> {
  const auth = join(bridge.folder, "auth_info_baileys", "auth.db");
  const texts = select<{ value: string }>(auth, "SELECT value FROM creds UNION ALL SELECT value FROM keys").map(
    ({ value }) => value,
  );
  const keys = new Set<string>();
  for (const text of texts) {
    for (const [, run = ""] of text.matchAll(/"([A-Za-z0-9+/]{40,}={0,2})"/g)) {
      const bytes = Buffer.from(run, "base64");
      // Node prints a Buffer as <Buffer 05 1f …>, a JSON log as base64 or as a list of numbers.
      const printed = bytes
        .subarray(0, 12)
        .toString("hex")
        .replace(/(..)(?=.)/g, "$1 ");
      for (const form of [
        run.slice(0, 24),
        bytes.toString("hex").slice(0, 24),
        printed,
        bytes.subarray(0, 8).join(","),
      ])
        keys.add(form);
    }
  }
  return keys;
}

test("neither stream of a whole session holds a key, a message or a number", async () => {
  const emulator = await Emulator.start();
  const bridge = await Bridge.linked(emulator);
  const secret = "the password is marmalade";
  const { id } = await emulator.post<{ id: string }>("/admin/say", { from: "Bob Carver", text: secret });
  await until("the message", () => messagesOf(bridge.database, "15550101@s.whatsapp.net").find((row) => row.id === id));
  await emulator.post("/admin/phone/say", { chat: "120363040000000102@g.us", text: secret });
  await bridge.fetch("120363040000000102@g.us");
  await bridge.job("120363040000000102@g.us", "completed");
  await emulator.fault("drop");
  await bridge.state("connecting");
  await bridge.state("connected");
  const keys = keysOf(bridge);
  assert.ok(keys.size > 1000, `only ${keys.size} keys were found to look for`);
  await bridge.program.stop();
  const { stdout, stderr } = bridge.program;
  const streams = stdout + stderr;
  for (const key of keys) assert.ok(!streams.includes(key), "a key stands in the log");
  for (const word of [
    secret,
    bridge.token,
    "15550100",
    "15550101",
    "213480000000101",
    "privKey",
    "<Buffer",
    "SessionEntry",
  ]) {
    assert.ok(!streams.includes(word), `${word} stands in the log`);
  }
  assert.match(stdout, /^\{"ready":true,"listen":"127\.0\.0\.1:\d+","bridge":"baileys-bridge"\}\n$/);
  await bridge.stop();
  await emulator.stop();
});
