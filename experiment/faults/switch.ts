import { setTimeout as delay } from "node:timers/promises";
import { OperatorError, reasonOf } from "../../base/index.js";
import {
  type Cluster,
  defaultLeaseMs,
  type FaultWish,
  type FiledEntry,
  faultObstacles,
  faultOn,
  type HeldLease,
  holdLease,
  type InjectedFaults,
  injectedFaults,
  type PlannedChange,
  placeInWords,
  putBackEntry,
  requirePermit,
  wouldFault,
} from "../../mesh/index.js";
import { injectedBetween } from "./injected.js";

/** How one object was left when a fault was turned off. */
export interface PutBackProof {
  fault: string;
  /** `VirtualService shop/reviews`. */
  object: string;
  /** As `mesh/` says it; `failed` with why where it could not be put back. */
  outcome: "as-before" | "ours-kept" | "edits-kept" | "deleted" | "gone" | "untouched" | "failed";
  /** Whether all of the fault was there until then, as it was turned on; absent where that is not known. */
  wasInPlace?: boolean;
  why?: string;
}

/** Turns the faults of an experiment on and off. */
export interface FaultSwitch {
  /** What would be changed, nothing written. Throws an OperatorError where it could not be. */
  preview(): Promise<{ changes: readonly PlannedChange[]; warnings: readonly string[] }>;
  /** One after the other, each written to the journal first. Throws with those before still on. */
  on(events: SwitchEvents): Promise<void>;
  /** How often each fault was injected since it came on, by its name; one of which no proxy tells is absent. */
  injected(): Promise<ReadonlyMap<string, number>>;
  /** What keeps the faults that are on from firing, as `doctor` sees it: a sentence each. */
  obstacles(): Promise<readonly string[]>;
  /** Puts all back that is on, newest first; waits for what is being turned on. Never rejects; a second call gives the same. */
  off(): Promise<readonly PutBackProof[]>;
}

/** What a switch tells of. */
export interface SwitchEvents {
  /** A fault is on. */
  turnedOn(what: string): void;
  /** Somebody else has put a fault back, or may: it can no longer be relied on. */
  lost(why: string): void;
}

/** Nothing is switched: requests are marked, and what stands in the mesh does the rest. */
export const marksAlone: FaultSwitch = {
  preview: async () => ({ changes: [], warnings: [] }),
  on: async () => {},
  injected: async () => new Map(),
  obstacles: async () => [],
  off: async () => [],
};

/** So often putting back is tried where the cluster does not answer. */
const mostTries = 3;
const betweenTriesMs = 1_000;

/** Switches the VirtualServices of a cluster. */
export function clusterSwitch(cluster: Cluster, wishes: readonly FaultWish[], why: string): FaultSwitch {
  const held: { fault: string; entry: FiledEntry; lease: HeldLease }[] = [];
  let countedBefore: readonly InjectedFaults[] = [];
  let turning: Promise<void> = Promise.resolve();
  let closing = false;
  let proofs: Promise<readonly PutBackProof[]> | undefined;

  const turnOn = async ({ turnedOn, lost }: SwitchEvents) => {
    countedBefore = await countedNow(cluster, wishes);
    for (const wish of wishes) {
      if (closing) return;
      const { filed: entry } = await faultOn(cluster, wish, why, defaultLeaseMs);
      const lease = holdLease(cluster, entry, { leaseMs: defaultLeaseMs });
      lease.lost.addEventListener("abort", () => lost(`fault ${wish.name}: ${lease.lost.reason}`));
      held.push({ fault: wish.name, entry, lease });
      turnedOn(entry.entry.what);
    }
  };
  const turnOff = async () => {
    closing = true;
    await turning.catch(() => {});
    const done: PutBackProof[] = [];
    for (const { fault, entry, lease } of held.toReversed()) {
      await lease.release();
      done.push(...(await putBack(cluster, fault, entry)));
    }
    return done;
  };
  return {
    preview: () => previewOf(cluster, wishes),
    on: (events) => {
      turning = turnOn(events);
      return turning;
    },
    injected: async () => injectedBetween(wishes, countedBefore, await countedNow(cluster, wishes)),
    obstacles: () =>
      obstaclesOf(
        cluster,
        held.map(({ entry }) => entry),
      ),
    off: () => {
      proofs ??= turnOff();
      return proofs;
    },
  };
}

async function previewOf(cluster: Cluster, wishes: readonly FaultWish[]): ReturnType<FaultSwitch["preview"]> {
  const changes: PlannedChange[] = [];
  const warnings: string[] = [];
  for (const wish of wishes) {
    await requirePermit(cluster, wish.namespace, "faults");
    const would = await wouldFault(cluster, wish);
    changes.push(...would.changes);
    warnings.push(...would.warnings.map((warning) => `fault ${wish.name}: ${warning}`));
  }
  return { changes, warnings };
}

/** An experiment has all its faults in one namespace. */
async function countedNow(cluster: Cluster, wishes: readonly FaultWish[]): Promise<InjectedFaults[]> {
  const froms = wishes.flatMap(({ from }) => (from === undefined ? [] : [from]));
  return injectedFaults(cluster, wishes[0]!.namespace, froms.length === wishes.length ? froms : []);
}

const shownObstacles = 3;

async function obstaclesOf(cluster: Cluster, held: readonly FiledEntry[]): Promise<string[]> {
  const changed = held.flatMap(({ entry }) => entry.changes.map(({ name }) => name));
  const namespace = held[0]?.configMap.metadata.namespace;
  if (namespace === undefined) return [];
  try {
    const found = (await faultObstacles(cluster, namespace)).filter(({ place }) => changed.includes(place.name));
    if (found.length === 0) return ["doctor sees nothing in its way"];
    return found.slice(0, shownObstacles).map(({ id, place, seen }) => `${id} at ${placeInWords(place)}: ${seen}`);
  } catch (trouble) {
    if (!(trouble instanceof OperatorError)) throw trouble;
    return [`doctor cannot look for what is in its way: ${trouble.message}`];
  }
}

async function putBack(cluster: Cluster, fault: string, entry: FiledEntry): Promise<PutBackProof[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const objects = await putBackEntry(cluster, entry);
      return objects.map(({ kind, namespace, name, outcome, standing }) => ({
        ...{ fault, object: `${kind} ${namespace}/${name}`, outcome },
        wasInPlace: standing === "as-left",
      }));
    } catch (trouble) {
      if (attempt < mostTries) {
        await delay(betweenTriesMs);
        continue;
      }
      const why = reasonOf(trouble);
      return entry.entry.changes.map(({ kind, namespace, name }) => ({
        ...{ fault, object: `${kind} ${namespace}/${name}`, outcome: "failed", why },
      }));
    }
  }
}

/** Whether nothing of ours is left. */
export function isPutBack({ outcome }: PutBackProof): boolean {
  return outcome !== "failed";
}
