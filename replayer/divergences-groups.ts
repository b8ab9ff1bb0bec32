import type { Difference, DifferenceKind, DivergenceExample, Place, Severity } from "../tape/index.js";
import type { HopRoute, StepComparison } from "./divergences.js";
import { StepSet } from "./divergences-steps.js";
import { classOf, sharedClass } from "./noise-classes.js";

/** What is known of one route of one hop. */
export interface RouteGroup extends HopRoute {
  /** Steps in which it was compared. */
  compared: StepSet;
  /** Those of them with a control: recording and baseline were compared too. */
  paired: StepSet;
  /** By key of a route above it: the Steps in which it was called below that one. */
  below: Map<string, StepSet>;
  /** The longest way down to it; 0 for a Step's own call. */
  depth: number;
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
  /** Steps in which recording and baseline differ here. */
  control: StepSet;
  /** The class that both sides had in all candidate Differences; undefined when they had none or several. */
  sharedClass?: string;
  /** Whether {@link sharedClass} is one that is made anew for each answer. */
  volatile: boolean;
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

  add(comparison: StepComparison): void {
    const route = this.#routeOf(comparison);
    route.compared.add(comparison.step);
    for (const call of comparison.above ?? []) stepsIn(route.below, keyOf(call)).add(comparison.step);
    route.depth = Math.max(route.depth, comparison.above?.length ?? 0);
    for (const difference of comparison.candidate)
      addCandidate(this.#groupOf(route, difference), comparison, difference);
    if (comparison.control === undefined) return;
    route.paired.add(comparison.step);
    for (const difference of comparison.control) addControl(this.#groupOf(route, difference), comparison, difference);
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
      found = { hop, route, compared: new StepSet(), paired: new StepSet(), below: new Map(), depth: 0 };
      ofHop.set(route, found);
    }
    return found;
  }

  #groupOf(route: RouteGroup, difference: Difference): DifferenceGroup {
    const place = difference.grouped ?? withoutIndexes(difference.place);
    const found = this.#groups.get(groupKey(route, place, difference));
    if (found !== undefined) return found;
    const widened = this.#groups.size >= mostGroups;
    const name = widened ? `${place.slice(0, place.indexOf(":") + 1)}*` : place;
    const key = groupKey(route, name, difference);
    const group = this.#groups.get(key) ?? emptyGroup(route, name, difference, widened);
    this.#groups.set(key, group);
    return group;
  }
}

/** Names a route of a hop; used as a key only. */
export function keyOf({ hop, route }: HopRoute): string {
  return JSON.stringify([hop, route]);
}

function groupKey(route: RouteGroup, place: Place, difference: Difference): string {
  return JSON.stringify([route.hop, route.route, place, difference.kind, breaksClass(difference)]);
}

/**
 * Whether a value of a volatile class became something else, or the other way round. Such Differences are a group of
 * their own: a time that is another time each run must not hide a time that became a word.
 */
function breaksClass(difference: Difference): boolean {
  const values = valuesOf(difference);
  if (values === undefined || sharedClass(...values) !== undefined) return false;
  return values.some((value) => classOf(value).volatile);
}

function emptyGroup(route: RouteGroup, place: Place, difference: Difference, widened: boolean): DifferenceGroup {
  return {
    route,
    place,
    kind: difference.kind,
    severity: difference.severity,
    widened,
    candidate: new StepSet(),
    control: new StepSet(),
    volatile: false,
    examples: [],
  };
}

function addCandidate(group: DifferenceGroup, { step, exchangeId }: StepComparison, difference: Difference): void {
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
  if (first && shared !== undefined) {
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
  const [expected, actual] = sidesOf(difference);
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
