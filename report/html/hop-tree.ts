import type { Divergence, HopPair, HopSide, PairedHops, RunReader, StepRecord } from "../../tape/index.js";
import { countInWords, msInWords } from "../numbers.js";
import { lanePairsOf, shownExamples } from "../sources.js";
import { shortened } from "../visible.js";
import { type Html, html } from "./escape.js";
import type { ExampleContext } from "./example.js";

/** More calls than this below one Step are no picture any more. */
const mostCalls = 40;
const mostDepth = 8;

/** The calls below the first example whose calls were recorded: of the reference beside those of the lane. */
export function hopTreeOf(divergence: Divergence, { run, summary, steps }: ExampleContext): Html | undefined {
  const pairs = lanePairsOf(divergence, summary);
  for (const { step } of divergence.examples.slice(0, shownExamples)) {
    const record = steps.get(step);
    for (const { lane } of pairs) {
      const hops = record && run.pairedHops(step, lane);
      if (hops !== undefined && hops.calls.length > 0) return pairedTree(hops, ownCall(record!, hops, run), divergence);
    }
  }
  return undefined;
}

/** The Step's own call, at the top of its tree. */
export function ownCall(step: StepRecord, { lane, reference }: PairedHops, run: RunReader): HopPair {
  const side = (name: string): HopSide => {
    const outcome = run.outcome(step.step, name);
    const own = { method: step.method, path: step.path };
    if (outcome === undefined) return own;
    const { answer, sentMs, answeredMs } = outcome;
    const status = "status" in answer ? String(answer.status) : answer.kind === "failure" ? answer.reason : undefined;
    return { ...own, tookMs: Math.max(0, answeredMs - sentMs), ...(status === undefined ? {} : { status }) };
  };
  const differs = run.differencesOf(step.step).some(({ hop }) => hop === step.callee);
  return { depth: 0, callee: step.callee, route: step.route, expected: side(reference), actual: side(lane), differs };
}

/** Both trees row by row: what stands in one row is the same call. The call at which the divergence begins is marked. */
export function pairedTree(hops: PairedHops, own: HopPair, at?: Pick<Divergence, "hop" | "route">): Html {
  const shown = hops.calls.slice(0, mostCalls);
  const left = hops.calls.length - shown.length;
  return html`<div class="trees" role="table" aria-label="calls of ${own.callee}, side by side">
<div class="row heads" role="row"><span role="columnheader" class="expected">${shortened(hops.reference, 60)}</span><span role="columnheader" class="actual">${shortened(hops.lane, 60)}</span></div>
${[own, ...shown].map((pair) => rowOf(pair, isFirst(pair, at)))}
${left > 0 && html`<div class="row" role="row"><span role="cell" class="call">and ${countInWords(left)} more</span></div>`}</div>`;
}

function isFirst(pair: HopPair, at: Pick<Divergence, "hop" | "route"> | undefined): boolean {
  if (at === undefined || pair.callee !== at.hop || pair.route !== at.route) return false;
  return pair.differs || pair.expected === undefined || pair.actual === undefined;
}

function rowOf(pair: HopPair, first: boolean): Html {
  const changed = pair.differs ? " differs" : "";
  return html`<div class="row${changed}${first && " first"}" role="row">${cellOf(pair, "expected")}${cellOf(pair, "actual", first)}</div>`;
}

function cellOf(pair: HopPair, side: "expected" | "actual", first = false): Html {
  const call = pair[side];
  const depth = Math.min(pair.depth, mostDepth);
  if (call === undefined)
    return html`<span role="cell" class="call gone">${branch(depth)}<span class="text">${side === "actual" ? "not called" : "was not called"}${first && html` <em>begins here</em>`}</span></span>`;
  return html`<span role="cell" class="call">${branch(depth)}<span class="text"><b>${shortened(pair.callee, 60)}</b> ${lineOf(call)}${first && html` <em>begins here</em>`}</span></span>`;
}

function lineOf({ method, path, status, tookMs }: HopSide): Html {
  const tone = status !== undefined && !/^[123]/.test(status) ? "bad" : "";
  return html`<code>${shortened(method, 20)} ${shortened(path, 90)}</code> ${status !== undefined && html`<span class="status ${tone}">${shortened(status, 20)}</span>`} ${tookMs !== undefined && html`<span class="took">${msInWords(tookMs)}</span>`}`;
}

/** An elbow under the call it was made by, as a picture of its own width. */
function branch(depth: number): Html | undefined {
  if (depth === 0) return undefined;
  const width = depth * 18;
  return html`<svg class="branch" width="${width}" height="22" viewBox="0 0 ${width} 22" aria-hidden="true"><path d="M${width - 11} 0V11H${width - 2}"/></svg>`;
}
