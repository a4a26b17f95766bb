import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "./settings.js";

/**
 * The system's bearer token: WHATSAPP_MCP_TOKEN, else the token file's, which is made by whichever bridge comes first.
 * The file is written beside its place and linked into it, so that no reader ever sees half of it.
 */
export function readToken(file: string, env: NodeJS.ProcessEnv): string {
  const given = env.WHATSAPP_MCP_TOKEN;
  if (given !== undefined && given !== "") return checked(given.trim(), "WHATSAPP_MCP_TOKEN");
  return readExisting(file) ?? createToken(file);
}

function createToken(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const token = randomBytes(32).toString("hex");
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, `${token}\n`, { flag: "wx", mode: 0o600 });
  try {
    linkSync(draft, file);
    return token;
  } catch (error) {
    const existing = readExisting(file);
    if (existing !== undefined) return existing;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

function readExisting(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "ascii");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  chmodSync(file, 0o600);
  return checked(text.trim(), file);
}

function checked(token: string, source: string): string {
  if (/^[\x21-\x7e]{32,256}$/.test(token)) return token;
  throw new UsageError(`${source} holds no token (32 to 256 characters without spaces): remove it, a new one is made`);
}
