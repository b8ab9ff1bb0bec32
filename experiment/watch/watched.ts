import { parseDuration } from "../../base/index.js";
import { type Comparison, parseComparison } from "../file/comparison.js";
import { streamMeasures, type ThresholdSource, type ThresholdSpec } from "../file/schema.js";
import type { Reading, Standing } from "../threshold/reading.js";
import { StreamMeter } from "../threshold/stream.js";
import { Tracker } from "../threshold/tracker.js";

/** A threshold at work. */
export interface Watched {
  spec: ThresholdSpec;
  source: ThresholdSource;
  tracker: Tracker;
  /** Absent of a webhook. */
  comparison?: Comparison;
  /** Of our own stream alone. */
  meter?: StreamMeter;
}

/** Where nothing is said, thresholds of our own stream look at these. */
export interface WatchedLanes {
  /** Of the new version: under faults where there are such, else all. */
  candidates: readonly string[];
}

/** Sets up a threshold, with nothing read yet. */
export function watchedOf(spec: ThresholdSpec, { candidates }: WatchedLanes): Watched {
  const tracker = new Tracker({ forMs: msOf(spec.for, 0), unknownForMs: msOf(spec.unknownFor, 0) });
  const source = sourceOf(spec);
  const comparison = spec.trips === undefined ? undefined : parseComparison(spec.trips)!;
  const watched: Watched = { spec, source, tracker, ...(comparison === undefined ? {} : { comparison }) };
  if (spec.stream === undefined || comparison === undefined) return watched;
  const lanes = spec.lanes ?? candidates;
  const meter = new StreamMeter({ measure: spec.stream, windowMs: msOf(spec.in, 60_000), comparison, lanes });
  return { ...watched, meter };
}

function sourceOf({ prometheus, webhook, stream }: ThresholdSpec): ThresholdSource {
  if (prometheus !== undefined) return "prometheus";
  if (webhook !== undefined) return "webhook";
  return stream !== undefined ? "stream" : "divergences";
}

function msOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : parseDuration(text)!;
}

/** `failed > 10 in 1m`: what a threshold asks, as a person says it. */
export function ruleInWords({
  prometheus,
  webhook,
  stream,
  divergences,
  trips = "",
  for: forTime,
  ...spec
}: ThresholdSpec): string {
  const lasting = forTime === undefined ? "" : ` for ${forTime}`;
  if (prometheus !== undefined) return `${prometheus} ${trips}${lasting}`;
  if (webhook !== undefined) return `webhook ${new URL(webhook).origin} says no${lasting}`;
  if (stream !== undefined) return `${streamMeasures[stream].what} ${trips} in ${spec.in ?? "1m"}${lasting}`;
  const choice = Object.values(divergences ?? {})
    .map((list) => list?.join(" or ") ?? "")
    .join(", ");
  return `divergences${choice === "" ? "" : ` (${choice})`} ${trips}`;
}

/** What a reading says against a threshold. */
export function readingInWords(threshold: Watched, reading: Reading): string {
  return reading.kind === "value" ? valueInWords(threshold, reading) : reading.why;
}

/** How a threshold stands, as a reason. */
export function standingInWords(threshold: Watched, standing: Standing): string {
  switch (standing.kind) {
    case "tripped":
      return valueInWords(threshold, standing);
    case "unknown":
    case "unread":
      return standing.why;
    case "well":
    case "near":
      return "well";
  }
}

/** `17 (> 10), candidate`; of a webhook the reason that it gave. */
function valueInWords({ source, comparison }: Watched, { value, of }: { value: number; of?: string }): string {
  if (comparison === undefined || source === "webhook") return of ?? "the webhook says no";
  const shown = amountInWords(value, comparison.unit);
  return `${shown} (${comparison.text})${of === undefined ? "" : `, ${of}`}`;
}

export function amountInWords(value: number, unit: Comparison["unit"]): string {
  switch (unit) {
    case "%":
      return `${trimmed(value * 100)}%`;
    case "ms":
      return `${trimmed(value)}ms`;
    case "/s":
      return `${trimmed(value)}/s`;
    case "":
      return trimmed(value);
  }
}

function trimmed(value: number): string {
  return Number.isInteger(value) || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(4)));
}
