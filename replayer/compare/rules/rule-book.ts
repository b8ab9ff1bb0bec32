import {
  decodeContent,
  firstValue,
  isJsonType,
  JsonObject,
  type JsonTree,
  mediaType,
  parseJson,
} from "../../../message/index.js";
import type { Answer, Difference, RuleReport } from "../../../tape/index.js";
import type { ArrayRule, BodyDifference, BodyPath, BodyRules, WholeSides } from "../json/findings.js";
import { type AddressPart, isAt, partOfPlace } from "./address.js";
import type { Rule } from "./rule.js";
import type { ScopedCall } from "./scope.js";

/** The rules for one call. */
export interface AppliedRules extends BodyRules {
  /** Whether a rule hides a Difference outside of the body. */
  hidesField(difference: Difference): boolean;
  /** The same rules for a second look at the same Answers: nothing is counted. */
  uncounted: AppliedRules;
  /** Notes which addresses an answer has, for rules that have hidden nothing yet. */
  note(answer: Answer): void;
}

interface Used {
  rule: Rule;
  hid: number;
  /** Its address was there in an answer. */
  met: boolean;
  /** Answers that were searched for its address. */
  searched: number;
}

/** In so many answers each rule's address is looked for; further ones cost more than they tell. */
const mostSearched = 50;

/** The rules of a run, and what each has hidden so far. */
export class RuleBook {
  readonly #used: readonly Used[];
  /** By route, hop, method and status: the rules that fit, the selection language aside. */
  readonly #fitting = new Map<string, readonly Used[]>();

  constructor(rules: readonly Rule[]) {
    this.#used = rules.map((rule) => ({ rule, hid: 0, met: false, searched: 0 }));
  }

  /** The rules for a call; undefined when there are none. */
  for(call: ScopedCall): AppliedRules | undefined {
    const key = JSON.stringify([call.hop, call.route, call.method, call.status]);
    let fitting = this.#fitting.get(key);
    if (fitting === undefined) {
      fitting = this.#used.filter(({ rule }) => rule.scope.fits(call));
      if (this.#fitting.size >= 10_000) this.#fitting.clear();
      this.#fitting.set(key, fitting);
    }
    const used = fitting.filter(({ rule }) => rule.scope.where?.(call.exchange) ?? true);
    return used.length === 0 ? undefined : applied(used);
  }

  reports(): RuleReport[] {
    return this.#used.map(({ rule, hid, met }) => ({
      rule: rule.kind,
      text: rule.text,
      hid,
      unused: hid === 0 && !met,
    }));
  }

  /** One sentence for each rule whose address was never there. */
  warnings(): string[] {
    return this.reports()
      .filter(({ unused }) => unused)
      .map(({ rule, text }) => `rule "${rule} ${text}" matches nothing: no answer it is for has this address`);
  }
}

function applied(used: readonly Used[]): AppliedRules {
  const hides = (part: AddressPart, path: BodyPath, difference: Difference | BodyDifference, whole?: WholeSides) => {
    for (const one of used) {
      const { address, effect } = one.rule;
      if (effect.hides === undefined || !isAt(address, part, path, effect.below === true)) continue;
      one.met = true;
      if (!effect.hides(difference, whole)) continue;
      one.hid++;
      return true;
    }
    return false;
  };
  return {
    // Copies, whose counts nobody reads.
    get uncounted() {
      return applied(used.map((one) => ({ ...one })));
    },
    hides: (path, difference, whole) => hides("body", path, difference, whole),
    hidesField(difference) {
      const at = partOfPlace(difference.place);
      return at !== undefined && hides(at.part, at.path, difference);
    },
    arrayAt: (path) => arrayRule(used, path),
    note(answer) {
      const tree = once(() => treeOf(answer));
      for (const one of used) {
        if (one.met || one.searched >= mostSearched) continue;
        one.searched++;
        one.met = isThere(one.rule, answer, tree);
      }
    },
  };
}

function arrayRule(used: readonly Used[], path: BodyPath): ArrayRule | undefined {
  let found: ArrayRule | undefined;
  for (const one of used) {
    const { array } = one.rule.effect;
    if (array === undefined || !isAt(one.rule.address, "body", path, false)) continue;
    one.met = true;
    found = "key" in array ? { ...found, key: array.key } : { ...found, unordered: () => void one.hid++ };
  }
  return found;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** @param body parsed when it is asked for, once for all rules */
function isThere({ address }: Rule, answer: Answer, body: () => JsonTree | undefined): boolean {
  if (address.part === "status" || answer.kind !== "response" || address.tokens.length === 0) return true;
  if (address.part !== "body") {
    const fields = address.part === "header" ? answer.headers : answer.trailers;
    const [name, cookie] = address.tokens;
    const values = fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
    return values.some((value) => cookie === undefined || value.trimStart().startsWith(`${cookie}=`));
  }
  const tree = body();
  return tree !== undefined && hasPlace(tree, address.tokens);
}

/** Of other formats, only what differs tells which addresses they have. */
function treeOf(answer: Answer): JsonTree | undefined {
  if (answer.kind !== "response" || answer.body.kind !== "whole") return undefined;
  if (!isJsonType(mediaType(answer.headers)?.essence ?? "")) return undefined;
  const decoded = decodeContent(answer.body.bytes, firstValue(answer.headers, "content-encoding"));
  return decoded.kind === "decoded" ? parseJson(Buffer.from(decoded.bytes).toString()) : undefined;
}

function hasPlace(root: JsonTree, tokens: readonly string[]): boolean {
  let here: readonly JsonTree[] = [root];
  for (const token of tokens) {
    here = here.flatMap((value) => {
      if (value instanceof JsonObject) return value.values.filter((_, at) => value.keys[at] === token);
      if (!Array.isArray(value)) return [];
      return token === "*" ? (value as JsonTree[]) : (value as JsonTree[]).slice(Number(token), Number(token) + 1);
    });
  }
  return here.length > 0;
}
