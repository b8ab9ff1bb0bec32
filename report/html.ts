import type { RunReader, RunSummary } from "../tape/index.js";
import { banner, masthead } from "./html/banner.js";
import { blockedSection } from "./html/blocked.js";
import { chaosSection } from "./html/chaos.js";
import { divergenceSections } from "./html/divergences.js";
import { documentAround } from "./html/document.js";
import { type Html, html } from "./html/escape.js";
import { factSections } from "./html/facts.js";
import { favicon } from "./html/icon.js";
import { latencySection } from "./html/latency.js";
import { rulesSections } from "./html/rules.js";
import { stubSection } from "./html/stub.js";
import { timelineSection } from "./html/timeline.js";
import { seriesOf, statusesOf } from "./series.js";
import { isCounted, isNoise, verdictSentence } from "./words.js";

/** How a page is made beside the plain one. */
export interface HtmlOptions {
  /** Address under which all divergent exchanges are listed, where the page is served; absent on a page from disk. */
  exchanges?: string;
}

/**
 * A run as one HTML page that needs nothing beside it: no network, no other file. Examples are read from the run file.
 * At most 500 groups of three examples, under 10 MB whatever the run holds; the rest is in `report.json`.
 */
export function renderHtml(summary: RunSummary, run: RunReader, options: HtmlOptions = {}): string {
  const page = html`<div class="page">
${masthead(summary)}
<main>
${banner(summary)}
${contents(summary, options)}
${divergenceSections(summary, run, options)}
${latencySection(seriesOf(summary), summary.latencyInvalid)}
${timelineSection(summary)}
${chaosSection(summary)}
${blockedSection(summary)}
${stubSection(summary)}
${rulesSections(summary)}
${factSections(summary)}
</main></div>`;
  const title = `${verdictSentence(summary).word}: run ${summary.run}`;
  return documentAround(page, { title, icon: favicon(summary.verdict) });
}

function contents(summary: RunSummary, { exchanges }: HtmlOptions): Html {
  const { divergences, timeline, chaos, blocked, stub, rules, expectedGone, routes } = summary;
  const entries: [id: string, name: string, isThere: unknown][] = [
    ["divergences", "Divergences", true],
    ["known", "Known", divergences.some((one) => !isCounted(one) && !isNoise(one))],
    ["noise", "Noise", divergences.some(isNoise)],
    ["latency", "Latency", true],
    ["statuses", "Statuses", statusesOf(seriesOf(summary)).length],
    ["timeline", "Timeline", timeline.length],
    ["chaos", "Chaos", chaos],
    ["blocked", "Blocked", blocked?.length],
    ["stub", "Stub", stub],
    ["rules", "Rules", rules?.length],
    ["expected", "Expected", expectedGone?.length],
    ["order", "Order", true],
    ["coverage", "Coverage", true],
    ["routes", "Routes", routes?.length],
    ["settings", "How it was run", true],
  ];
  const shown = entries.filter(([, , isThere]) => isThere);
  return html`<nav aria-label="contents"><ul>${shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}${exchanges !== undefined && html`<li><a href="${exchanges}">All exchanges</a></li>`}</ul></nav>`;
}
