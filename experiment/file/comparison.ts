/** A measured value against a bound, as `> 5`, `>= 5%`, `> 500ms` or `< 20/s` say it. */
export interface Comparison {
  operator: "<" | "<=" | "==" | ">=" | ">";
  /** Shares from 0 to 1, durations in milliseconds. */
  value: number;
  unit: "" | "%" | "ms" | "/s";
  /** As it was written. */
  text: string;
}

const msPer: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Reads a comparison; undefined when it is none. */
export function parseComparison(text: string): Comparison | undefined {
  const match = /^(<=|>=|==|<|>)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*(%|ms|s|m|\/s)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const operator = match[1] as Comparison["operator"];
  const amount = Number(match[2]);
  const written = match[3]?.toLowerCase() ?? "";
  if (written === "%") return { operator, value: amount / 100, unit: "%", text };
  if (written in msPer) return { operator, value: amount * msPer[written]!, unit: "ms", text };
  return { operator, value: amount, unit: written as "" | "/s", text };
}

/** Whether a value stands to the bound as the comparison says. NaN never does. */
export function compares(seen: number, { operator, value }: Pick<Comparison, "operator" | "value">): boolean {
  switch (operator) {
    case "<":
      return seen < value;
    case "<=":
      return seen <= value;
    case "==":
      return seen === value;
    case ">=":
      return seen >= value;
    case ">":
      return seen > value;
  }
}

/**
 * Which of several values is told of: one for which the comparison holds, before others, and of those the one that is
 * furthest on its side. Undefined for none.
 */
export function foremost<T extends { value: number }>(values: readonly T[], comparison: Comparison): T | undefined {
  const { operator, value: bound } = comparison;
  const rank = ({ value }: T) => {
    if (operator === "==") return -Math.abs(value - bound);
    return operator.startsWith("<") ? -value : value;
  };
  return values.reduce<T | undefined>(
    (best, one) => (best === undefined || rank(one) > rank(best) ? one : best),
    undefined,
  );
}
