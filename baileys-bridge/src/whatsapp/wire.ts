import { Agent, type Dispatcher } from "undici";
import { fetchLatestWaWebVersion, type WAVersion } from "./baileys.js";

/** How long a media host may keep a download waiting, in milliseconds. */
export const MEDIA_TIMEOUT_MS = 60_000;

/** Where Baileys connects and how it downloads. */
export interface Wire {
  /** The WebSocket's URL; undefined for WhatsApp's own. */
  url?: string;
  dispatcher: Dispatcher;
  /** The version to connect as; Baileys' own where it is missing. */
  version?: WAVersion;
}

/** WhatsApp itself, with the version that its web client has now, or the one Baileys brought where that cannot be learned. */
export async function realWire(): Promise<Wire> {
  const { version } = await fetchLatestWaWebVersion({ signal: AbortSignal.timeout(5_000) });
  const dispatcher = new Agent({ headersTimeout: MEDIA_TIMEOUT_MS, bodyTimeout: MEDIA_TIMEOUT_MS });
  return { dispatcher, version: version as WAVersion };
}
