import type { Exchange, ExchangeHead } from "../exchange.js";
import type { Selection } from "../store.js";
import type { HeadView } from "./fields.js";
import { allOf, type Meaning, meaningOf } from "./meaning.js";
import { inDepth } from "./moment.js";
import { narrowingOf } from "./narrow.js";
import { parseWhereTree } from "./syntax.js";

/**
 * Parses the selection language, the one for `--where`, `--keep` and `--drop`:
 *
 *     method = GET and path ^= "/reviews/" and status >= 500 and not vantage = mirror
 *
 * Conditions are `FIELD OPERATOR VALUE`, joined by `and`, `or`, `not` and parentheses (`not` binds closest, then `and`).
 * docs/where.md lists operators and fields; `fields.ts` is that list as code.
 *
 * A condition on a value that is not known does not hold; `!=` and `!~` do. What the head can decide goes to `where`, the
 * rest to `whereWhole`; blank text selects everything. Throws an OperatorError that names the place in the text.
 */
export function parseWhere(text: string): Pick<Selection, "where" | "whereWhole" | "narrow"> {
  const tree = parseWhereTree(text);
  if (tree === undefined) return {};
  const conjuncts = tree.kind === "and" ? tree.parts : [tree];
  const meanings = conjuncts.map((part) => meaningOf(part, text));
  const head = meanings.filter(({ needs }) => needs === "head");
  const whole = meanings.filter(({ needs }) => needs === "whole");
  const narrow = narrowingOf(tree, text);
  return {
    ...(narrow && { narrow }),
    ...(head.length > 0 && { where: holdsFor<ExchangeHead>(head) }),
    ...(whole.length > 0 && { whereWhole: holdsFor<Exchange>(whole) }),
  };
}

function holdsFor<T extends HeadView>(meanings: readonly Meaning[]): (one: T) => boolean {
  const { decide } = allOf(meanings);
  return (one) => decide(one, inDepth) === true;
}
