import type { Cluster } from "../cluster/cluster.js";
import { checkFence } from "../fence/check-fence.js";
import { permits } from "../permits.js";
import { checkAccess } from "./check-access.js";
import { checkSidecars } from "./check-sidecars.js";
import { type Examined, examine } from "./examine.js";
import type { Finding } from "./finding.js";
import type { FileObject } from "./read-manifests.js";
import { readSeen } from "./read-seen.js";
import type { Seen } from "./seen.js";

/**
 * Looks for what stands in the way of recording, replaying and faults in a namespace; changes nothing. Files are looked at
 * as if they were applied already. Throws an OperatorError when the cluster cannot be looked at, at all.
 */
export async function examineNamespace(
  cluster: Cluster,
  namespace: string,
  files: readonly FileObject[] = [],
): Promise<Examined> {
  const seen = await readSeen(
    cluster,
    namespace,
    files.map(({ object }) => object),
  );
  const { findings, skipped } = examine(seen);
  const live = [
    ...(await checkSidecars(cluster, seen)),
    ...(isOpenForReplays(seen) ? await checkFence(cluster, namespace) : []),
    ...(await checkAccess(cluster, namespace)),
  ];
  return { findings: withLines([...findings, ...live], files, namespace), skipped };
}

/** Only where something may be replayed is calling out a fault. */
function isOpenForReplays({ objects, namespace }: Seen): boolean {
  const home = objects.find(({ kind, metadata }) => kind === "Namespace" && metadata.name === namespace);
  return home?.metadata.labels?.[permits.replay] === "true";
}

/** Where a manifest names no namespace, kubectl takes that of its context. */
const unnamedNamespace = "default";

/** The same for files alone: each of their namespaces, as far as they tell. Pure. */
export function examineFiles(files: readonly FileObject[]): Examined {
  const objects = files.map(({ object }) => object);
  const namespaces = [...new Set(objects.map(({ metadata }) => metadata.namespace ?? unnamedNamespace))];
  const each = namespaces.map((namespace) => examine({ namespace, objects, unread: [], filesAlone: true }));
  const findings = each.flatMap((one) => one.findings);
  const skipped = new Map(each.flatMap((one) => one.skipped).map((one) => [one.check, one]));
  return { findings: withLines(findings, files, unnamedNamespace), skipped: [...skipped.values()] };
}

function withLines(findings: readonly Finding[], files: readonly FileObject[], namespace: string): Finding[] {
  return findings.map((finding) => {
    const { place } = finding;
    const file = files.find(
      ({ object: { kind, metadata } }) =>
        kind === place.kind &&
        metadata.name === place.name &&
        (metadata.namespace ?? namespace) === (place.namespace ?? namespace),
    );
    if (file === undefined) return finding;
    return { ...finding, place: { ...place, file: `${file.fileName}:${file.lineOf(place.path)}` } };
  });
}
