import type { Duplex, Readable } from "node:stream";
import { type Cluster, type ClusterObject, ClusterRefusal } from "../../mesh/index.js";

/**
 * A cluster of objects in memory, with what the API server promises of versions: a replace of another version than the one
 * there is a conflict, a delete of another state is refused. `test/contracts/cluster.ts` holds both to it.
 */
export class MemoryCluster implements Cluster {
  readonly server = "memory";
  readonly user = "tester";
  readonly namespace = "default";
  readonly #objects = new Map<string, ClusterObject>();
  #version = 0;

  async read(ref: Parameters<Cluster["read"]>[0]): Promise<ClusterObject | undefined> {
    return structuredClone(this.#objects.get(keyOf(ref)));
  }

  async list({ kind, namespace, labels }: Parameters<Cluster["list"]>[0]): Promise<ClusterObject[]> {
    const [label, value] = labels?.split("=") ?? [];
    return structuredClone(
      [...this.#objects.values()].filter(
        ({ kind: ofKind, metadata }) =>
          ofKind === kind &&
          (namespace === undefined || metadata.namespace === namespace) &&
          (label === undefined || metadata.labels?.[label] === value),
      ),
    );
  }

  async create(object: ClusterObject): Promise<ClusterObject> {
    const key = keyOf({ ...object, ...object.metadata });
    if (this.#objects.has(key)) throw new ClusterRefusal(409, `${key} already exists`);
    return this.#put(key, { ...object, metadata: { ...object.metadata, uid: `uid-${++this.#version}` } });
  }

  async replace(object: ClusterObject): Promise<ClusterObject> {
    const key = keyOf({ ...object, ...object.metadata });
    const now = this.#objects.get(key);
    if (now === undefined) throw new ClusterRefusal(404, `${key} not found`);
    const { resourceVersion } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== now.metadata.resourceVersion) {
      throw new ClusterRefusal(409, `the object ${key} has been modified`);
    }
    return this.#put(key, object);
  }

  async remove(object: ClusterObject): Promise<void> {
    const key = keyOf({ ...object, ...object.metadata });
    const now = this.#objects.get(key);
    if (now === undefined) return;
    if (now.metadata.resourceVersion !== object.metadata.resourceVersion) {
      throw new ClusterRefusal(409, `the object ${key} has been modified`);
    }
    this.#objects.delete(key);
  }

  /** No pod runs here. */
  async openPort({ pod }: Parameters<Cluster["openPort"]>[0]): Promise<Duplex> {
    throw new ClusterRefusal(404, `pods "${pod}" not found`);
  }

  async openLog({ pod }: Parameters<Cluster["openLog"]>[0]): Promise<Readable> {
    throw new ClusterRefusal(404, `pods "${pod}" not found`);
  }

  #put(key: string, object: ClusterObject): ClusterObject {
    const stored = structuredClone(object);
    stored.metadata = { ...stored.metadata, resourceVersion: String(++this.#version) };
    this.#objects.set(key, stored);
    return structuredClone(stored);
  }
}

function keyOf({ kind, namespace, name }: { kind: string; namespace?: string; name: string }): string {
  return [kind, namespace ?? "", name].join("/");
}
