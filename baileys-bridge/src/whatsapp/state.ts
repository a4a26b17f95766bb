import { CODES, type Code } from "../codes.js";
import { Fault } from "../fault.js";
import { nowSeconds } from "../time.js";

/** What the bridge is to its person. `connected` means logged in and ready. */
export type State =
  | "not_paired"
  | "connecting"
  | "connected"
  | "logged_out"
  | "replaced"
  | "client_outdated"
  | "temporarily_banned"
  | "passkey_required";

/** A state with its cause, for the person who must do something about it. */
export interface Condition {
  state: State;
  /** When it began, in seconds. */
  since: number;
  reason?: string;
  resolution?: string;
}

/** What the end of a connection means: where it leaves the bridge, and whether it knocks again. */
export interface Verdict {
  /** `now`: the same moment, as after linking; `backoff`: after a growing pause; `never`: a person must act. */
  again: "now" | "backoff" | "never";
  /** The state that it ends in, of a `never` only. */
  state?: State;
  reason: string;
  resolution?: string;
}

/** What WhatsApp says with the end of a connection: a code, and the attributes of the stanza that carried it. */
export interface Goodbye {
  code: number;
  /** Seconds until a ban ends, where the server tells. */
  expire?: number;
}

const RELINK = "Call POST /api/pairing (or start the pairing command), then scan the new code with the phone.";

/**
 * Reads the code of a connection's end. The codes are WhatsApp's own (stream errors and failures) and the ones that
 * Baileys makes of a lost socket (408, 428).
 */
export function verdictOf({ code, expire }: Goodbye): Verdict {
  switch (code) {
    case 515:
      return { again: "now", reason: "restart_required" };
    case 401:
      return { again: "never", state: "logged_out", reason: "401 the phone removed this device", resolution: RELINK };
    case 440:
      return {
        again: "never",
        state: "replaced",
        reason: "440 another process uses this session",
        resolution: "Stop the other program that uses this folder's auth_info_baileys, then start this bridge again.",
      };
    case 405:
      return {
        again: "never",
        state: "client_outdated",
        reason: "405 WhatsApp refuses this version of Baileys",
        resolution: "Update this program (git pull, then npm ci and npm run build) and start the bridge again.",
      };
    case 402:
    case 403:
    case 406:
      return {
        again: "never",
        state: "temporarily_banned",
        reason: `${code} WhatsApp restricts the account${expire === undefined ? "" : ` for ${expire} s`}`,
        resolution:
          "Read the notice in WhatsApp on the phone, wait until the restriction ends, then start the bridge again.",
      };
    default:
      return { again: "backoff", reason: `${code} the connection was lost` };
  }
}

/** The pause before the nth attempt, in milliseconds: doubling from 1 s to 60 s, each between half and whole by chance. */
export function backoffMs(attempt: number, chance: number = Math.random()): number {
  return Math.round(Math.min(60_000, 1000 * 2 ** Math.min(attempt, 10)) * (0.5 + chance / 2));
}

const FAULTS: Readonly<Record<Exclude<State, "connected">, Code>> = {
  not_paired: "NOT_PAIRED",
  connecting: "BAILEYS_NOT_CONNECTED",
  logged_out: "AUTH_EXPIRED",
  replaced: "SESSION_REPLACED",
  client_outdated: "CLIENT_OUTDATED",
  temporarily_banned: "TEMPORARILY_BANNED",
  passkey_required: "PASSKEY_REQUIRED",
};

/** Throws what keeps a bridge in this condition from asking WhatsApp anything. */
export function requireConnected({ state, resolution }: Condition): void {
  if (state === "connected") return;
  const code = FAULTS[state];
  const waits =
    "Fetching history and reading business catalogs wait for the Baileys bridge; all else works without it.";
  throw new Fault(code, `${CODES[code].meaning} ${waits}`, { resolution });
}

export function condition(state: State, reason?: string, resolution?: string): Condition {
  return { state, since: nowSeconds(), reason, resolution };
}

/** The code with which a connection ended, and what the server's stanza told beside it. */
export function goodbyeOf(error: unknown): Goodbye {
  if (typeof error !== "object" || error === null) return { code: 428 };
  const output = "output" in error ? (error.output as { statusCode?: number } | undefined) : undefined;
  const data = "data" in error ? (error.data as { expire?: string; reason?: string } | undefined) : undefined;
  const expire = Number(data?.expire);
  return { code: output?.statusCode ?? 428, expire: Number.isFinite(expire) ? expire : undefined };
}
