import { hash, randomBytes } from "node:crypto";
import type { ReplayMark } from "../base/index.js";

/** The identifiers a replayed request carries in place of the recorded ones. */
export interface ReplayIdentity {
  /** A UUID, version 4 in form. */
  requestId: string;
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
}

/** Gives the identities of the Steps of one run and lane. */
export type IdentityMaker = (step: number) => ReplayIdentity;

/**
 * Identities follow from run, lane and Step alone, so who knows the mark knows the trace too: hops of services that
 * forward their trace context, but neither our headers nor `baggage`, are found by it without a table.
 *
 * Run and lane are hashed once into eight words; the Step is mixed into each. The mixing is one to one, so Steps of one
 * lane never share an identifier; those of two lanes or runs do as seldom as hashes meet.
 */
export function identityMaker(mark: Pick<ReplayMark, "run" | "lane">): IdentityMaker {
  const textOf = identityLines(mark);
  return (step) => {
    const text = textOf(step);
    const part = (start: number, length: number) => text.slice(start, start + length);
    return { requestId: part(idsAt.request, 36), traceId: part(idsAt.trace, 32), spanId: part(idsAt.span, 16) };
  };
}

const blankLines =
  "x-request-id: 00000000-0000-4000-8000-000000000000\r\ntraceparent: 00-00000000000000000000000000000000-0000000000000000-00\r\n";
/** Where the identifiers begin in them. */
const idsAt = { request: 14, trace: 68, span: 101 } as const;
/** Where each of 64 digits stands in them: those of a UUID go round its dashes. */
const digitsAt = Uint8Array.from({ length: 64 }, (_, digit) => {
  if (digit >= 32) return idsAt.trace + digit - 32;
  const dashes = [8, 12, 16, 20].filter((before) => digit >= before).length;
  return idsAt.request + digit + dashes;
});
const versionAt = digitsAt[12]!;
const variantAt = digitsAt[16]!;
const hexDigits = Buffer.from("0123456789abcdef");
const variants = Buffer.from("89ab");

/**
 * Gives the identity of a Step as it is written in HTTP/1.1, in one piece: `x-request-id` and `traceparent`. Flags 00: the
 * recorded sampling decision is not ours to repeat.
 */
export function identityLines({ run, lane }: Pick<ReplayMark, "run" | "lane">): (step: number) => string {
  const seed = hash("sha256", `${run}\n${lane}`, "buffer");
  const seeds = Int32Array.from({ length: 8 }, (_, at) => seed.readInt32LE(4 * at));
  const text = Buffer.from(blankLines, "latin1");
  const version = text[versionAt]!;
  return (step) => {
    for (let at = 0; at < 8; at++) {
      const word = mixed((step + seeds[at]!) | 0);
      for (let digit = 0; digit < 8; digit++) {
        // Byte by byte from the least, its high digit first.
        const code = hexDigits[(word >>> (4 * (digit ^ 1))) & 15]!;
        text[digitsAt[8 * at + digit]!] = code;
        if (at < 2) text[idsAt.span + 8 * at + digit] = code;
      }
      if (at === 2) text[variantAt] = variants[word & 3]!;
    }
    text[versionAt] = version;
    return text.toString("latin1");
  };
}

/** The identity of one mark. */
export function replayIdentity({ run, step, lane }: ReplayMark): ReplayIdentity {
  return identityMaker({ run, lane })(Number(step));
}

/** The last steps of MurmurHash3 (public domain, Austin Appleby): every bit of 32 depends on every other, one to one. */
function mixed(word: number): number {
  let mix = word;
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}

/** A new id for a run: 12 hex digits, by chance. It goes out with every request, so it says nothing of the operator. */
export function newRunId(): string {
  return randomBytes(6).toString("hex");
}
