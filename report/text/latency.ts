import type { LatencySummary } from "../../tape/index.js";
import { sharedBars } from "../histogram.js";
import { countInWords, msDigits } from "../numbers.js";
import { type Series, statusesOf } from "../series.js";
import { visibleLine } from "../visible.js";
import { clipped, padEnd, padStart } from "./columns.js";
import type { Paint } from "./paint.js";
import { tableLines } from "./table.js";

/** Latency and statuses of every lane beside the recording's, as users of hey and wrk know them. */
export function latencyLines(series: readonly Series[], width: number, paint: Paint): string[] {
  const due = series.flatMap(({ name, fromDue }) => (fromDue ? [{ name, latency: fromDue }] : []));
  const sent = series.map(({ name, fromSent }) => ({ name, latency: fromSent }));
  return [
    paint.bold("Latency from sent, service time (ms)"),
    ...percentileLines(sent),
    "",
    paint.bold("Latency from due, what a user would have felt (ms)"),
    ...percentileLines(due),
    "",
    ...histogramLines(series, width, paint),
    ...statusLines(series, paint),
  ];
}

const percentiles = ["p50", "p90", "p99", "p999", "max", "mean"] as const;

function percentileLines(rows: readonly { name: string; latency: LatencySummary }[]): string[] {
  const header = ["", "count", "p50", "p90", "p99", "p99.9", "max", "mean"];
  const body = rows.map(({ name, latency }) => [
    name,
    countInWords(latency.count),
    ...percentiles.map((percentile) => (latency.count === 0 ? "-" : msDigits(latency[percentile]))),
  ]);
  return tableLines([header, ...body]);
}

/** Bars of each series beside each other while they fit, else one under the other. */
function histogramLines(series: readonly Series[], width: number, paint: Paint): string[] {
  const bars = sharedBars(
    series.map(({ fromSent }) => fromSent),
    10,
  );
  if (bars.length === 0) return [];
  const labels = bars.map(({ toMs }) => msDigits(toMs));
  const labelColumns = Math.max(5, ...labels.map((label) => label.length));
  const beside = Math.max(1, Math.floor((width - labelColumns - 2) / 22));
  const lines = [paint.bold("Histogram, from sent (up to ms)")];
  for (let from = 0; from < series.length; from += beside) {
    const shown = series.slice(from, from + beside);
    const columns = Math.min(36, Math.floor((width - labelColumns - 2) / shown.length) - 2);
    const heading = shown.map(({ name }) => padEnd(clipped(name, columns), columns)).join("  ");
    lines.push(`  ${" ".repeat(labelColumns)}  ${heading}`.trimEnd());
    bars.forEach((bar, at) => {
      const cells = shown.map((one, which) =>
        barCell(bar.counts[from + which]!, one.fromSent.count, columns, bars, from + which),
      );
      lines.push(`  ${padStart(labels[at]!, labelColumns)}  ${cells.join("  ")}`.trimEnd());
    });
  }
  return [...lines, ""];
}

function barCell(
  count: number,
  of: number,
  columns: number,
  bars: readonly { counts: readonly number[] }[],
  which: number,
): string {
  const countText = count === 0 ? "" : ` ${countInWords(count)}`;
  const room = Math.max(1, columns - 1 - countInWords(of).length);
  const highest = Math.max(1, ...bars.map((bar) => bar.counts[which]!));
  const length = count === 0 ? 0 : Math.max(1, Math.round((count / highest) * room));
  return padEnd("■".repeat(length) + countText, columns);
}

function statusLines(series: readonly Series[], paint: Paint): string[] {
  const known = series.filter(({ statuses }) => statuses !== undefined);
  const rows = statusesOf(known).map((status) => [
    visibleLine(status),
    ...known.map(({ statuses }) => countInWords(statuses?.[status] ?? 0)),
  ]);
  if (rows.length === 0) return [];
  return [paint.bold("Statuses"), ...tableLines([["", ...known.map(({ name }) => name)], ...rows])];
}
