import { addressOf } from "../store/identity.js";
import type { BusinessProfile, Product } from "../whatsapp/business.js";
import type { Bridge, Call } from "./bridge.js";

interface Catalog {
  business_jid: string;
  products: Product[];
  next_cursor?: string;
}

interface ProductDetails {
  business_jid: string;
  product: Product;
}

type ToBusiness = Call<{ contact_jid: string }>;

/** What a business says of itself, under the name by which it is known here. */
export async function businessProfile(bridge: Bridge, call: ToBusiness): Promise<BusinessProfile & { name?: string }> {
  const jid = addressed(bridge, call);
  const profile = await bridge.client.businesses.profile(jid);
  return { ...profile, name: bridge.store.nameOf(jid) };
}

/** Products of a catalog; the cursor is WhatsApp's own in an alphabet that a query carries. */
export async function businessCatalog(
  bridge: Bridge,
  call: ToBusiness & Call<unknown, { limit?: number; cursor?: string }>,
): Promise<Catalog> {
  const jid = addressed(bridge, call);
  const { limit = 20, cursor } = call.query;
  const start = cursor && Buffer.from(cursor, "base64url").toString("utf8");
  const { products, after } = await bridge.client.businesses.catalog(jid, limit, start || undefined);
  return { business_jid: jid, products, next_cursor: after && Buffer.from(after, "utf8").toString("base64url") };
}

/** One product of a catalog. */
export async function businessProduct(
  bridge: Bridge,
  call: ToBusiness & Call<{ product_id: string }>,
): Promise<ProductDetails> {
  const jid = addressed(bridge, call);
  return { business_jid: jid, product: await bridge.client.businesses.product(jid, call.params.product_id) };
}

function addressed({ client, store }: Bridge, { params }: ToBusiness): string {
  const jid = store.aliases.canonical(addressOf(params.contact_jid));
  client.requireConnected();
  return jid;
}
