import { OperatorError, reasonOf } from "../../base/index.js";
import type { Cluster } from "../cluster/cluster.js";
import type { FiledEntry } from "../journal/journal.js";
import { putBackEntry } from "../journal/put-back.js";
import { type FaultWish, faultOn } from "./fault.js";

/** Turns faults on, one after the other: all of them, or, when one cannot be, none. */
export async function faultsOn(
  cluster: Cluster,
  wishes: readonly FaultWish[],
  why?: string,
): Promise<{ filed: FiledEntry; warnings: string[] }[]> {
  const done: { filed: FiledEntry; warnings: string[] }[] = [];
  try {
    for (const wish of wishes) done.push(await faultOn(cluster, wish, why));
    return done;
  } catch (trouble) {
    await undo(cluster, done, trouble);
    throw trouble;
  }
}

async function undo(cluster: Cluster, done: readonly { filed: FiledEntry }[], trouble: unknown): Promise<void> {
  for (const { filed } of done.toReversed()) {
    await putBackEntry(cluster, filed).catch((cause: unknown) => {
      const { namespace } = filed.configMap.metadata;
      throw new OperatorError(
        `${reasonOf(trouble)}; then ${reasonOf(cause)}: put back the faults that are on with: tapeloop fault off --all -n ${namespace}`,
        { cause },
      );
    });
  }
}
