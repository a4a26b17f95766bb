import { LRUCache } from "lru-cache";
import type { Log } from "../log.js";
import { bareJid } from "../store/identity.js";
import {
  type AuthenticationState,
  type BinaryNode,
  Browsers,
  type CacheStore,
  makeCacheableSignalKeyStore,
  type proto,
  type SocketConfig,
} from "./baileys.js";
import { baileysLogger } from "./logger.js";
import type { Wire } from "./wire.js";

/** What a socket is made of. */
export interface SocketParts {
  auth: AuthenticationState;
  wire: Wire;
  log: Log;
  retries: CacheStore;
  /** A message that is held, for a receiver who could not decrypt it. */
  sentMessage(chat: string | undefined, id: string | null | undefined): proto.IMessage | undefined;
  makeSignalRepository: SocketConfig["makeSignalRepository"];
  emulated: boolean;
}

/** A question to WhatsApp's server and its answer, as stanzas. */
export type Ask = (question: BinaryNode) => Promise<BinaryNode>;

/** What this companion calls itself: system and program. A desktop is given a longer history than a browser. */
const IDENTITY = Browsers.macOS("Desktop");

/**
 * Asks under the name of a browser. WhatsApp gives a code to type only to programs that it knows by name (Baileys#2488), and
 * Baileys reads the name from the array that the socket was made with.
 */
export async function asKnownBrowser<T>(ask: () => Promise<T>): Promise<T> {
  const [, own] = IDENTITY;
  IDENTITY[1] = "Chrome";
  try {
    return await ask();
  } finally {
    IDENTITY[1] = own;
  }
}

/** Baileys' settings, with the reason for each that is not its default. */
export function socketConfig(parts: SocketParts): Partial<SocketConfig> & Pick<SocketConfig, "auth"> {
  const logger = baileysLogger(parts.log);
  const { auth, wire, emulated } = parts;
  return {
    auth: { creds: auth.creds, keys: makeCacheableSignalKeyStore(auth.keys, logger) },
    logger,
    browser: IDENTITY,
    syncFullHistory: true,
    // Baileys leaves FULL chunks out unless told otherwise, whatever syncFullHistory says.
    shouldSyncHistoryMessage: () => true,
    // Presence "available" would silence the phone's notifications.
    markOnlineOnConnect: false,
    emitOwnEvents: true,
    // Off by default in Baileys, where a mismatch stalls the first sync; the emulator's collections must be whole.
    appStateMacVerification: { patch: emulated, snapshot: emulated },
    msgRetryCounterCache: parts.retries,
    getMessage: async (key) => parts.sentMessage(bareJid(key.remoteJid), key.id),
    makeSignalRepository: parts.makeSignalRepository,
    options: { dispatcher: wire.dispatcher } as RequestInit,
    ...(wire.url === undefined ? {} : { waWebSocketUrl: wire.url }),
    ...(wire.version === undefined ? {} : { version: wire.version }),
  };
}

/** The counts of retries, kept over reconnects so that a message that cannot be decrypted is not asked for without end. */
export function retryCounts(): CacheStore {
  const entries = new LRUCache<string, NonNullable<unknown>>({ max: 10_000, ttl: 3_600_000 });
  return {
    get: <T>(key: string) => entries.get(key) as T | undefined,
    set: <T>(key: string, value: T) => {
      if (value !== undefined && value !== null) entries.set(key, value);
    },
    del: (key) => {
      entries.delete(key);
    },
    flushAll: () => entries.clear(),
  };
}
