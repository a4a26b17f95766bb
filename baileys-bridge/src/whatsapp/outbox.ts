import { createHash, randomUUID } from "node:crypto";
import { Fault } from "../fault.js";
import { type Log, reasonOf } from "../log.js";
import { addressOf, bareJid, chatKind, isGroup, isPn } from "../store/identity.js";
import type { Send } from "../store/sends.js";
import type { Store } from "../store/store.js";
import { nowSeconds } from "../time.js";
import { asking, faultOf, refusalIn } from "./asking.js";
import { type BinaryNode, generateMessageIDV2, proto, type WASocket } from "./baileys.js";
import { convert } from "./convert.js";
import type { Limiter } from "./limits.js";
import { storeMessage } from "./live.js";
import { permit, type Recipients } from "./recipients.js";

/** A text on its way out. `chat` and `mentions` are JIDs or phone numbers; the same `key` again gives the first result. */
export interface TextOrder {
  chat: string;
  text: string;
  quotedId?: string;
  mentions: string[];
  key?: string;
}

/** The part of a socket that sending needs. */
export type Line = Pick<WASocket, "getUSyncDevices" | "relayMessage" | "waitForMessage"> & {
  signalRepository: { lidMapping: Pick<WASocket["signalRepository"]["lidMapping"], "getLIDForPN"> };
};

/** How long a send waits for WhatsApp's acknowledgement. */
const ACK_MS = 30_000;

/**
 * Sends what the Go bridge, which owns sending, cannot while it is away. As there, a message is written down before it leaves
 * and sent once: "unacknowledged" means that it may have left, but WhatsApp has not confirmed it.
 */
export class Outbox {
  readonly #store: Store;
  readonly #line: () => Line;
  readonly #me: () => string | undefined;
  readonly #log: Log;
  readonly #limiter: Limiter;
  readonly #recipients: Recipients;
  readonly #running = new Map<string, Promise<Send>>();

  /** `line` throws while there is no connection. */
  constructor(options: {
    store: Store;
    line: () => Line;
    me: () => string | undefined;
    log: Log;
    limiter: Limiter;
    recipients?: Recipients;
  }) {
    this.#store = options.store;
    this.#line = options.line;
    this.#me = options.me;
    this.#log = options.log;
    this.#limiter = options.limiter;
    this.#recipients = options.recipients;
  }

  /**
   * Throws INVALID_JID and INVALID_PHONE_FORMAT, RECIPIENT_NOT_ALLOWED, what keeps this companion from sending, RATE_LIMIT,
   * RECIPIENT_UNREACHABLE, NOT_GROUP_MEMBER, and MESSAGE_NOT_FOUND for a quoted message that is not held here.
   */
  async send(order: TextOrder): Promise<Send> {
    const key = order.key ?? randomUUID();
    for (let other = this.#running.get(key); other !== undefined; other = this.#running.get(key)) {
      await other.catch(() => undefined);
    }
    const work = this.#once({ ...order, key });
    this.#running.set(key, work);
    try {
      return await work;
    } finally {
      this.#running.delete(key);
    }
  }

  async #once(order: TextOrder & { key: string }): Promise<Send> {
    const chat = this.#store.aliases.canonical(addressOf(order.chat));
    const fingerprint = fingerprintOf(order);
    const earlier = this.#store.sends.get(order.key);
    if (earlier !== undefined) return repeated(earlier, fingerprint);
    permit(this.#recipients, chat, this.#store);
    const line = this.#line();
    this.#limiter.take();
    const message = await this.#write(line, chat, order);
    await reach(line, chat);
    const send: Send = {
      key: order.key,
      fingerprint,
      chat_jid: chat,
      message_id: generateMessageIDV2(this.#me()),
      status: "pending",
      sent_at: nowSeconds(),
    };
    this.#store.write(() => this.#store.sends.put(send));
    return this.#carryOut(line, send, message);
  }

  async #carryOut(line: Line, send: Send, message: proto.IMessage): Promise<Send> {
    // Listened for before the message leaves, because the acknowledgement may be as quick as the socket.
    const acknowledged = line.waitForMessage<BinaryNode>(send.message_id, ACK_MS).catch(() => undefined);
    try {
      await line.relayMessage(send.chat_jid, message, { messageId: send.message_id });
    } catch (error) {
      // A Boom is Baileys' own, from before it wrote to the socket. What the socket throws may come too late.
      if (isBoom(error)) throw this.#notSent(send, refusalOf(send.chat_jid, error));
      this.#log.warn("a message may not have left", { id: send.message_id, reason: reasonOf(error) });
      return this.#settle({ ...send, status: "unacknowledged", sent_at: nowSeconds() });
    }
    const ack = await acknowledged;
    if (ack === undefined) return this.#settle({ ...send, status: "unacknowledged", sent_at: nowSeconds() });
    const { error, t } = ack.attrs;
    if (error !== undefined) {
      const refused = new Fault("WHATSAPP_API_ERROR", `WhatsApp's server refused the message (${error}).`);
      throw this.#notSent(send, refused);
    }
    return this.#settle({ ...send, status: "sent", sent_at: Number(t) || nowSeconds() }, message);
  }

  async #write(line: Line, chat: string, { text, quotedId, mentions }: TextOrder): Promise<proto.IMessage> {
    if (quotedId === undefined && mentions.length === 0) return { conversation: text };
    const contextInfo: proto.IContextInfo = quotedId === undefined ? {} : await this.#quote(line, chat, quotedId);
    const mentioned: string[] = [];
    let written = text;
    for (const person of mentions) {
      const jid = this.#store.aliases.canonical(addressOf(person));
      if (chatKind(jid) !== "direct") throw unmentionable();
      const address = await lidOf(line, jid);
      written = readdress(written, [person, this.#store.nameOf(jid), `+${userOf(jid)}`, userOf(jid)], userOf(address));
      mentioned.push(address);
    }
    return { extendedTextMessage: { text: written, contextInfo: { ...contextInfo, mentionedJid: mentioned } } };
  }

  /** Points at the message that is answered. */
  async #quote(line: Line, chat: string, id: string): Promise<proto.IContextInfo> {
    const quoted = this.#store.messages.get(chat, id);
    if (quoted === undefined) {
      throw new Fault("MESSAGE_NOT_FOUND", "The message to answer is not held by the Baileys bridge.", {
        resolution: "Send it without quoted_message_id, or start the Go bridge, which holds all messages.",
      });
    }
    const original: proto.IMessage =
      quoted.payload === undefined ? { conversation: quoted.text ?? "" } : proto.Message.decode(quoted.payload);
    return {
      stanzaId: quoted.id,
      participant: await lidOf(line, quoted.sender_jid),
      quotedMessage: { ...original, messageContextInfo: null },
    };
  }

  #notSent(send: Send, why: Fault): Fault {
    this.#store.write(() => this.#store.sends.forget(send.key));
    return why;
  }

  /** Notes the outcome. The message is out, so what fails here must not look like a failed send. */
  #settle(send: Send, message?: proto.IMessage): Send {
    const own = this.#me();
    try {
      this.#store.write(() => {
        this.#store.sends.put(send);
        if (message === undefined || own === undefined) return;
        const key = { remoteJid: send.chat_jid, fromMe: true, id: send.message_id };
        storeMessage(this.#store, convert({ key, message, messageTimestamp: send.sent_at }, own));
      });
    } catch (error) {
      this.#log.error("a message was sent, but that could not be stored", { reason: reasonOf(error) });
    }
    return send;
  }
}

function fingerprintOf({ chat, text, quotedId = "", mentions }: TextOrder): string {
  const said = JSON.stringify([chat, text, quotedId, ...mentions]);
  return createHash("sha256").update(said).digest("hex");
}

/** What was pending when the bridge died may have left: it is never sent again. */
function repeated(earlier: Send, fingerprint: string): Send {
  if (earlier.fingerprint !== fingerprint) {
    throw new Fault("INVALID_ARGUMENT", "Idempotency-Key: was used for another request.", {
      status: 409,
      details: { argument: "Idempotency-Key", problem: "was used for another request" },
      resolution: "Use a new key for a new message.",
    });
  }
  return earlier.status === "pending" ? { ...earlier, status: "unacknowledged" } : earlier;
}

/** Finds the devices of a person before anything is sent: a stanza for nobody is acknowledged as any other. */
async function reach(line: Line, chat: string): Promise<void> {
  if (isGroup(chat)) return;
  if (chatKind(chat) !== "direct") {
    throw new Fault("RECIPIENT_UNREACHABLE", "Only people and groups can be written to by the Baileys bridge.");
  }
  const devices = await asking(() => line.getUSyncDevices([chat], false, false));
  if (devices.length === 0) throw new Fault("RECIPIENT_UNREACHABLE");
}

function refusalOf(chat: string, error: unknown): Fault {
  const fault = faultOf(error);
  if (isGroup(chat) && refusalIn(fault) === 403) return new Fault("NOT_GROUP_MEMBER");
  if (isGroup(chat) && refusalIn(fault) === 404) {
    return new Fault("RECIPIENT_UNREACHABLE", "WhatsApp knows no such group.");
  }
  return fault;
}

/** The address by which WhatsApp's programs name a person inside of a message today. */
async function lidOf(line: Line, jid: string): Promise<string> {
  return (isPn(jid) && bareJid(await line.signalRepository.lidMapping.getLIDForPN(jid))) || jid;
}

/**
 * WhatsApp shows a name where the text has an @ and the person's address, so that is what it gets in place of an @ and one of
 * the names, unless a longer word begins there.
 */
function readdress(text: string, names: string[], user: string): string {
  return names.reduce((written, name) => {
    const mark = `@${name.replace(/^@/, "")}`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return mark === "@" ? written : written.replace(new RegExp(`${mark}(?![\\p{L}\\p{Nd}])`, "gu"), `@${user}`);
  }, text);
}

function userOf(jid: string): string {
  return jid.slice(0, jid.indexOf("@"));
}

function unmentionable(): Fault {
  const problem = "only people can be mentioned";
  return new Fault("INVALID_ARGUMENT", `mentions: ${problem}.`, { details: { argument: "mentions", problem } });
}

function isBoom(error: unknown): boolean {
  return error instanceof Error && "isBoom" in error && error.isBoom === true;
}
