import { Fault } from "../fault.js";
import { addressOf, phoneAddress } from "../store/identity.js";
import type { Person } from "../store/rows.js";
import type { Blocking } from "../whatsapp/blocklist.js";
import type { Bridge, Call } from "./bridge.js";

interface BlockedContacts {
  contacts: Person[];
  total: number;
}

/** A person is named by exactly one of the two. */
interface Someone {
  contact_jid?: string;
  phone?: string;
}

/** Everybody whom the account blocks. */
export async function blocklist({ client }: Bridge): Promise<BlockedContacts> {
  const contacts = await client.blocklist.people();
  return { contacts, total: contacts.length };
}

export function block(bridge: Bridge, call: Call<unknown, unknown, Someone>): Promise<Blocking> {
  return bridge.client.blocklist.set(personOf(bridge, call.body), true);
}

export function unblock(bridge: Bridge, call: Call<unknown, unknown, Someone>): Promise<Blocking> {
  return bridge.client.blocklist.set(personOf(bridge, call.body), false);
}

function personOf({ store }: Bridge, { contact_jid: jid, phone }: Someone): string {
  if (jid !== undefined && phone !== undefined) {
    const problem = "is given beside a JID; give exactly one of them";
    throw new Fault("INVALID_ARGUMENT", `phone: ${problem}.`, { details: { argument: "phone", problem } });
  }
  if (jid !== undefined) return store.aliases.canonical(addressOf(jid));
  if (phone !== undefined) return phoneAddress(phone);
  throw new Fault("MISSING_IDENTIFIER");
}
