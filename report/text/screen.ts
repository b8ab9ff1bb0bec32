import type { Divergence, RunSummary } from "../../tape/index.js";
import { chaosInWords } from "../chaos/words.js";
import { notSentOf } from "../not-sent.js";
import { countInWords, msDigits, plural } from "../numbers.js";
import { type Series, seriesOf } from "../series.js";
import { visibleLine } from "../visible.js";
import { headline, isCounted, isNoise, namesHops, nothingFound, sideInWords } from "../words.js";
import { clipped, columnsOf, wrapped } from "./columns.js";
import type { Paint } from "./paint.js";
import { tableLines } from "./table.js";

/** So that everything stands on one screen. */
const shownDivergences = 5;
const shownWarnings = 3;
/** A headline and a reason are cut after so many lines. */
const mostLines = 2;

/** The gravest groups in a few lines each: what and where first, why, both sides. */
export function gravestLines(summary: RunSummary, width: number, paint: Paint): string[] {
  const counted = summary.divergences.filter(isCounted);
  if (counted.length === 0) return [paint.bold(nothingFound(summary)), ...besideLines(summary, width)];
  const names = namesHops(summary.divergences);
  const left = counted.length - shownDivergences;
  return [
    paint.bold(`${plural(counted.length, "divergence")}${causesInWords(counted)}`),
    ...counted.slice(0, shownDivergences).flatMap((divergence) => groupLines(divergence, names, width, paint)),
    ...(left > 0 ? [`${indent}and ${countInWords(left)} more: --full, or report.html`] : []),
    ...besideLines(summary, width),
  ];
}

/** `: 2 version, 1 interaction`; nothing where one cause has them all. */
function causesInWords(counted: readonly Divergence[]): string {
  const causes = new Map<string, number>();
  for (const { attribution } of counted) causes.set(attribution, (causes.get(attribution) ?? 0) + 1);
  if (causes.size < 2) return "";
  return `: ${[...causes].map(([cause, groups]) => `${countInWords(groups)} ${cause}`).join(", ")}`;
}

function groupLines(divergence: Divergence, names: boolean, width: number, paint: Paint): string[] {
  const { number, attribution, severity, blast, evidence, firstHop } = divergence;
  const head = headline(divergence, { namesHop: names });
  const kind = [attribution.replace("-", " "), severity, blast].filter(Boolean).join(", ");
  const why = [evidence, firstHop ?? ""].map(visibleLine).filter(Boolean).join("; ");
  return [
    ...cutLines(wrapped(head, width, `${String(number).padStart(4)}  `), width).map(paint.bold),
    ...cutLines(wrapped(why === "" ? kind : `${kind}: ${why}`, width, indent), width).map(paint.dim),
    ...exampleLine(divergence, head, width - indent.length, paint),
  ];
}

const indent = " ".repeat(6);

function cutLines(lines: readonly string[], width: number): string[] {
  if (lines.length <= mostLines) return [...lines];
  return [...lines.slice(0, mostLines - 1), clipped(`${lines[mostLines - 1]} ${lines[mostLines]!.trim()}`, width)];
}

/** Both sides, unless the headline has them, and where it surfaced: in one line, if any. */
function exampleLine({ kind, examples, surfaced }: Divergence, head: string, room: number, paint: Paint): string[] {
  const hops = [...new Set(surfaced.map(({ hop }) => visibleLine(hop)))];
  const above = hops.length === 0 ? "" : clipped(`surfaced at ${hops.join(", ")}`, Math.floor(room / 2));
  const [example] = examples;
  const sides = (["expected", "actual"] as const).map((name) =>
    example === undefined ? "" : visibleLine(sideInWords(kind, name, example)),
  );
  if (example === undefined || head.includes(sides.join(" → "))) return above === "" ? [] : [indent + above];
  const each = Math.max(8, Math.floor((room - above.length - 7) / 2));
  const [expected = "", actual = ""] = sides.map((side) => clipped(side, each));
  return [`${indent}${paint.blue(expected)} → ${paint.yellow(actual)}${above && `   ${above}`}`];
}

/** What was found and is not held against the run. */
function besideLines({ divergences, expectedGone = [] }: RunSummary, width: number): string[] {
  const noise = divergences.filter(isNoise).length;
  const known = divergences.filter((one) => !isCounted(one)).length - noise;
  const there = expectedGone.filter(({ met }) => met).length;
  const said = [
    ...(noise > 0 ? [`${plural(noise, "group")} of noise`] : []),
    ...(known > 0 ? [`${plural(known, "known divergence")}`] : []),
  ];
  const gone = `of ${plural(expectedGone.length, "divergence")} expected to be gone, ${there} still there`;
  return [
    ...(said.length > 0 ? wrapped(`beside ${said.join(", ")}, not held against the run`, width, indent) : []),
    ...(expectedGone.length > 0 ? wrapped(gone, width, indent) : []),
  ];
}

/** What beside the divergences a reader has to know, a row each; only what there is. */
export function exceptionFacts(summary: RunSummary): [name: string, text: string][] {
  const { blocked = [], stub, rules = [], latencyInvalid, chaos } = summary;
  const unsent = notSentOf(summary).map(({ reason, count }) => `${countInWords(count)} ${visibleLine(reason)}`);
  const facts: [name: string, text: string][] = [["Not sent", unsent.join(", ") || "none"]];
  const [first] = blocked;
  if (first !== undefined) {
    const total = blocked.reduce((sum, { count }) => sum + count, 0);
    const by = `${visibleLine(first.producerRoute)} (exchange ${first.producerExchange})`;
    facts.push(["Blocked", `${plural(total, "call")}, most by ${by}: its answer lacked what they need`]);
  }
  if (stub !== undefined)
    facts.push([
      "Stub",
      `${countInWords(stub.served)} answered from the tape, ${countInWords(stub.missed)} missing there`,
    ]);
  if (rules.length > 0) {
    const hid = rules.reduce((sum, rule) => sum + rule.hid, 0);
    const unused = rules.filter(({ unused }) => unused).length;
    facts.push([
      "Rules",
      `${countInWords(rules.length)} hid ${plural(hid, "Difference")}, ${countInWords(unused)} never met`,
    ]);
  }
  if (chaos !== undefined) facts.push(["Chaos", chaosInWords(chaos)]);
  if (latencyInvalid !== undefined) facts.push(["Latency", `not valid: ${visibleLine(latencyInvalid)}`]);
  return facts;
}

/** One row a lane: answers by class, and service times as `hey` tells them; with less of both where there is little room. */
export function laneLines(summary: RunSummary, width: number, paint: Paint): string[] {
  const title = paint.bold("Lanes, service time in ms");
  const lines = columnsToDrop.map((dropped) => laneTable(seriesOf(summary), dropped));
  return [title, ...(lines.find((table) => table.every((line) => columnsOf(line) <= width)) ?? lines.at(-1)!)];
}

const columnsToDrop: readonly (readonly string[])[] = [[], ["answers"], ["answers", "p90"], ["answers", "p90", "max"]];

function laneTable(series: readonly Series[], dropped: readonly string[]): string[] {
  const classes = ["1xx", "2xx", "3xx", "4xx", "5xx", "failed"].filter((name) =>
    series.some((one) => ofClass(one, name) > 0),
  );
  const columns = ["answers", ...classes, "p50", "p90", "p99", "max"].filter((name) => !dropped.includes(name));
  const rows = series.map((one) => [one.name, ...columns.map((column) => cellOf(one, column))]);
  return tableLines([["", ...columns], ...rows]);
}

function cellOf(one: Series, column: string): string {
  const { fromSent, statuses } = one;
  switch (column) {
    case "answers":
      return countInWords(fromSent.count);
    case "p50":
    case "p90":
    case "p99":
    case "max":
      return fromSent.count === 0 ? "-" : msDigits(fromSent[column]);
    default:
      return statuses === undefined ? "-" : countInWords(ofClass(one, column));
  }
}

function ofClass({ statuses = {} }: Series, name: string): number {
  const isIn = (status: string) => (/^[1-5]\d\d$/.test(status) ? `${status[0]}xx` === name : name === "failed");
  return Object.entries(statuses).reduce((sum, [status, count]) => sum + (isIn(status) ? count : 0), 0);
}

export function firstWarnings({ warnings }: RunSummary, width: number): string[] {
  const left = warnings.length - shownWarnings;
  return [
    ...warnings.slice(0, shownWarnings).map((warning) => clipped(`  ! ${visibleLine(warning)}`, width)),
    ...(left > 0 ? [`  ! and ${plural(left, "warning")} more: --full`] : []),
  ];
}
