import { Fault } from "../fault.js";
import { chatKind } from "../store/identity.js";
import { asking, refusalIn } from "./asking.js";
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, getBinaryNodeChildString } from "./baileys.js";
import type { Ask } from "./socket.js";

/** What a business says of itself. */
export interface BusinessProfile {
  jid: string;
  description?: string;
  websites?: string[];
  email?: string;
  address?: string;
  categories?: string[];
  timezone?: string;
  hours?: OpeningHours[];
}

/** One day; times are HH:MM in the business's zone. */
export interface OpeningHours {
  day: string;
  mode: string;
  opens?: string;
  closes?: string;
}

export interface Product {
  id: string;
  name: string;
  description?: string;
  /** A decimal, in units of the currency. */
  price?: string;
  currency?: string;
  availability?: string;
  url?: string;
  image_urls?: string[];
  retailer_id?: string;
}

/** Products, and where to go on; no `after` at the end of the catalog. */
export interface CatalogPage {
  products: Product[];
  after?: string;
}

const MOST_PRODUCTS = 1000;
/** What is asked for at once while looking for one product. */
const PAGE = 100;

/**
 * Reads business accounts. The stanzas are taken apart here: Baileys' own reading (Utils/business.js, Socket/chats.js) calls
 * every product in stock, and keeps the first image, website and category alone.
 */
export class Businesses {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Throws NOT_BUSINESS_ACCOUNT. */
  async profile(jid: string): Promise<BusinessProfile> {
    if (chatKind(jid) !== "direct")
      throw new Fault("NOT_BUSINESS_ACCOUNT", "Only a person's account can be a business.");
    const content: BinaryNode[] = [{ tag: "profile", attrs: { jid } }];
    const answer = await this.#question("w:biz", { tag: "business_profile", attrs: { v: "244" }, content });
    const profile = getBinaryNodeChild(getBinaryNodeChild(answer, "business_profile"), "profile");
    if (profile === undefined) throw new Fault("NOT_BUSINESS_ACCOUNT");
    const hours = getBinaryNodeChild(profile, "business_hours");
    return {
      jid,
      description: text(profile, "description"),
      websites: texts(profile, "website"),
      email: text(profile, "email"),
      address: text(profile, "address"),
      categories: texts(getBinaryNodeChild(profile, "categories"), "category"),
      timezone: hours?.attrs.timezone,
      hours: filled(getBinaryNodeChildren(hours, "business_hours_config").map(openingHours)),
    };
  }

  /**
   * Up to `limit` products. WhatsApp gives as many at once as it likes, so it is asked until there are enough.
   * Throws NOT_BUSINESS_ACCOUNT and NO_CATALOG_FOUND.
   */
  async catalog(jid: string, limit: number, after?: string): Promise<CatalogPage> {
    const page: CatalogPage = { products: [], after };
    do {
      const more = await this.#page(jid, limit - page.products.length, page.after);
      page.products.push(...more.products);
      page.after = more.products.length === 0 ? undefined : more.after;
    } while (page.after !== undefined && page.products.length < limit);
    if (page.products.length === 0 && after === undefined) await this.#nothing(jid);
    return page;
  }

  /** One product, for which the catalog is read from its beginning. Throws PRODUCT_NOT_FOUND beside the catalog's. */
  async product(jid: string, id: string): Promise<Product> {
    let read = 0;
    let after: string | undefined;
    do {
      const page = await this.catalog(jid, PAGE, after);
      const found = page.products.find((product) => product.id === id);
      if (found !== undefined) return found;
      read += page.products.length;
      after = page.after;
    } while (after !== undefined && read < MOST_PRODUCTS);
    throw new Fault(
      "PRODUCT_NOT_FOUND",
      after === undefined ? undefined : `The first ${read} products of the catalog hold none of this id.`,
    );
  }

  async #page(jid: string, limit: number, after?: string): Promise<CatalogPage> {
    const content: BinaryNode[] = [
      leaf("limit", `${limit}`),
      leaf("width", "100"),
      leaf("height", "100"),
      ...(after === undefined ? [] : [leaf("after", after)]),
    ];
    const attrs = { jid, allow_shop_source: "true" };
    let answer: BinaryNode;
    try {
      answer = await this.#question("w:biz:catalog", { tag: "product_catalog", attrs, content });
    } catch (error) {
      if (refusalIn(error) === 404) return { products: [] };
      if (refusalIn(error) === 400 && after !== undefined) {
        throw new Fault("INVALID_ARGUMENT", "cursor: is not one of this catalog.", { details: { argument: "cursor" } });
      }
      throw error;
    }
    const catalog = getBinaryNodeChild(answer, "product_catalog");
    return {
      products: getBinaryNodeChildren(catalog, "product").map(productOf),
      after: text(getBinaryNodeChild(catalog, "paging"), "after"),
    };
  }

  /** Says why there are no products. */
  async #nothing(jid: string): Promise<never> {
    await this.profile(jid);
    throw new Fault("NO_CATALOG_FOUND");
  }

  async #question(xmlns: string, child: BinaryNode): Promise<BinaryNode> {
    const attrs = { to: "s.whatsapp.net", type: "get", xmlns };
    return asking(() => this.#ask({ tag: "iq", attrs, content: [child] }));
  }
}

function productOf(node: BinaryNode): Product {
  const media = getBinaryNodeChild(node, "media");
  const images = getBinaryNodeChildren(media, "image").map(
    (image) => text(image, "original_image_url") ?? text(image, "request_image_url"),
  );
  return {
    id: text(node, "id") ?? "",
    name: text(node, "name") ?? "",
    description: text(node, "description"),
    price: priceOf(text(node, "price")),
    currency: text(node, "currency"),
    availability: text(node, "availability"),
    url: text(node, "url"),
    image_urls: filled(images.filter((url) => url !== undefined)),
    retailer_id: text(node, "retailer_id"),
  };
}

/** WhatsApp counts prices in thousandths: 4500 is 4.50, and 1234 is 1.234. */
function priceOf(thousandths: string | undefined): string | undefined {
  if (thousandths === undefined || !/^\d{1,15}$/.test(thousandths)) return undefined;
  const digits = thousandths.padStart(4, "0");
  return `${digits.slice(0, -3)}.${digits.slice(-3).replace(/0$/, "")}`;
}

function openingHours({ attrs }: BinaryNode): OpeningHours {
  return {
    day: attrs.day_of_week ?? "",
    mode: attrs.mode ?? "",
    opens: clock(attrs.open_time),
    closes: clock(attrs.close_time),
  };
}

/** WhatsApp counts the minutes since midnight. */
function clock(minutes: string | undefined): string | undefined {
  if (minutes === undefined || !/^\d{1,4}$/.test(minutes)) return undefined;
  const two = (number: number) => `${number}`.padStart(2, "0");
  return `${two(Math.floor(Number(minutes) / 60))}:${two(Number(minutes) % 60)}`;
}

function leaf(tag: string, content: string): BinaryNode {
  return { tag, attrs: {}, content: Buffer.from(content) };
}

function text(node: BinaryNode | undefined, tag: string): string | undefined {
  return getBinaryNodeChildString(node, tag) || undefined;
}

function texts(node: BinaryNode | undefined, tag: string): string[] | undefined {
  const found = getBinaryNodeChildren(node, tag).map(({ content }) =>
    content === undefined ? "" : content.toString(),
  );
  return filled(found.filter((one) => one !== ""));
}

function filled<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}
