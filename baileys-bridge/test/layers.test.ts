import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** The rooms of the house from top to bottom: arrows go down only, or stay in their room. */
const ROOMS = ["main.ts", "routes", "whatsapp", "store", "base"];

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s+"([^"]+)"/g)].map((match) => match[1] ?? "");
}

function roomOf(file: string): number {
  const [room = ""] = file.split("/");
  return ROOMS.includes(room) ? ROOMS.indexOf(room) : ROOMS.indexOf("base");
}

test("arrows go down only: main, routes, whatsapp, store, fault", () => {
  for (const file of files) {
    for (const name of importsOf(file).filter((name) => name.startsWith("."))) {
      const target = relative(SRC, normalize(join(SRC, dirname(file), name)));
      assert.ok(roomOf(target) >= roomOf(file), `${file} imports ${target}`);
    }
  }
});

test("Baileys comes in at one place, after the console has been silenced", () => {
  const importers = files.filter((file) => importsOf(file).some((name) => /^(baileys|libsignal)(\/|$)/.test(name)));
  assert.deepEqual(importers, ["whatsapp/baileys.ts"]);
  assert.equal(importsOf("whatsapp/baileys.ts")[0], "./quiet.js");
});

test("the database is opened in the store and for the auth state alone", () => {
  assert.deepEqual(
    files.filter((file) => importsOf(file).includes("libsql")),
    ["store/database.ts"],
  );
  const openers = files.filter((file) => readFileSync(join(SRC, file), "utf8").includes("new Database("));
  assert.deepEqual(openers.sort(), ["store/store.ts", "whatsapp/auth.ts"]);
});

test("nothing but the ready line is written to stdout", () => {
  const writers = files.filter((file) => readFileSync(join(SRC, file), "utf8").includes("process.stdout"));
  assert.deepEqual(writers, ["main.ts"]);
});
