import { closest, distance } from "fastest-levenshtein";

/** The known word that a mistyped one most likely meant; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(word.toLowerCase(), [...known]);
  const near = known.find((one) => one.toLowerCase() === candidate.toLowerCase());
  return distance(word.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, word.length / 3) ? near : undefined;
}

/** ` (did you mean "x"?)`, or the known words when none is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? ` (known: ${known.join(", ")})` : ` (did you mean "${near}"?)`;
}
