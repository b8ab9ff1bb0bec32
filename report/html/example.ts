import type {
  Divergence,
  DivergenceExample,
  Outcome,
  RunReader,
  RunSummary,
  SentRequest,
  StepRecord,
} from "../../tape/index.js";
import { curlLine } from "../curl.js";
import { msInWords } from "../numbers.js";
import { candidateOf, referenceLane } from "../sources.js";
import { shortened } from "../visible.js";
import { sideInWords } from "../words.js";
import { answerLines } from "./answer-lines.js";
import { type Html, html } from "./escape.js";
import { sideBySide } from "./side-by-side.js";
import { sides } from "./sides.js";

/** What examples are drawn from: the finished run. */
export interface ExampleContext {
  summary: RunSummary;
  run: RunReader;
  steps: ReadonlyMap<number, StepRecord>;
}

/** One meeting of a divergence: the request, both answers beside each other, and how to send it again by hand. Folded unless `open`. */
export function exampleOf(
  divergence: Divergence,
  example: DivergenceExample,
  context: ExampleContext,
  open: boolean,
): Html {
  const step = context.steps.get(example.step);
  return html`<details class="example"${open && html` open`}><summary><b>Exchange ${example.exchangeId}</b>${step && html` <code>${shortened(step.method, 40)} ${shortened(step.path, 200)}</code>`}</summary>
${answersOf(divergence, example, step, context)}
${step && curlOf(step, context)}
</details>`;
}

/**
 * Both whole answers, where the run file has them and the divergence lies in the Step's own answer; the two values
 * before or instead of them, where no line stands for the place.
 */
function answersOf(
  divergence: Divergence,
  example: DivergenceExample,
  step: StepRecord | undefined,
  { summary, run }: ExampleContext,
): readonly (Html | undefined)[] {
  const candidate = candidateOf(summary);
  const reference = referenceLane(summary);
  const isOwn = step === undefined || step.callee === divergence.hop;
  const expected = isOwn ? run.outcome(example.step, reference) : undefined;
  const actual = isOwn && candidate !== undefined ? run.outcome(example.step, candidate.name) : undefined;
  if (expected === undefined || actual === undefined) return [values(divergence, example)];
  if (expected.answer.kind === "same" || actual.answer.kind === "same") return [values(divergence, example)];
  const rows = sideBySide(answerLines(expected.answer), answerLines(actual.answer), divergence.place);
  const names = { expected: sideName(reference, expected), actual: sideName(actual.lane, actual) };
  const marked = rows.some((row) => row.marked);
  const differ = rows.some((row) => row.kind === "changed");
  return [marked ? undefined : values(divergence, example), marked || differ ? sides(rows, names) : undefined];
}

function sideName(lane: string, { answer, sentMs, answeredMs }: Outcome): string {
  const name = shortened(lane, 60);
  return answer.kind === "unknown" ? name : `${name} · ${msInWords(Math.max(0, answeredMs - sentMs))}`;
}

function values(divergence: Divergence, example: DivergenceExample): Html {
  const side = (name: "expected" | "actual") => {
    const text = shortened(sideInWords(divergence.kind, name, example), 2000);
    return html`<div class="side ${name}"><h4>${name}</h4><pre tabindex="0"><span class="changed at">${text}\n</span></pre></div>`;
  };
  return html`<div class="sides">${side("expected")}${side("actual")}</div>`;
}

function curlOf(step: StepRecord, { summary, run }: ExampleContext): Html | undefined {
  const sent = run.request(step.step);
  const lines = summary.lanes.slice(0, 3).flatMap((lane) => {
    const line = curlLine(step, lane, sent);
    return line === undefined ? [] : [{ name: shortened(lane.name, 40), line }];
  });
  if (lines.length === 0) return undefined;
  return html`<div class="curls">${lines.map(
    ({ name, line }) =>
      html`<div class="curl"><span>${name}</span><code tabindex="0">${line}</code><button type="button" data-copy>Copy</button></div>`,
  )}${hintsFor(lines[0]!.line, step, sent)}</div>`;
}

function hintsFor(line: string, { exchangeId }: StepRecord, sent: SentRequest | undefined): (Html | false)[] {
  const given = sent?.given ?? [];
  return [
    / @BODY /.test(line) &&
      html`<p class="hint">BODY is a file with the request's body: <code>tapeloop tape show TAPE ${exchangeId}</code></p>`,
    given.length > 0 &&
      html`<p class="hint">Set as shell variables what --header gave: ${shortened(given.join(", "), 200)}</p>`,
  ];
}
