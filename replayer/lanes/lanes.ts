import type { Exchange, Lane, RedactionKey } from "../../tape/index.js";
import { faultFor } from "../faults/fault-plan.js";
import type { ReplayEnv, ReplayOptions } from "../options.js";
import { rewriterFor } from "../rewrite.js";
import { type Expected, type Landing, openSender, speaksHttp2 } from "../send/index.js";
import type { Plan } from "../step.js";
import { parseTarget } from "../target.js";
import { contrastsOf } from "./contrasts.js";
import { type LaneChoice, type PlannedLane, planLanes } from "./plan-lanes.js";

/** A lane with its connections. */
export interface OpenLane extends PlannedLane {
  /** Rewrites a recorded request for this lane and sends it once, as `Sender.send` does. */
  send(exchange: Exchange, step: number, timeoutMs: number, landing: Landing): void;
  giveUp(): void;
  close(): Promise<void>;
}

/** Throws an OperatorError for lanes that make no sense together. */
export function contrastLanes(choice: LaneChoice): void {
  contrastsOf(planLanes(choice));
}

/** The lanes of a run as its file names them. */
export function lanesOf(choice: LaneChoice): Lane[] {
  return planLanes(choice).map(({ plan, ...lane }) => lane);
}

/** A target that is slower than this to greet over HTTP/2 is spoken to over HTTP/1.1. */
const greetingMs = 5_000;

/** What lanes stand on. */
export interface LaneEnv extends Pick<ReplayEnv, "clock" | "runId"> {
  key: RedactionKey;
  /** The tape was recorded with this key. */
  sameKey: boolean;
}

/** Opens every lane. Where Steps may want HTTP/2, each target is asked first whether it speaks it. */
export async function openLanes(
  options: ReplayOptions,
  plan: Pick<Plan, "mayNeedHttp2" | "steps">,
  env: LaneEnv,
): Promise<{ lanes: OpenLane[]; warnings: string[] }> {
  const warnings: string[] = [];
  const asks = plan.mayNeedHttp2 && plan.steps.length > 0;
  const lanes = planLanes(options).map(async (lane) => {
    const http2 = asks && (await speaksHttp2(parseTarget(lane.target).origin, greetingMs));
    if (asks && !http2) {
      warnings.push(`${lane.target} does not speak HTTP/2: what was recorded over it is sent over HTTP/1.1`);
    }
    return openLane(lane, http2, options, env);
  });
  return { lanes: await Promise.all(lanes), warnings };
}

function openLane(lane: PlannedLane, http2: boolean, options: ReplayOptions, env: LaneEnv): OpenLane {
  const { origin, authority, pathPrefix } = parseTarget(lane.target);
  const rewrite = rewriterFor({ run: env.runId, lane: lane.name, authority, pathPrefix, headers: options.headers });
  const sender = openSender(origin, {
    clock: env.clock,
    http2,
    connections: options.order === "none" ? options.concurrency : null,
    keepBodyBytes: options.keepBodyBytes,
    key: env.key,
  });
  return {
    ...lane,
    send: (exchange, step, timeoutMs, landing) =>
      sender.send(
        rewrite(exchange.request, step, lane.plan && faultFor(exchange, lane.plan)),
        expectedOf(exchange, timeoutMs, env),
        landing,
      ),
    giveUp: () => sender.giveUp(),
    close: () => sender.close(),
  };
}

/** An answer that was still coming when it was recorded is listened to for as long as the recorder did, and so long at least. */
const leastOpenMs = 1_000;

function expectedOf(exchange: Exchange, timeoutMs: number, { sameKey }: Pick<LaneEnv, "sameKey">): Expected {
  const { answer } = exchange;
  const expected: Expected = { timeoutMs };
  if (answer.kind !== "response") return expected;
  // Only when nothing in it was redacted do the bytes belong to their hash.
  if (sameKey && answer.body.kind === "whole" && exchange.redacted.answer.length === 0) expected.known = answer.body;
  if (answer.end === "open") expected.openMs = Math.max(leastOpenMs, listenedMs(exchange));
  return expected;
}

/** From the start of a call to the last that is known of it. */
function listenedMs({ startedNs, answerStartedNs, answerEndedNs, frames }: Exchange): number {
  const lastNs = answerEndedNs ?? frames.at(-1)?.atNs ?? answerStartedNs ?? startedNs;
  return Number(lastNs - startedNs) / 1e6;
}
