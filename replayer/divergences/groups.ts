import type { Difference, DifferenceKind, DivergenceExample, Place, Severity } from "../../tape/index.js";
import { mayBeTokens, opaqueToken, sharedClass } from "../noise/classes.js";
import { Climbs } from "../noise/climbs.js";
import { type ClassBreak, classBreak, type Distance, distanceBetween } from "../noise/distance.js";
import { Leanings } from "../noise/leanings.js";
import type { HopRoute, StepComparison } from "./collect.js";
import { StepSet } from "./steps.js";

/** What is known of one route of one hop. */
export interface RouteGroup extends HopRoute {
  /** Steps in which it was compared. */
  compared: StepSet;
  /** Those of them with a control: recording and baseline were compared too. */
  paired: StepSet;
  /** By key of a route above it: the Steps in which it was called below that one. */
  below: Map<string, StepSet>;
  /** By key of the Step's own call it was called below: in which Steps. */
  entries: Map<string, StepSet>;
  /** The longest way down to it; 0 for a Step's own call. */
  depth: number;
  /** Steps in which the candidate gave another sort of answer here: none, or one of another status class. */
  failed: StepSet;
}

/** Differences of one route at one place and of one kind. */
export interface DifferenceGroup {
  route: RouteGroup;
  /** With array indexes as `*`. */
  place: Place;
  kind: DifferenceKind;
  severity: Severity;
  /** Several places behind one name, because there were too many to count apart. */
  widened: boolean;
  /** Steps in which reference and candidate differ here. */
  candidate: StepSet;
  /** Steps in which two answers of one version differ here. */
  control: StepSet;
  /** Paired Steps in which more places differ between reference and candidate than between the two of one version. */
  candidateOnly: number;
  /** The other way round. */
  controlOnly: number;
  /** Of paired Steps in which both differ in a number or time: how far the candidate is from the reference, beside how far two of one version are apart. */
  leanings: Leanings;
  /** Values that came with the Steps, to tell counters. */
  climbs: Climbs;
  /** What kind of difference between values it is: within a class, from one class to another, or by whole quarter-hours. */
  breaks: ClassBreak;
  /** Of Steps that were sent again: those that differed here again, those that did not though the reference answered as before, those in which two answers of the reference differed, and those in which the candidate was ten times as far off. */
  again: { met: number; vanished: number; noisy: number; farther: number };
  /** The class that both sides had in all candidate Differences; undefined when they had none or several. */
  sharedClass?: string;
  /** Whether {@link sharedClass} is one that is made anew for each answer. */
  volatile: boolean;
  /** All pairs so far may be opaque tokens, though none shows it: the next may tell. */
  mayBeTokens: boolean;
  /** The one pair of values in all Differences of that side; undefined when none was met, null when several were. */
  candidatePair?: readonly [expected: string, actual: string] | null;
  controlPair?: readonly [expected: string, actual: string] | null;
  /** The earliest Steps it was met in, ascending. */
  examples: DivergenceExample[];
}

/** Stands in an example for the side that has nothing at the place. */
export const noValue = "(none)";

/** More groups than a person will read; further places are counted together, never dropped. */
const mostGroups = 20_000;
const mostExamples = 3;
const ranks: Record<Severity, number> = { low: 0, medium: 1, high: 2 };

/** Counts Differences by route, place and kind. */
export class DivergenceGroups {
  /** By hop, then route. */
  readonly #routes = new Map<string, Map<string, RouteGroup>>();
  readonly #groups = new Map<string, DifferenceGroup>();

  /** `live`: the reference is a lane, so that times of both sides were made at one moment. */
  constructor(readonly live = false) {}

  add(comparison: StepComparison): void {
    const { step, candidate, control, timing, above = [] } = comparison;
    const route = this.#routeOf(comparison);
    route.compared.add(step);
    for (const call of above) stepsIn(route.below, keyOf(call)).add(step);
    if (above[0] !== undefined) stepsIn(route.entries, keyOf(above[0])).add(step);
    route.depth = Math.max(route.depth, above.length);
    if (control !== undefined) route.paired.add(step);
    if (candidate.some(isAnotherSort)) route.failed.add(step);
    const found = [...candidate, ...(timing?.candidate ?? [])];
    const again = [...(control ?? []), ...(timing?.control ?? [])];
    if (found.length + again.length === 0) return;
    for (const [group, both] of this.#byGroup(route, found, again)) {
      for (const difference of both.candidate) addCandidate(group, comparison, difference);
      for (const difference of both.control) addControl(group, comparison, difference);
      if (control !== undefined) weigh(group, both);
    }
  }

  /** A Step was sent again: `moved` are the Differences between what the reference answers now and what it did before. */
  addAgain(
    { step, hop, route, candidate, control = [] }: StepComparison,
    moved: readonly Difference[] | undefined,
  ): void {
    const at = this.#routes.get(hop)?.get(route);
    if (at === undefined) return;
    const now = this.#byGroup(at, candidate, control);
    const since = moved === undefined ? undefined : this.#byGroup(at, moved, []);
    for (const group of this.#groups.values()) {
      if (group.route !== at || !group.candidate.has(step)) continue;
      const both = now.get(group);
      if (both !== undefined) {
        if (weigh(group, both)) group.again.farther++;
        if (both.candidate.length > 0) group.again.met++;
        if (both.control.length > 0) group.again.noisy++;
      } else if (since !== undefined && !since.has(group) && !moved!.some(isAnotherSort)) group.again.vanished++;
    }
  }

  #byGroup(
    route: RouteGroup,
    candidate: readonly Difference[],
    control: readonly Difference[],
  ): Map<DifferenceGroup, BothSides> {
    const found = new Map<DifferenceGroup, BothSides>();
    const sidesAt = (difference: Difference) => {
      const group = this.#groupOf(route, difference);
      const known = found.get(group) ?? { candidate: [], control: [] };
      found.set(group, known);
      return known;
    };
    for (const difference of candidate) sidesAt(difference).candidate.push(difference);
    for (const difference of control) sidesAt(difference).control.push(difference);
    return found;
  }

  /** The route of a hop, when it was compared. */
  routeAt(key: string): RouteGroup | undefined {
    const { hop, route } = parseKey(key);
    return this.#routes.get(hop)?.get(route);
  }

  /** Every route of every hop. */
  *routes(): Generator<RouteGroup> {
    for (const ofHop of this.#routes.values()) yield* ofHop.values();
  }

  /** Places at which two answers of one version ever differed. */
  noisyPlaces(): number {
    return [...this.#groups.values()].filter((group) => group.control.size > 0).length;
  }

  /** The groups in which the candidate differs. */
  divergent(): DifferenceGroup[] {
    return [...this.#groups.values()].filter((group) => group.candidate.size > 0);
  }

  #routeOf({ hop, route }: HopRoute): RouteGroup {
    let ofHop = this.#routes.get(hop);
    if (ofHop === undefined) {
      ofHop = new Map();
      this.#routes.set(hop, ofHop);
    }
    let found = ofHop.get(route);
    if (found === undefined) {
      found = {
        ...{ hop, route, compared: new StepSet(), paired: new StepSet(), failed: new StepSet() },
        ...{ below: new Map(), entries: new Map(), depth: 0 },
      };
      ofHop.set(route, found);
    }
    return found;
  }

  #groupOf(route: RouteGroup, difference: Difference): DifferenceGroup {
    const place = difference.grouped ?? withoutIndexes(difference.place);
    const breaks = breakOf(difference, this.live);
    const found = this.#groups.get(groupKey(route, place, difference, breaks));
    if (found !== undefined) return found;
    const widened = this.#groups.size >= mostGroups;
    const name = widened ? `${place.slice(0, place.indexOf(":") + 1)}*` : place;
    const key = groupKey(route, name, difference, breaks);
    const group = this.#groups.get(key) ?? emptyGroup(route, name, difference, { widened, breaks });
    this.#groups.set(key, group);
    return group;
  }
}

/** Names a route of a hop; used as a key only. */
export function keyOf({ hop, route }: HopRoute): string {
  return JSON.stringify([hop, route]);
}

function parseKey(key: string): HopRoute {
  const [hop, route] = JSON.parse(key) as [string, string];
  return { hop, route };
}

function groupKey(route: RouteGroup, place: Place, { kind }: Difference, breaks: ClassBreak): string {
  return JSON.stringify([route.hop, route.route, place, kind, breaks]);
}

function emptyGroup(
  route: RouteGroup,
  place: Place,
  difference: Difference,
  { widened, breaks }: Pick<DifferenceGroup, "widened" | "breaks">,
): DifferenceGroup {
  return {
    route,
    place,
    kind: difference.kind,
    severity: difference.severity,
    widened,
    candidate: new StepSet(),
    control: new StepSet(),
    ...{ candidateOnly: 0, controlOnly: 0 },
    leanings: new Leanings(),
    climbs: new Climbs(),
    breaks,
    again: { met: 0, vanished: 0, noisy: 0, farther: 0 },
    volatile: false,
    mayBeTokens: false,
    examples: [],
  };
}

/** The Differences of one Step in one group. */
interface BothSides {
  candidate: Difference[];
  control: Difference[];
}

/**
 * One toss: in which comparison do more places of the group differ? Where it is the same ones, in which are the values
 * farther apart? Were the candidate as noisy as the reference, each answer would be as likely as its opposite. True when the
 * candidate's are farther.
 */
function weigh(group: DifferenceGroup, { candidate, control }: BothSides): boolean {
  const [ours, theirs] = [new Set(candidate.map(placeOf)), new Set(control.map(placeOf))];
  const lean = countWithout(ours, theirs) - countWithout(theirs, ours);
  if (lean > 0) group.candidateOnly++;
  if (lean < 0) group.controlOnly++;
  if (lean !== 0) return false;
  const [mine, other] = [distanceOf(candidate), distanceOf(control)];
  return mine !== undefined && other !== undefined && group.leanings.add(mine, other);
}

function placeOf({ place }: Difference): Place {
  return place;
}

function countWithout(those: ReadonlySet<Place>, others: ReadonlySet<Place>): number {
  let count = 0;
  for (const one of those) if (!others.has(one)) count++;
  return count;
}

/** The greatest distance between the two sides; undefined where they are no numbers or times. */
function distanceOf(differences: readonly Difference[]): Distance | undefined {
  let greatest: Distance | undefined;
  for (const difference of differences) {
    const values = valuesOf(difference);
    const distance = values && distanceBetween(...values);
    if (distance !== undefined && (greatest === undefined || distance.size > greatest.size)) greatest = distance;
  }
  return greatest;
}

/** No answer, one of another status class, or one that ended otherwise: whatever its caller did then may be a reaction. */
function isAnotherSort(difference: Difference): boolean {
  switch (difference.kind) {
    case "failure":
      return true;
    case "status":
      return Math.floor(difference.expected / 100) !== Math.floor(difference.actual / 100);
    case "missing-call":
      return true;
    case "changed-trailer":
    case "changed-header":
      return difference.place.endsWith(":grpc-status");
    default:
      return false;
  }
}

/** How the two values of a Difference stand to each other. */
function breakOf(difference: Difference, live: boolean): ClassBreak {
  const values = valuesOf(difference);
  return values === undefined ? "none" : classBreak(...values, live);
}

function addCandidate(group: DifferenceGroup, { step, exchangeId }: StepComparison, difference: Difference): void {
  const values = valuesOf(difference);
  if (values !== undefined) group.climbs.add(...values);
  if (ranks[difference.severity] > ranks[group.severity]) group.severity = difference.severity;
  noteClass(group, difference, group.candidate.size === 0);
  group.candidatePair = stillOne(group.candidatePair, sidesOf(difference));
  if (!group.candidate.has(step)) addExample(group.examples, { step, exchangeId }, difference);
  group.candidate.add(step);
}

function addControl(group: DifferenceGroup, { step }: StepComparison, difference: Difference): void {
  group.controlPair = stillOne(group.controlPair, sidesOf(difference));
  group.control.add(step);
}

function noteClass(group: DifferenceGroup, difference: Difference, first: boolean): void {
  const values = valuesOf(difference);
  const shared = values && sharedClass(...values);
  const mayBe = values !== undefined && shared?.volatile !== true && mayBeTokens(...values);
  if (first) group.mayBeTokens = mayBe;
  const becomesTokens = group.mayBeTokens && shared === opaqueToken;
  if (!mayBe) group.mayBeTokens = false;
  if (mayBe && group.sharedClass === opaqueToken.name) return;
  if ((first || becomesTokens) && shared !== undefined) {
    group.sharedClass = shared.name;
    group.volatile = shared.volatile;
  } else if (shared === undefined || shared.name !== group.sharedClass) {
    // Several volatile classes at one place (10 and 13 digits, "Z" and "+02:00") are not one class kept.
    delete group.sharedClass;
    group.volatile = false;
  }
}

function addExample(
  examples: DivergenceExample[],
  at: Pick<DivergenceExample, "step" | "exchangeId">,
  difference: Difference,
): void {
  const last = examples[mostExamples - 1];
  if (last !== undefined && at.step > last.step) return;
  const [expected, actual] = shownSidesOf(difference);
  const before = examples.findIndex((example) => example.step > at.step);
  examples.splice(before === -1 ? examples.length : before, 0, { ...at, expected, actual });
  examples.length = Math.min(examples.length, mostExamples);
}

function stillOne(
  pair: readonly [string, string] | null | undefined,
  next: readonly [string, string],
): readonly [string, string] | null {
  if (pair === undefined) return next;
  return pair !== null && pair[0] === next[0] && pair[1] === next[1] ? pair : null;
}

/** Both sides in words. */
function sidesOf(difference: Difference): [expected: string, actual: string] {
  if (difference.kind === "changed-type") {
    return [`${difference.expectedType} ${difference.expected}`, `${difference.actualType} ${difference.actual}`];
  }
  const expected = "expected" in difference ? String(difference.expected) : noValue;
  const actual = "actual" in difference ? String(difference.actual) : noValue;
  return [expected, actual];
}

/** As an example shows them: beside a length the elements that it tells of. */
function shownSidesOf(difference: Difference): [expected: string, actual: string] {
  const [expected, actual] = sidesOf(difference);
  if (difference.kind !== "array-length" || difference.unpaired === undefined) return [expected, actual];
  const withUnpaired = (length: string) => `${length}, with ${difference.unpaired}`;
  return difference.expected > difference.actual ? [withUnpaired(expected), actual] : [expected, withUnpaired(actual)];
}

/** The two values, for the kinds whose sides are values with a class. */
function valuesOf(difference: Difference): [expected: string, actual: string] | undefined {
  switch (difference.kind) {
    case "changed-value":
    case "changed-header":
    case "changed-trailer":
    case "changed-text":
      return [difference.expected, difference.actual];
    default:
      return undefined;
  }
}

function stepsIn(sets: Map<string, StepSet>, key: string): StepSet {
  const steps = sets.get(key) ?? new StepSet();
  sets.set(key, steps);
  return steps;
}

/** For Differences that do not say where array indexes stand: reference tokens of digits are taken for such. */
function withoutIndexes(place: Place): Place {
  return place.startsWith("body:/") ? place.replace(/\/\d+(?=\/|$)/g, "/*") : place;
}
