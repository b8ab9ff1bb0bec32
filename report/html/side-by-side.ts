import type { Line } from "./json-lines.js";

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
  const rows = alignment(expected, actual).map(rowOf);
  const marks = new Set(places.flatMap((place) => rowsAt(rows, place)));
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

/** The changed rows of the place. When none of them changed (a key that is there twice), the first few equal ones. */
function rowsAt(rows: readonly Row[], place: string): readonly Row[] {
  const isAt = marker(place);
  const at = rows.filter((row) => isAt(row.expected, row.kind) || isAt(row.actual, row.kind));
  const changed = at.filter(({ kind }) => kind === "changed");
  return changed.length > 0 ? changed : at.slice(0, 3);
}

/** A trailing comma says only that something follows. */
function sameText(a: Line, b: Line): boolean {
  return a.text === b.text || a.text.replace(/,$/, "") === b.text.replace(/,$/, "");
}

type Pair = readonly [Line | undefined, Line | undefined];

function alignment(expected: readonly Line[], actual: readonly Line[]): Pair[] {
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
    ...middle(expected.slice(head, expected.length - tail), actual.slice(head, actual.length - tail)),
    ...equal(expected.length - tail, tail),
  ];
}

/** Longest common subsequence (Hunt and Szymanski's problem, by the plain table), then the blocks between. */
function middle(expected: readonly Line[], actual: readonly Line[]): Pair[] {
  if (expected.length * actual.length > mostCells) return byPlace(expected, actual);
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
  const flush = () => pairs.push(...byPlace(expected.slice(fromA, a), actual.slice(fromB, b)));
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
function byPlace(expected: readonly Line[], actual: readonly Line[]): Pair[] {
  const waiting = new Map<string, number[]>();
  for (let at = actual.length - 1; at >= 0; at--) {
    const place = actual[at]!.place;
    if (place !== undefined) push(waiting, place, at);
  }
  const pairs: Pair[] = [];
  let b = 0;
  for (const left of expected) {
    const met = nextFrom(b, left.place === undefined ? undefined : waiting.get(left.place));
    if (met === undefined) pairs.push([left, undefined]);
    else {
      for (; b < met; b++) pairs.push([undefined, actual[b]]);
      pairs.push([left, actual[b++]]);
    }
  }
  return [...pairs, ...actual.slice(b).map((right): Pair => [undefined, right])];
}

function push(lists: Map<string, number[]>, place: string, at: number): void {
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

/**
 * Whether a line stands for the place, or for something inside it that changed; `*` in the place is any array index. Of
 * a cookie there is one line, whatever attribute the place names.
 */
function marker(place: string): (line: Line | undefined, kind: Row["kind"]) => boolean {
  const wanted = (/^(?:header|trailer):set-cookie\/[^/]*/.exec(place)?.[0] ?? place).split("/");
  return (line, kind) => {
    const own = line?.place?.split("/");
    if (own === undefined || own.length < wanted.length) return false;
    if (own.length > wanted.length && kind === "equal") return false;
    return wanted.every((part, at) => part === own[at] || (part === "*" && /^\d+$/.test(own[at]!)));
  };
}
