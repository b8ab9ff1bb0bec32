import {
  contentCodings,
  decodeContent,
  firstValue,
  isJsonType,
  JsonNumber,
  JsonObject,
  type JsonTree,
  jsonPointer,
  mediaType,
  parseJson,
} from "../../message/index.js";
import type { Answer } from "../exchange.js";

type Response = Extract<Answer, { kind: "response" }>;

/** More keys in one object than a person names: they are made from values, as ids are. */
const mostKeys = 200;
/** More places than this in one answer say nothing more of its shape. */
const mostPlaces = 5_000;

/**
 * The shape of an answer as a set of features, each a place with the type that was met there: `/items: array`. Array
 * indexes, and keys that look like ids, are `*`; an empty array is a feature of its own (`/items: empty array`). A body that
 * is no JSON, or is not at hand whole, has its media type as its only feature. Of gRPC the status counts too.
 */
export function answerShape(answer: Answer): string[] {
  if (answer.kind !== "response") return [];
  const features = new Set<string>();
  const grpcStatus = firstValue(answer.trailers, "grpc-status") ?? firstValue(answer.headers, "grpc-status");
  if (grpcStatus !== undefined) features.add(`grpc-status ${grpcStatus}`);
  const type = mediaType(answer.headers)?.essence;
  if (type !== undefined && answer.body.kind !== "empty") features.add(type);
  const tree = jsonOf(answer);
  if (tree !== undefined) addPlaces(tree, features);
  return [...features];
}

/** The JSON of a body; undefined where it is none, or not at hand whole. */
function jsonOf({ headers, body }: Response): JsonTree | undefined {
  const type = mediaType(headers)?.essence;
  if (body.kind !== "whole" || type === undefined || !isJsonType(type)) return undefined;
  const coding = firstValue(headers, "content-encoding");
  const content = decodeContent(body.bytes, contentCodings(coding).length === 0 ? undefined : coding);
  return content.kind === "decoded" ? parseJson(new TextDecoder().decode(content.bytes)) : undefined;
}

/** Iterative: depth is the sender's choice. */
function addPlaces(tree: JsonTree, features: Set<string>): void {
  const open: { tree: JsonTree; tokens: readonly string[] }[] = [{ tree, tokens: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const place = jsonPointer(next.tokens);
    features.add(`${place || "/"}: ${typeOf(next.tree)}`);
    if (features.size >= mostPlaces) return;
    for (const [token, child] of childrenOf(next.tree)) open.push({ tree: child, tokens: [...next.tokens, token] });
  }
}

function childrenOf(tree: JsonTree): (readonly [token: string, child: JsonTree])[] {
  if (Array.isArray(tree)) return (tree as readonly JsonTree[]).map((child) => ["*", child] as const);
  if (!(tree instanceof JsonObject)) return [];
  const isMap = tree.keys.length > mostKeys;
  return tree.keys.map((key, at) => [isMap || isMadeUp(key) ? "*" : key, tree.values[at]!] as const);
}

/** Keys that are ids: numbers, UUIDs, long hexadecimal. */
function isMadeUp(key: string): boolean {
  return /^\d+$|^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[0-9a-f]{16,}$/i.test(key);
}

function typeOf(tree: JsonTree): string {
  if (tree === null) return "null";
  if (tree instanceof JsonNumber) return "number";
  if (tree instanceof JsonObject) return tree.keys.length === 0 ? "empty object" : "object";
  if (Array.isArray(tree)) return tree.length === 0 ? "empty array" : "array";
  return typeof tree;
}
