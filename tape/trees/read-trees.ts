import { ClockPairs, type Clocks, clocksFrom, type Lost, unknownClocks } from "../calls/clocks.js";
import { joinSightings } from "../calls/join-sightings.js";
import { lossesOf } from "../calls/losses.js";
import { sightingOf } from "../calls/sighting.js";
import type { ExchangeHead } from "../exchange.js";
import type { TapeReader } from "../store.js";
import { compareInTapeOrder } from "../tape-order.js";
import { decideByValues } from "./decide-by-values.js";
import { type GrownTree, growTrees, type HopTree } from "./grow-trees.js";
import { placeCalls } from "./place-calls.js";

/** How trees are read from a tape. */
export interface ReadTreesOptions {
  /** How many heads are held at a time, at least. More where more are within reach of each other in time. */
  headsAtATime?: number;
}

const defaultHeads = 50_000;

/** What began this long after the last call of a tree had ended does not belong to it. */
const quietNs = 20_000_000_000;

/**
 * The hop trees of a tape, in order of their start as far as they are held at a time; each Exchange is in exactly one.
 * Memory holds the heads of a stretch of the tape (20 seconds and what is still open, at least 50,000 of them), not all.
 */
export async function* readTrees(tape: TapeReader, options: ReadTreesOptions = {}): AsyncGenerator<HopTree> {
  const lost = lossesOf(await tape.ledger());
  const clocks = await readTapeClocks(tape, { lost });
  const calledElsewhere = new Set<string>();
  let most = options.headsAtATime ?? defaultHeads;
  let held: ExchangeHead[] = [];
  const settle = async (): Promise<GrownTree[]> => {
    const joined = joinSightings(held, lost === undefined ? { clocks } : { clocks, lost });
    const placed = placeCalls(joined, lost === undefined ? { calledElsewhere } : { calledElsewhere, lost });
    return growTrees(await decideByValues(placed, tape), joined.timeline);
  };
  for await (const head of tape.skim()) {
    held.push(head);
    if (held.length < most) continue;
    const quietBefore = Number(head.startedNs - held[0]!.startedNs) - quietNs - spreadNs(clocks);
    const grown = await settle();
    const first = held[0]!.startedNs;
    held = [];
    for (const { tree, nodes } of grown) {
      for (const { calleeNames } of nodes) for (const name of calleeNames) calledElsewhere.add(name);
      if (lastNs(nodes, first) < quietBefore) yield tree;
      else held.push(...nodes.flatMap(({ call }) => call.sightings));
    }
    held.sort(compareInTapeOrder);
    // Half of what is held should be new each time, or the same calls are joined again and again.
    most = Math.max(options.headsAtATime ?? defaultHeads, held.length * 2);
  }
  for (const { tree } of await settle()) yield tree;
}

/** What is known, and looked at, when clocks are read. */
export interface ReadClocksOptions {
  lost?: Lost | undefined;
  /** Look at so many Exchanges of the tape's beginning; default: at all. */
  limit?: number;
}

/** What the tape says of its recorders' clocks: walks it where more than one wrote to it. In bounded memory. */
export async function readTapeClocks(tape: TapeReader, { lost, limit }: ReadClocksOptions = {}): Promise<Clocks> {
  const { recorders } = await tape.stats();
  if (recorders.length < 2) return unknownClocks;
  const pairs = new ClockPairs();
  for await (const head of tape.skim(limit === undefined ? {} : { limit })) pairs.add(sightingOf(head));
  return clocksFrom(pairs, lost);
}

/** By the recorders' own clocks, as the tape is ordered: nanoseconds after `first`. */
function lastNs(nodes: GrownTree["nodes"], first: bigint): number {
  let last = 0;
  for (const { call } of nodes) {
    for (const { answerEndedNs, startedNs } of call.sightings) {
      last = Math.max(last, Number((answerEndedNs ?? startedNs) - first));
    }
  }
  return last;
}

/** By how much the clocks are apart at most: sightings of one call are as far apart on the tape. */
function spreadNs({ offsets }: Clocks): number {
  const corrections = offsets.map(({ correctionNs }) => correctionNs);
  return corrections.length === 0 ? 0 : Math.max(0, ...corrections) - Math.min(0, ...corrections);
}
