import { OperatorError } from "../../base/index.js";
import type { Exchange, Lane, RedactionKey } from "../../tape/index.js";
import { authorityMaker } from "../authority.js";
import { faultFor } from "../faults/fault-plan.js";
import type { ReplayEnv, ReplayOptions } from "../options.js";
import type { PlannedTape } from "../read-plan.js";
import { rewriterFor } from "../rewrite.js";
import {
  type Expected,
  type Landing,
  openSender,
  type Sender,
  type SenderOptions,
  securing,
  speaksHttp2,
} from "../send/index.js";
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
  /** Of each base URL that TLS failed with: why it did the first time. */
  tlsTroubles(): { url: string; words: string }[];
  /** What `Host` and `:authority` say of calls recorded to an authority, where that is not just the target's own. */
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
  plan: Pick<Plan, "mayNeedHttp2" | "wasHttp2" | "steps"> & Pick<PlannedTape, "called">,
  env: LaneEnv,
): Promise<{ lanes: OpenLane[]; warnings: string[] }> {
  const warnings: string[] = [];
  const asks = plan.mayNeedHttp2 && plan.steps.length > 0;
  const [oneCalled = ""] = plan.called;
  const greet = async (url: string): Promise<boolean> => {
    const { origin, authority } = parseTarget(url);
    const secure = securing(origin, options.tls)(authorityMaker({ ...options, authority })(oneCalled));
    const http2 = asks && (await speaksHttp2(origin, greetingMs, secure));
    if (plan.wasHttp2 && asks && !http2) {
      warnings.push(`${url} does not speak HTTP/2: what was recorded over it is sent over HTTP/1.1`);
    }
    return http2;
  };
  // Two lanes may have one target, which is asked once.
  const asked = new Map<string, Promise<boolean>>();
  const greeted = (url: string): Promise<boolean> => {
    const answer = asked.get(url) ?? greet(url);
    asked.set(url, answer);
    return answer;
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
  authorityOf: (recordedAuthority: string) => string;
  rewrite: ReturnType<typeof rewriterFor>;
  senders: Senders;
}

/** The ways of a lane. */
interface Ways {
  of(recordedAuthority: string): Way;
  senders: readonly Senders[];
}

function oneWay(lane: PlannedLane, http2: boolean, options: ReplayOptions, env: LaneEnv): Ways {
  const to = { url: lane.target };
  const way = wayTo(to, new Senders(lane.target, http2, options, env), { lane, options, env });
  return { of: () => way, senders: [way.senders] };
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
  const senders = new Map([...http2].map(([url, speaks]) => [url, new Senders(url, speaks, options, env)]));
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

function wayTo(to: AuthorityTarget, senders: Senders, { lane, options, env }: LaneNeeds): Way {
  const { authority: own, pathPrefix } = parseTarget(to.url);
  const { authority = own } = to;
  const { headers, keepHost } = options;
  return {
    senders,
    authorityOf: authorityMaker({ authority, headers, keepHost }),
    rewrite: rewriterFor({ run: env.runId, lane: lane.name, authority, pathPrefix, headers, keepHost }),
  };
}

/** What sends to one base URL: one sender, and over TLS one for each name that the target is asked for. */
class Senders {
  readonly url: string;
  readonly #byServerName = new Map<string | undefined, Sender>();
  readonly #origin: string;
  readonly #secureFor: ReturnType<typeof securing>;
  readonly #options: Omit<SenderOptions, "secure">;

  constructor(url: string, http2: boolean, options: ReplayOptions, env: LaneEnv) {
    const { order, concurrency, keepBodyBytes } = options;
    this.url = url;
    this.#origin = parseTarget(url).origin;
    this.#secureFor = securing(this.#origin, options.tls);
    this.#options = {
      ...{ clock: env.clock, http2, keepBodyBytes, key: env.key },
      connections: order === "none" ? concurrency : null,
    };
  }

  for(authority: string): Sender {
    const secure = this.#secureFor(authority);
    let sender = this.#byServerName.get(secure.servername);
    if (sender === undefined) {
      sender = openSender(this.#origin, { ...this.#options, secure });
      this.#byServerName.set(secure.servername, sender);
    }
    return sender;
  }

  giveUp(): void {
    for (const sender of this.#byServerName.values()) sender.giveUp();
  }

  /** Why TLS failed the first time with one of the names it was asked for; undefined while it has not. */
  get tlsTrouble(): string | undefined {
    for (const { tlsTrouble } of this.#byServerName.values()) if (tlsTrouble !== undefined) return tlsTrouble;
    return undefined;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byServerName.values()].map((sender) => sender.close()));
  }
}

function openLane(lane: PlannedLane, ways: Ways, env: LaneEnv): OpenLane {
  return {
    ...lane,
    authorityOf: (recorded) => ways.of(recorded).authorityOf(recorded),
    send(exchange, step, timeoutMs, landing) {
      const { rewrite, senders } = ways.of(exchange.request.authority);
      const fault = lane.plan && faultFor(exchange, lane.plan);
      const request = rewrite(exchange.request, step, fault);
      senders.for(request.authority).send(request, expectedOf(exchange, timeoutMs, env), landing);
    },
    giveUp() {
      for (const sender of ways.senders) sender.giveUp();
    },
    tlsTroubles() {
      return ways.senders.flatMap(({ url, tlsTrouble: words }) => (words === undefined ? [] : [{ url, words }]));
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
