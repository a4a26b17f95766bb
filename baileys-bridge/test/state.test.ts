import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backoffMs, condition, requireConnected, verdictOf } from "#bridge/whatsapp/state.js";

test("each code of a connection's end leads where it must", () => {
  const never = (code: number) => verdictOf({ code }).state;
  assert.equal(verdictOf({ code: 515 }).again, "now");
  assert.equal(never(401), "logged_out");
  assert.equal(never(440), "replaced");
  assert.equal(never(405), "client_outdated");
  for (const code of [402, 403, 406]) assert.equal(never(code), "temporarily_banned");
  for (const code of [408, 428, 500, 503, 0]) assert.equal(verdictOf({ code }).again, "backoff");
});

test("what a person must mend says how, and never comes back by itself", () => {
  for (const code of [401, 402, 403, 405, 406, 440]) {
    const verdict = verdictOf({ code });
    assert.equal(verdict.again, "never");
    assert.ok((verdict.resolution ?? "").length > 20, String(code));
  }
  assert.match(verdictOf({ code: 402, expire: 600 }).reason, /600 s/);
});

test("the pause grows, is never the same for all, and has an end", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, chance) => {
      const pause = backoffMs(attempt, chance);
      assert.ok(pause >= 500 && pause <= 60_000);
      assert.ok(backoffMs(attempt + 1, chance) >= pause);
    }),
  );
});

test("a bridge that is not connected says why, with the code of its state", () => {
  requireConnected(condition("connected"));
  assert.throws(() => requireConnected(condition("not_paired")), { code: "NOT_PAIRED" });
  assert.throws(() => requireConnected(condition("connecting")), { code: "BAILEYS_NOT_CONNECTED" });
  assert.throws(() => requireConnected(condition("logged_out")), { code: "AUTH_EXPIRED" });
  assert.throws(() => requireConnected(condition("replaced")), { code: "SESSION_REPLACED" });
  assert.throws(() => requireConnected(condition("client_outdated")), { code: "CLIENT_OUTDATED" });
  assert.throws(() => requireConnected(condition("temporarily_banned")), { code: "TEMPORARILY_BANNED" });
  assert.throws(() => requireConnected(condition("passkey_required")), { code: "PASSKEY_REQUIRED" });
});
