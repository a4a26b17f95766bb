import { prove } from "./auth.js";
import { BRIDGE, type Bridge, type Call } from "./bridge.js";

interface Health {
  status: "ok";
  bridge: string;
  version: string;
  /** Hex; only where a nonce was given. */
  proof?: string;
}

/** A sign of life, and the proof that this is the bridge and no squatter on its port. Says nothing personal. */
export function health(bridge: Bridge, { query }: Call<unknown, { nonce?: string }>): Health {
  const alive: Health = { status: "ok", bridge: BRIDGE, version: bridge.version };
  if (query.nonce === undefined) return alive;
  return { ...alive, proof: prove(bridge.token, BRIDGE, bridge.port(), query.nonce) };
}
