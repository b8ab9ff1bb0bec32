import { isUtf8 } from "node:buffer";
import { excerpt } from "../excerpt.js";
import type { BodySides } from "./body-kind.js";

/** One side is of a format and the other is not. */
export function addFormat(
  { expected, actual, findings }: Pick<BodySides, "expected" | "actual" | "findings">,
  format: string,
  which: "expected" | "actual",
): void {
  const inWords = (bytes: Buffer, side: "expected" | "actual") =>
    `${side === which ? "" : "not "}${format}: ${excerpt(bytes.toString(isUtf8(bytes) ? "utf8" : "latin1", 0, 4096))}`;
  findings.add([], {
    kind: "body-format",
    severity: "high",
    expected: inWords(expected, "expected"),
    actual: inWords(actual, "actual"),
  });
}
