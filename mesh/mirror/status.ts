import { type Cluster, ClusterRefusal } from "../cluster/cluster.js";
import { inOneLine } from "../cluster/in-one-line.js";
import { istioNetworking } from "../cluster/kinds.js";
import type { ClusterObject } from "../cluster/object.js";
import { filterApi, ownFilterPrefix, toldByFilter } from "../ext-proc/plan.js";
import { marksOf } from "../journal/content.js";
import type { JournalEntry } from "../journal/entry.js";
import { readJournal } from "../journal/journal.js";
import { allHttpRoutes, httpRouteSpec } from "../routes/http-route.js";
import { type HttpRoute, type RouteDestination, specOf } from "../routes/virtual-service.js";
import type { MirrorVantage } from "./copy-counts.js";
import { mirrorKind, ownRoutePrefix } from "./mirror-routes.js";

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
  const entry = known.find(({ kind, what }) => kind === mirrorKind && what.endsWith(` to ${state.to}`));
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
      return together(object, specOf(object).hosts ?? [], (specOf(object).http ?? []).flatMap(copiesOfRoute));
    case "HTTPRoute":
      return together(object, backendsOf(object), copiesOfRules(object));
    default:
      return toldOf(object);
  }
}

interface Copy {
  to: string;
  percent: number;
  narrowed: boolean;
}

/** One state for each place that an object's routes copy to. */
function together(object: ClusterObject, hosts: readonly string[], copies: readonly Copy[]): MirrorState[] {
  const { name, namespace = "default" } = object.metadata;
  const states = new Map<string, MirrorState>();
  for (const copy of copies) {
    const known = states.get(copy.to);
    if (known !== undefined) known.routes++;
    else states.set(copy.to, { namespace, kind: object.kind, name, vantage: "mirror", hosts, ...copy, routes: 1 });
  }
  return [...states.values()];
}

function copiesOfRoute(route: HttpRoute): Copy[] {
  const single =
    route.mirror === undefined
      ? []
      : [{ destination: route.mirror, percentage: route.mirrorPercentage ?? { value: 100 } }];
  return [...single, ...(route.mirrors ?? [])].map(({ destination, percentage }) => ({
    to: placeOf(destination),
    percent: percentage === undefined ? 100 : (percentage.value ?? 0),
    narrowed: route.name?.startsWith(ownRoutePrefix) === true,
  }));
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
