import { nearest, OperatorError } from "../../base/index.js";
import type { KnownService, ServicePort } from "./services.js";

/** Where calls to one recorded authority go. */
export interface MappedAuthority {
  /** As it is on the tape: `reviews.shop.svc.cluster.local:9080`. */
  authority: string;
  service: string;
  port: ServicePort;
  /** It was said by hand, not found by name. */
  byHand: boolean;
}

/** What the operator says of authorities: which goes to which Service, as `shop.example=frontend` or `payments:443=payments:8080`. */
export interface AuthorityRule {
  /** A recorded authority; without a port, of any. */
  from: string;
  service: string;
  port?: number;
}

/** Reads `FROM=SERVICE[:PORT]`. Throws an OperatorError for anything else. */
export function parseAuthorityRule(text: string): AuthorityRule {
  const [, from, service, port] = /^([^=\s]+)=([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (from === undefined || service === undefined)
    throw new OperatorError(`--map "${text}": write RECORDED=SERVICE[:PORT], such as shop.example=frontend:8080`);
  return { from: from.toLowerCase(), service, ...(port === undefined ? {} : { port: Number(port) }) };
}

/**
 * The Service of a namespace for each recorded authority: by hand where a rule says so, else the Service of that name. Pure.
 * Throws an OperatorError that names the first authority that has none, with the nearest Service there is.
 */
export function mapAuthorities(
  authorities: readonly string[],
  services: readonly KnownService[],
  { namespace, rules }: { namespace: string; rules: readonly AuthorityRule[] },
): MappedAuthority[] {
  refuseContradictions(rules);
  return authorities.map((authority) => {
    const recorded = partsOf(authority);
    const rule = ruleFor(authority, recorded, rules);
    if (rule === undefined) return found(authority, recorded, services, namespace);
    const service = services.find(({ name }) => name === rule.service);
    if (service === undefined)
      throw new OperatorError(
        `--map ${rule.from}=${rule.service}: namespace ${namespace} has no such Service${hint(rule.service, services)}`,
      );
    const port = portOf(service, { port: rule.port ?? recorded.port, isSaid: rule.port !== undefined });
    if (port === undefined) throw noPort(authority, service, namespace, rule.port ?? recorded.port);
    return { authority, service: service.name, port, byHand: true };
  });
}

/** Rules that no recorded authority asks for: what they name may be a typing error. */
export function unusedRules(rules: readonly AuthorityRule[], authorities: readonly string[]): AuthorityRule[] {
  return rules.filter((rule) => !authorities.some((one) => ruleFor(one, partsOf(one), [rule]) !== undefined));
}

interface Recorded {
  /** Lower case, without port; an IPv6 address in its brackets. */
  host: string;
  port?: number;
}

function partsOf(authority: string): Recorded {
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority.trim().toLowerCase()) ?? [];
  const bare = host.replace(/\.$/, "");
  return port === undefined ? { host: bare } : { host: bare, port: Number(port) };
}

/** One that names the port goes before one that does not. */
function ruleFor(authority: string, { host }: Recorded, rules: readonly AuthorityRule[]): AuthorityRule | undefined {
  const whole = authority.trim().toLowerCase();
  return rules.find(({ from }) => from === whole) ?? rules.find(({ from }) => from === host);
}

function found(
  authority: string,
  recorded: Recorded,
  services: readonly KnownService[],
  namespace: string,
): MappedAuthority {
  const name = serviceIn(recorded.host);
  const service = name === undefined ? undefined : services.find((one) => one.name === name);
  if (service === undefined) {
    throw new OperatorError(
      `cannot replay into namespace ${namespace}: calls were recorded to ${authority || "no authority"}, and it has no Service of that name${hint(name ?? recorded.host, services)}; say where they go with --map ${authority}=SERVICE, or leave them out with --where`,
    );
  }
  const port = portOf(service, { port: recorded.port, isSaid: false });
  if (port === undefined) throw noPort(authority, service, namespace, recorded.port);
  return { authority, service: service.name, port, byHand: false };
}

/**
 * The Service that a host names: `reviews`, `reviews.shop`, `reviews.shop.svc`, `reviews.shop.svc.cluster.local`, a pod of a
 * headless Service before it. Undefined for names of the world outside, and addresses.
 */
function serviceIn(host: string): string | undefined {
  if (/^[\d.]+$/.test(host) || host.startsWith("[")) return undefined;
  const labels = host.split(".");
  const svc = labels.indexOf("svc");
  if (svc >= 2) return labels[svc - 2];
  return labels.length <= 2 ? labels[0] : undefined;
}

const usualPort = 80;

/** The port of that number; the only one, where its number is nobody's demand; of several the one that is HTTP by its name. */
function portOf(
  { ports }: KnownService,
  { port, isSaid }: { port: number | undefined; isSaid: boolean },
): ServicePort | undefined {
  const same = ports.find(({ number }) => number === (port ?? usualPort));
  if (same !== undefined || isSaid) return same;
  if (ports.length === 1) return ports[0];
  const http = ports.filter(({ name }) => /^(http|http2|grpc|https)(-|$)/.test(name ?? ""));
  return port === undefined && http.length === 1 ? http[0] : undefined;
}

function noPort(authority: string, service: KnownService, namespace: string, port: number | undefined): OperatorError {
  const has = service.ports.map(({ number, name }) => (name === undefined ? `${number}` : `${number} (${name})`));
  return new OperatorError(
    `cannot replay into namespace ${namespace}: Service ${service.name} has no port ${port ?? usualPort} for calls recorded to ${authority}; it has ${has.join(", ") || "none"}: say which with --map ${authority}=${service.name}:PORT`,
  );
}

function hint(name: string, services: readonly KnownService[]): string {
  const names = services.map((one) => one.name);
  const near = nearest(name, names);
  if (near !== undefined) return `; the nearest is ${near}`;
  return names.length === 0 ? "; it has none at all" : `; it has ${names.join(", ")}`;
}

function refuseContradictions(rules: readonly AuthorityRule[]): void {
  for (const [at, rule] of rules.entries()) {
    const other = rules.slice(0, at).find(({ from }) => from === rule.from);
    if (other !== undefined && (other.service !== rule.service || other.port !== rule.port))
      throw new OperatorError(`--map: ${rule.from} cannot go to ${other.service} and to ${rule.service}`);
  }
}
