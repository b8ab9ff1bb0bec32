import type { RecorderId, RedactedPlace } from "../../exchange.js";
import { isSecretBeside, type Neighbours } from "../company.js";
import { allPatterns } from "../patterns/index.js";
import type { SecretPattern } from "../patterns/pattern.js";
import { isResult, secrecyOf, wordsOf } from "../secret-names.js";
import { SecretScanner } from "../text/scan.js";
import { customPattern } from "./custom-pattern.js";
import { type PlaceMatcher, placeMatcher } from "./place-patterns.js";
import type { NameKind, RedactionSpec } from "./spec.js";

/** What is done unasked, beside the patterns. */
export const namedRules = [
  { name: "names", explain: "values of fields, headers and parts that are named like secrets" },
  { name: "authorization", explain: "what follows the scheme in authorization and proxy-authorization" },
  { name: "cookies", explain: "the value of every cookie" },
  { name: "text", explain: "values beside a telling name in text: password=…, token: …" },
  { name: "path", explain: "what looks random after a telling segment of a path: /reset-token/…" },
] as const;

/** Rules that one word switches off together. */
export const ruleGroups: Readonly<Record<string, readonly string[]>> = { personal: ["email", "phone"] };

/** Every word that `off` may hold. */
export function ruleNames(): string[] {
  return [...namedRules.map(({ name }) => name), ...allPatterns.map(({ name }) => name), ...Object.keys(ruleGroups)];
}

/** A specification made ready to be used: patterns compiled, names in lists. One per recorder, used for every call. */
export class RedactionRules {
  readonly spec: RedactionSpec;
  readonly scanner: SecretScanner;
  /** Every scalar is replaced that is not spared. */
  readonly isAllowList: boolean;
  readonly flagsUnreadable: boolean;
  /** Per name of a header as it came: what is done with it. Kept by headers.ts, bounded there. */
  readonly memory = new Map<string, unknown>();
  readonly #off: ReadonlySet<string>;
  readonly #ownNames: ReadonlyMap<string, readonly NameKind[] | undefined>;
  readonly #patterns: ReadonlySet<string>;
  readonly #spared: PlaceMatcher | undefined;
  readonly #demanded: PlaceMatcher | undefined;

  constructor(spec: RedactionSpec = {}) {
    this.spec = spec;
    this.#off = new Set((spec.off ?? []).flatMap((name) => ruleGroups[name] ?? [name]));
    this.#ownNames = new Map((spec.names ?? []).map((own) => [joined(own.name), own.in]));
    this.#spared = placeMatcher([...(spec.allow ?? []), ...(spec.keepOnly ?? [])]);
    this.#demanded = placeMatcher(spec.places ?? []);
    this.isAllowList = spec.keepOnly !== undefined;
    this.flagsUnreadable = spec.unreadable === "flag";
    const patterns: SecretPattern[] = allPatterns.filter(({ name }) => !this.#off.has(name));
    patterns.push(...(spec.patterns ?? []).map(customPattern));
    this.#patterns = new Set(patterns.map(({ name }) => name));
    this.scanner = new SecretScanner(patterns, {
      ownWords: (spec.names ?? []).map(({ name }) => longestWord(name)),
      hasNames: this.isOn("names"),
      readsText: this.isOn("text"),
      isSecretName: (name, value) => this.namedBy(name, undefined, value) !== undefined,
    });
  }

  /** Whether a rule that is done unasked is done. */
  isOn(name: string): boolean {
    return !this.#off.has(name);
  }

  /**
   * The rule by which a name is secret there; undefined when it is none. Without a kind: anywhere. Without the value: of
   * the values that the name may have, some are secret.
   */
  namedBy(name: string, kind?: NameKind, value?: string): string | undefined {
    if (this.#ownNames.size > 0) {
      const own = joined(name);
      const kinds = this.#ownNames.get(own);
      if (this.#ownNames.has(own) && (kind === undefined || kinds === undefined || kinds.includes(kind)))
        return `name ${own}`;
    }
    if (!this.isOn("names")) return undefined;
    const secrecy = secrecyOf(name);
    if (secrecy === undefined) return undefined;
    return secrecy === "text" && value !== undefined && isResult(value) ? undefined : "names";
  }

  /** The same by the names that stand beside it, of names that are ordinary by themselves. */
  namedBeside(name: string, value: string, beside: Neighbours): string | undefined {
    return isSecretBeside(name, value, beside) && this.isOn("names") ? "names" : undefined;
  }

  /** Whether some rule goes by places, so that they need to be known for values that nothing else finds. */
  get looksAtPlaces(): boolean {
    return this.isAllowList || this.#demanded !== undefined;
  }

  /** The rule by which whatever stands at this place is replaced. */
  demandedBy(place: RedactedPlace): string | undefined {
    if (this.#demanded?.(place)) return "places";
    return this.isAllowList && !this.spares(place) ? "keep-only" : undefined;
  }

  /** Whether nothing is to be replaced there. */
  spares(place: RedactedPlace): boolean {
    return this.#spared?.(place) ?? false;
  }

  /** Whether a rule of this name, as places are noted with, belongs to these. */
  has(rule: string): boolean {
    if (rule.startsWith("name ")) return this.#ownNames.has(rule.slice("name ".length));
    if (rule === "keep-only") return this.isAllowList;
    if (rule === "places") return this.#demanded !== undefined;
    return this.#patterns.has(rule) || (namedRules.some(({ name }) => name === rule) && this.isOn(rule));
  }
}

/** What is done without a rules file. */
export const defaultRules = new RedactionRules();

/** The rules that each recorder of a tape followed, one after the other, by its incarnation. */
export function rulesByIncarnation(
  recorders: readonly { id: RecorderId; redaction?: readonly RedactionSpec[] }[],
): (incarnation: string) => readonly RedactionRules[] {
  const known = new Map(
    recorders.flatMap(({ id, redaction }) =>
      redaction === undefined ? [] : [[id.incarnation, redaction.map(rulesOf)] as const],
    ),
  );
  return (incarnation) => known.get(incarnation) ?? onlyDefaults;
}

const onlyDefaults: readonly RedactionRules[] = [defaultRules];

const made = new WeakMap<RedactionSpec, RedactionRules>();

/** The rules of a specification, made once for each. */
export function rulesOf(spec: RedactionSpec | undefined): RedactionRules {
  if (spec === undefined) return defaultRules;
  let rules = made.get(spec);
  if (rules === undefined) {
    rules = new RedactionRules(spec);
    made.set(spec, rules);
  }
  return rules;
}

function joined(name: string): string {
  return wordsOf(name).join("");
}

function longestWord(name: string): string {
  return wordsOf(name).reduce((longest, word) => (word.length > longest.length ? word : longest), "");
}
