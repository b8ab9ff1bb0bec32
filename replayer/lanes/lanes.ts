import { OperatorError } from "../../base/index.js";
import type { Exchange, Lane, RedactionKey } from "../../tape/index.js";
import { faultFor } from "../faults/fault-plan.js";
import type { ReplayEnv, ReplayOptions } from "../options.js";
import { rewriterFor } from "../rewrite.js";
import { type Expected, type Landing, openSender, type Sender, speaksHttp2 } from "../send/index.js";
import type { Plan } from "../step.js";
import { type AuthorityTarget, type AuthorityTargets, parseTarget, urlsOf } from "../target.js";
import { contrastsOf } from "./contrasts.js";
import { type LaneChoice, type PlannedLane, planLanes } from "./plan-lanes.js";

/** A lane with its connections. */
export interface OpenLane extends PlannedLane {
  /** Rewrites a recorded request for this lane and sends it once, as `Sender.send` does. */
  send(exchange: Exchange, step: number, timeoutMs: number, landing: Landing): void;
  giveUp(): void;
  close(): Promise<void>;
  /** What `Host` and `:authority` say of calls recorded to an authority, for a target that stands for many. */
  authorityOf?: (recordedAuthority: string) => string;
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
  const greeted = async (url: string): Promise<boolean> => {
    const http2 = asks && (await speaksHttp2(parseTarget(url).origin, greetingMs));
    if (asks && !http2) {
      warnings.push(`${url} does not speak HTTP/2: what was recorded over it is sent over HTTP/1.1`);
    }
    return http2;
  };
  const lanes = planLanes(options).map(async (lane) => {
    const many = options.byAuthority?.[lane.target];
    if (many === undefined) return openLane(lane, oneWay(lane, await greeted(lane.target), options, env), env);
    const http2 = new Map<string, boolean>();
    for (const url of urlsOf(lane.target, options)) http2.set(url, await greeted(url));
    return openLane(lane, manyWays(lane, { many, http2, options, env }), env);
  });
  return { lanes: await Promise.all(lanes), warnings };
}

/** Where some of a lane's requests go: how they are written, and over what. */
interface Way {
  authority: string;
  rewrite: ReturnType<typeof rewriterFor>;
  sender: Sender;
}

/** The ways of a lane. */
interface Ways {
  of(recordedAuthority: string): Way;
  senders: readonly Sender[];
}

function oneWay(lane: PlannedLane, http2: boolean, options: ReplayOptions, env: LaneEnv): Ways {
  const to = { url: lane.target };
  const way = wayTo(to, senderOf(lane.target, http2, options, env), { lane, options, env });
  return { of: () => way, senders: [way.sender] };
}

function manyWays(
  lane: PlannedLane,
  {
    many,
    http2,
    options,
    env,
  }: Omit<LaneNeeds, "lane"> & { many: AuthorityTargets; http2: ReadonlyMap<string, boolean> },
): Ways {
  const senders = new Map([...http2].map(([url, speaks]) => [url, senderOf(url, speaks, options, env)]));
  const ways = new Map(
    Object.entries(many).map(([recorded, to]) => [recorded, wayTo(to, senders.get(to.url)!, { lane, options, env })]),
  );
  return {
    of(recorded) {
      const way = ways.get(recorded);
      if (way === undefined) throw new OperatorError(`nothing says where calls to ${recorded} go in ${lane.target}`);
      return way;
    },
    senders: [...senders.values()],
  };
}

interface LaneNeeds {
  lane: PlannedLane;
  options: ReplayOptions;
  env: LaneEnv;
}

function wayTo(to: AuthorityTarget, sender: Sender, { lane, options, env }: LaneNeeds): Way {
  const { authority: own, pathPrefix } = parseTarget(to.url);
  const { authority = own } = to;
  const { headers } = options;
  return {
    ...{ sender, authority },
    rewrite: rewriterFor({ run: env.runId, lane: lane.name, authority, pathPrefix, headers }),
  };
}

function senderOf(url: string, http2: boolean, options: ReplayOptions, env: LaneEnv): Sender {
  return openSender(parseTarget(url).origin, {
    clock: env.clock,
    http2,
    connections: options.order === "none" ? options.concurrency : null,
    keepBodyBytes: options.keepBodyBytes,
    key: env.key,
  });
}

function openLane(lane: PlannedLane, ways: Ways, env: LaneEnv): OpenLane {
  return {
    ...lane,
    authorityOf: (recorded) => ways.of(recorded).authority,
    send(exchange, step, timeoutMs, landing) {
      const { rewrite, sender } = ways.of(exchange.request.authority);
      const fault = lane.plan && faultFor(exchange, lane.plan);
      sender.send(rewrite(exchange.request, step, fault), expectedOf(exchange, timeoutMs, env), landing);
    },
    giveUp() {
      for (const sender of ways.senders) sender.giveUp();
    },
    async close() {
      await Promise.all(ways.senders.map((sender) => sender.close()));
    },
  };
}

/** An answer that was still coming when it was recorded, or that its client left, is listened to for as long as then, and so long at least. */
const leastOpenMs = 1_000;

function expectedOf(exchange: Exchange, timeoutMs: number, { sameKey }: Pick<LaneEnv, "sameKey">): Expected {
  const { answer } = exchange;
  const expected: Expected = { timeoutMs };
  if (answer.kind !== "response") return expected;
  // Only when nothing in it was redacted do the bytes belong to their hash.
  if (sameKey && answer.body.kind === "whole" && exchange.redacted.answer.length === 0) expected.known = answer.body;
  if (answer.end === "open" || answer.end === "client-aborted")
    expected.openMs = Math.max(leastOpenMs, listenedMs(exchange));
  return expected;
}

/** From the start of a call to the last that is known of it. */
function listenedMs({ startedNs, answerStartedNs, answerEndedNs, frames }: Exchange): number {
  const lastNs = answerEndedNs ?? frames.at(-1)?.atNs ?? answerStartedNs ?? startedNs;
  return Number(lastNs - startedNs) / 1e6;
}
