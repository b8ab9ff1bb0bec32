import type { Line } from "./json-lines.js";
import { PlaceNumbers, type Reach } from "./line-place.js";

/** One row of two texts beside each other; a side that has nothing there is absent. `marked`: this is the group's place. */
export interface Row {
  kind: "equal" | "changed";
  expected?: Line;
  actual?: Line;
  marked: boolean;
}

/** Above this many cells the middle is not aligned by content but by place alone. */
const mostCells = 250_000;

/**
 * Aligns two answers line by line: equal lines meet, changed ones of the same place meet, the rest stands alone. Rows of
 * the places are marked.
 */
export function sideBySide(expected: readonly Line[], actual: readonly Line[], ...places: readonly string[]): Row[] {
  const numbers = new PlaceNumbers();
  const rows = alignment(expected, actual, numbers).map(rowOf);
  const placed = rows.map((row) => placedRow(row, numbers));
  const marks = new Set(places.flatMap((place) => rowsAt(placed, numbers.reachOf(lineOf(place)))));
  return rows.map((row) => ({ ...row, marked: marks.has(row) }));
}

function rowOf([left, right]: Pair): Row {
  return {
    kind: left !== undefined && right !== undefined && sameText(left, right) ? "equal" : "changed",
    ...(left === undefined ? {} : { expected: left }),
    ...(right === undefined ? {} : { actual: right }),
    marked: false,
  };
}

/** A row with the numbers of the places that its lines stand for. */
interface PlacedRow {
  row: Row;
  places: readonly number[];
}

function placedRow(row: Row, numbers: PlaceNumbers): PlacedRow {
  const places = [row.expected?.place, row.actual?.place].flatMap((place) => (place ? [numbers.numberOf(place)] : []));
  return { row, places };
}

/** Of a cookie there is one line, whatever attribute the place names. */
function lineOf(place: string): string {
  return /^(?:header|trailer):set-cookie\/[^/]*/.exec(place)?.[0] ?? place;
}

/**
 * The changed rows that stand for the place or for something inside it. When none of them changed (a key that is there
 * twice), the first few equal ones of the place itself.
 */
function rowsAt(rows: readonly PlacedRow[], reach: (number: number) => Reach): readonly Row[] {
  const isAt = (number: number) => reach(number) === "at";
  const isWithin = (number: number) => reach(number) !== "apart";
  const changed = rows.filter(({ row, places }) => row.kind === "changed" && places.some(isWithin));
  const found = changed.length > 0 ? changed : rows.filter(({ places }) => places.some(isAt)).slice(0, 3);
  return found.map(({ row }) => row);
}

/** A trailing comma says only that something follows. */
function sameText(a: Line, b: Line): boolean {
  return a.text === b.text || a.text.replace(/,$/, "") === b.text.replace(/,$/, "");
}

type Pair = readonly [Line | undefined, Line | undefined];

function alignment(expected: readonly Line[], actual: readonly Line[], numbers: PlaceNumbers): Pair[] {
  const shortest = Math.min(expected.length, actual.length);
  let head = 0;
  while (head < shortest && sameText(expected[head]!, actual[head]!)) head++;
  let tail = 0;
  while (tail < shortest - head && sameText(expected.at(-1 - tail)!, actual.at(-1 - tail)!)) tail++;
  const equal = (from: number, length: number) =>
    Array.from(
      { length },
      (_, at): Pair => [expected[from + at]!, actual[from - expected.length + actual.length + at]!],
    );
  return [
    ...expected.slice(0, head).map((line, at): Pair => [line, actual[at]!]),
    ...middle(expected.slice(head, expected.length - tail), actual.slice(head, actual.length - tail), numbers),
    ...equal(expected.length - tail, tail),
  ];
}

/** Longest common subsequence (Hunt and Szymanski's problem, by the plain table), then the blocks between. */
function middle(expected: readonly Line[], actual: readonly Line[], numbers: PlaceNumbers): Pair[] {
  if (expected.length * actual.length > mostCells) return byPlace(expected, actual, numbers);
  const width = actual.length + 1;
  const longest = new Uint32Array((expected.length + 1) * width);
  for (let a = expected.length - 1; a >= 0; a--) {
    for (let b = actual.length - 1; b >= 0; b--) {
      longest[a * width + b] = sameText(expected[a]!, actual[b]!)
        ? longest[(a + 1) * width + b + 1]! + 1
        : Math.max(longest[(a + 1) * width + b]!, longest[a * width + b + 1]!);
    }
  }
  const pairs: Pair[] = [];
  let [a, b, fromA, fromB] = [0, 0, 0, 0];
  const flush = () => {
    // Pushed one by one: as arguments of one call, the lines of a long answer are more than the stack holds.
    for (const pair of byPlace(expected.slice(fromA, a), actual.slice(fromB, b), numbers)) pairs.push(pair);
  };
  while (a < expected.length && b < actual.length) {
    if (sameText(expected[a]!, actual[b]!)) {
      flush();
      pairs.push([expected[a++]!, actual[b++]!]);
      [fromA, fromB] = [a, b];
    } else if (longest[(a + 1) * width + b]! >= longest[a * width + b + 1]!) a++;
    else b++;
  }
  [a, b] = [expected.length, actual.length];
  flush();
  return pairs;
}

/** Two unequal blocks: lines of the same place meet, in order; others stand alone. */
function byPlace(expected: readonly Line[], actual: readonly Line[], numbers: PlaceNumbers): Pair[] {
  const waiting = new Map<number, number[]>();
  for (let at = actual.length - 1; at >= 0; at--) {
    const { place } = actual[at]!;
    if (place !== undefined) push(waiting, numbers.numberOf(place), at);
  }
  const pairs: Pair[] = [];
  let b = 0;
  for (const left of expected) {
    const met = nextFrom(b, left.place === undefined ? undefined : waiting.get(numbers.numberOf(left.place)));
    if (met === undefined) pairs.push([left, undefined]);
    else {
      for (; b < met; b++) pairs.push([undefined, actual[b]]);
      pairs.push([left, actual[b++]]);
    }
  }
  return [...pairs, ...actual.slice(b).map((right): Pair => [undefined, right])];
}

function push(lists: Map<number, number[]>, place: number, at: number): void {
  const list = lists.get(place);
  if (list === undefined) lists.set(place, [at]);
  else list.push(at);
}

/** Takes the least index not below `from` off a descending list. */
function nextFrom(from: number, descending: number[] | undefined): number | undefined {
  while (descending !== undefined && descending.length > 0) {
    const least = descending.pop()!;
    if (least >= from) return least;
  }
  return undefined;
}
