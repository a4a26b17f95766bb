import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { proto } from "#bridge/whatsapp/baileys.js";
import { readContent } from "#bridge/whatsapp/content.js";
import { convert, convertHistory, seconds, type Told } from "#bridge/whatsapp/convert.js";
import { muteEnd } from "#bridge/whatsapp/history.js";
import { BOB, GROUP, ME } from "./support/store.js";

const AT = 1_790_000_000;

function told(message: proto.IMessage | undefined, more: Partial<Told> = {}): Told {
  return { key: { remoteJid: BOB.lid, id: "A1", fromMe: false }, messageTimestamp: AT, message, ...more };
}

test("a time is read in every form that WhatsApp gives it", () => {
  const long = proto.WebMessageInfo.decode(proto.WebMessageInfo.encode({ messageTimestamp: AT }).finish());
  assert.equal(seconds(long.messageTimestamp), AT);
  assert.equal(seconds(AT), AT);
  assert.equal(seconds(String(AT)), AT);
  assert.equal(seconds(AT * 1000 + 7), AT);
  for (const none of [0, -5, Number.NaN, "soon", null, undefined]) assert.equal(seconds(none), undefined);
});

test("a text in a direct chat is its person's", () => {
  const { message } = convert(told({ conversation: "hello" }), ME);
  const { payload, ...row } = message ?? {};
  assert.deepEqual(JSON.parse(JSON.stringify(row)), {
    chat_jid: BOB.lid,
    id: "A1",
    sender_jid: BOB.lid,
    from_me: false,
    timestamp: AT,
    kind: "text",
    text: "hello",
  });
  assert.equal(proto.Message.decode(payload ?? new Uint8Array()).conversation, "hello");
});

test("the sender of a group's message is its participant, without device", () => {
  const key = { remoteJid: GROUP, id: "G1", fromMe: false, participant: "213480000000101:4@lid" };
  assert.equal(convert(told({ conversation: "x" }, { key }), ME).message?.sender_jid, BOB.lid);
});

test("what the account wrote itself is from its own JID", () => {
  const key = { remoteJid: GROUP, id: "G1", fromMe: true, participant: "210000000000100@lid" };
  assert.equal(convert(told({ conversation: "x" }, { key }), ME).message?.sender_jid, ME);
});

test("a live key that names both addresses tells who is who", () => {
  const key = { remoteJid: BOB.lid, remoteJidAlt: "15550101:2@s.whatsapp.net", id: "A1", fromMe: false };
  assert.deepEqual(convert(told({ conversation: "x" }, { key }), ME).mappings, [BOB]);
});

test("each payload has its kind and its words", () => {
  const cases: [proto.IMessage, string, string | undefined][] = [
    [{ extendedTextMessage: { text: "hi" } }, "text", "hi"],
    [{ imageMessage: { caption: "a cat" } }, "image", "a cat"],
    [{ videoMessage: {} }, "video", undefined],
    [{ ptvMessage: {} }, "video", undefined],
    [{ audioMessage: { ptt: true } }, "voice", undefined],
    [{ audioMessage: {} }, "audio", undefined],
    [{ documentMessage: { caption: "read this" } }, "document", "read this"],
    [{ stickerMessage: {} }, "sticker", undefined],
    [{ contactMessage: { displayName: "Bob", vcard: "BEGIN:VCARD" } }, "contact", "Bob\nBEGIN:VCARD"],
    [
      { locationMessage: { name: "Pier", degreesLatitude: 1, degreesLongitude: 2 } },
      "location",
      "Pier\n1.000000, 2.000000",
    ],
    [{ pollCreationMessageV3: { name: "When?", options: [{ optionName: "Now" }] } }, "poll", "When?\n- Now"],
    [{ buttonsMessage: { contentText: "Choose" } }, "text", "Choose"],
    [{ listResponseMessage: { title: "Chosen" } }, "text", "Chosen"],
    [{ interactiveMessage: { body: { text: "Offer" } } }, "text", "Offer"],
    [{ groupInviteMessage: { groupName: "Choir" } }, "unsupported:groupInviteMessage", "Choir"],
    [
      { protocolMessage: { type: 3, ephemeralExpiration: 86400 } },
      "system",
      "Disappearing messages were set to 24 hours",
    ],
  ];
  for (const [payload, kind, text] of cases) {
    const content = readContent(payload);
    assert.deepEqual([content?.kind, content?.text], [kind, text], JSON.stringify(payload));
  }
});

test("a payload is found inside whatever wraps it", () => {
  const inner = { imageMessage: { caption: "gone soon" } };
  for (const wrapped of [
    { ephemeralMessage: { message: inner } },
    { viewOnceMessageV2: { message: inner } },
    { deviceSentMessage: { message: { ephemeralMessage: { message: { viewOnceMessage: { message: inner } } } } } },
    { documentWithCaptionMessage: { message: inner } },
  ]) {
    assert.equal(readContent(wrapped)?.text, "gone soon", JSON.stringify(wrapped));
  }
});

test("a file keeps what is needed to fetch it, the path verbatim", () => {
  const file = {
    directPath: "/v/t62/x?ccb=1&oh=2",
    mediaKey: new Uint8Array([1]),
    fileLength: 7,
    mimetype: "image/jpeg",
  };
  const media = convert(told({ imageMessage: file }), ME).message?.media;
  assert.equal(media?.direct_path, file.directPath);
  assert.deepEqual(media?.key, file.mediaKey);
  assert.equal(media?.size, 7);
});

test("an answer names what it answers, and a forwarded message says so", () => {
  const contextInfo = { stanzaId: "Q1", participant: "213480000000101:9@lid", isForwarded: true };
  const { message } = convert(told({ extendedTextMessage: { text: "yes", contextInfo } }), ME);
  assert.deepEqual([message?.quoted_id, message?.quoted_sender_jid, message?.forwarded], ["Q1", BOB.lid, true]);
});

test("reactions, edits and revokes are events on their message, and keys say nothing", () => {
  const key = { id: "T1" };
  const reaction = convert(told({ reactionMessage: { key, text: "👍", senderTimestampMs: AT * 1000 } }), ME);
  assert.deepEqual(reaction.reactions, [
    { chat_jid: BOB.lid, message_id: "T1", sender_jid: BOB.lid, emoji: "👍", timestamp: AT },
  ]);
  const revoke = convert(told({ protocolMessage: { key, type: 0 } }), ME);
  assert.deepEqual(revoke.changes, [
    { change: "revoke", chat_jid: BOB.lid, id: "T1", sender_jid: BOB.lid, timestamp: AT },
  ]);
  const edit = convert(
    told({ protocolMessage: { key, type: 14, editedMessage: { conversation: "new" }, timestampMs: AT * 1000 } }),
    ME,
  );
  assert.deepEqual([edit.changes[0]?.id, edit.changes[0]?.text], ["T1", "new"]);
  const keys = convert(told({ senderKeyDistributionMessage: { groupId: GROUP } }), ME);
  for (const one of [reaction, revoke, edit, keys]) assert.equal(one.message, undefined);
});

test("history tells an edited message by its edit alone, and it becomes the message", () => {
  const protocolMessage = {
    key: { id: "T1" },
    type: 14,
    editedMessage: { conversation: "new" },
    timestampMs: (AT + 60) * 1000,
  };
  const out = convertHistory(told({ editedMessage: { message: { protocolMessage } } }), ME, BOB.lid);
  assert.deepEqual(out.changes, []);
  assert.deepEqual(
    [out.message?.id, out.message?.text, out.message?.timestamp, out.message?.edited_at],
    ["T1", "new", AT, AT + 60],
  );
});

test("history tells a revoked message by a stub, and what happened to a group as system", () => {
  const revoked = convertHistory(told(undefined, { messageStubType: 1, revokeMessageTimestamp: AT + 9 }), ME, BOB.lid);
  assert.deepEqual([revoked.message?.kind, revoked.message?.revoked_at], ["revoked", AT + 9]);
  const key = { remoteJid: GROUP, id: "G1", fromMe: false };
  const created = convertHistory(told(undefined, { key, messageStubType: 20 }), ME, GROUP);
  assert.deepEqual(
    [created.message?.kind, created.message?.text, created.message?.sender_jid],
    ["system", "group create", GROUP],
  );
});

test("a message without chat, author, id or time is refused and counted, never thrown", () => {
  const payload = { conversation: "x" };
  assert.ok(convert(told(payload, { messageTimestamp: 0 }), ME).refused);
  assert.ok(convert(told(payload, { key: { remoteJid: BOB.lid, fromMe: false } }), ME).refused);
  assert.ok(convert(told(payload, { key: { remoteJid: "nobody", id: "A1" } }), ME).refused);
  assert.ok(convert(told(payload, { key: { remoteJid: GROUP, id: "A1" } }), ME).refused);
});

test("whatever bytes a phone sends as a message, reading them gives a row, an event or nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, jid) => {
      let info: proto.WebMessageInfo;
      try {
        info = proto.WebMessageInfo.decode(bytes);
      } catch {
        return;
      }
      convertHistory(info, ME, jid);
      convertHistory({ ...info, key: { remoteJid: BOB.lid, id: "A1" }, messageTimestamp: AT }, ME, BOB.lid);
    }),
    { numRuns: 500 },
  );
});

test("a mute for ever is -1, and one of milliseconds becomes seconds", () => {
  const largest = proto.Conversation.fromObject({ id: BOB.lid, muteEndTime: "18446744073709551615" });
  const forEver = proto.Conversation.decode(proto.Conversation.encode(largest).finish()).muteEndTime;
  assert.equal(muteEnd(forEver), -1);
  assert.equal(muteEnd(AT), AT);
  assert.equal(muteEnd(AT * 1000), AT);
  assert.equal(muteEnd(0), 0);
  assert.equal(muteEnd(null), undefined);
});
