import { isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import { OperatorError, reasonOf } from "../../base/index.js";
import type { ClusterObject } from "../cluster/object.js";

/** An object of a YAML file, and where its parts stand in it. */
export interface FileObject {
  object: ClusterObject;
  fileName: string;
  /** Line of a place such as `spec.http[2].fault`, or of what holds it; from 1. */
  lineOf(path: string | undefined): number;
}

/**
 * The objects of a YAML (or JSON) text of one or more documents; those of a List each. Empty documents are passed over.
 * Throws an OperatorError that names file and line for what is no YAML, or no Kubernetes object.
 */
export function readManifests(text: string, fileName: string): FileObject[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const refuse = (offset: number, why: string): never => {
      throw new OperatorError(`cannot use ${fileName}:${lines.linePos(offset).line}: ${why}`);
    };
    const [error] = document.errors;
    if (error !== undefined) refuse(error.pos[0], error.message);
    const root = document.contents as Node | null;
    if (root === null || (isScalar(root) && root.value === null)) return [];
    const lineAt = (path: readonly (string | number)[]) => lines.linePos(offsetOf(root, path)).line;
    return objectsIn(writtenIn(document, refuse), []).map(({ object, at }): FileObject => {
      if (!isObject(object))
        refuse(offsetOf(root, at), "is no Kubernetes object: it needs apiVersion, kind and metadata.name");
      return {
        ...{ object: object as ClusterObject, fileName },
        lineOf: (path) => lineAt([...at, ...partsOf(path ?? "")]),
      };
    });
  });
}

function writtenIn(
  document: { toJS(): unknown; range: readonly number[] },
  refuse: (at: number, why: string) => never,
) {
  try {
    return document.toJS();
  } catch (thrown) {
    return refuse(document.range[0]!, reasonOf(thrown));
  }
}

type Path = readonly (string | number)[];

/** `kubectl get -o yaml` gives several as one List. */
function objectsIn(value: unknown, at: Path): { object: unknown; at: Path }[] {
  const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [{ object: value, at }];
  return items.flatMap((item, index) => objectsIn(item, [...at, "items", index]));
}

function isObject(value: unknown): value is ClusterObject {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<ClusterObject>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata?.name === "string";
}

function partsOf(path: string): Path {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? Number(index));
}

/** Where a path stands in the text; where it is absent, what holds it. */
function offsetOf(root: Node, path: Path): number {
  let node = root;
  let offset = root.range?.[0] ?? 0;
  for (const part of path) {
    if (isSeq(node) && typeof part === "number") node = node.items[part] as Node;
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      const key = pair?.key as Node | undefined;
      if (key?.range == null) return offset;
      offset = key.range[0];
      node = pair!.value as Node;
    } else return offset;
    if (node?.range == null) return offset;
    if (typeof part === "number") offset = node.range[0];
  }
  return offset;
}
