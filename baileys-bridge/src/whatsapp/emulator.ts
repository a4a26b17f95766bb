import { Agent, buildConnector } from "undici";
import { type Address, hostPort } from "../settings.js";
import { WA_CERT_DETAILS } from "./baileys.js";
import { MEDIA_TIMEOUT_MS, type Wire } from "./wire.js";

/**
 * The emulator on loopback: its WebSocket, its Noise root in place of WhatsApp's, and its media host behind every media
 * URL. The address has been checked to be loopback (settings.ts); nothing of this is reached without the --emulator flag.
 */
export async function emulatedWire(address: Address): Promise<Wire> {
  const base = `http://${hostPort(address)}`;
  const [root, ca, media] = await Promise.all([text(`${base}/root`), text(`${base}/ca.pem`), text(`${base}/media`)]);
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(root.trim(), "hex");
  const host = media.trim();
  const port = host.slice(host.lastIndexOf(":") + 1);
  const connect = buildConnector({ ca });
  return {
    url: `ws://${hostPort(address)}/ws/chat`,
    dispatcher: new Agent({
      headersTimeout: MEDIA_TIMEOUT_MS,
      bodyTimeout: MEDIA_TIMEOUT_MS,
      connect: (options, callback) =>
        connect(
          { ...options, hostname: address.host, host, port, servername: options.servername ?? options.hostname },
          callback,
        ),
    }),
  };
}

async function text(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`the emulator answered ${response.status} to ${new URL(url).pathname}`);
  return response.text();
}
