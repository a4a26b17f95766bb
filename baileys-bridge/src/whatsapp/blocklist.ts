import { Fault } from "../fault.js";
import { bareJid, chatKind } from "../store/identity.js";
import type { Person } from "../store/rows.js";
import type { Store } from "../store/store.js";
import { asking } from "./asking.js";
import type { WASocket } from "./baileys.js";

/** A person after being blocked or unblocked. */
export interface Blocking extends Person {
  status: "changed" | "unchanged";
  blocked: boolean;
}

export type BlocklistLine = Pick<WASocket, "fetchBlocklist" | "getUSyncDevices" | "updateBlockStatus"> & {
  signalRepository: { lidMapping: Pick<WASocket["signalRepository"]["lidMapping"], "getLIDForPN" | "getPNForLID"> };
};

/** Reads and changes whom the account blocks, while the Go bridge is away. */
export class Blocklist {
  readonly #store: Store;
  readonly #line: () => BlocklistLine;
  readonly #me: () => string | undefined;

  /** `line` throws while there is no connection. */
  constructor(store: Store, line: () => BlocklistLine, me: () => string | undefined) {
    this.#store = store;
    this.#line = line;
    this.#me = me;
  }

  /** Everybody on the server's list, which holds LIDs. */
  async people(): Promise<Person[]> {
    return (await this.#listed(this.#line())).map((jid) => this.#store.person(jid));
  }

  /** Throws INVALID_ARGUMENT for who cannot be blocked, and RECIPIENT_UNREACHABLE. */
  async set(jid: string, blocked: boolean): Promise<Blocking> {
    if (chatKind(jid) !== "direct") throw cannot("is no person");
    if (jid === this.#me()) throw cannot("is the account itself");
    const line = this.#line();
    await this.#learn(line, jid);
    const canonical = this.#store.aliases.canonical(jid);
    const unchanged = (await this.#listed(line)).includes(canonical) === blocked;
    if (!unchanged) await asking(() => line.updateBlockStatus(canonical, blocked ? "block" : "unblock"));
    return { status: unchanged ? "unchanged" : "changed", blocked, ...this.#store.person(canonical) };
  }

  async #listed(line: BlocklistLine): Promise<string[]> {
    const listed = await asking(() => line.fetchBlocklist());
    const people = listed.map((jid) => bareJid(jid)).filter((jid) => jid !== undefined && chatKind(jid) === "direct");
    return people.map((jid) => this.#store.aliases.canonical(jid ?? ""));
  }

  /** Baileys names a person to the server by LID and number, and must know both before. */
  async #learn(line: BlocklistLine, jid: string): Promise<void> {
    const devices = await asking(() => line.getUSyncDevices([jid], false, false));
    const { lidMapping } = line.signalRepository;
    const isPn = jid.endsWith("@s.whatsapp.net");
    const other = bareJid(isPn ? await lidMapping.getLIDForPN(jid) : await lidMapping.getPNForLID(jid));
    if (devices.length === 0 || other === undefined) throw new Fault("RECIPIENT_UNREACHABLE");
    const mapping = isPn ? { lid: other, pn: jid } : { lid: jid, pn: other };
    this.#store.write(() => this.#store.learn(mapping));
  }
}

function cannot(problem: string): Fault {
  return new Fault("INVALID_ARGUMENT", `contact_jid: ${problem}.`, { details: { argument: "contact_jid", problem } });
}
