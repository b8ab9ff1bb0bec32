import type { Divergence, RunReader, RunSummary } from "../tape/index.js";
import { curlLine } from "./curl.js";
import { code, fenced, folded, plain, table } from "./github/markdown.js";
import { notSentOf } from "./not-sent.js";
import { countInWords, durationInWords, msDigits, percentInWords, plural } from "./numbers.js";
import { ruleFor } from "./rule-for.js";
import { seriesOf, statusesOf } from "./series.js";
import { exampleSteps, lanesToAsk } from "./sources.js";
import { shortened, visibleLine } from "./visible.js";
import { changeInWords, isCounted, isNoise, placeInWords, sentence, sideInWords, verdictSentence } from "./words.js";

/** A comment of GitHub holds 65,536 characters; what is left out is said. */
const mostChars = 60_000;
const shownGroups = 20;
const shownDetails = 10;

/** A run as a Markdown summary for a pull request (`$GITHUB_STEP_SUMMARY`, a comment): short, the details folded. */
export function renderGithub(summary: RunSummary, run?: RunReader): string {
  const counted = summary.divergences.filter(isCounted);
  const parts = [
    ...headOf(summary),
    ...divergencesOf(counted),
    ...detailsOf(counted.slice(0, shownDetails), summary, run),
    ...besideOf(summary),
    folded("Latency and statuses, before and after", latencyOf(summary)),
    folded("How it was run", howOf(summary)),
  ];
  return `${within(parts).join("\n\n")}\n`;
}

/** Parts in their order while they fit. */
function within(parts: readonly string[]): string[] {
  const kept: string[] = [];
  let left = mostChars;
  for (const part of parts) {
    if (part.length + 2 > left) continue;
    left -= part.length + 2;
    kept.push(part);
  }
  if (kept.length < parts.length) kept.push("_Parts were left out for length: see the report._");
  return kept;
}

const marks = { passed: "✅", diverged: "❌", inconclusive: "⚠️" } as const;

function headOf(summary: RunSummary): string[] {
  const { word, why } = verdictSentence(summary);
  const { sent, steps, answered, compared, live, order, latencyInvalid } = summary;
  const numbers = [
    `${countInWords(sent)} of ${plural(steps, "Step")} sent`,
    `${countInWords(answered)} answered`,
    `${countInWords(compared)} compared`,
    `${percentInWords(live)} live`,
    order.violated === 0 ? "order kept" : `**order violated ${countInWords(order.violated)} times**`,
    ...(latencyInvalid === undefined ? [] : ["**latency not valid**"]),
  ];
  return [
    `## ${marks[summary.verdict]} tapeloop: ${word.toLowerCase()}`,
    sentence(plain(shortened(why, 600))),
    numbers.join(" · "),
  ];
}

function divergencesOf(counted: readonly Divergence[]): string[] {
  if (counted.length === 0) return [];
  const rows = counted.slice(0, shownGroups).map((divergence) => {
    const { number, route, place, count, of, attribution, blast, hop } = divergence;
    const cause = [attribution.replace("-", " "), blast].filter(Boolean).join(", ");
    const change = plain(shortened(changeInWords(divergence), 80));
    return [
      `${number}`,
      code(shortened(route, 90)),
      `${code(shortened(placeInWords(place), 80))} ${change}`,
      code(shortened(hop, 40)),
      cause,
      `${countInWords(count)} of ${countInWords(of)}`,
    ];
  });
  const left = counted.length - rows.length;
  return [
    `### ${plural(counted.length, "divergence")}`,
    table(["#", "route", "what changed", "first hop", "cause", "met"], rows, 5),
    ...(left > 0 ? [`and ${countInWords(left)} more in the report`] : []),
  ];
}

function detailsOf(counted: readonly Divergence[], summary: RunSummary, run: RunReader | undefined): string[] {
  const steps = run === undefined ? undefined : exampleSteps(counted, run, 1);
  return counted.map((divergence) => {
    const { number, kind, evidence, firstHop, examples, route, place } = divergence;
    const example = examples[0];
    const step = example && steps?.get(example.step);
    const lane = lanesToAsk(divergence, summary, 1)[0];
    const curl = step && lane && curlLine(step, lane, run?.request(step.step));
    const rule = ruleFor(divergence);
    const side = (name: "expected" | "actual") => shortened(visibleLine(sideInWords(kind, name, example!)), 300);
    const content = [
      sentence(plain(shortened(evidence, 500))),
      ...(firstHop === undefined ? [] : [sentence(plain(shortened(firstHop, 300)))]),
      ...(example === undefined ? [] : [fenced(`- ${side("expected")}\n+ ${side("actual")}`, "diff")]),
      ...(curl === undefined || curl.length > 2000 ? [] : [fenced(curl, "sh")]),
      ...(rule === undefined || rule.length > 1000
        ? []
        : ["If this is wanted, this entry in the `rules` of a rules file hides it:", fenced(rule, "yaml")]),
    ];
    const title = `${number} · ${code(shortened(route, 90))} ${code(shortened(placeInWords(place), 80))}`;
    return folded(title, content.join("\n\n"));
  });
}

/** What is not held against the run, or was not part of it: a line each. */
function besideOf(summary: RunSummary): string[] {
  const { divergences, blocked = [], rules = [], expectedGone = [], stub, warnings } = summary;
  const noise = divergences.filter(isNoise).length;
  const known = divergences.filter((one) => one.known === true && !isNoise(one)).length;
  const unsent = notSentOf(summary).map(({ reason, count }) => `${countInWords(count)} ${plain(reason)}`);
  const stillThere = expectedGone.filter(({ met }) => met).length;
  const lines = [
    noise > 0 && `${plural(noise, "group")} of noise, not held against the run`,
    known > 0 && `${plural(known, "known divergence")}, not held against the run`,
    expectedGone.length > 0 &&
      `${stillThere} of ${plural(expectedGone.length, "divergence")} expected to be gone still there`,
    unsent.length > 0 && `not sent: ${unsent.join(", ")}`,
    blocked.length > 0 &&
      `blocked: ${plural(
        blocked.reduce((sum, { count }) => sum + count, 0),
        "call",
      )} by ${plural(new Set(blocked.map((one) => one.producerExchange)).size, "answer")} without a value they need`,
    stub !== undefined && stub.missed > 0 && `${plural(stub.missed, "call")} the stub had no answer for`,
    rules.length > 0 &&
      `${plural(rules.length, "rule")} hid ${plural(
        rules.reduce((sum, { hid }) => sum + hid, 0),
        "Difference",
      )}, ${countInWords(rules.filter(({ unused }) => unused).length)} never met`,
    ...warnings.slice(0, 5).map((warning) => plain(shortened(warning, 300))),
  ].filter((line) => line !== false);
  return lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join("\n")];
}

function latencyOf(summary: RunSummary): string {
  const series = seriesOf(summary);
  const columns = ["p50", "p90", "p99", "p999", "max"] as const;
  const rows = series.map(({ name, fromSent }) => [
    code(name),
    countInWords(fromSent.count),
    ...columns.map((column) => (fromSent.count === 0 ? "–" : msDigits(fromSent[column]))),
  ]);
  const known = series.filter(({ statuses }) => statuses !== undefined);
  const statuses = statusesOf(known)
    .slice(0, 30)
    .map((status) => [plain(status), ...known.map((one) => countInWords(one.statuses?.[status] ?? 0))]);
  const invalid = summary.latencyInvalid === undefined ? [] : [`**Not valid:** ${plain(summary.latencyInvalid)}`];
  return [
    ...invalid,
    table(["ms, from sent", "count", "p50", "p90", "p99", "p99.9", "max"], rows),
    ...(statuses.length > 0 ? [table(["answer", ...known.map(({ name }) => code(name))], statuses)] : []),
  ].join("\n\n");
}

function howOf({ run, tapeloop, tape, settings, lanes, durationMs }: RunSummary): string {
  const rows = [
    ["tape", code(shortened(tape.paths.join(", "), 300))],
    ["selection", code(shortened(settings.selection, 200))],
    ["order, pace", plain(`${settings.order}, ${settings.pace}`)],
    ...lanes.slice(0, 12).map(({ name, target }) => [plain(shortened(name, 60)), code(shortened(target, 200))]),
    ["run", `${code(run)}, ${durationInWords(durationMs)}, tapeloop ${plain(tapeloop)}`],
  ];
  return table(["", ""], rows, 2);
}
