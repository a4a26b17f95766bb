import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Emulator } from "./emulator.js";
import { Program } from "./program.js";
import { until } from "./until.js";

export const MAIN = fileURLToPath(new URL("../../main.js", import.meta.url));

export interface Status {
  state: string;
  logged_in: boolean;
  jid?: string;
  lid?: string;
  reason?: string;
  resolution?: string;
  messages: number;
  chats: number;
  queue_depth: number;
}

export interface Job {
  job: string;
  chat_jid?: string;
  state: string;
  messages: number;
  requests?: number;
  progress?: number;
  exhausted: boolean;
  error_code?: string;
  error?: string;
}

/** The bridge as its callers see it: a process and its HTTP. Its folder outlives it, so that it can be started again. */
export class Bridge {
  readonly folder: string;
  readonly emulator: Emulator;
  program: Program;
  #address: string;

  private constructor(folder: string, emulator: Emulator, program: Program, address: string) {
    this.folder = folder;
    this.emulator = emulator;
    this.program = program;
    this.#address = address;
  }

  static async start(emulator: Emulator): Promise<Bridge> {
    const folder = mkdtempSync(join(tmpdir(), "baileys-bridge-"));
    const program = launch(folder, emulator);
    return new Bridge(folder, emulator, program, await program.ready());
  }

  /** Starts a bridge, links it, and waits until the phone's history is in. */
  static async linked(emulator: Emulator): Promise<Bridge> {
    const bridge = await Bridge.start(emulator);
    await bridge.link();
    await bridge.settled();
    return bridge;
  }

  get address(): string {
    return this.#address;
  }

  get token(): string {
    return readFileSync(join(this.folder, "bridge.token"), "utf8").trim();
  }

  get database(): string {
    return join(this.folder, "baileys_temp.db");
  }

  async restart(): Promise<void> {
    this.program = launch(this.folder, this.emulator);
    this.#address = await this.program.ready();
  }

  /** Answers with the body, whatever the status. */
  async call(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`http://${this.#address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async get<T>(path: string): Promise<T> {
    return json<T>(await this.call("GET", path), path);
  }

  async post<T>(path: string, body: object): Promise<T> {
    return json<T>(await this.call("POST", path, body), path);
  }

  status(): Promise<Status> {
    return this.get<Status>("/api/status");
  }

  state(wanted: string): Promise<Status> {
    return until(`state ${wanted}`, async () => {
      const status = await this.status();
      return status.state === wanted ? status : undefined;
    });
  }

  /** Holds the code before the phone's camera. */
  async link(): Promise<void> {
    const qr = await until("a code", async () => (await this.get<{ qr?: string }>("/api/pairing")).qr);
    await this.emulator.post("/admin/scan", { qr });
    await this.state("connected");
  }

  settled(): Promise<Job> {
    return until("the pushed history", async () => {
      const { initial } = await this.get<{ initial: Job }>("/api/history/status");
      return initial.state === "completed" ? initial : undefined;
    });
  }

  /** A chat's job in one of these states. */
  job(chat: string, ...states: string[]): Promise<Job> {
    return until(`a job that is ${states.join(" or ")}`, async () => {
      const { job } = await this.get<{ job?: Job }>(`/api/history/chats/${encodeURIComponent(chat)}`);
      return job !== undefined && states.includes(job.state) ? job : undefined;
    });
  }

  fetch(chat: string, order: object = {}): Promise<Job> {
    return this.post<Job>(`/api/history/chats/${encodeURIComponent(chat)}`, order);
  }

  async stop(): Promise<void> {
    await this.program.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

function launch(folder: string, emulator: Emulator): Program {
  const args = [MAIN, "--listen", "127.0.0.1:0", "--store", folder, "--token-file", join(folder, "bridge.token")];
  args.push("--emulator", `ws://${emulator.address}`);
  return new Program(process.execPath, args, { WHATSAPP_MCP_LOG_LEVEL: "debug", WHATSAPP_MCP_TOKEN: "" });
}

function json<T>({ status, text }: Answer, path: string): T {
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
}
