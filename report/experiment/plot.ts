import { type Html, html } from "../html/escape.js";
import { durationInWords } from "../numbers.js";
import { shortened } from "../visible.js";
import type { ExperimentSummary, ExperimentThreshold } from "./summary.js";
import { amountInWords, lastValue } from "./words.js";

/** Drawn in a box of 1000 × 100 that is stretched to its place: strokes keep their width, text stands beside. */
const width = 1000;
const height = 100;
const room = 8;

/** Each threshold's history under each other on one axis of time, with its bound, and what was changed when. */
export function plotsOf(summary: ExperimentSummary): Html | undefined {
  const { thresholds } = summary;
  if (thresholds.length === 0) return undefined;
  const endMs = Math.max(1, summary.durationMs);
  return html`<section id="thresholds"><h2>Thresholds</h2>
<ul class="legend plots-legend"><li class="is-on"><i class="swatch"></i>faults are on</li><li class="is-bound"><i class="swatch"></i>bound</li><li class="is-tripped"><i class="swatch"></i>tripped</li><li class="is-gap"><i class="swatch"></i>no reading</li></ul>
<div class="plots">${thresholds.map((one) => plotOf(one, summary, endMs))}
<div class="axis"><span></span><svg class="ticks" aria-hidden="true">${[0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<text x="${share * 100}%" y="14" text-anchor="${share === 0 ? "start" : share === 1 ? "end" : "middle"}">${durationInWords(endMs * share)}</text>`,
  )}</svg></div></div></section>`;
}

const standings: Readonly<Record<ExperimentThreshold["standing"], string>> = {
  well: "well",
  near: "well",
  tripped: "tripped",
  unknown: "unknown",
  unread: "not read",
};

function plotOf(threshold: ExperimentThreshold, summary: ExperimentSummary, endMs: number): Html {
  const { name, rule, standing, unit, why, history } = threshold;
  const last = lastValue(threshold);
  const label = `${name}: ${standings[standing]}${last === undefined ? "" : `, last ${amountInWords(last, unit)}`}`;
  return html`<figure class="plot ${standing}">
<figcaption><b>${name}</b><span class="standing">${standings[standing]}</span><span class="asks">${shortened(rule, 300)}</span>${why !== undefined && html`<span class="reason">${shortened(why, 300)}</span>`}</figcaption>
<div class="drawn"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">${faultsOn(summary, endMs)}${history.length > 0 && curveOf(threshold, endMs)}${marksOf(summary, endMs)}</svg>${scaleOf(threshold)}</div></figure>`;
}

/** From when the first fault came on to when the last one was off. */
function faultsOn({ changes }: ExperimentSummary, endMs: number): Html | undefined {
  const on = changes.find(({ kind }) => kind === "fault-on");
  if (on === undefined) return undefined;
  const off = changes.findLast(({ kind }) => kind === "fault-off");
  const [from, to] = [xOf(on.atMs, endMs), off === undefined ? width : xOf(off.atMs, endMs)];
  return html`<rect class="on" x="${from.toFixed(1)}" width="${Math.max(1, to - from).toFixed(1)}" y="0" height="${height}"><title>faults are on from ${durationInWords(on.atMs)}${off !== undefined && ` to ${durationInWords(off.atMs)}`}</title></rect>`;
}

function marksOf({ changes }: ExperimentSummary, endMs: number): Html[] {
  return changes
    .filter(({ kind }) => kind !== "sent")
    .map(({ atMs, kind, what }) => {
      const x = xOf(atMs, endMs).toFixed(1);
      return html`<line class="change ${kind}" x1="${x}" x2="${x}" y1="0" y2="${height}"><title>${durationInWords(atMs)}: ${shortened(what, 300)}</title></line>`;
    });
}

interface Range {
  low: number;
  high: number;
}

/** What was read and the bound, both in sight. */
function rangeOf({ history, bound }: ExperimentThreshold): Range {
  const values = history.flatMap(({ value }) => (value !== undefined && Number.isFinite(value) ? [value] : []));
  const all = bound === undefined ? values : [...values, bound];
  const low = Math.min(0, ...all);
  const high = Math.max(...all, low);
  return { low, high: high > low ? high : low + 1 };
}

function curveOf(threshold: ExperimentThreshold, endMs: number): Html {
  const range = rangeOf(threshold);
  const at = (value: number) => yOf(value, range).toFixed(1);
  const { bound } = threshold;
  return html`${bound !== undefined && html`<line class="bound" x1="0" x2="${width}" y1="${at(bound)}" y2="${at(bound)}"/>`}${stretchesOf(
    threshold,
  ).map((stretch) => {
    const points = stretch.map(({ atMs, value }) => `${xOf(atMs, endMs).toFixed(1)},${at(value)}`);
    const only = stretch.length === 1 ? ` h2` : "";
    return html`<path class="curve" d="M${points.join(" L")}${only}"/>`;
  })}${gapsOf(threshold).map((atMs) => {
    const x = xOf(atMs, endMs).toFixed(1);
    return html`<line class="gap" x1="${x}" x2="${x}" y1="${height - 12}" y2="${height}"/>`;
  })}`;
}

/** Readings without a gap between them; infinite ones are drawn at the edge. */
function stretchesOf({ history }: ExperimentThreshold): { atMs: number; value: number }[][] {
  const stretches: { atMs: number; value: number }[][] = [[]];
  for (const { atMs, value } of history) {
    if (value === undefined) stretches.push([]);
    else stretches.at(-1)!.push({ atMs, value });
  }
  return stretches.filter(({ length }) => length > 0);
}

function gapsOf({ history }: ExperimentThreshold): number[] {
  return history.flatMap(({ atMs, value }) => (value === undefined ? [atMs] : []));
}

function scaleOf(threshold: ExperimentThreshold): Html {
  const { unit, history } = threshold;
  if (history.length === 0) return html`<span class="scale"></span>`;
  const { low, high } = rangeOf(threshold);
  return html`<span class="scale"><span>${amountInWords(high, unit)}</span><span>${amountInWords(low, unit)}</span></span>`;
}

function xOf(atMs: number, endMs: number): number {
  return Math.min(1, Math.max(0, atMs / endMs)) * width;
}

function yOf(value: number, { low, high }: Range): number {
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return height - room - share * (height - 2 * room);
}
