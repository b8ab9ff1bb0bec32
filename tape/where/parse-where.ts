import { didYouMean } from "../../base/index.js";
import type { Exchange } from "../exchange.js";
import type { Selection } from "../store.js";
import { ConditionRefused, numberTest, textTest } from "./condition.js";
import { type HeadView, type WhereField, whereField, whereFields } from "./fields.js";
import { parseWhereTree, type WhereTree, whereError } from "./syntax.js";

/** A part of a selection with its meaning, told apart by what it must look at. */
type Meaning =
  | { needs: "head"; holds(head: HeadView): boolean }
  | { needs: "whole"; holds(exchange: Exchange): boolean };

/**
 * Parses the selection language, the one for `--where`, keep and drop rules:
 *
 *     method = GET and path ~ "^/reviews/" and status >= 500 and not vantage = mirror
 *
 * Conditions are `FIELD OPERATOR VALUE`, joined by `and`, `or`, `not` and parentheses (`not` binds closest, then `and`).
 * Operators: `=` `!=`; `<` `<=` `>` `>=` for numbers; `^=` begins with; `~` and `!~` a regular expression. A value is one
 * bare word or is quoted. Fields: `id`, `method`, `host`, `scheme`, `path` (without the query), `query`, `protocol`,
 * `status` (`404`, `5xx`), `answer` (`response`, `failure`, `unknown`, `status-only`), `failure` (`refused` …),
 * `request.end`, `answer.end`, `end` (either), `vantage`, `recorder`, `caller`, `callee`, `service` (either), `cluster`,
 * `namespace`, `workload`, `version`, `node`, `client`, `connection`, `trace`, `request-id`, `duration` (`250ms`, `1.5s`),
 * `started` (RFC 3339), `header.NAME`, `answer.header.NAME`, `body`, `answer.body` (text, content codings undone).
 *
 * A condition on a value that is not known does not hold; `!=` and `!~` do. What the head can decide goes to `where`, the
 * rest to `whereWhole`; blank text selects everything. Throws an OperatorError that names the place in the text.
 */
export function parseWhere(text: string): Pick<Selection, "where" | "whereWhole"> {
  const tree = parseWhereTree(text);
  if (tree === undefined) return {};
  const conjuncts = tree.kind === "and" ? tree.parts : [tree];
  const meanings = conjuncts.map((part) => meaningOf(part, text));
  const head = meanings.filter((meaning) => meaning.needs === "head");
  const whole = meanings.filter((meaning) => meaning.needs === "whole");
  return {
    ...(head.length > 0 && { where: (one: HeadView) => head.every((meaning) => meaning.holds(one)) }),
    ...(whole.length > 0 && { whereWhole: (one: Exchange) => whole.every((meaning) => meaning.holds(one)) }),
  };
}

function meaningOf(tree: WhereTree, text: string): Meaning {
  switch (tree.kind) {
    case "and":
      return joined(
        tree.parts.map((part) => meaningOf(part, text)),
        (parts, test) => parts.every(test),
      );
    case "or":
      return joined(
        tree.parts.map((part) => meaningOf(part, text)),
        (parts, test) => parts.some(test),
      );
    case "not":
      return joined([meaningOf(tree.part, text)], (parts, test) => !parts.some(test));
    case "condition":
      return conditionMeaning(tree, text);
  }
}

function joined(
  parts: readonly Meaning[],
  join: (parts: readonly Meaning[], test: (part: Meaning) => boolean) => boolean,
): Meaning {
  const needs = parts.some((part) => part.needs === "whole") ? "whole" : "head";
  // A head condition reads an Exchange as well; a whole one is never given less.
  return { needs, holds: (one: Exchange) => join(parts, (part) => part.holds(one)) } as Meaning;
}

function conditionMeaning(condition: Extract<WhereTree, { kind: "condition" }>, text: string): Meaning {
  const field = whereField(condition.field);
  if (field === undefined) {
    const known = [...Object.keys(whereFields), "header.NAME", "answer.header.NAME"];
    throw whereError(text, condition.at, `unknown field "${condition.field}"${didYouMean(condition.field, known)}`);
  }
  try {
    return fieldMeaning(field, condition);
  } catch (thrown) {
    if (!(thrown instanceof ConditionRefused)) throw thrown;
    throw whereError(text, condition.at, `field "${condition.field}": ${thrown.message}`);
  }
}

function fieldMeaning(field: WhereField, { operator, value }: Extract<WhereTree, { kind: "condition" }>): Meaning {
  switch (field.kind) {
    case "text": {
      const test = textTest(operator, value, field.ignoreCase ?? false);
      return { needs: "head", holds: (head) => test(field.read(head)) };
    }
    case "whole-text": {
      const test = textTest(operator, value, false);
      return { needs: "whole", holds: (exchange) => test(field.read(exchange)) };
    }
    default: {
      const test = numberTest(field.kind, operator, value);
      return { needs: "head", holds: (head) => test(field.read(head)) };
    }
  }
}
