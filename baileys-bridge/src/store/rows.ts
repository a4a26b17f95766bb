/** A message as one row. JIDs are bare; times are seconds. Absent means not told, and may be filled by a later chunk. */
export interface MessageRow {
  chat_jid: string;
  id: string;
  sender_jid: string;
  from_me: boolean;
  timestamp: number;
  /** text, image, video, audio, voice, document, sticker, contact, location, poll, system, revoked, unsupported:<field>. */
  kind: string;
  text?: string;
  quoted_id?: string;
  quoted_sender_jid?: string;
  forwarded?: boolean;
  edited_at?: number;
  revoked_at?: number;
  starred?: boolean;
  media?: MediaRow;
  /** A waE2E.Message protobuf. */
  payload?: Uint8Array;
  read?: boolean;
}

export interface MediaRow {
  mime?: string;
  file_name?: string;
  size?: number;
  direct_path?: string;
  key?: Uint8Array;
  sha256?: Uint8Array;
  enc_sha256?: Uint8Array;
  duration_s?: number;
}

/** An edit or a revoke: an event on a message, told by its sender (or by a group's admin). */
export interface Change {
  change: "edit" | "revoke";
  chat_jid: string;
  /** The message that it changes. */
  id: string;
  sender_jid: string;
  timestamp: number;
  /** What the message says now; of an edit only. */
  kind?: string;
  text?: string;
  payload?: Uint8Array;
}

export interface ReactionRow {
  chat_jid: string;
  message_id: string;
  sender_jid: string;
  /** Empty when the reaction was taken back. */
  emoji: string;
  timestamp: number;
}

/** Somebody, by every address that is known. */
export interface Person {
  jid: string;
  lid?: string;
  phone?: string;
  name: string;
}

export interface ContactRow {
  jid: string;
  full_name?: string;
  first_name?: string;
  push_name?: string;
  business_name?: string;
}

export interface ChatRow {
  jid: string;
  kind?: string;
  name?: string;
  community_jid?: string;
  unread_count?: number;
  archived?: boolean;
  pinned?: boolean;
  /** -1 for ever, 0 not muted. */
  muted_until?: number;
  last_read_at?: number;
}

/** A person's two addresses. */
export interface Mapping {
  lid: string;
  pn: string;
}

/** Where history is asked backwards from. */
export interface Anchor {
  id: string;
  timestamp: number;
  from_me: boolean;
  sender_jid?: string;
}

export type JobState = "queued" | "running" | "paused" | "completed" | "failed" | "cancelled";

/** Whether a message was new, told something new of a known one, or neither. */
export type Outcome = "inserted" | "filled" | "duplicate";
