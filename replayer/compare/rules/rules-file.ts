import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { check, didYouMean, OperatorError, reasonOf } from "../../../base/index.js";
import { type Thresholds, thresholdsSchema } from "../../gate/thresholds.js";
import { parseAddress } from "./address.js";
import { refuseContradictions } from "./contradictions.js";
import { ignore } from "./ignore.js";
import { key } from "./key.js";
import { match } from "./match.js";
import type { Rule, RuleKind } from "./rule.js";
import { scopeOf, scopeShape } from "./scope.js";
import { tolerate } from "./tolerate.js";
import { unordered } from "./unordered.js";

/** Every kind of rule there is; adding one is adding a file and a name here. */
const kinds: readonly RuleKind<never>[] = [ignore, tolerate, match, unordered, key] as never;
export const ruleNames: readonly string[] = kinds.map(({ name }) => name);

const file = z.strictObject({
  rules: z.array(z.record(z.string(), z.unknown())).prefault([]),
  thresholds: thresholdsSchema.optional(),
});

/** What `--rules FILE` holds. */
export interface RulesFile {
  rules: readonly Rule[];
  thresholds?: Thresholds;
}

/** Every Difference is held against every rule that is for its call. */
const mostRules = 10_000;

/** Throws an OperatorError of one line that names the file and the entry. */
export function readRulesFile(path: string): RulesFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new OperatorError(`cannot read rules from ${path}: ${reasonOf(cause)}`, { cause });
  }
  return parseRules(text, path);
}

/** Reads rules from YAML text; `path` is what the file is called in messages. */
export function parseRules(text: string, path: string): RulesFile {
  const { rules, thresholds } = check(file, parsed(text, path) ?? {}, path);
  refuseMany(rules.length, path);
  const made = rules.flatMap((entry, at) => rulesOf(entry, `${path}: rules[${at}]`));
  refuseMany(made.length, path);
  refuseContradictions(made, path);
  return thresholds === undefined ? { rules: made } : { rules: made, thresholds };
}

function refuseMany(count: number, path: string): void {
  if (count > mostRules)
    throw new OperatorError(
      `${path}: ${count} rules are more than the ${mostRules} that each answer can be held against`,
    );
}

function parsed(text: string, path: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 100, logLevel: "error" });
  } catch (cause) {
    throw new OperatorError(`cannot read rules from ${path}: ${reasonOf(cause)}`, { cause });
  }
}

const addresses = z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]);

const schemas = new Map(kinds.map((kind) => [kind, entrySchema(kind)]));

function entrySchema(kind: RuleKind<never>): z.ZodObject {
  const because = z.string().min(1).optional();
  const shape = { [kind.name]: addresses, ...(kind.shape as object), ...scopeShape, because };
  return z.strictObject(shape as z.ZodRawShape);
}

/** One entry, and a rule for each of its addresses. */
function rulesOf(entry: Record<string, unknown>, where: string): Rule[] {
  const named = kinds.filter(({ name }) => Object.hasOwn(entry, name));
  if (named.length !== 1) throw new OperatorError(`${where}: ${whichKind(Object.keys(entry), named.length)}`);
  const kind = named[0]!;
  const settings = check(schemas.get(kind)!, entry, where) as Record<string, unknown>;
  try {
    return (settings[kind.name] as string[]).map((address) => ruleOf(kind, address, settings));
  } catch (cause) {
    if (!(cause instanceof OperatorError)) throw cause;
    throw new OperatorError(`${where}: ${cause.message}`, { cause });
  }
}

function whichKind(keys: readonly string[], count: number): string {
  const known = ruleNames.join(", ");
  if (count > 1) return `one rule has one of ${known}; this one has several`;
  return `expected one of ${known} with an address${didYouMean(keys[0] ?? "", ruleNames)}`;
}

function ruleOf(kind: RuleKind<never>, text: string, settings: Record<string, unknown>): Rule {
  const address = parseAddress(text);
  const scope = scopeOf(settings as Parameters<typeof scopeOf>[0]);
  const effect = kind.make(settings as never, address);
  const forCalls = scope.text === "" ? "" : `, for ${scope.text}`;
  const because = settings.because === undefined ? "" : `, because ${String(settings.because)}`;
  return { kind: kind.name, address, scope, effect, text: `${address.text} ${effect.text}${forCalls}${because}` };
}
