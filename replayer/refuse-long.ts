import { inDuration, OperatorError } from "../base/index.js";
import type { CostlyWait, Preflight } from "./options.js";

/** Refuses, with an OperatorError, a run that is expected to take longer than the operator wants to wait. */
export function refuseLongRun(
  { estimatedMs, longestChain, costliest }: Pick<Preflight, "estimatedMs" | "longestChain" | "costliest">,
  maxTimeMs: number | undefined,
): void {
  if (maxTimeMs === undefined || estimatedMs <= maxTimeMs) return;
  const most = costliest.length === 0 ? "" : `; what costs most: ${costliest.map(inWords).join(", ")}`;
  throw new OperatorError(
    `refused to replay: it would take about ${inDuration(estimatedMs)} (its longest chain has ${longestChain} calls), --max-time allows ${inDuration(maxTimeMs)}${most}; choose fewer calls, a faster --pace, or --order none`,
  );
}

function inWords({ exchange, waitedForBy, because, tookMs }: CostlyWait): string {
  return `#${waitedForBy} waits for #${exchange} (${because === "value" ? "a value of its answer" : because}, ${inDuration(tookMs)})`;
}
