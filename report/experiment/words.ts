import { countInWords, msInWords, percentInWords, plural } from "../numbers.js";
import type { ExperimentSummary, ExperimentThreshold } from "./summary.js";

/** How an object was left when faults were turned off, as a person says it. */
export function putBackInWords({ outcome, why }: ExperimentSummary["putBack"][number]): string {
  switch (outcome) {
    case "as-before":
      return "put back, read back and compared: as it was";
    case "ours-kept":
      return "put back; what another change of ours put in is still there";
    case "edits-kept":
      return "put back; what others changed since is still there";
    case "deleted":
      return "made by us, deleted";
    case "gone":
      return "somebody has deleted it since, and it stays so";
    case "untouched":
      return "nothing of ours in it any more";
    default:
      return `NOT put back: ${why ?? "unknown"}`;
  }
}

/** How often a fault fired, as far as it is known: `showed in 48 of 50 Steps, injected 50 times`; empty when nothing was sent. */
export function firedInWords({ fired }: ExperimentSummary["faults"][number]): string {
  if (fired === undefined) return "";
  const { steps, showed, injected, isProven } = fired;
  const counted = injected === undefined ? "" : `, injected ${countInWords(injected)} times`;
  return `showed in ${countInWords(showed)} of ${plural(steps, "Step")}${counted}${isProven ? "" : ": not known to have fired"}`;
}

/** A value of a threshold, with its unit. */
export function amountInWords(value: number, unit: ExperimentThreshold["unit"]): string {
  switch (unit) {
    case "%":
      return percentInWords(value);
    case "ms":
      return msInWords(value);
    case "/s":
      return `${numberInWords(value)}/s`;
    case "":
      return numberInWords(value);
  }
}

function numberInWords(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return Number.isInteger(value) ? countInWords(value) : String(Number(value.toPrecision(3)));
}

/** The last value of a history that is one. */
export function lastValue({ history }: Pick<ExperimentThreshold, "history">): number | undefined {
  return history.findLast(({ value }) => value !== undefined)?.value;
}
