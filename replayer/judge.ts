import type { Coverage, Divergence, LaneSummary, RunSummary, Verdict } from "../tape/index.js";
import { coverageDoubts } from "./coverage-doubts.js";
import { divergedInWords, firstAndMore } from "./diverged-in-words.js";
import { gate } from "./gate/gate.js";
import type { Thresholds } from "./gate/thresholds.js";
import { tlsFlags } from "./lanes/tls-warnings.js";

/** What the verdict is made from. */
export type Evidence = Pick<
  RunSummary,
  | ("steps" | "sent" | "answered" | "compared" | "comparedByStatus" | "live" | "minLive")
  | ("order" | "lanes" | "divergences" | "reference" | "stub")
> & {
  /** Calls on the tape that were selected, sendable or not. */
  selected: number;
  interrupted: boolean;
  /** Of these, the calls that were left out, by reason. */
  notSent?: RunSummary["notSent"];
  /** Share of the selected calls, 0 to 1, that must have been compared; {@link usualShare} unless given. */
  minCompared?: number | undefined;
  /** Whether the reference answered any Step with other than an error; undefined where nobody looked. */
  served?: boolean;
  /** Steps that were not sent for want of a value, in the lane that lacks most, and the share of them that is allowed. */
  blocked?: number;
  maxBlocked?: number | undefined;
  /** What the tape says it holds of the traffic. */
  coverage: Coverage;
  /** Share of it, 0 to 1, that is asked for. */
  floor?: number | undefined;
  /** What the run may differ in and still pass. */
  thresholds?: Thresholds | undefined;
  /** Fail on noise that is not proven, too. */
  strict?: boolean;
};

/**
 * The verdict of a run. Pure. What makes all of it doubtful comes first: a run that cannot know says neither that nothing
 * changed nor that something did. A divergence that was found stands whatever else was not; that none was found is worth
 * less when something could not be looked at.
 */
export function judge(evidence: Evidence): Verdict {
  const doubts = doubtsOf(evidence);
  if (doubts.length > 0) return { kind: "inconclusive", reasons: doubts };
  const counted = evidence.divergences.filter((divergence) => fails(divergence, evidence));
  const { failing, allowed } = gate(counted, evidence.thresholds);
  if (failing.length > 0) return { kind: "diverged", reasons: [divergedInWords(failing)] };
  const unseen = doubtsOfNone(evidence);
  if (unseen.length > 0) return { kind: "inconclusive", reasons: unseen };
  return { kind: "passed", reasons: [passedInWords(evidence, allowed.length)] };
}

/** Whether a divergence speaks against the candidate. */
function fails(divergence: Divergence, evidence: Evidence): boolean {
  if (divergence.known || divergence.undecided) return false;
  switch (divergence.attribution) {
    case "noise":
      return false;
    case "unproven-noise":
      return evidence.strict === true;
    case "fault":
      return divergence.blast !== "contained" && !isOfOldAlone(divergence, evidence);
    case "version":
    case "interaction":
    case "unattributed":
      return true;
  }
}

/** What the faults do to the old version is what the candidate is held against, and none of its doing. */
function isOfOldAlone({ lanes: met }: Divergence, { lanes }: Evidence): boolean {
  return met?.every(({ lane }) => lanes.find(({ name }) => name === lane)?.role === "baseline") ?? false;
}

/** Why it is worth little that no divergence was found. */
function doubtsOfNone(evidence: Evidence): string[] {
  const { blocked = 0, maxBlocked = 0, steps, divergences, compared, comparedByStatus } = evidence;
  const undecided = divergences.filter((divergence) => divergence.undecided && !divergence.known);
  return [
    ...(blocked > maxBlocked * steps ? [tooManyBlocked(evidence)] : []),
    ...(undecided.length > 0 ? [`undecided whether it is noise: ${firstAndMore(undecided)}`] : []),
    ...(comparedByStatus === compared ? [statusesAlone] : []),
    ...fewCompared(evidence),
    ...errorsAlone(evidence),
    ...stubUnasked(evidence),
  ];
}

/** Who looked at less than half of what was chosen knows little of it. */
const usualShare = 0.5;

function fewCompared({ compared, selected, notSent = {}, minCompared = usualShare }: Evidence): string[] {
  if (compared >= minCompared * selected) return [];
  const [most] = Object.entries(notSent).sort(([, one], [, other]) => other - one);
  const why = most === undefined ? "" : `; ${most[1]} were not sent: ${notSentHint(most[0])}`;
  return [`only ${compared} of ${selected} selected calls were compared, ${percent(minCompared)} are needed${why}`];
}

function notSentHint(reason: string): string {
  return reason === "unsafe-method"
    ? "they may write (--allow-writes sends them; --where chooses what is to be judged)"
    : `${reason} (--where chooses what is to be judged, --min-compared how much of it)`;
}

/** Two versions that refuse alike agree about nothing. */
function errorsAlone({ served, minLive }: Evidence): string[] {
  if (served !== false || minLive === 0) return [];
  return [
    "every answer was an error, the reference's too: that says nothing of what the versions serve; select other calls, or say --min-live 0 where errors are what is meant",
  ];
}

function stubUnasked({ stub }: Evidence): string[] {
  if (stub === undefined || stub.served + stub.missed > 0) return [];
  return [`${stub.service} never called the stub, so whom it did call is not known: point its downstream hosts there`];
}

/** A status that differs says that something changed; statuses that agree do not say that nothing did. */
const statusesAlone =
  "only statuses could be compared, and they agree: the tape holds no answers, but what an access log told of them; give a live reference with --baseline";

/** A Difference that was found stands; that none was found says little when calls behind it were not sent. */
function tooManyBlocked({ blocked = 0, steps }: Evidence): string {
  return `${blocked} of ${steps} requests were not sent: a live answer lacked a value that they need`;
}

function passedInWords({ compared, comparedByStatus, sent, selected }: Evidence, allowed: number): string {
  const byStatus = comparedByStatus === undefined ? "" : `, ${comparedByStatus} of them by their status alone`;
  const found = allowed === 0 ? "none diverged" : `${allowed} divergences within the thresholds`;
  const left = selected > sent ? `; ${selected - sent} of ${selected} selected calls were not sent` : "";
  return `${compared} of ${sent} answers compared${byStatus}, ${found}${left}`;
}

/** Why it cannot know; none when it can. Each in one sentence, the one that explains the others first. */
function doubtsOf(evidence: Evidence): string[] {
  if (evidence.interrupted) return [`interrupted after ${evidence.sent} of ${evidence.steps} requests`];
  if (evidence.sent === 0) return [nothingSent(evidence)];
  const mute = evidence.lanes.filter((lane) => lane.answered === 0);
  if (mute.length > 0) return mute.map(muteInWords);
  return [
    ...coverageDoubts(evidence.coverage, evidence.floor),
    ...orderDoubts(evidence),
    ...(evidence.compared === 0 ? [nothingCompared(evidence)] : []),
    ...(evidence.live < evidence.minLive ? [notLive(evidence)] : []),
  ];
}

function muteInWords({ name, role, target, sent, statuses }: LaneSummary): string {
  const lane = name === role ? role : `${role} "${name}" at`;
  const why = statuses.tls === sent ? `, for TLS failed: ${tlsFlags}` : "";
  return `${lane} ${target} answered none of ${sent} requests${why}`;
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
