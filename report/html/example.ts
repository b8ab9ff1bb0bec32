import type {
  Answer,
  Divergence,
  DivergenceExample,
  Lane,
  Outcome,
  RunReader,
  RunSummary,
  SentRequest,
  StepRecord,
} from "../../tape/index.js";
import { curlLine } from "../curl.js";
import { msInWords } from "../numbers.js";
import { lanePairsOf, lanesToAsk } from "../sources.js";
import { shortened } from "../visible.js";
import { sideInWords } from "../words.js";
import { answerLines } from "./answer-lines.js";
import { type Html, html } from "./escape.js";
import { sideBySide } from "./side-by-side.js";
import { sides } from "./sides.js";

/** At most so many lanes get a line of their own to be asked by. */
const shownCurls = 4;

/** What examples are drawn from: the finished run. */
export interface ExampleContext {
  summary: RunSummary;
  run: RunReader;
  steps: ReadonlyMap<number, StepRecord>;
  /** Address under which all exchanges that differ are listed, where the page is served. */
  exchanges?: string;
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
${step && curlsOf(step, lanesToAsk(divergence, context.summary, shownCurls), context.run)}
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
  const isOwn = step === undefined || step.callee === divergence.hop;
  const both = isOwn ? bothAnswers(divergence, example, { summary, run }) : undefined;
  if (both === undefined) return [values(divergence, example)];
  const rows = sideBySide(answerLines(both.expected.answer), answerLines(both.actual.answer), divergence.place);
  const names = { expected: sideName(both.expected), actual: sideName(both.actual) };
  const marked = rows.some((row) => row.marked);
  const differ = rows.some((row) => row.kind === "changed");
  return [marked ? undefined : values(divergence, example), marked || differ ? sides(rows, names) : undefined];
}

interface AnsweredOutcome extends Outcome {
  answer: Answer;
}

/** What the reference and the lane answered to an example, of the first pair of lanes of which the run file has both. */
function bothAnswers(
  divergence: Divergence,
  { step }: DivergenceExample,
  { summary, run }: Pick<ExampleContext, "summary" | "run">,
): { expected: AnsweredOutcome; actual: AnsweredOutcome } | undefined {
  for (const { lane, reference } of lanePairsOf(divergence, summary)) {
    const [expected, actual] = [run.outcome(step, reference), run.outcome(step, lane)];
    if (isAnswered(expected) && isAnswered(actual)) return { expected, actual };
  }
  return undefined;
}

function isAnswered(outcome: Outcome | undefined): outcome is AnsweredOutcome {
  return outcome !== undefined && outcome.answer.kind !== "same";
}

/** A lane and how long its answer took. */
export function sideName({ lane, answer, sentMs, answeredMs }: Outcome): string {
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

/** A line for each lane that sends the Step's request there by hand. */
export function curlsOf(step: StepRecord, lanes: readonly Lane[], run: RunReader): Html | undefined {
  const sent = run.request(step.step);
  const lines = lanes.flatMap((lane) => {
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
