import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync, inflateSync } from "node:zlib";
import { MockAgent } from "undici";
import { openLog } from "#bridge/log.js";
import type { Store } from "#bridge/store/store.js";
import {
  encodeWAMessage,
  initAuthCreds,
  proto,
  type SocketConfig,
  unpadRandomMax16,
} from "#bridge/whatsapp/baileys.js";
import { Intake } from "#bridge/whatsapp/intake.js";
import { BOB, ME, withStore } from "./support/store.js";

type MakeRepository = SocketConfig["makeSignalRepository"];
type Sealed = Parameters<ReturnType<MakeRepository>["decryptMessage"]>[0];

const MY_LID = "210000000000100@lid";

const HISTORY: proto.IHistorySync = {
  syncType: proto.HistorySync.HistorySyncType.RECENT,
  phoneNumberToLidMappings: [{ lidJid: BOB.lid, pnJid: BOB.pn }],
  conversations: [
    {
      id: BOB.lid,
      tcToken: new Uint8Array([7]),
      messages: [
        { message: { key: { remoteJid: BOB.lid, id: "A1" }, messageTimestamp: 5, message: { conversation: "hello" } } },
      ],
    },
  ],
};

function announce(notification: proto.Message.IHistorySyncNotification): Uint8Array {
  return encodeWAMessage({ protocolMessage: { type: 5, historySyncNotification: notification } });
}

const INLINE = announce({
  syncType: 3,
  progress: 40,
  initialHistBootstrapInlinePayload: deflateSync(proto.HistorySync.encode(HISTORY).finish()),
});
const EXTERNAL = announce({ syncType: 3, directPath: "/v/x?y=1", mediaKey: new Uint8Array(32) });

/** Lets a message through our door as Baileys would; the "cipher" is the plain text itself. */
async function receive(store: Store, from: string, plain: Uint8Array, losses: string[] = []) {
  const creds = { ...initAuthCreds(), me: { id: "15550100:3@s.whatsapp.net", lid: "210000000000100:3@lid" } };
  const dispatcher = new MockAgent();
  dispatcher.disableNetConnect();
  const decryptMessage = async ({ ciphertext }: Sealed) => ciphertext;
  const intake = new Intake({
    store,
    creds,
    wire: { dispatcher },
    log: openLog("silent"),
    onArrival: () => undefined,
    onLoss: (reason) => losses.push(reason),
    repository: () => ({ decryptMessage }) as unknown as ReturnType<MakeRepository>,
  });
  const keys = { get: () => ({}), set: () => undefined };
  const repository = intake.makeSignalRepository({ creds, keys }, { level: "silent" } as SocketConfig["logger"]);
  const out = await repository.decryptMessage({ jid: from, type: "msg", ciphertext: plain });
  intake.stop();
  return { intake, out, message: proto.Message.decode(unpadRandomMax16(out)) };
}

test("a chunk of the own phone is stored before Baileys gets to acknowledge it", () =>
  withStore(async (store) => {
    for (const phone of [ME, MY_LID]) await receive(store, phone, INLINE);
    assert.equal(store.messages.get(BOB.pn, "A1")?.text, "hello");
    assert.deepEqual([store.messages.count, store.chunks.count], [1, 0]);
  }));

test("Baileys keeps the mappings and tokens of a chunk, and none of its messages", () =>
  withStore(async (store) => {
    const { message } = await receive(store, ME, INLINE);
    const notification = message.protocolMessage?.historySyncNotification;
    assert.deepEqual([notification?.syncType, notification?.progress, notification?.mediaKey], [3, 40, null]);
    const payload = notification?.initialHistBootstrapInlinePayload ?? new Uint8Array();
    const kept = proto.HistorySync.decode(inflateSync(payload));
    assert.deepEqual(
      kept.phoneNumberToLidMappings.map(({ lidJid, pnJid }) => [lidJid, pnJid]),
      [[BOB.lid, BOB.pn]],
    );
    assert.deepEqual(
      kept.conversations.map(({ id, messages }) => [id, messages?.length]),
      [[BOB.lid, 0]],
    );
  }));

test("history that somebody else sends, or another device of the account, is none (CVE-2026-48063)", () =>
  withStore(async (store) => {
    for (const from of [BOB.pn, BOB.lid, "15550100:2@s.whatsapp.net", "nobody"]) {
      const { out } = await receive(store, from, INLINE);
      assert.equal(out, INLINE, from);
    }
    assert.deepEqual([store.messages.count, store.chunks.count], [0, 0]);
  }));

test("a chunk that cannot be fetched waits, is tried again, and is given up aloud", () =>
  withStore(async (store) => {
    const losses: string[] = [];
    const { intake } = await receive(store, ME, EXTERNAL, losses);
    assert.equal(store.chunks.count, 1);
    for (let attempt = 2; attempt <= 5; attempt++) {
      await intake.retry();
      intake.stop();
    }
    assert.deepEqual([losses.length, store.chunks.count, store.chunks.waiting()[0]?.attempts], [1, 1, 5]);
  }));

test("what a crash left in the journal is stored at the next start", () =>
  withStore(async (store) => {
    const plain = proto.Message.decode(unpadRandomMax16(INLINE)).protocolMessage?.historySyncNotification;
    store.write(() => store.chunks.put(proto.Message.HistorySyncNotification.encode(plain ?? {}).finish()));
    const { intake } = await receive(store, BOB.pn, INLINE);
    await intake.retry();
    assert.deepEqual([store.messages.count, store.chunks.count], [1, 0]);
  }));

test("a message that is no history passes as it is", () =>
  withStore(async (store) => {
    const text = encodeWAMessage({ conversation: "hello" });
    assert.equal((await receive(store, ME, text)).out, text);
    assert.equal(store.chunks.count, 0);
  }));
