import { Fault } from "../fault.js";

/** Lets something be done so many times in any span of its length: accounts are restricted for haste. */
export class Limiter {
  readonly #most: number;
  readonly #spanMs: number;
  readonly #refusal: string;
  #taken: number[] = [];

  constructor(most: number, spanMs: number, refusal: string) {
    this.#most = most;
    this.#spanMs = spanMs;
    this.#refusal = refusal;
  }

  /** Notes that it is done now, or throws RATE_LIMIT with the seconds after which it may be. */
  take(now: number = Date.now()): void {
    this.#taken = this.#taken.filter((at) => now - at < this.#spanMs);
    const [first] = this.#taken;
    if (first !== undefined && this.#taken.length >= this.#most) {
      const wait = Math.ceil((this.#spanMs - (now - first)) / 1000);
      throw new Fault("RATE_LIMIT", this.#refusal, { details: { retry_after_s: wait } });
    }
    this.#taken.push(now);
  }
}
