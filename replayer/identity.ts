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
export function identityMaker({ run, lane }: Pick<ReplayMark, "run" | "lane">): IdentityMaker {
  const seed = hash("sha256", `${run}\n${lane}`, "buffer");
  const seeds = Array.from({ length: 8 }, (_, at) => seed.readInt32LE(4 * at));
  const words = new Int32Array(8);
  const bytes = Buffer.from(words.buffer);
  return (step) => {
    for (let at = 0; at < 8; at++) words[at] = mixed((step + seeds[at]!) | 0);
    const hex = bytes.toString("hex");
    const variant = "89ab"[words[2]! & 3];
    return {
      requestId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
      traceId: hex.slice(32),
      spanId: hex.slice(0, 16),
    };
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
