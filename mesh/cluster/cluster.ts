import type { ClusterObject, ObjectRef } from "./object.js";

/** Which objects of a kind. */
export interface ListOptions {
  apiVersion: string;
  kind: string;
  /** All namespaces without it. */
  namespace?: string;
  /** Label selector, as kubectl takes it: `tapeloop.io/journal=true`. */
  labels?: string;
}

/**
 * The few verbs that the mesh commands need of a cluster. Objects are plain JSON, as they are on the wire. A refusal is a
 * {@link ClusterRefusal}; nothing is tried again here.
 */
export interface Cluster {
  /** Address of the API server, for messages. */
  readonly server: string;
  /** Name of the kubeconfig's user, for the journal. */
  readonly user: string;
  /** Namespace of the kubeconfig's context. */
  readonly namespace: string;
  /** Undefined when it is not there. */
  read(ref: ObjectRef): Promise<ClusterObject | undefined>;
  list(which: ListOptions): Promise<ClusterObject[]>;
  create(object: ClusterObject): Promise<ClusterObject>;
  /** Refused as a conflict when the object is not the one with this resourceVersion any more. */
  replace(object: ClusterObject): Promise<ClusterObject>;
  /** Deletes exactly this object in exactly this state (uid and resourceVersion); gone already is as good. */
  remove(object: ClusterObject): Promise<void>;
}

/** What the API server said to a request that it did not fulfil. */
export class ClusterRefusal extends Error {
  constructor(
    /** Status of the answer, such as 403 or 409. */
    readonly status: number,
    /** The server's own words, a webhook's included. */
    readonly words: string,
  ) {
    super(words);
    this.name = "ClusterRefusal";
  }

  /** Somebody else has changed, or made, the object in between. */
  get isConflict(): boolean {
    return this.status === 409;
  }
}
