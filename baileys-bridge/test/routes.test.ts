import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";
import { Ajv } from "ajv";
import { ROUTES } from "#bridge/routes/routes.js";
import { TOKEN, withServer } from "./support/server.js";
import { message } from "./support/store.js";

const CHAT = "/api/history/chats/15550101%40s.whatsapp.net";

interface Answer {
  content: { "application/json": { schema: object } };
}

interface Document {
  paths: { [path: string]: { [method: string]: { responses: { 200: Answer; default: Answer } } } };
  components: object;
}

const contract = JSON.parse(readFileSync(new URL("../../openapi.json", import.meta.url), "utf8")) as Document;

test("every operation of openapi.json has a route, and every route its operation", () => {
  const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(Object.keys(ROUTES).sort(), operations.sort());
});

test("every answer and every error has the shape that the contract promises", () =>
  withServer(async ({ call, store }) => {
    store.write(() => [
      store.messages.put(message()),
      store.jobs.create({ kind: "chat", chat_jid: "15550101@s.whatsapp.net", state: "paused" }),
    ]);
    for (const [path, operation, status] of [
      ["/health", "/health", 200],
      ["/api/status", "/api/status", 200],
      ["/api/pairing", "/api/pairing", 200],
      ["/api/history/status", "/api/history/status", 200],
      [CHAT, "/api/history/chats/{chat_jid}", 200],
      ["/api/history/chats/15550199", "/api/history/chats/{chat_jid}", 404],
      ["/api/pairing/qr.png", "/api/pairing/qr.png", 409],
    ] as const) {
      const answer = await call("GET", path);
      assert.equal(answer.status, status, path);
      const promised = contract.paths[operation]?.get?.responses[status === 200 ? 200 : "default"];
      const { schema } = promised?.content["application/json"] ?? {};
      const validate = new Ajv({ strict: false }).compile({ ...schema, components: contract.components });
      assert.ok(validate(answer.json), `${path}: ${JSON.stringify(validate.errors)}`);
      assert.ok(!JSON.stringify(answer.json).includes("null"), path);
    }
  }));

test("health needs no token, says nothing personal, and proves that it holds the token", () =>
  withServer(async ({ call, port }) => {
    const nonce = "00112233445566778899aabbccddeeff";
    const plain = await call("GET", "/health", { headers: { authorization: "" } });
    assert.deepEqual(plain.json, { status: "ok", bridge: "baileys-bridge", version: "0.1.0" });
    const { json } = await call("GET", `/health?nonce=${nonce}`);
    const text = `whatsapp-mcp health\nbaileys-bridge\n${port}\n${nonce}`;
    assert.equal(json.proof, createHmac("sha256", Buffer.from(TOKEN, "ascii")).update(text).digest("hex"));
    assert.equal((await call("GET", "/health?nonce=xyz")).status, 400);
  }));

test("nothing but health is served without the token", () =>
  withServer(async ({ call }) => {
    for (const route of Object.keys(ROUTES).filter((name) => !name.endsWith("/health"))) {
      const [method = "", path = ""] = route.replace("{chat_jid}", "15550101").split(" ");
      for (const authorization of ["", "Bearer ", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN]) {
        const { status, json } = await call(method, path, { headers: { authorization } });
        assert.deepEqual([status, json.error_code], [401, "ACCESS_DENIED"], `${route} ${authorization}`);
      }
    }
  }));

test("another Host and any Origin are refused, before the token is looked at", () =>
  withServer(async ({ call, port }) => {
    for (const origin of ["null", "http://127.0.0.1", "https://evil.example"]) {
      assert.equal((await call("GET", "/health", { headers: { origin } })).status, 403);
    }
    for (const [host, status] of [
      [`127.0.0.1:${port}`, 200],
      [`localhost:${port}`, 200],
      [`[::1]:${port}`, 200],
      ["127.0.0.1", 403],
      [`evil.example:${port}`, 403],
      [`127.0.0.1:${port + 1}`, 403],
    ] as const) {
      assert.equal(await statusWithHost(port, host), status, host);
    }
  }));

test("each answer may neither be kept nor guessed at", () =>
  withServer(async ({ call }) => {
    for (const path of ["/health", "/api/status", "/nowhere"]) {
      const { headers } = await call("GET", path);
      assert.equal(headers.get("cache-control"), "no-store", path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.match(headers.get("content-type") ?? "", /^application\/json/, path);
      assert.equal(headers.get("access-control-allow-origin"), null, path);
    }
  }));

test("an unlinked bridge says what waits for it, after the request itself was found good", () =>
  withServer(async ({ call }) => {
    const text = JSON.stringify({ chat_jid: "15550101", text: "hello" });
    for (const [method, path, body, code] of [
      ["POST", "/api/messages/text", text, "NOT_PAIRED"],
      ["POST", "/api/messages/text", JSON.stringify({ chat_jid: "Bob", text: "hello" }), "INVALID_JID"],
      ["POST", "/api/blocklist/block", "{}", "MISSING_IDENTIFIER"],
      ["POST", "/api/blocklist/block", '{"contact_jid":"15550101","phone":"15550101"}', "INVALID_ARGUMENT"],
      ["POST", "/api/blocklist/unblock", '{"phone":"Bob"}', "INVALID_PHONE_FORMAT"],
      ["POST", "/api/blocklist/unblock", '{"phone":"+1 555 0101"}', "NOT_PAIRED"],
      ["POST", "/api/privacy/online", '{"value":"contacts"}', "INVALID_ARGUMENT"],
      ["POST", "/api/privacy/online", '{"value":"match_last_seen"}', "NOT_PAIRED"],
      ["GET", "/api/privacy", undefined, "NOT_PAIRED"],
      ["GET", "/api/blocklist", undefined, "NOT_PAIRED"],
      ["GET", "/api/numbers/15550101", undefined, "NOT_PAIRED"],
      ["GET", "/api/numbers/Bob", undefined, "INVALID_PHONE_FORMAT"],
      ["GET", "/api/contacts/15550101/about", undefined, "NOT_PAIRED"],
      ["GET", "/api/contacts/15550101/picture", undefined, "NOT_PAIRED"],
      ["GET", "/api/business/15550101/profile", undefined, "NOT_PAIRED"],
      ["GET", "/api/business/15550101/catalog?limit=20", undefined, "NOT_PAIRED"],
      ["GET", "/api/business/15550101/catalog/1", undefined, "NOT_PAIRED"],
    ] as const) {
      const { json } = await call(method, path, body === undefined ? {} : { body });
      assert.equal(json.error_code, code, `${method} ${path} ${body}`);
      if (code === "NOT_PAIRED") assert.match(json.message ?? "", /business catalogs wait for the Baileys bridge/);
    }
  }));

test("a key that no caller of ours would make is refused, and named", () =>
  withServer(async ({ call }) => {
    const body = JSON.stringify({ chat_jid: "15550101", text: "hello" });
    for (const key of ["short", "no spaces please", "x".repeat(129)]) {
      const { status, json } = await call("POST", "/api/messages/text", { body, headers: { "idempotency-key": key } });
      assert.deepEqual([status, json.details?.argument], [400, "Idempotency-Key"], key);
    }
  }));

test("what the contract does not know is refused in our own words, with the argument named", () =>
  withServer(async ({ call }) => {
    const cases: [string, string][] = [
      ['{"colour":"red"}', "colour"],
      ['{"max_messages":0}', "max_messages"],
      ['{"max_messages":10001}', "max_messages"],
      ['{"max_messages":"many"}', "max_messages"],
      ['{"resume":"yes"}', "resume"],
      ['{"anchor":{"id":"A","timestamp":1}}', "anchor.from_me"],
      ['{"aliases":[1]}', "aliases.0"],
      ["[]", "body"],
    ];
    for (const [body, argument] of cases) {
      const { status, json } = await call("POST", CHAT, { body });
      assert.deepEqual([status, json.error_code, json.details?.argument], [400, "INVALID_ARGUMENT", argument], body);
      assert.ok((json.details?.problem ?? "").length > 5 && (json.resolution ?? "").length > 5, body);
    }
    assert.equal((await call("GET", "/api/status?verbose=1")).json.details?.argument, "verbose");
  }));

test("a body that is not JSON, too large or broken is told so", () =>
  withServer(async ({ call }) => {
    const text = await call("POST", CHAT, { body: "{}", headers: { "content-type": "text/plain" } });
    assert.deepEqual([text.status, text.json.error_code], [415, "INVALID_ARGUMENT"]);
    const large = await call("POST", CHAT, { body: `{"x":"${"y".repeat(1024 * 1024)}"}` });
    assert.deepEqual([large.status, large.json.error_code], [413, "INVALID_ARGUMENT"]);
    assert.equal((await call("POST", CHAT, { body: "{" })).status, 400);
    assert.equal((await call("POST", "/api/history")).status, 400);
  }));

test("an unknown path and a wrong method are told apart", () =>
  withServer(async ({ call }) => {
    assert.equal((await call("GET", "/api/nothing")).status, 404);
    const { status, json } = await call("PUT", CHAT, { body: "{}" });
    assert.deepEqual([status, json.error_code, json.resolution], [405, "INVALID_ARGUMENT", "Use GET or POST."]);
    assert.equal((await call("GET", "/api/history")).status, 405);
  }));

test("an unlinked bridge answers questions, and refuses what needs a connection with what to do", () =>
  withServer(async ({ call, store }) => {
    const status = await call("GET", "/api/status");
    assert.deepEqual([status.json.state, status.json.logged_in, status.json.emulated], ["not_paired", false, false]);
    assert.match(String(status.json.sqlite_version), /^3\./);
    for (const path of [CHAT, "/api/history"]) {
      const { status, json } = await call("POST", path, { body: "{}" });
      assert.deepEqual([status, json.error_code], [409, "NOT_PAIRED"], path);
    }
    const nothing = await call("GET", CHAT);
    assert.deepEqual([nothing.status, nothing.json.error_code], [404, "NO_CHECKPOINT"]);
    store.write(() => store.messages.put(message({ timestamp: 1_790_000_000 })));
    const known = await call("GET", "/api/history/chats/%2B1%20555%200101");
    assert.deepEqual(known.json, {
      chat_jid: "15550101@s.whatsapp.net",
      messages: 1,
      oldest_at: "2026-09-21T14:13:20Z",
      newest_at: "2026-09-21T14:13:20Z",
      exhausted: false,
    });
    const all = await call("GET", "/api/history/status");
    assert.deepEqual([all.json.rows, all.json.last_seq, all.json.origin], [1, 1, store.origin]);
  }));

test("a chat that is no JID and no number is refused by its own code", () =>
  withServer(async ({ call }) => {
    assert.equal((await call("GET", "/api/history/chats/15550101%40example.org")).json.error_code, "INVALID_JID");
    assert.equal((await call("GET", "/api/history/chats/123")).json.error_code, "INVALID_PHONE_FORMAT");
  }));

test("without a live code there is no picture of one", () =>
  withServer(async ({ call }) => {
    assert.deepEqual((await call("GET", "/api/pairing")).json, { state: "not_paired" });
    const { status, json } = await call("GET", "/api/pairing/qr.png");
    assert.deepEqual([status, json.error_code], [409, "INVALID_ARGUMENT"]);
  }));

/** fetch sets Host itself, so this is told to the socket. */
function statusWithHost(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path: "/health", headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", reject);
    call.end();
  });
}
