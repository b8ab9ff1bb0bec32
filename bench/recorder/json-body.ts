/** About 4 KB of JSON, the kind an order service takes; `@` stands for the number of the call. No secrets in it. */
export function orderBody(): string {
  const lines = Array.from({ length: 22 }, (_, at) => ({
    sku: `SKU-@-${at}`,
    title: `Article number ${at} of the order, with a title as long as titles are`,
    quantity: (at % 4) + 1,
    price: { amount: 1999 + at * 7, currency: "EUR" },
    options: { gift: at % 3 === 0, colour: "green" },
  }));
  const customer = { id: "c-@", name: "Ada Example", city: "Lagos", note: "please leave it at the door, number @" };
  return JSON.stringify({ order: "o-@", at: "2026-11-22T07:00:00Z", customer, lines });
}

/** The same with two fields that must be redacted. */
export function orderBodyWithSecrets(): string {
  return orderBody().replace('"customer":{', '"password":"hunter-@","customer":{"api_key":"key-@",');
}
