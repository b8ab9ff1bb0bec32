import { stringify } from "yaml";
import type { Difference, Divergence, RunReader, RunSummary } from "../../tape/index.js";
import { parseAddress } from "../compare/rules/address.js";
import { sharedClass } from "../noise/classes.js";
import { nameOf } from "./known.js";

/** A rule that would hide a divergence, and why it may. */
export interface Suggestion {
  divergence: number;
  /** An entry of a rules file. */
  rule: Record<string, unknown>;
  evidence: string;
}

/** Why no rule is proposed: it would hide more than noise. */
export type RefusalReason =
  | "structural"
  | "array-length"
  | "root-value"
  | "unrepresentable"
  | "over-broad"
  | "order-ambiguous"
  | "unresolved";

export interface RefusedSuggestion {
  divergence: number;
  reason: RefusalReason;
  why: string;
}

export interface Suggestions {
  rules: Suggestion[];
  refused: RefusedSuggestion[];
}

/** What all Differences of one divergence have in common. */
interface Values {
  count: number;
  /** Class names that both sides shared; `undefined` among them for sides of different classes. */
  classes: Set<string | undefined>;
  volatile: boolean;
  /** By how much numbers differ at most; NaN when one was no number. */
  furthest: number;
}

/**
 * Proposes rules for a run: for values that keep a volatile class, for numbers and orders that the reference itself was
 * seen to change. Whatever else differs is refused with the reason: presence, type, length, status and the whole of a body
 * carry meaning, and a rule for them would hide it. Pure, but for reading the run's Differences.
 */
export function suggestRules(summary: RunSummary, run: Pick<RunReader, "differences" | "step">): Suggestions {
  const values = valuesByName(run);
  const found: Suggestions = { rules: [], refused: [] };
  for (const divergence of summary.divergences) {
    const one = suggest(divergence, values.get(nameOf(divergence)));
    if ("rule" in one) found.rules.push({ divergence: divergence.number, ...one });
    else found.refused.push({ divergence: divergence.number, ...one });
  }
  return found;
}

type One = Omit<Suggestion, "divergence"> | Omit<RefusedSuggestion, "divergence">;

function suggest(divergence: Divergence, values: Values | undefined): One {
  const { kind, place, attribution } = divergence;
  if (kind === "array-length") return refused("array-length", "a list that is longer or shorter is another answer");
  if (place === "body") return refused("root-value", "a rule for a whole body would hide everything in it");
  if (!isAddressable(place)) return refused("unrepresentable", `"${place}" is no address of a rule`);
  if (kind === "changed-order") {
    return attribution === "noise"
      ? proposed({ unordered: place }, divergence, "the reference itself changed the order")
      : refused("order-ambiguous", "the order was not seen to change by itself; send a baseline twice with --aa");
  }
  if (kind !== "changed-value" && kind !== "changed-header" && kind !== "changed-trailer") {
    return refused("structural", "presence, type and status carry meaning");
  }
  return values === undefined
    ? refused("unresolved", "its values are not in the run file")
    : ofValues(divergence, values);
}

function ofValues(divergence: Divergence, values: Values): One {
  const { place, attribution } = divergence;
  if (values.classes.size !== 1) return refused("unresolved", "its values are of several classes");
  const [name] = values.classes;
  if (name === undefined) return refused("over-broad", "its values change from one class to another");
  const known = classRule(name);
  if (values.volatile && known !== undefined) {
    const evidence = `both sides are of the class "${name}" in all ${values.count} Differences`;
    return proposed({ match: place, class: known }, divergence, evidence);
  }
  if (name === "number" && attribution === "noise" && Number.isFinite(values.furthest)) {
    const most = Number((values.furthest * 1.5).toPrecision(2));
    const evidence = `the reference itself changes; in ${values.count} Differences by ${values.furthest} at most`;
    return proposed({ tolerate: place, number: most }, divergence, evidence);
  }
  return refused("over-broad", "its values are plain: a rule that hides them would hide a wrong one, too");
}

function classRule(name: string): string | undefined {
  if (name === "uuid") return "uuid";
  if (/^time |^HTTP date$|^epoch /.test(name)) return "time";
  if (name === "JWT") return "jwt";
  if (name.endsWith("hex digits")) return "hex";
  return name === "opaque token" ? "token" : undefined;
}

function proposed(rule: Record<string, unknown>, { route, hop }: Divergence, evidence: string): One {
  return { rule: { ...rule, route, hop, because: evidence }, evidence };
}

function refused(reason: RefusalReason, why: string): One {
  return { reason, why };
}

function isAddressable(place: string): boolean {
  try {
    parseAddress(place);
    return true;
  } catch {
    return false;
  }
}

/** By the divergence they belong to; of those below a Step's own call the route is not known here. */
function valuesByName(run: Pick<RunReader, "differences" | "step">): Map<string, Values> {
  const found = new Map<string, Values>();
  for (const { step, hop, difference } of run.differences()) {
    const record = run.step(step);
    if (record === undefined || record.callee !== hop) continue;
    const place = difference.grouped ?? withoutIndexes(difference.place);
    note(found, nameOf({ hop, route: record.route, place, kind: difference.kind }), difference);
  }
  return found;
}

function note(found: Map<string, Values>, name: string, difference: Difference): void {
  if (
    difference.kind !== "changed-value" &&
    difference.kind !== "changed-header" &&
    difference.kind !== "changed-trailer"
  )
    return;
  const shared = sharedClass(difference.expected, difference.actual);
  const values = found.get(name) ?? { count: 0, classes: new Set(), volatile: true, furthest: 0 };
  values.count++;
  values.classes.add(shared?.name);
  values.volatile &&= shared?.volatile === true;
  values.furthest = Math.max(values.furthest, Math.abs(Number(difference.expected) - Number(difference.actual)));
  found.set(name, values);
}

function withoutIndexes(place: string): string {
  return place.startsWith("body:/") ? place.replace(/\/\d+(?=\/|$)/g, "/*") : place;
}

/** As a rules file that can be given to `--rules`. */
export function suggestionsAsYaml({ rules, refused: left }: Suggestions): string {
  const notes = left.map(
    ({ divergence, reason, why }) => `# no rule for divergence ${divergence}: ${reason}: ${why}\n`,
  );
  return stringify({ rules: rules.map(({ rule }) => rule) }, { lineWidth: 0 }) + notes.join("");
}
