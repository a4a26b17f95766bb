import { CODES, type Code } from "./codes.js";

/** A JSON value in an error's details. */
export type Detail = string | number | boolean | null | Detail[] | { [key: string]: Detail };

/** What {@link Fault} may be told beyond its code and message. */
export interface FaultOptions {
  details?: { [key: string]: Detail };
  /** The next call or command that mends it; the registry's cure where it is missing. */
  resolution?: string;
  /** An HTTP status other than the registry's, where the dialect names one. */
  status?: number;
}

/** The one error that crosses the walls: a code, a sentence, details and what to do next. */
export class Fault extends Error {
  readonly code: Code;
  readonly details: { [key: string]: Detail };
  readonly resolution: string;
  /** The HTTP status the bridge answers with. */
  readonly status: number;

  constructor(code: Code, message?: string, options: FaultOptions = {}) {
    super(message ?? CODES[code].meaning);
    this.name = "Fault";
    this.code = code;
    this.details = options.details ?? {};
    this.resolution = options.resolution ?? CODES[code].cure;
    this.status = options.status ?? CODES[code].status;
  }
}
