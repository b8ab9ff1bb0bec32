import { durationInWords, plural } from "../numbers.js";
import { paintFor } from "../text/paint.js";
import { shortened } from "../visible.js";
import { headline, isNoise, namesHops } from "../words.js";
import { sparkline } from "./sparkline.js";
import type { ExperimentSummary, ExperimentThreshold } from "./summary.js";
import { amountInWords, firedInWords, lastValue, putBackInWords } from "./words.js";

const shownDivergences = 10;
const sparkColumns = 40;

/** A finished experiment for a terminal: what it came to and why, its states, its thresholds, its changes, how all was left. */
export function renderExperimentText(summary: ExperimentSummary, { color }: { color: boolean }): string {
  const paint = paintFor(color);
  const tone = { Passed: paint.green, Failed: paint.red, Inconclusive: paint.yellow }[summary.conclusion];
  const lines = [
    `${tone(paint.bold(summary.conclusion))}: experiment ${summary.experiment}${summary.reasons.length === 0 ? "" : `: ${summary.reasons.join("; ")}`}`,
    `  ${summary.states.map(({ state, atMs }) => `${state} ${paint.dim(durationInWords(atMs))}`).join(" → ")}`,
    ...section(
      "Faults",
      summary.faults.map((fault) => [`${fault.name} ${fault.what}`, firedInWords(fault)].filter(Boolean).join("; ")),
    ),
    ...section("Replay", replayLines(summary)),
    ...section("Thresholds", summary.thresholds.flatMap(thresholdLines)),
    ...section(
      "What happened",
      summary.changes.map(({ atMs, what }) => `${paint.dim(durationInWords(atMs).padStart(9))}  ${what}`),
    ),
    ...section(
      "Put back",
      summary.putBack.map((proof) => `${proof.object}: ${putBackInWords(proof)}`),
    ),
    ...section(
      "Warnings",
      summary.warnings.map((warning) => shortened(warning, 300)),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

function replayLines({ replay }: ExperimentSummary): string[] {
  if (replay === undefined) return ["nothing was sent"];
  const { sent, steps, answered, compared, lanes } = replay;
  const found = replay.divergences.filter((one) => !isNoise(one));
  const options = { namesHop: namesHops(found) };
  const left = found.length - shownDivergences;
  return [
    `${sent} of ${plural(steps, "Step")} sent, ${answered} answered, ${compared} compared`,
    ...lanes.map(({ name, statuses, fromSent }) => {
      const counts = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
      return `${name}: ${counts.join(", ") || "nothing"}${fromSent.count === 0 ? "" : `; p50 ${amountInWords(fromSent.p50, "ms")}, p99 ${amountInWords(fromSent.p99, "ms")}`}`;
    }),
    ...found.slice(0, shownDivergences).map((one) => {
      const reached = one.blast === undefined ? "" : `, ${one.blast}`;
      return `${one.attribution}${reached}: ${headline(one, options)}`;
    }),
    ...(left > 0 ? [`and ${plural(left, "divergence")} more`] : []),
  ];
}

const marks: Readonly<Record<ExperimentThreshold["standing"], string>> = {
  well: "✓",
  near: "✓",
  tripped: "✗",
  unknown: "?",
  unread: "–",
};

function thresholdLines(threshold: ExperimentThreshold): string[] {
  const { name, rule, standing, why, unit, history } = threshold;
  const last = lastValue(threshold);
  const spark = history.length > 1 ? sparkline(history, sparkColumns) : "";
  const values = [spark, last === undefined ? "" : amountInWords(last, unit)].filter(Boolean).join(" ");
  return [
    `${marks[standing]} ${name}: ${rule}${values === "" ? "" : `  ${values}`}`,
    ...(why === undefined ? [] : [`    ${standing}: ${why}`]),
  ];
}
