import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "#bridge/store/database.js";
import type { MessageRow } from "#bridge/store/rows.js";
import { Store } from "#bridge/store/store.js";

/** Runs `work` on a store of its own, which is gone afterwards. */
export async function withStore(work: (store: Store, folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "baileys-store-"));
  const store = Store.open(folder);
  try {
    await work(store, folder);
  } finally {
    if (store.open) store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The rows of a table that is still open, in the order of its key. */
export function rows<T>(folder: string, sql: string): T[] {
  const db = new Database(join(folder, "baileys_temp.db"));
  return db.all<T>(sql);
}

export const ME = "15550100@s.whatsapp.net";
export const BOB = { pn: "15550101@s.whatsapp.net", lid: "213480000000101@lid" };
export const GROUP = "120363040000000102@g.us";

/** A message from Bob, unless told otherwise. */
export function message(told: Partial<MessageRow> = {}): MessageRow {
  return {
    chat_jid: BOB.pn,
    id: "A1",
    sender_jid: BOB.pn,
    from_me: false,
    timestamp: 1_790_000_000,
    kind: "text",
    text: "hello",
    ...told,
  };
}
