import type { LatencySummary } from "../../tape/index.js";
import { type Bar, sharedBars } from "../histogram.js";
import { countInWords, msDigits } from "../numbers.js";
import { type Series, statusesOf } from "../series.js";
import { shortened } from "../visible.js";
import { type Html, html } from "./escape.js";

const bars = 48;

/** Latency of the recording and of each lane under each other on one axis, the numbers, and the statuses. */
export function latencySection(series: readonly Series[], invalid?: string): Html {
  const sent = series.map((one) => ({ ...one, latency: one.fromSent }));
  const due = series.flatMap((one) => (one.fromDue ? [{ ...one, latency: one.fromDue }] : []));
  return html`<section id="latency"><h2>Latency</h2>
${invalid !== undefined && html`<p class="invalid"><b>Not valid:</b> ${shortened(invalid, 400)}. What was found in the answers stands all the same.</p>`}
<div class="choice"><input type="radio" name="clock" id="from-sent" checked><label for="from-sent">from sent: service time</label>
<input type="radio" name="clock" id="from-due"><label for="from-due">from due: what a user would have felt</label>
<div class="view view-sent">${chart(sent)}${percentiles(sent)}</div>
<div class="view view-due">${chart(due)}${percentiles(due)}</div></div>
</section>
${statusSection(series)}`;
}

interface Shown extends Pick<Series, "name" | "role" | "ordinal" | "against"> {
  latency: LatencySummary;
}

/** Colour by role, shade by which of its role it is. */
function toneOf({ role, ordinal }: Pick<Series, "role" | "ordinal">): string {
  return `${role} n${((ordinal - 1) % 4) + 1}`;
}

function chart(shown: readonly Shown[]): Html | undefined {
  const drawn = sharedBars(
    shown.map(({ latency }) => latency),
    bars,
  );
  if (drawn.length === 0) return html`<p class="nothing">No answer, so no latency.</p>`;
  const scale = logScale(drawn[0]!.fromMs, drawn.at(-1)!.toMs);
  return html`<div class="chart">${shown.map((one, which) => row(one, which, drawn, scale))}
<div class="axis"><span>ms, log scale</span><svg class="ticks" aria-hidden="true">${scale.ticks.map(
    (ms) =>
      html`<text x="${scale.at(ms)}%" y="14" text-anchor="${anchor(Number(scale.at(ms)))}">${msDigits(ms).replace(/\.0+$|(\.\d*?)0+$/, "$1")}</text>`,
  )}</svg></div></div>`;
}

function row(one: Shown, which: number, drawn: readonly Bar[], scale: Scale): Html {
  const { name, latency } = one;
  const highest = Math.max(1, ...drawn.map((bar) => bar.counts[which]!));
  const width = 100 / drawn.length;
  const rects = drawn.map((bar, at) => {
    const count = bar.counts[which]!;
    if (count === 0) return undefined;
    const height = Math.max(2, (count / highest) * 78);
    return html`<rect x="${(at * width).toFixed(3)}%" y="${(100 - height).toFixed(2)}%" width="${width.toFixed(3)}%" height="${height.toFixed(2)}%"><title>${msDigits(bar.fromMs)} to ${msDigits(bar.toMs)} ms: ${countInWords(count)}</title></rect>`;
  });
  const label = `${name}: half of ${countInWords(latency.count)} answers within ${msDigits(latency.p50)} ms, 99% within ${msDigits(latency.p99)} ms`;
  return html`<div class="lane ${toneOf(one)}"><span class="name"><b>${name}</b><span>${countInWords(latency.count)}</span></span>
<svg class="histogram" role="img" aria-label="${label}">${scale.ticks.map((ms) => html`<line class="grid" x1="${scale.at(ms)}%" x2="${scale.at(ms)}%" y1="0" y2="100%"/>`)}${rects}${latency.count > 0 && [mark("p50", latency.p50, scale), mark("p99", latency.p99, scale)]}</svg></div>`;
}

function mark(name: string, ms: number, scale: Scale): Html {
  const x = Number(scale.at(ms));
  const side = name === "p50" && x > 12 ? "end" : x > 88 ? "end" : "start";
  return html`<line class="mark ${name}" x1="${x}%" x2="${x}%" y1="0" y2="100%"/><text class="mark" x="${x}%" y="11" dx="${side === "end" ? -5 : 5}" text-anchor="${side}">${name} ${msDigits(ms)}</text>`;
}

interface Scale {
  /** Percent from the left, as text. */
  at(ms: number): string;
  ticks: readonly number[];
}

function logScale(low: number, high: number): Scale {
  const span = Math.log(high / low);
  const at = (ms: number) => (Math.min(1, Math.max(0, Math.log(Math.max(ms, low) / low) / span)) * 100).toFixed(2);
  const decades = Array.from({ length: 12 }, (_, index) => 10 ** (index - 4));
  const within = (rungs: readonly number[]) =>
    decades.flatMap((decade) => rungs.map((rung) => rung * decade)).filter((ms) => ms >= low * 0.999 && ms <= high);
  const choices = [within([1, 2, 5]), within([1, 3]), within([1])];
  return { at, ticks: choices.find((ticks) => ticks.length <= 7) ?? within([1]).filter((_, index) => index % 2 === 0) };
}

function anchor(percent: number): "start" | "middle" | "end" {
  return percent < 4 ? "start" : percent > 96 ? "end" : "middle";
}

const columns = ["min", "mean", "p50", "p90", "p99", "p999", "max"] as const;

function percentiles(shown: readonly Shown[]): Html {
  const referenceOf = ({ role, against }: Shown) =>
    role === "candidate" ? shown.find(({ name }) => name === against) : undefined;
  const heads = columns.map((column) => html`<th scope="col">${column === "p999" ? "p99.9" : column}</th>`);
  return html`<div class="wide"><table class="numbers"><thead><tr><th scope="col">ms</th><th scope="col">count</th>${heads}</tr></thead>
<tbody>${shown.map((one) => [percentileRow(one), factorRow(one, referenceOf(one))])}</tbody></table></div>`;
}

function percentileRow(one: Shown): Html {
  const { name, latency } = one;
  const cells = columns.map((column) => html`<td>${latency.count > 0 ? msDigits(latency[column]) : "–"}</td>`);
  return html`<tr class="${toneOf(one)}"><th scope="row"><i class="swatch"></i>${name}</th><td>${countInWords(latency.count)}</td>${cells}</tr>`;
}

/** How many times the reference each number is; coloured beyond a tenth. */
function factorRow({ name, latency }: Shown, reference: Shown | undefined): Html | undefined {
  if (reference === undefined || latency.count === 0 || reference.latency.count === 0) return undefined;
  const cells = columns.map((column) => {
    const ratio = latency[column] / reference.latency[column];
    if (!Number.isFinite(ratio)) return html`<td>–</td>`;
    const tone = ratio > 1.1 ? "slower" : ratio < 0.9 ? "faster" : "alike-times";
    return html`<td class="${tone}">× ${ratio >= 10 ? countInWords(ratio) : ratio.toFixed(2)}</td>`;
  });
  return html`<tr class="factors"><th scope="row">${name} ÷ ${reference.name}</th><td></td>${cells}</tr>`;
}

/** There are some sixty statuses and a few failures; more than that is no HTTP any more. */
const shownStatuses = 80;

function statusSection(series: readonly Series[]): Html | undefined {
  const known = series.filter(({ statuses }) => statuses !== undefined);
  const rows = statusesOf(known).slice(0, shownStatuses);
  if (rows.length === 0) return undefined;
  const most = Math.max(1, ...known.flatMap(({ statuses }) => Object.values(statuses ?? {})));
  return html`<section id="statuses"><h2>Statuses</h2><div class="wide"><table class="numbers statuses"><thead><tr><th scope="col">answer</th>${known.map((one) => html`<th scope="col" class="${toneOf(one)}"><i class="swatch"></i>${one.name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (status) =>
      html`<tr><th scope="row">${shortened(status, 40)}</th>${known.map((one) => html`<td class="${toneOf(one)}">${amount(one.statuses?.[status] ?? 0, most)}</td>`)}</tr>`,
  )}</tbody></table></div></section>`;
}

function amount(count: number, most: number): Html {
  const percent = count === 0 ? 0 : Math.max(0.5, (count / most) * 100);
  return html`<span class="amount"><span${count === 0 && html` class="zero"`}>${countInWords(count)}</span><svg class="share" aria-hidden="true"><rect class="all" width="100%" height="100%"/><rect class="part" width="${percent.toFixed(1)}%" height="100%"/></svg></span>`;
}
