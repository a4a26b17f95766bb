import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "#bridge/fault.js";
import { Limiter, sendLimiter } from "#bridge/whatsapp/limits.js";

test("as much is let through as the span holds, and a refusal says how long to wait", () => {
  const limiter = new Limiter("too many", [{ most: 2, spanMs: 60_000 }]);
  limiter.take(0);
  limiter.take(30_000);
  assert.throws(
    () => limiter.take(45_500),
    (error) => error instanceof Fault && error.code === "RATE_LIMIT" && error.details.retry_after_s === 15,
  );
  limiter.take(60_000);
  assert.throws(() => limiter.take(89_999));
  limiter.take(90_000);
});

test("twelve messages a minute are five at once and then one every five seconds, and sixty an hour all the same", () => {
  const limiter = sendLimiter({ sendsPerMinute: 12, sendsPerHour: 60 });
  for (let sent = 0; sent < 5; sent += 1) limiter.take(0);
  assert.throws(
    () => limiter.take(1_000),
    (error) => error instanceof Fault && error.details.retry_after_s === 24,
  );
  for (let sent = 5; sent < 60; sent += 1) limiter.take(25_000 * Math.floor(sent / 5));
  assert.throws(
    () => limiter.take(25_000 * 12),
    (error) => error instanceof Fault && error.details.retry_after_s === 3_300,
  );
  limiter.take(3_600_000);
});

test("a limit of nothing limits nothing", () => {
  const limiter = sendLimiter({ sendsPerMinute: 0, sendsPerHour: 0 });
  for (let sent = 0; sent < 1_000; sent += 1) limiter.take(0);
});
