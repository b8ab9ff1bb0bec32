import type { DifferenceKind, Place } from "../../tape/index.js";
import { chanceOfContainment } from "../noise/chance.js";
import { type DifferenceGroup, keyOf, noValue } from "./groups.js";
import type { StepSet } from "./steps.js";

/** Another sort of answer altogether: whatever its caller did then may be a reaction to it. */
const breaking: ReadonlySet<DifferenceKind> = new Set([
  "status",
  "failure",
  "answer-end",
  "body-format",
  "content-encoding",
]);

const ofTheCall: ReadonlySet<DifferenceKind> = new Set(["missing-call", "added-call"]);

/** Calls are made from above: that one is missing, new or asks otherwise is the caller's doing, and explains nothing further up. */
function isMadeAbove({ kind, place }: DifferenceGroup): boolean {
  return ofTheCall.has(kind) || place.startsWith("request:");
}

/** Fields computed from the body: they change whenever anything in it does. */
const ofTheBody: ReadonlySet<Place> = new Set(
  ["etag", "content-length", "content-md5", "digest", "content-digest", "repr-digest"].map((name) => `header:${name}`),
);

/** Stricter than for one test, for many pairs of groups are looked at. */
const contrastSignificance = 0.01;

/**
 * Whether a divergence of a call below may have caused one of its caller. That both are met in the same Steps is not
 * enough when they are met in all of them: two independent changes look like that too. One of these must speak for it:
 * the lower one is another sort of answer; both are of one kind at a field of one name, or show the same two values; the
 * upper one's values speak of the lower one's; the upper place is computed from the body; or Steps in which the lower
 * one is absent are without the upper one too, more often than chance allows.
 */
export function mayCause(
  lower: DifferenceGroup,
  upper: DifferenceGroup,
  { steps: together, callsAreStopped }: { steps: StepSet; callsAreStopped: boolean },
): boolean {
  // A slow call makes its caller slow, as one more call does and one that fails late; nothing else comes of slowness.
  if (lower.kind === "slower") return upper.kind === "slower";
  const isStopped = callsAreStopped && lower.kind === "missing-call";
  if (upper.kind === "slower") return isStopped || lower.kind === "added-call" || breaking.has(lower.kind);
  if (isMadeAbove(upper) || (isMadeAbove(lower) && !isStopped)) return false;
  return (
    isStopped ||
    breaking.has(lower.kind) ||
    ofTheBody.has(upper.place) ||
    isSameField(lower, upper) ||
    showsSameValues(lower, upper) ||
    speaksOf(lower, upper) ||
    isContrasted(lower, upper, together)
  );
}

function isSameField(lower: DifferenceGroup, upper: DifferenceGroup): boolean {
  const name = lastName(lower.place);
  return name !== "" && lower.kind === upper.kind && name === lastName(upper.place) && !contradicts(lower, upper);
}

/** A field of that name held another number, or another word, in the same Step: it is a field of the caller's own. */
function contradicts(lower: DifferenceGroup, upper: DifferenceGroup): boolean {
  if (lower.kind !== "missing-field" && lower.kind !== "added-field") return false;
  return upper.examples.some((above) => {
    const below = lower.examples.find((example) => example.step === above.step);
    if (below === undefined) return false;
    const [mine, theirs] = [above, below].map(({ expected, actual }) => (expected === noValue ? actual : expected));
    return mine !== theirs && isScalar(mine!) && typeof scalar(mine!) === typeof scalar(theirs!);
  });
}

function isScalar(shown: string): boolean {
  return !/^[[{]/.test(shown);
}

function scalar(shown: string): unknown {
  return shown.startsWith('"') ? shown : Number(shown);
}

function showsSameValues(lower: DifferenceGroup, upper: DifferenceGroup): boolean {
  return upper.examples.some((above) =>
    lower.examples.some(
      (below) =>
        above.step === below.step &&
        above.expected === below.expected &&
        above.actual === below.actual &&
        [above.expected, above.actual].filter((value) => value !== noValue).join("").length >= 6,
    ),
  );
}

/** A body within a body, or a page made from it: the name or a value of the lower one stands in one side of the upper. */
function speaksOf(lower: DifferenceGroup, upper: DifferenceGroup): boolean {
  const name = lastName(lower.place);
  return upper.examples.some((above) => {
    const below = lower.examples.find((example) => example.step === above.step);
    const values = below === undefined ? [] : [below.expected, below.actual].filter((value) => value !== noValue);
    const words = [name, ...values.map(plain)].filter((word) => word.length >= 4);
    return words.some((word) => above.expected.includes(word) !== above.actual.includes(word));
  });
}

function isContrasted(lower: DifferenceGroup, upper: DifferenceGroup, together: StepSet): boolean {
  const called = lower.route.below.get(keyOf(upper.route))?.and(upper.route.compared);
  if (called === undefined || together.size < upper.candidate.size) return false;
  return chanceOfContainment(called.size, lower.candidate.and(called).size, together.size) < contrastSignificance;
}

/** The last reference token that is no array index; of a header its name. Empty for places without one. */
function lastName(place: Place): string {
  const colon = place.indexOf(":");
  if (colon === -1) return "";
  const tokens = place.slice(colon + 1).split("/");
  return tokens.findLast((token) => token !== "*" && token !== "") ?? "";
}

function plain(word: string): string {
  return word.replace(/^"|"$/g, "");
}
