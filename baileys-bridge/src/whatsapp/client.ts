import { Fault } from "../fault.js";
import { type Log, reasonOf } from "../log.js";
import { type Address, hostPort, type Limits, USUAL_LIMITS } from "../settings.js";
import { bareJid, digitsOf } from "../store/identity.js";
import type { Anchor, Mapping } from "../store/rows.js";
import type { Store } from "../store/store.js";
import { nowSeconds } from "../time.js";
import { AccountJob } from "./account.js";
import { type Activity, LiveActivity } from "./activity.js";
import { Auth } from "./auth.js";
import { type BaileysEventMap, makeWASocket, proto, type WASocket } from "./baileys.js";
import { Blocklist } from "./blocklist.js";
import { Businesses } from "./business.js";
import { emulatedWire } from "./emulator.js";
import { Intake } from "./intake.js";
import { ChatJobs, PACE, type Pace } from "./jobs.js";
import { sendLimiter } from "./limits.js";
import { storeLive } from "./live.js";
import { Outbox } from "./outbox.js";
import { drawTerminal, type LiveCode, Pairing } from "./pairing.js";
import { People } from "./people.js";
import { Privacy } from "./privacy.js";
import type { Recipients } from "./recipients.js";
import { asKnownBrowser, retryCounts, socketConfig } from "./socket.js";
import { backoffMs, type Condition, condition, type Goodbye, goodbyeOf, requireConnected, verdictOf } from "./state.js";
import { realWire, type Wire } from "./wire.js";

export interface ClientOptions {
  store: Store;
  /** The folder that holds auth_info_baileys/. */
  folder: string;
  log: Log;
  emulator?: Address;
  pace?: Pace;
  limits?: Limits;
  recipients?: Recipients;
}

const RESOLUTIONS = {
  scan: "Open WhatsApp on the phone, Settings, Linked devices, Link a device, and scan the code of GET /api/pairing.",
  expired: "Call POST /api/pairing for fresh codes, then scan one within ten minutes.",
  passkey:
    "This account asks for a passkey, which Baileys cannot give. Use the Go bridge alone; it works without this one.",
} as const;

/** This companion's life: its socket, its state, and the history that comes through it. */
export class Client {
  readonly emulated: boolean;
  readonly account: AccountJob;
  readonly jobs: ChatJobs;
  readonly businesses: Businesses;
  readonly outbox: Outbox;
  readonly people: People;
  readonly blocklist: Blocklist;
  readonly privacy: Privacy;
  readonly #store: Store;
  readonly #log: Log;
  readonly #auth: Auth;
  readonly #pairing = new Pairing();
  readonly #retries = retryCounts();
  readonly #emulator: Address | undefined;
  #condition: Condition;
  /** What a socket is made with, as soon as it is known where it connects. */
  #link: { wire: Wire; intake: Intake } | undefined;
  #socket: WASocket | undefined;
  #attempt = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #activity = new LiveActivity();
  #stopped = false;

  constructor({ store, folder, log, emulator, pace, limits = USUAL_LIMITS, recipients }: ClientOptions) {
    this.#store = store;
    this.#log = log;
    this.#emulator = emulator;
    this.emulated = emulator !== undefined;
    this.#auth = new Auth(
      folder,
      (mappings) => this.#learn(mappings),
      (failure) => this.#activity.keys(failure),
    );
    this.#condition = this.#resting();
    this.account = new AccountJob(store);
    const phone = {
      connected: () => this.#condition.state === "connected",
      request: (address: string, anchor: Anchor, count: number) => this.#requestHistory(address, anchor, count),
    };
    this.jobs = new ChatJobs(store, phone, log, pace ?? PACE);
    const line = () => this.#connected();
    const me = () => this.me.jid;
    this.businesses = new Businesses((question) => line().query(question));
    this.outbox = new Outbox({ store, line, me, log, limiter: sendLimiter(limits), recipients });
    this.people = new People(store, line);
    this.blocklist = new Blocklist(store, line, me);
    this.privacy = new Privacy(line);
  }

  /** Connects, unless the link was ended: then somebody must ask for a new one. */
  async start(): Promise<void> {
    if (this.#emulator !== undefined) {
      this.#log.warn("EMULATED: this bridge speaks to a test server, not to WhatsApp", {
        at: hostPort(this.#emulator),
      });
    }
    const wire = this.#emulator === undefined ? await realWire() : await emulatedWire(this.#emulator);
    const intake = new Intake({
      store: this.#store,
      creds: this.#auth.creds,
      wire,
      log: this.#log,
      onArrival: (arrival) => {
        this.account.arrived(arrival);
        this.jobs.arrived(arrival);
      },
      onLoss: (reason) => this.account.fail(reason),
    });
    this.#link = { wire, intake };
    if (this.#condition.state === "logged_out") return;
    this.#pairing.begin();
    this.#connect();
  }

  /** Closes the socket without ending the link. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.account.stop();
    this.#link?.intake.stop();
    this.jobs.stop();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.ev.flush();
    await socket?.end(undefined);
    await this.#link?.wire.dispatcher.destroy();
    this.#auth.close();
  }

  get condition(): Condition {
    return this.#condition;
  }

  get loggedIn(): boolean {
    return this.#condition.state === "connected";
  }

  /** The account's own addresses and name, as far as they are known. */
  get me(): { jid?: string; lid?: string; name?: string } {
    if (!this.#auth.paired) return {};
    const { me } = this.#auth.creds;
    return { jid: bareJid(me?.id), lid: bareJid(me?.lid), name: me?.name };
  }

  /** What has come in since this process began. */
  get activity(): Activity {
    return this.#activity.since(this.#store.lastStoredAt);
  }

  /** The code to scan, while one is live. */
  get code(): LiveCode | undefined {
    return this.#condition.state === "not_paired" ? this.#pairing.code : undefined;
  }

  /** Asks for fresh codes. A link that is over is forgotten with its keys; the rows stay. */
  renewPairing(): void {
    const { state } = this.#condition;
    if (state === "logged_out") {
      this.#auth.reset();
      this.account.reset();
    } else if (this.#auth.paired || (state !== "not_paired" && state !== "passkey_required")) {
      return;
    }
    const asking = this.#socket !== undefined && state === "not_paired";
    if (asking && !this.#pairing.expired && this.#pairing.code !== undefined) return;
    this.#pairing.begin();
    this.#attempt = 0;
    this.#become(condition("not_paired", "waiting_for_scan", RESOLUTIONS.scan));
    if (!asking) this.#connect();
  }

  /**
   * A code to type on the phone of that number, good for as long as this connection has QR codes left. Throws
   * INVALID_PHONE_FORMAT, INVALID_ARGUMENT when no code is waited for, BAILEYS_NOT_CONNECTED while none is live.
   */
  async pairByCode(phone: string): Promise<LiveCode> {
    const number = digitsOf(phone);
    const { state } = this.#condition;
    if (state !== "not_paired") {
      throw new Fault("INVALID_ARGUMENT", `This bridge waits for no code: it is ${state}.`, {
        status: 409,
        resolution: "Look at GET /api/status.",
      });
    }
    const socket = this.#socket;
    if (socket === undefined || this.code === undefined) throw new Fault("BAILEYS_NOT_CONNECTED");
    const text = await asKnownBrowser(() => socket.requestPairingCode(number));
    return { text: `${text.slice(0, 4)}-${text.slice(4)}`, expiresAt: this.#pairing.codesEndAt };
  }

  /** Throws what keeps this companion from asking WhatsApp anything. */
  requireConnected(): void {
    requireConnected(this.#condition);
  }

  #connected(): WASocket {
    this.requireConnected();
    if (this.#socket === undefined) throw new Fault("BAILEYS_NOT_CONNECTED");
    return this.#socket;
  }

  /** Waits anew for what the phone pushes, and tries the chunks that could not be had. */
  resumeAccount(): void {
    this.account.resume();
    void this.#link?.intake.retry();
  }

  #resting(): Condition {
    const ended = this.#auth.ended;
    if (ended !== undefined)
      return { ...condition("logged_out", ended.reason, RESOLUTIONS.expired), since: ended.since };
    return this.#auth.paired ? condition("connecting") : condition("not_paired", "waiting_for_scan", RESOLUTIONS.scan);
  }

  #become(next: Condition): void {
    if (next.state !== this.#condition.state) {
      this.#log.info("the state changed", { from: this.#condition.state, to: next.state, reason: next.reason });
    } else {
      next.since = this.#condition.since;
    }
    this.#condition = next;
  }

  #connect(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#auth.forgetAsked();
    this.#pairing.connecting();
    const { wire, intake } = this.#link ?? {};
    if (wire === undefined || intake === undefined) return;
    const socket = makeWASocket(
      socketConfig({
        auth: this.#auth.state,
        wire,
        log: this.#log,
        retries: this.#retries,
        sentMessage: (chat, id) => this.#sentMessage(chat, id),
        makeSignalRepository: intake.makeSignalRepository,
        emulated: this.emulated,
      }),
    );
    this.#socket = socket;
    socket.ev.on("creds.update", () => this.#auth.saveCreds());
    socket.ev.on("connection.update", (update) => this.#connection(socket, update));
    storeLive(socket, this.#store, () => this.me.jid, this.#log, this.#activity);
    for (const stanza of ["CB:message", "CB:receipt", "CB:notification"]) {
      socket.ws.on(stanza, () => {
        this.#activity.event();
      });
    }
    // Baileys acknowledges this notification and drops it (no passkey support in rc14): linking then never ends.
    socket.ws.on("CB:notification,type:passkey_prologue_request", () => {
      this.#pairing.clear();
      this.#become(condition("passkey_required", "the account asks for a passkey", RESOLUTIONS.passkey));
    });
  }

  #connection(socket: WASocket, update: BaileysEventMap["connection.update"]): void {
    if (socket !== this.#socket) return;
    if (update.qr !== undefined) this.#offer(update.qr);
    if (update.isNewLogin === true) this.#pairing.clear();
    if (update.connection === "open") this.#opened();
    if (update.connection === "close") this.#closed(goodbyeOf(update.lastDisconnect?.error));
  }

  #offer(code: string): void {
    if (this.#condition.state === "passkey_required") return;
    this.#attempt = 0;
    this.#pairing.offer(code);
    this.#become(condition("not_paired", "waiting_for_scan", RESOLUTIONS.scan));
    // A log is no place for what links a device.
    if (!process.stderr.isTTY) return;
    void drawTerminal(code).then((drawing) => {
      if (this.#pairing.code?.text === code)
        process.stderr.write(`\nScan with WhatsApp on the phone (Linked devices):\n${drawing}\n`);
    });
  }

  #opened(): void {
    this.#attempt = 0;
    this.#pairing.clear();
    this.#auth.saveCreds();
    const { jid, lid } = this.me;
    if (jid !== undefined && lid !== undefined) this.#learn([{ lid, pn: jid }]);
    this.#become(condition("connected"));
    this.account.resume();
    this.jobs.connected();
    void this.#link?.intake.retry();
  }

  #closed(goodbye: Goodbye): void {
    this.#socket = undefined;
    this.#pairing.clear();
    if (this.#stopped) return;
    const verdict = verdictOf(goodbye);
    this.account.pause("BAILEYS_NOT_CONNECTED", verdict.reason);
    this.jobs.disconnected();
    if (this.#condition.state === "passkey_required") return;
    const paired = this.#auth.paired;
    if (verdict.again === "never" && (paired || verdict.state !== "logged_out")) {
      if (verdict.state === "logged_out") this.#auth.end(verdict.reason, nowSeconds());
      this.#become(condition(verdict.state ?? "connecting", verdict.reason, verdict.resolution));
      return;
    }
    if (!paired && this.#pairing.expired) {
      this.#become(condition("not_paired", "pairing_expired", RESOLUTIONS.expired));
      return;
    }
    this.#become(
      paired ? condition("connecting", verdict.reason) : condition("not_paired", verdict.reason, RESOLUTIONS.scan),
    );
    if (verdict.again === "now") this.#connect();
    else this.#timer = setTimeout(() => this.#connect(), backoffMs(this.#attempt++));
  }

  async #requestHistory(address: string, anchor: Anchor, count: number): Promise<string> {
    const key = { remoteJid: address, id: anchor.id, fromMe: anchor.from_me, participant: anchor.sender_jid };
    // Named milliseconds, filled with seconds by whatsmeow (send.go BuildHistorySyncRequest): phones answer to that.
    return this.#connected().fetchMessageHistory(count, key, anchor.timestamp);
  }

  #sentMessage(chat: string | undefined, id: string | null | undefined): proto.IMessage | undefined {
    if (chat === undefined || !id) return undefined;
    const payload = this.#store.messages.get(this.#store.aliases.canonical(chat), id)?.payload;
    return payload === undefined ? undefined : proto.Message.decode(payload);
  }

  #learn(mappings: Mapping[]): void {
    if (!this.#store.open) return;
    try {
      this.#store.write(() => {
        for (const mapping of mappings) this.#store.learn(mapping);
      });
    } catch (error) {
      this.#log.error("a LID could not be stored", { reason: reasonOf(error) });
    }
  }
}
