import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../log.js";
import { Database } from "../store/database.js";
import type { Mapping } from "../store/rows.js";
import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
} from "./baileys.js";

const SCHEMA = `
CREATE TABLE IF NOT EXISTS creds (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (type TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS verdicts (state TEXT PRIMARY KEY, reason TEXT NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
`;

/**
 * This companion's identity: the credentials of the link and every Signal key, in `auth_info_baileys/auth.db`.
 *
 * Keys of every type Baileys names are kept, `lid-mapping`, `device-list` and `tctoken` among them: without those a restart
 * forgets who is who. A set of keys is one transaction, on disk before the promise of it resolves.
 */
export class Auth {
  readonly creds: AuthenticationCreds;
  readonly #db: Database;
  readonly #onMapping: (mappings: Mapping[]) => void;

  readonly #onKeys: (failure?: string) => void;

  /**
   * @param onMapping is told each pair of addresses that Baileys learns, from whatever stanza.
   * @param onKeys is told of every set of keys why it could not be kept, or nothing. Without its keys no message is read.
   */
  constructor(folder: string, onMapping: (mappings: Mapping[]) => void, onKeys: (failure?: string) => void) {
    const home = join(folder, "auth_info_baileys");
    mkdirSync(home, { recursive: true, mode: 0o700 });
    this.#db = new Database(join(home, "auth.db"));
    this.#db.exec(SCHEMA);
    this.#onMapping = onMapping;
    this.#onKeys = onKeys;
    const stored = this.#db.get<{ value: string }>("SELECT value FROM creds WHERE id = 1");
    this.creds = stored === undefined ? initAuthCreds() : (revive(stored.value) as AuthenticationCreds);
  }

  /** Whether a phone has linked this companion. */
  get paired(): boolean {
    return this.creds.me?.id !== undefined && this.creds.account !== undefined;
  }

  /** What Baileys works on. */
  get state(): AuthenticationState {
    return { creds: this.creds, keys: { get: (type, ids) => this.#get(type, ids), set: (data) => this.#set(data) } };
  }

  saveCreds(): void {
    this.#db.run(
      "INSERT OR REPLACE INTO creds (id, value) VALUES (1, ?)",
      JSON.stringify(this.creds, BufferJSON.replacer),
    );
  }

  /** Remembers that WhatsApp ended this link, so that a restart does not knock with dead keys. */
  end(reason: string, since: number): void {
    this.#db.run("INSERT OR REPLACE INTO verdicts (state, reason, since) VALUES ('logged_out', ?, ?)", reason, since);
  }

  /** Why and when the link was ended, if it was. */
  get ended(): { reason: string; since: number } | undefined {
    return this.#db.get("SELECT reason, since FROM verdicts WHERE state = 'logged_out'");
  }

  /**
   * Forgets whom a code was asked for. Baileys writes that down as if the link were made, and would log in at its next
   * connection instead of asking for codes.
   */
  forgetAsked(): void {
    if (this.paired || this.creds.me === undefined) return;
    Reflect.deleteProperty(this.creds, "me");
    Reflect.deleteProperty(this.creds, "pairingCode");
    this.creds.registered = false;
    this.saveCreds();
  }

  /** Forgets the link and all its keys; the next connection is a new companion. */
  reset(): void {
    this.#db.transaction(() => {
      this.#db.run("DELETE FROM keys");
      this.#db.run("DELETE FROM creds");
      this.#db.run("DELETE FROM verdicts");
    });
    for (const field of Object.keys(this.creds)) Reflect.deleteProperty(this.creds, field);
    Object.assign(this.creds, initAuthCreds());
  }

  close(): void {
    this.#db.close();
  }

  #get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]): { [id: string]: SignalDataTypeMap[T] } {
    const found: { [id: string]: SignalDataTypeMap[T] } = {};
    for (const id of ids) {
      const row = this.#db.get<{ value: string }>("SELECT value FROM keys WHERE type = ? AND id = ?", type, id);
      if (row === undefined) continue;
      const value = revive(row.value);
      // Baileys calls the methods of this protobuf, which JSON does not keep.
      found[id] = (
        type === "app-state-sync-key" ? proto.Message.AppStateSyncKeyData.fromObject(value as object) : value
      ) as SignalDataTypeMap[T];
    }
    return found;
  }

  #set(data: SignalDataSet): void {
    try {
      this.#keep(data);
    } catch (error) {
      this.#onKeys(reasonOf(error));
      throw error;
    }
    this.#onKeys();
    const mappings = mappingsIn(data["lid-mapping"]);
    if (mappings.length > 0) this.#onMapping(mappings);
  }

  #keep(data: SignalDataSet): void {
    this.#db.transaction(() => {
      for (const [type, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values ?? {})) {
          if (value === null || value === undefined) {
            this.#db.run("DELETE FROM keys WHERE type = ? AND id = ?", type, id);
          } else {
            const text = JSON.stringify(value, BufferJSON.replacer);
            this.#db.run("INSERT OR REPLACE INTO keys (type, id, value) VALUES (?, ?, ?)", type, id, text);
          }
        }
      }
    });
  }
}

/** Baileys keeps a mapping both ways, as bare users: {pn: lid, lid_reverse: pn}. */
function mappingsIn(values: SignalDataSet["lid-mapping"]): Mapping[] {
  return Object.entries(values ?? {}).flatMap(([pn, lid]) =>
    lid === null || lid === undefined || pn.endsWith("_reverse")
      ? []
      : [{ lid: `${lid}@lid`, pn: `${pn}@s.whatsapp.net` }],
  );
}

function revive(text: string): unknown {
  return JSON.parse(text, BufferJSON.reviver);
}
