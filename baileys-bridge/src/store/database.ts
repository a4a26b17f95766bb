import { chmodSync, existsSync } from "node:fs";
import Libsql from "libsql";
import { Fault } from "../fault.js";

/** What SQLite stores. Booleans are not among them: libsql aborts the process on one. */
export type Value = string | number | Uint8Array | null | undefined;

/**
 * One SQLite file with one writing connection. Statements are prepared once and kept.
 *
 * libsql binds every number as REAL; columns with INTEGER affinity turn whole numbers back, so every numeric column has it.
 */
export class Database {
  readonly path: string;
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #depth = 0;

  /** Opens the file; a file that is no database throws DATABASE_CORRUPT. */
  constructor(path: string) {
    this.path = path;
    const db = new Libsql(path);
    this.#db = db;
    try {
      db.pragma("journal_mode = WAL");
      db.pragma("busy_timeout = 5000");
      db.pragma("foreign_keys = ON");
      db.pragma("synchronous = FULL");
    } catch (error) {
      throw damaged(path, error);
    }
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(path + suffix)) chmodSync(path + suffix, 0o600);
    }
  }

  /** The number of rows changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#statement(sql).run(...values).changes;
  }

  /** The first row, whose shape the caller knows from its SQL. */
  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  get version(): number {
    return this.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  }

  get sqliteVersion(): string {
    return this.get<{ version: string }>("SELECT sqlite_version() AS version")?.version ?? "";
  }

  get open(): boolean {
    return this.#db.open;
  }

  /** Runs `work` in one transaction; inside another it is part of that one. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#db.exec("BEGIN IMMEDIATE");
    this.#depth = 1;
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth = 0;
    }
  }

  close(): void {
    if (!this.#db.open) return;
    this.#db.pragma("wal_checkpoint(TRUNCATE)");
    this.#statements.clear();
    this.#db.close();
  }

  #statement(sql: string): Libsql.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql) as Libsql.Statement;
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** A boolean as SQLite keeps it; unknown stays NULL. */
export function flag(value: boolean | undefined): number | null {
  return value === undefined ? null : Number(value);
}

/** The boolean of a column that {@link flag} wrote. */
export function truth(value: number | null): boolean | undefined {
  return value === null ? undefined : value !== 0;
}

/** The bytes of a BLOB column, which libsql gives as an ArrayBuffer. */
export function bytes(value: ArrayBuffer | Uint8Array | null): Uint8Array | undefined {
  if (value === null) return undefined;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}

function damaged(path: string, error: unknown): Fault {
  return new Fault(
    "DATABASE_CORRUPT",
    `${path} cannot be opened: ${error instanceof Error ? error.message : "unknown"}`,
    {
      resolution: `Move ${path} away and start again; the phone can be asked for its history anew.`,
    },
  );
}
