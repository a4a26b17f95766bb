import type { Database } from "./database.js";

/**
 * The one counter of all rows. It is kept in `meta`, moves in the transaction of the rows it numbers, and never goes back,
 * also when rows are removed: a reader's watermark stays true.
 */
export class Sequence {
  readonly #db: Database;
  #last = 0;

  constructor(db: Database) {
    this.#db = db;
    this.reload();
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  save(): void {
    this.#db.run("UPDATE meta SET value = ? WHERE key = 'seq'", String(this.#last));
  }

  reload(): void {
    this.#last = Number(this.#db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'seq'")?.value ?? 0);
  }
}
