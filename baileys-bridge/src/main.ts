import { mkdirSync, readFileSync } from "node:fs";
import { Fault } from "./fault.js";
import { Lock, LockedError } from "./lock.js";
import { type Log, openLog, reasonOf } from "./log.js";
import { BRIDGE } from "./routes/bridge.js";
import { makeServer } from "./routes/routes.js";
import { hostPort, readSettings, type Settings, UsageError } from "./settings.js";
import { Store } from "./store/store.js";
import { readToken } from "./token.js";
import { Client } from "./whatsapp/client.js";
import { readRecipients } from "./whatsapp/recipients.js";

process.umask(0o077);

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  await run(settings, openLog(settings.logLevel));
} catch (error) {
  process.stderr.write(`baileys-bridge: ${describe(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}

/** Wires the bridge: the lock before anything is opened, the port before anything connects. */
async function run(settings: Settings, log: Log): Promise<void> {
  const recipients = readRecipients(settings.recipients);
  mkdirSync(settings.store, { recursive: true, mode: 0o700 });
  const token = readToken(settings.tokenFile, process.env);
  const lock = Lock.take(settings.store, hostPort(settings.listen));
  const store = Store.open(settings.store);
  const client = new Client({
    store,
    folder: settings.store,
    log,
    emulator: settings.emulator,
    limits: settings.limits,
    recipients,
  });
  let { port } = settings.listen;
  const server = makeServer({ client, store, log, token, version: version(), port: () => port });
  const close = async (): Promise<void> => {
    await server.close();
    await client.stop();
    store.close();
    lock.release();
  };
  const stop = (code: number): void => {
    close().then(
      () => process.exit(code),
      (error) => {
        log.error("the bridge did not close in good order", { reason: reasonOf(error) });
        process.exit(1);
      },
    );
  };
  guard(log, () => stop(1));
  await server.listen(settings.listen);
  const address = server.server.address();
  if (typeof address === "object" && address !== null) port = address.port;
  const listen = hostPort({ ...settings.listen, port });
  lock.announce(listen);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop(0));
  process.stdout.write(`${JSON.stringify({ ready: true, listen, bridge: BRIDGE })}\n`);
  await client.start();
}

/** Errors outside of every request: Baileys' own promises among them. Node would print them with all their data. */
function guard(log: Log, stop: () => void): void {
  process.on("unhandledRejection", (error) => log.error("a promise was rejected", { reason: reasonOf(error) }));
  process.on("uncaughtException", (error) => {
    log.error("the bridge stops", { reason: reasonOf(error) });
    stop();
  });
}

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function describe(error: unknown): string {
  if (error instanceof UsageError || error instanceof LockedError) return error.message;
  if (error instanceof Fault) return `${error.message} ${error.resolution}`;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    return `port in use (${error.message}): stop what listens there, or give --listen another port`;
  }
  return reasonOf(error);
}
