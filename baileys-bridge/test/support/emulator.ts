import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Program } from "./program.js";

export interface World {
  account: { name: string; pn: string; lid: string };
  contacts: { name: string; pn: string; lid: string; push_name: string; saved: boolean }[];
  communities: { jid: string; name: string }[];
  chats: { jid: string; pn?: string; name: string; messages: number; pushed: number; unread: number }[];
}

/** A message as the emulator itself knows it. */
export interface Truth {
  id: string;
  timestamp: number;
  from: string;
  from_me: boolean;
  kind: string;
  text: string;
  edited_at?: number;
  revoked_at?: number;
}

/** The emulated WhatsApp: tests/emulator, built to build/emulator by `make`. */
export class Emulator {
  readonly program: Program;
  readonly address: string;

  private constructor(program: Program, address: string) {
    this.program = program;
    this.address = address;
  }

  static async start(...args: string[]): Promise<Emulator> {
    const binary = process.env.EMULATOR ?? fileURLToPath(new URL("../../../../build/emulator", import.meta.url));
    if (!existsSync(binary)) throw new Error("build/emulator is missing: run `make build` first");
    const program = new Program(binary, ["--listen", "127.0.0.1:0", ...args]);
    return new Emulator(program, await program.ready());
  }

  async get<T>(path: string): Promise<T> {
    return read<T>(await fetch(`http://${this.address}${path}`), path);
  }

  async post<T>(path: string, body: object): Promise<T> {
    const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    return read<T>(await fetch(`http://${this.address}${path}`, init), path);
  }

  fault(kind: string, more: object = {}): Promise<object> {
    return this.post("/admin/fault", { kind, ...more });
  }

  async truth(chat: string): Promise<Truth[]> {
    return (await this.get<{ messages: Truth[] }>(`/admin/history?chat=${encodeURIComponent(chat)}`)).messages;
  }

  stop(): Promise<number | null> {
    return this.program.stop();
  }
}

async function read<T>(response: Response, path: string): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}
