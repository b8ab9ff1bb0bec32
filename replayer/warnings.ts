import { isIP } from "node:net";
import type { DivergenceExample, RunSummary } from "../tape/index.js";
import { hostOf } from "./authority.js";
import type { Findings } from "./findings.js";
import { planLanes } from "./lanes/plan-lanes.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import type { PlannedTape } from "./read-plan.js";
import type { Plan } from "./step.js";

/** What an operator should know of a plan before it is sent. One sentence each. Pure. */
export function warningsOf(
  plan: Plan & Pick<PlannedTape, "called">,
  options: ReplayOptions,
  env: Pick<ReplayEnv, "key">,
): string[] {
  return [
    ...orderWarnings(plan, options),
    ...calleeWarnings(plan),
    ...hostWarnings(plan, options),
    ...keyWarnings(options, env),
  ];
}

/** What calls that were left out may have made elsewhere: what is not found then says nothing of a version. One sentence at most. Pure. */
export function leftOutWarnings({ notSent, divergences }: Pick<RunSummary, "notSent" | "divergences">): string[] {
  const writes = notSent["unsafe-method"] ?? 0;
  const lost = divergences.find(({ kind, examples: [example] }) => kind === "status" && isLost(example));
  if (writes === 0 || lost === undefined) return [];
  return [
    `${writes} calls that may write were not sent: what they would have made is missing in the target, and ${lost.route} may answer ${lost.examples[0]!.actual} for that; --allow-writes sends them`,
  ];
}

function isLost(example: DivergenceExample | undefined): boolean {
  return example !== undefined && /^2\d\d$/.test(example.expected) && /^4(?:04|10)$/.test(example.actual);
}

/** What an operator should know of the tape once it was compared. */
export function partWarnings({ differingInPart }: Pick<Findings, "differingInPart">): string[] {
  if (differingInPart === 0) return [];
  const are = differingInPart === 1 ? "body that differs is" : "bodies that differ are";
  return [
    `${differingInPart} recorded ${are} on the tape in part: of what follows, length and hash alone were compared; to have it compared, record with a greater --max-body`,
  ];
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
  return [
    `calls to ${callees.size} services (${someOf([...callees])}) go to one target; choose with --entry or --service NAME`,
  ];
}

/** A gateway, or any other target of several hosts, tells by the host whose a call is. */
function hostWarnings({ called }: Pick<PlannedTape, "called">, options: ReplayOptions): string[] {
  const { keepHost, headers, byAuthority } = options;
  const isHostChosen = keepHost || headers.some(([name]) => name.toLowerCase() === "host");
  const goesToOne = planLanes(options).some(({ target }) => byAuthority?.[target] === undefined);
  const hosts = isHostChosen || !goesToOne ? [] : hostsApart(called);
  if (hosts.length < 2) return [];
  return [
    `calls were recorded to ${hosts.length} hosts (${someOf(hosts)}) and go out with the target's own; where it answers by host, send each with the recorded one: --keep-host`,
  ];
}

/** Without ports, addresses, and longer names of a Service that is there by a shorter one (`reviews.shop` beside `reviews`). */
function hostsApart(authorities: Iterable<string>): string[] {
  const named = new Set(
    [...authorities]
      .map((authority) => hostOf(authority).replace(/\.svc(\.cluster\.local)?\.?$/, ""))
      .filter((host) => host !== "" && isIP(host) === 0),
  );
  return [...named].filter((host) => !host.includes(".") || !named.has(host.slice(0, host.indexOf("."))));
}

/** At most five, by name. */
function someOf(names: readonly string[]): string {
  return `${names.toSorted().slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}

function keyWarnings({ baseline }: ReplayOptions, { key }: Pick<ReplayEnv, "key">): string[] {
  if (key !== undefined) return [];
  const effect =
    baseline === undefined
      ? "redacted places are compared by class alone"
      : "redacted places are compared with the recording by class alone";
  return [`the tape's redaction key is not at hand: ${effect}; give it with --redaction-key FILE`];
}
