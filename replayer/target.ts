import { OperatorError } from "../base/index.js";
import { type LaneChoice, type PlannedLane, planLanes } from "./lanes/plan-lanes.js";
import type { ReplayOptions } from "./options.js";
import type { Plan } from "./step.js";

/** A lane's target, taken apart. */
export interface Target {
  /** `http://host:port`, as connections are made to it. */
  origin: string;
  /** Host, with port where it is not the scheme's own: what `Host` and `:authority` say. */
  authority: string;
  /** What goes before every path; empty for most. */
  pathPrefix: string;
  /** Lower case, brackets of IPv6 removed. */
  hostname: string;
  port: string;
}

/** Where the calls of one recorded authority go. */
export interface AuthorityTarget {
  /** Base URL: what is connected to. */
  url: string;
  /** What `Host` and `:authority` say, where that is not the URL's own: connections may be tunnels. */
  authority?: string;
}

/** Where calls go by the authority they were recorded with, exactly as it is on the tape. */
export type AuthorityTargets = Readonly<Record<string, AuthorityTarget>>;

/** What of the options says where a lane's calls go. */
export interface TargetChoice {
  /** For lanes whose target is no base URL but stands for many, by that target: a namespace. */
  byAuthority?: Readonly<Record<string, AuthorityTargets>>;
}

/** Every base URL that calls to a lane's target go to. */
export function urlsOf(target: string, { byAuthority }: TargetChoice): string[] {
  const many = byAuthority?.[target];
  return many === undefined ? [target] : [...new Set(Object.values(many).map(({ url }) => url))];
}

/** Takes a base URL apart. Throws an OperatorError for what cannot be one. */
export function parseTarget(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new OperatorError(
      `cannot replay to "${text}": not an http or https URL; write it like http://127.0.0.1:8080`,
    );
  }
  if (url.search !== "" || url.hash !== "" || url.username !== "") {
    throw new OperatorError(
      `cannot replay to "${text}": a base URL has no query, fragment or user; give credentials with --header`,
    );
  }
  return {
    origin: url.origin,
    authority: url.host,
    pathPrefix: url.pathname.replace(/\/+$/, ""),
    hostname: hostnameOf(url),
    port: portOf(url),
  };
}

/**
 * Refuses, with an OperatorError, targets that a replay could hurt: one that is not loopback and not said to be a test,
 * and one that is where the tape was recorded. Loopback is told by host and port; other hosts by name alone, for their
 * recorded authority may lack the port they listen on.
 */
export function guardTargets(
  options: LaneChoice & TargetChoice & Pick<ReplayOptions, "sameTarget" | "targetIsATest">,
  plan: Pick<Plan, "authorities">,
): void {
  for (const lane of planLanes(options)) {
    for (const text of urlsOf(lane.target, options)) guardTarget(text, optionOf(lane, options), options, plan);
  }
}

function guardTarget(
  text: string,
  option: string,
  { targetIsATest, sameTarget }: Pick<ReplayOptions, "sameTarget" | "targetIsATest">,
  { authorities }: Pick<Plan, "authorities">,
): void {
  const target = parseTarget(text);
  if (!isLoopback(target.hostname) && !targetIsATest) {
    throw new OperatorError(
      `refused to replay to ${text} (${option}): ${target.hostname} is not this machine; when it is a test, say so with --target-is-a-test or in the config file`,
    );
  }
  const recorded = sameTarget ? undefined : [...authorities].find((authority) => isSameService(authority, target));
  if (recorded !== undefined) {
    throw new OperatorError(
      `refused to replay to ${text} (${option}): the tape was recorded at ${recorded}; give another ${option}, or --same-target when it is meant`,
    );
  }
}

/** The option that a lane comes from, as the operator gave it. */
function optionOf({ name, role, target }: PlannedLane, { lanes = [], byAuthority }: LaneChoice & TargetChoice): string {
  if (lanes.some((lane) => lane.name === name)) return `--lane ${name}`;
  if (byAuthority?.[target] !== undefined) return role === "baseline" ? "--baseline-namespace" : "--namespace";
  return role === "baseline" ? "--baseline" : "--target";
}

function isSameService(authority: string, target: Target): boolean {
  const secure = target.origin.startsWith("https:");
  const text = `${secure ? "https" : "http"}://${authority}`;
  if (!URL.canParse(text)) return false;
  const recorded = new URL(text);
  const hostname = hostnameOf(recorded);
  if (isLoopback(hostname)) return isLoopback(target.hostname) && portOf(recorded) === target.port;
  return hostname === target.hostname;
}

/** `localhost` and what ends with it, 127.0.0.0/8, ::1. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|::1)$/.test(hostname);
}

function hostnameOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
}

function portOf(url: URL): string {
  return url.port || (url.protocol === "https:" ? "443" : "80");
}
