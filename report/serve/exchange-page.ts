import { type Answer, type Difference, type Outcome, recordedLane, type StepRecord } from "../../tape/index.js";
import { answerLines } from "../html/answer-lines.js";
import { masthead } from "../html/banner.js";
import { type Html, html } from "../html/escape.js";
import { curlsOf, sideName } from "../html/example.js";
import { ownCall, pairedTree } from "../html/hop-tree.js";
import { sideBySide } from "../html/side-by-side.js";
import { sides } from "../html/sides.js";
import { countInWords } from "../numbers.js";
import { candidateOf, type LanePair, lanePairsOf, referenceLane } from "../sources.js";
import { shortened } from "../visible.js";
import { changeInWords, placeInWords } from "../words.js";
import type { Served } from "./exchange-index.js";

const shownDifferences = 200;
const shownRows = 600;

/** One divergent exchange: all its Differences, the calls below it, and every lane's answer beside what it was held against. */
export function exchangePage(served: Served, step: StepRecord): Html {
  const { summary, index } = served;
  const { before, after } = index.around(step.step);
  return html`<div class="page">${masthead(summary)}<main>
<p class="back"><a href="/">← the report</a> <a href="/exchanges">all exchanges</a>${before !== undefined && html` <a href="/exchanges/${before}">before</a>`}${after !== undefined && html` <a href="/exchanges/${after}">after</a>`}</p>
<h1 class="title">Exchange ${step.exchangeId} <span class="tally">${shortened(step.callee, 80)}</span></h1>
<p class="evidence"><code>${shortened(step.method, 40)} ${shortened(step.path, 2000)}</code> ${groupLinks(index.groupsOf(step.step))}</p>
${differencesTable(step, served)}
${pairsOf(step, served).map((pair) => pairOf(step, pair, served))}
${curlsOf(step, summary.lanes.slice(0, 8), served.run)}
</main></div>`;
}

function groupLinks(groups: readonly number[]): Html | undefined {
  if (groups.length === 0) return undefined;
  return html`in group ${groups.slice(0, 20).map((group) => html`<a href="/#d${group}">${group}</a> `)}`;
}

function differencesTable(step: StepRecord, { run }: Served): Html {
  const found = run.differencesOf(step.step);
  const left = found.length - shownDifferences;
  return html`<div class="wide"><table class="numbers found"><thead><tr><th scope="col">place</th><th scope="col" class="text">change</th><th scope="col" class="text">expected</th><th scope="col" class="text">actual</th><th scope="col">severity</th></tr></thead><tbody>${found
    .slice(0, shownDifferences)
    .map((difference) => differenceRow(difference, step))}</tbody></table></div>
${left > 0 && html`<p class="more">and ${countInWords(left)} more in the run file</p>`}`;
}

function differenceRow(difference: Difference & { hop: string }, { callee }: StepRecord): Html {
  const { hop, place, kind, severity } = difference;
  const side = (name: "expected" | "actual") =>
    html`<code>${shortened(name in difference ? String(difference[name as keyof typeof difference]) : "missing", 400)}</code>`;
  return html`<tr><th scope="row"><code>${shortened(placeInWords(place), 200)}</code>${hop !== callee && html` <span class="hop">at ${shortened(hop, 80)}</span>`}</th><td class="text">${changeInWords({ kind, examples: [] })}</td><td class="text">${side("expected")}</td><td class="text">${side("actual")}</td><td>${severity}</td></tr>`;
}

/** Every pair of lanes that some group of this Step was met in; the candidate and its reference where none says. */
function pairsOf(step: StepRecord, { summary, index }: Served): readonly LanePair[] {
  const groups = new Set(index.groupsOf(step.step));
  const pairs = summary.divergences
    .filter(({ number }) => groups.has(number))
    .flatMap((divergence) => lanePairsOf(divergence, summary));
  const candidate = candidateOf(summary);
  if (pairs.length === 0 && candidate !== undefined)
    pairs.push({ lane: candidate.name, reference: referenceLane(summary) });
  return [...new Map(pairs.map((pair) => [`${pair.lane}\0${pair.reference}`, pair])).values()];
}

function pairOf(step: StepRecord, { lane, reference }: LanePair, { run }: Served): Html {
  const hops = run.pairedHops(step.step, lane);
  const [expected, actual] = [run.outcome(step.step, reference), run.outcome(step.step, lane)];
  return html`<section><h2>${shortened(lane, 60)} <span class="tally">held against ${reference === recordedLane ? "the recording" : shortened(reference, 60)}</span></h2>
${hops !== undefined && hops.calls.length > 0 && pairedTree(hops, ownCall(step, hops, run))}
${expected !== undefined && actual !== undefined ? answersOf(expected, actual, step, run) : html`<p class="nothing">The run file holds no answer of this lane.</p>`}</section>`;
}

function answersOf(expected: Outcome, actual: Outcome, step: StepRecord, run: Served["run"]): Html {
  const [left, right] = [answerOf(expected, run), answerOf(actual, run)];
  if (left === undefined || right === undefined)
    return html`<p class="nothing">Both answered alike; the answer itself is on the tape.</p>`;
  const places = run.differencesOf(step.step).flatMap(({ hop, place }) => (hop === step.callee ? [place] : []));
  const rows = sideBySide(answerLines(left), answerLines(right), ...places.slice(0, shownDifferences));
  return sides(rows, { expected: sideName(expected), actual: sideName(actual) }, { mostRows: shownRows });
}

/** The Answer itself, also where it was kept as being another lane's. */
function answerOf(outcome: Outcome, run: Served["run"]): Answer | undefined {
  if (outcome.answer.kind !== "same") return outcome.answer;
  const other = run.outcome(outcome.step, outcome.answer.as)?.answer;
  return other === undefined || other.kind === "same" ? undefined : other;
}
