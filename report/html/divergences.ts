import type { Divergence, RunReader, RunSummary } from "../../tape/index.js";
import { countInWords, percentInWords, plural } from "../numbers.js";
import { exampleSteps, shownExamples } from "../sources.js";
import { shortened } from "../visible.js";
import { changeInWords, isNoise, namesHops, placeInWords, sentence } from "../words.js";
import { type Html, html } from "./escape.js";
import { type ExampleContext, exampleOf } from "./example.js";

/** A page holds at most so many groups, and so many bytes of them; the rest is in report.json. */
const shownGroups = 500;
const groupsBudgetBytes = 8 * 1024 * 1024;

/** The sections of Divergences and of noise, and the filter over both. */
export function divergenceSections(summary: RunSummary, run: RunReader): Html {
  const ordered = [...summary.divergences.filter((one) => !isNoise(one)), ...summary.divergences.filter(isNoise)];
  const shown = ordered.slice(0, shownGroups);
  const context: ExampleContext = { summary, run, steps: exampleSteps(shown, run) };
  const names = namesHops(summary.divergences);
  const groups: { noise: boolean; markup: Html }[] = [];
  let leftBytes = groupsBudgetBytes;
  for (const divergence of shown) {
    const markup = groupOf(divergence, names, context);
    leftBytes -= Buffer.byteLength(markup.markup);
    if (leftBytes < 0) break;
    groups.push({ noise: isNoise(divergence), markup });
  }
  const counted = ordered.filter((one) => !isNoise(one)).length;
  const drawn = (noise: boolean) => groups.filter((group) => group.noise === noise).map(({ markup }) => markup);
  return html`${groups.length > 5 && filterBox(groups.length)}
<section id="divergences"><h2>Divergences <span class="tally">${countInWords(counted)}</span></h2>
${counted === 0 && html`<p class="nothing">${nothingFound(summary)}</p>`}
<div class="groups">${drawn(false)}</div>
${moreIn(counted - drawn(false).length)}</section>
${noiseSection(ordered.length - counted, drawn(true))}`;
}

function noiseSection(noise: number, drawn: readonly Html[]): Html | undefined {
  if (noise === 0) return undefined;
  return html`<section id="noise"><details class="fold-section"><summary><h2>Noise <span class="tally">${countInWords(noise)}</span></h2>
<span class="hint">differs without a change of version; not held against the run</span></summary>
<div class="groups">${drawn}</div>${moreIn(noise - drawn.length)}</details></section>`;
}

function nothingFound({ compared, reference, verdict }: RunSummary): string {
  if (compared === 0) return "Nothing was compared.";
  const found = `No divergence in ${plural(compared, "compared answer")}`;
  if (verdict === "inconclusive") return `${found}. The run is inconclusive all the same: this proves nothing.`;
  return `${found}, measured against ${reference === "baseline" ? "the baseline lane" : "the recording"}.`;
}

function moreIn(count: number): Html | undefined {
  return count > 0 ? html`<p class="more">and ${countInWords(count)} more in <code>report.json</code></p>` : undefined;
}

function filterBox(groups: number): Html {
  return html`<div class="filter" hidden><label for="filter">Filter</label><input id="filter" type="search" placeholder="route, place, hop, attribution …" autocomplete="off" spellcheck="false">
<output for="filter" id="filter-count">${countInWords(groups)} groups</output><button type="button" id="toggle-all">Expand all</button></div>`;
}

function groupOf(divergence: Divergence, names: boolean, context: ExampleContext): Html {
  const { number, hop, route, place, severity, attribution, evidence, sinceExchange } = divergence;
  const examples = divergence.examples.slice(0, shownExamples);
  return html`<details class="group ${severity}" id="d${number}"><summary>
<span class="number">${number}</span>
<span class="what"><span class="route">${shortened(route, 200)}${names && html` <span class="hop">at ${shortened(hop, 80)}</span>`}</span>
<span class="change"><code>${shortened(placeInWords(place), 200)}</code> ${shortened(changeInWords(divergence), 160)}</span></span>
<span class="often">${often(divergence)}</span>
<span class="badges"><span class="badge ${attribution}">${attribution.replace("-", " ")}</span><span class="severity" title="severity">${severity}</span></span>
</summary><div class="body">
<p class="evidence">${sentence(shortened(evidence, 600))} First met at exchange ${sinceExchange}.</p>
${hopPath(divergence)}
${examples.map((example, at) => exampleOf(divergence, example, context, at === 0))}
</div></details>
`;
}

/** `142 of 142` over a bar of that share; whole pixels of an SVG, for the page forbids inline styles. */
function often({ count, of }: Divergence): Html {
  const share = of > 0 ? Math.min(1, count / of) : 1;
  return html`<span>${countInWords(count)} of ${countInWords(of)}</span><svg class="share" role="img" aria-label="${percentInWords(share)}"><rect class="all" width="100%" height="100%"/><rect class="part" width="${(share * 100).toFixed(1)}%" height="100%"/></svg>`;
}

/** Where it began and where it surfaced, as a path from the outermost hop down to the first one. */
function hopPath({ hop, route, place, surfaced }: Divergence): Html | undefined {
  if (surfaced.length === 0) return undefined;
  const above = surfaced
    .slice(0, 12)
    .map(
      (one) =>
        html`<li><b>${shortened(one.hop, 80)}</b><span>${shortened(one.route, 120)}</span><span><code>${shortened(placeInWords(one.place), 120)}</code> × ${countInWords(one.count)}</span></li>`,
    );
  return html`<ol class="hops" aria-label="from where it surfaced to where it began">${above.reverse()}
<li class="first"><b>${shortened(hop, 80)}</b><span>${shortened(route, 120)}</span><span><code>${shortened(placeInWords(place), 120)}</code> begins here</span></li></ol>`;
}
