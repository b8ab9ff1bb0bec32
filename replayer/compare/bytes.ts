import { createHash } from "node:crypto";
import { type Body, bodyBytes, isUnhashed } from "../../message/index.js";
import type { Difference, Severity } from "../../tape/index.js";
import { firstDifference } from "./excerpt.js";

/** Both sides by length, by hash where they are long, and by the bytes at the first difference. */
export function bytesInWords(expected: Uint8Array, actual: Uint8Array): { expected: string; actual: string } {
  const at = firstDifference(expected, actual);
  const inWords = (bytes: Uint8Array) => {
    const shown = Buffer.from(bytes.subarray(at, at + 16)).toString("hex");
    const hash = bytes.length <= 64 ? "" : `, sha256 ${createHash("sha256").update(bytes).digest("hex").slice(0, 8)}`;
    return `${bytes.length} bytes${hash}, from byte ${at}: ${shown === "" ? "(end)" : shown}`;
  };
  return { expected: inWords(expected), actual: inWords(actual) };
}

/**
 * Compares bodies of which at least one is not at hand whole, by length and keyed hash. Where both cannot settle it,
 * that is a Difference too, a low one: never a silent equal.
 */
export function compareUnseen(expected: Body, actual: Body, hashesUnrelated: boolean): Difference[] {
  if (isUnhashed(expected) || isUnhashed(actual)) {
    return [changedBytes("low", unhashedInWords(expected), unhashedInWords(actual))];
  }
  const sides = [inWords(expected), inWords(actual)] as const;
  if (bodyBytes(expected) !== bodyBytes(actual)) return [changedBytes("medium", ...sides)];
  const [left, right] = [hashOf(expected), hashOf(actual)];
  if (left === "" || right === "" || hashesUnrelated) {
    return [changedBytes("low", `${sides[0]}; cannot be compared further`, `${sides[1]}; cannot be compared further`)];
  }
  return left === right ? [] : [changedBytes("medium", ...sides)];
}

function hashOf(body: Body): string {
  return body.kind === "empty" ? "" : body.hash;
}

function inWords(body: Body): string {
  const hash = hashOf(body);
  return `${bodyBytes(body)} bytes${keptInWords(body)}${hash === "" ? "" : `, hash ${hash.slice(0, 8)}`}`;
}

function keptInWords(body: Body): string {
  switch (body.kind) {
    case "empty":
    case "whole":
      return "";
    case "cut":
      return `, the first ${body.bytes.length} of them kept`;
    case "unredactable":
      return ", withheld: may hold secrets";
  }
}

function unhashedInWords(body: Body): string {
  return isUnhashed(body) ? "a body that the imported file did not hold whole; cannot be compared" : inWords(body);
}

function changedBytes(severity: Severity, expected: string, actual: string): Difference {
  return { kind: "changed-bytes", place: "body", severity, expected, actual };
}
