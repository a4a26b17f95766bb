import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { redact } from "#bridge/log.js";

test("a number is cut to its last four digits, wherever it stands", () => {
  assert.equal(redact("from 15550101@s.whatsapp.net to 213480000000101@lid"), "from …0101@s.whatsapp.net to …0101@lid");
  assert.equal(redact("port 8081, code 440"), "port 8081, code 440");
});

test("no key survives redaction, in base64 or in hex", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 64 }), (key) => {
      for (const encoding of ["base64", "base64url", "hex"] as const) {
        const text = Buffer.from(key).toString(encoding);
        const left = redact(`key ${text} end`);
        assert.ok(!left.includes(text.slice(0, 24)), left);
      }
    }),
    { examples: [[new Uint8Array(randomBytes(32))]] },
  );
});

test("once Baileys is loaded the console is silent, whoever prints to it", () => {
  const module = new URL("../whatsapp/baileys.js", import.meta.url).href;
  const script = `await import(${JSON.stringify(module)});
    for (const method of ["log", "info", "warn", "error", "debug", "trace", "dir"]) console[method]("a private key");
    process.stdout.write("end");`;
  const cwd = fileURLToPath(new URL("../../", import.meta.url));
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    stdio: "pipe",
    cwd,
  });
  assert.equal(output, "end");
});
