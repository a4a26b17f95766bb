import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { until } from "./until.js";

/** A program that says on its first line of stdout that it is ready. */
export class Program {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";

  constructor(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    // Whatever becomes of its test, a program neither keeps the tests waiting nor outlives them.
    this.child.unref();
    for (const pipe of [this.child.stdout, this.child.stderr]) (pipe as Socket).unref();
    process.once("exit", () => this.child.kill("SIGKILL"));
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.child.on("error", (error) => {
      this.stderr += `\n${error.message}`;
    });
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The address of the ready line. */
  async ready(): Promise<string> {
    const ready = () => {
      if (this.over || this.child.pid === undefined) throw new Error(`it ended before it was ready: ${this.stderr}`);
      return this.stdout.includes("\n") || undefined;
    };
    await until("the ready line", ready, 60_000);
    return (JSON.parse(this.stdout.split("\n")[0] ?? "") as { listen: string }).listen;
  }

  /** Waits for the end; the exit code. */
  async ended(): Promise<number | null> {
    this.child.ref();
    if (!this.over) await once(this.child, "exit");
    return this.child.exitCode;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (!this.over) this.child.kill(signal);
    return this.ended();
  }
}
