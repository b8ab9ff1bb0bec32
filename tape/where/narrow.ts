import { pathStartOf } from "../path-start.js";
import type { Alike, Narrowing } from "../store.js";
import { timeMs } from "./condition.js";
import { meaningOf } from "./meaning.js";
import { inDepth } from "./moment.js";
import type { WhereTree } from "./syntax.js";

type Condition = Extract<WhereTree, { kind: "condition" }>;

/** Fields that Exchanges which are alike have in common, and of these the ones that mixed ones do not. */
const textFields: ReadonlySet<string> = new Set([
  "method",
  "host",
  "authority",
  "scheme",
  "caller",
  "callee",
  "service",
]);
const answerFields: ReadonlySet<string> = new Set(["status", "answer", "failure", "answer.end"]);
/** Fields whose text stands in the record of an Exchange as it is. */
const recordFields: ReadonlySet<string> = new Set(["path", "trace", "request-id", "client", "connection"]);
const codeFields: ReadonlySet<string> = new Set(["vantage", "protocol", "request.end"]);

/**
 * What a selection says of all Exchanges that are alike: undefined when it says nothing of the kind. Three-valued: where a
 * condition looks at what differs among them, it may hold or not.
 */
export function narrowingOf(tree: WhereTree, text: string): Narrowing | undefined {
  if (!saysAnything(tree)) return undefined;
  const decide = decisionOf(tree, text);
  return { mayHold: (alike) => decide(alike) !== false, ...timesOf(tree), texts: textsIn(tree) };
}

type Decision = (alike: Alike) => boolean | undefined;

function saysAnything(tree: WhereTree): boolean {
  switch (tree.kind) {
    case "and":
    case "or":
      return tree.parts.some(saysAnything);
    case "not":
      return saysAnything(tree.part);
    case "condition":
      return isTold(tree.field) || recordFields.has(tree.field) || tree.field === "started";
  }
}

function isTold(field: string): boolean {
  return textFields.has(field) || answerFields.has(field) || codeFields.has(field);
}

function decisionOf(tree: WhereTree, text: string): Decision {
  switch (tree.kind) {
    case "and":
      return allOf(tree.parts.map((part) => decisionOf(part, text)));
    case "or":
      return notOf(allOf(tree.parts.map((part) => notOf(decisionOf(part, text)))));
    case "not":
      return notOf(decisionOf(tree.part, text));
    case "condition":
      return tree.field === "path" ? pathDecision(tree) : fieldDecision(tree, text);
  }
}

function allOf(parts: readonly Decision[]): Decision {
  return (alike) => {
    const decided = parts.map((part) => part(alike));
    if (decided.includes(false)) return false;
    return decided.includes(undefined) ? undefined : true;
  };
}

function notOf(part: Decision): Decision {
  return (alike) => {
    const decided = part(alike);
    return decided === undefined ? undefined : !decided;
  };
}

function fieldDecision(condition: Condition, text: string): Decision {
  const { field } = condition;
  if (!isTold(field)) return () => undefined;
  const meaning = meaningOf(condition, text);
  return ({ head, isMixed }) => {
    if (isMixed && textFields.has(field)) return undefined;
    // An access log may have told of an answer that was not seen.
    if (answerFields.has(field) && head.answer.kind === "unknown") return undefined;
    // Like every condition that needs a head alone, it takes one for the whole.
    return meaning.decide(head as unknown as Parameters<typeof meaning.decide>[0], inDepth);
  };
}

/** Of paths their beginning is known. */
function pathDecision({ operator, value }: Condition): Decision {
  if (operator === "=") {
    const start = pathStartOf(value);
    return ({ pathStart }) => (pathStart === undefined || pathStart === start ? undefined : false);
  }
  if (operator !== "^=") return () => undefined;
  return ({ pathStart }) => {
    if (pathStart === undefined || value.startsWith(pathStart)) return undefined;
    return pathStart.startsWith(value);
  };
}

/** What holds for the whole selection stands in each. */
function textsIn(tree: WhereTree): string[] {
  const conditions = tree.kind === "and" ? tree.parts : [tree];
  return conditions.flatMap((condition) => {
    if (condition.kind !== "condition" || condition.operator !== "=") return [];
    return recordFields.has(condition.field) && condition.value !== "" ? [condition.value] : [];
  });
}

/** A millisecond more on each side: conditions compare with less than a nanosecond's care. */
const marginNs = 1_000_000n;

/** Times that hold for the whole selection. */
function timesOf(tree: WhereTree): { fromNs?: bigint; toNs?: bigint } {
  const conditions = tree.kind === "and" ? tree.parts : [tree];
  const times: { fromNs?: bigint; toNs?: bigint } = {};
  for (const condition of conditions) {
    if (condition.kind !== "condition" || condition.field !== "started") continue;
    const ms = timeMs(condition.value);
    if (ms === undefined) continue;
    const ns = BigInt(Math.round(ms * 1000)) * 1000n;
    const { operator } = condition;
    if (operator === ">" || operator === ">=" || operator === "=") times.fromNs = latest(times.fromNs, ns - marginNs);
    if (operator === "<" || operator === "<=" || operator === "=") times.toNs = earliest(times.toNs, ns + marginNs);
  }
  return times;
}

function latest(a: bigint | undefined, b: bigint): bigint {
  return a === undefined || b > a ? b : a;
}

function earliest(a: bigint | undefined, b: bigint): bigint {
  return a === undefined || b < a ? b : a;
}
