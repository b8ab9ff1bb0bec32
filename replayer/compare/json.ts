import { parseJson } from "../../message/index.js";
import type { Difference } from "../../tape/index.js";
import { JsonFindings } from "./json-findings.js";
import { compareInLockstep } from "./json-lockstep.js";
import { compareTrees } from "./json-trees.js";

/** How bytes are read as text: as latin1 when they are no UTF-8, for replacement characters would make them equal. */
export type JsonEncoding = "utf8" | "latin1";

export type JsonComparison =
  | { kind: "compared"; differences: Difference[] }
  | { kind: "one-is-json"; which: "expected" | "actual" }
  | { kind: "no-json" };

/**
 * Compares two JSON texts by address. White space, escapes and the order of members say nothing; numbers are compared by
 * what is written, so integers beyond 2^53 differ, and `1` against `1.0` is a change of value of low severity.
 *
 * Most pairs have one shape: those are settled by walking both texts side by side, without building anything. Only
 * where members, lengths or kinds of container differ are both parsed.
 */
export function compareJson(expected: Buffer, actual: Buffer, encoding: JsonEncoding): JsonComparison {
  const sideBySide = new JsonFindings();
  if (compareInLockstep(expected, actual, encoding, sideBySide))
    return { kind: "compared", differences: sideBySide.all() };
  const left = parseJson(expected.toString(encoding));
  const right = parseJson(actual.toString(encoding));
  if (left === undefined && right === undefined) return { kind: "no-json" };
  if (left === undefined) return { kind: "one-is-json", which: "actual" };
  if (right === undefined) return { kind: "one-is-json", which: "expected" };
  const findings = new JsonFindings();
  compareTrees(left, right, findings);
  return { kind: "compared", differences: findings.all() };
}
