import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { Fault } from "../fault.js";
import { admit } from "./auth.js";
import { block, blocklist, unblock } from "./blocklist.js";
import type { Bridge, Call, Picture } from "./bridge.js";
import { businessCatalog, businessProduct, businessProfile } from "./business.js";
import { checkNumber, contactAbout, contactPicture } from "./contacts.js";
import { type Checked, readContract } from "./contract.js";
import { health } from "./health.js";
import { cancelChat, clearMerged, fetchChat, historyOfChat, historyStatus, retrieveAll, wipe } from "./history.js";
import { sendText } from "./messages.js";
import { pairByCode, pairing, pairingPicture, renewPairing } from "./pairing.js";
import { privacy, setPrivacy } from "./privacy.js";
import { replyFault } from "./reply.js";
import { status } from "./status.js";

type Route = (bridge: Bridge, call: Call<never, never, never>) => object | Promise<object>;

/** Every operation of openapi.json with the function that serves it; a test holds the two lists together. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "GET /health": health,
  "GET /api/status": status,
  "GET /api/pairing": pairing,
  "POST /api/pairing": renewPairing,
  "GET /api/pairing/qr.png": pairingPicture,
  "POST /api/pairing/code": pairByCode,
  "GET /api/history/status": historyStatus,
  "POST /api/history": retrieveAll,
  "POST /api/history/chats/{chat_jid}": fetchChat,
  "GET /api/history/chats/{chat_jid}": historyOfChat,
  "POST /api/history/chats/{chat_jid}/cancel": cancelChat,
  "POST /api/history/clear": clearMerged,
  "POST /api/history/wipe": wipe,
  "POST /api/messages/text": sendText,
  "GET /api/numbers/{phone}": checkNumber,
  "GET /api/contacts/{contact_jid}/about": contactAbout,
  "GET /api/contacts/{contact_jid}/picture": contactPicture,
  "GET /api/blocklist": blocklist,
  "POST /api/blocklist/block": block,
  "POST /api/blocklist/unblock": unblock,
  "GET /api/privacy": privacy,
  "POST /api/privacy/last-seen": setPrivacy("last_seen"),
  "POST /api/privacy/online": setPrivacy("online"),
  "POST /api/privacy/profile-picture": setPrivacy("profile_picture"),
  "POST /api/privacy/about": setPrivacy("about"),
  "GET /api/business/{contact_jid}/profile": businessProfile,
  "GET /api/business/{contact_jid}/catalog": businessCatalog,
  "GET /api/business/{contact_jid}/catalog/{product_id}": businessProduct,
};

const BODY_LIMIT_BYTES = 1024 * 1024;

/** The HTTP server, not listening yet. */
export function makeServer(bridge: Bridge): FastifyInstance {
  const server = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 600 },
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    http: { headersTimeout: 10_000 },
  });
  server.removeContentTypeParser("text/plain");
  const contract = readContract();
  server.addHook("onRequest", async (request, reply) => {
    reply.header("Cache-Control", "no-store").header("X-Content-Type-Options", "nosniff");
    admit(request.headers, bridge.port(), bridge.token, openTo(contract, request));
  });
  for (const operation of contract) add(server, bridge, operation);
  server.setErrorHandler((error, _request, reply) => replyFault(reply, error, bridge.log));
  server.setNotFoundHandler((request, reply) => replyFault(reply, notFound(contract, request), bridge.log));
  return server;
}

function add(server: FastifyInstance, bridge: Bridge, operation: Checked): void {
  const { method, path, sends, check } = operation;
  const route = ROUTES[`${method} ${path}`];
  if (route === undefined) throw new Error(`openapi.json has ${method} ${path}, which no route serves`);
  server.route({
    method,
    url: path.replace(/\{(\w+)\}/g, ":$1"),
    handler: async (request, reply) => {
      const key = sends ? request.headers["idempotency-key"] : undefined;
      const call = { params: request.params, query: request.query, body: request.body, key };
      check(call);
      // The checks of the contract have just given the parts the shapes that the route names.
      const answer = await route(bridge, call as Call<never, never, never>);
      if ("png" in answer) return reply.type("image/png").send((answer as Picture).png);
      return reply.type("application/json; charset=utf-8").send(answer);
    },
  });
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0] ?? "";
}

function openTo(contract: Checked[], request: FastifyRequest): boolean {
  return contract.some(({ open, method, path }) => open && method === request.method && path === pathOf(request));
}

function notFound(contract: Checked[], request: FastifyRequest): Fault {
  const path = pathOf(request);
  const pattern = ({ path: known }: Checked) =>
    new RegExp(`^${known.replace(/\{\w+\}/g, "[^/]+").replaceAll(".", "\\.")}$`);
  const methods = contract.filter((operation) => pattern(operation).test(path)).map(({ method }) => method);
  if (methods.length === 0) {
    return new Fault("INVALID_ARGUMENT", "There is no such path.", {
      status: 404,
      resolution: "See openapi.json for the paths.",
    });
  }
  return new Fault("INVALID_ARGUMENT", "The path does not take this method.", {
    status: 405,
    details: { methods },
    resolution: `Use ${methods.join(" or ")}.`,
  });
}
