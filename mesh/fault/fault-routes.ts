import { OperatorError } from "../../base/index.js";
import type { TypedFault } from "../../virtual-service/index.js";
import { type AuthorityMatch, meantFor } from "../routes/authority.js";
import { narrowed } from "../routes/narrowed.js";
import { type HttpMatch, type HttpRoute, hasDestination, ownRoutePrefixes } from "../routes/virtual-service.js";

/** Which requests of an edge meet a fault, and what it does to them. */
export interface FaultChoice {
  /** In the fault plan, the journal and the names of routes. */
  name: string;
  /** Delay, abort, or both; a delay comes first. */
  faults: readonly TypedFault[];
  /** Requests whose x-request-id begins so, or that carry the fault's name in baggage: these exactly, all of them. */
  mark?: string;
  /** Without a mark: of all requests this share, 0 to 100, drawn by the proxy for each. */
  percent: number;
  /** Labels of the callers' pods; of all callers without. */
  from?: Record<string, string>;
}

/**
 * The routes of a host with a fault on some of its requests: before each route that passes requests on, a twin that also
 * asks for the mark, with the fault at 100 %. A fault for a share of everybody goes the same way, without asking for more. Pure.
 *
 * @param authority what tells the host's calls from those to other hosts with the same routes
 */
export function withFault(routes: readonly HttpRoute[], choice: FaultChoice, authority?: AuthorityMatch): HttpRoute[] {
  const twinned = routes.map((route) => (hasDestination(route) ? meantFor(route, authority) : undefined));
  if (twinned.every((route) => route === undefined)) {
    throw new OperatorError("its VirtualService has no HTTP route with a destination: no call meets a fault there");
  }
  // Twins of faults that are on stand before their route, and get no twins themselves: no request carries two marks.
  let twins: HttpRoute[] = [];
  return routes.flatMap((route, at) => {
    if (route.name?.startsWith(ownRoutePrefixes.fault)) {
      twins.push(route);
      return [];
    }
    const others = twins;
    twins = [];
    const meant = twinned[at];
    if (meant === undefined) return [...others, route];
    const twin = twinOf(meant, at, choice);
    // A fault for a share of everybody takes all that comes to it, so it comes last.
    return choice.mark === undefined ? [...others, twin, route] : [twin, ...others, route];
  });
}

function twinOf(route: HttpRoute, at: number, choice: FaultChoice): HttpRoute {
  const twin: HttpRoute = { ...route, name: `${routeName(choice.name)}-${route.name ?? at}`, fault: faultOf(choice) };
  const match = narrowed(route.match, marksOf(choice)).filter((one) => Object.keys(one).length > 0);
  if (match.length > 0) twin.match = match;
  else delete twin.match;
  return twin;
}

/** How the routes of a fault of this name begin. */
export function routeName(fault: string): string {
  return `${ownRoutePrefixes.fault}${fault}`;
}

/**
 * The two ways in which a mark travels: most applications pass x-request-id on, which a plan's mark begins; some pass
 * baggage on, which has room for the fault's name (RFC-like list of `key=value` members, W3C Baggage).
 */
function marksOf({ name, mark, from }: FaultChoice): HttpMatch[] {
  const callers = from === undefined ? {} : { sourceLabels: from };
  if (mark === undefined) return [callers];
  const named = name.replace(/[.]/g, "\\.");
  return [
    { ...callers, headers: { "x-request-id": { prefix: mark } } },
    { ...callers, headers: { baggage: { regex: `(.*,)?\\s*tapeloop\\.fault=${named}\\s*(,.*)?` } } },
  ];
}

function faultOf({ faults, mark, percent }: FaultChoice): Record<string, object> {
  const percentage = { value: mark === undefined ? percent : 100 };
  return Object.fromEntries(faults.map(({ kind, written }) => [kind, { ...written, percentage }]));
}

/** What a route loses while it has a fault: Istio obeys neither its retries nor its timeout then. */
export function inertUnder(routes: readonly HttpRoute[]): string[] {
  const inert = ["retries", "timeout"].filter((field) => routes.some((route) => route[field] !== undefined));
  return inert.length === 0
    ? []
    : [
        `${inert.join(" and ")} of its routes are not obeyed for requests that meet the fault (Istio switches them off)`,
      ];
}
