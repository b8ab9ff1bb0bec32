import type { Divergence, RunReader, RunSummary, StepRecord } from "../tape/index.js";
import { curlLine } from "./curl.js";
import { notSentOf } from "./not-sent.js";
import { countInWords, percentInWords, plural } from "./numbers.js";
import { exampleSteps, lanesToAsk } from "./sources.js";
import { shortened, visible, visibleLine } from "./visible.js";
import {
  blastInWords,
  changedFromBelow,
  changeInWords,
  headline,
  isCounted,
  isNoise,
  placeInWords,
  sideInWords,
  verdictSentence,
} from "./words.js";

/** One test case: what it is called, and how it went. `error`: nothing can be known. */
interface Case {
  suite: string;
  name: string;
  outcome: { kind: "passed" } | { kind: "failure" | "error" | "skipped"; message: string; detail?: string };
}

/**
 * A run as JUnit XML: the run's own cases (verdict, liveness, order), then one case per hop, route, place and kind that
 * differs, and one per route at which nothing begins. Inconclusive is an error and never a pass: its clean routes are skipped.
 * With the run at hand each failure says how to send its example again.
 */
export function renderJunit(summary: RunSummary, run?: RunReader): string {
  const failing = summary.divergences.filter(isCounted);
  const steps = run === undefined ? new Map<number, StepRecord>() : exampleSteps(failing, run, 1);
  const cases = [
    ...runCases(summary),
    ...expectedCases(summary),
    ...distinct(summary.divergences.map((divergence) => divergenceCase(divergence, { summary, run, steps }))),
    ...otherRoutes(summary),
  ];
  const suites = [...bySuite(cases)].map(([suite, own]) => suiteXml(suite, own, summary));
  const total = attributes({ name: "tapeloop", ...totals(cases), time: seconds(summary) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${total}>\n${suites.join("")}</testsuites>\n`;
}

function bySuite(cases: readonly Case[]): Map<string, Case[]> {
  const suites = new Map<string, Case[]>();
  for (const one of cases) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one]);
  return suites;
}

const runSuite = "run";

function runCases(summary: RunSummary): Case[] {
  const { live, minLive, order } = summary;
  const { word, why } = verdictSentence(summary);
  const verdictKind = { passed: "passed", diverged: "failure", inconclusive: "error" } as const;
  const kind = verdictKind[summary.verdict];
  const liveness = `${percentInWords(live)} of Steps were answered with the recorded status class, ${percentInWords(minLive)} are needed`;
  const edges = `${countInWords(order.violated)} of ${plural(order.required, "required edge")} violated`;
  return [
    { suite: runSuite, name: "verdict", outcome: kind === "passed" ? { kind } : { kind, message: `${word}: ${why}` } },
    // Two versions that both answer 404 agree about nothing.
    { suite: runSuite, name: "liveness", outcome: live < minLive ? { kind: "error", message: liveness } : passed },
    { suite: runSuite, name: "order", outcome: order.violated > 0 ? { kind: "error", message: edges } : passed },
    ...notSentOf(summary).map(
      ({ reason, why, count }): Case => ({
        suite: runSuite,
        name: `not sent: ${reason}`,
        outcome: { kind: "skipped", message: [plural(count, "call"), why].filter(Boolean).join(": ") },
      }),
    ),
  ];
}

const passed = { kind: "passed" } as const;

/** A divergence that a fix was to take away is a failure while it is met. */
function expectedCases({ expectedGone = [] }: RunSummary): Case[] {
  return expectedGone.map(({ hop, route, place, kind, met }) => ({
    suite: "expected to be gone",
    name: `${suiteOf(hop, route)}: ${placeInWords(place)} ${kind}`,
    outcome: met ? { kind: "failure", message: "it is still there" } : passed,
  }));
}

/** Groups of one route, place and kind that are told apart by more than that get numbers, for a name stands for one case. */
function distinct(cases: readonly Case[]): Case[] {
  const seen = new Map<string, number>();
  return cases.map((one) => {
    const key = `${one.suite}\0${one.name}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before === 0 ? one : { ...one, name: `${one.name} (${before + 1})` };
  });
}

/** What failures are told from. */
interface Sources {
  summary: RunSummary;
  run: RunReader | undefined;
  steps: ReadonlyMap<number, StepRecord>;
}

function divergenceCase(divergence: Divergence, sources: Sources): Case {
  const { hop, route, place, kind } = divergence;
  const message = headline(divergence, { namesHop: true });
  const why = isNoise(divergence) ? divergence.attribution.replace("-", " ") : "known";
  return {
    suite: suiteOf(hop, route),
    name: `${placeInWords(place)} ${kind}`,
    outcome: isCounted(divergence)
      ? { kind: "failure", message, detail: detailOf(divergence, sources) }
      : { kind: "skipped", message: `${why}: ${message}` },
  };
}

function detailOf(divergence: Divergence, { summary, run, steps }: Sources): string {
  const { attribution, severity, evidence, kind, examples, surfaced, firstHop } = divergence;
  const lines = [`${attribution}, ${severity}: ${evidence}`];
  if (firstHop !== undefined) lines.push(`first hop: ${firstHop}`);
  const blast = blastInWords(divergence);
  if (blast !== undefined) lines.push(blast);
  for (const { hop, route, place, kind: change, count } of surfaced) {
    lines.push(
      `surfaced at ${hop}: ${route}: ${placeInWords(place)} ${changeInWords({ kind: change, examples: [] })}, ${count}`,
    );
  }
  for (const example of examples.slice(0, 1)) {
    lines.push(`exchange ${example.exchangeId}`);
    lines.push(`expected: ${shortened(visibleLine(sideInWords(kind, "expected", example)), 2000)}`);
    lines.push(`actual:   ${shortened(visibleLine(sideInWords(kind, "actual", example)), 2000)}`);
    const [step, lane] = [steps.get(example.step), lanesToAsk(divergence, summary, 1)[0]];
    const curl = step && lane && curlLine(step, lane, run?.request(step.step));
    if (curl !== undefined) lines.push(curl);
  }
  return lines.join("\n");
}

/**
 * Routes at which nothing begins: those that a hop below changes say so, and fail there; the others are clean. In an
 * inconclusive run they are not said to pass.
 */
function otherRoutes({ routes = [], divergences, verdict }: RunSummary): Case[] {
  const differing = new Set(divergences.map(({ hop, route }) => suiteOf(hop, route)));
  const changed = changedFromBelow(divergences);
  return routes
    .map(({ hop, route, compared }) => ({ suite: suiteOf(hop, route), compared, below: changed.get(hop)?.get(route) }))
    .filter(({ suite, compared }) => compared > 0 && !differing.has(suite))
    .map(({ suite, compared, below }) => {
      if (below !== undefined) {
        const message = below.map((one) => headline(one, { namesHop: true })).join("; ");
        return { suite, name: "changed from below", outcome: { kind: "skipped", message } };
      }
      const message = `no difference in ${plural(compared, "answer")}, but the run is inconclusive`;
      return {
        suite,
        name: "no difference",
        outcome: verdict === "inconclusive" ? { kind: "skipped", message } : passed,
      };
    });
}

function suiteOf(hop: string, route: string): string {
  return `${hop}: ${route}`;
}

function suiteXml(name: string, cases: readonly Case[], summary: RunSummary): string {
  const time = name === runSuite ? { timestamp: summary.startedAt, time: seconds(summary) } : {};
  return `  <testsuite${attributes({ name, ...totals(cases), ...time })}>\n${cases.map(caseXml).join("")}  </testsuite>\n`;
}

function caseXml({ suite, name, outcome }: Case): string {
  const opening = `    <testcase${attributes({ classname: suite, name })}`;
  if (outcome.kind === "passed") return `${opening}/>\n`;
  const { kind, message, detail } = outcome;
  const type = kind === "skipped" ? {} : { type: kind === "error" ? "inconclusive" : "divergence" };
  const inside = `      <${kind}${attributes({ message: shortened(message, 2000), ...type })}`;
  return `${opening}>\n${inside}${detail === undefined ? "/>" : `>${escapeXml(detail)}</${kind}>`}\n    </testcase>\n`;
}

function totals(cases: readonly Case[]): Record<string, number> {
  const count = (kind: Case["outcome"]["kind"]) => cases.filter(({ outcome }) => outcome.kind === kind).length;
  return { tests: cases.length, failures: count("failure"), errors: count("error"), skipped: count("skipped") };
}

function seconds({ durationMs }: RunSummary): string {
  return (durationMs / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(visibleLine(String(value)))}"`)
    .join("");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML 1.0 has no way to write most control characters (section 2.2), so they are spelled out first. */
function escapeXml(text: string): string {
  return visible(text).replace(/[&<>"]/g, (char) => entities[char]!);
}
