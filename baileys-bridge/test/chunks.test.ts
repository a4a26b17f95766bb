import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { MockAgent } from "undici";
import type { Store } from "#bridge/store/store.js";
import { proto } from "#bridge/whatsapp/baileys.js";
import { type Arrival, readChunk, storeChunk } from "#bridge/whatsapp/history.js";
import { BOB, GROUP, ME, rows, withStore } from "./support/store.js";

const { HistorySyncType } = proto.HistorySync;

function web(id: string, timestamp: number, more: proto.IWebMessageInfo = {}): proto.IHistorySyncMsg {
  const key = { remoteJid: BOB.lid, id, fromMe: false };
  return { message: { key, messageTimestamp: timestamp, message: { conversation: `text of ${id}` }, ...more } };
}

function take(store: Store, history: proto.IHistorySync): Arrival {
  const notification = { syncType: history.syncType as number, progress: history.progress };
  return store.write(() => storeChunk(store, history, notification, ME));
}

test("a chunk inside the notification is unpacked as it is", async () => {
  const history = { syncType: HistorySyncType.RECENT, progress: 40, conversations: [{ id: GROUP }] };
  const payload = deflateSync(proto.HistorySync.encode(history).finish());
  const read = await readChunk({ initialHistBootstrapInlinePayload: payload }, { dispatcher: new MockAgent() });
  assert.equal(read.conversations[0]?.id, GROUP);
});

test("rows under a LID find their canonical chat by the mapping in the same chunk", () =>
  withStore((store) => {
    const arrival = take(store, {
      syncType: HistorySyncType.INITIAL_BOOTSTRAP,
      phoneNumberToLidMappings: [{ lidJid: BOB.lid, pnJid: BOB.pn }],
      conversations: [{ id: BOB.lid, name: "Bob Carver", unreadCount: 1, messages: [web("A1", 5), web("A2", 6)] }],
    });
    assert.deepEqual([arrival.messages, arrival.inserted, arrival.refused], [2, 2, 0]);
    assert.equal(store.messages.get(BOB.pn, "A1")?.sender_jid, BOB.pn);
    assert.deepEqual([store.messages.get(BOB.pn, "A1")?.read, store.messages.get(BOB.pn, "A2")?.read], [true, false]);
    assert.equal(store.chats.address(BOB.pn), BOB.lid);
  }));

test("the same chunk twice changes nothing, not even a sequence number", () =>
  withStore((store, folder) => {
    const history = {
      syncType: HistorySyncType.RECENT,
      conversations: [
        {
          id: GROUP,
          name: "Choir",
          messages: [web("A1", 5, { key: { remoteJid: GROUP, id: "A1", participant: BOB.lid } })],
        },
      ],
    };
    take(store, structuredClone(history));
    const before = rows<{ seq: number }>(folder, "SELECT seq FROM messages UNION ALL SELECT seq FROM chats");
    const again = take(store, structuredClone(history));
    assert.equal(again.inserted, 0);
    assert.deepEqual(rows(folder, "SELECT seq FROM messages UNION ALL SELECT seq FROM chats"), before);
  }));

test("a chunk with messages that cannot be stored keeps the others and counts", () =>
  withStore((store) => {
    const arrival = take(store, {
      syncType: HistorySyncType.RECENT,
      conversations: [
        { id: BOB.lid, messages: [web("A1", 0), web("", 5), web("A3", 6)] },
        { id: "nobody", messages: [web("B", 1)] },
      ],
    });
    assert.deepEqual([arrival.inserted, arrival.refused], [1, 3]);
  }));

test("an answer on demand says nothing about a chat's state", () =>
  withStore((store) => {
    take(store, {
      syncType: HistorySyncType.INITIAL_BOOTSTRAP,
      conversations: [{ id: GROUP, name: "Choir", unreadCount: 3, archived: true }],
    });
    take(store, {
      syncType: HistorySyncType.ON_DEMAND,
      conversations: [{ id: GROUP, unreadCount: 0, archived: false }],
    });
    assert.deepEqual([store.chats.get(GROUP)?.unread_count, store.chats.get(GROUP)?.archived], [3, true]);
  }));

test("what is asked for of a chat whose unread count is not known is neither read nor unread", () =>
  withStore((store, folder) => {
    const chunk = (syncType: number, id: string, at: number) =>
      take(store, { syncType, conversations: [{ id: BOB.lid, messages: [web(id, at)] }] });
    chunk(HistorySyncType.ON_DEMAND, "A1", 5);
    chunk(HistorySyncType.RECENT, "A2", 6);
    const found = rows<{ id: string; read: number | null }>(folder, "SELECT id, read FROM messages ORDER BY id");
    assert.deepEqual(
      found.map(({ id, read }) => [id, read]),
      [
        ["A1", null],
        ["A2", 0],
      ],
    );
  }));

test("the store holds the same, in whatever order and however often the chunks come", async () => {
  const messages = Array.from({ length: 12 }, (_, index) => web(`A${index}`, 100 + index));
  const chunks: proto.IHistorySync[] = [0, 3, 6, 9].map((from) => ({
    syncType: HistorySyncType.RECENT,
    conversations: [
      { id: BOB.lid, messages: messages.slice(from, from + 4), ...(from === 9 ? { unreadCount: 2 } : {}) },
    ],
  }));
  chunks.push({
    syncType: HistorySyncType.INITIAL_BOOTSTRAP,
    phoneNumberToLidMappings: [{ lidJid: BOB.lid, pnJid: BOB.pn }],
  });
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 0, 2, 4], { minLength: 8, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(order, (indexes) =>
      withStore((store, folder) => {
        for (const index of indexes) take(store, structuredClone(chunks[index] ?? {}));
        const found = rows<{ id: string; chat_jid: string; read: number }>(
          folder,
          "SELECT id, chat_jid, read FROM messages ORDER BY timestamp",
        );
        assert.deepEqual(
          found.map(({ id, chat_jid, read }) => [id, chat_jid, read]),
          messages.map((_, index) => [`A${index}`, BOB.pn, index < 10 ? 1 : 0]),
        );
      }),
    ),
    { numRuns: 15 },
  );
});
