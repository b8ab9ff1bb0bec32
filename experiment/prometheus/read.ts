import { type Comparison, compares, foremost } from "../file/comparison.js";
import type { Reading } from "../threshold/reading.js";
import type { QueryAnswer, Sample } from "./answer.js";

/** What an answer says of a threshold: a sample that trips it says all; else one that is no number leaves it unknown. */
export function readingOf(answer: QueryAnswer, comparison: Comparison): Reading {
  switch (answer.kind) {
    case "unknown":
      return answer;
    case "refused":
      return { kind: "unknown", why: `Prometheus refuses the query: ${answer.words}` };
    case "samples":
      return readingOfSamples(answer.samples, comparison);
  }
}

function readingOfSamples(samples: readonly Sample[], comparison: Comparison): Reading {
  const numbers = samples.filter(({ value }) => !Number.isNaN(value));
  const worst = foremost(numbers, comparison);
  if (worst !== undefined && compares(worst.value, comparison)) return { kind: "value", ...worst, trips: true };
  const noNumber = samples.find(({ value }) => Number.isNaN(value));
  if (noNumber !== undefined) return { kind: "unknown", why: `${noNumber.of ?? "the result"} is no number (NaN)` };
  if (worst === undefined) return { kind: "unknown", why: "the result is empty" };
  return { kind: "value", ...worst, trips: false };
}
