import { isIP } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Level } from "./log.js";

/** A command line that cannot be served; the message is one line for the person who wrote it. */
export class UsageError extends Error {}

/** Where to listen: a loopback IP and a port, 0 for any free one. */
export interface Address {
  host: string;
  port: number;
}

/** How often this companion does what WhatsApp restricts accounts for; 0 is as often as one likes. */
export interface Limits {
  sendsPerMinute: number;
  sendsPerHour: number;
}

/** Those of the Go bridge. */
export const USUAL_LIMITS: Limits = { sendsPerMinute: 12, sendsPerHour: 60 };

export interface Settings {
  listen: Address;
  /** The folder of baileys_temp.db, auth_info_baileys/ and bridge.lock, absolute. */
  store: string;
  tokenFile: string;
  /** The emulator's address, for tests and demonstrations alone. */
  emulator?: Address;
  logLevel: Level;
  limits: Limits;
  /** Whom alone this companion may write to, as they were typed; undefined is everybody. */
  recipients?: string;
}

export const USAGE =
  "usage: node dist/main.js [--listen 127.0.0.1:8081] [--store .] [--token-file ../whatsapp-bridge/store/bridge.token] [--sends-per-minute 12] [--sends-per-hour 60] [--allowed-recipients +15550100,...] [--emulator ws://127.0.0.1:PORT]";

const LEVELS: readonly string[] = ["debug", "info", "warn", "error", "silent"];

/** Reads the command line; relative paths belong to the working directory. Throws {@link UsageError}. */
export function readSettings(args: string[], env: NodeJS.ProcessEnv): Settings {
  const { values } = parse(args);
  const recipients = values["allowed-recipients"] ?? env.WHATSAPP_MCP_ALLOWED_RECIPIENTS;
  const level = (env.WHATSAPP_MCP_LOG_LEVEL ?? "info").toLowerCase();
  return {
    listen: readListen(values.listen ?? "127.0.0.1:8081"),
    store: resolve(values.store ?? "."),
    tokenFile: resolve(values["token-file"] ?? "../whatsapp-bridge/store/bridge.token"),
    limits: {
      sendsPerMinute: count("sends-per-minute", values["sends-per-minute"], env, USUAL_LIMITS.sendsPerMinute),
      sendsPerHour: count("sends-per-hour", values["sends-per-hour"], env, USUAL_LIMITS.sendsPerHour),
    },
    logLevel: LEVELS.includes(level) ? (level as Level) : "info",
    ...(recipients === undefined ? {} : { recipients }),
    ...(values.emulator === undefined ? {} : { emulator: readEmulator(values.emulator) }),
  };
}

/** Whether a host is a loopback IP literal; names are not, because what they resolve to can change. */
export function isLoopback(host: string): boolean {
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** An address as host:port, with brackets around an IPv6 host. */
export function hostPort({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        listen: { type: "string" },
        store: { type: "string" },
        "token-file": { type: "string" },
        "sends-per-minute": { type: "string" },
        "sends-per-hour": { type: "string" },
        "allowed-recipients": { type: "string" },
        emulator: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : "bad arguments"}\n${USAGE}`);
  }
}

/** A count of the command line, else of the environment. */
function count(name: string, given: string | undefined, env: NodeJS.ProcessEnv, usual: number): number {
  const variable = `WHATSAPP_MCP_${name.toUpperCase().replaceAll("-", "_")}`;
  const text = given ?? env[variable] ?? "";
  if (text === "") return usual;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} or ${variable} is a count, not "${text}"`);
  return Number(text);
}

function readListen(text: string): Address {
  const address = splitAddress(text);
  if (address === undefined) throw new UsageError(`--listen ${text}: write it as 127.0.0.1:PORT`);
  if (!isLoopback(address.host)) {
    throw new UsageError(`--listen ${text}: only a loopback address is served; use 127.0.0.1:${address.port}`);
  }
  return address;
}

function readEmulator(text: string): Address {
  const address = text.startsWith("ws://") ? splitAddress(text.slice(5).replace(/\/$/, "")) : undefined;
  if (address === undefined || address.port === 0) {
    throw new UsageError(`--emulator ${text}: write it as ws://127.0.0.1:PORT, a loopback address`);
  }
  if (!isLoopback(address.host)) {
    throw new UsageError(`--emulator ${text}: refused, the emulator is a test double and must be on a loopback IP`);
  }
  return address;
}

function splitAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65535 ? undefined : { host, port };
}
