import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Lock, LockedError } from "#bridge/lock.js";
import { readSettings, UsageError } from "#bridge/settings.js";
import { readToken } from "#bridge/token.js";
import { readRecipients } from "#bridge/whatsapp/recipients.js";
import { MAIN } from "./support/bridge.js";
import { Program } from "./support/program.js";

function withFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "baileys-start-"));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  const result = work(folder);
  if (result instanceof Promise) return result.finally(clean) as T;
  clean();
  return result;
}

function start(folder: string, ...args: string[]): Program {
  const own = ["--store", folder, "--token-file", join(folder, "bridge.token")];
  return new Program(process.execPath, [MAIN, ...own, ...args], { WHATSAPP_MCP_TOKEN: "" });
}

test("the defaults are those of the documents", () => {
  const settings = readSettings([], {});
  assert.deepEqual(settings.listen, { host: "127.0.0.1", port: 8081 });
  assert.equal(settings.store, process.cwd());
  assert.ok(settings.tokenFile.endsWith(join("whatsapp-bridge", "store", "bridge.token")));
  assert.equal(settings.emulator, undefined);
  assert.deepEqual(settings.limits, { sendsPerMinute: 12, sendsPerHour: 60 });
  assert.equal(settings.recipients, undefined);
});

test("recipients are JIDs and numbers, and a list that is not understood keeps the bridge from starting", () => {
  assert.equal(readRecipients(undefined), undefined);
  assert.deepEqual(readRecipients(readSettings(["--allowed-recipients", "nobody"], {}).recipients), []);
  const { recipients } = readSettings([], { WHATSAPP_MCP_ALLOWED_RECIPIENTS: "+1 555 0100, 990100@lid" });
  assert.deepEqual(readRecipients(recipients), ["15550100@s.whatsapp.net", "990100@lid"]);
  for (const text of ["", "Bob", "+1 555 0100,", "nobody, +1 555 0100", "*"]) {
    const set = readSettings([], { WHATSAPP_MCP_ALLOWED_RECIPIENTS: text });
    assert.throws(() => readRecipients(set.recipients), UsageError, text);
  }
});

test("limits are set by the command line, else by the environment, and are counts", () => {
  const env = { WHATSAPP_MCP_SENDS_PER_MINUTE: "20", WHATSAPP_MCP_SENDS_PER_HOUR: "0" };
  assert.deepEqual(readSettings(["--sends-per-minute", "3"], env).limits, { sendsPerMinute: 3, sendsPerHour: 0 });
  for (const text of ["many", "-1", "1.5"]) {
    assert.throws(() => readSettings([], { WHATSAPP_MCP_SENDS_PER_HOUR: text }), UsageError, text);
    assert.throws(() => readSettings([`--sends-per-minute=${text}`], {}), UsageError, text);
  }
});

test("only loopback is listened on, and only an emulator on loopback is spoken to", () => {
  for (const listen of ["0.0.0.0:8081", "192.168.0.2:8081", "localhost:8081", "8081", "127.0.0.1:99999", "[::]:1"]) {
    assert.throws(() => readSettings(["--listen", listen], {}), UsageError, listen);
  }
  for (const emulator of [
    "ws://10.0.0.1:1",
    "wss://127.0.0.1:1",
    "ws://web.whatsapp.com:443",
    "127.0.0.1:1",
    "ws://127.0.0.1:0",
  ]) {
    assert.throws(() => readSettings(["--emulator", emulator], {}), UsageError, emulator);
  }
  assert.deepEqual(readSettings(["--listen", "[::1]:0"], {}).listen, { host: "::1", port: 0 });
  assert.throws(() => readSettings(["--colour"], {}), UsageError);
});

test("a wrong command line ends with code 2 and one clear line", () =>
  withFolder(async (folder) => {
    const program = start(folder, "--listen", "0.0.0.0:1");
    assert.equal(await program.ended(), 2);
    assert.match(program.stderr, /only a loopback address/);
    assert.equal(program.stdout, "");
  }));

test("the token is made once, whole and for its owner alone, and both bridges read the same", () =>
  withFolder((folder) => {
    const file = join(folder, "store", "bridge.token");
    const token = readToken(file, {});
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.equal(readFileSync(file, "utf8"), `${token}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readToken(file, {}), token);
    assert.equal(readToken(file, { WHATSAPP_MCP_TOKEN: "b".repeat(64) }), "b".repeat(64));
    writeFileSync(file, "short");
    assert.throws(() => readToken(file, {}), UsageError);
  }));

test("the lock is held by the system and tells who holds it", () =>
  withFolder((folder) => {
    const lock = Lock.take(folder, "127.0.0.1:1");
    lock.announce("127.0.0.1:4711");
    assert.throws(
      () => Lock.take(folder, "127.0.0.1:2"),
      (error: Error) => {
        assert.ok(error instanceof LockedError);
        assert.match(
          error.message,
          new RegExp(`another bridge \\(pid ${process.pid}, listening on 127.0.0.1:4711, since 20`),
        );
        return true;
      },
    );
    lock.release();
    Lock.take(folder, "127.0.0.1:3").release();
  }));

test("a store that another process holds ends a second start with code 1, before it touches anything", () =>
  withFolder(async (folder) => {
    const lock = Lock.take(folder, "127.0.0.1:4711");
    const program = start(folder, "--listen", "127.0.0.1:0", "--emulator", "ws://127.0.0.1:1");
    assert.equal(await program.ended(), 1);
    assert.match(program.stderr, /another bridge \(pid \d+, listening on 127\.0\.0\.1:4711/);
    assert.throws(() => statSync(join(folder, "baileys_temp.db")));
    lock.release();
  }));

test("a port in use ends with code 1 and says which", () =>
  withFolder(async (folder) => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const address = squatter.address();
    const port = typeof address === "object" ? address?.port : 0;
    const program = start(folder, "--listen", `127.0.0.1:${port}`, "--emulator", "ws://127.0.0.1:1");
    assert.equal(await program.ended(), 1);
    assert.match(program.stderr, new RegExp(`port in use .*127\\.0\\.0\\.1:${port}`));
    squatter.close();
  }));

test("a damaged database ends with code 1 and says what to do", () =>
  withFolder(async (folder) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "baileys_temp.db"),
      "this is no database, but it is long enough to be taken for one".repeat(40),
    );
    const program = start(folder, "--listen", "127.0.0.1:0", "--emulator", "ws://127.0.0.1:1");
    assert.equal(await program.ended(), 1);
    assert.match(program.stderr, /Move .*baileys_temp\.db away/);
  }));
