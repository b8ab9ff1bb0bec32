import type { Difference, Place, RedactedPlace } from "../../tape/index.js";
import { sharedClass } from "../noise/classes.js";

/** Without the Differences between a pseudonym and a secret of one class; a pseudonym keeps the secret's form. */
export function withoutRedacted(found: readonly Difference[], redacted: ReadonlySet<RedactedPlace>): Difference[] {
  return found.filter((difference) => !isRedacted(difference.place, redacted) || !isOneClass(difference));
}

function isOneClass(difference: Difference): boolean {
  switch (difference.kind) {
    case "changed-header":
    case "changed-trailer":
    case "changed-value":
      return sharedClass(difference.expected, difference.actual) !== undefined;
    default:
      return false;
  }
}

function isRedacted(place: Place, redacted: ReadonlySet<RedactedPlace>): boolean {
  const cookie = /^header:set-cookie\/([^/;]+)[^/]*$/.exec(place)?.[1];
  if (redacted.has(place)) return true;
  return cookie !== undefined && (redacted.has(`set-cookie:${cookie}`) || redacted.has(`cookie:${cookie}`));
}
