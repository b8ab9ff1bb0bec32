import type { ClusterObject } from "../cluster/object.js";

/** What the checks look at. Objects of other namespaces are among them where something here points to them. */
export interface Seen {
  /** The namespace in question; for files, that of objects which name none. */
  namespace: string;
  objects: readonly ClusterObject[];
  /** What a cluster would not show. */
  unread: readonly { kind: string; namespace: string; why: string }[];
  /** There is no cluster: what the files do not hold may well be there. */
  filesAlone: boolean;
}

/** Objects of a kind, in the namespace in question unless another is named. */
export function objectsOf(seen: Seen, kind: string, namespace = seen.namespace): ClusterObject[] {
  return seen.objects.filter(
    (object) => object.kind === kind && (object.metadata.namespace ?? seen.namespace) === namespace,
  );
}

/** Why the objects of a kind are not known; undefined when they are. Of files alone: when they hold none of the kind. */
export function whyUnknown(seen: Seen, kind: string, namespace = seen.namespace): string | undefined {
  const unread = seen.unread.find((one) => one.kind === kind && one.namespace === namespace);
  if (unread !== undefined) return unread.why;
  return seen.filesAlone && objectsOf(seen, kind, namespace).length === 0
    ? `no ${kind} of namespace ${namespace} is among the files`
    : undefined;
}
