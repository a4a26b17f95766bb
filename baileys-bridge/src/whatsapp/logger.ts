import type { Log } from "../log.js";
import type { SocketConfig } from "./baileys.js";

type Logger = SocketConfig["logger"];

/**
 * Baileys' log, let through at warning and above, and of each line the sentence alone: the objects it logs hold stanzas,
 * message keys and key material.
 */
export function baileysLogger(log: Log): Logger {
  const nothing = (): void => undefined;
  const pass = (write: (message: string) => void) => (first: unknown, second?: string) => {
    const sentence = second ?? (typeof first === "string" ? first : undefined);
    if (sentence !== undefined) write(`baileys: ${sentence}`);
  };
  const logger: Logger = {
    level: "warn",
    child: () => logger,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: pass((message) => log.warn(message)),
    error: pass((message) => log.error(message)),
  };
  return logger;
}
