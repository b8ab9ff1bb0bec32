import { parsePointer } from "../../../message/index.js";

/** The values of a JSON document at one place, whatever the indexes on the way there, or within it. */
export interface PlaceNode {
  /** A place that is looked for is here, or inside the value that is. */
  isWanted: boolean;
  /** What is at a member, or at any element; undefined where nothing is that is looked for. */
  member(name: string): PlaceNode | undefined;
  element(): PlaceNode | undefined;
}

/** Everything is looked for. */
export const everyPlace: PlaceNode = { isWanted: true, member: () => everyPlace, element: () => everyPlace };

/** Tells a walk through a message which parts it may pass by, for no place that is looked for is there. */
export class PlaceFilter {
  /** In a JSON body. */
  readonly json = new Node();
  /** None of the places is inside a value: then nobody has to look there. */
  readonly isShallow: boolean;
  readonly isInBody: boolean;

  /** Of places as a Spot tells them, with indexes or grouped. */
  constructor(places: Iterable<string>) {
    const all = [...places];
    this.isShallow = !all.some((place) => place.includes("|"));
    this.isInBody = all.some((place) => /^(?:body|form)/.test(place));
    for (const place of all) {
      if (!place.startsWith("body:")) continue;
      // A bar may be part of a member's name, or stand before what is inside its value.
      for (const end of [...place.matchAll(/\|/g)].map(({ index }) => index).concat(place.length)) {
        const tokens = parsePointer(place.slice("body:".length, end));
        if (tokens !== undefined) this.json.add(tokens);
      }
    }
  }
}

class Node implements PlaceNode {
  isWanted = false;
  readonly #within = new Map<string, Node>();

  add(tokens: readonly string[]): void {
    let node: Node = this;
    for (const token of tokens.map(grouped)) {
      const next = node.#within.get(token) ?? new Node();
      node.#within.set(token, next);
      node = next;
    }
    node.isWanted = true;
  }

  member(name: string): PlaceNode | undefined {
    return this.#within.get(grouped(name));
  }

  element(): PlaceNode | undefined {
    return this.#within.get(anyIndex);
  }
}

const anyIndex = "*";

/** Members that are named by a number are taken together with elements: more is looked at, and nothing missed. */
function grouped(token: string): string {
  return /^\d+$/.test(token) ? anyIndex : token;
}
