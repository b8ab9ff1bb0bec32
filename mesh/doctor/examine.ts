import { checks } from "./checks.js";
import type { Finding } from "./finding.js";
import { objectsOf, type Seen, whyUnknown } from "./seen.js";
import { unknownFinding } from "./unknown.js";

/** What was found, and what was not looked for. */
export interface Examined {
  findings: Finding[];
  /** Of files alone: checks that need objects which are not among them, and why. */
  skipped: { check: string; why: string }[];
}

/**
 * Makes every check on what was seen. Pure. A check whose objects a cluster would not show is a finding of its own
 * (TL0001); one whose objects the files do not hold is left out and said to be.
 */
export function examine(seen: Seen): Examined {
  const findings: Finding[] = [];
  const skipped: Examined["skipped"] = [];
  for (const { name, needs, look } of checks) {
    const why = needs.flatMap((kind) => whyUnknown(seen, kind) ?? [])[0];
    if (why === undefined) findings.push(...look(seen));
    else if (seen.filesAlone) {
      // Files that hold nothing which the check is about leave nothing to be said.
      if (objectsOf(seen, needs[0]!).length > 0) skipped.push({ check: name, why });
    } else findings.push(unknownFinding(name, { kind: "Namespace", name: seen.namespace }, why));
  }
  return { findings, skipped };
}
