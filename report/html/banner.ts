import type { RunSummary } from "../../tape/index.js";
import { notSentOf } from "../not-sent.js";
import { countInWords, durationInWords, msInWords, percentInWords, plural } from "../numbers.js";
import { shortened } from "../visible.js";
import { sentence, verdictSentence } from "../words.js";
import { type Html, html } from "./escape.js";
import { verdictMark } from "./icon.js";

/** The verdict in words with its reasons, and the handful of numbers it rests on. */
export function banner(summary: RunSummary): Html {
  const { word, why } = verdictSentence(summary);
  return html`<div class="verdict ${summary.verdict}" role="status"><span class="mark">${verdictMark(summary.verdict)}</span>
<div><h1>${word}</h1><p>${sentence(shortened(why, 1200))}</p></div></div>
${summary.warnings.length > 0 && html`<ul class="warnings" aria-label="warnings">${warningsShown(summary.warnings)}</ul>`}
<dl class="cards">${cardsOf(summary).map(
    ({ name, value, note, alarm }) =>
      html`<div${alarm && html` class="alarm"`}><dt>${name}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>`;
}

const shownWarnings = 20;

function warningsShown(warnings: readonly string[]): Html[] {
  const shown = warnings.slice(0, shownWarnings).map((warning) => html`<li>${shortened(warning, 500)}</li>`);
  const left = warnings.length - shown.length;
  return left > 0 ? [...shown, html`<li>and ${countInWords(left)} more in report.json</li>`] : shown;
}

interface Card {
  name: string;
  value: string;
  note: string;
  alarm: boolean;
}

function cardsOf(summary: RunSummary): Card[] {
  const { sent, steps, answered, compared, live, minLive, order, latenessMs, latencyInvalid } = summary;
  const unsent = notSentOf(summary).reduce((sum, { count }) => sum + count, 0);
  return [
    {
      name: "Sent",
      value: countInWords(sent),
      note: unsent === 0 ? `of ${plural(steps, "Step")}` : `${countInWords(unsent)} selected were not`,
      alarm: sent === 0 || unsent > 0,
    },
    {
      name: "Answered",
      value: countInWords(answered),
      note:
        sent === 0
          ? "nothing was sent"
          : answered === sent
            ? "all that were sent"
            : `${countInWords(sent - answered)} without an answer`,
      alarm: answered < sent,
    },
    {
      name: "Compared",
      value: countInWords(compared),
      note: comparedWith(summary),
      alarm: compared === 0,
    },
    { name: "Live", value: percentInWords(live), note: `${percentInWords(minLive)} needed`, alarm: live < minLive },
    {
      name: "Order",
      value: sent === 0 ? "–" : order.violated === 0 ? "kept" : `${countInWords(order.violated)} violated`,
      note: sent === 0 ? "nothing was sent" : `${plural(order.required, "edge")} required`,
      alarm: order.violated > 0,
    },
    {
      name: "Lateness p99",
      value: msInWords(latenessMs.p99),
      note:
        latencyInvalid === undefined
          ? `sent so late after due; max ${msInWords(latenessMs.max)}`
          : "latency is not valid",
      alarm: latencyInvalid !== undefined,
    },
  ];
}

function comparedWith({ reference, comparedByStatus }: RunSummary): string {
  if (comparedByStatus !== undefined) return `${countInWords(comparedByStatus)} by status alone`;
  return reference === "baseline" ? "with the baseline" : "with the recording";
}

/** Run id, when and how long, in one line above all. */
export function masthead(summary: RunSummary): Html {
  return html`<header><span class="brand">tapeloop</span><span class="run">run <code>${shortened(summary.run, 80)}</code></span><span class="when"><time>${startedInWords(summary.startedAt)}</time>, ${durationInWords(summary.durationMs)}</span></header>`;
}

/** `2025-03-04 10:15:00 UTC`; as it is when it is not an instant. */
export function startedInWords(startedAt: string): string {
  const atMs = Date.parse(startedAt);
  return Number.isNaN(atMs)
    ? shortened(startedAt, 40)
    : `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
