import { didYouMean } from "../../base/index.js";
import type { Exchange } from "../exchange.js";
import { ConditionRefused, isPattern, jsonTest, numberTest, textTest } from "./condition.js";
import { fieldForms, type HeadView, type WhereField, whereField, whereFields } from "./fields.js";
import { isKnown, type Moment } from "./moment.js";
import { type Operator, type WhereTree, whereError } from "./syntax.js";

/** What a selection looks at. Its parts are told apart so that what a head can decide is decided there. */
export interface Meaning {
  /** `head`: all of it can be decided on an ExchangeHead. `whole` ones must be given a whole Exchange. */
  needs: "head" | "whole";
  /** Whether it holds; undefined while that depends on what is not known yet, or is not to be looked at now. */
  decide(one: HeadView, now: Moment): boolean | undefined;
}

/** Gives a tree its meaning. Throws an OperatorError that names the place of what it cannot mean. */
export function meaningOf(tree: WhereTree, text: string): Meaning {
  switch (tree.kind) {
    case "and":
      return allOf(tree.parts.map((part) => meaningOf(part, text)));
    case "or":
      return anyOf(tree.parts.map((part) => meaningOf(part, text)));
    case "not":
      return notOf(meaningOf(tree.part, text));
    case "condition":
      return conditionMeaning(tree, text);
  }
}

/** The field of a condition; refuses what is none, with its place. */
export function fieldOf(condition: Extract<WhereTree, { kind: "condition" }>, text: string): WhereField {
  const field = whereField(condition.field);
  if (field !== undefined) return field;
  const [name, pointer] = condition.field.split(/:(.*)/s);
  if (pointer !== undefined && (name === "body" || name === "answer.body")) {
    throw whereError(text, condition.at, `"${pointer}" is no JSON pointer, such as /user/id`);
  }
  const known = [...Object.keys(whereFields), ...fieldForms];
  throw whereError(text, condition.at, `unknown field "${condition.field}"${didYouMean(condition.field, known)}`);
}

/** False as soon as one is; true when all are. */
export function allOf(parts: readonly Meaning[]): Meaning {
  return {
    needs: needsOf(parts),
    decide(one, now) {
      let all: boolean | undefined = true;
      for (const part of parts) {
        const held = part.decide(one, now);
        if (held === false) return false;
        if (held === undefined) all = undefined;
      }
      return all;
    },
  };
}

/** True as soon as one is; false when none is. */
export function anyOf(parts: readonly Meaning[]): Meaning {
  return notOf(allOf(parts.map(notOf)));
}

export function notOf(part: Meaning): Meaning {
  return {
    needs: part.needs,
    decide(one, now) {
      const held = part.decide(one, now);
      return held === undefined ? undefined : !held;
    },
  };
}

function needsOf(parts: readonly Meaning[]): Meaning["needs"] {
  return parts.some((part) => part.needs === "whole") ? "whole" : "head";
}

function conditionMeaning(condition: Extract<WhereTree, { kind: "condition" }>, text: string): Meaning {
  const field = fieldOf(condition, text);
  try {
    const { operator, value } = condition;
    const test = testOf(field, operator, value);
    const isDeep = field.needs === "body" || isPattern(operator);
    return {
      needs: field.needs === "head" ? "head" : "whole",
      decide: (one, now) => ((isDeep && !now.deep) || !isKnown(field.from, now) ? undefined : test(one)),
    };
  } catch (thrown) {
    if (!(thrown instanceof ConditionRefused)) throw thrown;
    throw whereError(text, condition.at, `field "${condition.field}": ${thrown.message}`);
  }
}

function testOf(field: WhereField, operator: Operator, value: string): (one: HeadView) => boolean {
  if (field.needs !== "head") return wholeTestOf(field, operator, value) as (one: HeadView) => boolean;
  if (field.kind === "text") {
    const test = textTest(operator, value, field.ignoreCase ?? false);
    return (one) => test(field.read(one));
  }
  const test = numberTest(field.kind, operator, value);
  return (one) => test(field.read(one));
}

function wholeTestOf(
  field: Exclude<WhereField, { needs: "head" }>,
  operator: Operator,
  value: string,
): (one: Exchange) => boolean {
  if (field.kind === "json") {
    const test = jsonTest(operator, value);
    return (one) => test(field.read(one));
  }
  const test = textTest(operator, value, false);
  return (one) => test(field.read(one));
}
