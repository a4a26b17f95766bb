import pino from "pino";

/** What a log line may carry beside its sentence; strings are redacted. */
export type Fields = Record<string, string | number | boolean | undefined>;

export type Level = "debug" | "info" | "warn" | "error" | "silent";

/** The bridge's log. Every sentence and every string in it passes through {@link redact}. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/**
 * Takes out of a text what no log may hold: numbers are cut to their last four digits, and anything that could be
 * key material (24 and more characters of hex or base64) is left out altogether.
 */
export function redact(text: string): string {
  return text.replace(/[A-Za-z0-9+/_-]{24,}={0,2}/g, "[…]").replace(/\d{7,}/g, (run) => `…${run.slice(-4)}`);
}

/** A sentence about an error that is fit for a log: its message alone, never its data, which in Baileys may be a stanza. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : "an unknown error";
}

/** A log that writes JSON lines to stderr; stdout belongs to the ready line alone. */
export function openLog(level: Level): Log {
  const logger = pino(
    { level, base: { bridge: "baileys-bridge" }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
  const at = (write: (fields: Fields, message: string) => void) => (message: string, fields?: Fields) =>
    write(redactFields(fields), redact(message));
  return {
    debug: at((fields, message) => logger.debug(fields, message)),
    info: at((fields, message) => logger.info(fields, message)),
    warn: at((fields, message) => logger.warn(fields, message)),
    error: at((fields, message) => logger.error(fields, message)),
  };
}

function redactFields(fields: Fields | undefined): Fields {
  if (fields === undefined) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? redact(value) : value]),
  );
}
