import type { Divergence, RunReader, RunSummary } from "../../tape/index.js";
import { countInWords, plural } from "../numbers.js";
import { exampleSteps } from "../sources.js";
import { isCounted, isNoise, namesHops } from "../words.js";
import { type Html, html } from "./escape.js";
import type { ExampleContext } from "./example.js";
import { groupOf } from "./group.js";
import { overview } from "./overview.js";

/** A page holds at most so many groups, and so many bytes of them; the rest is in report.json. */
const shownGroups = 500;
const groupsBudgetBytes = 8 * 1024 * 1024;

type Class = "counted" | "known" | "noise";

/** The sections of Divergences, of known ones and of noise, and the filter over all. */
export function divergenceSections(summary: RunSummary, run: RunReader, options: { exchanges?: string }): Html {
  const all: Record<Class, readonly Divergence[]> = {
    counted: summary.divergences.filter(isCounted),
    known: summary.divergences.filter((one) => !isCounted(one) && !isNoise(one)),
    noise: summary.divergences.filter(isNoise),
  };
  const groups = drawnGroups([...all.counted, ...all.known, ...all.noise].slice(0, shownGroups), {
    summary,
    run,
    ...options,
  });
  const drawn = (which: Class) => groups.filter(({ of }) => of === which).map(({ markup }) => markup);
  const [counted, known, noise] = [drawn("counted"), drawn("known"), drawn("noise")];
  return html`<section id="divergences"><h2>Divergences <span class="tally">${countInWords(all.counted.length)}</span></h2>
${overview(all.counted, namesHops(summary.divergences))}
${groups.length > 5 && filterBox(groups.length, summary.divergences.length)}
${all.counted.length === 0 && html`<p class="nothing">${nothingFound(summary)}</p>`}
${noiseMeasured(summary)}
<div class="groups">${counted}</div>
<p class="more" id="show-more" hidden><button type="button">Show all</button></p>
${moreIn(counted.length, all.counted.length)}</section>
${foldedSection({ id: "known", name: "Known", hint: "known before the run; not held against it" }, known, all.known.length)}
${foldedSection({ id: "noise", name: "Noise", hint: "differs without a change of version; not held against the run" }, noise, all.noise.length)}`;
}

function drawnGroups(
  shown: readonly Divergence[],
  sources: Omit<ExampleContext, "steps">,
): readonly { of: Class; markup: Html }[] {
  const context: ExampleContext = { ...sources, steps: exampleSteps(shown, sources.run) };
  const names = namesHops(sources.summary.divergences);
  const groups: { of: Class; markup: Html }[] = [];
  let leftBytes = groupsBudgetBytes;
  for (const divergence of shown) {
    const markup = groupOf(divergence, names, context);
    leftBytes -= Buffer.byteLength(markup.markup);
    if (leftBytes < 0) break;
    groups.push({ of: isCounted(divergence) ? "counted" : isNoise(divergence) ? "noise" : "known", markup });
  }
  return groups;
}

function foldedSection(
  { id, name, hint }: { id: string; name: string; hint: string },
  drawn: readonly Html[],
  count: number,
): Html | undefined {
  if (count === 0) return undefined;
  return html`<section id="${id}" class="folded"><details class="fold-section"><summary><h2>${name} <span class="tally">${countInWords(count)}</span></h2>
<span class="hint">${hint}</span></summary>
<div class="groups">${drawn}</div>${moreIn(drawn.length, count)}</details></section>`;
}

function nothingFound({ compared, reference, verdict }: RunSummary): string {
  if (compared === 0) return "Nothing was compared.";
  const found = `No divergence in ${plural(compared, "compared answer")}`;
  if (verdict === "inconclusive") return `${found}. The run is inconclusive all the same: this proves nothing.`;
  return `${found}, measured against ${reference === "baseline" ? "the baseline lane" : "the recording"}.`;
}

/** How noise was told from change, where two answers of one version were compared. */
function noiseMeasured({ noise }: RunSummary): Html | undefined {
  if (noise === undefined) return undefined;
  const control = noise.control === "again" ? "answered by the baseline twice" : "held against the recording";
  const resent = noise.resent > 0 ? `; ${plural(noise.resent, "request")} sent again to decide` : "";
  return html`<p class="hint">Noise was measured over ${plural(noise.pairs, "Step")} ${control}: ${plural(noise.noisyPlaces, "place")} ever differed; where none did, noise is rarer than ${percentUp(noise.bound)} (95 % confidence)${resent}.</p>`;
}

/** A bound is never shown smaller than it is. */
function percentUp(share: number): string {
  return `${Number((Math.ceil(share * 1000) / 10).toFixed(1))}%`;
}

function moreIn(drawn: number, count: number): Html | undefined {
  const left = countInWords(count - drawn);
  return drawn < count
    ? html`<p class="more">${drawn === 0 ? `${left} are` : `and ${left} more`} in <code>report.json</code>; <code>tapeloop report RUN --serve</code> shows them all</p>`
    : undefined;
}

/** Says so where the page does not hold all groups. */
function filterBox(drawn: number, found: number): Html {
  const groups = drawn < found ? `first ${countInWords(drawn)} of ${countInWords(found)}` : countInWords(drawn);
  return html`<div class="filter" hidden><label for="filter">Filter</label><input id="filter" type="search" placeholder="route, place, hop, attribution …" autocomplete="off" spellcheck="false">
<output for="filter" id="filter-count">${groups} groups</output><button type="button" id="toggle-all">Expand all</button></div>`;
}
