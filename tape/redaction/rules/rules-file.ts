import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { z } from "zod";
import { check, didYouMean, OperatorError } from "../../../base/index.js";
import { ruleNames } from "./rules.js";
import { nameKinds, type RedactionSpec, validators } from "./spec.js";

/** What a place begins with. */
const placeKinds = ["header", "cookie", "set-cookie", "query", "form", "part", "body", "frame", "trailer", "path"];

const place = z.string().check((context) => {
  const kind = /^[a-z-]*/.exec(context.value)![0];
  if (placeKinds.includes(kind)) return;
  const message = `must be a place such as header:x-name, query:name or body:/a/*/b${didYouMean(kind, placeKinds)}`;
  context.issues.push({ code: "custom", message, input: context.value });
});

const ruleName = z.string().check((context) => {
  if (ruleNames().includes(context.value)) return;
  const message = `is no rule that is followed unasked${didYouMean(context.value, ruleNames())}`;
  context.issues.push({ code: "custom", message, input: context.value });
});

const word = z.string().regex(/[A-Za-z0-9]/, "must have a letter or digit in it");

const ownPattern = z
  .strictObject({
    name: z.string().regex(/^[\w-]+$/, "must be letters, digits, - and _"),
    regex: z.string().min(1),
    flags: z
      .string()
      .regex(/^[imsu]*$/, "may be i, m, s and u")
      .optional(),
    valid: z.enum(validators).optional(),
    near: z.string().min(1).optional(),
  })
  .check((context) => {
    for (const key of ["regex", "near"] as const) {
      const message = complaintAbout(context.value[key], context.value.flags);
      if (message !== undefined)
        context.issues.push({ code: "custom", path: [key], message, input: context.value[key] });
    }
  });

const rulesFile = z.strictObject({
  names: z
    .array(
      z.union([
        word.transform((name) => ({ name })),
        z.strictObject({ name: word, in: z.array(z.enum(nameKinds)).min(1).optional() }),
      ]),
    )
    .optional(),
  patterns: z.array(ownPattern).optional(),
  places: z.array(place).optional(),
  allow: z.array(place).optional(),
  off: z.array(ruleName).optional(),
});

/** A whole specification, as a file of our own carries it along. */
export const redactionSpec = rulesFile.extend({
  keepOnly: z.array(place).optional(),
  unreadable: z.enum(["drop", "flag"]).optional(),
});

const keepFile = z.strictObject({ keep: z.array(place).default([]) });

/**
 * Reads a rules file (YAML). Throws an OperatorError of one line, with the file's line, for what is no YAML, a field it
 * does not have, a regular expression that is none, and a rule or a place that does not exist.
 *
 * @param file as the operator named it
 */
export function parseRedactionRules(text: string, file: string): RedactionSpec {
  return checked(rulesFile, text, file) as RedactionSpec;
}

/** Reads the file of an allow-list: the places that are kept as they came (`keep:`). Throws as `parseRedactionRules`. */
export function parseKeepOnly(text: string, file: string): Required<Pick<RedactionSpec, "keepOnly">> {
  return { keepOnly: checked(keepFile, text, file).keep };
}

function checked<S extends z.ZodType>(schema: S, text: string, file: string): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new OperatorError(`cannot read ${file}: line ${lines.linePos(error.pos[0]).line}: ${error.message}`);
  }
  const value: unknown = document.toJS() ?? {};
  let line = 1;
  try {
    return check(schema, value, file, (path) => {
      line = lines.linePos(offsetAt(document.contents, path) ?? 0).line;
      return path
        .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
        .join("")
        .slice(1);
    });
  } catch (thrown) {
    if (!(thrown instanceof OperatorError)) throw thrown;
    throw new OperatorError(thrown.message.replace(`${file}:`, `${file}: line ${line}:`), { cause: thrown });
  }
}

/** Where in the file the value at a path begins, or as much of the path as there is. */
function offsetAt(root: unknown, path: readonly PropertyKey[]): number | undefined {
  let node = root;
  let offset = rangeOf(node);
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      node = pair?.value;
      offset = rangeOf(pair?.key) ?? offset;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = rangeOf(node) ?? offset;
    }
  }
  return offset;
}

function rangeOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function complaintAbout(regex: string | undefined, flags = ""): string | undefined {
  if (regex === undefined) return undefined;
  try {
    new RegExp(regex, flags);
    return undefined;
  } catch (thrown) {
    return `is no regular expression: ${(thrown as Error).message}`;
  }
}
