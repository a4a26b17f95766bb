import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { bareJid, chatKind, isGroup } from "../store/identity.js";
import type { Anchor, ChatRow, ContactRow, Mapping } from "../store/rows.js";
import type { Store } from "../store/store.js";
import { downloadHistory, proto, toNumber } from "./baileys.js";
import { type Converted, convertHistory, mappingOf, seconds } from "./convert.js";
import type { Wire } from "./wire.js";

const { HistorySyncType } = proto.HistorySync;

/** The kinds of a chunk that the phone sends by itself after linking, and that carry messages. */
const PUSHED: ReadonlySet<number> = new Set([
  HistorySyncType.INITIAL_BOOTSTRAP,
  HistorySyncType.RECENT,
  HistorySyncType.FULL,
]);

/** A chunk may not unpack to more than this: a hostile one would fill the memory. */
const LARGEST_CHUNK_BYTES = 512 * 1024 * 1024;

const unpack = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate);

/** What a chunk brought, for those who wait for it. */
export interface Arrival {
  kind: proto.HistorySync.HistorySyncType;
  /** Percent of this kind, as the phone tells. */
  progress?: number;
  /** The request that it answers, of an on-demand chunk. */
  session?: string;
  /** By canonical JID. */
  chats: Map<string, ChatArrival>;
  /** Messages in it, new or not, and those of them that were new. */
  messages: number;
  inserted: number;
  refused: number;
}

export interface ChatArrival {
  messages: number;
  inserted: number;
  oldest?: Anchor;
  /** The phone says that it holds nothing older. */
  exhausted: boolean;
}

/** The contents of a chunk: inside the notification, or a file on the media host. */
export async function readChunk(
  notification: proto.Message.IHistorySyncNotification,
  wire: Wire,
): Promise<proto.HistorySync> {
  const inline = notification.initialHistBootstrapInlinePayload;
  if (inline?.length) {
    return proto.HistorySync.decode(await unpack(inline, { maxOutputLength: LARGEST_CHUNK_BYTES }));
  }
  if (!notification.directPath) {
    return proto.HistorySync.create({ syncType: notification.syncType as number | undefined });
  }
  return downloadHistory(notification, { dispatcher: wire.dispatcher } as RequestInit);
}

/**
 * Stores a chunk's rows. To be called within one write of the store, which makes the chunk all or nothing.
 * @param me the account's own JID
 */
export function storeChunk(
  store: Store,
  history: proto.IHistorySync,
  notification: proto.Message.IHistorySyncNotification,
  me: string,
): Arrival {
  const kind = (notification.syncType ?? history.syncType ?? 0) as proto.HistorySync.HistorySyncType;
  const arrival: Arrival = {
    kind,
    progress: notification.progress ?? history.progress ?? undefined,
    session: notification.peerDataRequestSessionId ?? undefined,
    chats: new Map(),
    messages: 0,
    inserted: 0,
    refused: 0,
  };
  // Mappings first: the rows then find their canonical chat at once and need not move.
  for (const mapping of mappingsOf(history)) store.learn(mapping);
  for (const name of history.pushnames ?? []) {
    const jid = bareJid(name.id);
    if (jid !== undefined && name.pushname) store.contacts.put({ jid, push_name: name.pushname }, "fill");
  }
  for (const conversation of history.conversations ?? []) storeConversation(store, conversation, arrival, me);
  for (const status of history.statusV3Messages ?? []) {
    storeConverted(store, convertHistory(status, me, "status@broadcast"), arrival);
  }
  return arrival;
}

/** The LIDs of phone numbers that a chunk tells, for its chats or by a list. */
export function mappingsOf(history: proto.IHistorySync): Mapping[] {
  const pairs: [string | null | undefined, string | null | undefined][] = [];
  for (const mapping of history.phoneNumberToLidMappings ?? []) pairs.push([mapping.lidJid, mapping.pnJid]);
  for (const conversation of history.conversations ?? []) {
    pairs.push([conversation.lidJid ?? conversation.id, conversation.pnJid ?? conversation.id]);
  }
  return pairs.flatMap(([lid, pn]) => mappingOf(bareJid(lid), bareJid(pn)) ?? []);
}

function storeConversation(store: Store, conversation: proto.IConversation, arrival: Arrival, me: string): void {
  const address = bareJid(conversation.id);
  if (address === undefined) {
    arrival.refused += conversation.messages?.length ?? 0;
    return;
  }
  const pushed = PUSHED.has(arrival.kind);
  const { chat, contact } = describe(conversation, address, pushed);
  store.chats.put(chat, "fill");
  store.chats.setAddress(address, address);
  if (contact !== undefined) store.contacts.put(contact, "fill");
  const jid = store.aliases.canonical(address);
  const unread = store.chats.get(jid)?.unread_count;
  const told: ChatArrival = { messages: 0, inserted: 0, exhausted: isExhausted(conversation) };
  const converted = (conversation.messages ?? []).flatMap(({ message }) =>
    message == null ? [] : [convertHistory(message, me, address)],
  );
  if (pushed || unread !== undefined) markUnread(converted, unread);
  const met = new Set<string>();
  for (const one of converted) {
    one.contacts = one.contacts.filter((contact) => isNew(met, contact));
    const outcome = storeConverted(store, one, arrival);
    if (outcome === undefined || one.message === undefined) continue;
    told.messages += 1;
    if (outcome === "inserted") told.inserted += 1;
    if (told.oldest === undefined || one.message.timestamp < told.oldest.timestamp) told.oldest = anchorOf(one.message);
  }
  if (unread !== undefined) store.messages.settleRead(jid, unread);
  arrival.chats.set(jid, told);
  const ended = conversation.endOfHistoryTransfer === true;
  if (told.messages === 0 && !ended && !told.exhausted) return;
  const known = store.checkpoints.get(jid);
  const pushing = pushed && known?.state !== "pushed" ? (ended ? "pushed" : "pushing") : undefined;
  store.checkpoints.advance(jid, {
    oldest: told.oldest,
    messages: told.inserted,
    exhausted: told.exhausted || undefined,
    state: pushing,
  });
}

/** Every message tells its sender's name: nearly all of a chunk's names have just been stored. */
function isNew(met: Set<string>, contact: ContactRow): boolean {
  const told = JSON.stringify(contact);
  if (met.has(told)) return false;
  met.add(told);
  return true;
}

function anchorOf(message: Anchor): Anchor {
  return { id: message.id, timestamp: message.timestamp, from_me: message.from_me, sender_jid: message.sender_jid };
}

/**
 * Provisional until {@link Messages.settleRead} has seen the whole chat: of the incoming messages of this chunk the newest
 * `unread` may be unread, and every one where the phone has not counted yet. An answer on demand never brings a count: after
 * a wipe of the store nothing is told of what it brings, or years of old messages would be marked read with receipts.
 */
function markUnread(converted: Converted[], unread: number | undefined): void {
  const rows = converted.flatMap(({ message }) => message ?? []);
  const incoming = rows
    .filter((row) => !row.from_me && row.kind !== "system")
    .sort((a, b) => b.timestamp - a.timestamp || (a.id < b.id ? 1 : -1));
  for (const row of rows) row.read = true;
  for (const row of incoming.slice(0, unread ?? incoming.length)) row.read = false;
}

function storeConverted(store: Store, converted: Converted, arrival: Arrival): string | undefined {
  for (const mapping of converted.mappings) store.learn(mapping);
  for (const contact of converted.contacts) store.contacts.put(contact, "fill");
  for (const reaction of converted.reactions) store.reactions.put(reaction);
  for (const change of converted.changes) store.messages.change(change);
  if (converted.refused) arrival.refused += 1;
  if (converted.message === undefined) return undefined;
  const outcome = store.messages.put(converted.message);
  arrival.messages += 1;
  if (outcome === "inserted") arrival.inserted += 1;
  return outcome;
}

/** An answer on demand repeats a chat with its messages alone: the zeros of its state mean nothing. */
function describe(
  conversation: proto.IConversation,
  address: string,
  pushed: boolean,
): { chat: ChatRow; contact?: ContactRow } {
  const name = conversation.name || conversation.displayName || undefined;
  const kind = conversation.isParentGroup === true ? "community" : chatKind(address);
  const chat: ChatRow = { jid: address, kind };
  if (isGroup(address)) chat.community_jid = bareJid(conversation.parentGroupId);
  if (pushed) {
    chat.unread_count = conversation.unreadCount ?? undefined;
    chat.archived = conversation.archived ?? undefined;
    chat.pinned = conversation.pinned == null ? undefined : conversation.pinned > 0;
    chat.muted_until = muteEnd(conversation.muteEndTime);
  }
  // People are named in contacts, and looked up when they are shown.
  if (kind === "direct") return { chat, contact: name === undefined ? undefined : { jid: address, full_name: name } };
  return { chat: { ...chat, name } };
}

/** Seconds, -1 for ever: the phone writes for ever as the largest number there is. */
export function muteEnd(time: Parameters<typeof toNumber>[0]): number | undefined {
  if (time == null) return undefined;
  const value = toNumber(time);
  if (value < 0 || value >= Number.MAX_SAFE_INTEGER) return -1;
  return seconds(value) ?? 0;
}

function isExhausted(conversation: proto.IConversation): boolean {
  const { COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY } = proto.Conversation.EndOfHistoryTransferType;
  return conversation.endOfHistoryTransferType === COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY;
}
