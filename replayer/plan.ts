import type { Call, NotSentReason, RedactedPlace } from "../tape/index.js";
import type { ReplayOptions } from "./options.js";
import type { Plan, Step } from "./step.js";

/** What planning asks of the options. */
export type PlanChoice = Pick<ReplayOptions, "allowWrites" | "skipRedacted" | "headers" | "selection">;

/**
 * Decides which calls become Steps and why the others do not. Pure. `calls` are the selected ones, in tape order of
 * their best sightings.
 */
export function planSteps(calls: readonly Call[], choice: PlanChoice): Plan {
  const covered = coveredPlaces(choice.headers);
  const drafts: Call["best"][] = [];
  const notSent = new Map<NotSentReason, number>();
  const redacted = new Map<RedactedPlace, number>();
  for (const { best } of calls) {
    if (drafts.length >= (choice.selection.limit ?? Number.POSITIVE_INFINITY)) break;
    const secrets = best.redacted.request.filter((place) => !covered(place));
    const reason = reasonNotToSend(best, choice, secrets.length > 0);
    if (reason !== undefined) notSent.set(reason, (notSent.get(reason) ?? 0) + 1);
    else {
      drafts.push(best);
      for (const place of new Set(secrets)) redacted.set(place, (redacted.get(place) ?? 0) + 1);
    }
  }
  const firstNs = drafts[0]?.startedNs ?? 0n;
  return {
    steps: drafts.map((head, index) => stepOf(head, index, firstNs)),
    firstNs,
    notSent,
    redacted,
    authorities: new Set(drafts.map((head) => head.request.authority)),
    callees: new Set(drafts.map((head) => head.callee)),
    mayNeedHttp2: drafts.some(({ request }) => request.protocol === "h2" || mayBeGrpc(request)),
  };
}

/** RFC 9110, section 9.2.1. gRPC calls are all POST, so they are unsafe too: nothing on the wire says which only read. */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

function reasonNotToSend(head: Call["best"], choice: PlanChoice, hasSecrets: boolean): NotSentReason | undefined {
  const { request, answer } = head;
  if (request.method === "CONNECT") return "connect";
  if (answer.kind === "response" && answer.status === 101) return "upgrade";
  if (request.end === "aborted") return "aborted";
  if (request.end === "open") return "open";
  if (request.bodyKind === "cut" || request.bodyKind === "unredactable") return "truncated";
  if (!choice.allowWrites && !safeMethods.has(request.method)) return "unsafe-method";
  if (choice.skipRedacted && hasSecrets) return "redacted";
  return undefined;
}

/** A head has no header fields: gRPC over HTTP/1.1 is guessed from its path, `/package.Service/Method`. */
function mayBeGrpc(request: Call["best"]["request"]): boolean {
  return request.method === "POST" && /^\/[\w.]+\/\w+$/.test(request.path);
}

function stepOf(head: Call["best"], index: number, firstNs: bigint): Step {
  const open = head.answer.kind === "response" && head.answer.end === "open";
  const step: Step = {
    step: index,
    exchangeId: head.id,
    startedNs: Number(head.startedNs - firstNs),
    open,
  };
  if (!open && head.answerEndedNs !== undefined) step.endedNs = Number(head.answerEndedNs - firstNs);
  if ("status" in head.answer) step.recordedStatus = head.answer.status;
  return step;
}

/** A header given by the operator stands in for every pseudonym inside the recorded one; `cookie` for each cookie. */
function coveredPlaces(headers: ReplayOptions["headers"]): (place: RedactedPlace) => boolean {
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  return (place) => {
    if (place.startsWith("cookie:")) return given.has("cookie");
    return place.startsWith("header:") && given.has(place.slice("header:".length).toLowerCase());
  };
}
