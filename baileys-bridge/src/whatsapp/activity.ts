import { nowSeconds } from "../time.js";

/** What has come in since this process began; times are seconds. */
export interface Activity {
  /** When WhatsApp last said something beyond keeping the connection. */
  lastEventAt?: number;
  /**
   * The server's time of the newest message of a direct chat or group that came live. Every companion of the account gets
   * these, so that two of them can be compared.
   */
  lastMessageAt?: number;
  /** Why the last event could not be stored, while nothing was stored since. */
  notStored?: string;
}

/** Takes note of what comes. */
export class LiveActivity {
  #lastEventAt: number | undefined;
  #lastMessageAt: number | undefined;
  #keys: string | undefined;
  #failure: { at: number; reason: string } | undefined;

  event(): void {
    this.#lastEventAt = nowSeconds();
  }

  message(at: number): void {
    this.#lastMessageAt = Math.max(this.#lastMessageAt ?? 0, at);
  }

  notStored(reason: string): void {
    this.#failure = { at: nowSeconds(), reason };
  }

  /** A set of keys was kept, or why it was not: a message whose keys cannot be kept is not read. */
  keys(failure?: string): void {
    this.#keys = failure;
  }

  /** @param storedAt when a row was last stored */
  since(storedAt: number | undefined): Activity {
    const mended = this.#failure === undefined || (storedAt ?? 0) > this.#failure.at;
    return {
      lastEventAt: this.#lastEventAt,
      lastMessageAt: this.#lastMessageAt,
      notStored: this.#keys ?? (mended ? undefined : this.#failure?.reason),
    };
  }
}
