import { createWriteStream, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError, reasonOf } from "../../base/index.js";
import type { Shrunk } from "../../replayer/index.js";
import {
  type Answer,
  curlScript,
  type Divergence,
  excerptTape,
  exportTape,
  openRun,
  openTape,
  type RedactionKey,
  type ReproducedDivergence,
  recordedLane,
  reproducedCalls,
  type TlsFiles,
  testFile,
  whyUntestable,
} from "../../tape/index.js";
import { version } from "../version.js";

/** What is written, and where from. */
export interface Writing {
  /** Folder; made where it is missing, else it must be empty. */
  out: string;
  runPath: string;
  tapePaths: readonly string[];
  shrunk: Shrunk;
  divergence: Divergence;
  /** Where the calls are sent by script and test. */
  target: string;
  /** Files that it needs where it is https. */
  tls?: TlsFiles;
  /** With the hosts they were recorded with. */
  keepHost: boolean;
  /** With the keys of idempotency that were recorded. */
  keepIdempotencyKeys: boolean;
  key?: RedactionKey;
}

/** A folder that cannot be written to is better known before an hour of replays than after. */
export function makeOutFolder(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
    if (readdirSync(out).length === 0) return;
  } catch (cause) {
    throw new OperatorError(`cannot write to ${out}: ${reasonOf(cause)}`, { cause });
  }
  throw new OperatorError(`cannot write to ${out}: it is not empty; name another folder with --out`);
}

/**
 * Writes the shortest sequence as a tape, a curl script, a HAR file and a test; ids stay what they are. Gives why there is
 * no test, where none can tell the divergence.
 */
export async function writeShrunk(writing: Writing): Promise<string | undefined> {
  const { out, tapePaths, shrunk, target, tls, keepHost, keepIdempotencyKeys } = writing;
  const tapePath = `${join(out, "tape")}/`;
  await excerptTape({ paths: tapePaths, out: tapePath, ids: shrunk.ids });
  const tape = await openTape([tapePath]);
  try {
    const har = { format: "har", version, ...(writing.key ? { key: writing.key } : {}) } as const;
    await exportTape(tape, createWriteStream(join(out, "calls.har")), har);
    const at = { target, keepHost, keepIdempotencyKeys };
    const calls = await reproducedCalls(tape, shrunk.ids, at);
    const reproduced = reproducedDivergence(writing, calls.find((call) => call.id === shrunk.target)!.redacted.answer);
    const script = curlScript(calls, [reproduced.title, `${calls.length} calls, sent to ${target}`], tls);
    writeFileSync(join(out, "calls.sh"), script, { encoding: "latin1", mode: 0o755 });
    const why = whyUntestable(reproduced);
    if (why === undefined) writeFileSync(join(out, "calls.test.mjs"), testFile(calls, at, reproduced, tls));
    return why;
  } finally {
    await tape.close();
  }
}

function reproducedDivergence(
  { divergence, runPath, shrunk }: Writing,
  redacted: readonly string[],
): ReproducedDivergence {
  const { title, place, kind } = divergenceAtEntry(divergence, runPath, shrunk.target);
  const reference = referenceOf(runPath, shrunk.target);
  return { title, place, kind, target: shrunk.target, reference, redacted };
}

/** What began at a hop below is seen by who calls where it surfaced, or not at all. */
function divergenceAtEntry(
  divergence: Divergence,
  runPath: string,
  target: number,
): Pick<ReproducedDivergence, "title" | "place" | "kind"> {
  const { hop, route, place, kind } = divergence;
  const title = `${route} of ${hop} answers at ${place} as it did before`;
  const own = withRun(runPath, (run) => [...run.steps()].find((step) => step.exchangeId === target));
  if (own === undefined || (own.callee === hop && own.route === route)) return { title, place, kind };
  const surfaced = divergence.surfaced.find((one) => one.hop === own.callee && one.route === own.route);
  return surfaced === undefined ? { title, place: "hop", kind } : { title, place: surfaced.place, kind: surfaced.kind };
}

/** What the target was compared with: the baseline's answer where there was one, else the recorded one. */
function referenceOf(runPath: string, target: number): Answer {
  const answer = withRun(runPath, (run) => {
    const step = [...run.steps()].find((one) => one.exchangeId === target)?.step ?? -1;
    const baseline = run.header.lanes.find((lane) => lane.role === "baseline")?.name;
    const found = baseline === undefined ? undefined : run.outcome(step, baseline)?.answer;
    return found ?? run.outcome(step, recordedLane)?.answer;
  });
  return answer === undefined || answer.kind === "same" ? { kind: "unknown" } : answer;
}

function withRun<T>(path: string, look: (run: ReturnType<typeof openRun>) => T): T {
  const run = openRun(path);
  try {
    return look(run);
  } finally {
    run.close();
  }
}
