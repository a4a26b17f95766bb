import { openLog } from "#bridge/log.js";
import { makeServer } from "#bridge/routes/routes.js";
import type { Store } from "#bridge/store/store.js";
import { Client } from "#bridge/whatsapp/client.js";
import { withStore } from "./store.js";

export const TOKEN = "0123456789abcdef".repeat(4);

export interface Served {
  port: number;
  store: Store;
  /** A request with the token, unless `headers` say otherwise; Host and Origin are as a caller sets them. */
  call(method: string, path: string, options?: { body?: string; headers?: Record<string, string> }): Promise<Reply>;
}

export interface Reply {
  status: number;
  headers: Headers;
  json: {
    [key: string]: unknown;
    error_code?: string;
    message?: string;
    details?: { argument?: string; problem?: string };
    resolution?: string;
  };
}

/** Serves an unlinked bridge that never connects. */
export function withServer(work: (served: Served) => Promise<void>): Promise<void> {
  return withStore(async (store, folder) => {
    const log = openLog("silent");
    const client = new Client({ store, folder, log });
    let port = 0;
    const server = makeServer({ client, store, log, token: TOKEN, version: "0.1.0", port: () => port });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const address = server.server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      await work({
        port,
        store,
        call: async (method, path, { body, headers = {} } = {}) => {
          const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
          const response = await fetch(`http://127.0.0.1:${port}${path}`, {
            method,
            headers: { authorization: `Bearer ${TOKEN}`, ...type, ...headers },
            ...(body === undefined ? {} : { body }),
          });
          return { status: response.status, headers: response.headers, json: (await response.json()) as Reply["json"] };
        },
      });
    } finally {
      await server.close();
      await client.stop();
    }
  });
}
