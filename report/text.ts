import type { RunSummary } from "../tape/index.js";
import { chaosTaskLines } from "./chaos/words.js";
import { countInWords, durationInWords, msDigits, percentInWords, plural } from "./numbers.js";
import { seriesOf } from "./series.js";
import { columnsOf, padEnd, wrapped } from "./text/columns.js";
import { divergenceLines } from "./text/divergences.js";
import { latencyLines } from "./text/latency.js";
import { type Paint, paintFor } from "./text/paint.js";
import { ruleLines } from "./text/rules.js";
import { exceptionFacts, firstWarnings, gravestLines, laneLines } from "./text/screen.js";
import { visibleLine } from "./visible.js";
import { verdictSentence } from "./words.js";

/**
 * A run for a terminal, ending in a newline: on one screen did it change, what, where first and why; with `full`, every
 * group, both latencies and histograms. The first line is the verdict. Lines keep within `width` columns (at least 40),
 * tables excepted; escape sequences appear only with `color`, and never from traffic.
 */
export function renderText(summary: RunSummary, options: { color: boolean; width: number; full?: boolean }): string {
  const width = Math.max(40, Number.isFinite(options.width) ? Math.floor(options.width) : 100);
  const paint = paintFor(options.color);
  const parts = options.full ? fullParts(summary, width, paint) : screenParts(summary, width, paint);
  const lines = parts.filter((part) => part.length > 0).flatMap((part) => ["", ...part]);
  return `${lines.slice(1).join("\n")}\n`;
}

function screenParts(summary: RunSummary, width: number, paint: Paint): string[][] {
  return [
    verdictLines(summary, width, paint),
    gravestLines(summary, width, paint),
    factLines(summary, width, paint),
    laneLines(summary, width, paint),
    firstWarnings(summary, width),
    closingLines(summary, width, paint),
  ];
}

function fullParts(summary: RunSummary, width: number, paint: Paint): string[][] {
  return [
    verdictLines(summary, width, paint),
    divergenceLines(summary, width, paint),
    factLines(summary, width, paint),
    latencyLines(seriesOf(summary), width, paint),
    ruleLines(summary, width),
    chaosLines(summary, width, paint),
    warningLines(summary, width, paint),
    closingLines(summary, width, paint),
  ];
}

function verdictLines(summary: RunSummary, width: number, paint: Paint): string[] {
  const { word, why } = verdictSentence(summary);
  const colour = { passed: paint.green, diverged: paint.red, inconclusive: paint.yellow }[summary.verdict];
  const [first = "", ...rest] = wrapped(`${word}: ${why}`, width);
  return [paint.bold(colour(word)) + first.slice(word.length), ...rest];
}

function factLines(summary: RunSummary, width: number, paint: Paint): string[] {
  const facts = factsOf(summary);
  const columns = Math.max(...facts.map(([name]) => columnsOf(name)));
  return facts.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrapped(text, width, `${padEnd(name, columns)}  `);
    return [paint.bold(first.slice(0, columns)) + first.slice(columns), ...rest];
  });
}

function factsOf(summary: RunSummary): [name: string, text: string][] {
  const { order, latenessMs, tape, live, minLive } = summary;
  const coverage =
    tape.coverage === undefined
      ? ""
      : `, ${percentInWords(tape.coverage)} of the calls seen${tape.gaps > 0 ? " outside of them" : ""}`;
  return [
    ["Order", orderInWords(order)],
    ["Live", `${percentInWords(live)} of Steps, at least ${percentInWords(minLive)} needed`],
    ["Sent", sentInWords(summary)],
    ...exceptionFacts(summary),
    [
      "Lateness",
      `p50 ${msDigits(latenessMs.p50)}, p99 ${msDigits(latenessMs.p99)}, max ${msDigits(latenessMs.max)} ms`,
    ],
    [
      "Tape",
      `${plural(tape.exchanges, "exchange")}, ${countInWords(tape.dropped)} dropped, ${countInWords(tape.truncated)} truncated, ${plural(tape.gaps, "gap")}${coverage}`,
    ],
  ];
}

function orderInWords({ order, required, violated, startInversions }: RunSummary["order"]): string {
  const inversions = startInversions > 0 ? `, ${plural(startInversions, "start")} inverted` : "";
  return `${visibleLine(order)}: ${plural(required, "edge")} required, ${countInWords(violated)} violated${inversions}`;
}

function sentInWords({ steps, sent, answered, compared, comparedByStatus }: RunSummary): string {
  const byStatus = comparedByStatus === undefined ? "" : ` (${countInWords(comparedByStatus)} by status alone)`;
  return `${countInWords(sent)} of ${plural(steps, "Step")}, ${countInWords(answered)} answered, ${countInWords(compared)} compared${byStatus}`;
}

function chaosLines({ chaos }: RunSummary, width: number, paint: Paint): string[] {
  if (chaos === undefined) return [];
  return [
    paint.bold("Chaos beside it, times in UTC"),
    ...chaosTaskLines(chaos).flatMap((line) => wrapped(line, width, "  ")),
  ];
}

function warningLines({ warnings }: RunSummary, width: number, paint: Paint): string[] {
  if (warnings.length === 0) return [];
  return [paint.bold("Warnings"), ...warnings.flatMap((warning) => wrapped(visibleLine(warning), width, "  ! "))];
}

function closingLines(summary: RunSummary, width: number, paint: Paint): string[] {
  const { settings, run, durationMs } = summary;
  const how = `Run ${visibleLine(run)}: order ${settings.order}, pace ${settings.pace}, ${settings.selection}, ${durationInWords(durationMs)}`;
  const more = "See both sides: tapeloop report RUN --out DIR, or --serve for every exchange; --full for all as text";
  return [...wrapped(visibleLine(how), width), ...wrapped(more, width)].map(paint.dim);
}
