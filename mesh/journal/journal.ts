import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { type ClusterObject, refOf } from "../cluster/object.js";
import { configMapOf, entryOf, type JournalEntry, journalLabel } from "./entry.js";

/** An entry where it lies. Whoever renews its lease keeps both sides as they are in the cluster. */
export interface FiledEntry {
  entry: JournalEntry;
  configMap: ClusterObject;
}

/** Entries of a namespace, or of all; the newest first, which is the order in which they are put back. */
export async function readJournal(cluster: Cluster, namespace?: string): Promise<FiledEntry[]> {
  const which = { apiVersion: "v1", kind: "ConfigMap", labels: `${journalLabel}=true` };
  const configMaps = await inOneLine("read the journal", () =>
    cluster.list(namespace === undefined ? which : { ...which, namespace }),
  );
  return configMaps
    .map((configMap) => ({ configMap, entry: entryOf(configMap) }))
    .sort((a, b) => (a.entry.at === b.entry.at ? versionOf(b) - versionOf(a) : a.entry.at < b.entry.at ? 1 : -1));
}

/** Which services, edges or experiments a namespace's entries of a kind are about. */
export async function subjectsOf(cluster: Cluster, namespace: string, kind: string): Promise<string[]> {
  const entries = (await readJournal(cluster, namespace)).filter(({ entry }) => entry.kind === kind);
  return [...new Set(entries.map(({ entry }) => entry.subject))].sort();
}

/** Grows with every write to a cluster; tells entries of one millisecond apart. */
function versionOf({ configMap }: FiledEntry): number {
  return Number(configMap.metadata.resourceVersion);
}

export async function fileEntry(cluster: Cluster, entry: JournalEntry, namespace: string): Promise<FiledEntry> {
  const configMap = await inOneLine("write the journal", () => cluster.create(configMapOf(entry, namespace)));
  return { entry, configMap };
}

/** When all that it speaks of was put back. */
export async function closeEntry(cluster: Cluster, { configMap }: FiledEntry): Promise<void> {
  await inOneLine("close the journal's entry", async () => {
    for (let now: ClusterObject | undefined = configMap; now?.metadata.uid === configMap.metadata.uid; ) {
      try {
        return await cluster.remove(now!);
      } catch (refusal) {
        // Its holder has renewed the lease in between.
        if (!(refusal instanceof ClusterRefusal && refusal.isConflict)) throw refusal;
        now = await cluster.read(refOf(configMap));
      }
    }
  });
}
