import assert from "node:assert/strict";
import { test } from "node:test";
import type { BinaryNode } from "#bridge/whatsapp/baileys.js";
import { Businesses } from "#bridge/whatsapp/business.js";
import { BOB } from "./support/store.js";

function leaf(tag: string, content: string): BinaryNode {
  return { tag, attrs: {}, content: Buffer.from(content) };
}

function product(id: string, ...more: BinaryNode[]): BinaryNode {
  return { tag: "product", attrs: {}, content: [leaf("id", id), leaf("name", id), ...more] };
}

function catalog(...content: BinaryNode[]): BinaryNode {
  return { tag: "iq", attrs: {}, content: [{ tag: "product_catalog", attrs: {}, content }] };
}

function after(cursor: string): BinaryNode {
  return { tag: "paging", attrs: {}, content: [leaf("after", cursor)] };
}

const PROFILE: BinaryNode = {
  tag: "iq",
  attrs: {},
  content: [{ tag: "business_profile", attrs: {}, content: [{ tag: "profile", attrs: {}, content: [] }] }],
};

/** Answers one question after another. */
function answering(...answers: (BinaryNode | Error)[]): Businesses {
  return new Businesses(async () => {
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("asked too often");
    return answer;
  });
}

test("a price is told in units, to the last thousandth that is not nothing", async () => {
  for (const [wire, price] of [
    ["4500", "4.50"],
    ["1234", "1.234"],
    ["50", "0.05"],
    ["0", "0.00"],
    ["1000000", "1000.00"],
    ["free", undefined],
    ["", undefined],
  ] as const) {
    const { products } = await answering(catalog(product("1", leaf("price", wire)))).catalog(BOB.pn, 1);
    assert.equal(products[0]?.price, price, wire);
  }
});

test("availability is told only where the server tells it", async () => {
  const { products } = await answering(
    catalog(product("1", leaf("availability", "out of stock")), product("2")),
  ).catalog(BOB.pn, 2);
  assert.deepEqual(
    products.map(({ availability }) => availability),
    ["out of stock", undefined],
  );
});

test("pages are asked for until there are as many products as were wanted", async () => {
  const businesses = answering(catalog(product("1"), after("a")), catalog(product("2"), product("3"), after("b")));
  const page = await businesses.catalog(BOB.pn, 3);
  assert.deepEqual([page.products.map(({ id }) => id), page.after], [["1", "2", "3"], "b"]);
});

test("a page without products ends a catalog, whatever cursor it carries", async () => {
  const page = await answering(catalog(product("1"), after("a")), catalog(after("a"))).catalog(BOB.pn, 9);
  assert.deepEqual([page.products.length, page.after], [1, undefined]);
});

test("no products are no catalog where there is a profile, and no business where there is none", async () => {
  const missing = Object.assign(new Error("item-not-found"), { isBoom: true, data: 404 });
  const nobody: BinaryNode = { tag: "iq", attrs: {}, content: [{ tag: "business_profile", attrs: {}, content: [] }] };
  for (const empty of [catalog(), missing]) {
    await assert.rejects(answering(empty, PROFILE).catalog(BOB.pn, 9), { code: "NO_CATALOG_FOUND" });
    await assert.rejects(answering(empty, nobody).catalog(BOB.pn, 9), { code: "NOT_BUSINESS_ACCOUNT" });
  }
  await assert.rejects(answering().catalog("120363990000000001@g.us", 9), { code: "WHATSAPP_API_ERROR" });
});

test("a product is looked for in a thousand, and not for ever", async () => {
  let asked = 0;
  const endless = new Businesses(async () => {
    asked += 1;
    const products = Array.from({ length: 100 }, (_, n) => product(`${asked}-${n}`));
    return catalog(...products, after(`${asked}`));
  });
  assert.equal((await endless.product(BOB.pn, "2-7")).name, "2-7");
  asked = 0;
  await assert.rejects(endless.product(BOB.pn, "nothing"), { code: "PRODUCT_NOT_FOUND", message: /1000/ });
  assert.equal(asked, 10);
});

test("a refusal of the server is told by its code, and a lost connection as one", async () => {
  for (const [error, code] of [
    [Object.assign(new Error("rate-overlimit"), { isBoom: true, data: 429 }), "RATE_LIMIT"],
    [Object.assign(new Error("forbidden"), { isBoom: true, data: 403 }), "WHATSAPP_API_ERROR"],
    [Object.assign(new Error("closed"), { isBoom: true, output: { statusCode: 428 } }), "BAILEYS_NOT_CONNECTED"],
    [Object.assign(new Error("timed out"), { isBoom: true, output: { statusCode: 408 } }), "WHATSAPP_API_ERROR"],
  ] as const) {
    await assert.rejects(answering(error).profile(BOB.pn), { code });
  }
});
