import { isIP } from "node:net";
import { OperatorError } from "../base/index.js";
import type { HeaderField } from "../message/index.js";

/** What decides the `Host` and `:authority` of requests to a target. */
export interface AuthorityChoice {
  /** Host of the target, with port where it is not the scheme's own. */
  authority: string;
  /** The operator's own fields: a `host` among them goes before all else. */
  headers: readonly HeaderField[];
  /** Requests go out with the authority they were recorded with, where they had one. */
  keepHost?: boolean | undefined;
}

/** Makes the function that gives what `Host` and `:authority` say of calls recorded to an authority. */
export function authorityMaker({ authority, headers, keepHost }: AuthorityChoice): (recorded: string) => string {
  const given = headers.find(([name, value]) => value !== "" && isHost(name))?.[1];
  if (given !== undefined) return () => given;
  return keepHost ? (recorded) => recorded || authority : () => authority;
}

/** Throws an OperatorError where the operator names a host and wants the recorded ones, too. */
export function refuseTwoHosts(choice: Pick<AuthorityChoice, "headers" | "keepHost">): void {
  if (choice.keepHost && choice.headers.some(([name]) => isHost(name))) {
    throw new OperatorError("--keep-host and --header host: contradict each other: give one of them");
  }
}

/**
 * The name that TLS asks a target for, and its certificate is held against: the target's own. An address cannot be one
 * (RFC 6066, section 3): then it is the host that goes out, so a gateway that chooses by name is reached by its address.
 * Undefined where both are addresses.
 */
export function serverNameOf(hostname: string, authority: string): string | undefined {
  if (isIP(hostname) === 0) return hostname;
  const host = hostOf(authority);
  return host === "" || isIP(host) !== 0 ? undefined : host;
}

/** In lower case, without port and the brackets of IPv6. */
export function hostOf(authority: string): string {
  return authority
    .toLowerCase()
    .replace(/:\d*$/, "")
    .replace(/^\[|\]$/g, "");
}

function isHost(name: string): boolean {
  return name.toLowerCase() === "host";
}
