import { createHash } from "node:crypto";
import type { RunReader, RunSummary } from "../tape/index.js";
import { banner, masthead } from "./html/banner.js";
import { divergenceSections } from "./html/divergences.js";
import { escapeHtml, type Html, html } from "./html/escape.js";
import { factSections } from "./html/facts.js";
import { favicon } from "./html/icon.js";
import { latencySection } from "./html/latency.js";
import { pageScript } from "./html/script.js";
import { pageStyle } from "./html/style.js";
import { timelineSection } from "./html/timeline.js";
import { seriesOf, statusesOf } from "./series.js";
import { shortened } from "./visible.js";
import { isNoise, verdictSentence } from "./words.js";

/**
 * A run as one HTML page that needs nothing beside it: no network, no other file. Examples are read from the run file.
 * At most 500 groups of three examples, under 10 MB whatever the run holds; the rest is in `report.json`.
 */
export function renderHtml(summary: RunSummary, run: RunReader): string {
  const page = html`<div class="page">
${masthead(summary)}
<main>
${banner(summary)}
${contents(summary)}
${divergenceSections(summary, run)}
${latencySection(seriesOf(summary))}
${timelineSection(summary)}
${factSections(summary)}
</main></div>`;
  return documentAround(page, `${verdictSentence(summary).word}: run ${summary.run}`, favicon(summary.verdict));
}

function contents(summary: RunSummary): Html {
  const { divergences, timeline } = summary;
  const entries = [
    ["divergences", "Divergences"],
    ...(divergences.some(isNoise) ? [["noise", "Noise"]] : []),
    ["latency", "Latency"],
    ...(statusesOf(seriesOf(summary)).length > 0 ? [["statuses", "Statuses"]] : []),
    ...(timeline.length > 0 ? [["timeline", "Timeline"]] : []),
    ["order", "Order"],
    ["coverage", "Coverage"],
    ...(summary.routes?.length ? [["routes", "Routes"]] : []),
    ["settings", "How it was run"],
  ];
  return html`<nav aria-label="contents"><ul>${entries.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>`;
}

/** The policy lets run only the script and style that we wrote, by hash, and forbids every fetch. */
function documentAround(page: Html, title: string, icon: string): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(pageScript)}'`,
    `style-src '${hashOf(pageStyle)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tapeloop">
<title>${escapeHtml(shortened(title, 120))}</title>
<link rel="icon" href="${icon}">
<style>${pageStyle}</style>
</head>
<body>
${page.markup}
<script>${pageScript}</script>
</body>
</html>
`;
}

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
