import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Database } from "#bridge/store/database.js";
import type { MessageRow } from "#bridge/store/rows.js";
import { Store } from "#bridge/store/store.js";
import { BOB, GROUP, ME, message, rows, withStore } from "./support/store.js";

test("a message is one row, whatever number of chunks tell of it", () =>
  withStore((store) => {
    const outcomes = store.write(() => [
      store.messages.put(message({ text: undefined })),
      store.messages.put(message()),
      store.messages.put(message()),
    ]);
    assert.deepEqual(outcomes, ["inserted", "filled", "duplicate"]);
    assert.equal(store.messages.count, 1);
    assert.equal(store.messages.get(BOB.pn, "A1")?.text, "hello");
  }));

test("the same id in two chats is two messages", () =>
  withStore((store) => {
    store.write(() => [store.messages.put(message()), store.messages.put(message({ chat_jid: GROUP }))]);
    assert.equal(store.messages.count, 2);
  }));

test("every row written or changed gets a sequence number of its own, over all tables", () =>
  withStore((store, folder) => {
    store.write(() => {
      store.messages.put(message({ text: undefined }));
      store.messages.put(message({ id: "A2" }));
      store.contacts.put({ jid: BOB.pn, full_name: "Bob" }, "fill");
      store.messages.put(message());
      store.learn(BOB);
    });
    const seqs = rows<{ seq: number }>(
      folder,
      "SELECT seq FROM messages UNION ALL SELECT seq FROM contacts UNION ALL SELECT seq FROM jid_aliases",
    ).map(({ seq }) => seq);
    assert.equal(new Set(seqs).size, 4);
    assert.equal(Math.max(...seqs), store.lastSeq);
  }));

test("sequence numbers go on after a restart, and the origin stays", () =>
  withStore((store, folder) => {
    store.write(() => store.messages.put(message()));
    const { lastSeq, origin } = store;
    store.close();
    const again = Store.open(folder);
    again.write(() => again.messages.put(message({ id: "A2" })));
    assert.ok(again.lastSeq > lastSeq);
    assert.equal(again.origin, origin);
    assert.equal(again.messages.count, 2);
    again.close();
  }));

test("what fails leaves nothing, neither rows nor numbers nor names", () =>
  withStore((store) => {
    store.write(() => store.messages.put(message()));
    const before = store.lastSeq;
    assert.throws(() =>
      store.write(() => {
        store.messages.put(message({ id: "A2" }));
        store.learn(BOB);
        throw new Error("disk full");
      }),
    );
    assert.equal(store.messages.count, 1);
    assert.equal(store.lastSeq, before);
    assert.equal(store.aliases.canonical(BOB.lid), BOB.lid);
  }));

test("when a mapping arrives, two halves of a person become one and nothing is lost", () =>
  withStore((store, folder) => {
    store.write(() => {
      store.messages.put(message({ chat_jid: BOB.lid, sender_jid: BOB.lid, text: undefined, starred: true }));
      store.messages.put(message({ chat_jid: BOB.pn, sender_jid: BOB.pn }));
      store.messages.put(message({ chat_jid: BOB.lid, sender_jid: BOB.lid, id: "A2" }));
      store.messages.put(message({ chat_jid: GROUP, sender_jid: BOB.lid, id: "G1", quoted_sender_jid: BOB.lid }));
      store.reactions.put({ chat_jid: GROUP, message_id: "G1", sender_jid: BOB.lid, emoji: "👍", timestamp: 5 });
      store.reactions.put({ chat_jid: BOB.lid, message_id: "A2", sender_jid: BOB.lid, emoji: "🌻", timestamp: 5 });
      store.contacts.put({ jid: BOB.lid, push_name: "Bob" }, "fill");
      store.contacts.put({ jid: BOB.pn, full_name: "Bob Carver" }, "fill");
      store.chats.put({ jid: BOB.lid, kind: "direct", unread_count: 2 }, "fill");
      store.chats.setAddress(BOB.lid, BOB.lid);
      store.checkpoints.advance(BOB.lid, { messages: 2, oldest: { id: "A2", timestamp: 7, from_me: false } });
      store.jobs.create({ kind: "chat", state: "paused", chat_jid: BOB.lid });
      store.learn(BOB);
    });
    assert.equal(store.messages.count, 3);
    const merged = store.messages.get(BOB.pn, "A1");
    assert.deepEqual([merged?.text, merged?.starred], ["hello", true]);
    const group = store.messages.get(GROUP, "G1");
    assert.deepEqual([group?.sender_jid, group?.quoted_sender_jid], [BOB.pn, BOB.pn]);
    assert.equal(store.jobs.latest(BOB.pn)?.state, "paused");
    assert.equal(store.checkpoints.get(BOB.pn)?.oldest_id, "A2");
    assert.equal(store.chats.address(BOB.pn), BOB.lid);
    assert.equal(store.chats.get(BOB.pn)?.unread_count, 2);
    assert.deepEqual(store.aliases.of(BOB.pn), [BOB.lid]);
    for (const [table, column] of [
      ["messages", "chat_jid"],
      ["messages", "sender_jid"],
      ["reactions", "sender_jid"],
      ["reactions", "chat_jid"],
      ["contacts", "jid"],
      ["chats", "jid"],
      ["sync_checkpoints", "chat_jid"],
    ]) {
      assert.deepEqual(rows(folder, `SELECT 1 FROM ${table} WHERE ${column} = '${BOB.lid}'`), [], `${table}.${column}`);
    }
  }));

test("the store is the same whether a mapping comes first, in between or last", async () => {
  const row = fc.record({
    chat: fc.constantFrom(BOB.pn, BOB.lid, GROUP),
    id: fc.constantFrom("A", "B", "C"),
    lid: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), fc.nat(8), async (told, place) => {
      const ends: string[][] = [];
      for (const at of [0, Math.min(place, told.length), told.length]) {
        await withStore((store, folder) => {
          store.write(() => {
            told.forEach(({ chat, id, lid }, index) => {
              if (index === at) store.learn(BOB);
              const sender = lid ? BOB.lid : BOB.pn;
              const row: MessageRow = message({
                chat_jid: chat,
                id,
                sender_jid: sender,
                text: `${chat === GROUP}${id}`,
              });
              store.messages.put(row);
            });
            store.learn(BOB);
          });
          const found = rows<MessageRow>(folder, "SELECT * FROM messages ORDER BY chat_jid, id");
          ends.push(found.map(({ chat_jid, id, sender_jid, text }) => [chat_jid, id, sender_jid, text].join()));
        });
      }
      assert.deepEqual(ends[1], ends[0]);
      assert.deepEqual(ends[2], ends[0]);
    }),
    { numRuns: 15 },
  );
});

test("an edit and a revoke that come before their message wait for it", () =>
  withStore((store) => {
    const edit = {
      change: "edit",
      chat_jid: BOB.lid,
      id: "A1",
      sender_jid: BOB.lid,
      timestamp: 1_790_000_050,
    } as const;
    store.write(() => store.messages.change({ ...edit, kind: "text", text: "mended" }));
    store.write(() => store.messages.change({ ...edit, id: "A2", change: "revoke" }));
    store.write(() => store.learn(BOB));
    store.write(() => [store.messages.put(message()), store.messages.put(message({ id: "A2" }))]);
    assert.equal(store.messages.get(BOB.pn, "A1")?.text, "mended");
    assert.equal(store.messages.get(BOB.pn, "A2")?.kind, "revoked");
  }));

test("a reaction is the latest one of its person", () =>
  withStore((store, folder) => {
    const reaction = { chat_jid: BOB.pn, message_id: "A1", sender_jid: BOB.pn };
    store.write(() => {
      store.reactions.put({ ...reaction, emoji: "👍", timestamp: 10 });
      store.reactions.put({ ...reaction, emoji: "🌻", timestamp: 5 });
      store.reactions.put({ ...reaction, emoji: "", timestamp: 20 });
    });
    assert.deepEqual(
      rows<{ emoji: string }>(folder, "SELECT emoji FROM reactions").map(({ emoji }) => emoji),
      [""],
    );
  }));

test("the newest so many incoming messages are unread, also when older ones came first", () =>
  withStore((store) => {
    store.write(() => {
      for (const time of [1, 2, 3, 4, 5]) store.messages.put(message({ id: `A${time}`, timestamp: time, read: false }));
      store.messages.put(message({ id: "mine", timestamp: 6, from_me: true, sender_jid: ME, read: true }));
      store.messages.settleRead(BOB.pn, 2);
    });
    const read = [1, 2, 3, 4, 5].map((time) => store.messages.get(BOB.pn, `A${time}`)?.read);
    assert.deepEqual(read, [true, true, true, false, false]);
    store.write(() => store.messages.settleRead(BOB.pn, 0));
    assert.equal(store.messages.get(BOB.pn, "A5")?.read, true);
  }));

test("the files can be read by their owner alone", () =>
  withStore((store, folder) => {
    store.write(() => store.messages.put(message()));
    for (const file of ["baileys_temp.db", "baileys_temp.db-wal", "baileys_temp.db-shm"]) {
      assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    }
  }));

test("a database of a later version is refused", () =>
  withStore((store, folder) => {
    store.close();
    const db = new Database(join(folder, "baileys_temp.db"));
    db.exec("PRAGMA user_version = 99");
    db.close();
    assert.throws(() => Store.open(folder), { code: "DATABASE_SCHEMA_MISMATCH" });
  }));

test("a cleared store keeps what its reader has not seen, and its numbers go on", () =>
  withStore((store) => {
    store.write(() => store.messages.put(message({ id: "A" })));
    const seen = store.lastSeq;
    store.write(() => store.messages.put(message({ id: "B" })));
    assert.deepEqual(store.waiting(seen), { messages: 1, reactions: 0 });
    assert.deepEqual(store.drop(seen), { messages: 1, reactions: 0 });
    assert.equal(store.messages.count, 1);
    const last = store.lastSeq;
    store.wipe();
    assert.equal(store.messages.count, 0);
    store.write(() => store.messages.put(message({ id: "C" })));
    assert.ok(store.lastSeq > last);
  }));
