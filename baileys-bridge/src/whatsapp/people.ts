import { randomBytes } from "node:crypto";
import { Fault } from "../fault.js";
import { chatKind, isPn } from "../store/identity.js";
import type { Person } from "../store/rows.js";
import type { Store } from "../store/store.js";
import { asking, refusalIn } from "./asking.js";
import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  getBinaryNodeChildString,
  proto,
  type WASocket,
} from "./baileys.js";
import { Limiter } from "./limits.js";

/** Whether a phone number is on WhatsApp; `name` is how the person is known here, if at all. */
export interface NumberCheck {
  phone: string;
  registered: boolean;
  jid?: string;
  lid?: string;
  name?: string;
  business_name?: string;
}

/** The text under a person's name; "" is a person without one. */
export interface ContactAbout extends Person {
  about: string;
  /** Seconds. */
  set_at?: number;
}

/** Where a picture lies for a while; without a url there is none. */
export interface ContactPicture {
  jid: string;
  name: string;
  url?: string;
}

/** What WhatsApp's server says of a person. */
interface Facts {
  registered: boolean;
  lid?: string;
  businessName?: string;
  about: string;
  aboutSetAt?: number;
  aboutHidden: boolean;
}

export type PeopleLine = Pick<WASocket, "profilePictureUrl" | "query">;

/** As the Go bridge has it: WhatsApp restricts accounts that look up many numbers. */
const CHECKS_A_MINUTE = 3;
const TOO_MANY = "WhatsApp restricts accounts that look up many numbers, so few are allowed a minute.";

/** Asks WhatsApp about people, while the Go bridge is away. */
export class People {
  readonly #store: Store;
  readonly #line: () => PeopleLine;
  readonly #checks = new Limiter(TOO_MANY, [{ most: CHECKS_A_MINUTE, spanMs: 60_000 }]);

  /** `line` throws while there is no connection. */
  constructor(store: Store, line: () => PeopleLine) {
    this.#store = store;
    this.#line = line;
  }

  /** Throws RATE_LIMIT. */
  async number(jid: string): Promise<NumberCheck> {
    const line = this.#line();
    this.#checks.take();
    const facts = await this.#lookUp(line, jid);
    const person = this.#store.person(jid);
    const { phone = "", name } = person;
    const known = this.#store.knows(jid) ? { name } : {};
    if (!facts.registered) return { phone, registered: false, ...known };
    return { phone, registered: true, jid: person.jid, lid: person.lid, business_name: facts.businessName, ...known };
  }

  /** Throws CONTACT_NOT_FOUND for who is not on WhatsApp, PRIVACY_RESTRICTED, and RATE_LIMIT for too many strangers. */
  async about(jid: string): Promise<ContactAbout> {
    const line = this.#line();
    if (chatKind(jid) !== "direct") throw notOf("a person");
    this.#stranger(jid);
    const facts = await this.#lookUp(line, jid);
    if (facts.aboutHidden) {
      throw new Fault("PRIVACY_RESTRICTED", "The person hides the about text from this account.");
    }
    if (!facts.registered) {
      throw new Fault("CONTACT_NOT_FOUND", "This person is not on WhatsApp.", {
        resolution: "Check the number with check_is_on_whatsapp.",
      });
    }
    return { ...this.#store.person(jid), about: facts.about, set_at: facts.aboutSetAt };
  }

  /** Throws INVALID_ARGUMENT for what has none, PRIVACY_RESTRICTED, and RATE_LIMIT for too many strangers. */
  async picture(jid: string): Promise<ContactPicture> {
    const line = this.#line();
    const kind = chatKind(jid);
    if (kind !== "direct" && kind !== "group") throw notOf("a person or a group");
    if (kind === "direct") this.#stranger(jid);
    const shown = { jid, name: this.#store.nameOf(jid) };
    try {
      return { ...shown, url: await asking(() => line.profilePictureUrl(jid, "image")) };
    } catch (error) {
      if (refusalIn(error) === 404) return shown;
      if (refusalIn(error) === 401) {
        throw new Fault("PRIVACY_RESTRICTED", "The picture is hidden from this account.");
      }
      throw error;
    }
  }

  #stranger(jid: string): void {
    if (!this.#store.knows(jid)) this.#checks.take();
  }

  /** One question for all, in place of Baileys' three: its reading of an about text does not tell hidden from empty. */
  async #lookUp(line: PeopleLine, jid: string): Promise<Facts> {
    const asked: BinaryNode[] = [
      { tag: "business", attrs: {}, content: [{ tag: "verified_name", attrs: {} }] },
      { tag: "status", attrs: {} },
      { tag: "devices", attrs: { version: "2" } },
      { tag: "lid", attrs: {} },
    ];
    const attrs = {
      sid: randomBytes(8).toString("hex"),
      mode: "full",
      last: "true",
      index: "0",
      context: "background",
    };
    const content: BinaryNode[] = [
      { tag: "query", attrs: {}, content: asked },
      { tag: "list", attrs: {}, content: [{ tag: "user", attrs: { jid } }] },
    ];
    const answer: BinaryNode = await asking(() =>
      line.query({
        tag: "iq",
        attrs: { to: "s.whatsapp.net", type: "get", xmlns: "usync" },
        content: [{ tag: "usync", attrs, content }],
      }),
    );
    const list = getBinaryNodeChild(getBinaryNodeChild(answer, "usync"), "list");
    const facts = factsOf(getBinaryNodeChild(list, "user"));
    const { lid } = facts;
    if (lid !== undefined && isPn(jid)) this.#store.write(() => this.#store.learn({ lid, pn: jid }));
    return facts;
  }
}

function factsOf(user: BinaryNode | undefined): Facts {
  const status = getBinaryNodeChild(user, "status");
  const devices = getBinaryNodeChild(getBinaryNodeChild(user, "devices"), "device-list");
  return {
    registered: getBinaryNodeChildren(devices, "device").length > 0,
    lid: getBinaryNodeChild(user, "lid")?.attrs.val,
    businessName: businessNameOf(getBinaryNodeChild(getBinaryNodeChild(user, "business"), "verified_name")),
    about: getBinaryNodeChildString(user, "status") ?? "",
    aboutSetAt: Number(status?.attrs.t) || undefined,
    aboutHidden: status?.attrs.code === "401",
  };
}

function businessNameOf(certificate: BinaryNode | undefined): string | undefined {
  if (!(certificate?.content instanceof Uint8Array)) return undefined;
  const { details } = proto.VerifiedNameCertificate.decode(certificate.content);
  if (!details) return undefined;
  return proto.VerifiedNameCertificate.Details.decode(details).verifiedName || undefined;
}

function notOf(what: string): Fault {
  return new Fault("INVALID_ARGUMENT", `contact_jid: is not ${what}.`, {
    details: { argument: "contact_jid", problem: `is not ${what}` },
  });
}
