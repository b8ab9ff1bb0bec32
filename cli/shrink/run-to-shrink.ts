import { OperatorError } from "../../base/index.js";
import type { HopDifference } from "../../replayer/index.js";
import { type Divergence, type Lane, openRun, type RunReader, type RunSummary } from "../../tape/index.js";

/** What a run file says that a shrinking needs. */
export interface RunToShrink {
  divergence: Divergence;
  /** The earliest call it was met at, and all that it differed in. */
  target: { exchangeId: number; differences: readonly HopDifference[] };
  summary: RunSummary;
  lanes: readonly Lane[];
  tapePaths: readonly string[];
  /** Exchange ids of the Steps that were sent. */
  sent: readonly number[];
  /** Unsafe methods were sent, so they were allowed. */
  sentUnsafe: boolean;
  /** Names of header fields that were given with `--header`; their values are kept nowhere. */
  givenHeaders: readonly string[];
}

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** Throws an OperatorError for a run without a result, and for a number that no divergence has. */
export function readRunToShrink(path: string, number: number): RunToShrink {
  const run = openRun(path);
  try {
    const summary = run.summary();
    if (summary === undefined) {
      throw new OperatorError(`cannot shrink ${path}: the run was ended before it had a result; replay again`);
    }
    const divergence = summary.divergences.find((one) => one.number === number);
    if (divergence === undefined) throw noSuch(path, number, summary.divergences.length);
    const [example] = divergence.examples;
    if (example === undefined)
      throw new OperatorError(`cannot shrink divergence ${number} of ${path}: it has no example`);
    const target = { exchangeId: example.exchangeId, differences: run.differencesOf(example.step) };
    const givenHeaders = run.request(example.step)?.given ?? [];
    const { lanes, tapePaths } = run.header;
    return { divergence, target, summary, lanes, tapePaths, ...stepsOf(run), givenHeaders };
  } finally {
    run.close();
  }
}

function stepsOf(run: RunReader): Pick<RunToShrink, "sent" | "sentUnsafe"> {
  const sent: number[] = [];
  let sentUnsafe = false;
  for (const { exchangeId, method } of run.steps()) {
    sent.push(exchangeId);
    sentUnsafe ||= !safeMethods.has(method);
  }
  return { sent, sentUnsafe };
}

function noSuch(path: string, number: number, count: number): OperatorError {
  const there = count === 0 ? "it has none" : `it has 1 to ${count}; \`tapeloop report ${path}\` lists them`;
  return new OperatorError(`cannot shrink divergence ${number} of ${path}: ${there}`);
}
