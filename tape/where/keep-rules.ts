import { OperatorError } from "../../base/index.js";
import type { CapturedCall, RecorderDescription } from "../captured.js";
import type { Vantage } from "../exchange.js";
import { allOf, anyOf, fieldOf, type Meaning, meaningOf, notOf } from "./meaning.js";
import { inDepth, type Moment } from "./moment.js";
import { viewOfPart } from "./part-view.js";
import { parseWhereTree, type WhereTree } from "./syntax.js";

/**
 * Which calls a recorder keeps, in the selection language: those that meet one of `keep` (all, when there is none) and
 * none of `drop`. Plain text, so that it crosses to the writing thread.
 */
export interface KeepTexts {
  keep: readonly string[];
  drop: readonly string[];
}

/** The rules of one recorder, ready to decide. */
export interface KeepRules {
  /** Undefined while that depends on what has not come, or is not to be looked at now. */
  decide(part: CapturedCall, now: Moment): boolean | undefined;
  /** Whether a call that has ended is kept; looks at bodies and regular expressions, too. */
  keeps(part: CapturedCall): boolean;
}

/** Undefined without a rule. Throws an OperatorError that names the rule and the place in it. */
export function parseKeepRules(texts: KeepTexts, recorder: RecorderDescription): KeepRules | undefined {
  const keep = texts.keep.map((text) => ruleMeaning("--keep", text));
  const drop = texts.drop.map((text) => ruleMeaning("--drop", text));
  if (keep.length + drop.length === 0) return undefined;
  const { decide } = allOf([...(keep.length === 0 ? [] : [anyOf(keep)]), notOf(anyOf(drop))]);
  return {
    decide: (part, now) => decide(viewOfPart(part, recorder), now),
    keeps: (part) => decide(viewOfPart(part, recorder), inDepth) === true,
  };
}

/**
 * Refuses rules that ask for what is never known at one of these vantages: such a rule would hold for no call there, and
 * nobody would be told. Throws an OperatorError that names the rule and the field.
 */
export function refuseUnknowable(texts: KeepTexts, vantages: readonly Vantage[]): void {
  for (const [name, rules] of [["--keep", texts.keep] as const, ["--drop", texts.drop] as const]) {
    for (const text of rules) {
      const tree = treeOf(name, text);
      for (const vantage of vantages) refuseAt(tree, vantage, name, text);
    }
  }
}

function refuseAt(tree: WhereTree, vantage: Vantage, name: string, text: string): void {
  const rest = knowingVantage(tree, vantage);
  if (typeof rest === "boolean") return;
  for (const condition of conditionsOf(rest)) {
    const { from } = fieldOf(condition, text);
    if (from === "on-tape") {
      throw refusal(name, text, `"${condition.field}" is given by the tape, after a call was kept`);
    }
    if (vantage === "mirror" && ofAnswer(condition.field)) {
      throw refusal(
        name,
        text,
        `"${condition.field}" is never known to a mirror, which sees requests alone; record with --mode inbound, or leave it out (a rule that begins "not vantage = mirror and" is left out there)`,
      );
    }
  }
}

/** What the answer says, or how long it took; `end` is the request's as well. */
function ofAnswer(field: string): boolean {
  return ["status", "answer", "failure", "duration"].includes(field) || field.startsWith("answer.");
}

/** What is left of a rule where the vantage is known. */
function knowingVantage(tree: WhereTree, vantage: Vantage): WhereTree | boolean {
  switch (tree.kind) {
    case "and":
    case "or":
      return joined(
        tree.kind,
        tree.parts.map((part) => knowingVantage(part, vantage)),
      );
    case "not": {
      const part = knowingVantage(tree.part, vantage);
      return typeof part === "boolean" ? !part : { kind: "not", part };
    }
    case "condition":
      if (tree.field !== "vantage") return tree;
      if (tree.operator === "=") return tree.value === vantage;
      return tree.operator === "!=" ? tree.value !== vantage : tree;
  }
}

function joined(kind: "and" | "or", parts: readonly (WhereTree | boolean)[]): WhereTree | boolean {
  const decides = kind === "or";
  if (parts.includes(decides)) return decides;
  const rest = parts.filter((part) => typeof part !== "boolean");
  return rest.length === 0 ? !decides : { kind, parts: rest };
}

function conditionsOf(tree: WhereTree): Extract<WhereTree, { kind: "condition" }>[] {
  if (tree.kind === "condition") return [tree];
  return tree.kind === "not" ? conditionsOf(tree.part) : tree.parts.flatMap(conditionsOf);
}

function ruleMeaning(name: string, text: string): Meaning {
  const tree = treeOf(name, text);
  return named(name, () => meaningOf(tree, text));
}

function treeOf(name: string, text: string): WhereTree {
  const tree = named(name, () => parseWhereTree(text));
  if (tree === undefined) throw refusal(name, text, "it is blank; leave it out to keep every call");
  return tree;
}

/** Puts the rule's name before what is wrong with it. */
function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof OperatorError)) throw thrown;
    throw new OperatorError(`${name}: ${thrown.message}`, { cause: thrown });
  }
}

function refusal(name: string, text: string, reason: string): OperatorError {
  return new OperatorError(`${name} ${JSON.stringify(text)}: ${reason}`);
}
