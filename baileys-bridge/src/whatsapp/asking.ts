import { Fault } from "../fault.js";

/** How long a question to WhatsApp's server may take: callers of the bridge wait 40 s, Baileys a minute. */
const ANSWER_MS = 20_000;

/** Asks WhatsApp's server something through Baileys. Throws a {@link Fault}, whatever Baileys throws. */
export async function asking<T>(question: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ANSWER_MS);
  });
  try {
    return await Promise.race([question(), patience]);
  } catch (error) {
    throw faultOf(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The code that WhatsApp's server refused a question with; undefined for an error of another kind. */
export function refusalIn(fault: unknown): number | undefined {
  return fault instanceof Fault && typeof fault.details.found === "number" ? fault.details.found : undefined;
}

/** Baileys' errors are Booms: `data` is the code of the server's refusal, `output.statusCode` how the connection stands. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { data, output } = error as { data?: unknown; output?: { statusCode?: number } };
  if (data === 429) {
    return new Fault("RATE_LIMIT", "WhatsApp's server asks for fewer requests.", { details: { retry_after_s: 60 } });
  }
  if (typeof data === "number") return new Fault("WHATSAPP_API_ERROR", undefined, { details: { found: data } });
  if (output?.statusCode === 408) return late();
  if (output?.statusCode === 428) return new Fault("BAILEYS_NOT_CONNECTED");
  return new Fault("WHATSAPP_API_ERROR", "The question to WhatsApp's server failed.");
}

function late(): Fault {
  return new Fault("WHATSAPP_API_ERROR", "WhatsApp's server did not answer in time.");
}
