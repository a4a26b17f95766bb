import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { changed, merge } from "#bridge/store/merge.js";
import type { MessageRow } from "#bridge/store/rows.js";
import { BOB, GROUP, message } from "./support/store.js";

/** Every telling of one message: each leaves out some of what is true, and none says anything else. */
const truth: MessageRow = message({
  quoted_id: "Q1",
  quoted_sender_jid: BOB.pn,
  forwarded: true,
  starred: true,
  payload: new Uint8Array([1, 2, 3]),
  media: { mime: "image/jpeg", size: 7, direct_path: "/v/x?y=1", key: new Uint8Array([4]) },
  read: true,
});
const tellings = fc.array(
  fc.subarray(["text", "quoted_id", "forwarded", "starred", "payload", "media", "read"] as const).map((left) => {
    const telling = { ...truth };
    for (const field of left) delete telling[field];
    return telling;
  }),
  { minLength: 1, maxLength: 6 },
);

function tellAll(rows: MessageRow[]): MessageRow {
  const [first = truth, ...rest] = rows;
  return rest.reduce((known, told) => merge(known, told) ?? known, first);
}

test("what several tellings say together does not depend on their order", () => {
  fc.assert(
    fc.property(tellings, fc.integer(), (rows, seed) => {
      const shuffled = [...rows].sort((a, b) => (hash(a, seed) < hash(b, seed) ? -1 : 1));
      assert.deepEqual(clean(tellAll(shuffled)), clean(tellAll(rows)));
    }),
  );
});

test("a telling that was merged says nothing new", () => {
  fc.assert(
    fc.property(tellings, (rows) => {
      const known = tellAll(rows);
      for (const told of rows) assert.equal(merge(known, told), undefined);
    }),
  );
});

test("a telling never changes who wrote what and when", () => {
  const other = message({ text: "something else", sender_jid: "15550102@s.whatsapp.net", timestamp: 1, from_me: true });
  assert.equal(merge(message(), other), undefined);
});

test("a revoke takes the content away, and no later telling brings it back", () => {
  const revoked = merge(truth, message({ kind: "revoked", text: undefined, revoked_at: 1_790_000_100 }));
  assert.equal(revoked?.kind, "revoked");
  assert.equal(revoked?.text, undefined);
  assert.equal(revoked?.payload, undefined);
  assert.equal(revoked?.media, undefined);
  assert.ok(revoked);
  assert.equal(merge(revoked, truth), undefined);
});

test("the later of two edits stands, in whatever order they come", () => {
  const first = message({ text: "first edit", edited_at: 1_790_000_010 });
  const second = message({ text: "second edit", edited_at: 1_790_000_020 });
  for (const order of [
    [message(), first, second],
    [second, message(), first],
    [first, second, message()],
  ]) {
    assert.equal(tellAll(order).text, "second edit");
  }
});

test("only the author edits, and only the author or a group revokes", () => {
  const stranger = { id: "A1", chat_jid: BOB.pn, sender_jid: "15550102@s.whatsapp.net", timestamp: 1_790_000_010 };
  assert.equal(changed(message(), { ...stranger, change: "edit", text: "forged" }), undefined);
  assert.equal(changed(message(), { ...stranger, change: "revoke" }), undefined);
  assert.equal(
    changed(message({ chat_jid: GROUP }), { ...stranger, chat_jid: GROUP, change: "edit", text: "x" }),
    undefined,
  );
  assert.equal(
    changed(message({ chat_jid: GROUP }), { ...stranger, chat_jid: GROUP, change: "revoke" })?.kind,
    "revoked",
  );
  const own = { ...stranger, sender_jid: BOB.pn };
  assert.equal(changed(message(), { ...own, change: "edit", text: "mended" })?.text, "mended");
});

function hash(row: MessageRow, seed: number): number {
  return (Object.keys(row).join().length * 7919 + seed) % 101;
}

function clean(row: MessageRow): object {
  return JSON.parse(JSON.stringify(row, Object.keys(row).sort())) as object;
}
