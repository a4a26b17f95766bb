import type { FastifyReply } from "fastify";
import type { Detail } from "../fault.js";
import { Fault } from "../fault.js";
import { type Log, reasonOf } from "../log.js";

/** An error as both bridges say it. */
interface Envelope {
  success: false;
  error_code: string;
  message: string;
  details: { [key: string]: Detail };
  resolution: string;
}

/** Answers with an error: a {@link Fault} as it is, anything else as INTERNAL without a word of the library's. */
export function replyFault(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  const fault = asFault(error, log);
  const envelope: Envelope = {
    success: false,
    error_code: fault.code,
    message: fault.message,
    details: fault.details,
    resolution: fault.resolution,
  };
  return reply.code(fault.status).type("application/json; charset=utf-8").send(envelope);
}

/** Fastify's own refusals, by their codes, in our words. */
const REFUSALS: Readonly<Record<string, { status: number; message: string; resolution: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    message: "The body is not JSON.",
    resolution: "Send it with Content-Type: application/json.",
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    message: "The body is larger than 1 MiB.",
    resolution: "Send less at once.",
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    message: "The body is not valid JSON.",
    resolution: "Correct the JSON.",
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    status: 400,
    message: "The body is empty.",
    resolution: "Send {} where nothing is to be said.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    message: "The Content-Length is wrong.",
    resolution: "Correct it.",
  },
};

function asFault(error: unknown, log: Log): Fault {
  if (error instanceof Fault) return error;
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const refusal = REFUSALS[code];
  if (refusal !== undefined) {
    const { status, message, resolution } = refusal;
    return new Fault("INVALID_ARGUMENT", message, { status, resolution });
  }
  if (typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 400) {
    return new Fault("INVALID_ARGUMENT", "The request is malformed.");
  }
  if (code === "SQLITE_FULL") {
    return new Fault("INTERNAL", "The disk is full.", {
      resolution: "Free some space; nothing that was stored is lost.",
    });
  }
  log.error("a request failed", { reason: reasonOf(error), code });
  return new Fault("INTERNAL");
}
