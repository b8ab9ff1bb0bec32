import type { Answer } from "../../../tape/index.js";
import type { JudgedCase, TrueChange } from "../case.js";
import { bodyText } from "./body-text.js";
import { differencesBetween, type Lifted } from "./diffy-difference.js";
import type { EntryAnswers } from "./entry-answers.js";
import type { Finding } from "./finding.js";
import { depthOf, type Reading } from "./score.js";

/** Diffy's defaults, in per cent. */
const relativeThreshold = 20;
const absoluteThreshold = 0.03;

/**
 * What Diffy shows, by its published rule (`JoinedDifferences.scala`): for each endpoint and field `raw` counts the
 * requests in which old and new differ, `noise` those in which old and old again do. A field is shown when raw is above
 * noise, their difference is more than 20 % of their sum and more than 0.03 % of all requests.
 */
export function diffyFindings(answers: readonly EntryAnswers[]): Finding[] {
  const endpoints = new Map<string, { total: number; raw: Map<string, number>; noise: Map<string, number> }>();
  for (const { route, old, oldAgain, new: young } of answers) {
    const endpoint = endpoints.get(route) ?? { total: 0, raw: new Map(), noise: new Map() };
    endpoints.set(route, endpoint);
    endpoint.total++;
    const [primary, secondary, candidate] = [lift(old), lift(oldAgain), lift(young)];
    for (const field of differencesBetween(primary, candidate)) countUp(endpoint.raw, field);
    for (const field of differencesBetween(primary, secondary)) countUp(endpoint.noise, field);
  }
  return [...endpoints].flatMap(([route, { total, raw, noise }]) =>
    [...raw]
      .filter(([field, differences]) => isShown(differences, noise.get(field) ?? 0, total))
      .map(([field]) => ({ hop: "front", route, place: placeOf(field), attribution: "version" as const })),
  );
}

function isShown(raw: number, noise: number, total: number): boolean {
  const apart = Math.abs(raw - noise);
  return raw > noise && (apart / (raw + noise)) * 100 > relativeThreshold && (apart / total) * 100 > absoluteThreshold;
}

function countUp(counts: Map<string, number>, field: string): void {
  counts.set(field, (counts.get(field) ?? 0) + 1);
}

/** As its HTTP lifter does: status, then content and headers, the content as JSON where it is. */
function lift(answer: Answer): Lifted {
  if (answer.kind !== "response") return { failure: answer.kind === "failure" ? answer.reason : answer.kind };
  const headers: Record<string, string[]> = {};
  for (const [name, value] of answer.headers) {
    const lower = name.toLowerCase();
    headers[lower] = [...(headers[lower] ?? []), value].sort();
  }
  return { [String(answer.status)]: { content: content(bodyText(answer)), headers } };
}

function content(text: string): Lifted {
  try {
    // Its reader keeps long integers; JSON.parse would not.
    return JSON.parse(
      text.replace(/("(?:[^"\\]|\\.)*")|(-?\d{16,})(?![\d.eE])/g, (all, quoted) => quoted ?? `"#${all}"`),
    ) as Lifted;
  } catch {
    return text;
  }
}

/** `200.content.stars.PrimitiveDifference` is the place `body:/stars`. */
function placeOf(field: string): string {
  const [, part, ...tokens] = field.split("\n").slice(0, -1);
  if (part === undefined) return "status";
  return part === "headers" ? `header:${tokens[0] ?? ""}` : `body:${tokens.map((token) => `/${token}`).join("")}`;
}

/** To its favour: a place above or below the right one counts too. Array indexes it does not tell. */
export const diffyReading: Reading = {
  isAt: (finding, change) => change.hop === "front" && change.places.some((place) => isNear(finding.place, place, "")),
  isAbove: (finding, change, judged) =>
    change.hop !== "front" &&
    (finding.place === "status" ||
      change.places.some((place) => isNear(finding.place, place, "/inner".repeat(depthOf(change.hop)))) ||
      isWhole(finding, change, judged)),
};

function isNear(found: string, place: TrueChange["places"][number], inner: string): boolean {
  if (typeof place !== "string") return found.startsWith("body:");
  const full = place.startsWith("body:") ? `body:${inner}${place.slice("body:".length)}` : place.replace(/\/.*/, "");
  const right = full.replaceAll("/*", "");
  return found === right || found.startsWith(`${right}/`) || right.startsWith(`${found}/`);
}

/** A status, or a body that is cut, shows above as another answer altogether. */
function isWhole({ place }: Finding, { places }: TrueChange, _: JudgedCase): boolean {
  return place.startsWith("body:/inner") && places.some((one) => typeof one === "string" && !one.startsWith("body:/"));
}
