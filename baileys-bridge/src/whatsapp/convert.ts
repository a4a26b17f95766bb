import { bareJid, isGroup } from "../store/identity.js";
import type { Change, ContactRow, Mapping, MessageRow, ReactionRow } from "../store/rows.js";
import { proto, toNumber } from "./baileys.js";
import { readContent, unwrap } from "./content.js";

/** What one message of WhatsApp is to the store: a row, events on other rows, and what it tells of people. */
export interface Converted {
  message?: MessageRow;
  changes: Change[];
  reactions: ReactionRow[];
  contacts: ContactRow[];
  mappings: Mapping[];
  /** Something that cannot be stored: no chat, no author, no id or no time. */
  refused: boolean;
}

/** A message as history and live events carry it; the Alt forms are Baileys' and come with live ones. */
export type Told = Omit<proto.IWebMessageInfo, "key"> & {
  key?: (proto.IMessageKey & { remoteJidAlt?: string; participantAlt?: string }) | null;
};

const { StubType } = proto.WebMessageInfo;
const { Type } = proto.Message.ProtocolMessage;

/** A time of WhatsApp in whole seconds: a number, a Long or a decimal string, in seconds or (past the year 5138) milliseconds. */
export function seconds(time: number | string | Parameters<typeof toNumber>[0]): number | undefined {
  const value = typeof time === "string" ? Number(time) : toNumber(time);
  if (!Number.isFinite(value) || value <= 0) return undefined;
  return Math.floor(value >= 1e11 ? value / 1000 : value);
}

/**
 * Reads a message. JIDs come out bare; which of a person's two is the canonical one, the store decides.
 * @param me the account's own JID
 * @param chatId the conversation it stands in, where the key may lack it
 */
export function convert(told: Told, me: string, chatId?: string): Converted {
  const out: Converted = { changes: [], reactions: [], contacts: [], mappings: [], refused: false };
  const key = told.key;
  const chat = bareJid(chatId ?? key?.remoteJid);
  const id = key?.id;
  const timestamp = seconds(told.messageTimestamp);
  const fromMe = key?.fromMe === true;
  const sender = chat === undefined ? undefined : senderOf(told, chat, me);
  if (chat === undefined || !id || timestamp === undefined || sender === undefined) {
    out.refused = told.message != null || told.messageStubType != null;
    return out;
  }
  const place = { chat_jid: chat, id, sender_jid: sender, from_me: fromMe, timestamp };
  tellPeople(out, told, place);
  for (const reaction of told.reactions ?? []) {
    out.reactions.push(reactionRow(reaction, place, me));
  }
  const payload = told.message;
  if (payload != null) readPayload(out, payload, place);
  else readStub(out, told, place);
  if (out.message !== undefined && told.starred === true) out.message.starred = true;
  return out;
}

type Place = Pick<MessageRow, "chat_jid" | "id" | "sender_jid" | "from_me" | "timestamp">;

function senderOf(told: Told, chat: string, me: string): string | undefined {
  if (told.key?.fromMe === true) return me;
  const named = bareJid(told.key?.participant ?? told.participant);
  if (named !== undefined) return named;
  // What happens to a group without anybody's doing has no author but the group.
  return !isGroup(chat) || told.message == null ? chat : undefined;
}

function tellPeople(out: Converted, told: Told, place: Place): void {
  const author = told.key?.participant ?? told.key?.remoteJid;
  for (const [one, other] of [
    [told.key?.remoteJid, told.key?.remoteJidAlt],
    [author, told.key?.participantAlt],
  ]) {
    const mapping = mappingOf(bareJid(one), bareJid(other));
    if (mapping !== undefined) out.mappings.push(mapping);
  }
  if (place.from_me) return;
  const names = { push_name: told.pushName || undefined, business_name: told.verifiedBizName || undefined };
  if (names.push_name !== undefined || names.business_name !== undefined) {
    out.contacts.push({ jid: place.sender_jid, ...names });
  }
}

/** A pair of bare JIDs as a mapping, if one is a LID and the other a phone number's. */
export function mappingOf(one: string | undefined, other: string | undefined): Mapping | undefined {
  for (const [lid, pn] of [
    [one, other],
    [other, one],
  ]) {
    if (lid?.endsWith("@lid") && pn?.endsWith("@s.whatsapp.net")) return { lid, pn };
  }
  return undefined;
}

function readPayload(out: Converted, payload: proto.IMessage, place: Place): void {
  const message = unwrap(payload);
  const event = message.protocolMessage;
  if (message.reactionMessage) {
    out.reactions.push({
      chat_jid: place.chat_jid,
      message_id: message.reactionMessage.key?.id ?? "",
      sender_jid: place.sender_jid,
      emoji: message.reactionMessage.text ?? "",
      timestamp: seconds(message.reactionMessage.senderTimestampMs) ?? place.timestamp,
    });
    out.reactions = out.reactions.filter((reaction) => reaction.message_id !== "");
  } else if (event?.type === Type.REVOKE && event.key?.id) {
    const { chat_jid, sender_jid, timestamp } = place;
    out.changes.push({ change: "revoke", chat_jid, id: event.key.id, sender_jid, timestamp });
  } else if (event?.type === Type.MESSAGE_EDIT && event.key?.id && event.editedMessage) {
    readEdit(out, event, event.key.id, event.editedMessage, place);
  } else {
    const content = readContent(payload);
    if (content !== undefined) out.message = { ...place, ...columns(content), payload: encode(payload) };
  }
}

/**
 * An edit is an event on its message. History has the message as its last edit alone, under the edit's id, and naming the
 * original (wacli#245): `convertHistory` makes a message of it.
 */
function readEdit(
  out: Converted,
  event: proto.Message.IProtocolMessage,
  id: string,
  edited: proto.IMessage,
  place: Place,
): void {
  const content = readContent(edited);
  if (content === undefined) return;
  out.changes.push({
    change: "edit",
    chat_jid: place.chat_jid,
    id,
    sender_jid: place.sender_jid,
    timestamp: seconds(event.timestampMs) ?? place.timestamp,
    kind: content.kind,
    text: content.text,
    payload: encode(edited),
  });
}

/** Reads a message of pushed history: as {@link convert}, with an edit as the message that it edited. */
export function convertHistory(told: Told, me: string, chatId: string): Converted {
  const out = convert(told, me, chatId);
  const edit = out.changes.find((change) => change.change === "edit");
  const edited = told.message == null ? undefined : unwrap(told.message).protocolMessage?.editedMessage;
  const content = edited == null ? undefined : readContent(edited);
  const timestamp = seconds(told.messageTimestamp);
  if (edit === undefined || content === undefined || timestamp === undefined) return out;
  out.changes = out.changes.filter((change) => change !== edit);
  out.message = {
    chat_jid: edit.chat_jid,
    id: edit.id,
    sender_jid: edit.sender_jid,
    from_me: told.key?.fromMe === true,
    timestamp,
    ...columns(content),
    edited_at: edit.timestamp,
    payload: edit.payload,
    starred: told.starred === true ? true : undefined,
  };
  for (const reaction of out.reactions) if (reaction.message_id === told.key?.id) reaction.message_id = edit.id;
  return out;
}

function columns(content: NonNullable<ReturnType<typeof readContent>>): Omit<MessageRow, keyof Place> {
  return {
    kind: content.kind,
    text: content.text,
    media: content.media,
    quoted_id: content.quotedId,
    quoted_sender_jid: bareJid(content.quotedSender),
    forwarded: content.forwarded,
  };
}

/** A message without payload: one that was revoked, or something that happened to the chat. */
function readStub(out: Converted, told: Told, place: Place): void {
  const stub = told.messageStubType ?? StubType.UNKNOWN;
  if (stub === StubType.REVOKE) {
    const at = seconds(told.revokeMessageTimestamp) ?? place.timestamp;
    out.message = { ...place, kind: "revoked", revoked_at: at };
  } else if (stub !== StubType.UNKNOWN && stub !== StubType.CIPHERTEXT) {
    const name = StubType[stub] ?? `stub ${stub}`;
    out.message = { ...place, kind: "system", text: name.toLowerCase().replaceAll("_", " ") };
  }
}

function reactionRow(reaction: proto.IReaction, place: Place, me: string): ReactionRow {
  const sender = reaction.key?.fromMe === true ? me : (bareJid(reaction.key?.participant) ?? place.chat_jid);
  return {
    chat_jid: place.chat_jid,
    message_id: place.id,
    sender_jid: sender,
    emoji: reaction.text ?? "",
    timestamp: seconds(reaction.senderTimestampMs) ?? place.timestamp,
  };
}

function encode(message: proto.IMessage): Uint8Array {
  return proto.Message.encode(message).finish();
}
