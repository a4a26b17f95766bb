import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "#bridge/fault.js";
import { Limiter } from "#bridge/whatsapp/limits.js";

test("as much is let through as the span holds, and a refusal says how long to wait", () => {
  const limiter = new Limiter(2, 60_000, "too many");
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
