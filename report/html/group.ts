import type { Divergence } from "../../tape/index.js";
import { countInWords, percentInWords } from "../numbers.js";
import { ruleFor } from "../rule-for.js";
import { shownExamples } from "../sources.js";
import { shortened } from "../visible.js";
import { blastInWords, changeInWords, placeInWords, sentence } from "../words.js";
import { type Html, html } from "./escape.js";
import { type ExampleContext, exampleOf } from "./example.js";
import { hopTreeOf } from "./hop-tree.js";

/** One group, folded: what changed where, how often, why; unfolded its evidence, its way through the hops, examples, and the rule that would ignore it. */
export function groupOf(divergence: Divergence, names: boolean, context: ExampleContext): Html {
  const { number, severity, evidence, sinceExchange, firstHop } = divergence;
  const examples = divergence.examples.slice(0, shownExamples);
  return html`<details class="group ${severity}" id="d${number}"><summary>
<span class="number">${number}</span>
${headOf(divergence, names)}
<span class="often">${often(divergence)}</span>
${badges(divergence)}
</summary><div class="body">
<p class="evidence">${sentence(shortened(evidence, 600))}${firstHop !== undefined && ` ${sentence(shortened(firstHop, 400))}`}${reachOf(divergence)} First met at exchange ${sinceExchange}.</p>
${lanesOf(divergence)}
${hopPath(divergence)}
${hopTreeOf(divergence, context)}
${examples.map((example, at) => exampleOf(divergence, example, context, at === 0))}
${context.exchanges !== undefined && html`<p class="more"><a href="${context.exchanges}?group=${number}">All exchanges of this group</a></p>`}
${ruleLine(divergence)}
</div></details>
`;
}

function headOf(divergence: Divergence, names: boolean): Html {
  const { hop, route, place } = divergence;
  return html`<span class="what"><span class="route">${shortened(route, 200)}${names && html` <span class="hop">at ${shortened(hop, 80)}</span>`}</span>
<span class="change"><code>${shortened(placeInWords(place), 200)}</code> ${isolated(shortened(changeInWords(divergence), 160))}</span></span>`;
}

/** Both sides of a change, each in its own direction of writing, so that what is before the arrow stays before it. */
function isolated(change: string): readonly Html[] {
  return change.split(" → ").map((side, at) => html`${at > 0 && " → "}<bdi>${side}</bdi>`);
}

function badges({ attribution, severity, blast, known, undecided }: Divergence): Html {
  const beside = [undecided && "undecided", known && "known", blast, severity].filter(Boolean).join(" · ");
  return html`<span class="badges"><span class="badge ${attribution}">${attribution.replace("-", " ")}</span><span class="severity">${beside}</span></span>`;
}

/** `142 of 142` over a bar of that share; whole pixels of an SVG, for the page forbids inline styles. */
function often({ count, of }: Divergence): Html {
  const share = of > 0 ? Math.min(1, count / of) : 1;
  return html`<span>${countInWords(count)} of ${countInWords(of)}</span><svg class="share" role="img" aria-label="${percentInWords(share)}"><rect class="all" width="100%" height="100%"/><rect class="part" width="${(share * 100).toFixed(1)}%" height="100%"/></svg>`;
}

function reachOf(divergence: Divergence): string | undefined {
  const reach = blastInWords(divergence);
  return reach && ` ${sentence(reach)}`;
}

/** In which lanes it was met and how often, where there is more than one to tell apart. */
function lanesOf({ lanes = [] }: Divergence): Html | undefined {
  if (lanes.length < 2) return undefined;
  return html`<div class="wide"><table class="numbers met"><thead><tr><th scope="col">met in lane</th><th scope="col" class="text">held against</th><th scope="col">Steps</th></tr></thead><tbody>${lanes
    .slice(0, 12)
    .map(
      ({ lane, reference, count, of }) =>
        html`<tr><th scope="row">${shortened(lane, 60)}</th><td class="text">${shortened(reference, 60)}</td><td>${countInWords(count)} of ${countInWords(of)}</td></tr>`,
    )}</tbody></table></div>`;
}

const shownPlaces = 4;

/** Where it began and where it surfaced, as a path from the outermost call down to the first one. */
function hopPath({ hop, route, place, surfaced }: Divergence): Html | undefined {
  if (surfaced.length === 0) return undefined;
  const above = callsOf(surfaced)
    .slice(0, 12)
    .map(([first, ...others]) => {
      const places = [first!, ...others].slice(0, shownPlaces);
      const left = others.length + 1 - places.length;
      return html`<li><b>${shortened(first!.hop, 80)}</b><span>${shortened(first!.route, 120)}</span>${places.map(
        (one) =>
          html`<span><code>${shortened(placeInWords(one.place), 120)}</code> × ${countInWords(one.count)}</span>`,
      )}${left > 0 && html`<span>and ${countInWords(left)} more</span>`}</li>`;
    });
  return html`<ol class="hops" aria-label="from where it surfaced to where it began">${above.reverse()}
<li class="first"><b>${shortened(hop, 80)}</b><span>${shortened(route, 120)}</span><span><code>${shortened(placeInWords(place), 120)}</code> begins here</span></li></ol>`;
}

/** Places of one call stand together. */
function callsOf(surfaced: Divergence["surfaced"]): Divergence["surfaced"][] {
  const calls = new Map<string, Divergence["surfaced"][number][]>();
  for (const one of surfaced) {
    const key = `${one.hop}\0${one.route}`;
    calls.set(key, [...(calls.get(key) ?? []), one]);
  }
  return [...calls.values()];
}

function ruleLine(divergence: Divergence): Html | undefined {
  const rule = ruleFor(divergence);
  if (rule === undefined) return undefined;
  return html`<div class="rule"><span>If this is wanted, this entry in the <code>rules</code> of a rules file hides it:</span><pre class="copied" tabindex="0"><code>${shortened(rule, 2000)}</code></pre><button type="button" data-copy>Copy</button></div>`;
}
