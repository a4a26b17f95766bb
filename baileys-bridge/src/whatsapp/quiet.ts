/**
 * Silences the console. Baileys' Signal library prints whole sessions, private keys and all, by console.info and
 * console.warn (libsignal's session_record.js), and stdout belongs to the ready line. This module must be evaluated before
 * Baileys is; only baileys.ts imports Baileys, and it imports this first.
 */
const SILENT = ["log", "info", "warn", "error", "debug", "trace", "dir", "table", "group", "assert"] as const;

const nothing = (): void => undefined;

for (const method of SILENT) Object.defineProperty(globalThis.console, method, { value: nothing, writable: true });

export {};
