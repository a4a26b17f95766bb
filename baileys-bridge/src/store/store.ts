import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../fault.js";
import { nowSeconds } from "../time.js";
import { Aliases } from "./aliases.js";
import { Chats } from "./chats.js";
import { Checkpoints } from "./checkpoints.js";
import { Chunks } from "./chunks.js";
import { Clearing, type Held } from "./clearing.js";
import { Contacts } from "./contacts.js";
import { Database } from "./database.js";
import { isLid, isPn } from "./identity.js";
import { Jobs } from "./jobs.js";
import { Messages } from "./messages.js";
import { PendingChanges } from "./pending.js";
import { Reactions } from "./reactions.js";
import type { Mapping, Person } from "./rows.js";
import { Sends } from "./sends.js";
import { Sequence } from "./sequence.js";

const SCHEMA_VERSION = 1;

/** baileys_temp.db: this process is its one writer. Every change goes through {@link Store.write}. */
export class Store {
  readonly aliases: Aliases;
  readonly chats: Chats;
  readonly checkpoints: Checkpoints;
  readonly chunks: Chunks;
  readonly contacts: Contacts;
  readonly jobs: Jobs;
  readonly messages: Messages;
  readonly reactions: Reactions;
  readonly sends: Sends;
  /** A UUID made with the file: another origin means other sequence numbers. */
  readonly origin: string;
  readonly #clearing: Clearing;
  readonly #db: Database;
  readonly #pending: PendingChanges;
  readonly #sequence: Sequence;
  #lastStoredAt: number | undefined;

  private constructor(db: Database, origin: string) {
    this.#db = db;
    this.origin = origin;
    this.#clearing = new Clearing(db);
    this.#sequence = new Sequence(db);
    this.#pending = new PendingChanges(db);
    this.aliases = new Aliases(db, this.#sequence);
    this.chats = new Chats(db, this.#sequence, this.aliases);
    this.checkpoints = new Checkpoints(db, this.#sequence, this.aliases);
    this.chunks = new Chunks(db);
    this.contacts = new Contacts(db, this.#sequence, this.aliases);
    this.jobs = new Jobs(db);
    this.messages = new Messages(db, this.#sequence, this.aliases, this.#pending);
    this.reactions = new Reactions(db, this.#sequence, this.aliases);
    this.sends = new Sends(db);
  }

  /** Opens or makes baileys_temp.db in a folder. Throws DATABASE_CORRUPT or DATABASE_SCHEMA_MISMATCH. */
  static open(folder: string): Store {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const db = new Database(join(folder, "baileys_temp.db"));
    try {
      return new Store(
        db,
        db.transaction(() => prepare(db)),
      );
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Runs `work` in one transaction; when it throws, nothing of it stays, in the file or in memory. */
  write<T>(work: () => T): T {
    const before = this.#sequence.last;
    try {
      return this.#db.transaction(() => {
        const result = work();
        if (this.#sequence.last > before) {
          this.#sequence.save();
          this.#lastStoredAt = nowSeconds();
        }
        return result;
      });
    } catch (error) {
      this.#sequence.reload();
      this.aliases.reload();
      this.messages.recount();
      throw error;
    }
  }

  /** Takes note of a person's two addresses, and moves what lies under the LID to the phone number. Within a write. */
  learn(mapping: Mapping): void {
    if (!this.aliases.put(mapping)) return;
    const { lid, pn } = mapping;
    this.messages.move(lid, pn);
    this.#pending.move(lid, pn, (change) => this.messages.change(change));
    this.reactions.move(lid, pn);
    this.contacts.move(lid, pn);
    this.chats.move(lid, pn);
    this.checkpoints.move(lid, pn);
    this.jobs.move(lid, pn);
  }

  /** What waits for a reader that has everything up to `seq`. */
  waiting(seq: number): Held {
    return this.#clearing.waiting(seq);
  }

  /** Removes the messages and reactions up to `seq`; how many that were. */
  drop(seq: number): Held {
    return this.#removed(() => this.#clearing.drop(seq));
  }

  /** Removes everything that was told; the device stays linked. */
  wipe(): void {
    this.#removed(() => this.#clearing.wipe());
  }

  #removed<T>(work: () => T): T {
    const result = this.write(work);
    this.aliases.reload();
    this.messages.recount();
    this.#pending.recount();
    return result;
  }

  /** What a chat or person is called, by its canonical JID: the number where there is no name. */
  nameOf(jid: string): string {
    return this.chats.get(jid)?.name ?? this.contacts.name(jid) ?? phoneOf(jid) ?? jid;
  }

  /** A person under the canonical JID, with all that is known. */
  person(jid: string): Person {
    const canonical = this.aliases.canonical(jid);
    const lid = isLid(canonical) ? canonical : this.aliases.of(canonical).find(isLid);
    return { jid: canonical, lid, phone: phoneOf(canonical), name: this.nameOf(canonical) };
  }

  /** Whether anything is held of a person. */
  knows(jid: string): boolean {
    const { contacts, chats, aliases } = this;
    return contacts.name(jid) !== undefined || chats.get(jid) !== undefined || aliases.of(jid).length > 0;
  }

  get lastSeq(): number {
    return this.#sequence.last;
  }

  /** When a row was last stored, in seconds; undefined when none was since the start. */
  get lastStoredAt(): number | undefined {
    return this.#lastStoredAt;
  }

  get sqliteVersion(): string {
    return this.#db.sqliteVersion;
  }

  /** The size of the file with its log, in bytes. */
  get bytes(): number {
    return [this.#db.path, `${this.#db.path}-wal`]
      .filter((path) => existsSync(path))
      .reduce((sum, path) => sum + statSync(path).size, 0);
  }

  get open(): boolean {
    return this.#db.open;
  }

  close(): void {
    this.#db.close();
  }
}

function phoneOf(jid: string): string | undefined {
  return isPn(jid) ? `+${jid.slice(0, jid.indexOf("@"))}` : undefined;
}

function prepare(db: Database): string {
  const version = db.version;
  if (version > SCHEMA_VERSION) {
    throw new Fault(
      "DATABASE_SCHEMA_MISMATCH",
      `baileys_temp.db has schema ${version}, this bridge knows ${SCHEMA_VERSION}`,
    );
  }
  if (version === 0) {
    db.exec(readFileSync(new URL("./schema.sql", import.meta.url), "utf8"));
    db.run("INSERT INTO meta (key, value) VALUES ('origin', ?), ('seq', '0')", randomUUID());
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    for (const suffix of ["-wal", "-shm"]) {
      if (existsSync(db.path + suffix)) chmodSync(db.path + suffix, 0o600);
    }
  }
  const origin = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'origin'")?.value;
  if (origin === undefined) throw new Fault("DATABASE_CORRUPT", "baileys_temp.db has no origin");
  return origin;
}
