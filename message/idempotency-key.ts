import { createHash } from "node:crypto";

/**
 * Fields with a key by which a service knows a request again, and answers it from its store: `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header; Stripe, Adyen), others of that name (`X-Idempotency-Key` of Mercado Pago,
 * `Cko-Idempotency-Key` of Checkout.com, `Idempotence-Key` of YooKassa, `X-Idempotence-UUID` of Wise), and those of another:
 * PayPal, RazorpayX, OASIS Repeatable Requests 1.0 (Azure).
 */
const keyName =
  /^(?:(?:[a-z0-9]+-)*idempoten(?:cy|ce|t)-(?:key|id|token|uuid)|paypal-request-id|x-(?:payout|refund)-idempotency|repeatability-request-id)$/i;

export function isIdempotencyKey(name: string): boolean {
  return keyName.test(name);
}

/** A drawn key has at least so many bits of chance: what is shorter is lengthened by digits (15 at most, so a number stays one). */
const leastBits = 46;
const bitsOf = { digit: Math.log2(10), letter: Math.log2(6) };
const uuids = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
/** Of a UUID: its version and its variant (RFC 9562, section 4). */
const fixedInUuid = [14, 19];

/**
 * Another key of the same form, by hash of `seed` and the key: the same two give the same key. Digits become digits, letters
 * become `a` to `f` of their case, so that hex, base 32 and base 64 stay what they are; the first character, version and
 * variant of a UUID, and all that is neither are kept. Quotes around it (it is a String of RFC 9651) stay around it.
 */
export function drawnKey(key: string, seed: string): string {
  const [, quote = "", inner = key] = /^(")(.*)"$/s.exec(key) ?? [];
  if (inner === "") return key;
  const next = numbersFrom(JSON.stringify([seed, inner]));
  const fixed = new Set([0, ...[...inner.matchAll(uuids)].flatMap(({ index }) => fixedInUuid.map((at) => index + at))]);
  let bits = 0;
  let drawn = "";
  for (const [at, character] of inner.split("").entries()) {
    const kind = fixed.has(at) ? "kept" : kindOf(character);
    if (kind === "digit") drawn += next(10);
    else if (kind === "letter") drawn += String.fromCharCode((character < "a" ? 65 : 97) + next(6));
    else drawn += character;
    if (kind !== "kept") bits += bitsOf[kind];
  }
  for (; bits < leastBits; bits += bitsOf.digit) drawn += next(10);
  return quote + drawn + quote;
}

function kindOf(character: string): "digit" | "letter" | "kept" {
  return /[0-9]/.test(character) ? "digit" : /[a-z]/i.test(character) ? "letter" : "kept";
}

/** Gives numbers from 0 to below a bound, the same for the same text. */
function numbersFrom(text: string): (bound: number) => number {
  let digest = createHash("sha256").update(text).digest();
  let at = 0;
  return (bound) => {
    if (at + 2 > digest.length) {
      digest = createHash("sha256").update(digest).digest();
      at = 0;
    }
    at += 2;
    return digest.readUInt16BE(at - 2) % bound;
  };
}
