import type { Call, ExchangeHead, NotSentReason, RedactedPlace } from "../tape/index.js";
import { isKeyPlace } from "./fresh-keys.js";
import type { ReplayOptions } from "./options.js";
import { isWrite } from "./order/index.js";
import { tiesOf } from "./order/ties.js";
import type { Plan } from "./step.js";
import { StepTable } from "./step-table.js";

/** What planning asks of the options. */
export type PlanChoice = Pick<ReplayOptions, "allowWrites" | "skipRedacted" | "headers" | "selection"> &
  Partial<Pick<ReplayOptions, "order" | "keepIdempotencyKeys">> & {
    /** Keep what ties the Steps to each other, for a forecast. */
    withTies?: boolean;
  };

/** When a call began, on a scale that all calls of the tape share: nanoseconds from any one zero, by which clock. */
export interface PlannedMoments {
  startNs: number;
  /** As an index into those of the plan. */
  clock: number;
}

/** Takes in calls one by one, in order of their start, and decides which become Steps. */
export interface Planner {
  /** False when as many Steps were planned as are wanted. `moments`: of the best sighting's own clock where absent. */
  add(best: ExchangeHead, moments?: PlannedMoments): boolean;
  finish(): Plan;
}

/**
 * Decides which calls become Steps and why the others do not. Pure. `calls` are the selected ones, in tape order of
 * their best sightings.
 */
export function planSteps(calls: Iterable<Pick<Call, "best">>, choice: PlanChoice): Plan {
  const planner = openPlanner(choice);
  for (const { best } of calls) if (!planner.add(best)) break;
  return planner.finish();
}

export function openPlanner(choice: PlanChoice): Planner {
  const covered = coveredPlaces(choice);
  const most = choice.selection.limit ?? Number.POSITIVE_INFINITY;
  const withTies = choice.order === "causal" && choice.withTies === true;
  const steps = new StepTable();
  const notSent = new Map<NotSentReason, number>();
  const redacted = new Map<RedactedPlace, number>();
  const authorities = new Set<string>();
  const callees = new Set<string>();
  let first: { atNs: bigint; momentNs: number } | undefined;
  let last: bigint | undefined;
  let mayNeedHttp2 = false;
  let wasHttp2 = false;

  const plan = (best: ExchangeHead, secrets: readonly RedactedPlace[], moments: PlannedMoments | undefined) => {
    if (last !== undefined && best.startedNs < last) steps.isReordered = true;
    last = best.startedNs;
    first ??= { atNs: best.startedNs, momentNs: moments?.startNs ?? 0 };
    const startNs = moments === undefined ? Number(best.startedNs - first.atNs) : moments.startNs - first.momentNs;
    steps.add(stepOf(best, startNs, moments?.clock), withTies ? tiesOf(best) : undefined);
    if (secrets.length > 0) for (const place of new Set(secrets)) redacted.set(place, (redacted.get(place) ?? 0) + 1);
    authorities.add(best.request.authority);
    callees.add(best.callee);
    wasHttp2 ||= best.request.protocol === "h2";
    mayNeedHttp2 ||= wasHttp2 || mayBeGrpc(best.request);
  };

  return {
    add(best, moments) {
      if (steps.length >= most) return false;
      const { request } = best.redacted;
      const secrets = request.length === 0 ? request : request.filter((place) => !covered(place));
      const reason = reasonNotToSend(best, choice, secrets.length > 0);
      if (reason === undefined) plan(best, secrets, moments);
      else notSent.set(reason, (notSent.get(reason) ?? 0) + 1);
      return true;
    },
    finish() {
      if ((choice.selection.repeat ?? 1) > 1) steps.repeat(choice.selection.repeat!, betweenPassesNs);
      return { steps, firstNs: first?.atNs ?? 0n, notSent, redacted, authorities, callees, mayNeedHttp2, wasHttp2 };
    },
  };
}

/** More than clocks are usually apart, so that a pass surely comes after the one before. */
const betweenPassesNs = 1e9;

function reasonNotToSend(head: ExchangeHead, choice: PlanChoice, hasSecrets: boolean): NotSentReason | undefined {
  const { request, answer } = head;
  if (request.method === "CONNECT") return "connect";
  if (answer.kind === "response" && answer.status === 101) return "upgrade";
  if (request.end === "aborted") return "aborted";
  if (request.end === "open") return "open";
  if (request.bodyKind === "cut" || request.bodyKind === "unredactable") return "truncated";
  // gRPC calls are all POST, so they are unsafe too: nothing on the wire says which only read.
  if (!choice.allowWrites && isWrite(request.method)) return "unsafe-method";
  if (choice.skipRedacted && hasSecrets) return "redacted";
  return undefined;
}

/** A head has no header fields: gRPC over HTTP/1.1 is guessed from its path, `/package.Service/Method`. */
function mayBeGrpc(request: ExchangeHead["request"]): boolean {
  return request.method === "POST" && /^\/[\w.]+\/\w+$/.test(request.path);
}

function stepOf(head: ExchangeHead, startedNs: number, clock: number | undefined): Parameters<StepTable["add"]>[0] {
  const open = head.answer.kind === "response" && head.answer.end === "open";
  const step: Parameters<StepTable["add"]>[0] = { exchangeId: head.id, startedNs, open };
  if (!open && head.answerEndedNs !== undefined) step.endedNs = startedNs + Number(head.answerEndedNs - head.startedNs);
  if ("status" in head.answer) step.recordedStatus = head.answer.status;
  if (clock !== undefined) step.clock = clock;
  return step;
}

/** A header given by the operator, or a key drawn anew, stands in for every pseudonym inside the recorded one; `cookie` for each cookie. */
function coveredPlaces({
  headers,
  keepIdempotencyKeys,
}: Pick<PlanChoice, "headers" | "keepIdempotencyKeys">): (place: RedactedPlace) => boolean {
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  return (place) => {
    if (place.startsWith("cookie:")) return given.has("cookie");
    if (!keepIdempotencyKeys && isKeyPlace(place)) return true;
    return place.startsWith("header:") && given.has(place.slice("header:".length).toLowerCase());
  };
}
