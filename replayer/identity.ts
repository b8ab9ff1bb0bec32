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

/**
 * Made by hash of the mark, so who knows run, Step and lane knows the trace too: hops of services that forward their
 * trace context, but neither our headers nor `baggage`, are found by it without a table.
 */
export function replayIdentity(mark: ReplayMark): ReplayIdentity {
  const hex = hash("sha256", `${mark.run}\n${mark.lane}\n${mark.step}`, "hex");
  const variant = "89ab"[Number.parseInt(hex[16]!, 16) & 3];
  return {
    requestId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    traceId: hex.slice(32, 64),
    spanId: hex.slice(0, 16),
  };
}

/** A new id for a run: 12 hex digits, by chance. It goes out with every request, so it says nothing of the operator. */
export function newRunId(): string {
  return randomBytes(6).toString("hex");
}
