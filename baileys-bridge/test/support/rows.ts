import Libsql from "libsql";

export interface Row {
  chat_jid: string;
  id: string;
  sender_jid: string;
  from_me: number;
  timestamp: number;
  kind: string;
  text: string | null;
  edited_at: number | null;
  revoked_at: number | null;
  read: number | null;
  seq: number;
}

/** Reads a bridge's database from outside, as the merge does. */
export function select<T>(path: string, sql: string, ...values: (string | number)[]): T[] {
  const db = new Libsql(path);
  try {
    return db.prepare(sql).all(...values) as T[];
  } finally {
    db.close();
  }
}

export function messagesOf(path: string, chat: string): Row[] {
  return select<Row>(path, "SELECT * FROM messages WHERE chat_jid = ? ORDER BY timestamp DESC, id", chat);
}
