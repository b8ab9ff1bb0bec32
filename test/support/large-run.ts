import {
  createRun,
  type Difference,
  type Divergence,
  type DivergenceExample,
  type Outcome,
  type PairedHops,
  type RunSummary,
  recordedLane,
  type SentRequest,
  type StepRecord,
} from "../../tape/index.js";
import { response } from "./bookinfo-run.js";
import { divergence, lane, runSummary, typicalLatency } from "./run-summary.js";

/** How many divergent Steps, and how many places they differ at; four lanes where `faults`. */
export interface LargeRun {
  steps: number;
  groups: number;
  faults?: boolean;
}

const services = ["productpage", "reviews", "ratings", "details", "checkout", "inventory", "recommendations"];
const fields = ["stars", "total/amount", "items/*/sku", "customer/address/street", "reviews/*/rating/stars", "eta"];
const attributions = ["version", "interaction", "unattributed", "fault", "version", "version"] as const;

/** The `at`-th group: a service, one of its routes, a place in its answers. */
function groupAt(at: number): Pick<Divergence, "hop" | "route" | "place" | "kind" | "severity" | "attribution"> {
  const hop = services[at % services.length]!;
  const route = `GET /${hop}/v${1 + (Math.floor(at / 7) % 12)}/customers/{id}/entries`;
  const field = fields[Math.floor(at / 84) % fields.length]!;
  const kinds = ["missing-field", "changed-value", "status"] as const;
  const kind = at < 84 ? "status" : kinds[at % 2]!;
  return {
    ...{ hop, route, kind, attribution: at % 11 === 10 ? "noise" : attributions[at % attributions.length]! },
    place: kind === "status" ? "status" : `body:/${field}${at >= 504 ? at : ""}`,
    severity: kind === "changed-value" ? "medium" : "high",
  };
}

function differenceAt(at: number): Difference {
  const { place, severity, kind } = groupAt(at);
  const exact = place.replaceAll("*", "0");
  if (kind === "status") return { kind, place, severity, expected: 200, actual: 500 };
  if (kind === "missing-field") return { kind, place: exact, severity, expected: "5" };
  return { kind: "changed-value", place: exact, severity, expected: "1250", actual: String(at) };
}

const person = (at: number) => ({ reviewer: `Reviewer${at}`, text: "An extremely entertaining play by Shakespeare." });
const answer = (step: number, stars?: number) => ({
  id: String(step),
  total: { amount: stars === undefined ? step % 977 : 1250, currency: "EUR" },
  reviews: Array.from({ length: 4 }, (_, at) => ({ ...person(at), rating: { stars, color: "black" } })),
});

function stepAt(step: number, groups: number): StepRecord {
  const { hop, route } = groupAt(step % groups);
  const path = route.slice(4).replace("{id}", String(step));
  return {
    ...{ step, exchangeId: step + 1, callee: hop, route, method: "GET", path, protocol: "http/1.1" },
    ...{ recordedAtMs: step * 2, recordedMs: 11, recordedStatus: 200 },
  };
}

function outcomesAt(step: number, groups: number, lanes: readonly string[]): Outcome[] {
  const failing = groupAt(step % groups).kind === "status";
  const of = (name: string, isOld: boolean): Outcome => ({
    ...{ step, lane: name, dueMs: step * 2, sentMs: step * 2 + 0.1, answeredMs: step * 2 + 14 },
    answer:
      isOld || !failing
        ? response(answer(step % groups, isOld ? 5 : undefined))
        : response({ error: "no ratings" }, 500),
  });
  return [of(recordedLane, true), ...lanes.map((name) => of(name, name.startsWith("baseline")))];
}

function requestAt(step: number): SentRequest {
  return { step, headers: [["accept", "application/json"]], given: [], body: { kind: "empty" } };
}

/** A call tree in which reviews differs and one call is not made any more. */
export function pairedHopsAt(step: number, laneName = "candidate", reference: string = recordedLane): PairedHops {
  const side = (path: string, status: string, tookMs: number) => ({ method: "GET", path, status, tookMs });
  const route = (hop: string) => `GET /${hop}/{id}`;
  const paths = { details: `/details/${step}`, reviews: `/reviews/${step}`, ratings: `/ratings/${step}` };
  return {
    ...{ step, lane: laneName, reference },
    calls: [
      {
        ...{ depth: 1, callee: "details", route: route("details"), differs: false },
        ...{ expected: side(paths.details, "200", 3.2), actual: side(paths.details, "200", 3.4) },
      },
      {
        ...{ depth: 1, callee: "reviews", route: route("reviews"), differs: true },
        ...{ expected: side(paths.reviews, "200", 7.9), actual: side(paths.reviews, "500", 2.1) },
      },
      {
        ...{ depth: 2, callee: "ratings", route: route("ratings"), differs: false },
        expected: side(paths.ratings, "200", 2),
      },
    ],
  };
}

function examplesAt(group: number, { steps, groups }: LargeRun): DivergenceExample[] {
  const difference = differenceAt(group);
  const [expected, actual] = ["expected", "actual"].map((side) =>
    side in difference ? String(difference[side as never]) : "(none)",
  ) as [string, string];
  return [0, 1, 2]
    .map((at) => group + at * groups)
    .filter((step) => step < steps)
    .map((step) => ({ step, exchangeId: step + 1, expected, actual }));
}

function divergenceAt(group: number, size: LargeRun): Divergence {
  const count = Math.ceil((size.steps - group) / size.groups);
  const { attribution } = groupAt(group);
  const evidence = {
    version: `the baseline never differed from the recording here in ${count} Steps: noise here is rarer than 2.1 % (95 % confidence)`,
    interaction: "without the fault both versions answer 200; under abort ratings 10% only the candidate answers 500",
    fault: "both versions differ here under the fault, neither without it",
    noise: "two answers of the baseline to the same Step differ here as often",
  };
  return divergence({
    ...groupAt(group),
    ...{ number: group + 1, count, of: count, sinceExchange: group + 1, examples: examplesAt(group, size) },
    evidence: evidence[attribution as keyof typeof evidence] ?? "compared with the recording alone",
    surfaced:
      group % 5 === 1
        ? [{ hop: "productpage", route: "GET /productpage", place: "body", kind: "changed-text", count }]
        : [],
  });
}

/** A summary as large as its groups, never as its Steps. */
export function largeSummary(size: LargeRun): RunSummary {
  const { steps, groups } = size;
  const names = lanesOf(size);
  return runSummary({
    ...{
      verdict: "diverged",
      reference: "baseline",
      durationMs: steps * 2,
      steps: steps + 120,
      sent: steps,
      answered: steps,
    },
    ...{ compared: steps, live: 0.997, notSent: { truncated: 20, "unsafe-method": 100 } },
    reasons: [`${groups} groups of differences, most due to the version`],
    tape: { paths: ["tapes/monday/"], exchanges: steps + 120, dropped: 14, truncated: 20, gaps: 1, coverage: 0.9993 },
    order: { order: "recorded", required: steps * 7, violated: 0, startInversions: 12 },
    lanes: names.map((name, at) =>
      lane({
        ...{ name, role: name.startsWith("baseline") ? "baseline" : "candidate", target: `http://127.0.0.1:908${at}` },
        ...{ sent: steps, answered: steps, statuses: { "200": steps - 900 * at, "500": 900 * at } },
        ...{ fromSent: typicalLatency(2000, 11 + 4 * at), fromDue: typicalLatency(2000, 12 + 4 * at) },
      }),
    ),
    recordedLatency: typicalLatency(2000, 11),
    recordedStatuses: { "200": steps },
    routes: Array.from({ length: Math.min(84, groups) }, (_, at) => {
      const { hop, route } = groupAt(at);
      return { hop, route, compared: Math.ceil(steps / 84) };
    }),
    divergences: Array.from({ length: groups }, (_, at) => divergenceAt(at, size)),
    timeline: Array.from({ length: 60 }, (_, at) => {
      const each = steps / 60;
      return { fromMs: at * each * 2, toMs: (at + 1) * each * 2, sent: each, failed: 0, divergent: each };
    }),
  });
}

function lanesOf({ faults }: LargeRun): string[] {
  return faults ? ["baseline", "candidate", "baseline+faults", "candidate+faults"] : ["baseline", "candidate"];
}

/** Writes a run file in which every Step differs, as a replay would have; its summary is given back. */
export async function writeLargeRun(path: string, size: LargeRun): Promise<RunSummary> {
  const summary = largeSummary(size);
  const names = lanesOf(size);
  const { run: id, tapeloop, startedAt, tape, lanes } = summary;
  const writer = createRun(path, { run: id, tapeloop, startedAt, tapePaths: tape.paths, keyId: "0".repeat(16), lanes });
  for (let step = 0; step < size.steps; step++) {
    const record = stepAt(step, size.groups);
    writer.steps([record]);
    writer.outcomes(outcomesAt(step, size.groups, names));
    writer.requests([requestAt(step)]);
    writer.differences(step, record.callee, [differenceAt(step % size.groups)]);
    if (step % 5 === 1) writer.pairedHops([pairedHopsAt(step, "candidate", "baseline")]);
    // The writing thread has to keep up: what it has not taken is held in memory.
    if (step % 4096 === 4095) await new Promise((resolve) => setImmediate(resolve));
  }
  await writer.finish(summary);
  await writer.close();
  return summary;
}
