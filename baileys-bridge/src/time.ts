/** Now in whole seconds since the epoch, the unit of every time in the databases. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Seconds since the epoch as RFC 3339 in UTC with whole seconds, the form of every time in JSON. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d{3}Z$/, "Z");
}
