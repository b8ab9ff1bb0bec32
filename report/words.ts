import type { Divergence, DivergenceExample, RunSummary } from "../tape/index.js";
import { countInWords } from "./numbers.js";
import { shortened, shortenedInside, visibleLine } from "./visible.js";

/** Noise, measured or unproven, is reported and fails nothing. */
export function isNoise(divergence: Pick<Divergence, "attribution">): boolean {
  return divergence.attribution === "noise" || divergence.attribution === "unproven-noise";
}

/** Held against the run: neither noise nor known before it. */
export function isCounted(divergence: Pick<Divergence, "attribution" | "known">): boolean {
  return !isNoise(divergence) && divergence.known !== true;
}

/** `/reviews/{id}: /stars number → missing, 142 of 142, since exchange 17`, led by the route's method. */
export function headline(divergence: Divergence, options: { namesHop: boolean }): string {
  const { hop, route, place, count, of, sinceExchange } = divergence;
  const where = options.namesHop ? `${visibleLine(route)} at ${visibleLine(hop)}` : visibleLine(route);
  const often = `${countInWords(count)} of ${countInWords(of)}`;
  return `${where}: ${placeInWords(place)} ${changeInWords(divergence)}, ${often}, since exchange ${sinceExchange}`;
}

/** What stands where divergences would. */
export function nothingFound({ compared }: Pick<RunSummary, "compared">): string {
  return compared === 0 ? "Nothing was compared" : "No divergences";
}

/** Hops are named as soon as the run speaks of more than one. */
export function namesHops(divergences: readonly Divergence[]): boolean {
  const hops = divergences.flatMap((divergence) => [divergence.hop, ...divergence.surfaced.map((s) => s.hop)]);
  return new Set(hops).size > 1;
}

/** Of a pointer: that of a value very deep down is longer than anybody reads. */
const mostPlaceChars = 400;
/** A reason may name a place. */
const mostReasonChars = 1000;

/** A place as people read it: `body:/stars` → `/stars`, `header:etag` → `header etag`, `request:body:/a` → `request /a`. */
export function placeInWords(place: string): string {
  if (place.startsWith("request:")) return `request ${placeInWords(place.slice("request:".length))}`;
  if (place.startsWith("body:/")) return visibleLine(shortenedInside(place.slice("body:".length), mostPlaceChars));
  if (place === "body:") return "body";
  if (place === "hop") return "call";
  return visibleLine(place.replace(/^(header|trailer|query):/, "$1 "));
}

/** What became of the place: `number → missing`, `200 → 500`, `changed, e.g. 5 → 4`. */
export function changeInWords({ kind, examples, breaks }: Pick<Divergence, "kind" | "examples" | "breaks">): string {
  switch (kind) {
    case "missing-field":
      return `${typesOf(examples.map((example) => example.expected))} → missing`;
    case "added-field":
      return `missing → ${typesOf(examples.map((example) => example.actual))}`;
    case "missing-header":
    case "missing-trailer":
      return "present → missing";
    case "added-header":
    case "added-trailer":
      return "missing → present";
    case "changed-type":
      return `${typesOf(examples.map((example) => example.expected))} → ${typesOf(examples.map((example) => example.actual))}`;
    case "changed-value":
    case "changed-header":
    case "changed-trailer":
      return [`changed${breakInWords(breaks)}`, forInstance(examples)].filter(Boolean).join(", e.g. ");
    case "changed-text":
      return `text changed${breakInWords(breaks)}`;
    case "missing-text":
      return "line → missing";
    case "added-text":
      return "missing → line";
    case "missing-element":
      return `${typesOf(examples.map((example) => example.expected))} → missing`;
    case "added-element":
      return `missing → ${typesOf(examples.map((example) => example.actual))}`;
    case "changed-order":
      return "order changed";
    case "changed-bytes":
      return "bytes changed";
    case "missing-call":
      return "made → missing";
    case "added-call":
      return "missing → made";
    case "array-length":
      return `length ${bothSides(examples)}`;
    case "body-format":
      return `format ${bothSides(examples)}`;
    case "content-encoding":
      return bothSides(examples);
    case "duplicate-key":
      return "key repeated";
    case "failure":
      // The status that the other side has stands there as "status 200".
      return bothSides(examples).replaceAll("status ", "");
    case "answer-end":
      return `end ${bothSides(examples)}`;
    case "slower":
      return `took longer: ${bothSides(examples)}`;
    case "status":
      return bothSides(examples);
  }
}

/** What tells a group from another one of its place and kind. */
function breakInWords(breaks: Divergence["breaks"]): string {
  switch (breaks) {
    case undefined:
      return "";
    case "class":
      return " to another class";
    case "shift":
      return " by whole quarter-hours";
  }
}

/** How far it reached, as a clause; undefined where it is not known. */
export function blastInWords({ blast, surfaced }: Pick<Divergence, "blast" | "surfaced">): string | undefined {
  switch (blast) {
    case "contained":
      return surfaced.length === 0
        ? "contained: the entry answered as before"
        : "contained: the calls above kept their status, though their answers changed";
    case "degraded":
      return "degraded: callers were changed, the entry kept its status";
    case "propagated":
      return "propagated: the entry itself failed or changed its status";
    default:
      return undefined;
  }
}

/** By hop and route: the divergences held against the run that began below and changed it. */
export function changedFromBelow(divergences: readonly Divergence[]): Map<string, Map<string, Divergence[]>> {
  const changed = new Map<string, Map<string, Divergence[]>>();
  for (const divergence of divergences.filter(isCounted)) {
    for (const { hop, route } of divergence.surfaced) {
      const ofHop = changed.get(hop) ?? new Map<string, Divergence[]>();
      const known = ofHop.get(route) ?? [];
      if (!known.includes(divergence)) known.push(divergence);
      changed.set(hop, ofHop.set(route, known));
    }
  }
  return changed;
}

/** One side of an example as it is shown. The side on which nothing was is `missing`. */
export function sideInWords(kind: Divergence["kind"], side: "expected" | "actual", example: DivergenceExample): string {
  const absent = side === "actual" ? /^missing-/ : /^added-/;
  return absent.test(kind) ? "missing" : example[side];
}

/** The verdict in one sentence: the word, then why. */
export function verdictSentence(summary: RunSummary): { word: string; why: string } {
  const inWords = (reason: string) => visibleLine(shortenedInside(reason, mostReasonChars)).replace(/\.$/, "");
  const reasons = summary.reasons.map(inWords).join("; ");
  return { word: verdictWords[summary.verdict], why: reasons || defaultReason(summary) };
}

const verdictWords = { passed: "Passed", diverged: "Diverged", inconclusive: "Inconclusive" } as const;

function defaultReason(summary: RunSummary): string {
  const compared = `${countInWords(summary.compared)} compared answers`;
  const reference = summary.reference === "baseline" ? "the baseline" : "the recording";
  switch (summary.verdict) {
    case "passed":
      return `${compared} agree with ${reference}`;
    case "diverged":
      return `${countInWords(summary.divergences.filter(isCounted).length)} groups of differences from ${reference}`;
    case "inconclusive":
      return "it cannot be known whether the versions agree";
  }
}

/** A clause as a sentence: a capital first, a full stop last. Nothing stays nothing. */
export function sentence(text: string): string {
  if (text === "") return "";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;
}

/** `200 → 500`; with several values on a side, `200 → 500 or 503`. */
function bothSides(examples: readonly DivergenceExample[]): string {
  const side = (name: "expected" | "actual") =>
    [...new Set(examples.map((example) => shortened(visibleLine(example[name]), 32)))].join(" or ");
  return examples.length === 0 ? "changed" : `${side("expected")} → ${side("actual")}`;
}

function forInstance(examples: readonly DivergenceExample[]): string | undefined {
  const first = examples[0];
  if (first === undefined || first.expected.length + first.actual.length > 60) return undefined;
  return `${visibleLine(first.expected)} → ${visibleLine(first.actual)}`;
}

function typesOf(lexemes: readonly string[]): string {
  return [...new Set(lexemes.map(typeOf))].join(" or ") || "present";
}

/** What examples hold is JSON as it was written, perhaps cut, or led by its type (`number 5`). */
function typeOf(value: string): string {
  const named = /^(string|number|boolean|null|object|array)\b/.exec(value);
  if (named !== null) return named[0];
  switch (value.trimStart().charAt(0)) {
    case '"':
      return "string";
    case "{":
      return "object";
    case "[":
      return "array";
    case "t":
    case "f":
      return "boolean";
    default:
      return /^\s*-?\d/.test(value) ? "number" : "present";
  }
}
