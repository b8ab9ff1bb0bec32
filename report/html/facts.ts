import type { RunSummary } from "../../tape/index.js";
import { notSentOf } from "../not-sent.js";
import { countInWords, durationInWords, msInWords, percentInWords, plural } from "../numbers.js";
import { shortened } from "../visible.js";
import { changedFromBelow, isCounted } from "../words.js";
import { startedInWords } from "./banner.js";
import { type Html, html } from "./escape.js";

/** What the verdict rests on: the order certificate, what was not sent, what the tape lacks, how it was run. */
export function factSections(summary: RunSummary): Html {
  return html`<div class="facts">
<section id="order"><h2>Order and lateness</h2>${certificate(summary)}</section>
<section id="coverage"><h2>Coverage</h2>${coverage(summary)}</section>
${routesSection(summary)}
<section id="settings"><h2>How it was run</h2>${settings(summary)}</section>
</div>`;
}

function certificate({ order, latenessMs, latencyInvalid }: RunSummary): Html {
  const kept =
    order.required === 0
      ? "No order was required of this run."
      : order.violated === 0
        ? "Every call was sent only after the outcomes it had to wait for."
        : "Some calls were sent before an outcome they had to wait for.";
  return html`<p>${kept}</p>${list([
    ["Order", order.order],
    ["Edges required", countInWords(order.required)],
    ...edgesOf(order),
    ["Edges violated", countInWords(order.violated)],
    ["Starts inverted", countInWords(order.startInversions)],
    [
      "Lateness",
      `p50 ${msInWords(latenessMs.p50)}, p99 ${msInWords(latenessMs.p99)}, max ${msInWords(latenessMs.max)}`,
    ],
    ["Latency", latencyInvalid === undefined ? "valid" : "not valid"],
  ])}`;
}

/** What ties the calls of the required edges, where the order knows. */
function edgesOf({ edges }: RunSummary["order"]): [name: string, value: string][] {
  return Object.entries(edges ?? {}).map(([name, count]) => [`… by ${name}`, countInWords(count)]);
}

function coverage(summary: RunSummary): Html {
  const { steps, sent, tape } = summary;
  const unsent = notSentOf(summary);
  return html`<p>${countInWords(sent)} of ${plural(steps, "planned Step")} sent; the tape holds ${plural(tape.exchanges, "exchange")}.</p>
${
  unsent.length > 0 &&
  html`<table class="numbers"><thead><tr><th scope="col">not sent</th><th scope="col" class="text">why</th><th scope="col">calls</th></tr></thead><tbody>${unsent.map(
    ({ reason, why, count }) =>
      html`<tr><th scope="row">${reason}</th><td class="text">${why}</td><td>${countInWords(count)}</td></tr>`,
  )}</tbody></table>`
}
${list([
  [
    "Of the calls its recorders saw, the tape holds",
    tape.coverage === undefined ? "nobody counted" : percentInWords(tape.coverage),
  ],
  ["Dropped by recorders", countInWords(tape.dropped)],
  ["Truncated bodies", countInWords(tape.truncated)],
  ["Gaps", countInWords(tape.gaps)],
])}`;
}

const shownRoutes = 200;
/** A longer table stands below all others, and over the whole width. */
const mostBeside = 12;

function routesSection({ routes = [], divergences }: RunSummary): Html | undefined {
  if (routes.length === 0) return undefined;
  const counted = divergences.filter(isCounted);
  const begun = (hop: string, route: string) => counted.filter((one) => one.hop === hop && one.route === route).length;
  const fromBelow = changedFromBelow(divergences);
  const count = (found: number) => html`<td${found === 0 && html` class="zero"`}>${countInWords(found)}</td>`;
  const rows = routes.slice(0, shownRoutes).map(({ hop, route, compared }) => {
    return html`<tr><th scope="row"><span class="route">${shortened(route, 160)}</span> <span class="hop">${shortened(hop, 80)}</span></th><td>${countInWords(compared)}</td>${count(begun(hop, route))}${fromBelow.size > 0 && count(fromBelow.get(hop)?.get(route)?.length ?? 0)}</tr>`;
  });
  return html`<section id="routes"${routes.length > mostBeside && html` class="whole-row"`}><h2>Routes</h2><table class="numbers routes"><thead><tr><th scope="col">route</th><th scope="col">compared</th><th scope="col">divergences</th>${fromBelow.size > 0 && html`<th scope="col">from below</th>`}</tr></thead><tbody>${rows}</tbody></table>
${routes.length > shownRoutes && html`<p class="more">and ${countInWords(routes.length - shownRoutes)} more in <code>report.json</code></p>`}</section>`;
}

function settings(summary: RunSummary): Html {
  const { tape, settings, reference, lanes } = summary;
  return list([
    ["Tape", tape.paths.join(", ")],
    ["Selection", settings.selection],
    ["Order", settings.order],
    ["Pace", settings.pace],
    ...carriedIn(summary),
    ["Compared with", reference === "baseline" ? "the baseline lane" : "the recorded answers"],
    ...lanes.map((lane): [string, string] => [laneInWords(lane), lane.target]),
    ["Started", `${startedInWords(summary.startedAt)}, ran ${durationInWords(summary.durationMs)}`],
    ["Run", summary.run],
    ["tapeloop", summary.tapeloop],
  ]);
}

/** What followed the live session instead of the recorded one. */
function carriedIn({ carried }: RunSummary): [name: string, value: string][] {
  if (carried === undefined) return [];
  const { links, carried: replaced, provided } = carried;
  return [
    [
      "Carried",
      `${plural(links, "link")}, ${countInWords(replaced)} values of live answers, ${countInWords(provided)} provided`,
    ],
  ];
}

/** `candidate+faults (candidate, new, faults.yaml)`: its name, and what the name does not say. */
function laneInWords({ name, role, version, faults, repeat }: RunSummary["lanes"][number]): string {
  const beside = [name === role ? "" : role, version ?? "", faults ?? "", repeat ? "a second time" : ""].filter(
    Boolean,
  );
  return beside.length === 0 ? name : `${name} (${beside.join(", ")})`;
}

function list(entries: readonly (readonly [name: string, value: string])[]): Html {
  return html`<dl class="list">${entries.map(([name, value]) => html`<div><dt>${shortened(name, 80)}</dt><dd>${shortened(value, 1000)}</dd></div>`)}</dl>`;
}
