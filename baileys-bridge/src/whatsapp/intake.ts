import { deflateSync } from "node:zlib";
import { type Log, reasonOf } from "../log.js";
import type { Chunk } from "../store/chunks.js";
import { bareJid, deviceOf } from "../store/identity.js";
import type { Store } from "../store/store.js";
import {
  type AuthenticationCreds,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  proto,
  type SignalAuthState,
  type SocketConfig,
  unpadRandomMax16,
} from "./baileys.js";
import { type Arrival, mappingsOf, readChunk, storeChunk } from "./history.js";
import type { Wire } from "./wire.js";

type Notification = proto.Message.IHistorySyncNotification;
type MakeRepository = SocketConfig["makeSignalRepository"];

/** How often a chunk that cannot be had is asked for again before the job says that it failed. */
const MOST_ATTEMPTS = 5;

/** The pause before the nth new attempt is n times this. */
const RETRY_MS = 15_000;

/**
 * Takes the history that the phone sends, before Baileys acknowledges it.
 *
 * Baileys sends the receipts of a message as soon as it is decrypted (Socket/messages-recv.js, handleMessage), downloads the
 * chunk after that, and hands its rows out through an event buffer that joins chunks, forgets their LID mappings and is lost
 * in a crash (Utils/event-buffer.js). So the chunk is taken where Baileys lets us in: at the decryption of a message of the
 * own phone. There the order is
 *
 *   1. the notification is journalled, in the same step as the ratchet that decrypted it: a crash before leaves the message
 *      undecrypted on the server, one after leaves it in the journal;
 *   2. the chunk is fetched, and its rows stored in one transaction that also ends the journal's entry;
 *   3. Baileys gets the message with the chunk's mappings and tokens alone, stores those, and acknowledges.
 *
 * A chunk that cannot be fetched now is acknowledged all the same: its entry waits in the journal and is tried again.
 */
export class Intake {
  readonly #store: Store;
  readonly #creds: AuthenticationCreds;
  readonly #wire: Wire;
  readonly #log: Log;
  readonly #onArrival: (arrival: Arrival) => void;
  readonly #onLoss: (reason: string) => void;
  readonly #repository: MakeRepository;
  /** The chunks that are being fetched: one that is announced twice at once is fetched once. */
  readonly #taking = new Map<string, Promise<proto.IHistorySync>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    store: Store;
    creds: AuthenticationCreds;
    wire: Wire;
    log: Log;
    /** Called in the transaction of the chunk's rows. */
    onArrival: (arrival: Arrival) => void;
    /** A chunk was given up. */
    onLoss: (reason: string) => void;
    /** What decrypts; Baileys' own unless told otherwise. */
    repository?: MakeRepository;
  }) {
    this.#store = options.store;
    this.#creds = options.creds;
    this.#wire = options.wire;
    this.#log = options.log;
    this.#onArrival = options.onArrival;
    this.#onLoss = options.onLoss;
    this.#repository = options.repository ?? DEFAULT_CONNECTION_CONFIG.makeSignalRepository;
  }

  /** Baileys' Signal repository with our door in it. */
  readonly makeSignalRepository: MakeRepository = (auth, logger, lookUp) => {
    const repository = this.#repository(auth, logger, lookUp);
    const decrypt = repository.decryptMessage.bind(repository);
    repository.decryptMessage = async (sealed) => {
      if (!this.#isOwnPhone(sealed.jid)) return decrypt(sealed);
      const { plain, chunk } = await transaction(auth, sealed.jid, async () => {
        const plain = await decrypt(sealed);
        return { plain, chunk: this.#journal(plain) };
      });
      if (chunk === undefined) return plain;
      return replaceHistory(plain, await this.#take(chunk));
    };
    return repository;
  };

  /** Tries the chunks that wait: after each login, and when the account's job is asked to go on. */
  async retry(): Promise<void> {
    clearTimeout(this.#timer);
    for (const chunk of this.#store.chunks.waiting()) {
      if (!this.#store.open) return;
      await this.#take(chunk);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #isOwnPhone(jid: string): boolean {
    const { me } = this.#creds;
    const sender = bareJid(jid);
    return sender !== undefined && deviceOf(jid) === 0 && (sender === bareJid(me?.id) || sender === bareJid(me?.lid));
  }

  #journal(plain: Uint8Array): Chunk | undefined {
    const notification = historyIn(plain);
    if (notification === undefined) return undefined;
    const bytes = proto.Message.HistorySyncNotification.encode(notification).finish();
    return this.#store.write(() => this.#store.chunks.put(bytes));
  }

  /** Fetches and stores a chunk; what Baileys must know of it, or nothing where it could not be had. */
  #take(chunk: Chunk): Promise<proto.IHistorySync> {
    const taking = this.#taking.get(chunk.chunk) ?? this.#fetch(chunk).finally(() => this.#taking.delete(chunk.chunk));
    this.#taking.set(chunk.chunk, taking);
    return taking;
  }

  async #fetch(chunk: Chunk): Promise<proto.IHistorySync> {
    const notification = proto.Message.HistorySyncNotification.decode(chunk.notification);
    const progress = { syncType: notification.syncType as number | undefined, progress: notification.progress };
    const me = bareJid(this.#creds.me?.id);
    if (me === undefined) return progress;
    try {
      const history = await readChunk(notification, this.#wire);
      const arrival = this.#store.write(() => {
        const arrival = storeChunk(this.#store, history, notification, me);
        this.#store.chunks.remove(chunk.chunk);
        this.#onArrival(arrival);
        return arrival;
      });
      const { kind, messages, inserted, refused } = arrival;
      this.#log.info("a history chunk is stored", {
        kind: proto.HistorySync.HistorySyncType[kind],
        messages,
        inserted,
      });
      if (refused > 0) this.#log.warn("messages of a history chunk were refused", { refused });
      return { ...progress, ...essentials(history) };
    } catch (error) {
      if (this.#store.open) this.#fail(chunk, reasonOf(error));
      return progress;
    }
  }

  #fail(chunk: Chunk, reason: string): void {
    const givenUp = chunk.attempts + 1 >= MOST_ATTEMPTS;
    this.#log.error("a history chunk could not be stored", { reason, attempts: chunk.attempts + 1, givenUp });
    this.#store.write(() => this.#store.chunks.failed(chunk.chunk, reason));
    clearTimeout(this.#timer);
    if (givenUp) this.#onLoss(reason);
    else this.#timer = setTimeout(() => void this.retry(), RETRY_MS * (chunk.attempts + 1));
  }
}

/** The history notification of a decrypted message, if it is one; what cannot be read is left to Baileys to refuse. */
function historyIn(plain: Uint8Array): Notification | undefined {
  try {
    const message = proto.Message.decode(unpadRandomMax16(plain));
    const inner = message.deviceSentMessage?.message ?? message;
    return inner.protocolMessage?.historySyncNotification ?? undefined;
  } catch {
    return undefined;
  }
}

/** What Baileys itself keeps of a chunk: who has which LID, and the tokens that let it write to people. */
function essentials(history: proto.IHistorySync): proto.IHistorySync {
  return {
    phoneNumberToLidMappings: mappingsOf(history).map(({ lid, pn }) => ({ lidJid: lid, pnJid: pn })),
    conversations: (history.conversations ?? [])
      .filter((conversation) => conversation.tcToken?.length)
      .map(({ id, tcToken, tcTokenTimestamp, tcTokenSenderTimestamp }) => ({
        id,
        tcToken,
        tcTokenTimestamp,
        tcTokenSenderTimestamp,
      })),
  };
}

/** The message as Baileys gets it: the same notification, with `kept` inside it in place of the chunk. */
function replaceHistory(plain: Uint8Array, kept: proto.IHistorySync): Uint8Array {
  const message = proto.Message.decode(unpadRandomMax16(plain));
  const inner = message.deviceSentMessage?.message ?? message;
  const notification = inner.protocolMessage?.historySyncNotification;
  if (inner.protocolMessage == null || notification == null) return plain;
  const { syncType, chunkOrder, progress, peerDataRequestSessionId, originalMessageId } = notification;
  const payload = deflateSync(proto.HistorySync.encode(kept).finish());
  inner.protocolMessage.historySyncNotification = proto.Message.HistorySyncNotification.create({
    syncType,
    chunkOrder,
    progress,
    peerDataRequestSessionId,
    originalMessageId,
    initialHistBootstrapInlinePayload: payload,
  });
  return encodeWAMessage(message);
}

/** Joins the key store's transaction of a Signal address: Baileys' own decryption then runs, and commits, inside ours. */
function transaction<T>(auth: SignalAuthState, address: string, work: () => Promise<T>): Promise<T> {
  return "transaction" in auth.keys ? auth.keys.transaction(work, address) : work();
}
