import type { Changeable, PrivacyChange, PrivacySettings } from "../whatsapp/privacy.js";
import type { Bridge, Call } from "./bridge.js";

/** Who may see or do what. */
export function privacy({ client }: Bridge): Promise<PrivacySettings> {
  return client.privacy.settings();
}

/** Makes the route that changes one setting. */
export function setPrivacy(setting: Changeable) {
  return ({ client }: Bridge, { body }: Call<unknown, unknown, { value: string }>): Promise<PrivacyChange> =>
    client.privacy.set(setting, body.value);
}
