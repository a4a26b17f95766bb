import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";
import { nowSeconds, rfc3339 } from "./time.js";

/** Another process holds the store. */
export class LockedError extends Error {}

interface Holder {
  pid: number;
  listen: string;
  started_at: string;
}

/**
 * The store's lock: `bridge.lock`, locked by the operating system for as long as this process lives, and never by the
 * file's mere existence, so that a crash leaves no stale lock. Its text tells a second start who holds it.
 */
export class Lock {
  readonly #file: number;
  readonly #startedAt = rfc3339(nowSeconds());

  private constructor(file: number) {
    this.#file = file;
  }

  /** Takes the lock of `store` or throws {@link LockedError}. */
  static take(store: string, listen: string): Lock {
    const path = join(store, "bridge.lock");
    const file = openSync(path, "a+", 0o600);
    if (!tryLock(file)) {
      closeSync(file);
      throw new LockedError(
        `another bridge ${describe(path)} holds this store; stop it, or give --store another folder`,
      );
    }
    const lock = new Lock(file);
    lock.announce(listen);
    return lock;
  }

  /** Writes who holds the store and where it listens. */
  announce(listen: string): void {
    const holder: Holder = { pid: process.pid, listen, started_at: this.#startedAt };
    ftruncateSync(this.#file, 0);
    writeSync(this.#file, `${JSON.stringify(holder)}\n`);
  }

  release(): void {
    closeSync(this.#file);
  }
}

function describe(path: string): string {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as Partial<Holder>;
    return `(pid ${holder.pid}, listening on ${holder.listen}, since ${holder.started_at})`;
  } catch {
    return "(of unknown pid)";
  }
}
