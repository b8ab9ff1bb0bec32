import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { RedactionKey } from "./key.js";
import { madeOnce } from "./made-once.js";

/** Bytes of a keyed hash. */
export const keyedHashBytes = 16;

/** A hash over bytes that come in pieces. */
export interface KeyedHasher {
  update(piece: Uint8Array): void;
  /** 16 bytes. Call once, last. */
  digest(): Uint8Array;
}

/** HMAC-SHA256 cut to 16 bytes: tells nothing about short bodies to who has the tape and not the key. */
export function keyedHasher(key: RedactionKey): KeyedHasher {
  const hmac = createHmac("sha256", purposeKeys(key).hash);
  return {
    update: (piece) => void hmac.update(piece),
    digest: () => hmac.digest().subarray(0, keyedHashBytes),
  };
}

/** The keyed hash of a body's pieces: 16 bytes. */
export function keyedHash(key: RedactionKey, pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first!.length <= smallBytes) return hashSmall(latin1(first!), key);
  const hasher = keyedHasher(key);
  for (const piece of pieces) hasher.update(piece);
  return hasher.digest();
}

const smallBytes = 512;

const hashSmall = madeOnce((text, key) => {
  const hasher = keyedHasher(key);
  hasher.update(Buffer.from(text, "latin1"));
  return hasher.digest();
});

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** One key for each purpose, so that the hash of a body that is a secret is not its pseudonym's source. */
interface PurposeKeys {
  hash: KeyObject;
  pseudonym: KeyObject;
}

const derived = new WeakMap<RedactionKey, PurposeKeys>();

/** Derived once per key. */
export function purposeKeys(key: RedactionKey): PurposeKeys {
  let keys = derived.get(key);
  if (keys === undefined) {
    keys = { hash: derive(key, "tapeloop body hash"), pseudonym: derive(key, "tapeloop pseudonym") };
    derived.set(key, keys);
  }
  return keys;
}

function derive(key: RedactionKey, purpose: string): KeyObject {
  return createSecretKey(createHmac("sha256", key.bytes).update(purpose).digest());
}
