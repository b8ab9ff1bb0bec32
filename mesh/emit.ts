import type { ClusterObject } from "./cluster/object.js";
import type { PlannedChange } from "./journal/change.js";
import { contentOf } from "./journal/content.js";

/** A change as text for whoever keeps manifests elsewhere. */
export type EmitFormat = "yaml" | "kustomize";

/**
 * What a change would write, as plain values to be written as YAML documents: the objects as they are to be (`yaml`), or a
 * `kustomization` that patches those that are there and lists the others (`kustomize`).
 */
export function emitted(changes: readonly PlannedChange[], format: EmitFormat): object[] {
  if (format === "yaml") return changes.map(({ after }) => plain(after));
  const made = changes.filter(({ now }) => now === undefined).map(({ after }) => plain(after));
  const patches = changes.flatMap(({ now, after }) => (now === undefined ? [] : [patchOf(now, after)]));
  const resources = made.map(({ metadata }) => `${(metadata as { name: string }).name}.yaml`);
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    ...(resources.length === 0 ? {} : { resources }),
    ...(patches.length === 0 ? {} : { patches }),
  };
  return [kustomization, ...made];
}

function plain(object: ClusterObject): Record<string, unknown> {
  const { name, namespace, labels } = object.metadata;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(labels === undefined ? {} : { labels }),
  };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata, ...contentOf(object) };
}

/** Of VirtualServices all that is ever changed is the list of routes, and it is one atomic field. */
function patchOf(now: ClusterObject, after: ClusterObject): object {
  const [was, is] = [now.spec, after.spec] as Record<string, unknown>[];
  const changed = Object.keys(is!).filter((key) => JSON.stringify(is![key]) !== JSON.stringify(was![key]));
  const operations = changed.map((key) => ({
    op: key in was! ? "replace" : "add",
    path: `/spec/${key}`,
    value: is![key],
  }));
  return { target: { kind: now.kind, name: now.metadata.name }, patch: JSON.stringify(operations, null, 2) };
}
