import type { ReplayEnv, ReplayOptions } from "./options.js";
import type { Plan } from "./step.js";

/** What an operator should know of a plan before it is sent. One sentence each. Pure. */
export function warningsOf(plan: Plan, options: ReplayOptions, env: Pick<ReplayEnv, "key">): string[] {
  return [...orderWarnings(plan, options), ...calleeWarnings(plan), ...keyWarnings(options, env)];
}

function orderWarnings({ steps }: Plan, { order }: ReplayOptions): string[] {
  let endless = 0;
  for (const step of steps) if (step.endedNs === undefined && !step.open) endless++;
  if ((order !== "recorded" && order !== "causal") || endless === 0) return [];
  const within = order === "causal" ? " within their session and what they write" : "";
  return [
    `${endless} of ${steps.length} calls have no recorded end (a mirror sees no answers): they keep the order of their starts${within}, and no call waits for them`,
  ];
}

function calleeWarnings({ callees }: Plan): string[] {
  if (callees.size < 2) return [];
  const names = [...callees].sort().slice(0, 5).join(", ");
  return [
    `calls to ${callees.size} services (${names}${callees.size > 5 ? ", …" : ""}) go to one target; choose with --entry or --service NAME`,
  ];
}

function keyWarnings({ baseline }: ReplayOptions, { key }: Pick<ReplayEnv, "key">): string[] {
  if (key !== undefined) return [];
  const effect =
    baseline === undefined
      ? "redacted places are compared by class alone"
      : "redacted places are compared with the recording by class alone";
  return [`the tape's redaction key is not at hand: ${effect}; give it with --redaction-key FILE`];
}
