import { Fault } from "../fault.js";
import { rfc3339 } from "../time.js";
import { drawPng, drawTerminal } from "../whatsapp/pairing.js";
import type { State } from "../whatsapp/state.js";
import type { Bridge, Call, Picture } from "./bridge.js";

interface PairingAnswer {
  state: State;
  /** The text that the picture carries; only while a code is live. */
  qr?: string;
  expires_at?: string;
  /** The picture in half blocks. */
  qr_terminal?: string;
}

/** The code to link with, as text and drawn. */
export async function pairing({ client }: Bridge): Promise<PairingAnswer> {
  const { state } = client.condition;
  const code = client.code;
  if (code === undefined) return { state };
  return { state, qr: code.text, expires_at: rfc3339(code.expiresAt), qr_terminal: await drawTerminal(code.text) };
}

/** Asks for fresh codes; they come with the next GET. */
export function renewPairing(bridge: Bridge): Promise<PairingAnswer> {
  bridge.client.renewPairing();
  return pairing(bridge);
}

/** The code as a picture. */
export async function pairingPicture({ client }: Bridge): Promise<Picture> {
  const code = client.code;
  if (code === undefined) {
    throw new Fault("INVALID_ARGUMENT", "No code is live.", {
      status: 409,
      resolution: "Look at GET /api/pairing; POST /api/pairing asks for fresh codes.",
    });
  }
  return { png: await drawPng(code.text) };
}

interface PairingCode {
  /** What is typed on the phone, as XXXX-XXXX. */
  code: string;
  expires_at: string;
}

/** A code to type on the phone, for one that cannot scan its own screen. */
export async function pairByCode(
  { client }: Bridge,
  { body }: Call<unknown, unknown, { phone: string }>,
): Promise<PairingCode> {
  const { text, expiresAt } = await client.pairByCode(body.phone);
  return { code: text, expires_at: rfc3339(expiresAt) };
}
