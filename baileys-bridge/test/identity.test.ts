import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressOf, bareJid, chatKind, deviceOf } from "#bridge/store/identity.js";

test("a JID loses its device, its agent and its legacy server", () => {
  assert.equal(bareJid("15550101:12@s.whatsapp.net"), "15550101@s.whatsapp.net");
  assert.equal(bareJid("15550101_1:3@s.whatsapp.net"), "15550101@s.whatsapp.net");
  assert.equal(bareJid("15550101@c.us"), "15550101@s.whatsapp.net");
  assert.equal(bareJid("213480000000101:7@hosted.lid"), "213480000000101@lid");
  assert.equal(bareJid("15550101-1600000000@g.us"), "15550101-1600000000@g.us");
  assert.equal(deviceOf("15550101:12@s.whatsapp.net"), 12);
  assert.equal(deviceOf("15550101@s.whatsapp.net"), 0);
});

test("a text that is no JID is none", () => {
  for (const text of ["", "@", "x@y", "15550101@", "@lid", "15550101@example.org", "a b@lid", "bob@s.whatsapp.net"]) {
    assert.equal(bareJid(text), undefined, text);
  }
});

test("a bare JID stays what it is, whatever device spoke", () => {
  const server = fc.constantFrom("s.whatsapp.net", "lid");
  fc.assert(
    fc.property(fc.integer({ min: 1_000_000, max: 999_999_999_999 }), fc.nat(99), server, (user, device, at) => {
      const bare = bareJid(`${user}:${device}@${at}`);
      assert.equal(bare, `${user}@${at}`);
      assert.equal(bareJid(bare), bare);
    }),
  );
});

test("whatever text comes in, reading it as a JID never throws and gives a readable JID or nothing", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const bare = bareJid(text);
      assert.equal(bare === undefined ? undefined : bareJid(bare), bare);
    }),
  );
});

test("a phone number is understood in the ways people write it", () => {
  for (const text of ["15550101", "+1 555 0101", "+1 (555) 01-01", "001 555 0101", "+1.555.0101"]) {
    assert.equal(addressOf(text), "15550101@s.whatsapp.net", text);
  }
});

test("a number that cannot be one, and a name, are told apart", () => {
  assert.throws(() => addressOf("123"), { code: "INVALID_PHONE_FORMAT" });
  assert.throws(() => addressOf("0155501010000000000"), { code: "INVALID_PHONE_FORMAT" });
  assert.throws(() => addressOf("Bob"), { code: "INVALID_JID" });
  assert.throws(() => addressOf("15550101@example.org"), { code: "INVALID_JID" });
});

test("the kind of a chat is read from its JID", () => {
  assert.equal(chatKind("15550101@s.whatsapp.net"), "direct");
  assert.equal(chatKind("120363040000000102@g.us"), "group");
  assert.equal(chatKind("120363040000000102@newsletter"), "newsletter");
  assert.equal(chatKind("status@broadcast"), "status");
  assert.equal(chatKind("123@broadcast"), "broadcast");
});
