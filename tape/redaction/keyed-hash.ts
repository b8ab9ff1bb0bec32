import { createHash, createHmac, hash } from "node:crypto";
import type { RedactionKey } from "./key.js";
import { MacKey } from "./mac-key.js";
import { madeOnce } from "./made-once.js";

/** Bytes of a keyed hash. */
export const keyedHashBytes = 16;

/** A hash over bytes that come in pieces. */
export interface KeyedHasher {
  update(piece: Uint8Array): void;
  /** 16 bytes. Call once, last. */
  digest(): Uint8Array;
}

/**
 * SHA-256 over a block that is the key's and then the bytes, cut to 16 bytes: tells nothing about short bodies to who has
 * the tape and not the key. As half of the state stays hidden, nobody can hash on from it either, which is what HMAC would
 * guard against at a third more of the time for each body.
 */
export function keyedHasher(key: RedactionKey): KeyedHasher {
  const hasher = createHash("sha256").update(purposeKeys(key).hashBlock);
  return {
    update: (piece) => void hasher.update(piece),
    digest: () => hasher.digest().subarray(0, keyedHashBytes),
  };
}

/** The keyed hash of a body's pieces: 16 bytes. */
export function keyedHash(key: RedactionKey, pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first!.length <= smallBytes) return hashSmall(latin1(first!), key);
  if (pieces.length === 1 && first!.length <= atOnceBytes) return hashAtOnce(first!, key);
  const hasher = keyedHasher(key);
  for (const piece of pieces) hasher.update(piece);
  return hasher.digest();
}

const smallBytes = 512;

const hashSmall = madeOnce((text, key) => hashAtOnce(Buffer.from(text, "latin1"), key));

/** SHA-256's block. */
const blockBytes = 64;
/** So much is copied behind the key's block and hashed in one call: making a hasher costs as much as hashing 2 KB. */
const atOnceBytes = 64 * 1024;
const together = Buffer.alloc(blockBytes + atOnceBytes);

function hashAtOnce(bytes: Uint8Array, key: RedactionKey): Uint8Array {
  together.set(purposeKeys(key).hashBlock);
  together.set(bytes, blockBytes);
  // As text of one character a byte, which is made into bytes again: a digest in a Buffer of its own costs more.
  const whole = hash("sha256", together.subarray(0, blockBytes + bytes.length), "binary");
  return Buffer.from(whole.slice(0, keyedHashBytes), "latin1");
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** One key for each purpose, so that the hash of a body that is a secret is not its pseudonym's source. */
interface PurposeKeys {
  /** 64 bytes, of which 32 are the key's. */
  hashBlock: Uint8Array;
  pseudonym: MacKey;
}

const derived = new WeakMap<RedactionKey, PurposeKeys>();

/** Derived once per key. */
export function purposeKeys(key: RedactionKey): PurposeKeys {
  let keys = derived.get(key);
  if (keys === undefined) {
    keys = {
      hashBlock: Buffer.concat([derive(key, "tapeloop body hash")], blockBytes),
      pseudonym: new MacKey(derive(key, "tapeloop pseudonym")),
    };
    derived.set(key, keys);
  }
  return keys;
}

function derive(key: RedactionKey, purpose: string): Uint8Array {
  return createHmac("sha256", key.bytes).update(purpose).digest();
}
