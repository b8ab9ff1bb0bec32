import type { RecorderId } from "../exchange.js";
import type { Ledger } from "../ledger.js";
import type { Lost } from "./clocks.js";

const minuteNs = 60_000_000_000n;

/**
 * Where a tape knows that calls are missing: in minutes in which a recorder dropped any, and in gaps between its
 * incarnations. What was left out by choice does not count: `sample` chooses whole traces. Undefined when none are missing.
 */
export function lossesOf({ entries, gaps }: Pick<Ledger, "entries" | "gaps">): Lost | undefined {
  const minutes = new Set<string>();
  for (const { recorder, minuteNs: startNs, counts } of entries) {
    if (counts.dropped > 0) minutes.add(`${recorder.incarnation} ${startNs}`);
  }
  if (minutes.size === 0 && gaps.length === 0) return undefined;
  return (recorder, fromNs, toNs) =>
    hasLossyMinute(minutes, recorder, fromNs, toNs) ||
    gaps.some((gap) => gap.recorder === recorder.name && gap.fromNs <= toNs && (gap.toNs ?? toNs) >= fromNs);
}

/** A call that was open for hours is asked about as a whole: beyond so many minutes one of them is taken to be lossy. */
const mostMinutes = 1_440n;

function hasLossyMinute(minutes: ReadonlySet<string>, recorder: RecorderId, fromNs: bigint, toNs: bigint): boolean {
  if (minutes.size === 0) return false;
  const first = fromNs - (((fromNs % minuteNs) + minuteNs) % minuteNs);
  if ((toNs - first) / minuteNs > mostMinutes) return true;
  for (let at = first; at <= toNs; at += minuteNs) if (minutes.has(`${recorder.incarnation} ${at}`)) return true;
  return false;
}
