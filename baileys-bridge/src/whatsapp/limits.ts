import { Fault } from "../fault.js";
import type { Limits } from "../settings.js";

/** How often something may be done in any span of this length. */
export interface Window {
  most: number;
  spanMs: number;
}

const MINUTE_MS = 60_000;
/** How many messages may go out one right after the other. */
const BURST = 5;
const TOO_MANY_SENDS =
  "WhatsApp restricts accounts that send in haste, so few messages are allowed a minute and an hour.";

/** As the Go bridge has it: the messages of a minute at an even pace behind a burst. */
export function sendLimiter({ sendsPerMinute, sendsPerHour }: Limits): Limiter {
  const burst = Math.min(sendsPerMinute, BURST);
  return new Limiter(TOO_MANY_SENDS, [
    { most: burst, spanMs: (MINUTE_MS * burst) / sendsPerMinute },
    { most: sendsPerHour, spanMs: 60 * MINUTE_MS },
  ]);
}

/** Lets something be done when all its windows do: accounts are restricted for haste. */
export class Limiter {
  readonly #refusal: string;
  readonly #windows: (Window & { taken: number[] })[];

  constructor(refusal: string, windows: Window[]) {
    this.#refusal = refusal;
    this.#windows = windows.filter(({ most }) => most > 0).map((window) => ({ ...window, taken: [] }));
  }

  /** Notes that it is done now, or throws RATE_LIMIT with the seconds after which it may be. */
  take(now: number = Date.now()): void {
    let waitMs = 0;
    for (const window of this.#windows) {
      window.taken = window.taken.filter((at) => now - at < window.spanMs);
      const [first] = window.taken;
      if (first !== undefined && window.taken.length >= window.most) {
        waitMs = Math.max(waitMs, window.spanMs - (now - first));
      }
    }
    if (waitMs > 0) {
      throw new Fault("RATE_LIMIT", this.#refusal, { details: { retry_after_s: Math.ceil(waitMs / 1000) } });
    }
    for (const window of this.#windows) window.taken.push(now);
  }
}
