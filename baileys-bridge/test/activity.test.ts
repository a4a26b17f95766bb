import assert from "node:assert/strict";
import { test } from "node:test";
import { nowSeconds } from "#bridge/time.js";
import { LiveActivity } from "#bridge/whatsapp/activity.js";

test("what came is told by its latest, and a message by the server's time", () => {
  const activity = new LiveActivity();
  assert.deepEqual(activity.since(undefined), {
    lastEventAt: undefined,
    lastMessageAt: undefined,
    notStored: undefined,
  });
  activity.event();
  for (const at of [500, 900, 700]) activity.message(at);
  const told = activity.since(undefined);
  assert.equal(told.lastMessageAt, 900);
  assert.ok(nowSeconds() - (told.lastEventAt ?? 0) <= 1);
});

test("that an event was not stored is told until something is stored after it", () => {
  const activity = new LiveActivity();
  activity.notStored("the disk is full");
  assert.equal(activity.since(undefined).notStored, "the disk is full");
  assert.equal(activity.since(nowSeconds() - 5).notStored, "the disk is full");
  assert.equal(activity.since(nowSeconds() + 5).notStored, undefined);
  activity.keys("the disk is full");
  assert.equal(activity.since(nowSeconds() + 5).notStored, "the disk is full");
  activity.keys();
  assert.equal(activity.since(nowSeconds() + 5).notStored, undefined);
});
