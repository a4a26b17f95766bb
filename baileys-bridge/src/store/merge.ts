import type { Change, MessageRow } from "./rows.js";

/**
 * What two tellings of the same message say together; undefined when the second says nothing new.
 *
 * The first telling stands, the second fills its gaps. Three things only ever go forward: a revoke takes the content away
 * for good, a later edit replaces an earlier text, and read stays read.
 */
export function merge(known: MessageRow, told: MessageRow): MessageRow | undefined {
  const merged =
    told.revoked_at !== undefined && known.revoked_at === undefined ? revoked(known, told.revoked_at) : { ...known };
  if (merged.revoked_at === undefined) fillContent(merged, told);
  merged.quoted_id ??= told.quoted_id;
  merged.quoted_sender_jid ??= told.quoted_sender_jid;
  merged.forwarded ??= told.forwarded;
  merged.starred ??= told.starred;
  merged.read = merged.read === true || told.read === true ? true : (merged.read ?? told.read);
  return sameRow(merged, known) ? undefined : merged;
}

/** A message after an edit or a revoke; undefined when the change is older than what is known, or not its teller's to make. */
export function changed(known: MessageRow, change: Change): MessageRow | undefined {
  const own = change.sender_jid === known.sender_jid;
  if (known.revoked_at !== undefined) return undefined;
  if (change.change === "revoke") {
    // A group's admin may revoke what others wrote; in a direct chat nobody but the author can.
    return own || known.chat_jid.endsWith("@g.us") ? revoked(known, change.timestamp) : undefined;
  }
  if (!own || (known.edited_at ?? 0) >= change.timestamp) return undefined;
  return {
    ...known,
    edited_at: change.timestamp,
    kind: change.kind ?? known.kind,
    text: change.text,
    payload: change.payload ?? known.payload,
  };
}

/** A revoked message keeps its place and its author, and loses what it said. */
export function revoked(row: MessageRow, at: number): MessageRow {
  const { text: _text, media: _media, payload: _payload, edited_at: _edited, ...rest } = row;
  return { ...rest, kind: "revoked", revoked_at: at };
}

function fillContent(merged: MessageRow, told: MessageRow): void {
  if (told.edited_at !== undefined && told.edited_at > (merged.edited_at ?? 0)) {
    merged.edited_at = told.edited_at;
    merged.kind = told.kind;
    merged.text = told.text;
    merged.payload = told.payload ?? merged.payload;
  } else if (merged.edited_at === undefined || merged.edited_at === told.edited_at) {
    merged.text ??= told.text;
    merged.payload ??= told.payload;
  }
  if (told.media !== undefined) merged.media = { ...told.media, ...defined(merged.media) };
}

function defined<T extends object>(value: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, field]) => field !== undefined)) as Partial<T>;
}

const FIELDS = [
  "kind",
  "text",
  "quoted_id",
  "quoted_sender_jid",
  "forwarded",
  "edited_at",
  "revoked_at",
  "starred",
  "read",
] as const satisfies readonly (keyof MessageRow)[];

function sameRow(a: MessageRow, b: MessageRow): boolean {
  return (
    FIELDS.every((field) => a[field] === b[field]) &&
    sameBytes(a.payload, b.payload) &&
    Object.keys(defined(a.media)).length === Object.keys(defined(b.media)).length
  );
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);
}
