import { isDeepStrictEqual } from "node:util";
import type { Answer } from "../../../tape/index.js";
import type { TrueChange } from "../case.js";
import type { EntryAnswers } from "./entry-answers.js";
import type { Finding } from "./finding.js";
import type { Reading } from "./score.js";

/**
 * What a diff of bytes shows: status, each header, and the body as a whole, wherever old and new version differ in any
 * Step. To its favour `date` is left out, and `content-length` where the body differs too.
 */
export function naiveFindings(answers: readonly EntryAnswers[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const { route, old, new: young } of answers) {
    for (const place of placesThatDiffer(old, young)) {
      found.set(`${route} ${place}`, { hop: "front", route, place, attribution: "version" });
    }
  }
  return [...found.values()];
}

function placesThatDiffer(old: Answer, young: Answer): string[] {
  if (old.kind !== "response" || young.kind !== "response")
    return isDeepStrictEqual(old.kind, young.kind) ? [] : ["status"];
  const places = old.status === young.status ? [] : ["status"];
  const bodies = isDeepStrictEqual([old.body, old.end], [young.body, young.end]) ? [] : ["body"];
  const [left, right] = [headersOf(old), headersOf(young)];
  const names = new Set([...left.keys(), ...right.keys()]);
  const headers = [...names].filter(
    (name) => left.get(name) !== right.get(name) && isLookedAt(name, bodies.length > 0),
  );
  return [...places, ...headers.map((name) => `header:${name}`), ...bodies];
}

function isLookedAt(name: string, bodyDiffers: boolean): boolean {
  return name !== "date" && !(name === "content-length" && bodyDiffers);
}

export function headersOf(answer: Extract<Answer, { kind: "response" }>): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of [...answer.headers, ...answer.trailers]) {
    const lower = name.toLowerCase();
    values.set(lower, values.has(lower) ? `${values.get(lower)}\n${value}` : value);
  }
  return values;
}

/** It sees the first service alone, and the body as one place. */
export const naiveReading: Reading = {
  isAt: ({ place }, change) => change.hop === "front" && change.places.some((one) => coarse(one) === place),
  isAbove: ({ place }, change) => change.hop !== "front" && (place === "body" || place === "status"),
};

function coarse(place: TrueChange["places"][number]): string {
  if (typeof place !== "string" || place.startsWith("body")) return "body";
  return place.split("/", 1)[0]!;
}
