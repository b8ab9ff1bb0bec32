import type { Difference } from "../../../tape/index.js";
import { BodyFindings } from "./findings.js";
import { JsonIndex } from "./json-index.js";
import type { JsonEncoding } from "./values.js";
import { compareIndexed } from "./walk.js";

export type JsonComparison =
  | { kind: "compared"; differences: Difference[] }
  | { kind: "one-is-json"; which: "expected" | "actual" }
  | { kind: "no-json" }
  /** One side holds more values than are taken apart. */
  | { kind: "too-large" };

/** Used for one comparison after the other: nothing of them is kept. */
const left = new JsonIndex();
const right = new JsonIndex();

/**
 * Compares two JSON texts by address. White space, escapes and the order of members say nothing; numbers are compared by
 * what is written, so integers beyond 2^53 differ, and `1` against `1.0` is a change of value of low severity. No value is
 * built of either side: both are walked by where their values stand. Never throws.
 */
export function compareJson(
  expected: Buffer,
  actual: Buffer,
  encoding: JsonEncoding,
  findings = new BodyFindings(),
): JsonComparison {
  try {
    return compareTexts(expected, actual, encoding, findings);
  } finally {
    left.forget();
    right.forget();
  }
}

function compareTexts(
  expected: Buffer,
  actual: Buffer,
  encoding: JsonEncoding,
  findings: BodyFindings,
): JsonComparison {
  const areJson = [left.read(expected), right.read(actual)] as const;
  if (left.tooLarge || right.tooLarge) return { kind: "too-large" };
  if (!areJson[0] && !areJson[1]) return { kind: "no-json" };
  if (!areJson[0]) return { kind: "one-is-json", which: "actual" };
  if (!areJson[1]) return { kind: "one-is-json", which: "expected" };
  compareIndexed(left, right, encoding, findings);
  return { kind: "compared", differences: findings.all() };
}
