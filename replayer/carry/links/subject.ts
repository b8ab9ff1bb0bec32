import type { Spot } from "../values/spot.js";

/** Words that say that a value names something, not what. */
const idWords: ReadonlySet<string> = new Set(
  "code cursor guid handle id ids key keys nbr no num number nr pk ref reference sid slug token tokens uid uuid".split(
    " ",
  ),
);

/** Objects and lists that wrap an answer, and say nothing of what is in it. */
const wrappers: ReadonlySet<string> = new Set(
  "attributes body content data edge edges entity entities list node nodes object objects payload record records response result results row rows self value values".split(
    " ",
  ),
);

/** What names a value: whose it is, and whether the name says that it is one by which things are told apart. */
export interface Naming {
  /** In the singular, without words such as `id`: `order` for `/orders/0/id`, `orderId`, and the segment after `orders`. */
  subjects: readonly string[];
  namesAnId: boolean;
}

/**
 * What the place of a value says of it. `noun` is what the call is about, see {@link nounOf}: an `id` without more is one
 * of these.
 */
export function namingOf(spot: Spot, noun: string): Naming {
  const { keys } = spot;
  if (keys.length > 0) return namingOfKey(keys, noun);
  const key = `${spot.base.includes("path/") ? "/" : ""}${spot.label}\n${noun}`;
  let naming = labelled.get(key);
  if (naming === undefined) {
    naming = nameOf(spot.label, undefined, /(?:^|\|)path\/\d+$/.test(spot.base), noun);
    if (labelled.size >= mostRemembered) labelled.clear();
    if (key.length <= longestRemembered) labelled.set(key, naming);
  }
  return naming;
}

const labelled = new Map<string, Naming>();

function namingOfKey(keys: readonly (string | number)[], noun: string): Naming {
  let own: string | undefined;
  for (let at = keys.length - 1; at >= 0; at--) {
    const key = keys[at]!;
    if (typeof key === "number") continue;
    if (own === undefined) own = key;
    else if (!wraps(key)) return nameOf(own, key, false, noun);
  }
  return nameOf(own ?? "", undefined, false, noun);
}

function nameOf(own: string, parent: string | undefined, isSegment: boolean, noun: string): Naming {
  const words = nameWords(own);
  const subject = subjectOf(words);
  const namesAnId = isSegment || idWords.has(words.at(-1) ?? "");
  if (subject !== "" && !wrappers.has(subject)) return { subjects: [subject], namesAnId };
  const around = parent === undefined ? "" : subjectOf(nameWords(parent));
  return { subjects: [...new Set([around, noun])].filter((one) => one !== ""), namesAnId };
}

function wraps(name: string): boolean {
  return wrappers.has(name.toLowerCase());
}

/** What a call is about, by its path: the last segment that is a word, in the singular. `/v1/orders/17` is about an order. */
export function nounOf(path: string): string {
  const known = nouns.get(path);
  if (known !== undefined) return known;
  const noun = findNoun(path);
  if (nouns.size >= mostRemembered) nouns.clear();
  if (path.length <= longestRemembered) nouns.set(path, noun);
  return noun;
}

/** What comes from the traffic is remembered within bounds. */
const mostRemembered = 4096;
const longestRemembered = 256;
const nouns = new Map<string, string>();

function findNoun(path: string): string {
  const plain = path.replace(/[?#].*$/s, "");
  const words = plain.split("/").filter((segment) => /^[A-Za-z][A-Za-z_-]*$/.test(segment));
  return subjectOf(nameWords(words.at(-1) ?? ""));
}

function subjectOf(words: readonly string[]): string {
  let end = words.length;
  while (end > 0 && idWords.has(words[end - 1]!)) end--;
  if (end === 0) return "";
  return [...words.slice(0, end - 1), singular(words[end - 1]!)].join("");
}

function singular(word: string): string {
  if (word.length < 4 || word.endsWith("ss") || word.endsWith("us")) return word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|ss)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") ? word.slice(0, -1) : word;
}

const known = new Map<string, readonly string[]>();

/** `X-OrderIDs` → order, ids: in lower case, what marks a header as somebody's own left out. */
function nameWords(name: string): readonly string[] {
  let words = known.get(name);
  if (words === undefined) {
    words = name
      .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
      .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word !== "" && word !== "x");
    if (known.size >= mostRemembered) known.clear();
    if (name.length <= longestRemembered) known.set(name, words);
  }
  return words;
}
