import type { Log } from "../log.js";
import { bareJid, chatKind, isGroup } from "../store/identity.js";
import type { ChatRow, ContactRow } from "../store/rows.js";
import type { Store } from "../store/store.js";
import type { BaileysEventMap, Contact, WASocket } from "./baileys.js";
import { convert, mappingOf } from "./convert.js";
import { muteEnd } from "./history.js";

/** Who is told what came live. */
export interface Heard {
  /** The server's time of a message that every companion of the account gets, in seconds. */
  message(at: number): void;
  notStored(reason: string): void;
}

const SHARED: ReadonlySet<string> = new Set(["direct", "group"]);

/**
 * Stores what happens while this companion is linked. Unlike history it is acknowledged before it is stored, because Baileys
 * sends its receipts first and hands its events out later; the Go bridge, which owns live messages, stores them first. The
 * rows here are a second telling that the merge folds into one.
 */
export function storeLive(socket: WASocket, store: Store, me: () => string | undefined, log: Log, heard: Heard): void {
  const on = <E extends keyof BaileysEventMap>(event: E, work: (told: BaileysEventMap[E]) => void): void => {
    socket.ev.on(event, (told) => {
      try {
        if (store.open) store.write(() => work(told));
      } catch (error) {
        const reason = error instanceof Error ? error.message : "unknown";
        heard.notStored(reason);
        log.error("an event could not be stored", { event, reason });
      }
    });
  };
  const each = <T>(told: T[], work: (store: Store, one: T) => void): void => {
    for (const one of told) work(store, one);
  };
  on("messages.upsert", ({ messages }) => {
    const own = me();
    for (const told of own === undefined ? [] : messages) {
      const converted = convert(told, own ?? "");
      const { message } = converted;
      if (message !== undefined && SHARED.has(chatKind(message.chat_jid))) heard.message(message.timestamp);
      storeMessage(store, converted);
    }
  });
  on("lid-mapping.update", ({ lid, pn }) => learn(store, lid, pn));
  on("contacts.upsert", (contacts) => each(contacts, storeContact));
  on("contacts.update", (contacts) => each(contacts, storeContact));
  on("chats.upsert", (chats) => each(chats, storeChat));
  on("chats.update", (chats) => each(chats, storeChat));
  on("groups.upsert", (groups) => each(groups, storeGroup));
  on("groups.update", (groups) => each(groups, storeGroup));
}

/** Stores a message with all that it tells, within a write. */
export function storeMessage(
  store: Store,
  { message, changes, reactions, contacts, mappings }: ReturnType<typeof convert>,
): void {
  for (const mapping of mappings) store.learn(mapping);
  for (const contact of contacts) store.contacts.put(contact, "replace");
  for (const reaction of reactions) store.reactions.put(reaction);
  for (const change of changes) store.messages.change(change);
  if (message === undefined) return;
  store.chats.put({ jid: message.chat_jid, kind: chatKind(message.chat_jid) }, "fill");
  store.messages.put(message.from_me ? { ...message, read: true } : message);
}

function learn(store: Store, one: string | undefined, other: string | undefined): void {
  const mapping = mappingOf(bareJid(one), bareJid(other));
  if (mapping !== undefined) store.learn(mapping);
}

function storeContact(store: Store, contact: Partial<Contact>): void {
  learn(store, contact.id, contact.lid);
  learn(store, contact.id, contact.phoneNumber);
  const jid = bareJid(contact.id);
  if (jid === undefined || chatKind(jid) !== "direct") return;
  const row: ContactRow = {
    jid,
    full_name: contact.name || undefined,
    push_name: contact.notify || undefined,
    business_name: contact.verifiedName || undefined,
  };
  store.contacts.put(row, "replace");
}

type LiveChat = BaileysEventMap["chats.update"][number];

function storeChat(store: Store, chat: LiveChat): void {
  const jid = bareJid(chat.id);
  if (jid === undefined) return;
  store.chats.put({ jid, kind: chatKind(jid) }, "fill");
  const row: ChatRow = { jid };
  if (chatKind(jid) !== "direct") row.name = chat.name || undefined;
  row.archived = chat.archived ?? undefined;
  if ("pinned" in chat) row.pinned = typeof chat.pinned === "number" && chat.pinned > 0;
  if ("muteEndTime" in chat) row.muted_until = muteEnd(chat.muteEndTime) ?? 0;
  store.chats.put(row, "replace");
  // Baileys counts up with each message; only a chat that was read to its end is told by a plain zero.
  if (chat.unreadCount === 0) {
    store.chats.put({ jid, unread_count: 0 }, "replace");
    store.messages.settleRead(store.aliases.canonical(jid), 0);
  }
}

type LiveGroup = BaileysEventMap["groups.update"][number];

function storeGroup(store: Store, group: LiveGroup): void {
  const jid = bareJid(group.id);
  if (jid === undefined || !isGroup(jid)) return;
  const row: ChatRow = { jid, name: group.subject || undefined };
  if (group.isCommunity !== undefined) row.kind = group.isCommunity ? "community" : "group";
  row.community_jid = bareJid(group.linkedParent);
  store.chats.put(row, "replace");
  for (const participant of group.participants ?? []) {
    learn(store, participant.id, participant.lid);
    learn(store, participant.id, participant.phoneNumber);
  }
}
