import type { Divergence, RunSummary } from "../../tape/index.js";
import { countInWords, plural } from "../numbers.js";
import { visibleLine } from "../visible.js";
import {
  changeInWords,
  headline,
  isCounted,
  isNoise,
  namesHops,
  nothingFound,
  placeInWords,
  sideInWords,
} from "../words.js";
import { clipped, wrapped } from "./columns.js";
import type { Paint } from "./paint.js";

/** A terminal is read from the top: beyond these a person opens the page. */
const shownDivergences = 20;
const shownBeside = 8;

/** The groups, those that count first, then noise in one line each. */
export function divergenceLines(summary: RunSummary, width: number, paint: Paint): string[] {
  const { divergences } = summary;
  const names = namesHops(divergences);
  const counted = divergences.filter(isCounted);
  const noise = divergences.filter(isNoise);
  const known = divergences.filter((divergence) => !isCounted(divergence) && !isNoise(divergence));
  const beside = (title: string, groups: readonly Divergence[]) =>
    groups.length > 0 ? besideLines(`${title} (${plural(groups.length, "group")}`, groups, names, width, paint) : [];
  return [
    ...(counted.length === 0 ? [paint.bold(nothingFound(summary))] : countedLines(counted, names, width, paint)),
    ...beside("Known", known),
    ...beside("Noise", noise),
  ];
}

function countedLines(counted: readonly Divergence[], names: boolean, width: number, paint: Paint): string[] {
  const lines = [paint.bold(plural(counted.length, "divergence"))];
  for (const divergence of counted.slice(0, shownDivergences))
    lines.push("", ...groupLines(divergence, names, width, paint));
  if (counted.length > shownDivergences) lines.push("", moreLine(counted.length - shownDivergences));
  return lines;
}

function groupLines(divergence: Divergence, names: boolean, width: number, paint: Paint): string[] {
  const [first = "", ...rest] = wrapped(headline(divergence, { namesHop: names }), width, numbered(divergence));
  const evidence = visibleLine(divergence.evidence);
  const reach = divergence.blast === undefined ? "" : `, ${divergence.blast}`;
  const why = `${attributionInWords(divergence)}, ${divergence.severity}${reach}${evidence ? `: ${evidence}` : ""}`;
  return [
    paint.bold(first),
    ...rest.map(paint.bold),
    ...wrapped(why, width, indent).map(paint.dim),
    ...divergence.surfaced.flatMap((place) => surfacedLines(place, width)),
    ...exampleLines(divergence, width, paint),
  ];
}

function surfacedLines(surfaced: Divergence["surfaced"][number], width: number): string[] {
  const { hop, route, place, kind, count } = surfaced;
  const change = changeInWords({ kind, examples: [] });
  const text = `${visibleLine(route)} at ${visibleLine(hop)}: ${placeInWords(place)} ${change}, ${countInWords(count)}`;
  return wrapped(text, width, `${indent}surfaced  `);
}

function exampleLines(divergence: Divergence, width: number, paint: Paint): string[] {
  const example = divergence.examples[0];
  if (example === undefined) return [];
  const side = (name: "expected" | "actual") =>
    clipped(visibleLine(sideInWords(divergence.kind, name, example)), Math.max(16, width - 16));
  return [`${indent}expected  ${paint.blue(side("expected"))}`, `${indent}actual    ${paint.yellow(side("actual"))}`];
}

function besideLines(
  title: string,
  groups: readonly Divergence[],
  names: boolean,
  width: number,
  paint: Paint,
): string[] {
  const lines = ["", paint.bold(`${title}, not held against the run)`)];
  for (const divergence of groups.slice(0, shownBeside)) {
    const unproven = divergence.attribution === "unproven-noise" ? " (unproven)" : "";
    lines.push(...wrapped(headline(divergence, { namesHop: names }) + unproven, width, numbered(divergence)));
  }
  if (groups.length > shownBeside) lines.push(moreLine(groups.length - shownBeside));
  return lines;
}

function attributionInWords({ attribution }: Divergence): string {
  return attribution.replace("-", " ");
}

const indent = " ".repeat(6);

function numbered(divergence: Divergence): string {
  return `${String(divergence.number).padStart(4)}  `;
}

function moreLine(count: number): string {
  return `${indent}and ${countInWords(count)} more in report.json`;
}
