import type { HopPair, HopSide, PairedHops } from "../../tape/index.js";
import type { CallPair } from "./pairing.js";
import type { HopCall } from "./reading.js";

/** A pair of calls, and whether anything differs between them; one without a partner differs. */
export interface ComparedPair {
  pair: CallPair;
  differs: boolean;
}

/** What a Step's calls are told for: its index, and the two sides. */
type Told = Pick<PairedHops, "step" | "lane" | "reference">;

/** Both sides' calls as one tree, walked from the top, siblings in order of time. */
export function pairedHopsOf(
  told: Told,
  compared: readonly ComparedPair[],
  routeOf: (method: string, path: string) => string,
): PairedHops {
  const nodeOf = new Map<HopCall, Node>();
  const nodes = compared.map((one): Node => ({ ...one, below: [] }));
  for (const node of nodes) for (const call of callsIn(node.pair)) nodeOf.set(call, node);
  const top: Node[] = [];
  for (const node of nodes) {
    const maker = node.pair.above.at(-1);
    ((maker && nodeOf.get(maker))?.below ?? top).push(node);
  }
  return { ...told, calls: [...walk(top, 1, routeOf)] };
}

interface Node extends ComparedPair {
  below: Node[];
}

function callsIn({ expected, actual }: CallPair): HopCall[] {
  return [expected, actual].filter((call) => call !== undefined);
}

function* walk(
  nodes: readonly Node[],
  depth: number,
  routeOf: (method: string, path: string) => string,
): Generator<HopPair> {
  for (const { pair, differs, below } of nodes) {
    const { expected, actual } = pair;
    const { callee, method, path } = (expected ?? actual)!;
    yield {
      ...{
        depth,
        callee,
        route: routeOf(method, path),
        differs: differs && expected !== undefined && actual !== undefined,
      },
      ...(expected === undefined ? {} : { expected: sideOf(expected) }),
      ...(actual === undefined ? {} : { actual: sideOf(actual) }),
    };
    yield* walk(below, depth + 1, routeOf);
  }
}

function sideOf({ method, path, status, startedNs, endedNs }: HopCall): HopSide {
  const tookMs = Number(endedNs - startedNs) / 1e6;
  return { method, path, tookMs, ...(status === undefined ? {} : { status }) };
}
