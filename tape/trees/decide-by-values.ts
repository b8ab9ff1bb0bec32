import type { CallNode } from "../calls/call-node.js";
import type { ExchangeHead } from "../exchange.js";
import type { Selection, TapeReader } from "../store.js";
import { isAbove, type PlacedCall } from "./place-calls.js";
import { type TellingValues, tellingValues } from "./telling-values.js";

/** How many undecided calls are looked into at a time, and how many candidates each may have. */
const callsAtATime = 1024;
const mostCandidates = 32;

/** A value that more than this share of the requests carry tells nothing, once there are enough to say so. */
const commonShare = 0.1;
const enoughRequests = 20;

/**
 * Decides, for calls that neither identifiers nor time could place, by the values of their requests: the call that alone
 * of the candidates has a value of theirs is taken for the one that made them. Reads those requests alone, some hundred at
 * a time.
 */
export async function decideByValues(
  placed: readonly PlacedCall[],
  tape: Pick<TapeReader, "read">,
): Promise<PlacedCall[]> {
  const parents = new Map(
    placed.flatMap(({ node, parent }) => (parent === undefined ? [] : [[node, parent] as const])),
  );
  const undecided = placed.filter(({ candidates }) => candidates !== undefined && candidates.length <= mostCandidates);
  const decided = new Map<CallNode, PlacedCall>();
  for (let at = 0; at < undecided.length; at += callsAtATime) {
    const some = undecided.slice(at, at + callsAtATime);
    const values = await valuesOf(some, tape);
    for (const { node, candidates } of some) {
      const found = decide(node, candidates!, values);
      if (found === undefined || isAbove(parents, node, found.parent)) continue;
      parents.set(node, found.parent);
      const reason = { kind: "value", place: found.place } as const;
      decided.set(node, { node, parent: found.parent, join: { kind: "inferred", reason } });
    }
  }
  return placed.map((one) => decided.get(one.node) ?? one);
}

/** By Exchange id: the values of its request, without those that are common among these. */
type ValuesById = ReadonlyMap<number, TellingValues>;

async function valuesOf(undecided: readonly PlacedCall[], tape: Pick<TapeReader, "read">): Promise<ValuesById> {
  const nodes = new Set(undecided.flatMap(({ node, candidates }) => [node, ...candidates!]));
  const values = new Map<number, TellingValues>();
  const counts = new Map<string, number>();
  for await (const exchange of tape.read(selectionOf([...nodes].map((node) => node.call.best)))) {
    const found = tellingValues(exchange);
    values.set(exchange.id, found);
    for (const value of found.keys()) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  if (values.size < enoughRequests) return values;
  const isRare = (value: string) => counts.get(value)! <= Math.max(2, values.size * commonShare);
  return new Map([...values].map(([id, found]) => [id, new Map([...found].filter(([value]) => isRare(value)))]));
}

/** Calls side by side stand side by side on a tape: to walk that stretch of it is much less than to look up each. */
const stretchNs = 60_000_000_000n;

function selectionOf(heads: readonly ExchangeHead[]): Selection {
  const ids = new Set(heads.map(({ id }) => id));
  let [first, last] = [heads[0]!.startedNs, heads[0]!.startedNs];
  for (const { startedNs } of heads) {
    if (startedNs < first) first = startedNs;
    if (startedNs > last) last = startedNs;
  }
  if (last - first > stretchNs) return { ids: [...ids] };
  return { fromNs: first, toNs: last + 1n, whereId: (id) => ids.has(id) };
}

/** Undefined where no value tells, or values tell different things. */
function decide(
  node: CallNode,
  candidates: readonly CallNode[],
  values: ValuesById,
): { parent: CallNode; place: string } | undefined {
  let found: { parent: CallNode; place: string } | undefined;
  for (const [value, place] of values.get(node.call.best.id) ?? []) {
    const holders = candidates.filter((one) => values.get(one.call.best.id)?.has(value));
    if (holders.length !== 1) continue;
    if (found !== undefined && found.parent !== holders[0]) return undefined;
    found ??= { parent: holders[0]!, place };
  }
  return found;
}
