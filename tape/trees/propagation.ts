import { allValues, firstValue, type HeaderList } from "../../message/index.js";
import { comparableRequestId } from "../calls/sighting.js";
import type { Call } from "../calls.js";
import type { ExchangeHead, Vantage } from "../exchange.js";
import { tellingHeaders } from "../sighting/telling-headers.js";
import { traceContextOf } from "../sighting/trace-context.js";
import type { TapeReader } from "../store.js";
import type { HopTree } from "./grow-trees.js";
import type { Hop, OrphanReason } from "./hop.js";

/** What a service has to pass on from the request it got to those it makes, for its calls to be tied together. */
export const contextFields = ["traceparent", "x-request-id", "b3", "baggage"] as const;
export type ContextField = (typeof contextFields)[number];

/** A request to a service, and one it made for it. */
export interface PassedExample {
  /** Exchange ids. */
  incoming: number;
  outgoing: number;
  /** What the field said, and what came of it; undefined when it was not there any more. */
  was: string;
  became?: string;
}

/** What became of one field at one service. */
export interface FieldPassing {
  field: ContextField;
  /** How many of the calls to it carried the field, of those it made calls for. */
  carried: number;
  dropped: number;
  /** Of dropped ones; the first few. */
  examples: readonly PassedExample[];
}

/** What a service did with the context it was given. */
export interface ServicePassing {
  service: string;
  /** Calls it made that are known to be made for a call to it, and were looked into. */
  judged: number;
  /** Those that were carried at all. */
  fields: readonly FieldPassing[];
  /** Calls it made while it was called, that share nothing with any call to it: whatever it was given, it passed nothing on. */
  untied: { count: number /** Exchange ids. */; examples: readonly number[] };
}

/** Pairs that are looked into between two services; more would say the same. */
const pairsPerEdge = 500;
const pairsAtATime = 256;
const mostExamples = 3;

interface Pair {
  service: string;
  incoming: number;
  outgoing: number;
}

interface Tally {
  judged: number;
  fields: Map<ContextField, { carried: number; dropped: number; examples: PassedExample[] }>;
  untied: { count: number; examples: number[] };
}

/** Looks at what each service passed on. One entry for each service that made calls, in order of their names. */
export async function readPropagation(
  trees: AsyncIterable<HopTree>,
  tape: Pick<TapeReader, "read">,
): Promise<ServicePassing[]> {
  const tallies = new Map<string, Tally>();
  const perEdge = new Map<string, number>();
  let pairs: Pair[] = [];
  for await (const tree of trees) {
    for (const { pair, edge } of pairsIn(tree)) {
      const count = perEdge.get(edge) ?? 0;
      perEdge.set(edge, count + 1);
      if (count < pairsPerEdge) pairs.push(pair);
    }
    for (const { service, id } of untiedIn(tree)) addUntied(tallyOf(tallies, service), id);
    if (pairs.length < pairsAtATime) continue;
    await judge(pairs, tape, tallies);
    pairs = [];
  }
  await judge(pairs, tape, tallies);
  return [...tallies]
    .map(([service, tally]) => passingOf(service, tally))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

function* pairsIn(tree: HopTree): Generator<{ pair: Pair; edge: string }> {
  const left: Hop[] = [...tree.roots];
  for (let parent = left.pop(); parent !== undefined; parent = left.pop()) {
    for (const child of parent.children) {
      const service = parent.call.best.callee;
      const pair = { service, incoming: parent.call.best.id, outgoing: nearestToCaller(child.call).id };
      yield { pair, edge: JSON.stringify([service, child.call.best.callee]) };
      left.push(child);
    }
  }
}

/** Roots of traces of their own that were made by somebody who was being called. */
function* untiedIn({ roots }: HopTree): Generator<{ service: string; id: number }> {
  if (roots.some(({ join }) => join.kind === "entry")) return;
  for (const { join, call } of roots) {
    if (join.kind !== "orphan" || !sharesNothing(join.reason)) continue;
    const caller = call.sightings.find((head) => head.caller !== undefined)?.caller;
    if (caller !== undefined) yield { service: caller.split(".", 1)[0]!, id: nearestToCaller(call).id };
  }
}

function sharesNothing(reason: OrphanReason): boolean {
  return reason.kind === "nothing-shared" || (reason.kind === "several" && reason.within === "time");
}

/** Where the caller's own request is seen least changed by proxies. */
const nearness: Readonly<Record<Vantage, number>> = { outbound: 0, mirror: 1, "ext-proc": 1, import: 1, inbound: 2 };

function nearestToCaller({ sightings }: Call): ExchangeHead {
  return sightings.reduce((a, b) => (nearness[b.vantage] < nearness[a.vantage] ? b : a));
}

async function judge(
  pairs: readonly Pair[],
  tape: Pick<TapeReader, "read">,
  tallies: Map<string, Tally>,
): Promise<void> {
  if (pairs.length === 0) return;
  const headers = new Map<number, HeaderList>();
  const ids = [...new Set(pairs.flatMap(({ incoming, outgoing }) => [incoming, outgoing]))];
  for await (const { id, request } of tape.read({ ids })) headers.set(id, request.headers);
  for (const pair of pairs) {
    const [given, sent] = [headers.get(pair.incoming), headers.get(pair.outgoing)];
    if (given === undefined || sent === undefined) continue;
    const tally = tallyOf(tallies, pair.service);
    tally.judged++;
    for (const field of contextFields) judgeField(field, { given, sent, pair, tally });
  }
}

function judgeField(
  field: ContextField,
  { given, sent, pair, tally }: { given: HeaderList; sent: HeaderList; pair: Pair; tally: Tally },
): void {
  const was = readers[field](given);
  if (was === undefined) return;
  const known = tally.fields.get(field) ?? { carried: 0, dropped: 0, examples: [] };
  tally.fields.set(field, known);
  known.carried++;
  const became = readers[field](sent);
  if (isPassedOn(field, was, became)) return;
  known.dropped++;
  if (known.examples.length === mostExamples) return;
  const { incoming, outgoing } = pair;
  known.examples.push({ incoming, outgoing, was, ...(became !== undefined && { became }) });
}

/** What has to stay the same of each field; undefined where it is not there. */
const readers: Readonly<Record<ContextField, (headers: HeaderList) => string | undefined>> = {
  traceparent: (headers) => {
    const traceparent = firstValue(headers, "traceparent");
    return traceparent === undefined ? undefined : traceContextOf({ traceparent }).traceId;
  },
  "x-request-id": (headers) => firstValue(headers, "x-request-id") || undefined,
  b3: (headers) => {
    const { traceparent: _, ...b3 } = tellingHeaders(headers.flat());
    return traceContextOf(b3).traceId;
  },
  baggage: (headers) => {
    const members = allValues(headers, "baggage").flatMap((value) => value.split(","));
    const names = members.map((member) => member.split(/[=;]/, 1)[0]!.trim()).filter((name) => name !== "");
    return names.length === 0 ? undefined : [...new Set(names)].sort().join(",");
  },
};

function isPassedOn(field: ContextField, was: string, became: string | undefined): boolean {
  if (became === undefined) return false;
  if (field === "x-request-id") return comparableRequestId(was) === comparableRequestId(became);
  if (field !== "baggage") return was === became;
  const names = new Set(became.split(","));
  return was.split(",").every((name) => names.has(name));
}

function tallyOf(tallies: Map<string, Tally>, service: string): Tally {
  const known = tallies.get(service) ?? { judged: 0, fields: new Map(), untied: { count: 0, examples: [] } };
  tallies.set(service, known);
  return known;
}

function addUntied({ untied }: Tally, id: number): void {
  untied.count++;
  if (untied.examples.length < mostExamples) untied.examples.push(id);
}

function passingOf(service: string, { judged, fields, untied }: Tally): ServicePassing {
  const inOrder = contextFields.flatMap((field) => {
    const found = fields.get(field);
    return found === undefined ? [] : [{ field, ...found }];
  });
  return { service, judged, fields: inOrder, untied };
}
