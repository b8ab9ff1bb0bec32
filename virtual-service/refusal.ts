import type { z } from "zod";
import { knownKeysAt } from "./known-keys.js";
import { virtualServiceSchema } from "./schema.js";

/** Why a document is refused, and where in it. */
export interface Refusal {
  /** The way to the value: `["spec", "http", 0, "retries"]`. */
  path: readonly PropertyKey[];
  message: string;
}

/** What zod found, said as the operator knows it: an unknown key first, for a misspelt key is also a missing one. */
export function refusalOf(error: z.ZodError): Refusal {
  const issues = error.issues.map(deepest);
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  if (issue.code === "unrecognized_keys") return unknownKey(issue.path, issue.keys[0]!);
  const message = issue.code === "invalid_key" ? issue.issues[0]!.message : issue.message;
  return { path: issue.path, message: `${inDots(issue.path)}: ${message}` };
}

function unknownKey(path: readonly PropertyKey[], key: string): Refusal {
  const known = knownKeysAt(virtualServiceSchema, path).join(", ");
  const full = [...path, key];
  return { path: full, message: `${inDots(full)} is not in the subset that the lab obeys; known: ${known}` };
}

// A union says only that nothing fitted; what the last alternative (the one with content) found says why.
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  const inner = issue.code === "invalid_union" ? issue.errors.at(-1)?.[0] : undefined;
  return inner ? deepest({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

/** `spec.http[0].retries` */
export function inDots(path: readonly PropertyKey[]): string {
  return path.reduce<string>((sofar, key) => {
    if (typeof key === "number") return `${sofar}[${key}]`;
    return sofar === "" ? String(key) : `${sofar}.${String(key)}`;
  }, "");
}
