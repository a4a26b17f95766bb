import QRCode from "qrcode";
import { nowSeconds } from "../time.js";

/** How long codes are asked for without anybody scanning one, in seconds. */
const WINDOW_S = 600;

/** How many codes the server gives a connection after the first. */
const LATER_CODES = 5;

/** The code that the phone scans, as long as it is live. */
export interface LiveCode {
  /** The text that the picture carries. */
  text: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

/**
 * The linking code and the time in which one is offered. The server gives a handful of codes for each connection; when they
 * are used up the client reconnects for more, until the window ends and somebody has to ask again.
 */
export class Pairing {
  #code: LiveCode | undefined;
  #windowEndsAt = 0;
  #first = true;
  #codesEndAt = 0;

  /** Opens the window: from now on codes are asked for. */
  begin(): void {
    this.#windowEndsAt = nowSeconds() + WINDOW_S;
    this.#code = undefined;
  }

  /** A new connection gives its first code, which lives longer than those after it. */
  connecting(): void {
    this.#first = true;
    this.#code = undefined;
  }

  /** Takes a new code; Baileys shows the first of a connection for 60 s and each further one for 20 s (Socket/socket.js). */
  offer(text: string): void {
    if (this.#first) this.#codesEndAt = nowSeconds() + 60 + LATER_CODES * 20;
    this.#code = { text, expiresAt: nowSeconds() + (this.#first ? 60 : 20) };
    this.#first = false;
  }

  clear(): void {
    this.#code = undefined;
  }

  get code(): LiveCode | undefined {
    return this.#code !== undefined && this.#code.expiresAt > nowSeconds() ? this.#code : undefined;
  }

  /** When this connection has no codes left and is made anew, in seconds: until then a code that is typed is good. */
  get codesEndAt(): number {
    return this.#codesEndAt;
  }

  get expired(): boolean {
    return nowSeconds() >= this.#windowEndsAt;
  }
}

/** The code drawn with half blocks, for a terminal. */
export function drawTerminal(text: string): Promise<string> {
  return QRCode.toString(text, { type: "utf8", errorCorrectionLevel: "L" });
}

/** The code as a PNG picture. */
export function drawPng(text: string): Promise<Buffer> {
  return QRCode.toBuffer(text, { type: "png", errorCorrectionLevel: "L", margin: 4, scale: 8 });
}
