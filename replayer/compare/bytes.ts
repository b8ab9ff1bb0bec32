import { type Body, bodyBytes, isUnhashed } from "../../message/index.js";
import type { Difference, Severity } from "../../tape/index.js";
import { excerptsAround, firstDifference } from "./excerpt.js";

/** Compares texts as a whole; the excerpts begin shortly before the first character that differs. */
export function compareText(expected: string, actual: string): Difference[] {
  if (expected === actual) return [];
  const [left, right] = excerptsAround(expected, actual);
  return [{ kind: "changed-text", place: "body", severity: "medium", expected: left, actual: right }];
}

/** Compares bytes as a whole; shows lengths and the bytes at the first difference. */
export function compareBytes(expected: Uint8Array, actual: Uint8Array): Difference[] {
  if (Buffer.compare(expected, actual) === 0) return [];
  const at = firstDifference(expected, actual);
  const inWords = (bytes: Uint8Array) => {
    const shown = Buffer.from(bytes.subarray(at, at + 16)).toString("hex");
    return `${bytes.length} bytes, from byte ${at}: ${shown === "" ? "(end)" : shown}`;
  };
  return [changedBytes("medium", inWords(expected), inWords(actual))];
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
  const kept = { empty: "", whole: "", cut: ", kept in part", unredactable: ", withheld: may hold secrets" }[body.kind];
  const hash = hashOf(body);
  return `${bodyBytes(body)} bytes${kept}${hash === "" ? "" : `, hash ${hash.slice(0, 8)}`}`;
}

function unhashedInWords(body: Body): string {
  return isUnhashed(body) ? "a body that the imported file did not hold whole; cannot be compared" : inWords(body);
}

function changedBytes(severity: Severity, expected: string, actual: string): Difference {
  return { kind: "changed-bytes", place: "body", severity, expected, actual };
}
