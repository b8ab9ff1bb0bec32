import fc from "fast-check";
import type { ExchangeHead, RecorderId, Vantage } from "../../tape/index.js";
import { exchangeHead } from "./exchange-head.js";

/**
 * A made-up mesh of which everything is known: who really called whom, what each recorder saw of it by its own clock,
 * and what it lost. `lost` is what a ledger would say.
 */
export interface CallWorld {
  heads: ExchangeHead[];
  /** The call that an Exchange is a sighting of. */
  callOf: ReadonlyMap<number, number>;
  /** The call that a call was made by; undefined for one from outside. */
  parentOf: ReadonlyMap<number, number | undefined>;
  /** By incarnation: what its clock shows minus the true time, in nanoseconds. */
  aheadNs: ReadonlyMap<string, number>;
  /** Incarnations that lost some. */
  lossy: ReadonlySet<string>;
}

export const services = ["gateway", "shop", "stock", "price", "ratings"] as const;
type Service = (typeof services)[number];

/** How the mesh is set up. */
export interface MeshPlan {
  /** Which services have a recorder before them, which one for what they send. */
  inbound: readonly boolean[];
  outbound: readonly boolean[];
  /** Which services' proxies copy what they send, and what they get, to one mirror recorder. */
  mirrorOut: readonly boolean[];
  mirrorIn: readonly boolean[];
  propagates: readonly boolean[];
  /** Milliseconds, by recorder: inbound of each service, outbound of each, the mirror's. */
  aheadMs: readonly number[];
  /** Proxies name the caller to the callee. */
  namesCallers: boolean;
  /** Proxies begin traces and give each call a span of its own; `b3` tells its parent, too. */
  tracing: "none" | "w3c" | "b3";
  /** Of 100 sightings so many are lost. */
  lossPercent: number;
}

/** What one call does, before it is known when. */
export interface CallPlan {
  service: number;
  path: number;
  /** Milliseconds of own work before the first child and after the last. */
  beforeMs: number;
  afterMs: number;
  children: readonly CallPlan[];
  /** Children are called at once. */
  parallel: boolean;
  /** Is not waited for. */
  detached: boolean;
  /** Fails first, and is tried again by the caller's proxy. */
  retried: boolean;
}

export interface RequestPlan {
  startMs: number;
  root: CallPlan;
  /** The client sends an id that another request has, too. */
  reusesId: boolean;
}

const percent = fc.integer({ min: 0, max: 99 });
const flags = fc.array(fc.boolean(), { minLength: services.length, maxLength: services.length });
const mostly = fc.array(
  fc.integer({ min: 0, max: 9 }).map((n) => n > 1),
  {
    minLength: services.length,
    maxLength: services.length,
  },
);
const clockMs = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -900, max: 900 }),
  fc.integer({ min: -7_200_000, max: 7_200_000 }),
);

export const meshPlan: fc.Arbitrary<MeshPlan> = fc.record({
  inbound: mostly,
  outbound: flags,
  mirrorOut: flags,
  mirrorIn: flags,
  propagates: mostly,
  aheadMs: fc.array(clockMs, { minLength: services.length * 2 + 1, maxLength: services.length * 2 + 1 }),
  namesCallers: fc.boolean(),
  tracing: fc.constantFrom("none", "w3c", "b3"),
  lossPercent: fc.constantFrom(0, 0, 5, 25),
});

const callPlan = (service: number, depth: number): fc.Arbitrary<CallPlan> =>
  fc.record({
    service: fc.constant(service),
    path: fc.integer({ min: 0, max: 2 }),
    beforeMs: fc.integer({ min: 1, max: 20 }),
    afterMs: fc.integer({ min: 1, max: 20 }),
    children:
      depth === 0
        ? fc.constant<CallPlan[]>([])
        : // The last service calls nobody but, now and then, itself.
          service === services.length - 1
          ? fc
              .integer({ min: 0, max: 9 })
              .chain((n) => (n === 0 ? callPlan(service, 0).map((own) => [own]) : fc.constant<CallPlan[]>([])))
          : fc.array(
              fc
                .integer({ min: Math.min(service + 1, services.length - 1), max: services.length - 1 })
                .chain((next) => callPlan(next, depth - 1)),
              { maxLength: 3 },
            ),
    parallel: fc.boolean(),
    detached: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    retried: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });

export const requestPlans: fc.Arbitrary<RequestPlan[]> = fc.array(
  fc.record({
    startMs: fc.integer({ min: 0, max: 300 }),
    root: callPlan(0, 3),
    reusesId: percent.map((n) => n < 10),
  }),
  { minLength: 1, maxLength: 6 },
);

export const callWorld: fc.Arbitrary<CallWorld> = fc
  .tuple(meshPlan, requestPlans, fc.infiniteStream(percent))
  .map(([mesh, requests, draws]) => buildWorld(mesh, requests, draws));

/** Plays the requests through the mesh. `draws` decides what is lost, and how late copies come: from 0 to 99. */
export function buildWorld(mesh: MeshPlan, requests: readonly RequestPlan[], draws: Iterator<number>): CallWorld {
  const builder = new WorldBuilder(mesh, draws);
  for (const [at, request] of requests.entries()) builder.play(request, at);
  return builder.world();
}

/** What a request carries. */
interface Context {
  requestId?: string;
  traceId?: string;
  spanId?: string;
}

/** What it carries after the caller's proxy. */
interface Given extends Context {
  grandparent?: string;
}

const msNs = 1_000_000;
const epochNs = 1_700_000_000_000_000_000n;

class WorldBuilder {
  readonly #mesh: MeshPlan;
  readonly #draws: Iterator<number>;
  readonly #heads: ExchangeHead[] = [];
  readonly #callOf = new Map<number, number>();
  readonly #parentOf = new Map<number, number | undefined>();
  readonly #lossy = new Set<string>();
  readonly #recorders: RecorderId[];
  readonly #sequences = new Map<string, number>();
  #calls = 0;
  #ids = 0;

  constructor(mesh: MeshPlan, draws: Iterator<number>) {
    this.#mesh = mesh;
    this.#draws = draws;
    const names = [...services, ...services.map((name) => `${name}-out`), "copies"];
    this.#recorders = names.map((name, at) => ({ name, incarnation: (at + 1).toString(16).padStart(16, "0") }));
  }

  world(): CallWorld {
    return {
      heads: this.#heads,
      callOf: this.#callOf,
      parentOf: this.#parentOf,
      aheadNs: new Map(this.#recorders.map(({ incarnation }, at) => [incarnation, this.#mesh.aheadMs[at]! * msNs])),
      lossy: this.#lossy,
    };
  }

  play({ startMs, root, reusesId }: RequestPlan, at: number): void {
    const requestId = this.#requestId(reusesId ? 0 : at + 1);
    this.#call(root, { atMs: startMs, context: { requestId } });
  }

  /** When it has ended for the caller, in milliseconds. */
  #call(
    plan: CallPlan,
    from: { atMs: number; context: Context; caller?: number; parent?: number },
    status = plan.retried ? 503 : 200,
  ): number {
    const { caller, parent } = from;
    const call = this.#calls++;
    this.#parentOf.set(call, parent);
    const sent = from.context;
    const given = this.#throughProxies(sent);
    const startMs = from.atMs + 1;
    const workedMs = startMs + plan.beforeMs;
    const answeredMs = status === 503 ? workedMs : this.#children(plan, workedMs, given, call);
    const seen = { plan, caller, call, status, copied: given };
    if (caller !== undefined)
      this.#see({ ...seen, place: "outbound", startMs: from.atMs, endMs: answeredMs + 2, carries: sent });
    this.#see({ ...seen, place: "inbound", startMs, endMs: answeredMs + 1, carries: given });
    if (status !== 503) return answeredMs + 2;
    return this.#call(plan, { ...from, atMs: answeredMs + 3 }, 200);
  }

  #children(plan: CallPlan, atMs: number, given: Context, parent: number): number {
    const context = this.#mesh.propagates[plan.service] ? given : {};
    let endMs = atMs;
    let nextMs = atMs;
    for (const child of plan.children) {
      const childEndMs = this.#call(child, { atMs: nextMs, context, caller: plan.service, parent });
      if (!plan.parallel && !child.detached) nextMs = childEndMs + 1;
      if (!child.detached) endMs = Math.max(endMs, childEndMs);
    }
    return endMs + plan.afterMs;
  }

  /** The caller's proxy gives an id where there is none, and a span to each call. */
  #throughProxies({ requestId, traceId, spanId }: Context): Given {
    const withId = { requestId: requestId ?? this.#requestId(1000 + this.#ids++) };
    if (this.#mesh.tracing === "none") return withId;
    const own = { ...withId, traceId: traceId ?? this.#hex(32), spanId: this.#hex(16) };
    return this.#mesh.tracing === "b3" && spanId !== undefined ? { ...own, grandparent: spanId } : own;
  }

  #see(seen: {
    plan: CallPlan;
    caller: number | undefined;
    call: number;
    status: number;
    place: "inbound" | "outbound";
    startMs: number;
    endMs: number;
    carries: Given;
    copied: Given;
  }): void {
    const { plan, caller, place, copied } = seen;
    const isOut = place === "outbound";
    const at = isOut ? caller! : plan.service;
    const hasRecorder = (isOut ? this.#mesh.outbound : this.#mesh.inbound)[at];
    if (hasRecorder)
      this.#keep({ ...seen, recorder: this.#recorders[at + (isOut ? services.length : 0)]!, vantage: place });
    const copies = isOut ? this.#mesh.mirrorOut : this.#mesh.mirrorIn;
    if (!copies[at]) return;
    // Proxies have given ids by then, the copy's span is its own, and it takes its time.
    const lateMs = this.#draw() / 20;
    const hop = `${services[at]}-${isOut ? "out" : "in"}`;
    const startMs = seen.startMs + 0.5 + lateMs;
    this.#keep({ ...seen, startMs, carries: copied, recorder: this.#recorders.at(-1)!, vantage: "mirror", hop });
  }

  #keep(seen: {
    plan: CallPlan;
    caller: number | undefined;
    call: number;
    status: number;
    startMs: number;
    endMs: number;
    carries: Given;
    recorder: RecorderId;
    vantage: Vantage;
    hop?: string;
  }): void {
    const { plan, caller, carries, recorder, vantage, hop } = seen;
    const sequence = (this.#sequences.get(recorder.incarnation) ?? 0) + 1;
    this.#sequences.set(recorder.incarnation, sequence);
    if (this.#draw() < this.#mesh.lossPercent) {
      this.#lossy.add(recorder.incarnation);
      return;
    }
    const ahead = this.#mesh.aheadMs[this.#recorders.indexOf(recorder)]!;
    const toNs = (ms: number) => epochNs + BigInt(Math.round((ms + ahead) * msNs));
    const service: Service = services[plan.service]!;
    const knowsCaller = caller !== undefined && (vantage === "outbound" || this.#mesh.namesCallers);
    const isMirror = vantage === "mirror";
    const span = isMirror ? this.#hex(16) : carries.spanId;
    const head = exchangeHead({
      id: this.#heads.length + 1,
      recorder,
      sequence,
      vantage,
      callee: service,
      ...(knowsCaller && { caller: services[caller]! }),
      ...(hop !== undefined && { hop }),
      client: "10.0.0.1",
      trace: {
        ...(carries.requestId !== undefined && { requestId: carries.requestId }),
        ...(carries.traceId !== undefined && { traceId: carries.traceId }),
        ...(span !== undefined && carries.traceId !== undefined && { parentSpanId: span }),
        ...(carries.grandparent !== undefined && !isMirror && { grandparentSpanId: carries.grandparent }),
      },
      startedNs: toNs(seen.startMs),
      answer: isMirror
        ? { kind: "unknown" }
        : { kind: "response", status: seen.status, end: "complete", bodyKind: "empty", bodyBytes: 0 },
      request: { path: `/${service}/${plan.path}`, authority: `${service}:9080` },
    });
    const { answerEndedNs: _, ...open } = head;
    this.#heads.push(
      isMirror ? open : { ...head, answerStartedNs: toNs(seen.endMs - 0.5), answerEndedNs: toNs(seen.endMs) },
    );
    this.#callOf.set(head.id, seen.call);
  }

  #draw(): number {
    return this.#draws.next().value as number;
  }

  #requestId(number: number): string {
    return `${number.toString(16).padStart(8, "0")}-2222-4333-8444-555555555555`;
  }

  #hex(digits: number): string {
    return (++this.#ids).toString(16).padStart(digits, "0");
  }
}
