import type { Coverage, RunSummary, Verdict } from "../tape/index.js";
import { coverageDoubts } from "./coverage-doubts.js";

/** What the verdict is made from. */
export type Evidence = Pick<
  RunSummary,
  | ("steps" | "sent" | "answered" | "compared" | "comparedByStatus" | "live" | "minLive")
  | ("order" | "lanes" | "divergences" | "reference")
> & {
  /** Calls on the tape that were selected, sendable or not. */
  selected: number;
  interrupted: boolean;
  /** What the tape says it holds of the traffic. */
  coverage: Coverage;
  /** Share of it, 0 to 1, that is asked for. */
  floor?: number | undefined;
};

/**
 * The verdict of a run. Pure. `inconclusive` comes before the others: a run that cannot know says neither that nothing
 * changed nor that something did.
 */
export function judge(evidence: Evidence): Verdict {
  const doubts = doubtsOf(evidence);
  if (doubts.length > 0) return { kind: "inconclusive", reasons: doubts };
  const counted = evidence.divergences.filter(({ attribution }) => !isNoise(attribution));
  if (counted.length > 0) return { kind: "diverged", reasons: [divergedInWords(counted)] };
  if (evidence.comparedByStatus === evidence.compared) return { kind: "inconclusive", reasons: [statusesAlone] };
  return { kind: "passed", reasons: [passedInWords(evidence)] };
}

/** A status that differs says that something changed; statuses that agree do not say that nothing did. */
const statusesAlone =
  "only statuses could be compared, and they agree: the tape holds no answers, but what an access log told of them; give a live reference with --baseline";

function passedInWords({ compared, comparedByStatus, sent }: Evidence): string {
  const byStatus = comparedByStatus === undefined ? "" : `, ${comparedByStatus} of them by their status alone`;
  return `${compared} of ${sent} answers compared${byStatus}, none diverged`;
}

function isNoise(attribution: RunSummary["divergences"][number]["attribution"]): boolean {
  return attribution === "noise" || attribution === "unproven-noise";
}

/** Why it cannot know; none when it can. Each in one sentence, the one that explains the others first. */
function doubtsOf(evidence: Evidence): string[] {
  if (evidence.interrupted) return [`interrupted after ${evidence.sent} of ${evidence.steps} requests`];
  if (evidence.sent === 0) return [nothingSent(evidence)];
  const mute = evidence.lanes.filter((lane) => lane.answered === 0);
  if (mute.length > 0) return mute.map((lane) => `${lane.role} ${lane.target} answered none of ${lane.sent} requests`);
  return [
    ...coverageDoubts(evidence.coverage, evidence.floor),
    ...orderDoubts(evidence),
    ...(evidence.compared === 0 ? [nothingCompared(evidence)] : []),
    ...(evidence.live < evidence.minLive ? [notLive(evidence)] : []),
  ];
}

function nothingSent({ selected }: Evidence): string {
  return selected === 0
    ? "nothing was sent: no call on the tape was selected"
    : `nothing was sent: none of the ${selected} selected calls can be sent`;
}

function orderDoubts({ order }: Evidence): string[] {
  if (order.violated === 0) return [];
  return [`the recorded order was not kept: ${order.violated} of ${order.required} required edges were violated`];
}

function nothingCompared({ reference }: Evidence): string {
  return reference === "recorded"
    ? "nothing could be compared: the tape holds no answers; give a live reference with --baseline"
    : "nothing could be compared: no request was answered by both lanes";
}

function notLive({ live, minLive, reference }: Evidence): string {
  const lane = reference === "baseline" ? "baseline" : "target";
  return `the ${lane} answered ${percent(live)} of the requests with the recorded status class, ${percent(minLive)} are needed: it may lack its data or its dependencies`;
}

/** Rounded down, so that what is below a bound never reads as the bound. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10}%`;
}

function divergedInWords(divergences: Evidence["divergences"]): string {
  const first = divergences[0]!;
  const more = divergences.length === 1 ? "" : `, and ${divergences.length - 1} more`;
  return `${first.route}: ${first.kind} at ${first.place}, ${first.count} of ${first.of}${more}`;
}
