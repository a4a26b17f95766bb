import { Fault } from "../fault.js";
import { UsageError } from "../settings.js";
import { addressOf } from "../store/identity.js";
import type { Store } from "../store/store.js";

/** The JIDs of whom this companion may write to; undefined is everybody. */
export type Recipients = readonly string[] | undefined;

/**
 * Reads JIDs and phone numbers with commas between them, or the word nobody, as the Go bridge does. Throws {@link UsageError}
 * for what is not understood: a list that is half read would not keep out whom it was meant to.
 */
export function readRecipients(text: string | undefined): Recipients {
  if (text === undefined) return undefined;
  if (text.trim() === "nobody") return [];
  return text.split(",").map((entry) => {
    try {
      return addressOf(entry);
    } catch {
      throw new UsageError(
        `--allowed-recipients or WHATSAPP_MCP_ALLOWED_RECIPIENTS: "${entry}" is neither a JID nor a phone number with its ` +
          'country code; give these with commas between them, or "nobody"',
      );
    }
  });
}

/** Throws RECIPIENT_NOT_ALLOWED for a canonical JID that none of the recipients is, under whichever address. */
export function permit(recipients: Recipients, chat: string, { aliases }: Pick<Store, "aliases">): void {
  if (recipients === undefined || recipients.some((jid) => aliases.canonical(jid) === chat)) return;
  throw new Fault("RECIPIENT_NOT_ALLOWED", `${chat} is not among the recipients that are allowed.`);
}
