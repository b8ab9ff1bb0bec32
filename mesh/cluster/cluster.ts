import type { Duplex, Readable } from "node:stream";
import type { ClusterObject, ObjectRef } from "./object.js";
import type { PodPort } from "./port-forward.js";

/** Which objects of a kind. */
export interface ListOptions {
  apiVersion: string;
  kind: string;
  /** All namespaces without it. */
  namespace?: string;
  /** Label selector, as kubectl takes it: `tapeloop.io/journal=true`. */
  labels?: string;
}

/** Which log of a pod. */
export interface PodLog {
  namespace: string;
  pod: string;
  /** The only one without it. */
  container?: string;
  /** Go on until the container ends, or the stream is destroyed. */
  follow?: boolean;
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
  /** Aborted when the command that uses it is asked to end: what is half done is put back then, and nothing waits for long. */
  readonly signal?: AbortSignal;
  /** Undefined when it is not there. */
  read(ref: ObjectRef): Promise<ClusterObject | undefined>;
  list(which: ListOptions): Promise<ClusterObject[]>;
  create(object: ClusterObject): Promise<ClusterObject>;
  /** Refused as a conflict when the object is not the one with this resourceVersion any more. */
  replace(object: ClusterObject): Promise<ClusterObject>;
  /** Deletes exactly this object in exactly this state (uid and resourceVersion); gone already is as good. */
  remove(object: ClusterObject): Promise<void>;
  /** A connection to a port of a pod, through the API server; to be ended, or destroyed, by who opened it. */
  openPort(at: PodPort): Promise<Duplex>;
  /** What a container has written, from its beginning; to be read to its end, or destroyed. */
  openLog(of: PodLog): Promise<Readable>;
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
