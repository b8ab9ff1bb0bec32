import { OperatorError } from "../base/index.js";
import type { Plan } from "./step.js";

/**
 * Refuses, with an OperatorError, a plan that would send a pseudonym to a target: it would be answered 401, thousands
 * of times, and the report would be about that.
 */
export function refusePseudonyms(plan: Pick<Plan, "redacted">): void {
  const [place] = [...plan.redacted.keys()].sort((a, b) => plan.redacted.get(b)! - plan.redacted.get(a)!);
  if (place === undefined) return;
  const others = plan.redacted.size === 1 ? "" : ` (and ${plan.redacted.size - 1} more places)`;
  throw new OperatorError(
    `refused to send pseudonyms: ${plan.redacted.get(place)} requests have one at ${place}${others}; ${wayOut(place)}leave these requests out with --skip-redacted`,
  );
}

function wayOut(place: string): string {
  const [kind, name] = place.split(":", 2);
  if (kind === "header") return `give a live value with --header '${name}: …', or `;
  if (kind === "cookie") return "give live cookies with --header 'cookie: …', or ";
  return "";
}
