import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "../../base/index.js";
import {
  type Cluster,
  defaultLeaseMs,
  type FaultWish,
  type FiledEntry,
  faultOn,
  type HeldLease,
  holdLease,
  type PlannedChange,
  putBackEntry,
  requirePermit,
  wouldFault,
} from "../../mesh/index.js";

/** How one object was left when a fault was turned off. */
export interface PutBackProof {
  fault: string;
  /** `VirtualService shop/reviews`. */
  object: string;
  /** As `mesh/` says it; `failed` with why where it could not be put back. */
  outcome: "as-before" | "edits-kept" | "deleted" | "gone" | "untouched" | "failed";
  why?: string;
}

/** Turns the faults of an experiment on and off. */
export interface FaultSwitch {
  /** What would be changed, nothing written. Throws an OperatorError where it could not be. */
  preview(): Promise<{ changes: readonly PlannedChange[]; warnings: readonly string[] }>;
  /** One after the other, each written to the journal first. Throws with those before still on. */
  on(events: SwitchEvents): Promise<void>;
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
  off: async () => [],
};

/** So often putting back is tried where the cluster does not answer. */
const mostTries = 3;
const betweenTriesMs = 1_000;

/** Switches the VirtualServices of a cluster. */
export function clusterSwitch(cluster: Cluster, wishes: readonly FaultWish[], why: string): FaultSwitch {
  const held: { fault: string; entry: FiledEntry; lease: HeldLease }[] = [];
  let turning: Promise<void> = Promise.resolve();
  let closing = false;
  let proofs: Promise<readonly PutBackProof[]> | undefined;

  const turnOn = async ({ turnedOn, lost }: SwitchEvents) => {
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

async function putBack(cluster: Cluster, fault: string, entry: FiledEntry): Promise<PutBackProof[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const objects = await putBackEntry(cluster, entry);
      return objects.map(({ kind, namespace, name, outcome }) => ({
        fault,
        object: `${kind} ${namespace}/${name}`,
        outcome,
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

/** Whether the fault was still there when it was to be taken out: else somebody had taken it out before. */
export function wasInPlace({ outcome }: PutBackProof): boolean {
  return outcome !== "gone" && outcome !== "untouched";
}

/** Whether nothing of ours is left. */
export function isPutBack({ outcome }: PutBackProof): boolean {
  return outcome !== "failed";
}
