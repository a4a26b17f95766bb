import type { Anchor } from "#bridge/store/rows.js";
import type { Store } from "#bridge/store/store.js";
import { proto } from "#bridge/whatsapp/baileys.js";
import { storeChunk } from "#bridge/whatsapp/history.js";
import type { ChatJobs, Phone } from "#bridge/whatsapp/jobs.js";
import { ME } from "./store.js";

/** A phone that holds so many messages of a chat, one a second up to `newest`, and answers as it is told to. */
export class FakePhone implements Phone {
  online = true;
  /** What it does with a request: answer in so many chunks, not at all, or hold it back until {@link release}. */
  manner: { chunks: number } | "silent" | "late" = { chunks: 1 };
  readonly requests: { address: string; anchor: Anchor; count: number }[] = [];
  readonly #chat: string;
  readonly #held: number;
  readonly #newest: number;
  readonly #store: Store;
  #late: (() => void)[] = [];
  #jobs: ChatJobs | undefined;

  constructor(store: Store, chat: string, held: number, newest: number) {
    this.#store = store;
    this.#chat = chat;
    this.#held = held;
    this.#newest = newest;
  }

  answers(jobs: ChatJobs): void {
    this.#jobs = jobs;
  }

  connected(): boolean {
    return this.online;
  }

  async request(address: string, anchor: Anchor, count: number): Promise<string> {
    this.requests.push({ address, anchor, count });
    const session = `request-${this.requests.length}`;
    const { manner } = this;
    if (manner === "late") this.#late.push(() => this.#answer(session, address, anchor, count, 1));
    else if (manner !== "silent") setImmediate(() => this.#answer(session, address, anchor, count, manner.chunks));
    return session;
  }

  release(): void {
    for (const answer of this.#late) answer();
    this.#late = [];
  }

  /** The oldest time it holds. */
  get oldest(): number {
    return this.#newest - this.#held + 1;
  }

  #answer(session: string, address: string, anchor: Anchor, count: number, chunks: number): void {
    if (!this.#store.open) return;
    const times: number[] = [];
    const known = address === this.#chat;
    for (let time = anchor.timestamp - 1; known && time >= this.oldest && times.length < count; time--)
      times.push(time);
    const size = Math.max(1, Math.ceil(times.length / chunks));
    const parts = Math.max(1, Math.ceil(times.length / size));
    for (let part = 0; part < parts; part++) {
      const messages = times.slice(part * size, (part + 1) * size).map((time) => ({
        message: {
          key: { remoteJid: address, id: `M${time}`, fromMe: true },
          messageTimestamp: time,
          message: { conversation: "x" },
        },
      }));
      const { ON_DEMAND } = proto.HistorySync.HistorySyncType;
      const notification = { syncType: ON_DEMAND as number, peerDataRequestSessionId: session };
      const conversations = known ? [{ id: address, messages }] : [];
      this.#store.write(() => {
        this.#jobs?.arrived(storeChunk(this.#store, { syncType: ON_DEMAND, conversations }, notification, ME));
      });
    }
  }
}
