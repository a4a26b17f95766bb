import { Fault } from "../fault.js";

/** A JID taken apart. The server is one of the canonical ones: hosted and legacy servers are folded into them. */
export interface Jid {
  user: string;
  server: "s.whatsapp.net" | "lid" | "g.us" | "newsletter" | "broadcast" | "bot";
}

export type ChatKind = "direct" | "group" | "community" | "newsletter" | "broadcast" | "status";

const SERVERS: Readonly<Record<string, Jid["server"]>> = {
  "s.whatsapp.net": "s.whatsapp.net",
  "c.us": "s.whatsapp.net",
  hosted: "s.whatsapp.net",
  lid: "lid",
  "hosted.lid": "lid",
  "g.us": "g.us",
  newsletter: "newsletter",
  broadcast: "broadcast",
  bot: "bot",
};

const USERS: Readonly<Record<Jid["server"], RegExp>> = {
  "s.whatsapp.net": /^\d{1,20}$/,
  lid: /^\d{1,20}$/,
  "g.us": /^\d{5,30}(-\d{5,20})?$/,
  newsletter: /^\d{5,30}$/,
  broadcast: /^(status|\d{1,30})$/,
  bot: /^\d{1,20}$/,
};

/**
 * Reads a JID in any of its forms (agent `_1` or `.1`, device `:12`, legacy and hosted servers); undefined for anything
 * else. The agent and the device are dropped: a person is one whatever device speaks.
 */
export function parseJid(text: string): Jid | undefined {
  const match = /^([0-9a-z-]+?)(?:[._]\d{1,5})?(?::\d{1,5})?@([a-z.]+)$/.exec(text);
  const user = match?.[1];
  const server = SERVERS[match?.[2] ?? ""];
  if (user === undefined || server === undefined || !USERS[server].test(user)) return undefined;
  return { user, server };
}

/** A JID without device, or undefined where the text is none. */
export function bareJid(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const jid = parseJid(text);
  return jid === undefined ? undefined : `${jid.user}@${jid.server}`;
}

/** The number of the device that a JID names: 0 is the phone. */
export function deviceOf(text: string): number {
  return Number(/:(\d{1,5})@/.exec(text)?.[1] ?? 0);
}

export function isLid(jid: string): boolean {
  return jid.endsWith("@lid");
}

export function isPn(jid: string): boolean {
  return jid.endsWith("@s.whatsapp.net");
}

export function isGroup(jid: string): boolean {
  return jid.endsWith("@g.us");
}

/** What kind of chat a bare JID names; a community is told from a group by its metadata alone. */
export function chatKind(jid: string): ChatKind {
  if (isGroup(jid)) return "group";
  if (jid.endsWith("@newsletter")) return "newsletter";
  if (jid === "status@broadcast") return "status";
  return jid.endsWith("@broadcast") ? "broadcast" : "direct";
}

/**
 * The bare JID that a caller means: a JID in any form or a phone number with country code (`+`, spaces, dashes, dots and
 * parentheses allowed). Throws INVALID_JID or INVALID_PHONE_FORMAT.
 */
export function addressOf(text: string): string {
  const trimmed = text.trim();
  if (trimmed.includes("@")) {
    const jid = bareJid(trimmed);
    if (jid === undefined) throw new Fault("INVALID_JID", "The text is not a WhatsApp JID.");
    return jid;
  }
  if (!/^[+\d\s().-]+$/.test(trimmed)) {
    throw new Fault("INVALID_JID", "This bridge knows chats by JID or phone number, not by name.", {
      resolution: "Give the phone number or the JID; list_chats shows it where the Go bridge runs.",
    });
  }
  return phoneAddress(trimmed);
}

/** The JID of a phone number with country code, written as {@link addressOf} takes it. Throws INVALID_PHONE_FORMAT. */
export function phoneAddress(text: string): string {
  return `${digitsOf(text)}@s.whatsapp.net`;
}

/** The digits of a phone number with country code, written as {@link addressOf} takes it. Throws INVALID_PHONE_FORMAT. */
export function digitsOf(text: string): string {
  const digits = text
    .trim()
    .replace(/^00/, "")
    .replace(/[+\s().-]/g, "");
  if (!/^[1-9]\d{6,14}$/.test(digits)) throw new Fault("INVALID_PHONE_FORMAT");
  return digits;
}
