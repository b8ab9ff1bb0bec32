import { createHash } from "node:crypto";

/** A secret that occurs nowhere else, and what of it must not be found. */
export interface SeededSecret {
  kind: SecretKind;
  value: string;
  /** Parts of the value that a pseudonym must not have: without a kind's public beginning. */
  needles: readonly string[];
}

/** Kinds that are told by their form; `named` is told by the name beside it alone. */
export const secretKinds = [
  "named",
  "jwt",
  "card",
  "spaced-card",
  "iban",
  "email",
  "phone",
  "aws",
  "gcp",
  "github",
  "slack",
  "stripe",
  "openai",
  "sendgrid",
  "gitlab",
  "npm",
  "vault",
  "bearer",
  "basic",
  "url-password",
  "base64",
  "pem",
] as const;
export type SecretKind = (typeof secretKinds)[number];

/** Makes secrets, each another one; equal salts give equal secrets, so that a failing case can be run again. */
export function secretMaker(salt: string): (kind: SecretKind) => SeededSecret {
  let number = 0;
  return (kind) => ({ kind, ...makers[kind](`${salt} ${kind} ${++number}`) });
}

type Made = Omit<SeededSecret, "kind">;

const makers: Record<SecretKind, (seed: string) => Made> = {
  named: (seed) => whole(`Q${letters(seed, 14)}7x`),
  jwt: (seed) => {
    const payload = base64url(JSON.stringify({ sub: letters(seed, 12), admin: true, iat: 1_700_000_000 }));
    const signature = letters(`${seed} signature`, 43);
    return {
      value: `${base64url('{"alg":"HS256","typ":"JWT"}')}.${payload}.${signature}`,
      needles: [payload, signature],
    };
  },
  card: (seed) => whole(cardNumber(seed)),
  "spaced-card": (seed) => {
    const value = cardNumber(seed).replace(/(\d{4})(?=\d)/g, "$1 ");
    return { value, needles: [value, value.replaceAll(" ", "")] };
  },
  iban: (seed) => {
    const account = digits(seed, 18);
    const check = 98 - Number(BigInt(`${account}131400`) % 97n); // D is 13, E is 14
    return { value: `DE${String(check).padStart(2, "0")}${account}`, needles: [account] };
  },
  email: (seed) => {
    const local = letters(seed, 12).toLowerCase();
    return { value: `${local}@shop.example`, needles: [local] };
  },
  phone: (seed) => {
    const number = digits(seed, 10);
    return { value: `+49${number}`, needles: [number] };
  },
  aws: (seed) =>
    prefixed(
      "AKIA",
      letters(seed, 24)
        .toUpperCase()
        .replace(/[^A-Z2-7]/g, "K")
        .slice(0, 16),
    ),
  gcp: (seed) => prefixed("AIza", letters(seed, 35)),
  github: (seed) => prefixed("ghp_", letters(seed, 36)),
  slack: (seed) => prefixed("xoxb-", `${digits(seed, 12)}-${letters(seed, 24)}`),
  stripe: (seed) => prefixed("sk_live_", letters(seed, 24)),
  openai: (seed) => prefixed("sk-proj-", letters(seed, 40)),
  sendgrid: (seed) => prefixed("SG.", `${letters(seed, 22)}.${letters(`${seed} 2`, 43)}`),
  gitlab: (seed) => prefixed("glpat-", letters(seed, 20)),
  npm: (seed) => prefixed("npm_", letters(seed, 36)),
  vault: (seed) => prefixed("hvs.", letters(seed, 30)),
  bearer: (seed) => prefixed("Bearer ", letters(seed, 30)),
  basic: (seed) => prefixed("Basic ", Buffer.from(`user:${letters(seed, 18)}`).toString("base64")),
  "url-password": (seed) => {
    const password = letters(seed, 16);
    return { value: `postgres://app:${password}@db.internal/shop`, needles: [password] };
  },
  base64: (seed) => {
    const value = Buffer.from(`eyJhbGciOiJIUzI1NiJ9.${letters(seed, 30)}.${letters(`${seed} 2`, 43)}`).toString(
      "base64",
    );
    return { value, needles: [value.slice(30, 90)] };
  },
  pem: (seed) => {
    const lines = [1, 2, 3].map((line) => letters(`${seed} ${line}`, 64));
    return { value: `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----`, needles: lines };
  },
};

function whole(value: string): Made {
  return { value, needles: [value] };
}

function prefixed(prefix: string, rest: string): Made {
  return { value: prefix + rest, needles: [rest] };
}

function cardNumber(seed: string): string {
  const drawn = `4${digits(seed, 14)}`;
  for (let check = 0; ; check++) if (luhnSum(`${drawn}${check}`) % 10 === 0) return `${drawn}${check}`;
}

/** ISO/IEC 7812-1, Annex B. */
export function luhnSum(number: string): number {
  return Array.from(number)
    .reverse()
    .map((digit, at) => (at % 2 === 0 ? Number(digit) : [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(digit)]!))
    .reduce((sum, digit) => sum + digit, 0);
}

function letters(seed: string, length: number): string {
  let drawn = "";
  for (let block = 0; drawn.length < length; block++) {
    drawn += createHash("sha256").update(`${seed} ${block}`).digest("base64").replace(/[+/=]/g, "z");
  }
  // A letter, a digit and a capital are always among them, as in any token of this length.
  return `a7K${drawn}`.slice(0, length);
}

function digits(seed: string, length: number): string {
  const drawn = BigInt(`0x${createHash("sha256").update(seed).digest("hex")}`).toString();
  return `3${drawn}`.slice(0, length);
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** Which of the seeded secrets are found in what is searched, in any of the ways it may be written. */
export function foundIn(haystack: string, seeded: readonly SeededSecret[]): string[] {
  return seeded.flatMap(({ kind, needles }) =>
    needles
      .filter((needle) => writings(needle).some((written) => haystack.includes(written)))
      .map((one) => `${kind}: ${one}`),
  );
}

function writings(needle: string): string[] {
  const base64 = Buffer.from(needle).toString("base64").replace(/=+$/, "").slice(0, -1);
  return [needle, encodeURIComponent(needle), ...(base64.length > 12 ? [base64] : [])];
}
