import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "#bridge/fault.js";
import { openLog } from "#bridge/log.js";
import type { Store } from "#bridge/store/store.js";
import { sendLimiter } from "#bridge/whatsapp/limits.js";
import { type Line, Outbox, type TextOrder } from "#bridge/whatsapp/outbox.js";
import type { Recipients } from "#bridge/whatsapp/recipients.js";
import { BOB, ME, message, withStore } from "./support/store.js";

type Relayed = Parameters<Line["relayMessage"]>;
type Devices = Awaited<ReturnType<Line["getUSyncDevices"]>>;

const ROOM = "120363990000000001@g.us";
const DEVICE = { jid: BOB.pn, user: "15550101", device: 0 } as unknown as Devices[number];

/** A socket that notes what leaves it; `ack` is what the server answers, `trouble` what the socket throws. */
class FakeLine {
  readonly relayed: Relayed[] = [];
  devices: Devices = [DEVICE];
  ack: Promise<unknown> = Promise.resolve({ tag: "ack", attrs: { t: "1790000000" } });
  trouble: Error | undefined;

  readonly getUSyncDevices = async (): Promise<Devices> => this.devices;
  readonly waitForMessage = (): Promise<never> => this.ack as Promise<never>;
  readonly signalRepository = {
    lidMapping: { getLIDForPN: async (pn: string) => (pn === BOB.pn ? BOB.lid : null) },
  };
  readonly relayMessage = async (...relayed: Relayed): Promise<string> => {
    if (this.trouble !== undefined) throw this.trouble;
    this.relayed.push(relayed);
    return relayed[2]?.messageId ?? "";
  };
}

function withOutbox(
  work: (outbox: Outbox, line: FakeLine, store: Store) => Promise<void>,
  limiter = sendLimiter({ sendsPerMinute: 0, sendsPerHour: 0 }),
  recipients?: Recipients,
): Promise<void> {
  return withStore(async (store) => {
    const line = new FakeLine();
    const outbox = new Outbox({ store, line: () => line, me: () => ME, log: openLog("silent"), limiter, recipients });
    await work(outbox, line, store);
  });
}

function order(more: Partial<TextOrder> = {}): TextOrder {
  return { chat: "+1 555 0101", text: "hello", mentions: [], key: "key-00000001", ...more };
}

function boom(fields: object): Error {
  return Object.assign(new Error("refused"), { isBoom: true, ...fields });
}

test("a text that was acknowledged is sent, stored, and sent once under its key", () =>
  withOutbox(async (outbox, line, store) => {
    const first = await outbox.send(order());
    assert.deepEqual([first.status, first.chat_jid, first.sent_at], ["sent", BOB.pn, 1_790_000_000]);
    assert.deepEqual(await outbox.send(order()), first);
    assert.equal(line.relayed.length, 1);
    assert.deepEqual(line.relayed[0]?.slice(0, 2), [BOB.pn, { conversation: "hello" }]);
    const row = store.messages.get(BOB.pn, first.message_id);
    assert.deepEqual([row?.text, row?.from_me, row?.read], ["hello", true, true]);
  }));

test("the same key at the same moment sends once", () =>
  withOutbox(async (outbox, line) => {
    const sent = await Promise.all([1, 2, 3].map(() => outbox.send(order())));
    assert.equal(new Set(sent.map(({ message_id }) => message_id)).size, 1);
    assert.equal(line.relayed.length, 1);
  }));

test("the same key for another text is refused", () =>
  withOutbox(async (outbox, line) => {
    await outbox.send(order());
    for (const other of [order({ text: "hullo" }), order({ chat: ROOM }), order({ mentions: [BOB.pn] })]) {
      await assert.rejects(outbox.send(other), { code: "INVALID_ARGUMENT", status: 409 });
    }
    assert.equal(line.relayed.length, 1);
  }));

test("a text that nobody acknowledged may have left: it is not sent again, and not stored as sent", () =>
  withOutbox(async (outbox, line, store) => {
    line.ack = Promise.resolve(undefined);
    const first = await outbox.send(order());
    assert.equal(first.status, "unacknowledged");
    assert.equal((await outbox.send(order())).status, "unacknowledged");
    assert.equal(line.relayed.length, 1);
    assert.equal(store.messages.get(BOB.pn, first.message_id), undefined);
  }));

test("a connection that ends while the acknowledgement is awaited leaves the text unacknowledged", () =>
  withOutbox(async (outbox, line) => {
    line.ack = Promise.reject(boom({ output: { statusCode: 428 } }));
    assert.equal((await outbox.send(order())).status, "unacknowledged");
  }));

test("what the server refuses, or Baileys before it writes, was not sent: the key is free again", () =>
  withOutbox(async (outbox, line) => {
    line.ack = Promise.resolve({ tag: "ack", attrs: { error: "463" } });
    await assert.rejects(outbox.send(order()), { code: "WHATSAPP_API_ERROR", message: /463/ });
    line.trouble = boom({ output: { statusCode: 428 } });
    await assert.rejects(outbox.send(order()), { code: "BAILEYS_NOT_CONNECTED" });
    line.trouble = undefined;
    line.ack = Promise.resolve({ tag: "ack", attrs: {} });
    assert.equal((await outbox.send(order())).status, "sent");
  }));

test("what the socket throws may come after the text left", () =>
  withOutbox(async (outbox, line) => {
    line.trouble = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    assert.equal((await outbox.send(order())).status, "unacknowledged");
    assert.equal((await outbox.send(order())).status, "unacknowledged");
  }));

test("a send that was cut off by a crash is never made again", () =>
  withOutbox(async (outbox, line, store) => {
    const first = await outbox.send(order());
    store.write(() => store.sends.put({ ...first, status: "pending" }));
    assert.deepEqual(await outbox.send(order()), { ...first, status: "unacknowledged" });
    assert.equal(line.relayed.length, 1);
  }));

test("who cannot be reached is refused before anything leaves", () =>
  withOutbox(async (outbox, line) => {
    line.devices = [];
    await assert.rejects(outbox.send(order()), { code: "RECIPIENT_UNREACHABLE" });
    await assert.rejects(outbox.send(order({ chat: "120363000000000001@newsletter" })), {
      code: "RECIPIENT_UNREACHABLE",
    });
    await assert.rejects(outbox.send(order({ chat: "Bob" })), { code: "INVALID_JID" });
    assert.equal(line.relayed.length, 0);
    for (const [data, code] of [
      [403, "NOT_GROUP_MEMBER"],
      [404, "RECIPIENT_UNREACHABLE"],
      [429, "RATE_LIMIT"],
    ] as const) {
      line.trouble = boom({ data });
      await assert.rejects(
        outbox.send(order({ chat: ROOM })),
        (error) => error instanceof Fault && error.code === code,
      );
    }
  }));

test("an answer points at its message, and a mention at the person's address", () =>
  withOutbox(async (outbox, line, store) => {
    store.write(() => [
      store.learn({ lid: BOB.lid, pn: BOB.pn }),
      store.contacts.put({ jid: BOB.pn, full_name: "Bob Carver" }, "fill"),
      store.messages.put(message({ chat_jid: ROOM, id: "Q1", sender_jid: BOB.pn, text: "who?", payload: undefined })),
    ]);
    const text = "@Bob Carver and @15550101, not @Bob Carverson";
    await outbox.send(order({ chat: ROOM, text, quotedId: "Q1", mentions: [BOB.lid] }));
    const sent = line.relayed[0]?.[1].extendedTextMessage;
    const lid = BOB.lid.slice(0, -4);
    assert.equal(sent?.text, `@${lid} and @${lid}, not @Bob Carverson`);
    assert.deepEqual(sent?.contextInfo?.mentionedJid, [BOB.lid]);
    assert.deepEqual([sent?.contextInfo?.stanzaId, sent?.contextInfo?.participant], ["Q1", BOB.lid]);
    assert.equal(sent?.contextInfo?.quotedMessage?.conversation, "who?");
    await assert.rejects(outbox.send(order({ key: undefined, quotedId: "Q2" })), { code: "MESSAGE_NOT_FOUND" });
    await assert.rejects(outbox.send(order({ key: undefined, mentions: [ROOM] })), { code: "INVALID_ARGUMENT" });
  }));

test("a message in haste is refused before anything is asked or sent, and its key is free", () =>
  withOutbox(
    async (outbox, line) => {
      await outbox.send(order());
      await outbox.send(order());
      await assert.rejects(outbox.send(order({ key: "key-00000002" })), {
        code: "RATE_LIMIT",
        details: { retry_after_s: 60 },
      });
      assert.equal(line.relayed.length, 1);
    },
    sendLimiter({ sendsPerMinute: 1, sendsPerHour: 0 }),
  ));

test("whoever is not among the recipients gets nothing, and whoever is does, under each address", () =>
  withOutbox(
    async (outbox, line, store) => {
      await assert.rejects(
        outbox.send(order()),
        (error) => error instanceof Fault && error.code === "RECIPIENT_NOT_ALLOWED",
      );
      assert.equal(line.relayed.length, 0);
      assert.equal((await outbox.send(order({ chat: ROOM, key: "key-00000002" }))).status, "sent");
      store.write(() => store.aliases.put(BOB));
      assert.equal((await outbox.send(order())).status, "sent");
    },
    undefined,
    [BOB.lid, ROOM],
  ));
