import type { FoundDifference, RunReader, RunSummary, Severity, StepRecord } from "../../tape/index.js";

const ranks: Record<Severity, number> = { low: 1, medium: 2, high: 3 };

/** What a list of divergent exchanges is narrowed by; all that is given has to hold. */
export interface ExchangeFilter {
  /** Number of a divergence. */
  group?: number;
  /** `GET /reviews/{id}`. */
  route?: string;
  /** The gravest Difference of the exchange. */
  severity?: Severity;
}

/** Which Steps differ, and in what: a few bytes a Step, whatever the run holds. */
export interface ExchangeIndex {
  /** Divergent Steps. */
  readonly size: number;
  /** Every route with a divergent Step, by name. */
  readonly routes: readonly string[];
  /** A stretch of the matching Steps in tape order, and how many match. */
  page(filter: ExchangeFilter, from: number, most: number): { steps: number[]; matching: number };
  /** Numbers of the divergences that a Step was met in. */
  groupsOf(step: number): number[];
  /** The divergent Steps before and after one. */
  around(step: number): { before?: number; after?: number };
}

/** What the pages of a served report are made from. */
export interface Served {
  summary: RunSummary;
  run: RunReader;
  index: ExchangeIndex;
}

/** Reads the run file once, from its beginning to its end, without holding what it reads. */
export function indexExchanges(summary: RunSummary, run: RunReader): ExchangeIndex {
  const groups = groupNumbers(summary);
  const routes = new Map<string, number>();
  const found = { steps: [] as number[], routes: [] as number[], severities: [] as number[], groups: [] as number[][] };
  for (const { record, differences } of divergentSteps(run)) {
    found.steps.push(record.step);
    found.routes.push(placeOf(routes, record.route));
    found.severities.push(Math.max(...differences.map(({ difference }) => ranks[difference.severity])));
    found.groups.push(
      [...new Set(differences.flatMap((one) => groups(one, record)))].sort((one, other) => one - other),
    );
  }
  return {
    size: found.steps.length,
    routes: [...routes.keys()].sort((one, other) => one.localeCompare(other, "en")),
    page(filter, from, most) {
      const matches = matcher(filter, routes);
      const steps: number[] = [];
      let matching = 0;
      for (let at = 0; at < found.steps.length; at++) {
        if (!matches(found.routes[at]!, found.severities[at]!, found.groups[at]!)) continue;
        if (matching >= from && steps.length < most) steps.push(found.steps[at]!);
        matching++;
      }
      return { steps, matching };
    },
    groupsOf: (step) => found.groups[positionOf(found.steps, step)] ?? [],
    around(step) {
      const at = positionOf(found.steps, step);
      const [before, after] = at < 0 ? [] : [found.steps[at - 1], found.steps[at + 1]];
      return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
    },
  };
}

/** Steps and their Differences come in the same order, so one walk meets both. */
export function* divergentSteps(run: RunReader): Generator<{ record: StepRecord; differences: FoundDifference[] }> {
  const records = run.steps()[Symbol.iterator]();
  let record = records.next();
  for (const differences of byStep(run.differences())) {
    const { step } = differences[0]!;
    while (!record.done && record.value.step < step) record = records.next();
    if (!record.done && record.value.step === step) yield { record: record.value, differences };
  }
}

function* byStep(differences: Iterable<FoundDifference>): Generator<FoundDifference[]> {
  let own: FoundDifference[] = [];
  for (const difference of differences) {
    if (own.length > 0 && own[0]!.step !== difference.step) {
      yield own;
      own = [];
    }
    own.push(difference);
  }
  if (own.length > 0) yield own;
}

/** The divergences a Difference belongs to: its own group, or the one that it surfaced from. */
export function groupNumbers({
  divergences,
}: RunSummary): (found: FoundDifference, record: StepRecord) => readonly number[] {
  const numbers = new Map<string, number[]>();
  const note = (at: { hop: string; route: string; place: string; kind: string }, number: number) => {
    const key = keyOf(at);
    const known = numbers.get(key);
    if (known === undefined) numbers.set(key, [number]);
    else if (!known.includes(number)) known.push(number);
  };
  for (const divergence of divergences) {
    note(divergence, divergence.number);
    for (const surfaced of divergence.surfaced) note(surfaced, divergence.number);
  }
  return ({ hop, route, difference }, record) => {
    const place = difference.grouped ?? withoutIndexes(difference.place);
    return numbers.get(keyOf({ hop, route: route ?? record.route, place, kind: difference.kind })) ?? [];
  };
}

function keyOf({ hop, route, place, kind }: { hop: string; route: string; place: string; kind: string }): string {
  return JSON.stringify([hop, route, place, kind]);
}

/** For Differences that do not say where array indexes stand: reference tokens of digits are taken for such. */
function withoutIndexes(place: string): string {
  return place.startsWith("body:/") ? place.replace(/\/\d+(?=\/|$)/g, "/*") : place;
}

function matcher(
  { group, route, severity }: ExchangeFilter,
  routes: ReadonlyMap<string, number>,
): (route: number, severity: number, groups: readonly number[]) => boolean {
  const wantedRoute = route === undefined ? undefined : (routes.get(route) ?? -1);
  const wantedSeverity = severity && ranks[severity];
  return (itsRoute, itsSeverity, itsGroups) =>
    (wantedRoute === undefined || itsRoute === wantedRoute) &&
    (wantedSeverity === undefined || itsSeverity === wantedSeverity) &&
    (group === undefined || itsGroups.includes(group));
}

function placeOf(places: Map<string, number>, word: string): number {
  const known = places.get(word);
  if (known !== undefined) return known;
  places.set(word, places.size);
  return places.size - 1;
}

/** Where a Step stands among ascending ones, by halving; -1 where it does not. */
function positionOf(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (steps[middle] === step) return middle;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
