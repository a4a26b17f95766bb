import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Fault } from "../fault.js";

/**
 * Refuses what no local program of this user sends: another Host (DNS rebinding), any Origin (a web page), and, unless the
 * path is open to all, a missing or wrong token.
 */
export function admit(headers: IncomingHttpHeaders, port: number, token: string, open: boolean): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  if (!hosts.includes(headers.host ?? "")) {
    throw new Fault("ACCESS_DENIED", "The Host header does not name this bridge.", {
      status: 403,
      resolution: `Call it at http://127.0.0.1:${port}.`,
    });
  }
  if (headers.origin !== undefined) {
    throw new Fault("ACCESS_DENIED", "Requests from web pages are refused.", {
      status: 403,
      resolution: "Call the bridge from a program, without an Origin header.",
    });
  }
  if (!open && !matches(headers.authorization, `Bearer ${token}`)) throw new Fault("ACCESS_DENIED");
}

/** Shows that this bridge holds the token, bound to its name and port so that no other can pass the proof on. */
export function prove(token: string, bridge: string, port: number, nonce: string): string {
  return createHmac("sha256", token).update(`whatsapp-mcp health\n${bridge}\n${port}\n${nonce}`).digest("hex");
}

/** Compares in constant time, whatever the lengths. */
function matches(given: string | undefined, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given ?? ""), digest(wanted));
}
