import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import { filterApi, ownFilterPrefix, toldByFilter } from "../ext-proc/plan.js";
import { marksOf } from "../journal/content.js";
import type { JournalEntry } from "../journal/entry.js";
import { readJournal } from "../journal/journal.js";
import { isSame, type Json } from "../journal/json.js";
import { type AuthorityMatch, meantFor, serviceMeant } from "../routes/authority.js";
import { allHttpRoutes, httpRouteSpec } from "../routes/http-route.js";
import { delegatedInWords } from "../routes/left-out.js";
import {
  type HttpMatch,
  type HttpRoute,
  isOurs,
  ownRoutePrefixes,
  type RouteDestination,
  specOf,
} from "../routes/virtual-service.js";
import type { MirrorVantage } from "./copy-counts.js";
import { mirrorKind } from "./mirror-routes.js";

/** Who copies whose requests to where. */
export interface MirrorState {
  namespace: string;
  /** What says so: `VirtualService`, `HTTPRoute` or, for ext-proc, `EnvoyFilter`. */
  kind: string;
  name: string;
  vantage: MirrorVantage;
  /** Whose requests: hosts of the routes; of an HTTPRoute the backends; for ext-proc the service. */
  hosts: readonly string[];
  /** `HOST:PORT`. */
  to: string;
  /** Of the requests of the route, 0 to 100, drawn anew for each; 100 with a share of traces chosen by id. */
  percent: number;
  /** Only some requests are copied: what they have to match. */
  narrowed: boolean;
  /** In how many of its routes. */
  routes: number;
  /** Requests that it delegates to another VirtualService, which are not copied here: in words. */
  leftOut?: readonly string[];
  /** Of our own: since when, by whom, and the journal's id. */
  ours?: { since: string; by: string; entry: string };
}

/** Every mirror that stands in the routes of a namespace, ours or not, and our own filters; of all namespaces without one. */
export async function mirrorStatus(cluster: Cluster, namespace?: string): Promise<MirrorState[]> {
  const of = namespace === undefined ? {} : { namespace };
  const routes = await inOneLine("list VirtualServices", () =>
    cluster.list({ apiVersion: istioNetworking, kind: "VirtualService", ...of }),
  );
  const more = await Promise.all([
    allHttpRoutes(cluster, namespace).catch(noneWhenForbidden),
    cluster.list({ apiVersion: filterApi, kind: "EnvoyFilter", ...of }).catch(noneWhenForbidden),
  ]);
  const entries = new Map((await readJournal(cluster, namespace)).map(({ entry }) => [entry.id, entry]));
  return [...routes, ...more.flat()].flatMap((object) =>
    mirrorsOf(object).map((state) => withOwner(state, object, entries)),
  );
}

function withOwner(state: MirrorState, object: ClusterObject, entries: ReadonlyMap<string, JournalEntry>): MirrorState {
  const known = marksOf(object).flatMap((id) => entries.get(id) ?? []);
  const these = known.filter(({ kind, what }) => kind === mirrorKind && what.endsWith(` to ${state.to}`));
  const entry = these.find(({ subject }) => state.hosts.includes(subject)) ?? these[0];
  return entry === undefined ? state : { ...state, ours: { since: entry.at, by: entry.by, entry: entry.id } };
}

/** A Role for VirtualServices alone shows what it lets see. */
function noneWhenForbidden(thrown: unknown): ClusterObject[] {
  const refusal = thrown instanceof ClusterRefusal ? thrown : (thrown as { cause?: unknown }).cause;
  if (refusal instanceof ClusterRefusal && (refusal.status === 403 || refusal.status === 404)) return [];
  throw thrown;
}

function mirrorsOf(object: ClusterObject): MirrorState[] {
  switch (object.kind) {
    case "VirtualService":
      return together(object, specOf(object).hosts ?? [], (specOf(object).http ?? []).flatMap(copiesOfRoute)).map(
        (state) => withLeftOut(state, delegatedInWords(object)),
      );
    case "HTTPRoute":
      return together(object, backendsOf(object), copiesOfRules(object));
    default:
      return toldOf(object);
  }
}

function withLeftOut(state: MirrorState, leftOut: readonly string[]): MirrorState {
  return leftOut.length === 0 ? state : { ...state, leftOut };
}

interface Copy {
  to: string;
  percent: number;
  narrowed: boolean;
  /** Where it is not for all hosts of its object. */
  hosts?: readonly string[];
}

/** One state for each place that an object's routes copy to. */
function together(object: ClusterObject, hosts: readonly string[], copies: readonly Copy[]): MirrorState[] {
  const { name, namespace = "default" } = object.metadata;
  const states = new Map<string, MirrorState>();
  for (const copy of copies) {
    const key = [copy.to, ...(copy.hosts ?? [])].join(" ");
    const known = states.get(key);
    if (known !== undefined) known.routes++;
    else states.set(key, { namespace, kind: object.kind, name, vantage: "mirror", hosts, ...copy, routes: 1 });
  }
  return [...states.values()];
}

function copiesOfRoute(route: HttpRoute, at: number, all: readonly HttpRoute[]): Copy[] {
  const service = isOurs(route) ? serviceMeant(route) : undefined;
  const single =
    route.mirror === undefined
      ? []
      : [{ destination: route.mirror, percentage: route.mirrorPercentage ?? { value: 100 } }];
  return [...single, ...(route.mirrors ?? [])].map(({ destination, percentage }) => ({
    to: placeOf(destination),
    percent: percentage === undefined ? 100 : (percentage.value ?? 0),
    narrowed: route.name?.startsWith(ownRoutePrefixes.mirror) === true && asksMore(route, all[at + 1]),
    ...(service === undefined ? {} : { hosts: [service] }),
  }));
}

/** Whether a twin asks for more than to be a call to its service, of what its route takes. */
function asksMore(twin: HttpRoute, route: HttpRoute | undefined): boolean {
  const [{ authority }] = twin.match as [HttpMatch];
  if (authority === undefined || route === undefined) return true;
  return !isSame(twin.match as Json, meantFor(route, authority as AuthorityMatch)?.match as Json | undefined);
}

/** As `HOST:PORT`, the port where there is one. */
export function placeOf({ host, port }: RouteDestination): string {
  return port === undefined ? host : `${host}:${port.number}`;
}

function copiesOfRules(object: ClusterObject): Copy[] {
  const { namespace: here = "default" } = object.metadata;
  return (httpRouteSpec(object).rules ?? []).flatMap(({ filters = [], matches = [] }) =>
    filters.flatMap(({ requestMirror }) => {
      if (requestMirror === undefined) return [];
      const { backendRef, percent, fraction } = requestMirror;
      const { name, namespace = here, port } = backendRef;
      const host = `${name}.${namespace}.svc.cluster.local`;
      return {
        to: placeOf(port === undefined ? { host } : { host, port: { number: port } }),
        percent: percent ?? (fraction === undefined ? 100 : (fraction.numerator / (fraction.denominator ?? 100)) * 100),
        narrowed: matches.some(({ headers = [] }) => headers.some(({ name: asked }) => asked === "x-request-id")),
      };
    }),
  );
}

function backendsOf(object: ClusterObject): string[] {
  const { rules = [] } = httpRouteSpec(object);
  return [...new Set(rules.flatMap(({ backendRefs = [] }) => backendRefs.map(({ name }) => name)))];
}

/** Filters that we did not make tell somebody else. */
function toldOf(object: ClusterObject): MirrorState[] {
  const { name, namespace = "default" } = object.metadata;
  const to = name.startsWith(ownFilterPrefix) ? toldByFilter(object) : undefined;
  if (to === undefined) return [];
  const hosts = [name.slice(ownFilterPrefix.length)];
  const state = { namespace, kind: object.kind, name, hosts, to: placeOf(to) };
  return [{ ...state, vantage: "ext-proc", percent: 100, narrowed: false, routes: 1 }];
}
