/** Which object of a cluster. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  /** Absent for what has none: a Namespace. */
  namespace?: string;
  name: string;
}

/** Fields of metadata that are read or written here; others pass through untouched. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  managedFields?: readonly unknown[];
  [field: string]: unknown;
}

/**
 * An object as the API server gives it: plain JSON, every field kept, known to us or not. Typed models would drop fields
 * that are newer than they are, and what is put back must be what was there.
 */
export interface ClusterObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export function refOf({ apiVersion, kind, metadata }: ClusterObject): ObjectRef {
  const ref = { apiVersion, kind, name: metadata.name };
  return metadata.namespace === undefined ? ref : { ...ref, namespace: metadata.namespace };
}

/** As a person names it: `VirtualService reviews in namespace shop`. */
export function inWords({ kind, name, namespace }: ObjectRef): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${name} in namespace ${namespace}`;
}
