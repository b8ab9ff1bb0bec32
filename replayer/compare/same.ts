import { type Body, firstValue, type HeaderList } from "../../message/index.js";
import type { Answer } from "../../tape/index.js";
import { rememberPerPair } from "../remember.js";
import { areAlike } from "./fields.js";

/**
 * Whether two Answers are the same as far as anything is compared, status, fields and every byte of the body, seen
 * without looking inside: that is most Answers of a healthy service. False means only that a comparison has to tell.
 */
export function isSameAnswer(expected: Answer, actual: Answer): boolean {
  if (expected.kind !== "response" || actual.kind !== "response") return false;
  if (expected.status !== actual.status || expected.end !== "complete" || actual.end !== "complete") return false;
  if (!isSameBody(expected.body, actual.body)) return false;
  const headers = alikeHeaders(expected.headers, actual.headers);
  if (headers === "different" || (headers === "but for length" && expected.body.kind === "empty")) return false;
  return expected.trailers.length + actual.trailers.length === 0 || areAlike(expected.trailers, actual.trailers);
}

/** Bodies that are not at hand whole need their hashes judged. */
function isSameBody(expected: Body, actual: Body): boolean {
  if (expected.kind === "empty") return actual.kind === "empty";
  if (expected.kind !== "whole" || actual.kind !== "whole") return false;
  return expected.bytes === actual.bytes || Buffer.compare(expected.bytes, actual.bytes) === 0;
}

const alikeHeaders = rememberPerPair((expected: HeaderList, actual: HeaderList) => {
  if (!areAlike(expected, actual) || !isSameField(expected, actual, "content-encoding")) return "different";
  return isSameField(expected, actual, "content-length") ? "same" : "but for length";
});

function isSameField(expected: HeaderList, actual: HeaderList, lowerName: string): boolean {
  return firstValue(expected, lowerName) === firstValue(actual, lowerName);
}
