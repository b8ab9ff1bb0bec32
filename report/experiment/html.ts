import { startedInWords } from "../html/banner.js";
import { documentAround } from "../html/document.js";
import { type Html, html } from "../html/escape.js";
import { favicon, verdictMark } from "../html/icon.js";
import { countInWords, durationInWords, msInWords, plural } from "../numbers.js";
import { shortened } from "../visible.js";
import { changeInWords, isNoise, placeInWords } from "../words.js";
import { plotsOf } from "./plot.js";
import { experimentStyle } from "./style.js";
import type { ExperimentReplay, ExperimentSummary } from "./summary.js";
import { firedInWords, putBackInWords } from "./words.js";

const verdicts = { Passed: "passed", Failed: "diverged", Inconclusive: "inconclusive" } as const;
const shownDivergences = 50;
const shownWarnings = 20;

/** A finished experiment as one HTML page that needs nothing beside it: what was measured as plots, with what was changed when. */
export function renderExperimentHtml(summary: ExperimentSummary): string {
  const { experiment, conclusion, why, startedAt, durationMs } = summary;
  const verdict = verdicts[conclusion];
  const page = html`<div class="page">
<header><span class="brand">tapeloop</span><span>experiment ${shortened(experiment, 120)}</span><span class="when">${startedInWords(startedAt)}, ${durationInWords(durationMs)}</span></header>
<main>
<div class="verdict ${verdict}" role="status"><span class="mark">${verdictMark(verdict)}</span>
<div><h1>${conclusion}</h1><p>${reasonsOf(summary)}</p></div></div>
${why !== undefined && html`<p class="why">${shortened(why, 600)}</p>`}
${summary.warnings.length > 0 && html`<ul class="warnings" aria-label="warnings">${summary.warnings.slice(0, shownWarnings).map((one) => html`<li>${shortened(one, 500)}</li>`)}</ul>`}
${statesOf(summary)}
${plotsOf(summary)}
${happenedSection(summary)}
${putBackSection(summary)}
${summary.replay !== undefined && replaySection(summary.replay)}
${settingsSection(summary)}
</main></div>`;
  return documentAround(page, {
    title: `${conclusion}: experiment ${experiment}`,
    icon: favicon(verdict),
    style: experimentStyle,
  });
}

function reasonsOf({ conclusion, reasons }: ExperimentSummary): string {
  if (reasons.length > 0) return shortened(reasons.join("; "), 1200);
  return conclusion === "Passed" ? "No threshold tripped, and all of them could be read." : "";
}

function statesOf({ states, durationMs }: ExperimentSummary): Html {
  return html`<ol class="states" aria-label="states">${states.map(({ state, atMs }, at) => {
    const lastedMs = (states[at + 1]?.atMs ?? durationMs) - atMs;
    return html`<li class="${state.toLowerCase()}"><b>${state === "PutBack" ? "Put back" : state}</b><span>at ${durationInWords(atMs)}${at < states.length - 1 && `, for ${durationInWords(lastedMs)}`}</span></li>`;
  })}</ol>`;
}

function happenedSection({ changes }: ExperimentSummary): Html | undefined {
  if (changes.length === 0) return undefined;
  return html`<section id="happened"><h2>What happened</h2><ol class="happened">${changes.map(
    ({ atMs, kind, what }) =>
      html`<li class="${kind}"><time>${durationInWords(atMs)}</time><span>${shortened(what, 600)}</span></li>`,
  )}</ol></section>`;
}

function putBackSection({ putBack }: ExperimentSummary): Html {
  const rows = putBack.map(
    (proof) =>
      html`<tr class="${proof.outcome}"><th scope="row"><code>${shortened(proof.object, 200)}</code></th><td class="text">${proof.fault}</td><td class="text">${putBackInWords(proof)}</td></tr>`,
  );
  return html`<section id="put-back"><h2>Put back</h2>${
    rows.length === 0
      ? html`<p class="nothing">Nothing was changed in a cluster.</p>`
      : html`<table class="numbers"><thead><tr><th scope="col">object</th><th scope="col" class="text">fault</th><th scope="col" class="text">how it was left</th></tr></thead><tbody>${rows}</tbody></table>`
  }</section>`;
}

function replaySection(replay: ExperimentReplay): Html {
  const { sent, steps, answered, compared, lanes, divergences } = replay;
  const found = divergences.filter((one) => !isNoise(one));
  return html`<section id="replay"><h2>Replay</h2>
<p>${countInWords(sent)} of ${plural(steps, "Step")} sent, ${countInWords(answered)} answered, ${countInWords(compared)} compared; ${replay.verdict}: ${shortened(replay.reasons.join("; "), 600)}</p>
<div class="wide"><table class="numbers"><thead><tr><th scope="col">lane</th><th scope="col">sent</th><th scope="col">answered</th><th scope="col">p50</th><th scope="col">p99</th><th scope="col" class="text">answers</th></tr></thead><tbody>${lanes.map(
    (lane) =>
      html`<tr><th scope="row">${lane.name}</th><td>${countInWords(lane.sent)}</td><td>${countInWords(lane.answered)}</td>${[lane.fromSent.p50, lane.fromSent.p99].map((ms) => html`<td>${lane.fromSent.count === 0 ? "–" : msInWords(ms)}</td>`)}<td class="text">${Object.entries(
        lane.statuses,
      )
        .map(([status, count]) => `${countInWords(count)} × ${status}`)
        .join(", ")}</td></tr>`,
  )}</tbody></table></div>
${found.length > 0 && divergencesTable(found)}</section>`;
}

function divergencesTable(found: ExperimentReplay["divergences"]): Html {
  const rows = found
    .slice(0, shownDivergences)
    .map(
      (one) =>
        html`<tr><td class="text"><span class="badge ${one.attribution}">${one.attribution}</span></td><td class="text">${one.hop}</td><th scope="row" class="text"><span class="route">${shortened(one.route, 160)}</span> ${placeInWords(one.place)} ${shortened(changeInWords(one), 200)}</th><td class="text">${one.blast ?? ""}</td><td>${countInWords(one.count)} of ${countInWords(one.of)}</td></tr>`,
    );
  const left = found.length - rows.length;
  return html`<div class="wide found"><table class="numbers"><thead><tr><th scope="col" class="text">due to</th><th scope="col" class="text">first hop</th><th scope="col" class="text">what</th><th scope="col" class="text">reached</th><th scope="col">Steps</th></tr></thead><tbody>${rows}</tbody></table></div>${left > 0 && html`<p class="more">and ${countInWords(left)} more in the JSON</p>`}`;
}

function settingsSection({ faults, replay, run, tapeloop }: ExperimentSummary): Html {
  const entries: [string, string][] = [
    ...faults.map((fault): [string, string] => [
      `Fault ${fault.name}`,
      [fault.what, firedInWords(fault)].filter(Boolean).join("; "),
    ]),
    ...(replay?.lanes ?? []).map(({ name, target }): [string, string] => [`Lane ${name}`, target]),
    ["Run", run],
    ["tapeloop", tapeloop],
  ];
  return html`<section id="settings"><h2>How it was run</h2><dl class="list">${entries.map(([name, value]) => html`<div><dt>${shortened(name, 80)}</dt><dd>${shortened(value, 1000)}</dd></div>`)}</dl></section>`;
}
