import type { ClusterObject } from "../cluster/object.js";
import type { FindingId } from "./ids.js";

/**
 * How bad it is. `error`: what was meant will not happen, or harm is done. `warning`: it may. `note`: worth knowing.
 * `unknown`: a check could not be made, which is never a pass.
 */
export type Severity = "error" | "warning" | "note" | "unknown";

/** Where something was found. */
export interface Place {
  kind: string;
  /** Absent for what has none, or where a file names none. */
  namespace?: string;
  name: string;
  /** Within the object: `spec.http[2].fault.abort`. */
  path?: string;
  /** `FILE:LINE`, for what was read from a file. */
  file?: string;
}

/** Something that stands in the way of recording, replaying or faults. */
export interface Finding {
  /** Told apart and explained in docs/doctor.md. */
  id: FindingId;
  severity: Severity;
  place: Place;
  /** What was seen, in one sentence. */
  seen: string;
  /** What to do, in one sentence. */
  fix: string;
}

/** An object as a place of findings. */
export function placeOf({ kind, metadata: { name, namespace } }: ClusterObject, path?: string): Place {
  return {
    ...{ kind, name },
    ...(namespace === undefined ? {} : { namespace }),
    ...(path === undefined ? {} : { path }),
  };
}

/** As a person reads it: `VirtualService shop/reviews spec.http[2].fault`. */
export function placeInWords({ kind, namespace, name, path, file }: Place): string {
  const object = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
  return [object, ...(path === undefined ? [] : [path]), ...(file === undefined ? [] : [`(${file})`])].join(" ");
}
