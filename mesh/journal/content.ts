import { createHash } from "node:crypto";
import type { ClusterObject } from "../cluster/object.js";
import { configMapName, journalAnnotation } from "./entry.js";
import type { JsonObject } from "./json.js";

/** All of an object that a person may write, its metadata aside: what is changed, compared and put back. */
export function contentOf(object: ClusterObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata: _metadata, status: _status, ...content } = object;
  return content as unknown as JsonObject;
}

/** The same object with other content. */
export function withContent(object: ClusterObject, content: JsonObject): ClusterObject {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata, ...(object.status === undefined ? {} : { status: object.status }), ...content };
}

/** The same object, marked as one that a journal entry speaks of; several entries may. */
export function markedBy(object: ClusterObject, id: string): ClusterObject {
  return withMarks(object, [...marksOf(object).filter((mark) => mark !== id), id]);
}

/** The same object without an entry's mark, and without a trace of it when it was the only one. */
export function unmarkedBy(object: ClusterObject, id: string): ClusterObject {
  return isMarkedBy(object, id)
    ? withMarks(
        object,
        marksOf(object).filter((mark) => mark !== id),
      )
    : object;
}

/** The same object, owned by a journal entry's ConfigMap: where that goes, Kubernetes deletes the object. */
export function ownedBy(
  object: ClusterObject,
  { apiVersion, kind, metadata: { name, uid } }: ClusterObject,
): ClusterObject {
  return { ...object, metadata: { ...object.metadata, ownerReferences: [{ apiVersion, kind, name, uid }] } };
}

/** The same object without that owner. */
export function disownedBy(object: ClusterObject, id: string): ClusterObject {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const others = (ownerReferences as { name: string }[]).filter(({ name }) => name !== configMapName(id));
  return { ...object, metadata: others.length === 0 ? metadata : { ...metadata, ownerReferences: others } };
}

export function isMarkedBy(object: ClusterObject, id: string): boolean {
  return marksOf(object).includes(id);
}

/** Ids of the journal entries that speak of it. */
export function marksOf({ metadata: { annotations = {} } }: ClusterObject): string[] {
  return annotations[journalAnnotation]?.split(",") ?? [];
}

function withMarks(object: ClusterObject, marks: readonly string[]): ClusterObject {
  const { annotations: before, ...metadata } = object.metadata;
  const { [journalAnnotation]: _marks, ...others } = before ?? {};
  const annotations = marks.length === 0 ? others : { ...others, [journalAnnotation]: marks.join(",") };
  return {
    ...object,
    metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations },
  };
}

/** SHA-256 of the content, keys in order, so that it does not depend on who wrote it down. */
export function hashOf(content: JsonObject): string {
  return createHash("sha256").update(JSON.stringify(content, inOrder)).digest("hex");
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
