import type { Log } from "../log.js";
import type { Store } from "../store/store.js";
import type { Client } from "../whatsapp/client.js";

/** The name of this bridge, in every answer that tells it from the other one. */
export const BRIDGE = "baileys-bridge";

/** What the routes work on. */
export interface Bridge {
  client: Client;
  store: Store;
  log: Log;
  token: string;
  version: string;
  /** The port that is really listened on. */
  port(): number;
}

/** A request that has passed the contract's checks, so that its parts have the shapes which the route names. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  params: Params;
  query: Query;
  body: Body;
  /** The Idempotency-Key, where the operation takes one and it was given. */
  key?: string;
}

/** A picture in place of JSON. */
export interface Picture {
  png: Buffer;
}
