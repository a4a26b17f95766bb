import { addressOf, phoneAddress } from "../store/identity.js";
import type { Person } from "../store/rows.js";
import { rfc3339 } from "../time.js";
import type { ContactPicture, NumberCheck } from "../whatsapp/people.js";
import type { Bridge, Call } from "./bridge.js";

interface ContactAbout extends Person {
  about: string;
  set_at?: string;
}

/** Whether a number is on WhatsApp. */
export function checkNumber({ client }: Bridge, { params }: Call<{ phone: string }>): Promise<NumberCheck> {
  return client.people.number(phoneAddress(params.phone));
}

/** The text that a person shows under the name. */
export async function contactAbout(bridge: Bridge, call: Call<{ contact_jid: string }>): Promise<ContactAbout> {
  const { set_at: at, ...told } = await bridge.client.people.about(addressed(bridge, call));
  return { ...told, set_at: at === undefined ? undefined : rfc3339(at) };
}

/** Where the picture of a person or group lies for a while. */
export function contactPicture(bridge: Bridge, call: Call<{ contact_jid: string }>): Promise<ContactPicture> {
  return bridge.client.people.picture(addressed(bridge, call));
}

function addressed({ store }: Bridge, { params }: Call<{ contact_jid: string }>): string {
  return store.aliases.canonical(addressOf(params.contact_jid));
}
