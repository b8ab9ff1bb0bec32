import { escapePointerToken } from "../../../message/index.js";
import type { BodyPath } from "./findings.js";
import type { JsonIndex } from "./json-index.js";
import { keyText } from "./keys.js";
import { sameBytes } from "./members.js";
import type { JsonEncoding } from "./values.js";

/** A value's place, linked upwards: names are read and paths written out only where something differs. */
export interface At {
  above: At | undefined;
  /** Where its key stands; undefined for an element of an array. */
  index: JsonIndex | undefined;
  /** The key's node; of an element, which one it is. */
  token: number;
  /** Once it was asked for. */
  group?: GroupedPlace;
}

/** The places that one group names: array indexes are `*`. */
export interface GroupedPlace {
  text: string;
  /** Kinds of which there is no room here any more. */
  full: string[];
  elements?: GroupedPlace;
  /** By the hash of their key, each beside the key that was met first. */
  members?: Map<number, { index: JsonIndex; key: number; group: GroupedPlace }>;
}

/** As many are known again; what is beyond is written out each time. */
const mostKnown = 4096;

/** The places of one walk, read in one encoding. */
export class Places {
  readonly #root: GroupedPlace = { text: "body", full: [] };
  #known = 0;

  constructor(private readonly encoding: JsonEncoding) {}

  pathOf(at: At | undefined): BodyPath {
    const tokens: (string | number)[] = [];
    for (let here = at; here !== undefined; here = here.above) tokens.push(this.#tokenOf(here));
    return tokens.reverse();
  }

  /** As a group names it. */
  groupOf(at: At | undefined): GroupedPlace {
    // Containers are begun from the outside in, so most of the way is there; the rest is walked, never called into.
    const below: At[] = [];
    let here: At | undefined = at;
    for (; here !== undefined && here.group === undefined; here = here.above) below.push(here);
    let group = here?.group ?? this.#root;
    for (let one = below.pop(); one !== undefined; one = below.pop()) {
      group = one.index === undefined ? this.#elementsOf(group) : this.#memberOf(group, one.index, one.token);
      one.group = group;
    }
    return group;
  }

  #tokenOf({ index, token }: At): string | number {
    return index === undefined ? token : keyText(index, token, this.encoding);
  }

  #elementsOf(group: GroupedPlace): GroupedPlace {
    group.elements ??= this.#within(group, "*");
    return group.elements;
  }

  #memberOf(group: GroupedPlace, index: JsonIndex, key: number): GroupedPlace {
    const known = group.members?.get(index.hash(key));
    if (known !== undefined && sameBytes(known.index, known.key, index, key)) return known.group;
    const member = this.#within(group, escapePointerToken(keyText(index, key, this.encoding)));
    if (known === undefined && this.#known++ < mostKnown) {
      group.members ??= new Map();
      group.members.set(index.hash(key), { index, key, group: member });
    }
    return member;
  }

  #within(group: GroupedPlace, token: string): GroupedPlace {
    return { text: `${group === this.#root ? "body:" : group.text}/${token}`, full: [] };
  }
}
