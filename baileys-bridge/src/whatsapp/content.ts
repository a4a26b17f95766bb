import type { MediaRow } from "../store/rows.js";
import { type proto, toNumber } from "./baileys.js";

/** What a payload says, whoever sent it. */
export interface Content {
  kind: string;
  text?: string;
  media?: MediaRow;
  /** The answered message's id, and its author as the payload names them. */
  quotedId?: string;
  quotedSender?: string;
  forwarded?: boolean;
}

type Message = proto.IMessage;

/** Fields that carry keys and context, and say nothing themselves. */
const SILENT = new Set([
  "messageContextInfo",
  "senderKeyDistributionMessage",
  "fastRatchetKeySenderKeyDistributionMessage",
]);

/** Fields that change or count another message; they are no messages of their own. */
const EVENTS = new Set([
  "protocolMessage",
  "reactionMessage",
  "encReactionMessage",
  "pollUpdateMessage",
  "encEventResponseMessage",
  "encCommentMessage",
  "keepInChatMessage",
  "pinInChatMessage",
  "secretEncryptedMessage",
  "stickerSyncRmrMessage",
]);

/** A comment says something itself, besides naming the message that it is about. */
const NO_WRAPPERS = new Set(["protocolMessage", "commentMessage"]);

/** Wrappers lie inside each other (ephemeral, view once, device sent); nobody nests them deeper than this in earnest. */
const DEEPEST_WRAPPER = 8;

/** Takes a payload out of the messages that only wrap another. */
export function unwrap(message: Message): Message {
  let current = message;
  for (let depth = 0; depth < DEEPEST_WRAPPER; depth++) {
    const inner = Object.entries(current).find(([field, value]) => !NO_WRAPPERS.has(field) && isWrapper(value))?.[1];
    if (!isWrapper(inner)) return current;
    current = inner.message;
  }
  return current;
}

/** Reads a payload of any type, or undefined for one that says nothing of its own: keys, reactions, edits, votes. */
export function readContent(payload: Message): Content | undefined {
  const message = unwrap(payload);
  const field = Object.entries(message).find(([name, value]) => isSet(value) && !SILENT.has(name))?.[0];
  if (field === undefined) return undefined;
  const ephemeral = ephemeralText(message.protocolMessage);
  if (ephemeral !== undefined) return { kind: "system", text: ephemeral };
  if (EVENTS.has(field)) return undefined;
  const content = readMedia(message) ??
    readWords(message) ?? { kind: `unsupported:${field}`, text: readOther(message) };
  const context = contextOf(message);
  return {
    ...content,
    text: content.text || undefined,
    quotedId: context?.stanzaId || undefined,
    quotedSender: context?.stanzaId ? (context.participant ?? undefined) : undefined,
    forwarded: context?.isForwarded || undefined,
  };
}

function isWrapper(value: unknown): value is { message: Message } {
  return typeof value === "object" && value !== null && "message" in value && isSet(value.message);
}

function isSet(value: unknown): value is object | string {
  return value !== null && value !== undefined && (typeof value === "object" || typeof value === "string");
}

function contextOf(message: Message): proto.IContextInfo | undefined {
  for (const value of Object.values(message)) {
    if (typeof value === "object" && value !== null && "contextInfo" in value && isSet(value.contextInfo)) {
      return value.contextInfo as proto.IContextInfo;
    }
  }
  return undefined;
}

interface File {
  mimetype?: string | null;
  fileLength?: Parameters<typeof toNumber>[0];
  directPath?: string | null;
  mediaKey?: Uint8Array | null;
  fileSha256?: Uint8Array | null;
  fileEncSha256?: Uint8Array | null;
  seconds?: number | null;
}

function attach(file: File, name?: string | null): MediaRow {
  return {
    mime: file.mimetype ?? undefined,
    file_name: name ?? undefined,
    size: file.fileLength == null ? undefined : toNumber(file.fileLength),
    direct_path: file.directPath ?? undefined,
    key: bytesOf(file.mediaKey),
    sha256: bytesOf(file.fileSha256),
    enc_sha256: bytesOf(file.fileEncSha256),
    duration_s: file.seconds ?? undefined,
  };
}

function bytesOf(value: Uint8Array | null | undefined): Uint8Array | undefined {
  return value === null || value === undefined || value.length === 0 ? undefined : value;
}

function readMedia(message: Message): Content | undefined {
  const { imageMessage, audioMessage, documentMessage, stickerMessage } = message;
  const video = message.videoMessage ?? message.ptvMessage;
  if (imageMessage) return { kind: "image", text: imageMessage.caption ?? undefined, media: attach(imageMessage) };
  if (video) return { kind: "video", text: video.caption ?? undefined, media: attach(video) };
  if (audioMessage) return { kind: audioMessage.ptt ? "voice" : "audio", media: attach(audioMessage) };
  if (documentMessage) {
    const name = documentMessage.fileName || documentMessage.title;
    return { kind: "document", text: documentMessage.caption ?? undefined, media: attach(documentMessage, name) };
  }
  if (stickerMessage) return { kind: "sticker", media: attach(stickerMessage) };
  return undefined;
}

function readWords(message: Message): Content | undefined {
  const { contactMessage, contactsArrayMessage, locationMessage: place, liveLocationMessage: live } = message;
  if (isSet(message.conversation)) return { kind: "text", text: message.conversation };
  if (message.extendedTextMessage) return { kind: "text", text: message.extendedTextMessage.text ?? undefined };
  if (contactMessage) return { kind: "contact", text: contactText(contactMessage) };
  if (contactsArrayMessage) {
    return { kind: "contact", text: lines(...(contactsArrayMessage.contacts ?? []).map(contactText)) };
  }
  if (place) {
    return { kind: "location", text: lines(place.name, place.address, place.comment, coordinates(place)) };
  }
  if (live) return { kind: "location", text: lines(live.caption, coordinates(live)) };
  const poll =
    message.pollCreationMessage ??
    message.pollCreationMessageV2 ??
    message.pollCreationMessageV3 ??
    message.pollCreationMessageV5;
  if (poll) {
    return {
      kind: "poll",
      text: lines(poll.name, ...(poll.options ?? []).map((option) => `- ${option.optionName ?? ""}`)),
    };
  }
  const business = businessText(message);
  return business ? { kind: "text", text: business } : undefined;
}

/** What businesses send and what is pressed in answer: to a reader it is text. */
function businessText(message: Message): string | undefined {
  const { buttonsMessage: buttons, listMessage: list, interactiveMessage } = message;
  if (message.templateMessage) return templateText(message.templateMessage);
  if (message.highlyStructuredMessage?.hydratedHsm) return templateText(message.highlyStructuredMessage.hydratedHsm);
  if (buttons) return lines(buttons.text, buttons.contentText, buttons.footerText);
  if (list) return lines(list.title, list.description, list.footerText);
  if (interactiveMessage) return interactiveText(interactiveMessage);
  if (message.buttonsResponseMessage) return message.buttonsResponseMessage.selectedDisplayText ?? undefined;
  if (message.listResponseMessage)
    return lines(message.listResponseMessage.title, message.listResponseMessage.description);
  if (message.templateButtonReplyMessage) return message.templateButtonReplyMessage.selectedDisplayText ?? undefined;
  return message.interactiveResponseMessage?.body?.text ?? undefined;
}

/** The words of payloads that have no kind of their own. */
function readOther(message: Message): string | undefined {
  const { groupInviteMessage, productMessage, orderMessage, eventMessage, commentMessage } = message;
  if (groupInviteMessage) return lines(groupInviteMessage.groupName, groupInviteMessage.caption);
  if (productMessage) {
    return lines(productMessage.product?.title, productMessage.product?.description, productMessage.body);
  }
  if (orderMessage) return lines(orderMessage.orderTitle, orderMessage.message);
  if (eventMessage) return lines(eventMessage.name, eventMessage.description);
  return commentMessage?.message ? readContent(commentMessage.message)?.text : undefined;
}

function templateText(template: proto.Message.ITemplateMessage): string | undefined {
  const hydrated = template.hydratedTemplate ?? template.hydratedFourRowTemplate;
  if (hydrated) return lines(hydrated.hydratedTitleText, hydrated.hydratedContentText, hydrated.hydratedFooterText);
  return template.interactiveMessageTemplate ? interactiveText(template.interactiveMessageTemplate) : undefined;
}

function interactiveText(message: proto.Message.IInteractiveMessage): string {
  return lines(message.header?.title, message.header?.subtitle, message.body?.text, message.footer?.text);
}

function contactText(contact: proto.Message.IContactMessage): string {
  return lines(contact.displayName, contact.vcard);
}

/** Protobuf enum 3 of ProtocolMessage.Type: the chat's messages disappear after so many seconds. */
const EPHEMERAL_SETTING = 3;

function ephemeralText(message: proto.Message.IProtocolMessage | null | undefined): string | undefined {
  if (!message || message.type !== EPHEMERAL_SETTING) return undefined;
  const seconds = message.ephemeralExpiration ?? 0;
  return seconds === 0
    ? "Disappearing messages were turned off"
    : `Disappearing messages were set to ${Math.floor(seconds / 3600)} hours`;
}

function coordinates(place: { degreesLatitude?: number | null; degreesLongitude?: number | null }): string {
  return `${(place.degreesLatitude ?? 0).toFixed(6)}, ${(place.degreesLongitude ?? 0).toFixed(6)}`;
}

function lines(...parts: (string | null | undefined)[]): string {
  return parts.filter((part) => part).join("\n");
}
